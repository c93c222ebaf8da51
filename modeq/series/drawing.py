"""Where results meet pictures: ``draw(result, path)`` gives the figure; `plotting` implements it."""

from __future__ import annotations

from ..extension_points import ExtensionPoint

draw = ExtensionPoint("draw", "there is no picture of {}")

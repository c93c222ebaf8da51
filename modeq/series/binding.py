"""Where an equation meets a field: ``bind(equation, field)`` gives the flow; `flows.binding` implements it."""

from __future__ import annotations

from ..extension_points import ExtensionPoint

bind = ExtensionPoint("bind", "{} cannot be bound to a loss or vector field")

"""The hint of every message about an unknown name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ", did you mean 'x'?" with the nearest known name, or nothing if none is near.

    Examples
    --------
    >>> nearest("rosenbrok", ["rosenbrock", "banana"])
    ", did you mean 'rosenbrock'?"
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""

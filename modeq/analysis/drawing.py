"""Where results meet pictures: the plotting layer registers here how each kind of result is drawn.

Analysis does not import matplotlib or the code that does; `report.plot()` must still work.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any


@singledispatch
def draw(result: Any, path: Any = None) -> Any:
    """Draw a result and save it to `path`, if given; return the figure."""
    raise TypeError(f"there is no picture of {type(result).__name__}")

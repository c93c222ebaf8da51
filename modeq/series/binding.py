"""Where an equation meets a field: the flows layer registers here how each kind of equation is bound.

The series know nothing of losses or code generation; `equation.on(E)` must still work. This generic function is the
one place where the two layers touch.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any


@singledispatch
def bind(equation: Any, field: Any) -> Any:
    """Turn an equation and a loss or vector field into a flow."""
    raise TypeError(f"{type(equation).__name__} cannot be bound to a loss or vector field")

"""The modified equation of a smooth update on any field with Taylor arithmetic, computed at each point by power series in h.

The slow solution is followed for p + 1 steps by Taylor arithmetic, see `series.slow_solution`; the cost grows like the cube of the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from ..extension_points import bind
from ..losses.field import Field
from ..methods.recurrences import Recurrences, recurrences
from ..series.update_equation import UpdateEquation
from .checks import check_field
from .flow import Array, Piece, check_step
from .matrix_shapes import check_shapes
from .scheduled import AlongSchedule
from .slow_arrays import slow_solution
from .steps import followed


class FollowsUpdate(AlongSchedule):
    """What flows of modified equations of updates know, however their fields are computed."""

    equation: UpdateEquation

    def error_estimate(self, states: Array, h: float | Array) -> Array:
        """Return the next term of the series, h^p × its coefficient."""
        return next_term(self.equation, self.field, states, h)

    @property
    def estimate_is_dear(self) -> bool:
        """It costs more than the flow itself."""
        return True

    def follow(self, states: Array, h: float | Array, n: int = 0) -> Array | None:
        """Do one step of the method from many points; None with memory."""
        return followed(self.equation.method, self.field, states, h)


@final
@dataclass(frozen=True, eq=False, repr=False)
class UpdateSeriesFlow(FollowsUpdate):
    """The modified equation of a smooth update on a loss or field.

    Attributes
    ----------
    parts
        The update as recurrences.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.SmoothSign(0.25), order=2).on(mq.losses.quadratic([[1]]))
    >>> R = np.sqrt(2.0**2 + 0.25)
    >>> bool(abs(flow([2.0], 0.1)[0] - (-2 / R - 0.1 * 0.25 / 2 * 2 / R**4)) < 1e-15)
    True
    """

    equation: UpdateEquation
    parts: Recurrences

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the one field."""
        step = check_step(h)

        def right(t: float, y: Array) -> Array:
            rows = slow_solution(self.equation.method, self.parts, self.field, y, self.equation.order).modified_field()
            return sum((step**j * row for j, row in enumerate(rows) if row is not None), start=np.zeros_like(y))

        return (Piece(right),)


def next_term(equation: UpdateEquation, field: Field, states: Array, h: float | Array) -> Array:
    """Return the first term of the series that an equation leaves out, h^p × its coefficient, at states, shape (n, d)."""
    method, p = equation.method, equation.order
    parts = recurrences(method)
    rows = [slow_solution(method, parts, field, state, p + 1).modified_field()[p] for state in states]
    steps = np.reshape(np.broadcast_to(h, len(states)), (-1, 1))
    return np.array([np.zeros(field.dimension) if row is None else row for row in rows]) * steps**p


@bind.register(UpdateEquation, Field)
def on_arrays(equation: UpdateEquation, field: Field) -> UpdateSeriesFlow:
    """Put a modified equation on a field of any kind."""
    method = equation.method
    check_field(field, method.fields, method.name)
    method.require_numbers("a modified equation on a field")
    check_shapes(method, field)
    return UpdateSeriesFlow(equation, field, recurrences(method))

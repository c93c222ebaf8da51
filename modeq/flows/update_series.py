"""The modified equation of a smooth update on any field with Taylor arithmetic, computed at each point by power series in h.

The slow solution is followed for p + 1 steps by Taylor arithmetic, see `series.slow_solution`; the cost grows like the cube of the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..extension_points import bind
from ..graph.algebra import NumpyAlgebra, NumpyMatrices
from ..graph.per_array import PerArray, join, split
from ..losses.field import Field
from ..methods.recurrences import Recurrences, recurrences
from ..methods.smooth_update import SmoothUpdate
from ..series.slow_solution import SlowSolution
from ..series.update_equation import UpdateEquation
from .checks import check_field
from .flow import Array, Flow, Piece, check_step
from .matrix_shapes import check_shapes
from .steps import followed


class FollowsUpdate(Flow):
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


class _Along:
    """A field along one path, degree by degree; see `series.slow_solution.FieldSeries`."""

    def __init__(self, field: Field, part: int | None, zero: Array) -> None:
        self._field, self._part, self._zero = field, part, zero
        self._path: list[Any] = []

    def extend(self, coefficient: Any) -> Any:
        """Take the next coefficient of the path and return that of the field."""
        self._path.append(self._zero if coefficient is None else coefficient)
        if coefficient is None and len(self._path) > 1 and all(c is self._zero for c in self._path[1:]):
            return None
        given = np.array(self._path)[np.newaxis]
        return self._field.taylor(self._path[0], given, self._part)[0, -1]


class _AlongMatrices:
    """The same for updates of whole arrays."""

    def __init__(self, along: _Along, shapes: Any) -> None:
        self._along, self._shapes = along, shapes

    def extend(self, coefficient: Any) -> Any:
        """Take the next coefficient of the path and return that of the field."""
        value = self._along.extend(None if coefficient is None else join(coefficient))
        return None if value is None else split(value, self._shapes)


class _Joined:
    """A slow solution over matrices, with vectors as its results."""

    def __init__(self, solution: SlowSolution[Any]) -> None:
        self._solution = solution

    def modified_field(self) -> list[Any]:
        """Return the coefficients of the modified field."""
        return [None if row is None else join(row) for row in self._solution.modified_field()]

    def start(self, number: int) -> list[Any]:
        """Return the coefficients of a memory at n = 0."""
        return [None if row is None else join(row) for row in self._solution.start(number)]


def slow_solution(method: SmoothUpdate, parts: Recurrences, field: Field, theta: Array, order: int, kept: Any = None) -> Any:
    """Return the slow solution through a point, shape (d,), up to a power of h; `kept` are coordinates besides θ, of entries."""
    zero = np.zeros_like(theta)
    several = method.fields > 1

    def series(colour: int) -> _Along:
        return _Along(field, colour if several else None, zero)

    def matrices(colour: int) -> Any:
        return _AlongMatrices(series(colour), field.shapes)

    if not method.per_array:
        return SlowSolution(method, parts, NumpyAlgebra(), series, theta, order, kept)
    algebra: Any = PerArray(NumpyMatrices())
    return _Joined(SlowSolution(method, parts, algebra, matrices, split(theta, field.shapes), order))


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

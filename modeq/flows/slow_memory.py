"""The modified equation of a smooth update with slow memory as a coordinate, on any field with Taylor arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from ..exact import exact, to_sympy
from ..extension_points import bind
from ..losses.field import Field
from ..methods.recurrences import Recurrences, recurrences
from ..series.slow_memory import SlowMemoryEquation
from .checks import check_field
from .flow import Array, Flow, Piece, check_step
from .matrix_shapes import check_shapes
from .slow_arrays import slow_solution


@final
@dataclass(frozen=True, eq=False, repr=False)
class SlowMemoryFlow(Flow):
    """The modified equation of θ and slow memory on a loss or field; states are θ and the memory, one after the other.

    Attributes
    ----------
    parts
        The update as recurrences.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.RMSProp(0.99, 0.5), order=1, slow=("v",)).on(mq.losses.quadratic([[1]]))
    >>> flow([2.0, 0.25], 0.01)  # −g/(√v + ε) and c (g² − v), c = 0.01/h
    array([-2.  ,  3.75])
    """

    equation: SlowMemoryEquation
    parts: Recurrences

    @property
    def dimension(self) -> int:
        """Number of entries of θ and the slow memory."""
        return (1 + len(self.equation.slow)) * self.field.dimension

    def start(self, theta0: Array, h: float) -> Array:
        """Return θ and the slow memory at rest."""
        rest = self.equation.method.rest(theta0)
        return np.concatenate([np.broadcast_to(rest[number], theta0.shape) for number in (0, *self.equation.numbers)])

    def extras(self, states: Array, h: float) -> Mapping[str, Array]:
        """Return the slow memory by name, shape (n, d) each."""
        parts = np.split(states, 1 + len(self.equation.slow), axis=-1)[1:]
        return dict(zip(self.equation.slow, parts, strict=True))

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the one field."""
        step, numbers = check_step(h), self.equation.numbers
        rates = [exact((1 - float(to_sympy(self.parts.factors[number]))) / step) for number in numbers]

        def right(t: float, y: Array) -> Array:
            theta, *memory = np.split(y, 1 + len(numbers))
            kept = {number: (value, rate) for number, value, rate in zip(numbers, memory, rates, strict=True)}
            solution = slow_solution(self.equation.method, self.parts, self.field, theta, self.equation.order, kept)
            rows = [enumerate(solution.modified_field(number)) for number in (0, *numbers)]
            return np.concatenate([sum((step**j * x for j, x in row if x is not None), start=np.zeros_like(theta)) for row in rows])

        return (Piece(right),)


@bind.register(SlowMemoryEquation, Field)
def _(equation: SlowMemoryEquation, field: Field) -> SlowMemoryFlow:
    method = equation.method
    check_field(field, method.fields, method.name)
    method.require_numbers("a modified equation on a field")
    check_shapes(method, field)
    if method.per_array:
        raise ValueError(f"slow memory is a coordinate of updates entry by entry; {method.name} works on matrices, take the flow 'map'")
    return SlowMemoryFlow(equation, field, recurrences(method))

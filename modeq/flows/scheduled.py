r"""Slaved flows of methods with memory along a schedule of step sizes.

The memory holds steps that were taken with other step sizes. Seen from step n the schedule is the polynomial in m

.. math::  h_{n+m} = h_n\,(1 + c_1 h_n m + c_2 h_n^2 m^2 + \dots), \qquad c_k = h^{(k)}(n)/(k!\,h_n^{k+1}),

so the slow solution has it as one more power series in h, see `series.slow_solution`, and the flow is :math:`d\theta/dn = h\tilde f` with
the h and c_k of that place. In order 2 this is the schedule seen half a step early.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..losses.field import Field
from ..methods.as_update import as_update
from ..methods.method import Method
from ..methods.recurrences import recurrences
from ..methods.smooth_update import SmoothUpdate
from .flow import Flow, Piece
from .slow_arrays import slow_solution

Array = NDArray[Any]
_SMOOTH = 0.5  # the k-th difference of a smooth schedule is below this to the power k, relative to the step size


class AlongSchedule(Flow):
    """A flow of a modified equation, along schedules."""

    def scheduled(self, sizes: Array, n: int) -> tuple[Piece, ...]:
        """Return the field of step n with the memory of the steps before; see `flows.scheduled`."""
        equation: Any = self.equation
        piece = along_schedule(equation.method, self.field, equation.order, sizes, n)
        return super().scheduled(sizes, n) if piece is None else (piece,)


def along_schedule(method: Method, field: Field, order: int, sizes: Array, n: int) -> Piece | None:
    """Return the field of step n along a schedule, t counted from the start of the step.

    None where that of h_n is as good: to first order, without memory, where the schedule is constant or not smooth; and for linear
    methods that are no updates of θ with a memory that forgets.
    """
    polynomial = local_polynomial(sizes, n, order)
    if method.states == 1 or order == 1 or polynomial.order == 0:
        return None
    update = _as_update(method)
    if update is None:
        return None
    parts, size = recurrences(update), float(sizes[n])
    derivatives = [polynomial.deriv(k) for k in range(order)]

    def right(t: float, y: Array) -> Array:
        place = t / size
        h = float(polynomial(place))
        rates = [float(derivative(place)) / (math.factorial(k) * h ** (k + 1)) for k, derivative in enumerate(derivatives)]
        rows = slow_solution(update, parts, field, y, order, rates=rates).modified_field()
        return np.asarray(h / size * sum((h**j * row for j, row in enumerate(rows) if row is not None), start=np.zeros_like(y)))

    return Piece(right, in_step=True)


def _as_update(method: Method) -> SmoothUpdate | None:
    if isinstance(method, SmoothUpdate):
        return method
    linear = method.require_linear("a schedule")
    forgets = np.abs(np.diag(linear.matrices()[3])[1:]).max(initial=0.0) < 1
    return as_update(linear) if forgets else None


def local_polynomial(sizes: Array, n: int, degree: int) -> np.poly1d:
    """Return the polynomial in x through the step sizes around step n, which is at x = 0; of a lower degree where they are not smooth.

    >>> local_polynomial(np.array([64.0, 81.0, 100.0, 121.0]) / 100, 1, 2)(0.5).round(6)  # (x + 9)²/100
    np.float64(0.9025)
    """
    for used in range(min(degree, len(sizes) - 1), 0, -1):
        first = min(max(n - (used - 1) // 2, 0), len(sizes) - 1 - used)
        values = sizes[first : first + used + 1]
        differences = [np.diff(values, k) for k in range(1, used + 1)]
        if all(np.abs(d).max() <= _SMOOTH**k * values.min() for k, d in enumerate(differences, 1)):
            if not differences[0].any():
                break
            return np.poly1d(np.polyfit(np.arange(first, first + used + 1) - n, values, used))
    return np.poly1d([sizes[n]])

"""Steps of a method from many states at once, in NumPy: how far one step lands from a flow, without a run of the method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import NumpyAlgebra, NumpyMatrices
from ..graph.per_array import PerArray, join, split
from ..losses.field import Field
from ..methods.method import Method
from .matrix_shapes import check_shapes

Array = NDArray[Any]


def followed(method: Method, field: Field, points: Array, h: float | Array) -> Array | None:
    """Return Φ(θ) at points θ, shape (n, d); h is a number or has shape (n,).

    None for methods with memory, whose step depends on more than the point, and for implicit ones and those with several fields.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[1]])
    >>> followed(mq.GradientDescent(), E, np.array([[1.0], [0.75]]), 0.5).ravel()
    array([0.5  , 0.375])
    """
    if method.states > 1 or method.fields > 1 or not method.is_explicit:
        return None
    return np.asarray(method.output([advanced(method, field, np.stack(method.rest(points), axis=1), h, 1)[:, 0]]))


def advanced(method: Method, field: Field, states: Array, h: float | Array, steps: int, n: int = 0) -> Array:
    """Do steps of an explicit method, from step number n on, from many states at once, shape (n, states of the method, d)."""
    step, state = stepper(method, field), [states[:, q] for q in range(method.states)]
    for number in range(n, n + steps):
        state = step(state, np.reshape(h, (-1, 1)), number)
    return np.stack(state, axis=1)


def stepper(method: Method, field: Field) -> Callable[[list[Array], Any, int], list[Array]]:
    """Return the map (state, h, n) → new state of an explicit method on a field; each vector of a state has shape (…, d)."""

    def evaluate_at(n: int) -> Callable[[int, Array], Array]:
        here = field.of_step(n)
        return (lambda colour, points: here.value(points)) if method.fields == 1 else here.part

    if not method.per_array:
        return lambda state, h, n: method.step(state, h, n, evaluate_at(n), NumpyAlgebra())
    check_shapes(method, field)
    arrays = PerArray(NumpyMatrices())

    def step(state: list[Array], h: Any, n: int) -> list[Array]:
        parts, evaluate = [split(vector, field.shapes) for vector in state], evaluate_at(n)
        new = method.step(parts, (h,), n, lambda colour, point: split(evaluate(colour, join(point)), field.shapes), arrays)
        return [join(part) for part in new]

    return step

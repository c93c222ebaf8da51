"""Running a method step by step, in NumPy, as its update is written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph.algebra import NumpyAlgebra, NumpyMatrices
from ..graph.per_array import PerArray, join, split
from ..losses.field import Field
from ..losses.vector_field import field_value
from ..methods.method import Method
from .trajectory import Array


def stepper(method: Method, field: Field) -> Callable[[list[Array], float, int], list[Array]]:
    """Return the map (state, h, n) → new state of a method on a field; each vector of a state has shape (…, d)."""

    def evaluate(colour: int, points: Array) -> Array:
        return field_value(field, points)

    if not method.per_array:
        return lambda state, h, n: method.step(state, h, n, evaluate, NumpyAlgebra())
    arrays = PerArray(NumpyMatrices())

    def step(state: list[Array], h: float, n: int) -> list[Array]:
        parts = [split(vector, field.shapes) for vector in state]
        new = method.step(parts, (h,), n, lambda colour, point: split(evaluate(colour, join(point)), field.shapes), arrays)
        return [join(part) for part in new]

    return step


def run_as_written(
    method: Method, field: Field, state: list[Array], count: int, step_size: Callable[[int, Array], float]
) -> tuple[Array, Array, Array]:
    """Take up to `count` steps from a state; `step_size` gives h_n at θ_n, or NaN to end the run.

    Returns
    -------
    tuple
        θ_0, θ_1, …, shape (n + 1, d), the memory, shape (n + 1, r − 1, d), and h_0, …, shape (n,), of the n steps that stayed finite.
    """
    step, taken = stepper(method, field), list[float]()
    points, memory = [method.output(state)], [state[1:]]
    for n in range(count):
        h = step_size(n, points[-1])
        if np.isnan(h):
            break
        with np.errstate(all="ignore"):  # what is not finite ends the run
            state = step(state, h, n)
        if not all(np.isfinite(vector).all() for vector in state):
            break
        taken.append(h)
        points.append(method.output(state))
        memory.append(state[1:])
    return np.array(points), np.array(memory).reshape(len(points), method.states - 1, field.dimension), np.array(taken)

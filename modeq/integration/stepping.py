"""Running a method step by step, in NumPy, as its update is written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..flows.flow import Array
from ..flows.steps import stepper
from ..losses.field import Field
from ..methods.method import Method


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


def run_all_as_written(method: Method, field: Field, state: list[Array], sizes: Array) -> tuple[Array, Array, Array]:
    """Take the steps h_0, h_1, … from many states at once, each vector of shape (k, d); a run that is no longer finite is left out.

    Returns
    -------
    tuple
        θ, shape (k, n + 1, d), the memory, shape (k, r − 1, n + 1, d), NaN behind the end of a run, and how many steps each run did.
    """
    step, done = stepper(method, field), np.zeros(len(state[0]), int)
    theta = np.full((len(done), len(sizes) + 1, field.dimension), np.nan, state[0].dtype)
    memory = np.full((len(done), method.states - 1, *theta.shape[1:]), np.nan, theta.dtype)
    running, n = np.arange(len(done)), 0
    while True:
        theta[running, n] = method.output(state)
        for place, vector in enumerate(state[1:]):
            memory[running, place, n] = vector
        if n == len(sizes) or not len(running):
            return theta, memory, done
        with np.errstate(all="ignore"):
            state = step(state, sizes[n], n)
        finite = np.all([np.isfinite(vector).all(axis=1) for vector in state], axis=0)
        running, state, n = running[finite], [vector[finite] for vector in state], n + 1
        done[running] = n

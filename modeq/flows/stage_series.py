"""The modified field by Taylor arithmetic at the points of `stage_points`, on fields that give their coefficients degree by degree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .stage_points import StagePoints

Array: TypeAlias = NDArray[Any]
Path: TypeAlias = Callable[[Array | None, int], Array | None]
"""Takes coefficient number k of the state and k, returns that of the field; each call is one degree further, None stands for 0."""


def stage_coefficients(points: StagePoints, start: Array, paths: Sequence[Path]) -> Array:
    """Return the coefficients of h^j of the modified field at `start`, shape (order, …), from one path for each point.

    Time is one more coordinate of speed 1, which `time_speeds` gives; a path along which the field depends on time knows it itself.
    """
    order, size = points.field.shape
    F = np.zeros((order, size, *start.shape), start.dtype)
    for j in range(order):
        for q, extend in enumerate(paths):
            state = start if j == 0 else np.tensordot(points.advance[j - 1, q], F[j - 1], 1)
            coefficient = extend(state, j)
            if coefficient is not None:
                F[j, q] = coefficient
    return np.array([np.tensordot(points.field[j], F[j], 1) for j in range(order)])


def time_speeds(points: StagePoints) -> Array:
    """Return for each point by how many h the time of a stage differs, shape (Q,)."""
    return np.asarray(points.advance[0].sum(axis=1))

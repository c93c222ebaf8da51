"""Values that are one matrix for each parameter array: what updates of whole arrays are computed with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..exact import Scalar

Matrices: TypeAlias = tuple[Any, ...]


@final
class PerArray:
    """The algebra of tuples of matrices, each with its own totals and products, over an algebra of matrices.

    Parameters
    ----------
    base
        Works on arrays of shape (…, rows, columns), as `NumpyMatrices` does.
    """

    def __init__(self, base: Any) -> None:
        self._base = base

    def constant(self, value: Scalar | int) -> Matrices:
        """Return one number for all entries of all matrices."""
        return (self._base.constant(value),)

    def power(self, a: Matrices, exponent: Scalar | int) -> Matrices:
        """A ** exponent, entry by entry."""
        return tuple(self._base.power(x, exponent) for x in a)

    def apply(self, function: str, a: Matrices) -> Matrices:
        """Apply a function entry by entry."""
        return tuple(self._base.apply(function, x) for x in a)

    def __getattr__(self, operation: str) -> Callable[..., Matrices]:
        """Return add, multiply, total, matmul … matrix by matrix."""
        act = getattr(self._base, operation)

        def each(*operands: Matrices) -> Matrices:
            count = max(map(len, operands))
            return tuple(act(*parts) for parts in zip(*(a * count if len(a) == 1 else a for a in operands), strict=True))

        return each


def matrix_shape(shape: Sequence[int]) -> tuple[int, int]:
    """Return the rows and columns that a parameter array has as a matrix: a vector is one column, more axes are joined."""
    return (math.prod(shape), 1) if len(shape) < 2 else (shape[0], math.prod(shape[1:]))


def split(theta: NDArray[Any], shapes: Mapping[str, Sequence[int]]) -> Matrices:
    """Cut vectors, shape (…, d), into matrices, shape (…, rows, columns)."""
    sizes = [matrix_shape(shape) for shape in shapes.values()]
    ends = np.cumsum([rows * columns for rows, columns in sizes])[:-1]
    parts = np.split(theta, ends, axis=-1)
    return tuple(part.reshape(*part.shape[:-1], *size) for part, size in zip(parts, sizes, strict=True))


def join(matrices: Matrices) -> NDArray[Any]:
    """Put matrices back into vectors, shape (…, d)."""
    return np.concatenate([a.reshape(*a.shape[:-2], -1) for a in matrices], axis=-1)

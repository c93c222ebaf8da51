"""Eigenvalues of the Hessian of a loss: all from the matrix, a few from products with vectors.

What is not finite has no eigenvalues: the matrix is looked at, since LAPACK makes finite ones of [[nan, b], [b, c]].
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ..sizes import WHOLE_HESSIAN
from .field import Array
from .lanczos import Which, extreme_eigenpairs


class HasHessian(Protocol):
    """What is needed of a loss."""

    @property
    def dimension(self) -> int:
        """Number d of parameters."""

    def hessian(self, theta: Array) -> Array:
        """Return ∇²E."""

    def hvp(self, theta: Array, v: Array) -> Array:
        """Return ∇²E·v."""


def hessian_eigenpairs(loss: HasHessian, point: Array, k: int, which: Which) -> tuple[Array, Array]:
    """Return the k eigenvalues of largest modulus or value, the most wanted first, and their eigenvectors as columns.

    Each counts as often as it occurs. NaN where the Hessian is not finite.
    """
    d = loss.dimension
    if d <= WHOLE_HESSIAN or 2 * k > d:
        values, vectors = symmetric_eigenpairs(loss.hessian(point))
        kept = np.argsort(-(np.abs(values) if which == "modulus" else values), kind="stable")[:k]
        return values[kept], vectors[:, kept]
    return extreme_eigenpairs(lambda v: loss.hvp(point, v), d, k, which=which)


def symmetric_eigenpairs(matrix: Array) -> tuple[Array, Array]:
    """Return all eigenvalues of a symmetric matrix in increasing order, with eigenvectors as columns; NaN if it is not finite."""
    if not np.isfinite(matrix).all():
        return np.full(len(matrix), np.nan), np.full(matrix.shape, np.nan)
    values, vectors = np.linalg.eigh(matrix)
    return values, vectors


def spectrum(loss: HasHessian, point: Array, k: int | None) -> Array:
    """Return the k eigenvalues of largest absolute value, in decreasing order; all for None."""
    d = loss.dimension
    if k is not None and (isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= d):
        raise ValueError(f"k is the number of eigenvalues, from 1 to {d}, got {k!r}")
    return np.sort(hessian_eigenpairs(loss, point, d if k is None else int(k), "modulus")[0])[::-1]


def sharpness(loss: HasHessian, point: Array) -> float:
    """Return the largest eigenvalue."""
    return sharpest(loss, point)[0]


def sharpest(loss: HasHessian, point: Array) -> tuple[float, Array]:
    """Return the largest eigenvalue with its eigenvector, of length 1 and either sign; NaN where the Hessian is not finite."""
    values, vectors = hessian_eigenpairs(loss, point, 1, "value")
    return float(values[0]), vectors[:, 0]


def largest_pair(matrix: Array) -> tuple[float, Array]:
    """Return the largest eigenvalue of a symmetric matrix with its eigenvector."""
    if len(matrix) <= WHOLE_HESSIAN:
        values, vectors = symmetric_eigenpairs(matrix)
        return float(values[-1]), vectors[:, -1]
    # From the column of the largest diagonal entry, which is nearly parallel to the eigenvector where one of them dominates.
    start = matrix[:, np.argmax(np.diagonal(matrix))]
    values, vectors = extreme_eigenpairs(lambda v: matrix @ v, len(matrix), 1, which="value", start=start)
    return float(values[0]), vectors[:, 0]

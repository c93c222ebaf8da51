"""Eigenvalues of the Hessian of a loss: all from the matrix, a few from products with vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from .field import Array

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

_DENSE = 200  # up to this d the Hessian and all its eigenvalues cost less than Lanczos' method


class HasHessian(Protocol):
    """What is needed of a loss."""

    @property
    def dimension(self) -> int:
        """Number d of parameters."""

    def hessian(self, theta: Array) -> Array:
        """Return ∇²E."""

    def hvp(self, theta: Array, v: Array) -> Array:
        """Return ∇²E·v."""


def spectrum(loss: HasHessian, point: Array, k: int | None) -> Array:
    """Return the k eigenvalues of largest absolute value, in decreasing order; all for None."""
    d = loss.dimension
    if k is not None and (isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= d):
        raise ValueError(f"k is the number of eigenvalues, from 1 to {d}, got {k!r}")
    if k is None or d <= _DENSE or 2 * k > d:
        values = np.linalg.eigvalsh(loss.hessian(point))
        chosen = values[np.argsort(-np.abs(values), kind="stable")][: d if k is None else k]
    else:
        chosen = _lanczos(loss, point, int(k), "LM")
    return np.sort(chosen)[::-1]


def sharpness(loss: HasHessian, point: Array) -> float:
    """Return the largest eigenvalue."""
    if loss.dimension <= _DENSE:
        return float(np.linalg.eigvalsh(loss.hessian(point))[-1])
    return float(_lanczos(loss, point, 1, "LA")[0])


def sharpest(loss: HasHessian, point: Array) -> tuple[float, Array]:
    """Return the largest eigenvalue with its eigenvector, of length 1 and either sign; NaN where the Hessian is not finite."""
    if loss.dimension <= _DENSE:
        return largest_pair(loss.hessian(point))
    from scipy.sparse.linalg import eigsh  # deferred: slow to import

    values, vectors = eigsh(_operator(loss, point), k=1, which="LA", v0=_start(loss))
    return float(values[0]), vectors[:, 0]


def largest_pair(matrix: Array) -> tuple[float, Array]:
    """Return the largest eigenvalue of a symmetric matrix with its eigenvector."""
    if not np.isfinite(matrix).all():
        return np.nan, np.full(len(matrix), np.nan)
    if len(matrix) <= _DENSE:
        values, vectors = np.linalg.eigh(matrix)
    else:
        from scipy.sparse.linalg import eigsh  # deferred: slow to import

        # From the column of the largest diagonal entry, which is nearly parallel to the eigenvector where one of them dominates.
        values, vectors = eigsh(matrix, k=1, which="LA", v0=matrix[:, np.argmax(np.diagonal(matrix))])
    return float(values[-1]), vectors[:, -1]


def _lanczos(loss: HasHessian, point: Array, k: int, which: Literal["LM", "LA"]) -> Array:
    """ARPACK's implicitly restarted Lanczos method (Lehoucq, Sorensen, Yang 1998), from a fixed start: results repeat."""
    from scipy.sparse.linalg import eigsh  # deferred: slow to import

    values: Array = eigsh(_operator(loss, point), k=k, which=which, v0=_start(loss), return_eigenvectors=False)
    return values


def _operator(loss: HasHessian, point: Array) -> LinearOperator:
    from scipy.sparse.linalg import LinearOperator  # deferred: slow to import

    return LinearOperator((loss.dimension,) * 2, matvec=lambda v: loss.hvp(point, np.ravel(v)), dtype=np.dtype(np.float64))


def _start(loss: HasHessian) -> Array:
    return np.random.default_rng(0).standard_normal(loss.dimension)

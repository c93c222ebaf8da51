"""The smallest eigenvalue of the Hessian: what decides whether trajectories of the gradient flow part or meet.

Up to 200 coordinates it comes from the whole matrix. Beyond, from Lanczos' method with Hessian–vector products, started from the
eigenvector at the point before if there is one; the Ritz value lies above the eigenvalue, and is lowered by the bound of Kato and Temple:
ρ²/gap, or ρ where that is less, with ρ the residual and the gap to the next Ritz value.

Reference: C. Lanczos, J. Res. Nat. Bur. Standards 45 (1950) 255–282; B. N. Parlett, *The Symmetric Eigenvalue Problem* (1998), 10.2, 13.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..losses.loss import Loss
from ..sizes import WHOLE_HESSIAN

Array: TypeAlias = NDArray[np.float64]
_COLD, _WARM = 60, 12  # largest numbers of products with vectors, from anywhere and from a nearby eigenvector
_ACCURACY = 1e-4  # of the eigenvalue, relative to the largest one


def least_curvature(loss: Loss, point: Array, nearby: Array | None = None) -> tuple[float, Array]:
    """Return a lower estimate of the smallest eigenvalue of the Hessian at a point, and its eigenvector, of length 1.

    Parameters
    ----------
    loss
        Where.
    point
        θ, shape (d,).
    nearby
        The eigenvector at a point nearby, shape (d,), to start from.

    Returns
    -------
    tuple[float, Array]
        Exact up to 200 coordinates; the vector has the shape (d,).

    References
    ----------
    B. N. Parlett, *The Symmetric Eigenvalue Problem* (1998), 10.2, 13.

    Examples
    --------
    >>> from modeq.losses import quadratic
    >>> value, vector = least_curvature(quadratic([[2, 0], [0, -3]]), np.zeros(2))
    >>> value, abs(vector)
    (-3.0, array([0., 1.]))
    """
    if loss.dimension <= WHOLE_HESSIAN:
        matrix = loss.hessian(point)
        if not np.isfinite(matrix).all():
            return np.nan, np.full(loss.dimension, np.nan)
        values, vectors = np.linalg.eigh(matrix)
        return float(values[0]), vectors[:, 0]
    random = np.random.default_rng(0).standard_normal(loss.dimension)
    random /= np.linalg.norm(random)
    start = random if nearby is None else nearby + 0.05 * random  # what is nearby alone may be another eigenvector exactly
    return _lanczos(loss, point, start, _COLD if nearby is None else _WARM)


def _lanczos(loss: Loss, point: Array, start: Array, limit: int) -> tuple[float, Array]:
    """Lanczos' method with all vectors kept orthogonal; stops when the eigenvalue is accurate enough."""
    basis = np.empty((limit, len(point)))
    diagonal, beside = np.empty(limit), np.empty(limit)
    vector = start / np.linalg.norm(start)
    for j in range(limit):
        basis[j] = vector
        image = loss.hvp(point, vector)
        diagonal[j] = image @ vector
        for _ in range(2):
            image = image - basis[: j + 1].T @ (basis[: j + 1] @ image)
        beside[j] = np.linalg.norm(image)
        if j >= 2 or beside[j] < 1e-14:
            T = np.diag(diagonal[: j + 1]) + np.diag(beside[:j], 1) + np.diag(beside[:j], -1)
            if not np.isfinite(T).all():
                return np.nan, np.full(len(point), np.nan)
            values, vectors = np.linalg.eigh(T)
            residual = beside[j] * abs(vectors[j, 0])
            gap = values[1] - values[0] if j else np.inf
            error = min(residual, residual**2 / gap) if gap > 0 else residual
            if error <= _ACCURACY * np.abs(values).max() or beside[j] < 1e-14:
                break
        vector = image / beside[j]
    return float(values[0] - error), vectors[:, 0] @ basis[: j + 1]

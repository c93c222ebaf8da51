"""The smallest eigenvalue of the Hessian: what decides whether trajectories of the gradient flow part or meet.

Up to 200 coordinates it comes from the whole matrix. Beyond, from Lanczos' method with Hessian–vector products, started from the
eigenvector at the point before if there is one. The error of a Ritz value is about the square of its residual (Kato and Temple).

Reference: B. N. Parlett, *The Symmetric Eigenvalue Problem* (1998), 10.2, 13.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..losses.lanczos import extreme_eigenpairs
from ..losses.loss import Loss
from ..losses.spectra import symmetric_eigenpairs
from ..sizes import WHOLE_HESSIAN

Array: TypeAlias = NDArray[np.float64]
_RESIDUAL = 1e-3  # of the largest eigenvalue


def least_curvature(loss: Loss, point: Array, nearby: Array | None = None) -> tuple[float, Array]:
    """Return the smallest eigenvalue of the Hessian at a point, and its eigenvector, of length 1; NaN where it is not finite.

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
        The vector has the shape (d,). Beyond 200 coordinates to about 1e-6 of the largest eigenvalue.

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
    d = loss.dimension
    if d <= WHOLE_HESSIAN:
        values, vectors = symmetric_eigenpairs(loss.hessian(point))
        return float(values[0]), vectors[:, 0]
    start = None
    if nearby is not None:  # alone it may be another eigenvector exactly
        random = np.random.default_rng(0).standard_normal(d)
        start = nearby + 0.05 * random / np.linalg.norm(random)
    values, vectors = extreme_eigenpairs(lambda v: -loss.hvp(point, v), d, 1, which="value", start=start, tolerance=_RESIDUAL, copies=False)
    return -float(values[0]), vectors[:, 0]

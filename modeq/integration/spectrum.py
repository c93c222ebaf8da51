"""Eigenvalues hλ of −h f′ at points, all of them or the largest, and what the method's principal root R makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..losses.field import Field
from ..losses.loss import Loss
from ..series.increment import Increment

Array = NDArray[Any]
DENSE = 100  # up to this d all eigenvalues are looked at


def eigenvalues(field: Field, point: Array, h: float, *, digits: int = 15) -> Array:
    """Return the eigenvalues hλ of −h f′ at one point; none where they are not finite.

    For losses in more than 100 coordinates the two of largest modulus at the real part of the point, by ARPACK from
    Hessian–vector products, started from the gradient; two digits take about 15 products.
    """
    none = np.empty(0, complex)
    if not np.isfinite(point).all():
        return none
    if isinstance(field, Loss) and field.dimension > DENSE:
        return h * _largest(field, np.ascontiguousarray(point.real), digits).astype(complex)
    jacobian = -h * field.jacobian(point)
    return np.linalg.eigvals(jacobian).astype(complex) if np.isfinite(jacobian).all() else none


def _largest(loss: Loss, point: Array, digits: int) -> Array:
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh  # deferred: slow to import

    gradient = loss.gradient(point)
    if not np.isfinite(gradient).all():
        return np.empty(0)
    operator = LinearOperator((len(point),) * 2, matvec=lambda v: loss.hvp(point, np.ravel(v)), dtype=np.dtype(np.float64))
    start = gradient if gradient.any() else np.ones(len(point))
    tolerance, space = (0.1, 8) if digits <= 2 else (0.0, 20)
    try:
        found: Array = eigsh(operator, k=2, which="LM", v0=start, ncv=space, tol=tolerance, return_eigenvectors=False)
    except ArpackNoConvergence as failure:  # what has converged is better than nothing
        found = failure.eigenvalues
    return found


def roots(form: Increment, hlambda: Array) -> Array:
    """Return R(−hλ)."""
    return np.array([1 - z * form(-z) for z in hlambda.tolist()], complex)


def distance_to_singularity(form: Increment, hlambda: Array) -> float:
    """Return the distance from −hλ to the nearest point where log R is not analytic; ∞ where there is none."""
    return min((abs(z + point) for z in hlambda.tolist() for point in form.singular), default=np.inf)


def distance_to_cut(angles: Array, branch: str) -> float:
    """Return the smallest distance of arg R from the cut: −π/2 on the rotated branch, π on the principal one, else there is none."""
    if branch == "continued":
        return np.inf
    cut = -0.5 * np.pi if branch == "rotated" else np.pi
    return float(np.abs(np.angle(np.exp(1j * (angles - cut)))).min(initial=np.inf))

"""Eigenvalues hλ of −h f′ at points, all of them or the largest, and what the method's principal root R makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..losses.field import Field
from ..losses.lanczos import extreme_eigenpairs
from ..losses.loss import Loss
from ..series.increment import Increment

Array = NDArray[Any]
DENSE = 100  # up to this d all eigenvalues are looked at


def eigenvalues(field: Field, point: Array, h: float, *, digits: int = 15) -> Array:
    """Return the eigenvalues hλ of −h f′ at one point; none where they are not finite.

    For losses in more than 100 coordinates the two of largest modulus at the real part of the point, by Lanczos' method
    started from the gradient; two digits take about 10 products.
    """
    none = np.empty(0, complex)
    if not np.isfinite(point).all():
        return none
    if isinstance(field, Loss) and field.dimension > DENSE:
        return h * _largest(field, np.ascontiguousarray(point.real), digits).astype(complex)
    jacobian = -h * field.jacobian(point)
    return np.linalg.eigvals(jacobian).astype(complex) if np.isfinite(jacobian).all() else none


def _largest(loss: Loss, point: Array, digits: int) -> Array:
    """Return the two of largest modulus that the gradient has a part in, one copy of each."""
    gradient = loss.gradient(point)
    if not np.isfinite(gradient).all():
        return np.empty(0)
    tolerance = 0.1 if digits <= 2 else 1e-12
    found, _ = extreme_eigenpairs(
        lambda v: loss.hvp(point, v), len(point), 2, which="modulus", start=gradient, tolerance=tolerance, copies=False
    )
    return found[np.isfinite(found)]


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

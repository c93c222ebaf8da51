"""Eigenvalues hλ of −h f′ at points, all of them or the largest, and what the method's principal root R makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..losses.field import Field
from ..losses.lanczos import extreme_eigenpairs
from ..methods.general_linear import GeneralLinearMethod
from ..series.increment import Increment
from ..series.roots import characteristic_roots
from ..sizes import ALL_EIGENVECTORS

Array = NDArray[Any]
ROUNDING = 1e-9  # by which roots of one modulus, a complex pair, may differ


def eigenvalues(field: Field, point: Array, h: float, *, digits: int = 15) -> Array:
    """Return the eigenvalues hλ of −h f′ at one point; none where they are not finite, or the field has no derivatives.

    For losses in more than 100 coordinates the two of largest modulus at the real part of the point, by Lanczos' method
    started from the gradient; two digits take about 10 products.
    """
    none = np.empty(0, complex)
    if field.degree < 1 or not np.isfinite(point).all():
        return none
    if not field.analytic:
        point = np.ascontiguousarray(point.real)
    if field.symmetric and field.dimension > ALL_EIGENVECTORS:
        return h * _largest(field, np.ascontiguousarray(point.real), digits).astype(complex)
    jacobian = -h * field.jacobian(point)
    if not np.isfinite(jacobian).all():
        return none
    of_symmetric = field.symmetric and not np.iscomplexobj(jacobian)
    return (np.linalg.eigvalsh(jacobian) if of_symmetric else np.linalg.eigvals(jacobian)).astype(complex)


def _largest(field: Field, point: Array, digits: int) -> Array:
    """Return the two of largest modulus that the field has a part in, one copy of each."""
    start = field.value(point)
    if not np.isfinite(start).all():
        return np.empty(0)
    tolerance = 0.1 if digits <= 2 else 1e-12
    found, _ = extreme_eigenpairs(
        lambda v: -field.jvp(point, v), len(point), 2, which="modulus", start=start, tolerance=tolerance, copies=False
    )
    return found[np.isfinite(found)]


def roots(form: Increment, hlambda: Array) -> Array:
    """Return R(−hλ)."""
    return np.array([1 - z * form(-z) for z in hlambda.tolist()], complex)


def overtaking_root(method: GeneralLinearMethod, hlambda: Array) -> float:
    """Return the largest modulus of a root at these hλ that exceeds that of the principal one there; 0 if there is none."""
    if method.states == 1 or method.fields > 1:
        return 0.0
    evaluate, largest = characteristic_roots(method), 0.0
    for z in hlambda[np.isfinite(hlambda)].tolist():
        moduli = np.abs(evaluate(z))
        if len(moduli) > 1 and moduli[1] > moduli[0] * (1 + ROUNDING):
            largest = max(largest, float(moduli[1]))
    return largest


def distance_to_singularity(form: Increment, hlambda: Array) -> float:
    """Return the distance from −hλ to the nearest point where log R is not analytic; ∞ where there is none."""
    return min((abs(z + point) for z in hlambda.tolist() for point in form.singular), default=np.inf)


def distance_to_cut(angles: Array, branch: str) -> float:
    """Return the smallest distance of arg R from the cut: −π/2 on the rotated branch, π on the principal one, else there is none."""
    if branch == "continued":
        return np.inf
    cut = -0.5 * np.pi if branch == "rotated" else np.pi
    return float(np.abs(np.angle(np.exp(1j * (angles - cut)))).min(initial=np.inf))

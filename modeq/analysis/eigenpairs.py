"""Eigenvalues λ of the Hessian, or of −f′ for a vector field, with eigenvectors and the gradient's components along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..losses.field import Field
from ..losses.loss import Loss
from ..losses.spectra import hessian_eigenpairs, sharpest
from ..sizes import ALL_EIGENVECTORS

Array: TypeAlias = NDArray[Any]
FEW = 10  # beyond it


@final
@dataclass(frozen=True, eq=False)
class Eigenpairs:
    """Eigenpairs at one real point, by decreasing Re λ.

    Attributes
    ----------
    values
        λ, shape (k,); complex for vector fields with complex eigenvalues.
    vectors
        Unit eigenvectors u_i as columns, shape (d, k); orthogonal for losses.
    gradient
        Components of ∇E, or of −f, along them, shape (k,): u_iᵀ∇E for losses, the entries of U⁻¹(−f) for vector fields.

    See Also
    --------
    modeq.analysis.eigenpairs : Makes it, with an example.
    """

    values: Array
    vectors: Array
    gradient: Array

    @property
    def complete(self) -> bool:
        """Whether these are all eigenvalues."""
        return self.vectors.shape[0] == self.vectors.shape[1]


def eigenpairs(field: Field, theta: ArrayLike, k: int | None = None) -> Eigenpairs:
    """Find eigenpairs at a real point.

    Parameters
    ----------
    field
        A loss, or a vector field, whose matrix is −f′.
    theta
        One real point, shape (d,).
    k
        How many, those of largest modulus, each as often as it occurs; of equal ones at the end any. By default all up to 100
        coordinates; beyond that for losses the 10 largest.

    Returns
    -------
    Eigenpairs
        With values of shape (k,) and vectors of shape (d, k).

    Raises
    ------
    TypeError, ValueError
        If θ is complex, k is not between 1 and d, or a derivative is not finite.

    Examples
    --------
    >>> from modeq.losses import quadratic
    >>> pairs = eigenpairs(quadratic([[2, 0], [0, -3]]), [1.0, 1.0])
    >>> pairs.values, abs(pairs.gradient)
    (array([ 2., -3.]), array([2., 3.]))
    """
    point = real_point(field, theta)
    d = field.dimension
    if k is not None and (isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= d):
        raise ValueError(f"k is the number of eigenvalues, from 1 to {d}, got {k!r}")
    if field.symmetric:
        loss = field.require_loss("eigenvalues of a Hessian are those of a loss")
        count = (d if d <= ALL_EIGENVECTORS else FEW) if k is None else int(k)
        gradient = loss.gradient(point)
        values, vectors = hessian_eigenpairs(loss, point, count, "modulus")
        _finite(values, field)
        components = vectors.T @ _finite(gradient, field)
    else:
        count = d if k is None else int(k)
        values, vectors = np.linalg.eig(_finite(-field.jacobian(point), field))
        components = np.linalg.solve(vectors, _finite(-field.value(point), field))
    kept = np.argsort(-np.abs(values), kind="stable")[:count]
    order = kept[np.argsort(-values[kept].real, kind="stable")]
    return Eigenpairs(values[order], vectors[:, order], components[order])


def leading_eigenpair(loss: Loss, theta: ArrayLike) -> tuple[float, Array]:
    """Return the largest eigenvalue λ₀ of the Hessian at a real point and its unit eigenvector, shape (d,)."""
    point = real_point(loss, theta)
    value, vector = sharpest(loss, point)
    _finite(np.array(value), loss)
    return value, vector


def real_point(field: Field, theta: ArrayLike) -> Array:
    """Return one real finite point, shape (d,), or raise."""
    point = field.check_point(theta)
    if np.iscomplexobj(point):
        raise TypeError("eigenvalues are those at a real point; give theta.real")
    if not np.isfinite(point).all():
        raise ValueError(f"theta must be finite, got {theta!r}")
    return point


def _finite(values: Array, field: Field) -> Array:
    if not np.isfinite(values).all():
        raise ValueError(f"the derivatives of {field.name} are not finite at theta; give a point inside its domain")
    return values

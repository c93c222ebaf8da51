r"""Stability coefficients: what a method does along each eigenvector of the Hessian at a point.

.. math::  \dot\theta = \sum_i \mathrm{sc}_i\,u_i, \qquad \mathrm{sc}_i = \alpha(h\lambda_i)\,(u_i^T\nabla E)

is the principal flow; the sign of :math:`\mathrm{Re}\,\alpha(h\lambda_i)` tells whether it goes down or up along :math:`u_i`.

Reference: Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 4.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import check_step
from ..losses.field import Field
from ..methods.method import Method, linear_method
from ..records.aligned import aligned, number
from ..series.principal_flows import principal_flow
from ..series.roots import CharacteristicRoots, characteristic_roots
from .eigenpairs import Eigenpairs, eigenpairs

Array: TypeAlias = NDArray[Any]
ROUNDING = 1e-9  # moduli closer to 1 than this are 1
_FLAT = 1e-12  # of the largest |hλ|


@final
@dataclass(frozen=True, eq=False, repr=False)
class StabilityCoefficients:
    """What a method does along k eigenvectors, by decreasing λ; every array has shape (k,).

    Attributes
    ----------
    method, field, h
        What was looked at.
    pairs
        λ_i, u_i and u_iᵀ∇E, see `Eigenpairs`.
    alpha
        α(hλ_i), complex, from the rotated branch; −1 for the gradient flow of gradient descent. ∞ at a singularity.
    multipliers
        The largest root of the method at hλ_i, complex: the factor by which iterates move per step in the long run.
    regimes
        ``flat`` λ is 0 to rounding; ``escaping`` Re λ < 0: the gradient flow leaves as well; ``divergent`` the method leaves although
        the gradient flow comes, |multiplier| > 1; ``oscillating`` and ``monotone`` otherwise, by whether the multiplier is positive.

    See Also
    --------
    modeq.stability_coefficients : Makes it, with an example.
    """

    method: Method
    field: Field
    h: float
    pairs: Eigenpairs
    alpha: Array
    multipliers: Array
    regimes: tuple[str, ...]

    @property
    def hlambda(self) -> Array:
        """H times λ_i."""
        return self.h * self.pairs.values

    @property
    def coefficients(self) -> Array:
        """sc_i = α(hλ_i)·(u_iᵀ∇E), complex; units: state per unit time."""
        return self.alpha * self.pairs.gradient

    @property
    def loss_rates(self) -> Array:
        """Re sc_i·(u_iᵀ∇E), the part of each direction in dE/dt along the principal flow; for losses."""
        self.field.require_loss("only losses have a rate dE/dt")
        return (self.coefficients * self.pairs.gradient).real

    def table(self) -> str:
        """Return λ, hλ, α, u·∇E, sc, multiplier and regime of each direction as aligned text."""
        rows = [("λ", "hλ", "α(hλ)", "u·∇E", "sc", "multiplier", "regime")]
        columns = (self.pairs.values, self.hlambda, self.alpha, self.pairs.gradient, self.coefficients, self.multipliers)
        for i, regime in enumerate(self.regimes):
            rows.append((*(number(complex(column[i])) for column in columns), regime))  # type: ignore[arg-type]  # seven texts
        return "\n".join([f"{self.method.name} on {self.field.name}, h = {self.h:g}", *aligned(rows)])

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<StabilityCoefficients of {self.method.name} on {self.field.name}: {', '.join(self.regimes)}>"


def stability_coefficients(method: Method, field: Field, theta: ArrayLike, h: float, *, k: int | None = None) -> StabilityCoefficients:
    """Measure the stability coefficients of a method at a point.

    Parameters
    ----------
    method
        Any method with one field and numeric parameters.
    field
        A loss or a vector field, for which λ are the eigenvalues of −f′.
    theta
        One real point, shape (d,).
    h
        Step size > 0.
    k
        Number of eigenvectors, those of largest |λ|; by default all up to 100 coordinates, 10 beyond.

    Returns
    -------
    StabilityCoefficients

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[10, 0, 0], [0, 6, 0], [0, 0, -1]])
    >>> found = mq.stability_coefficients(mq.GradientDescent(), E, [0.1, 0.1, 0.1], 0.25)
    >>> found.regimes
    ('divergent', 'oscillating', 'escaping')
    >>> found.alpha.real.round(3)  # above 0: the principal flow goes uphill
    array([ 0.162, -0.462, -0.893])
    """
    roots = single_field_roots(method)
    step = check_step(h)
    pairs = eigenpairs(field, theta, k)
    z = step * pairs.values
    with warnings.catch_warnings():  # α = ∞ at a singularity says so itself
        warnings.simplefilter("ignore", RuntimeWarning)
        alpha = principal_flow(method).coefficient(z)
    multipliers = np.array([largest_root(roots, value) for value in z.tolist()], complex)
    flat = _FLAT * float(np.abs(z).max())
    names = tuple(direction_regime(complex(value), complex(root), flat) for value, root in zip(z, multipliers, strict=True))
    return StabilityCoefficients(method, field, step, pairs, alpha, multipliers, names)


def single_field_roots(method: Method) -> CharacteristicRoots:
    """Return the roots of a method with numbers for its parameters and one field, or raise."""
    linear = linear_method(method, "measuring stability")
    linear.require_numbers("measuring stability")
    return characteristic_roots(linear)


def largest_root(roots: CharacteristicRoots, z: complex) -> complex:
    """Return the root of largest modulus at hλ = z: runs multiply by it in the long run."""
    values = roots(z)
    return complex(values[np.argmax(np.abs(values))])


def direction_regime(z: complex, root: complex, flat: float) -> str:
    """Name what the method does along a direction with hλ = z, where `root` is its largest root."""
    if abs(z) <= flat:
        return "flat"
    if z.real < -_FLAT * abs(z):
        return "escaping"
    if abs(root) > 1 + ROUNDING:
        return "divergent"
    return "monotone" if root.real >= 0 and abs(root.imag) <= ROUNDING * abs(root) else "oscillating"

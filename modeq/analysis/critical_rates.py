"""Critical learning rates: for each direction the step sizes from which a method oscillates and from which it diverges.

Reference: B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1–17, doi:10.1016/0041-5553(64)90137-5: 2/λ for gradient descent,
2(1 + β)/λ for heavy ball.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..losses.field import Field
from ..methods.method import Method
from ..series.regimes import oscillation, regimes
from ..series.roots import CharacteristicRoots
from .eigenpairs import eigenpairs
from .stability_coefficients import largest_root, single_field_roots

Array: TypeAlias = NDArray[Any]
_TOLERANCE = 1e-14  # of |root| − 1; at |hλ| = 1e-6 Euler's method on a rotation grows by 5e-13
_GRID = np.geomspace(1e-6, 1e6, 2401)


@final
@dataclass(frozen=True, eq=False)
class CriticalLearningRates:
    """Critical step sizes by eigenvector; every array has shape (k,), by decreasing Re λ.

    They are ∞ where that never happens, and for Re λ ≤ 0, where the gradient flow does not come either.

    Attributes
    ----------
    method
        The method.
    eigenvalues
        λ, eigenvalues of the Hessian or of −f′.
    oscillating
        Step size from which iterates oscillate along u_i in the long run, the largest root of the method being negative or one of a
        pair: 1/λ_i for gradient descent, ∞ for methods such as the extragradient method, that diverge without oscillation. NaN for
        complex λ, where flows turn as well.
    divergent
        Step size from which they diverge: 2/λ_i. 0 where no step size is stable.

    See Also
    --------
    modeq.critical_learning_rates : Makes it, with an example.
    """

    method: Method
    eigenvalues: Array
    oscillating: Array
    divergent: Array

    @property
    def monotone(self) -> float:
        """The largest step size without oscillation along any of these directions; NaN if some λ is complex."""
        return float(np.min(self.oscillating))

    @property
    def stable(self) -> float:
        """The largest step size that is stable along all of these directions."""
        return float(np.min(self.divergent))


def critical_learning_rates(method: Method, field: Field, theta: ArrayLike, *, k: int | None = None) -> CriticalLearningRates:
    """Find the step sizes at which a method changes its behaviour along each eigenvector at a point.

    Parameters
    ----------
    method
        Any method with one field and numeric parameters.
    field
        A loss or a vector field.
    theta
        One real point, shape (d,); the statements are about the quadratic model there.
    k
        Number of directions, those of largest |λ|; by default all up to 100 coordinates, 10 beyond.

    Returns
    -------
    CriticalLearningRates

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together.

    References
    ----------
    Polyak 1964, doi:10.1016/0041-5553(64)90137-5; the bounds of other methods are those of `modeq.series.regimes`.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[4, 0], [0, 1]])
    >>> rates = mq.critical_learning_rates(mq.GradientDescent(), E, [0.0, 0.0])
    >>> rates.oscillating, rates.divergent
    (array([0.25, 1.  ]), array([0.5, 2. ]))
    >>> mq.critical_learning_rates(mq.HeavyBall("1/2"), E, [0.0, 0.0]).stable  # 2(1 + β)/λ
    0.75
    """
    roots = single_field_roots(method)
    values = eigenpairs(field, theta, k).values
    oscillating, divergent = bounds(method)
    first = np.full(len(values), np.inf)
    last = np.full(len(values), np.inf)
    for i, value in enumerate(values.tolist()):
        if isinstance(value, complex) and abs(value.imag) > 1e-12 * abs(value):
            first[i] = np.nan
            last[i] = _first_unstable(roots, value) if value.real > -1e-12 * abs(value) else np.inf
        elif value.real > 0:
            first[i], last[i] = oscillating / value.real, divergent / value.real
    return CriticalLearningRates(method, values, first, last)


def bounds(method: Method) -> tuple[float, float]:
    """Return hλ from which iterates on λx²/2 oscillate, and from which they diverge: 1 and 2 for gradient descent."""
    last = next((float(one.lower) for one in regimes(method).intervals if one.name == "unstable"), np.inf)
    return float(oscillation(method)), last


def _first_unstable(roots: CharacteristicRoots, value: complex) -> float:
    """Return the smallest h with a root outside the unit circle along a ray hλ; between the points of a grid it may be missed."""
    direction = value / abs(value)

    def unstable(size: float) -> bool:
        return abs(largest_root(roots, size * direction)) > 1 + _TOLERANCE

    at = next((i for i, size in enumerate(_GRID) if unstable(float(size))), None)
    if at is None:
        return np.inf
    if at == 0:
        return 0.0
    low, high = float(_GRID[at - 1]), float(_GRID[at])
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if unstable(middle) else (middle, high)
    return high / abs(value)

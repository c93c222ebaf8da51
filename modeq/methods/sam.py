"""Sharpness-aware minimisation.

Reference: P. Foret, A. Kleiner, H. Mobahi, B. Neyshabur, Sharpness-aware minimization, ICLR 2021, arXiv 2010.01412; unnormalised:
M. Andriushchenko, N. Flammarion, ICML 2022, arXiv 2206.06232.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .update import method, renamed


@method
def _sam(theta: Any, h: Any, f: Any, *, radius: Any, eps: Any) -> Any:
    s = f(theta)
    return theta + h * f(theta - radius * s / np.sqrt(np.dot(s, s) + eps))


@method
def _unnormalised(theta: Any, h: Any, f: Any, *, radius: Any) -> Any:
    return theta + h * f(theta - radius * f(theta))


def SAM(radius: ScalarLike = 0.05, *, normalised: bool = True, eps: ScalarLike = 0) -> Method:
    """Sharpness-aware minimisation θ⁺ = θ − h g(θ + ρ g/‖g‖), or unnormalised (USAM) θ⁺ = θ − h g(θ + ρ g).

    Parameters
    ----------
    radius
        ρ > 0: a number, or a name that stays symbolic. It stays as h → 0; USAM with ρ = κh is the Runge–Kutta method
        ``RungeKutta([[0, 0], [-kappa, 0]], [0, 1])``.
    normalised
        False for USAM.
    eps
        ε ≥ 0 in ‖g‖² + ε; with 0 the step is not defined where the gradient is 0.

    Returns
    -------
    Method
        A `SmoothUpdate` without memory, with two evaluations of the field.

    References
    ----------
    P. Foret, A. Kleiner, H. Mobahi, B. Neyshabur, Sharpness-aware minimization, ICLR 2021, arXiv 2010.01412.

    Examples
    --------
    >>> SAM(0.1).stages
    2
    """
    convention = "implementations add 1e-12 to ‖g‖ itself; optax.contrib.sam keeps both gradients, with sync_period=2 for this step"
    made = _sam(radius=radius, eps=eps) if normalised else _unnormalised(radius=radius)
    return renamed(made, "SAM" if normalised else "USAM", convention)

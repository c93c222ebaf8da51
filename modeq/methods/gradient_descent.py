"""Gradient descent x⁺ = x + h f(x), the explicit Euler method for f = −∇E.

Reference: L. Euler, *Institutionum calculi integralis* (1768), §650; A. Cauchy, C. R. Acad. Sci. 25 (1847) 536.
"""

from .general_linear import GeneralLinearMethod
from .runge_kutta import RungeKutta


def GradientDescent() -> GeneralLinearMethod:
    """Gradient descent θ⁺ = θ − h∇E(θ).

    Returns
    -------
    GeneralLinearMethod
        One stage, no memory.

    References
    ----------
    A. Cauchy, C. R. Acad. Sci. 25 (1847) 536; as a method for f = −∇E: L. Euler, *Institutionum calculi integralis* (1768), §650.

    Examples
    --------
    >>> GradientDescent().is_explicit
    True
    """
    return RungeKutta([[0]], [1], name="gradient descent")

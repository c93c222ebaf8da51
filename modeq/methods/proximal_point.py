"""Proximal point x⁺ = argmin E(y) + |y − x|²/(2h), the implicit Euler method.

Reference: R. T. Rockafellar, SIAM J. Control Optim. 14 (1976) 877–898, doi:10.1137/0314056.
"""

from .general_linear import GeneralLinearMethod
from .runge_kutta import RungeKutta


def ProximalPoint() -> GeneralLinearMethod:
    """Proximal point x⁺ = x + h f(x⁺), the implicit Euler method; each step solves an equation.

    Returns
    -------
    GeneralLinearMethod
        One implicit stage, no memory.

    References
    ----------
    R. T. Rockafellar, SIAM J. Control Optim. 14 (1976) 877–898, doi:10.1137/0314056.

    Examples
    --------
    >>> ProximalPoint().is_explicit
    False
    """
    return RungeKutta([[1]], [1], name="proximal point")

"""Nesterov's accelerated gradient with constant momentum: the gradient is taken at x + βv, v the last displacement.

Reference: Y. Nesterov, Soviet Math. Dokl. 27 (1983) 372–376; I. Sutskever et al., ICML 2013.
"""

from ..exact import ScalarLike
from .general_linear import GeneralLinearMethod


def Nesterov(beta: ScalarLike = "beta") -> GeneralLinearMethod:
    """Nesterov's method with constant momentum `beta`: v⁺ = βv + h f(x + βv), x⁺ = x + v⁺, state (x, v).

    Parameters
    ----------
    beta
        Momentum, −1 ≤ β < 1: a number, kept exact where it is, or a name that stays symbolic.

    Returns
    -------
    GeneralLinearMethod
        One stage and one vector of memory.

    References
    ----------
    Y. Nesterov, Soviet Math. Dokl. 27 (1983) 372–376; in this form I. Sutskever et al., ICML 2013.

    Examples
    --------
    >>> Nesterov(0.9).states
    2
    """
    return GeneralLinearMethod(A=[[0]], U=[[1, beta]], B=[[1], [1]], V=[[1, beta], [0, beta]], output=[1, 0], name="Nesterov")

"""Extragradient: the gradient is taken at a trial gradient step.

Reference: G. M. Korpelevich, Matecon 12 (1976) 747–756.
"""

from .general_linear import GeneralLinearMethod
from .runge_kutta import RungeKutta


def Extragradient() -> GeneralLinearMethod:
    """Extragradient x⁺ = x + h f(x + h f(x)).

    Returns
    -------
    GeneralLinearMethod
        Two stages, no memory.

    References
    ----------
    G. M. Korpelevich, Matecon 12 (1976) 747–756.

    Examples
    --------
    >>> Extragradient().stages
    2
    """
    return RungeKutta([[0, 0], [1, 0]], [0, 1], name="extragradient")

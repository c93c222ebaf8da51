"""Nesterov's accelerated gradient with constant momentum: the gradient is taken at x + βv, v the last displacement.

Reference: Y. Nesterov, Soviet Math. Dokl. 27 (1983) 372–376; I. Sutskever et al., ICML 2013.
"""

from .exact import ScalarLike
from .general_linear import GeneralLinearMethod
from .method import Method


def Nesterov(beta: ScalarLike = "beta") -> Method:
    """Nesterov momentum `beta`, −1 ≤ β < 1: v⁺ = βv + h f(x + βv), x⁺ = x + v⁺, state (x, v).

    >>> Nesterov(0.9).states
    2
    """
    return GeneralLinearMethod(A=[[0]], U=[[1, beta]], B=[[1], [1]], V=[[1, beta], [0, beta]], output=[1, 0], name="Nesterov")

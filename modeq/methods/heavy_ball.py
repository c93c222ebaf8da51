"""Heavy ball (Polyak momentum): v⁺ = βv + h f(x), x⁺ = x + v⁺.

Reference: B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1–17, doi:10.1016/0041-5553(64)90137-5.
"""

from .exact import ScalarLike
from .general_linear import GeneralLinearMethod
from .method import Method


def HeavyBall(beta: ScalarLike = "beta") -> Method:
    """Heavy ball with momentum `beta`, −1 ≤ β < 1, state (x, v).

    >>> HeavyBall("beta").parameters
    ('beta',)
    """
    return GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [1]], V=[[1, beta], [0, beta]], output=[1, 0], name="heavy ball")

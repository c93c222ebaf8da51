"""Heavy ball (Polyak momentum): v⁺ = βv + h f(x), x⁺ = x + v⁺.

Reference: B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1–17, doi:10.1016/0041-5553(64)90137-5.
"""

from ..exact import ScalarLike
from .general_linear import GeneralLinearMethod


def HeavyBall(beta: ScalarLike = "beta") -> GeneralLinearMethod:
    """Heavy ball with momentum `beta`: v⁺ = βv + h f(x), x⁺ = x + v⁺, state (x, v).

    Parameters
    ----------
    beta
        Momentum, −1 ≤ β < 1: a number, kept exact where it is, or a name that stays symbolic.

    Returns
    -------
    GeneralLinearMethod
        One stage and one vector of memory. Its modified equation starts with −∇E/(1 − β): time is t = n·h.

    References
    ----------
    B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1–17, doi:10.1016/0041-5553(64)90137-5.

    Examples
    --------
    >>> HeavyBall("beta").parameters
    ('beta',)
    """
    return GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [1]], V=[[1, beta], [0, beta]], output=[1, 0], name="heavy ball")

"""Sign descent with its sign smoothed.

Reference: J. Bernstein et al., signSGD, ICML 2018, arXiv 1802.04434, for the sign itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .update import method, renamed

_CONVENTION = "signSGD and optax.sign_sgd take the sign itself; the smoothed one, g/√(g² + ε), tends to it as ε → 0"


@method
def _descent(theta: Any, h: Any, f: Any, *, smoothing: Any) -> Any:
    s = f(theta)
    return theta + h * s / np.sqrt(s * s + smoothing)


def SmoothSign(smoothing: ScalarLike) -> Method:
    """Smoothed sign descent θ⁺ = θ − h g/√(g² + ε), entry by entry.

    Parameters
    ----------
    smoothing
        ε > 0: a number, or a name that stays symbolic. The sign itself, ε = 0, has no modified equation.

    Returns
    -------
    Method
        A `SmoothUpdate` without memory.

    Raises
    ------
    ValueError
        If `smoothing` is 0.

    References
    ----------
    J. Bernstein et al., signSGD, ICML 2018, arXiv 1802.04434.

    Examples
    --------
    >>> print(SmoothSign(1e-4))
    smoothed sign descent
    """
    check_smoothing(smoothing, "sign descent")
    return renamed(_descent(smoothing=smoothing), "smoothed sign descent", _CONVENTION)


def check_smoothing(smoothing: ScalarLike, name: str) -> None:
    """Raise if a sign is not smoothed at all."""
    if smoothing == 0:
        raise ValueError(
            f"{name} with the sign itself has no flow: no correction at any order between changes of sign, and chattering at them; "
            "give smoothing=1e-4 or another number > 0"
        )

"""Lion, with its sign smoothed.

Reference: X. Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, arXiv 2302.06675.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .ranges import check_memory
from .smooth_sign import check_smoothing
from .update import method, renamed

_CONVENTION = "optax.lion and the paper take the sign itself; the smoothed one, c/√(c² + ε), tends to it as ε → 0"


@method(memory=("m",))
def _lion(theta: Any, m: Any, h: Any, f: Any, *, rho1: Any, rho2: Any, smoothing: Any, decay: Any) -> Any:
    g = -f(theta)
    c = rho1 * m + (1 - rho1) * g
    return theta - h * (c / np.sqrt(c * c + smoothing) + decay * theta), rho2 * m + (1 - rho2) * g


def Lion(rho1: ScalarLike = 0.9, rho2: ScalarLike = 0.99, *, smoothing: ScalarLike, weight_decay: ScalarLike = 0) -> Method:
    """Lion with a smoothed sign: c = ρ₁m + (1−ρ₁)g, θ⁺ = θ − h (c/√(c²+ε) + wθ), m⁺ = ρ₂m + (1−ρ₂)g.

    Parameters
    ----------
    rho1, rho2
        Weights of the memory in the step and in the memory, 0 ≤ ρ < 1: numbers, or names that stay symbolic.
    smoothing
        ε > 0 under the root, in units of the squared gradient. Lion itself, ε = 0, has no modified equation: between changes of
        sign no correction at any order, at them chattering.
    weight_decay
        w of the decoupled decay.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory m.

    Raises
    ------
    ValueError
        If `smoothing` is 0, or a factor is not from 0 to below 1.

    References
    ----------
    X. Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, arXiv 2302.06675.

    Examples
    --------
    >>> Lion(smoothing=1e-4).state_names
    ('θ', 'm')
    """
    check_smoothing(smoothing, "Lion")
    check_memory(rho1=rho1, rho2=rho2)
    return renamed(_lion(rho1=rho1, rho2=rho2, smoothing=smoothing, decay=weight_decay), "Lion", _CONVENTION)

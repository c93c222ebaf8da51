"""Normalised gradient descent, and clipping by norm, smoothed.

Reference: Y. Nesterov, *Introductory Lectures on Convex Optimization* (2004), 3.2.3; R. Pascanu, T. Mikolov, Y. Bengio, ICML 2013,
arXiv 1211.5063.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .update import method, renamed


@method
def _normalised(theta: Any, h: Any, f: Any, *, eps: Any) -> Any:
    s = f(theta)
    return theta + h * s / np.sqrt(np.dot(s, s) + eps)


@method
def _clipped(theta: Any, h: Any, f: Any, *, bound: Any) -> Any:
    s = f(theta)
    return theta + h * s / np.sqrt(1 + np.dot(s, s) / bound**2)


def NormalizedGD(eps: ScalarLike = 0) -> Method:
    """Normalised gradient descent θ⁺ = θ − h g/√(‖g‖² + ε).

    Parameters
    ----------
    eps
        ε ≥ 0; with 0 each step has the length h, and none is defined where the gradient is 0.

    Returns
    -------
    Method
        A `SmoothUpdate` without memory.

    References
    ----------
    Y. Nesterov, *Introductory Lectures on Convex Optimization* (2004), 3.2.3.

    Examples
    --------
    >>> print(NormalizedGD())
    normalised gradient descent
    """
    convention = "optax.normalize_by_update_norm divides by the norm as with eps=0; all parameters together have one norm"
    return renamed(_normalised(eps=eps), "normalised gradient descent", convention)


def Clipped(bound: ScalarLike = 1) -> Method:
    """Gradient descent with the norm of the gradient clipped smoothly: θ⁺ = θ − h g/√(1 + ‖g‖²/c²).

    Parameters
    ----------
    bound
        c > 0, which the length of g/√(1 + ‖g‖²/c²) does not reach: a number, or a name that stays symbolic.

    Returns
    -------
    Method
        A `SmoothUpdate` without memory.

    References
    ----------
    R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, ICML 2013, arXiv 1211.5063, where
    the clipping has a kink at ‖g‖ = c.

    Examples
    --------
    >>> print(Clipped(1.0))
    smoothly clipped gradient descent
    """
    convention = (
        "torch.nn.utils.clip_grad_norm_ and optax.clip_by_global_norm have a kink at ‖g‖ = c, below which they do nothing; "
        "this one is 1/√2 of it there, and smooth"
    )
    return renamed(_clipped(bound=bound), "smoothly clipped gradient descent", convention)

"""Adagrad, and AMSGrad with its maximum smoothed.

Reference: J. Duchi, E. Hazan, Y. Singer, JMLR 12 (2011) 2121–2159; S. Reddi, S. Kale, S. Kumar, On the convergence of Adam and beyond,
ICLR 2018, arXiv 1904.09237.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .ranges import check_memory, check_positive
from .update import method, renamed


@method(memory=("v",))
def _adagrad(theta: Any, v: Any, h: Any, f: Any, *, eps: Any, inside: bool) -> Any:
    g = -f(theta)
    v = v + g * g
    return theta - h * g / (np.sqrt(v + eps) if inside else np.sqrt(v) + eps), v


@method(memory=("m", "v", "largest"))
def _amsgrad(theta: Any, m: Any, v: Any, largest: Any, h: Any, f: Any, *, n: Any, beta1: Any, beta2: Any, eps: Any, smoothing: Any) -> Any:
    g = -f(theta)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    apart = v - largest
    largest = (v + largest + np.sqrt(apart * apart + smoothing * smoothing)) / 2
    root = np.sqrt(largest / (1 - beta2 ** (n + 1))) + eps
    return theta - h * m / (1 - beta1 ** (n + 1)) / root, m, v, largest


def Adagrad(eps: ScalarLike = 1e-10, *, eps_inside: bool = False, start: float = 0.0) -> Method:
    """Adagrad: v⁺ = v + g², θ⁺ = θ − h g/(√v⁺ + ε).

    Its memory is a sum that forgets nothing, so it follows no function of θ and there is no modified equation in θ alone; the flows of
    the whole state, "map" and "map2", describe it.

    Parameters
    ----------
    eps
        ε > 0: a number, or a name that stays symbolic.
    eps_inside
        √(v⁺ + ε) instead of √v⁺ + ε.
    start
        v at the start.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory v.

    References
    ----------
    J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods, JMLR 12 (2011) 2121–2159.

    Examples
    --------
    >>> Adagrad(start=0.1).state_names
    ('θ', 'v')
    """
    convention = "torch.optim.Adagrad starts v at 0 with ε = 1e-10 outside the root; optax.adagrad at 0.1 with ε = 1e-7 inside it"
    update = replace(_adagrad, start=(("v", start),)) if start else _adagrad
    return renamed(update(eps=eps, inside=bool(eps_inside)), "Adagrad", convention)


def AMSGrad(beta1: ScalarLike = 0.9, beta2: ScalarLike = 0.999, eps: ScalarLike = 1e-8, *, smoothing: ScalarLike) -> Method:
    """AMSGrad: Adam with the largest v so far, the maximum smoothed to (a + b + √((a−b)² + δ²))/2.

    The largest value forgets nothing, so there is no modified equation in θ alone; "map" and "map2" describe it.

    Parameters
    ----------
    beta1, beta2, eps
        As for `Adam`.
    smoothing
        δ > 0, in units of the squared gradient. The maximum itself has a kink, and no flow.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory m, v and the largest v.

    Raises
    ------
    ValueError
        If `smoothing` is 0, a factor is not from 0 to below 1, or ε is negative.

    References
    ----------
    S. Reddi, S. Kale, S. Kumar, On the convergence of Adam and beyond, ICLR 2018, arXiv 1904.09237.

    Examples
    --------
    >>> AMSGrad(smoothing=1e-6).state_names
    ('θ', 'm', 'v', 'largest')
    """
    if smoothing == 0:
        raise ValueError("AMSGrad's maximum has a kink, and no flow; give smoothing=1e-6 or another number > 0")
    convention = "torch keeps the largest v before the bias correction, as here; optax.amsgrad the largest after it"
    check_memory(beta1=beta1, beta2=beta2)
    check_positive(eps=eps)
    made = _amsgrad(beta1=beta1, beta2=beta2, eps=eps, smoothing=smoothing)
    return renamed(made, "AMSGrad", convention)

"""Adam and AdamW.

Reference: D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, arXiv 1412.6980; I. Loshchilov, F. Hutter,
Decoupled weight decay regularization, ICLR 2019, arXiv 1711.05101.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .ranges import check_memory, check_positive
from .update import method, renamed

_CONVENTION = (
    "torch.optim.Adam, AdamW and optax.adam, adamw have ε outside the root, as eps_inside=False; optax adds eps_root inside it. "
    "AdamW decays θ by h·weight_decay in both (torch's default is 0.01, optax's 1e-4); "
    "torch's Adam(weight_decay=…) adds it to the gradient instead"
)


@method(memory=("m", "v"))
def _adam(
    theta: Any, m: Any, v: Any, h: Any, f: Any, *, n: Any, beta1: Any, beta2: Any, eps: Any, decay: Any, corrected: bool, inside: bool
) -> Any:
    g = -f(theta)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    mean, square = (m / (1 - beta1 ** (n + 1)), v / (1 - beta2 ** (n + 1))) if corrected else (m, v)
    root = np.sqrt(square + eps) if inside else np.sqrt(square) + eps
    return theta - h * (mean / root + decay * theta), m, v


def Adam(
    beta1: ScalarLike = 0.9,
    beta2: ScalarLike = 0.999,
    eps: ScalarLike = 1e-8,
    *,
    weight_decay: ScalarLike = 0,
    bias_correction: bool = True,
    eps_inside: bool = False,
) -> Method:
    """Adam: m⁺ = β₁m + (1−β₁)g, v⁺ = β₂v + (1−β₂)g², θ⁺ = θ − h m̂/(√v̂ + ε), m̂ = m⁺/(1−β₁ⁿ⁺¹), v̂ = v⁺/(1−β₂ⁿ⁺¹).

    Parameters
    ----------
    beta1, beta2
        Memory of the gradient and of its square, 0 ≤ β < 1: numbers, or names that stay symbolic.
    eps
        ε > 0.
    weight_decay
        w of the decoupled decay −h w θ of AdamW.
    bias_correction
        Whether m and v are divided by 1 − βⁿ⁺¹ in step n = 0, 1, …
    eps_inside
        √(v̂ + ε) instead of √v̂ + ε.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory m, v, in units of the gradient and of its square; both start at 0.

    Raises
    ------
    ValueError
        If a factor is not from 0 to below 1, or ε is negative.

    References
    ----------
    D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, arXiv 1412.6980.

    Examples
    --------
    >>> Adam("beta1", "beta2").parameters
    ('beta1', 'beta2')
    """
    check_memory(beta1=beta1, beta2=beta2)
    check_positive(eps=eps)
    made = _adam(beta1=beta1, beta2=beta2, eps=eps, decay=weight_decay, corrected=bool(bias_correction), inside=bool(eps_inside))
    return renamed(made, "Adam" if weight_decay == 0 else "AdamW", _CONVENTION)


def AdamW(
    beta1: ScalarLike = 0.9,
    beta2: ScalarLike = 0.999,
    eps: ScalarLike = 1e-8,
    *,
    weight_decay: ScalarLike = 0.01,
    bias_correction: bool = True,
    eps_inside: bool = False,
) -> Method:
    """AdamW: `Adam` with decoupled weight decay, θ⁺ = θ − h (m̂/(√v̂ + ε) + wθ).

    Parameters
    ----------
    beta1, beta2, eps, weight_decay, bias_correction, eps_inside
        As for `Adam`.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory m, v.

    Raises
    ------
    ValueError
        If a factor is not from 0 to below 1, or ε is negative.

    References
    ----------
    I. Loshchilov, F. Hutter, Decoupled weight decay regularization, ICLR 2019, arXiv 1711.05101.

    Examples
    --------
    >>> print(AdamW())
    AdamW
    """
    return Adam(beta1, beta2, eps, weight_decay=weight_decay, bias_correction=bias_correction, eps_inside=eps_inside)

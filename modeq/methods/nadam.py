"""NAdam: Adam with Nesterov's momentum.

Reference: T. Dozat, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exact import ScalarLike
from .method import Method
from .ranges import check_memory, check_positive
from .update import method, renamed

_CONVENTION = (
    "optax.nadam is momentum_decay=None: the weight β₁ stays. torch.optim.NAdam is momentum_decay=0.004: the weight starts "
    "near β₁/2 and grows; after a change of sign of the gradient their steps may have opposite signs"
)


@method(memory=("m", "v"))
def _nadam(theta: Any, m: Any, v: Any, h: Any, f: Any, *, n: Any, beta1: Any, beta2: Any, eps: Any, corrected: bool, inside: bool) -> Any:
    g = -f(theta)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    if corrected:
        ahead = beta1 * m / (1 - beta1 ** (n + 2)) + (1 - beta1) * g / (1 - beta1 ** (n + 1))
        square = v / (1 - beta2 ** (n + 1))
    else:
        ahead, square = beta1 * m + (1 - beta1) * g, v
    return theta - h * ahead / (np.sqrt(square + eps) if inside else np.sqrt(square) + eps), m, v


@method(memory=("m", "v", "p"), start={"p": 1.0})
def _with_schedule(theta: Any, m: Any, v: Any, p: Any, h: Any, f: Any, *, n: Any, beta1: Any, beta2: Any, eps: Any, decay: Any) -> Any:
    g = -f(theta)
    now, later = (beta1 * (1 - 0.5 * _BASE ** ((n + k) * decay)) for k in (1, 2))
    p = p * now
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    ahead = (1 - now) * g / (1 - p) + later * m / (1 - p * later)
    return theta - h * ahead / (np.sqrt(v / (1 - beta2 ** (n + 1))) + eps), m, v, p


_BASE = 0.96  # of torch's schedule of the momentum


def NAdam(
    beta1: ScalarLike = 0.9,
    beta2: ScalarLike = 0.999,
    eps: ScalarLike = 1e-8,
    *,
    bias_correction: bool = True,
    eps_inside: bool = False,
    momentum_decay: float | None = None,
) -> Method:
    """NAdam: Adam with the numerator β₁m⁺ + (1−β₁)g, each part with its own bias correction.

    Parameters
    ----------
    beta1, beta2, eps, bias_correction, eps_inside
        As for `Adam`.
    momentum_decay
        ψ of torch's schedule μ_n = β₁(1 − ½·0.96^(nψ)) of the weight; None keeps it at β₁.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory m, v; with a schedule also p, the product of the weights.

    Raises
    ------
    ValueError
        If a factor is not from 0 to below 1 or ε negative, or a schedule is asked for without bias correction or with ε inside the root.

    References
    ----------
    T. Dozat, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop.

    Examples
    --------
    >>> NAdam(momentum_decay=0.004).state_names
    ('θ', 'm', 'v', 'p')
    """
    check_memory(beta1=beta1, beta2=beta2)
    check_positive(eps=eps)
    if momentum_decay is None:
        made = _nadam(beta1=beta1, beta2=beta2, eps=eps, corrected=bool(bias_correction), inside=bool(eps_inside))
    elif not bias_correction or eps_inside:
        raise ValueError(
            "torch's schedule of the momentum goes with bias correction and ε outside the root; leave momentum_decay out for others"
        )
    else:
        made = _with_schedule(beta1=beta1, beta2=beta2, eps=eps, decay=momentum_decay)
    return renamed(made, "NAdam", _CONVENTION)

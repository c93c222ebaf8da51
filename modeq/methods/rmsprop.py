"""RMSProp, plain, centred, or with momentum.

Reference: T. Tieleman, G. Hinton, lecture 6.5 of *Neural Networks for Machine Learning* (2012); centred: A. Graves, arXiv 1308.0850.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..exact import ScalarLike, exact
from .method import Method
from .preconditioner import Preconditioner
from .ranges import check_memory, check_positive
from .update import method, renamed

_CONVENTION = (
    "torch.optim.RMSprop has ε outside the root (eps_inside=False, ρ = 0.99), optax.rmsprop inside (eps_inside=True, ρ = 0.9); "
    "at |g| = 1e-6 and ε = 1e-8 their first steps are 9.09 h and 0.01 h. v starts "
    "at 0 in both; optax has initial_scale, TensorFlow 1 began at 1"
)


def _root(v: Any, eps: Any, inside: bool) -> Any:
    return np.sqrt(v + eps) if inside else np.sqrt(v) + eps


@method(memory=("v",))
def _plain(theta: Any, v: Any, h: Any, f: Any, *, rho: Any, eps: Any, inside: bool) -> Any:
    g = -f(theta)
    v = rho * v + (1 - rho) * g * g
    return theta - h * g / _root(v, eps, inside), v


@method(memory=("v", "b"))
def _with_momentum(theta: Any, v: Any, b: Any, h: Any, f: Any, *, rho: Any, eps: Any, inside: bool, momentum: Any) -> Any:
    g = -f(theta)
    v = rho * v + (1 - rho) * g * g
    b = momentum * b + g / _root(v, eps, inside)
    return theta - h * b, v, b


@method(memory=("v", "m"))
def _centred(theta: Any, v: Any, m: Any, h: Any, f: Any, *, rho: Any, eps: Any, inside: bool) -> Any:
    g = -f(theta)
    v = rho * v + (1 - rho) * g * g
    m = rho * m + (1 - rho) * g
    return theta - h * g / _root(v - m * m, eps, inside), v, m


@method(memory=("v", "m", "b"))
def _centred_with_momentum(theta: Any, v: Any, m: Any, b: Any, h: Any, f: Any, *, rho: Any, eps: Any, inside: bool, momentum: Any) -> Any:
    g = -f(theta)
    v = rho * v + (1 - rho) * g * g
    m = rho * m + (1 - rho) * g
    b = momentum * b + g / _root(v - m * m, eps, inside)
    return theta - h * b, v, m, b


@method(memory=("v",))
def _by_norm(theta: Any, v: Any, h: Any, f: Any, *, rho: Any, eps: Any, inside: bool) -> Any:
    g = -f(theta)
    v = rho * v + (1 - rho) * np.dot(g, g)
    return theta - h * g / _root(v, eps, inside), v


def RMSProp(
    rho: ScalarLike = 0.99,
    eps: ScalarLike = 1e-8,
    *,
    momentum: ScalarLike = 0,
    centred: bool = False,
    eps_inside: bool = False,
    start: float = 0.0,
) -> Method:
    """RMSProp: v⁺ = ρv + (1−ρ)g², θ⁺ = θ − h g/(√v⁺ + ε).

    Parameters
    ----------
    rho
        Memory of the squared gradient, 0 ≤ ρ < 1: a number, or a name that stays symbolic.
    eps
        ε > 0.
    momentum
        μ of b⁺ = μb + g/(√v⁺ + ε), θ⁺ = θ − h b⁺; none when 0.
    centred
        Divide by the root of v⁺ − (m⁺)², m⁺ = ρm + (1−ρ)g.
    eps_inside
        √(v⁺ + ε) instead of √v⁺ + ε.
    start
        v at the start.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory v, and m and b where they are kept.

    Raises
    ------
    ValueError
        If a factor is not from 0 to below 1, or ε is negative.

    References
    ----------
    T. Tieleman, G. Hinton, lecture 6.5 of *Neural Networks for Machine Learning* (2012).

    Examples
    --------
    >>> RMSProp(momentum=0.9, centred=True).state_names
    ('θ', 'v', 'm', 'b')
    """
    check_memory(rho=rho, momentum=momentum)
    check_positive(eps=eps)
    moving = momentum != 0
    update = (_centred_with_momentum if moving else _centred) if centred else (_with_momentum if moving else _plain)
    given = {"momentum": momentum} if moving else {}
    begun = replace(update, start=(("v", start),)) if start else update
    made = renamed(begun(rho=rho, eps=eps, inside=bool(eps_inside), **given), "RMSProp", _CONVENTION)
    if update is not _plain:
        return made
    return replace(made, preconditioner=Preconditioner(exact(rho), exact(eps), bool(eps_inside), float(start), by_norm=False))


def ScalarRMSProp(rho: ScalarLike = 0.99, eps: ScalarLike = 0, *, eps_inside: bool = False, start: float = 0.0) -> Method:
    """RMSProp with one number for all coordinates: v⁺ = ρv + (1−ρ)‖g‖², θ⁺ = θ − h g/(√v⁺ + ε).

    Parameters
    ----------
    rho
        Memory of the squared norm, 0 < ρ < 1: a number, or a name that stays symbolic.
    eps
        ε ≥ 0.
    eps_inside
        √(v⁺ + ε) instead of √v⁺ + ε.
    start
        v at the start.

    Returns
    -------
    Method
        A `SmoothUpdate` with the memory v, whose d entries are equal.

    Raises
    ------
    ValueError
        For ρ = 0, which is `NormalizedGD`.

    References
    ----------
    J. Cohen et al., *Understanding Optimization in Deep Learning with Central Flows* (2024), arXiv 2410.24206.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[1, 0], [0, 2]])
    >>> mq.iterate(mq.ScalarRMSProp(0.75), E, [3.0, 2.0], h=0.5, steps=1).theta[1]  # g = (3, 4), v = 25/4
    array([2.4, 1.2])
    """
    if exact(rho) == 0:
        raise ValueError("without memory, rho = 0, this is normalised gradient descent; use NormalizedGD()")
    begun = replace(_by_norm, start=(("v", start),)) if start else _by_norm
    made = renamed(begun(rho=rho, eps=eps, inside=bool(eps_inside)), "scalar RMSProp", "no library has it; others divide entry by entry")
    return replace(made, preconditioner=Preconditioner(exact(rho), exact(eps), bool(eps_inside), float(start), by_norm=True))

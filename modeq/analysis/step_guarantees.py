"""Step sizes that keep gradient descent close to the gradient flow: by bounds of runs, or a priori, from the flow alone.

Reference: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), I.10.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..integration.iterate import iterate
from ..integration.solve import integrate
from ..losses.loss import Loss
from ..methods.gradient_descent import GradientDescent
from ..series.equations import gradient_flow
from .deviation_bound import deviation_bound
from .tube import tube_constants

_POINTS = 400  # of the gradient flow at which constants are measured


def largest_step(loss: Loss, theta0: ArrayLike, *, time: float, epsilon: float, a_priori: bool = False) -> float:
    """Return a step size that keeps gradient descent within ε of the gradient flow until a time.

    Parameters
    ----------
    loss
        Where.
    theta0
        Start, shape (d,).
    time
        T > 0.
    epsilon
        Distance > 0.
    a_priori
        Whether to use the condition on the gradient flow alone, which is safe and small; by default runs of gradient descent are
        tried, and each is bounded a posteriori.

    Returns
    -------
    float
        To 1 %; 0 if none is found.

    Raises
    ------
    ValueError
        If time or epsilon is not positive.

    References
    ----------
    E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), I.10.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[1]])
    >>> tried, safe = (mq.largest_step(E, [1.0], time=2.0, epsilon=0.05, a_priori=a) for a in (False, True))
    >>> 0.2 < tried < 0.3, 0.05 < safe < 0.06
    (True, True)
    """
    for name, value in (("time", time), ("epsilon", epsilon)):
        if not 0 < value < np.inf:
            raise ValueError(f"{name} must be a number > 0, got {value!r}")
    flow = integrate(gradient_flow().on(loss), theta0, h=time / _POINTS, steps=_POINTS)
    if a_priori:
        return tube_constants(flow).step_within(epsilon)

    def bound(h: float) -> float:
        run = iterate(GradientDescent(), loss, theta0, h=h, steps=max(1, int(np.ceil(time / h - 1e-9))))
        return float(deviation_bound(run).bounds.max()) if run.completed else np.inf

    return _largest_within(bound, epsilon, time / _POINTS)


def _largest_within(bound: Callable[[float], float], epsilon: float, start: float) -> float:
    """Return the largest h, to 1 %, with bound(h) ≤ ε, by doubling and halving from `start` and then bisection."""
    low, high = start, start
    for _ in range(60):
        if bound(low) <= epsilon:
            break
        low /= 2
    else:
        return 0.0
    if low == start:
        high = 2 * start
        for _ in range(60):
            if not bound(high) <= epsilon:
                break
            low, high = high, 2 * high
        else:
            return low
    while high > 1.01 * low:
        middle = np.sqrt(low * high)
        low, high = (middle, high) if bound(middle) <= epsilon else (low, middle)
    return float(low)

r"""Step sizes that keep gradient descent close to the gradient flow: a priori, from the flow alone, and by the a-posteriori bound.

In the tube of radius ε around the gradient flow θ(t), with ‖∇²E‖ ≤ β, ‖∇E‖ ≤ γ and λ_min ≥ m(t),

.. math::  η < \inf_{t} \frac{ε}{β γ \int_0^t e^{-\int_{t'}^t m}\,dt'}

keeps gradient descent within ε. In the tube β, γ and m are those on the flow with an allowance of ε times their slopes: ‖∇³E[u, u]‖ for an
eigenvalue with eigenvector u, β for ‖∇E‖. And the ratio of distances (η from η/r) over (η from the flow) tends to 1 − 1/r as η → 0.

References: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), I.10; O. Elkabetz, N. Cohen, NeurIPS
2021, arXiv 2107.06608, theorem 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..integration.iterate import iterate
from ..integration.solve import integrate
from ..integration.trajectory import Trajectory
from ..losses.loss import Loss
from ..losses.spectra import sharpest
from ..methods.gradient_descent import GradientDescent
from ..series.equations import gradient_flow
from .deviation_bound import deviation_bound, largest_within
from .edge_of_stability import run_on_loss
from .least_curvature import least_curvature

Array: TypeAlias = NDArray[np.float64]
_POINTS = 400  # of the gradient flow at which constants are measured


@final
@dataclass(frozen=True, eq=False)
class TubeConstants:
    """What a-priori bounds know of a gradient flow; arrays have shape (m,).

    Attributes
    ----------
    t
        Times.
    least, bends
        λ_min at θ(t), and ‖∇³E[u, u]‖ of its eigenvector.
    sharpness, sharper
        Largest ‖∇²E‖ along the flow, and the largest slope of the eigenvalue.
    slope
        Largest ‖∇E‖ along the flow.

    See Also
    --------
    modeq.analysis.tube_constants : Makes it, with an example.
    """

    t: Array
    least: Array
    bends: Array
    sharpness: float
    sharper: float
    slope: float

    def step_within(self, epsilon: float) -> float:
        """Return the step size below which gradient descent stays within ε of the flow, for ε > 0."""
        beta = self.sharpness + epsilon * self.sharper
        gamma = self.slope + epsilon * beta
        m = self.least - epsilon * self.bends
        total, longest = 0.0, 0.0
        for h, left, right in zip(np.diff(self.t), m[:-1], m[1:], strict=True):
            z = -min(left, right) * h
            if z > 200 or total > 1e200:  # nothing of any size is within ε
                return 0.0
            total = np.exp(z) * total + h * (np.expm1(z) / z if abs(z) > 1e-8 else 1 + z / 2)
            longest = max(longest, total)
        return float(epsilon / (beta * gamma * longest)) if longest and beta * gamma else np.inf

    def bound(self, h: float) -> float:
        """Return the smallest ε that the condition allows for steps of size h; infinite if none does."""
        candidates = np.geomspace(1e-12, 1e6, 181) * max(np.sqrt(self.slope * self.t[-1]), 1e-12)
        allowed = [epsilon for epsilon in candidates if self.step_within(float(epsilon)) > h]
        if not allowed:
            return np.inf
        high = float(allowed[0])
        low = high / candidates[1] * candidates[0]
        while high > 1.001 * low:
            middle = float(np.sqrt(low * high))
            low, high = (low, middle) if self.step_within(middle) > h else (middle, high)
        return high


def tube_constants(flow: Trajectory, *, every: int = 1) -> TubeConstants:
    """Measure what a-priori bounds need along a gradient flow.

    Parameters
    ----------
    flow
        What `integrate` returned for the gradient flow on a loss.
    every
        Look at every so many points.

    Returns
    -------
    TubeConstants

    Raises
    ------
    TypeError, ValueError
        If the path is not on a loss or has no step.

    References
    ----------
    E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), I.10.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.integrate(mq.gradient_flow().on(mq.losses.quadratic([[1]])), [1.0], h=0.01, steps=200)
    >>> found = tube_constants(flow)  # ε/(ε + 1)/(1 − e^(−t)): curvature 1, slope 1
    >>> round(found.step_within(0.1), 3)
    0.105
    """
    loss, chosen = run_on_loss(flow, every)
    points = np.ascontiguousarray(flow.theta.real[chosen])
    least, bends = np.empty(len(points)), np.empty(len(points))
    sharpness = sharper = 0.0
    vector = None
    for i, point in enumerate(points):
        least[i], vector = least_curvature(loss, point, vector)
        bends[i] = np.linalg.norm(loss.third(point, vector, vector))
        value, steepest = sharpest(loss, point)
        sharpness = max(sharpness, abs(value), abs(least[i]))
        sharper = max(sharper, float(np.linalg.norm(loss.third(point, steepest, steepest))), float(bends[i]))
    slope = float(np.linalg.norm(loss.gradient(points), axis=1).max())
    return TubeConstants(np.asarray(flow.t[chosen], dtype=float), least, bends, sharpness, sharper, slope)


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

    return largest_within(bound, epsilon, time / _POINTS)


@final
@dataclass(frozen=True, eq=False)
class StepRatio:
    """Distances of gradient descent from runs with smaller steps, over its distance from the flow.

    Attributes
    ----------
    ratios
        r, shape (m,).
    measured
        Largest distance of steps η from steps η/r over the largest distance of steps η from the flow, shape (m,).
    expected
        1 − 1/r, shape (m,).

    See Also
    --------
    modeq.analysis.step_ratio : Makes it, with an example.
    """

    ratios: Array
    measured: Array
    expected: Array


def step_ratio(loss: Loss, theta0: ArrayLike, *, h: float, steps: int, ratios: Sequence[int] = (2, 4, 8)) -> StepRatio:
    """Compare gradient descent with itself at smaller steps: what the distance from η/r says of that from the flow.

    Parameters
    ----------
    loss
        Where.
    theta0
        Start, shape (d,).
    h, steps
        η and the number of steps.
    ratios
        Integers r ≥ 2.

    Returns
    -------
    StepRatio

    Raises
    ------
    ValueError
        If a ratio is no integer ≥ 2.

    References
    ----------
    O. Elkabetz, N. Cohen, NeurIPS 2021, arXiv 2107.06608, section 5.

    Examples
    --------
    >>> import modeq as mq
    >>> found = step_ratio(mq.losses.deep_chain(3), [0.3, 0.25, 0.2], h=0.02, steps=200)
    >>> found.measured.round(2), found.expected
    (array([0.5 , 0.75, 0.87]), array([0.5  , 0.75 , 0.875]))
    """
    if any(isinstance(r, bool) or not isinstance(r, (int, np.integer)) or r < 2 for r in ratios):
        raise ValueError(f"ratios are integers ≥ 2, got {ratios!r}")
    gd = GradientDescent()
    coarse = iterate(gd, loss, theta0, h=h, steps=steps).theta
    flow = integrate(gradient_flow().on(loss), theta0, h=h, steps=steps).theta
    away = np.linalg.norm(coarse - flow, axis=1).max()
    measured = [
        np.linalg.norm(coarse - iterate(gd, loss, theta0, h=h / r, steps=steps * r).theta[::r], axis=1).max() / away for r in ratios
    ]
    return StepRatio(np.array(ratios, dtype=float), np.array(measured), 1 - 1 / np.array(ratios, dtype=float))

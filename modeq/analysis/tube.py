r"""An a-priori condition on the step size, from the gradient flow alone.

In the tube of radius ε around the gradient flow θ(t), with ‖∇²E‖ ≤ β, ‖∇E‖ ≤ γ and λ_min ≥ m(t),

.. math::  η < \inf_{t} \frac{ε}{β γ \int_0^t e^{-\int_{t'}^t m}\,dt'}

keeps gradient descent within ε. In the tube β, γ and m are those on the flow with an allowance of ε times their slopes: ‖∇³E[u, u]‖ for an
eigenvalue with eigenvector u, β for ‖∇E‖.

References: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), I.10; O. Elkabetz, N. Cohen, NeurIPS
2021, arXiv 2107.06608, theorem 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..integration.trajectory import Trajectory
from ..losses.spectra import sharpest
from .edge_of_stability import run_on_loss
from .least_curvature import least_curvature

Array: TypeAlias = NDArray[np.float64]


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

"""The smallest eigenvalue of the Hessian along a path, and its integral: by how much neighbouring gradient flows may part.

Two solutions of θ̇ = −∇E at the distance r obey ṙ ≤ −λ_min r, with the smallest curvature between them. The integral of min(λ_min, 0)
along the path bounds the logarithm of the growth of small distances.

Reference: O. Elkabetz, N. Cohen, *Continuous vs. discrete optimization of deep neural networks*, NeurIPS 2021, arXiv 2107.06608.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..integration.trajectory import Trajectory
from .edge_of_stability import run_on_loss
from .least_curvature import least_curvature

Array: TypeAlias = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class CurvatureProfile:
    """λ_min along a path.

    Attributes
    ----------
    t
        Times, shape (m,).
    least
        λ_min of the Hessian, shape (m,).

    See Also
    --------
    modeq.curvature_profile : Makes it, with an example.
    """

    t: Array
    least: Array

    @property
    def integral(self) -> float:
        """∫ λ_min dt, by the trapezoidal rule."""
        return float(np.trapezoid(self.least, self.t))

    @property
    def negative_integral(self) -> float:
        """∫ min(λ_min, 0) dt, piecewise linear with its zeros found."""
        low, high, step = self.least[:-1], self.least[1:], np.diff(self.t)
        both = np.minimum(low, 0) + np.minimum(high, 0)
        crossing = low * high < 0
        share = np.divide(np.minimum(low, high), np.minimum(low, high) - np.maximum(low, high), where=crossing, out=np.ones_like(low))
        return float(np.sum(step * np.where(crossing, share, 1.0) * both / 2))

    @property
    def growth(self) -> float:
        """exp(−∫ min(λ_min, 0) dt): the largest growth of small distances along the path."""
        return float(np.exp(-self.negative_integral))


def curvature_profile(path: Trajectory, *, every: int = 1) -> CurvatureProfile:
    """Measure λ_min of the Hessian along a path.

    Parameters
    ----------
    path
        What `iterate` or `integrate` returned, on a loss.
    every
        Look at every so many points.

    Returns
    -------
    CurvatureProfile

    Raises
    ------
    TypeError, ValueError
        If the run is on a vector field or has no step.

    References
    ----------
    O. Elkabetz, N. Cohen, NeurIPS 2021, arXiv 2107.06608.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.gradient_flow().on(mq.losses.deep_chain(3))  # from a balanced start near the saddle at 0
    >>> profile = mq.curvature_profile(mq.integrate(flow, [0.3, 0.3, 0.3], h=0.01, steps=800))
    >>> round(profile.negative_integral, 3)
    -1.314
    """
    loss, chosen = run_on_loss(path, every)
    points = np.ascontiguousarray(path.theta.real[chosen])
    least = np.empty(len(points))
    vector = None
    for i, point in enumerate(points):
        least[i], vector = least_curvature(loss, point, vector)
    return CurvatureProfile(np.asarray(path.t[chosen], dtype=float), least)

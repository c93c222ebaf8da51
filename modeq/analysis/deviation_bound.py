r"""An a-posteriori bound on the distance of gradient descent from the gradient flow.

Join the iterates by straight lines, w(t). Their defect δ(t) = ‖ẇ + ∇E(w)‖ = ‖∇E(w) − ∇E(θ_k)‖ is known, and the distance e(t) of w from the
gradient flow θ(t) through the same start obeys

.. math::  \dot e \le -m(t)\,e + δ(t), \qquad e(t) \le \int_0^t e^{-\int_{t'}^t m}\,δ(t')\,dt',

m(t) the smallest eigenvalue of the Hessian on the segment from w(t) to θ(t). Where the flow is not known, m is the one at w(t) lowered by
½e‖∇³E[u, u]‖, u its eigenvector: to first order the mean over any segment of length e, whatever its direction.

References: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), I.10; O. Elkabetz, N. Cohen, NeurIPS
2021, arXiv 2107.06608.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..extension_points import draw
from ..integration.trajectory import Trajectory
from ..losses.loss import Loss
from ..sizes import WHOLE_HESSIAN
from .edge_of_stability import run_on_loss
from .least_curvature import least_curvature

Array: TypeAlias = NDArray[np.float64]
_LOOKS = 50  # points of a long run on many parameters at which curvature is measured, when nothing is asked for


@final
@dataclass(frozen=True, eq=False)
class DeviationBound:
    """A bound on ‖θ(t_k) − θ_k‖ along a run of gradient descent.

    Attributes
    ----------
    t
        Times, shape (n + 1,).
    bounds
        e(t_k), shape (n + 1,); infinite from where the curvature cannot be bounded any more.
    defects
        Largest δ in each step, shape (n,).
    curvatures
        m in each step, shape (n,).
    errors
        Measured ‖θ(t_k) − θ_k‖, shape (n + 1,); None where the flow was not given.
    points, flow
        θ_k, shape (n + 1, d), and the flow at the same times, None where it was not given.
    title
        For pictures.

    See Also
    --------
    modeq.deviation_bound : Makes it, with an example.
    """

    t: Array
    bounds: Array
    defects: Array
    curvatures: Array
    errors: Array | None
    points: Array
    flow: Array | None
    title: str

    @property
    def ratio(self) -> float:
        """Largest bound over largest error."""
        if self.errors is None:
            raise ValueError("the ratio compares the bound with measured errors; give the gradient flow: deviation_bound(run, flow)")
        return float(self.bounds.max() / self.errors.max())

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw the bound, and the measured distance if it is known, against the time; in two dimensions the tube in the plane, too."""
        return draw(self, path)

    def __repr__(self) -> str:
        return f"<DeviationBound: {self.title}, at most {self.bounds.max():.3g} until t = {self.t[-1]:.4g}>"


def deviation_bound(run: Trajectory, flow: Trajectory | None = None, *, every: int | None = None, allowance: bool = True) -> DeviationBound:
    r"""Bound the distance of a run of gradient descent from the gradient flow.

    Parameters
    ----------
    run
        What `iterate` returned for gradient descent on a loss; step sizes may change.
    flow
        The gradient flow at the same times, as `integrate` returns it. With it curvature is measured between the two; without it
        around the run, to first order in their distance.
    allowance
        Whether curvature around the run is lowered for the distance from it. Without, and without a flow, the bound holds to leading
        order in h only: an estimate, for runs where nothing can be guaranteed any more.
    every
        Measure curvature at every so many points, and take the smaller of two neighbours in between; by default at each, for more than
        200 parameters at 50 points of the run.

    Returns
    -------
    DeviationBound
        For piecewise losses (relu) kinks between the points that are looked at are not seen: an estimate there, no bound.

    Raises
    ------
    TypeError, ValueError
        If the run is not one of gradient descent on a loss, or the flow is at other times.

    References
    ----------
    E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), I.10; O. Elkabetz, N. Cohen, NeurIPS 2021,
    arXiv 2107.06608.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.deep_chain(3)
    >>> run = mq.iterate(mq.GradientDescent(), E, [0.3, 0.25, 0.2], h=0.05, steps=400)
    >>> flow = mq.integrate(mq.gradient_flow().on(E), [0.3, 0.25, 0.2], h=0.05, steps=400)
    >>> found = mq.deviation_bound(run, flow)
    >>> round(float(found.errors.max()), 4), bool((found.bounds >= found.errors).all()), found.ratio < 1.6
    (0.0236, True, True)
    """
    loss, _ = run_on_loss(run, 1)
    points, sizes = np.ascontiguousarray(run.theta.real), np.asarray(run.step_sizes, dtype=float)
    slopes = loss.gradient(points)
    _check_descent(points, slopes, sizes)
    if flow is not None and (len(flow) != len(run) or not np.allclose(flow.t, run.t)):
        raise ValueError(
            f"the flow must be at the times of the run, {len(run)} points until t = {run.t[-1]:.4g}; integrate it with its h and steps"
        )
    skip = every or (1 if loss.dimension <= WHOLE_HESSIAN else max(1, len(sizes) // _LOOKS))
    chosen = np.unique(np.append(np.arange(0, len(points), skip), len(points) - 1))
    other = None if flow is None else np.ascontiguousarray(flow.theta.real)
    least, bends = _measured(loss, points, other, chosen)
    if not allowance:
        bends = np.zeros_like(bends)
    halfway = loss.gradient((points[:-1] + points[1:]) / 2)
    defects = np.maximum(np.linalg.norm(slopes[1:] - slopes[:-1], axis=1), 2 * np.linalg.norm(halfway - slopes[:-1], axis=1))
    bounds, curvatures = _accumulated(sizes, defects, least, bends)
    errors = None if other is None else np.linalg.norm(other - points, axis=1)
    title = f"gradient descent on {loss.name}"
    return DeviationBound(np.asarray(run.t, dtype=float), bounds, defects, curvatures, errors, points, other, title)


def _check_descent(points: Array, slopes: Array, sizes: Array) -> None:
    expected = points[:-1] - sizes[:, np.newaxis] * slopes[:-1]
    off = np.linalg.norm(points[1:] - expected, axis=1)
    allowed = 1e-6 * (np.linalg.norm(points[1:] - points[:-1], axis=1) + 1e-9 * np.linalg.norm(points[1:], axis=1)) + 1e-12
    if (off > allowed).any():
        raise ValueError("the bound is one for gradient descent, but the run takes other steps; give iterate(GradientDescent(), E, …)")


def _measured(loss: Loss, points: Array, flow: Array | None, chosen: NDArray[np.intp]) -> tuple[Array, Array]:
    """Return for each step m without the allowance for distance, and ½‖∇³E[u, u]‖, the allowance for each unit of it."""
    least, bends = np.empty(len(chosen)), np.zeros(len(chosen))
    vector = None
    for i, k in enumerate(chosen.tolist()):
        least[i], vector = least_curvature(loss, points[k], vector)
        if flow is None:
            bends[i] = np.linalg.norm(loss.third(points[k], vector, vector)) / 2
        else:
            for share in (0.25, 0.5, 0.75, 1.0):
                least[i] = min(least[i], least_curvature(loss, points[k] + share * (flow[k] - points[k]), vector)[0])
    steps = np.diff(chosen).astype(int)
    return np.repeat(np.minimum(least[:-1], least[1:]), steps), np.repeat(np.maximum(bends[:-1], bends[1:]), steps)


def _accumulated(sizes: Array, defects: Array, least: Array, bends: Array) -> tuple[Array, Array]:
    """Solve ė = −m e + δ step by step, exactly for constant m and δ that grows linearly from 0."""
    bounds, curvatures = np.zeros(len(sizes) + 1), np.empty(len(sizes))
    with np.errstate(over="ignore", invalid="ignore"):
        for k, (h, defect) in enumerate(zip(sizes, defects, strict=True)):
            end = bounds[k]
            for _ in range(4):  # the allowance for distance needs that at the end of the step
                m = least[k] - bends[k] * max(bounds[k], end)
                end = np.exp(-m * h) * bounds[k] + h * defect * _phi2(-m * h)
            curvatures[k] = m
            bounds[k + 1] = end if np.isfinite(end) else np.inf
            if not np.isfinite(end):
                bounds[k + 1 :], curvatures[k:] = np.inf, -np.inf
                break
    return bounds, curvatures


def _phi2(z: float) -> float:
    """(e^z − 1 − z)/z²."""
    return 0.5 + z / 6 + z * z / 24 + z**3 / 120 if abs(z) < 1e-3 else float((np.expm1(z) - z) / (z * z))

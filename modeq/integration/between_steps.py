"""A flow between the steps of the method, where principal flows leave the reals; trajectories have points at the steps only."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .trajectory import Trajectory

Array: TypeAlias = NDArray[Any]
_RTOL, _ATOL = 1e-7, 1e-10
_MOST = 2000  # solver's steps within one step of the method; then the rest of it is left out


def between_steps(path: Trajectory, points: int = 24) -> Array:
    """Return the states of a flow at `points` times within each step, and at its end.

    Each step starts from the trajectory's own point, so errors do not add up.

    Parameters
    ----------
    path
        What `integrate` returned. For runs of a method, rod and central flows, and flows on a method's whole state, which are
        known at the steps only, θ at the steps is returned.
    points
        Number of times in each step, ≥ 1; 1 gives the steps themselves.

    Returns
    -------
    ndarray
        θ, shape (1 + steps·points, d); NaN where the flow could not be followed.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.principal_flow(mq.GradientDescent()).on(mq.Loss.from_sympy("x**2/2", ["x"]))
    >>> path = mq.integrate(flow, [1.0], h=1.5, steps=1)
    >>> between_steps(path, 2)[:, 0].round(4) + 0  # (1 − h)^(t/h) at t = 0, h/2, h
    array([ 1. +0.j    ,  0. +0.7071j, -0.5+0.j    ])
    """
    from scipy.integrate import DOP853  # deferred: half a second that deriving equations does not need

    flow = path.flow
    if flow is None or path.states.shape[1] != path.theta.shape[1] or not len(path.step_sizes):
        return path.theta
    result = [path.theta[:1]]
    pieces = flow.pieces(float(path.step_sizes[0]))
    if len(pieces) > 1:
        return path.theta
    for n, h in enumerate(path.step_sizes.tolist()):
        if n and (h != path.step_sizes[n - 1] or flow.changes):
            pieces = flow.pieces(h, n)
        right, accept = pieces[0].right, pieces[0].accept
        if n == 0 and accept is not None:
            accept(path.theta[0])
        block = np.full((points, path.theta.shape[1]), np.nan, path.theta.dtype)
        with np.errstate(all="ignore"):
            stepper = DOP853(right, 0.0, path.theta[n], h, rtol=_RTOL, atol=_ATOL)
            done, times = 0, h * np.arange(1, points + 1) / points
            for _ in range(_MOST):
                if stepper.step() or not np.isfinite(stepper.y).all():
                    break
                dense = stepper.dense_output()
                while done < points and times[done] <= stepper.t * (1 + 1e-14):
                    block[done] = dense(times[done])
                    done += 1
                if accept is not None:
                    accept(stepper.y)
                if stepper.status != "running":
                    break
        block[-1] = path.theta[n + 1]
        result.append(block)
    return np.concatenate(result)

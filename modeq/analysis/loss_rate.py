"""How fast the loss changes along a flow: dE/dt = ∇E·f̃_h."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import Flow, check_flow, check_step

Array: TypeAlias = NDArray[Any]


def loss_rate(flow: Flow, theta: ArrayLike, h: float | ArrayLike) -> Any:
    r"""Return dE/dt along a flow.

    .. math::  \frac{dE}{dt} = \nabla E^T \tilde f_h, \qquad
               \sum_i \alpha(h\lambda_i)\,(u_i^T\nabla E)^2 \text{ for the principal flow of degree 1.}

    At complex points, which principal flows reach beyond hλ = 1, it is the rate of E(Re θ), as `Trajectory.loss` has it.

    Parameters
    ----------
    flow
        An equation bound to a loss.
    theta
        One point, shape (d,), or the points of a trajectory, shape (n, d); real or complex.
    h
        Step size > 0 of the method, or one for each point, shape (n,).

    Returns
    -------
    float or ndarray
        For one point a number, else shape (n,); units: loss per unit time. Below 0 the loss falls.

    Raises
    ------
    TypeError, ValueError
        If the flow is not on a loss, or shapes do not fit.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 4.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[4]])  # 2θ²
    >>> loss_rate(mq.gradient_flow().on(E), [1.0], 0.6)
    -16.0
    >>> beyond = loss_rate(mq.principal_flow(mq.GradientDescent()).on(E), [1.0], 0.6)  # hλ = 2.4, unstable: log|1 − hλ|/(hλ) > 0
    >>> round(beyond, 6)
    2.243148
    """
    check_flow(flow)
    loss = flow.field.require_loss("only losses have a rate dE/dt")
    points = loss.check_points(theta)
    if points.ndim > 2:
        raise ValueError(f"theta must be one point of shape ({loss.dimension},) or have shape (n, {loss.dimension}), got {points.shape}")
    rows = np.atleast_2d(points)
    if np.ndim(h) not in (0, 1) or (np.ndim(h) == 1 and len(np.asarray(h)) != len(rows)):
        raise ValueError(f"h must be one number or one for each of the {len(rows)} points, got shape {np.shape(h)}")
    steps = [check_step(h)] * len(rows) if np.ndim(h) == 0 else [check_step(step) for step in np.asarray(h)]
    slopes = loss.gradient(np.ascontiguousarray(rows.real))
    rates = np.array([slope @ flow(row, step).real for slope, row, step in zip(slopes, rows, steps, strict=True)])
    return float(rates[0]) if points.ndim == 1 else rates

"""Measured order of accuracy: the slope of the one-step error against the step size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import Flow, check_step
from ..integration.iterate import iterate
from ..integration.solve import integrate
from ..methods.method import Method

Array: TypeAlias = NDArray[Any]
_ROUNDING = 200 * np.finfo(float).eps


@final
@dataclass(frozen=True, eq=False)
class OrderEstimate:
    """A fitted slope with the points that it rests on.

    Attributes
    ----------
    slope
        d log(error) / d log(h) over the points used; p + 1 for a flow of order p.
    hs, errors
        Step sizes and one-step errors ‖θ(h) − θ₁‖, shape (n,).
    used
        Which points lie above rounding errors and were fitted, shape (n,).

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.gradient_flow().on(mq.losses.double_well())
    >>> estimate = mq.order_of_accuracy(mq.GradientDescent(), flow, [1.4], [0.02, 0.01])
    >>> round(float(estimate)), estimate.used.all()
    (2, np.True_)
    """

    slope: float
    hs: Array
    errors: Array
    used: Array

    def __float__(self) -> float:
        return self.slope


def order_of_accuracy(method: Method, flow: Flow, theta0: ArrayLike, hs: Sequence[float]) -> OrderEstimate:
    """Fit the slope of the one-step error of a flow against the method.

    Parameters
    ----------
    method
        The method; with memory it starts on its smooth solution.
    flow
        The flow, bound to the loss or field on which both are run.
    theta0
        Starting point, shape (d,).
    hs
        At least two step sizes, small enough that the leading term of the error dominates.

    Returns
    -------
    OrderEstimate
        Points whose error is not well above rounding (200 ε ‖θ‖) are left out of the fit.

    Raises
    ------
    ValueError
        If fewer than two points lie above rounding errors; then larger step sizes are needed.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.double_well()
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(E)
    >>> round(mq.order_of_accuracy(mq.GradientDescent(), flow, [1.4], [0.02, 0.01, 0.005]).slope)
    3
    """
    steps = np.array([check_step(h) for h in np.atleast_1d(np.asarray(hs, dtype=object))])
    if len(steps) < 2:
        raise ValueError(f"a slope needs at least two step sizes, got {len(steps)}")
    size = float(np.abs(np.asarray(theta0, dtype=complex)).max()) or 1.0
    errors = np.empty(len(steps))
    for i, h in enumerate(steps):
        step = iterate(method, flow.field, theta0, h=h, steps=1, start="smooth")
        path = integrate(flow, theta0, h=h, steps=1, rtol=3e-14, atol=1e-16 * size)  # biases, for example, start at 0
        errors[i] = np.linalg.norm(path.theta[-1] - step.theta[-1]) if len(path) == len(step) == 2 else np.nan
    used = errors > _ROUNDING * np.linalg.norm(np.asarray(theta0, dtype=complex))
    if used.sum() < 2:
        raise ValueError(f"fewer than two of the errors {errors} lie above rounding; use larger step sizes")
    slope = float(np.polyfit(np.log(steps[used]), np.log(errors[used]), 1)[0])
    return OrderEstimate(slope, steps, errors, used)

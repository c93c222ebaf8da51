"""Per-step drift: how far a flow and one step of its method end up from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import Flow, check_flow, check_step
from ..integration.iterate import iterate
from ..integration.solve import integrate
from .eigenpairs import real_point

Array: TypeAlias = NDArray[Any]


@final
@dataclass(frozen=True, eq=False)
class StepDrift:
    """The drift of a flow from one step of its method; arrays have shape (d,), units are those of θ.

    Attributes
    ----------
    vector
        θ(h) − θ_1, complex for principal flows; NaN where the flow or the method has no end.
    leading
        What is known of it in advance, −h times the next order or degree of the field: +(h²/2) ∇²E∇E for the gradient flow of gradient
        descent. NaN where there is no next one.
    message
        What went wrong, if anything did.

    See Also
    --------
    modeq.per_step_drift : Makes it, with an example.
    """

    vector: Array
    leading: Array
    message: str

    @property
    def size(self) -> float:
        """‖θ(h) − θ_1‖."""
        return float(np.linalg.norm(self.vector))

    @property
    def leading_size(self) -> float:
        """Norm of the leading term: (h²/2)‖∇²E∇E‖ for the gradient flow of gradient descent."""
        return float(np.linalg.norm(self.leading))


def per_step_drift(flow: Flow, theta: ArrayLike, h: float) -> StepDrift:
    r"""Measure the distance of a flow from its method after one step from the same point.

    .. math::  \theta(h) - \theta_1 = \tfrac{h^2}{2}\,\nabla^2E\,\nabla E + O(h^3) \quad\text{for the gradient flow of gradient descent}

    Parameters
    ----------
    flow
        A flow that follows a method: of a modified equation, a principal flow, the flow of a map.
    theta
        One real point, shape (d,). A method with memory starts on its smooth solution there.
    h
        Step size > 0.

    Returns
    -------
    StepDrift

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together.

    References
    ----------
    Barrett, Dherin 2021, arXiv 2009.11162; Rosca, Wu, Qin, Dherin 2023, arXiv 2302.01952, section 7.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.gradient_flow().on(mq.losses.quadratic([[2]]))
    >>> drift = per_step_drift(flow, [1.0], 0.01)  # e^(−hλ) − (1 − hλ)
    >>> round(drift.size, 10), round(drift.leading_size, 10)
    (0.0001986733, 0.0002)
    """
    check_flow(flow)
    if flow.method is None:
        raise ValueError(f"the {flow} follows no method step by step; take a modified equation or a principal flow")
    step, point, count = check_step(h), real_point(flow.field, theta), flow.period
    term = flow.error_estimate(flow.start(point, step)[np.newaxis], step)
    leading = np.full(len(point), np.nan) if term is None else -count * step * flow.output(term)[0]
    end = iterate(flow.method, flow.field, point, h=step, steps=count, start="rest" if flow.starts_at_rest else "smooth")
    path = integrate(flow, point, h=step, steps=count, rtol=3e-14, atol=1e-15 * max(float(np.abs(point).max()), 1e-300))
    trouble = [run.message for run in (end, path) if not run.completed]
    vector = np.full(len(point), np.nan) if trouble else path.theta[-1] - end.theta[-1]
    return StepDrift(vector, leading, "; ".join(trouble))

"""Sharpness against its threshold along a run: 2/h for gradient descent, where training settles at the edge of stability.

Reference: J. Cohen, S. Kaur, Y. Li, J. Z. Kolter, A. Talwalkar, Gradient descent on neural networks typically occurs at the edge of
stability, ICLR 2021, arXiv 2103.00065; thresholds of momentum there in section 2.
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
from ..methods.method import Method
from .critical_rates import bounds
from .stability_coefficients import single_field_roots

Array: TypeAlias = NDArray[Any]


@final
@dataclass(frozen=True, eq=False, repr=False)
class EdgeOfStability:
    """Sharpness and step size along a run; every array has shape (m,), one entry for each point looked at.

    Attributes
    ----------
    method
        The method whose threshold it is.
    n, t
        Number of steps before the point, and time.
    step_sizes
        h of the step that starts there; at the last point that of the last step.
    sharpness
        Largest eigenvalue of the Hessian at the real part of the point.
    threshold
        Sharpness from which the method is unstable with this step size: 2/h for gradient descent, 2(1 + β)/h for heavy ball.
    loss
        E there.
    title
        For pictures.

    See Also
    --------
    modeq.edge_of_stability : Makes it, with an example.
    """

    method: Method
    n: Array
    t: Array
    step_sizes: Array
    sharpness: Array
    threshold: Array
    loss: Array
    title: str

    @property
    def beyond(self) -> Array:
        """Whether the sharpness exceeds its threshold, shape (m,)."""
        exceeds: Array = self.sharpness > self.threshold
        return exceeds

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw step size, sharpness and loss against the step; see `modeq.plotting.plot_edge_of_stability` for several runs."""
        return draw(self, path)

    def __repr__(self) -> str:
        return f"<EdgeOfStability: {self.title}, beyond at {int(self.beyond.sum())} of {len(self.n)} points>"


def edge_of_stability(method: Method, path: Trajectory, *, every: int = 1) -> EdgeOfStability:
    """Measure sharpness against its threshold along a run of a method, or of one of its flows.

    Parameters
    ----------
    method
        The method that was run, or modelled; one field, numeric parameters.
    path
        What `iterate` or `integrate` returned, on a loss; at least one step.
    every
        Look at every so many steps. Sharpness takes the Hessian up to 200 coordinates, Lanczos' method beyond.

    Returns
    -------
    EdgeOfStability
        With ``plot()`` for step size, sharpness and loss.

    Raises
    ------
    TypeError, ValueError
        If the run is on a vector field or has no step, or the method's threshold is not known.

    References
    ----------
    Cohen, Kaur, Li, Kolter, Talwalkar, ICLR 2021, arXiv 2103.00065.

    Examples
    --------
    >>> import modeq as mq
    >>> gd = mq.GradientDescent()
    >>> path = mq.iterate(gd, mq.losses.double_well(), [1.3], h=0.8, steps=3)  # E″ = 3θ² − 1
    >>> edge = mq.edge_of_stability(gd, path)
    >>> edge.sharpness.round(2), edge.threshold
    (array([4.07, 0.02, 1.38, 2.23]), array([2.5, 2.5, 2.5, 2.5]))
    """
    single_field_roots(method)
    loss, chosen = run_on_loss(path, every)
    sizes = np.append(path.step_sizes, path.step_sizes[-1])[chosen]
    points = np.ascontiguousarray(path.theta.real[chosen])
    sharpness = np.array([loss.sharpness(point) for point in points])
    title = f"{method.name} on {loss.name}"
    return EdgeOfStability(method, chosen, path.t[chosen], sizes, sharpness, bounds(method)[1] / sizes, loss(points), title)


def run_on_loss(path: Trajectory, every: int) -> tuple[Loss, Array]:
    """Return the loss of a run and the indices of every so many points, or raise."""
    if not isinstance(path, Trajectory):
        raise TypeError(f"expected a trajectory, as iterate and integrate return, got {type(path).__name__}")
    loss = path.field.require_loss("sharpness is that of a loss")
    if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
        raise ValueError(f"every is a number of steps ≥ 1, got {every!r}")
    if not len(path.step_sizes):
        raise ValueError(f"the run has no step ({path.message}); give one of at least one step")
    return loss, np.arange(0, len(path), int(every))

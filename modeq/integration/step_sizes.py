r"""Step sizes that change along a run: schedules, and the drift-adjusted learning rate.

A rule gives the step size :math:`h_n` of step n = 0, 1, … from the point :math:`\theta_n` at which the step starts; the time after n
steps is :math:`t_n = h_0 + \dots + h_{n-1}`.
"""

from __future__ import annotations

import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import check_step
from ..losses.field import Field

Array: TypeAlias = NDArray[Any]


class StepSizeRule(ABC):
    """What gives the step size of each step; derive from it for rules of your own.

    Examples
    --------
    >>> import modeq as mq
    >>> class ByLoss(StepSizeRule):  # Polyak's step size for a loss whose minimum is 0
    ...     def __call__(self, n, theta, field):
    ...         return field(theta) / float(field.gradient(theta) @ field.gradient(theta))
    ...
    ...     def __str__(self):
    ...         return "Polyak"
    >>> mq.iterate(mq.GradientDescent(), mq.losses.quadratic([[4]]), [1.0], h=ByLoss(), steps=2).theta.ravel()
    array([1.  , 0.5 , 0.25])
    """

    @abstractmethod
    def __call__(self, n: int, theta: Array, field: Field) -> float:
        """Return h_n > 0 for step n, which starts at the real point θ, shape (d,); NaN or ∞ ends the run with a message."""

    @abstractmethod
    def __str__(self) -> str:
        """Return a few words for titles."""


StepSize: TypeAlias = float | ArrayLike | Callable[[int], float] | StepSizeRule
"""A number, one number for each step, a function of n = 0, 1, …, or a rule such as ``dal(power=1)``."""


@final
@dataclass(frozen=True, eq=False)
class Schedule(StepSizeRule):
    """Step sizes that are known beforehand.

    Attributes
    ----------
    values
        h_0, h_1, …, shape (steps,).
    """

    values: Array

    def __call__(self, n: int, theta: Array, field: Field) -> float:
        """Return ``values[n]``."""
        return float(self.values[n])

    def __str__(self) -> str:
        least, largest = f"{self.values.min():.3g}", f"{self.values.max():.3g}"
        return least if least == largest else f"scheduled, {least} to {largest}"


@final
@dataclass(frozen=True)
class DriftAdjusted(StepSizeRule):
    """The drift-adjusted learning rate; see `dal`."""

    power: float
    largest: float

    def __call__(self, n: int, theta: Array, field: Field) -> float:
        """Return 2/‖∇²E ĝ‖ᵖ at θ, at most `largest`; NaN where the gradient is 0, and ∞ where ∇²E ĝ is, unless `largest` bounds it."""
        f = field.value(theta)
        size = float(np.abs(f).max())
        if size == 0:
            return self.largest if np.isfinite(self.largest) else np.nan
        direction = f / size  # first, so that squares do not underflow
        direction = direction / np.linalg.norm(direction)
        turned = field.jvp(theta, direction)
        with np.errstate(divide="ignore"):
            return float(np.minimum(2.0 / np.float64(np.linalg.norm(turned)) ** self.power, self.largest))

    def __str__(self) -> str:
        return f"DAL, p = {self.power:g}" + f", at most {self.largest:g}" * bool(np.isfinite(self.largest))


def dal(power: float = 1, *, largest: float = np.inf) -> DriftAdjusted:
    r"""Return the drift-adjusted learning rate DAL-p, a step size for `iterate`, `integrate` and `compare`.

    .. math:: h(\theta) = \frac{2}{\|\nabla^2 E\,\hat g\|^p}, \qquad \hat g = \nabla E/\|\nabla E\|

    The gradient flow drifts away from gradient descent by :math:`\tfrac{h^2}{2}\|\nabla^2E\,\nabla E\|` in a step; so the larger
    :math:`\|\nabla^2E\,\hat g\|`, the smaller the step. It is at most the largest |λ|, so for p = 1 the step is never below
    2/|λ|_max, and just there when the gradient points along the sharpest direction.

    Parameters
    ----------
    power
        p ≥ 0: 1 is DAL itself, smaller powers adjust less, 0 is the constant 2. For p ≠ 1 the rate depends on the units of E, as
        every fixed rate does.
    largest
        Upper bound of h, for losses with flat regions.

    Returns
    -------
    DriftAdjusted
        A rule; it costs a gradient and a Hessian–vector product for each step. For vector fields ∇E is −f and ∇²E is −f′.

    Raises
    ------
    ValueError
        If the power is not a number ≥ 0, or the bound is no number > 0.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 7.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[4, 0], [0, 1]])
    >>> path = mq.iterate(mq.GradientDescent(), E, [0.0, 3.0], h=mq.dal(power=1), steps=2)
    >>> path.step_sizes  # 2/λ in the direction of the gradient
    array([2., 2.])
    """
    if isinstance(power, bool) or not isinstance(power, numbers.Real) or not 0 <= power < np.inf:
        raise ValueError(f"power is the exponent p ≥ 0 of DAL-p, 1 for DAL itself, got {power!r}")
    if isinstance(largest, bool) or not isinstance(largest, numbers.Real) or not largest > 0:
        raise ValueError(f"largest is an upper bound > 0 of the step size, got {largest!r}")
    return DriftAdjusted(float(power), float(largest))


def step_size(h: StepSize, steps: int) -> float | StepSizeRule:
    """Return a number for a constant step size and a rule for all others, or raise.

    Schedules are evaluated here, so that a bad entry raises before any work.
    """
    if isinstance(h, StepSizeRule):
        return h
    if callable(h):
        return _schedule([h(n) for n in range(max(steps, 1))])
    if isinstance(h, (list, tuple, np.ndarray)):
        values = list(h) if np.ndim(h) == 1 else []
        if len(values) < max(steps, 1):
            raise ValueError(
                f"a schedule has one step size for each of the {max(steps, 1)} steps, got shape {np.shape(h)}; "
                "give a list as long as that, a function of n, or one number"
            )
        return _schedule(values[: max(steps, 1)])
    return check_step(h)


def _schedule(values: list[Any]) -> Schedule:
    checked = np.empty(len(values))
    for n, value in enumerate(values):
        try:
            checked[n] = check_step(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{error} for step {n}") from None
    return Schedule(checked)


def refusal(rule: StepSizeRule, step: float, n: int) -> str:
    """Say in words that a rule gave no step size, or nothing if it did; a rule may be the user's and return anything."""
    try:
        check_step(step)
    except (TypeError, ValueError):
        reason = "; its gradient or ∇²E ĝ is 0 or not finite there, largest=… bounds it" if isinstance(rule, DriftAdjusted) else ""
        return f"the step size ({rule}) is {step} after step {n}{reason}"
    return ""


def times(step_sizes: Array) -> Array:
    """Return t_0 = 0, t_1, …, shape (n + 1,), for h_0, h_1, …; n·h, without rounding errors that add up, for a constant step size."""
    if len(step_sizes) and (step_sizes == step_sizes[0]).all():
        result: Array = step_sizes[0] * np.arange(len(step_sizes) + 1)
        return result
    return np.concatenate([[0.0], np.cumsum(step_sizes)])

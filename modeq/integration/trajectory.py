"""What a run leaves behind: points in time, losses, and how it ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import Any, final

import numpy as np

from ..flows.flow import Array, Flow, Status
from ..losses.field import Field
from ..records.record import Variable
from ..records.trajectory_record import TrajectoryRecord
from .domain_of_validity import Validity, validity_of_run
from .kept import Kept
from .solution import Solution


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Trajectory(Kept):
    """Points of a run at t = 0, h, 2h, …, or t_n = h_0 + … + h_{n−1}; shorter than asked for when the run ended early.

    Attributes
    ----------
    t
        Times n·h, or the sums t_n of the step sizes, shape (n,).
    theta
        Points, shape (n, d); complex for principal flows.
    status, message
        How the run ended: one word and one sentence; see `Status`.
    evaluations
        Number of field evaluations; for methods steps × stages, without those of Newton's method inside implicit ones.
    field
        The loss or vector field.
    flow, h
        What was integrated, with which step size; None for runs of a method. For step sizes that change h is None as well.
    step_sizes
        h_n of the steps that were taken, from point n to n + 1, shape (n − 1,).
    extras
        What a rod flow (``"delta"``, ``"spread"``) or central flow (``"sharpness"``, ``"variance"``) knows besides θ, one row for each
        point; empty for others.
    states
        Whole states of a flow, shape (n, m), see `Flow`; empty for runs of a method. `state` has their parts by name.
    t_between, theta_between
        Times and points at the substeps of `integrate`, those at the steps among them, shapes (l,) and (l, d); empty for runs of a
        method.
    t_events, theta_events
        Times, shape (e,), and points, shape (e, d), of each event that `integrate` looked for.
    solution
        θ at any time, if `integrate` kept it.
    jumps
        Numbers n of the points from which the run jumped with the method, as flows with jumps do where they do not follow it.

    Examples
    --------
    >>> import modeq as mq
    >>> path = mq.iterate(mq.GradientDescent(), mq.losses.saddle(), [1.0, 1.0], h=0.5, steps=2)
    >>> path.theta[-1], path.status, float(path.loss[-1])
    (array([0.25, 2.25]), 'completed', -2.5)
    """

    t: Array
    theta: Array
    status: Status
    message: str
    evaluations: int
    field: Field = dataclasses.field(repr=False)
    flow: Flow | None = dataclasses.field(default=None, repr=False)
    h: float | None = dataclasses.field(default=None, repr=False)
    step_sizes: Array = dataclasses.field(default_factory=lambda: np.empty(0), repr=False)
    extras: Mapping[str, Array] = dataclasses.field(default_factory=dict, repr=False)
    states: Array = dataclasses.field(default_factory=lambda: np.empty((0, 0)), repr=False)
    t_between: Array = dataclasses.field(default_factory=lambda: np.empty(0), repr=False, kw_only=True)
    theta_between: Array = dataclasses.field(default_factory=lambda: np.empty((0, 0)), repr=False, kw_only=True)
    t_events: tuple[Array, ...] = dataclasses.field(default=(), repr=False, kw_only=True)
    theta_events: tuple[Array, ...] = dataclasses.field(default=(), repr=False, kw_only=True)
    solution: Solution | None = dataclasses.field(default=None, repr=False, kw_only=True)
    jumps: tuple[int, ...] = dataclasses.field(default=(), repr=False, kw_only=True)

    @cached_property
    def validity(self) -> Validity | None:
        """Where the flow stops describing its method, and a verdict. Measured on first use; None for runs of a method."""
        if self.flow is None:
            return None
        return validity_of_run(
            self.flow, self.step_sizes if self.h is None else self.h, self.t, self.states, self.evaluations, self.status, self.message
        )

    @property
    def verdict(self) -> str:
        """One line on how far the flow can be trusted, empty for runs of a method."""
        return "" if self.validity is None else self.validity.verdict

    @property
    def period(self) -> int:
        """The period k if the flow describes every k-th iterate; else 1."""
        return 1 if self.flow is None else self.flow.period

    @property
    def state(self) -> Mapping[str, Array]:
        """θ and what else is known, the memory of a smooth update for example, by name, one row for each point.

        Examples
        --------
        >>> import modeq as mq
        >>> path = mq.iterate(mq.RMSProp(0.5), mq.losses.quadratic([[1]]), [2.0], h=0.1, steps=1)
        >>> path.state["v"]
        array([[0.],
               [2.]])
        """
        return {"θ": self.theta, **self.extras}

    @property
    def loss(self) -> Array | None:
        """E at the real part of each point, shape (n,); None for vector fields."""
        return self.field.potential(self.theta.real)

    @property
    def completed(self) -> bool:
        """Whether every step was done."""
        return self.status == "completed"

    def __len__(self) -> int:
        return len(self.t)

    @cached_property
    def record(self) -> TrajectoryRecord:
        """All numbers and texts of the run as labelled arrays: what is saved, and what tables are made of."""
        sizes = np.full(len(self), np.nan)
        sizes[: len(self.step_sizes)] = self.step_sizes
        variables: dict[str, Variable] = {
            "step": (("step",), np.arange(len(self))),
            "coordinate": (("coordinate",), np.array(self.field.coordinates)),
            "t": (("step",), self.t),
            "step_size": (("step",), sizes),
            "theta": (("step", "coordinate"), self.theta),
        }
        if self.loss is not None:
            variables["loss"] = (("step",), np.asarray(self.loss))
        for name, values in self.extras.items():
            variables[name] = (("step", *(f"{name}_{axis}" for axis in range(1, values.ndim))), values)
        if self.states.shape[1] > self.theta.shape[1]:
            variables["state"] = (("step", "entry"), self.states)
        what = "run" if self.flow is None else str(self.flow)
        attributes = {
            "title": f"{what} on {self.field.name}, {len(self) - 1} steps" + ("" if self.h is None else f", h = {self.h:g}"),
            "field": self.field.name,
            "status": self.status,
            "message": self.message,
            "evaluations": self.evaluations,
            "verdict": self.verdict,
        }
        return TrajectoryRecord(variables, attributes)


def check_steps(steps: Any) -> int:
    """Return the number of steps, or raise unless it is an integer ≥ 0."""
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)):
        raise TypeError(f"steps must be an integer ≥ 0, got {steps!r}")
    if steps < 0:
        raise ValueError(f"steps must be an integer ≥ 0, got {steps}")
    return int(steps)


def check_finite(point: Array, what: str) -> Array:
    """Return a starting point, or raise if it has NaN or infinite entries."""
    if not np.isfinite(point).all():
        raise ValueError(f"{what} must be finite, got {point}")
    return point

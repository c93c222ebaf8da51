"""What many runs leave behind, each with an end of its own."""

from __future__ import annotations

import dataclasses
import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, final

import numpy as np

from ..flows.flow import Array, Flow, Status
from ..losses.field import Field
from ..records.record import Variable
from ..records.trajectories_record import TrajectoriesRecord
from .kept import Drawn
from .trajectory import Trajectory


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Trajectories(Drawn):
    """Runs from k points: ``runs[i]`` is the trajectory from the point number i, ``len(runs)`` is k.

    Drawn in the plane in two dimensions, else as losses or distances from the start against the step.

    Attributes
    ----------
    t
        Times n·h, shape (n,).
    theta
        Points, shape (k, n, d); NaN after the end of a run that ended early.
    points
        Number of points that each run reached, shape (k,).
    status, messages
        How each run ended, k words and k sentences; see `Status`.
    evaluations
        Number of field evaluations of each run, shape (k,).
    field
        The loss or vector field.
    flow, h
        What was integrated, None for runs of a method; and the step size.
    states
        Whole states of a flow, shape (k, n, m); empty for runs of a method.
    extras
        What runs know besides θ, by name, k rows.

    Examples
    --------
    >>> import modeq as mq
    >>> runs = mq.iterate(mq.GradientDescent(), mq.losses.double_well(), [[1.4], [0.5], [-9.0]], h=0.1, steps=2)
    >>> runs.theta.shape, runs.status
    ((3, 3, 1), ('completed', 'completed', 'completed'))
    >>> runs[0].theta.ravel().round(4)
    array([1.4   , 1.2656, 1.1894])
    """

    t: Array
    theta: Array
    points: Array
    status: tuple[Status, ...]
    messages: tuple[str, ...]
    evaluations: Array
    field: Field = dataclasses.field(repr=False)
    flow: Flow | None = dataclasses.field(default=None, repr=False)
    h: float | None = dataclasses.field(default=None, repr=False)
    states: Array = dataclasses.field(default_factory=lambda: np.empty((0, 0, 0)), repr=False)
    extras: Mapping[str, Array] = dataclasses.field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.theta)

    def __getitem__(self, number: int) -> Trajectory:
        """Return one run."""
        number = operator.index(number)
        n = int(self.points[number])
        states = self.states[number, :n] if len(self.states) else np.empty((0, 0))
        extras = {name: values[number, :n] for name, values in self.extras.items()}
        theta = self.theta[number, :n]
        ended = self.status[number], self.messages[number], int(self.evaluations[number])
        between: dict[str, Any] = {} if self.flow is None else {"t_between": self.t[:n], "theta_between": theta}
        h = None if self.flow is None else self.h
        return Trajectory(self.t[:n], theta, *ended, self.field, self.flow, h, np.diff(self.t[:n]), extras, states, **between)

    @property
    def completed(self) -> Array:
        """Whether every step was done, shape (k,)."""
        return np.array([word == "completed" for word in self.status])

    @property
    def loss(self) -> Array | None:
        """E at the real part of each point, shape (k, n); None for vector fields."""
        return self.field.potential(self.theta.real)

    @property
    def title(self) -> str:
        """One line that says what was run."""
        what = "run" + "s" * (len(self) != 1) + ("" if self.flow is None else f" of {self.flow}")
        return f"{len(self)} {what} on {self.field.name}, {len(self.t) - 1} steps" + ("" if self.h is None else f", h = {self.h:g}")

    @cached_property
    def record(self) -> TrajectoriesRecord:
        """All numbers and texts of the runs as labelled arrays: what is saved, and what tables are made of."""
        variables: dict[str, Variable] = {
            "path": (("path",), np.arange(len(self))),
            "step": (("step",), np.arange(len(self.t))),
            "coordinate": (("coordinate",), np.array(self.field.coordinates)),
            "t": (("step",), self.t),
            "theta": (("path", "step", "coordinate"), self.theta),
            "points": (("path",), self.points),
            "status": (("path",), np.array(self.status)),
            "message": (("path",), np.array(self.messages)),
            "evaluations": (("path",), self.evaluations),
        }
        if self.loss is not None:
            variables["loss"] = (("path", "step"), np.asarray(self.loss))
        for name, values in self.extras.items():
            variables[name] = (("path", "step", *(f"{name}_{axis}" for axis in range(2, values.ndim))), values)
        return TrajectoriesRecord(variables, {"title": self.title, "field": self.field.name})

    def __repr__(self) -> str:
        ends = ", ".join(f"{count} {word}" for word, count in Counter(self.status).items())
        return f"<Trajectories: {self.title}: {ends}>"


def stacked(runs: Sequence[Trajectory], steps: int, h: float | None) -> Trajectories:
    """Return runs that were made one by one together, of so many steps, back in time if negative; with no h the times of the longest."""
    longest = max(runs, key=len)

    def padded(values: Array) -> Array:
        result = np.full((abs(steps) + 1, *values.shape[1:]), np.nan, values.dtype)
        result[: len(values)] = values
        return result

    t = padded(longest.t) if h is None else np.copysign(h, steps) * np.arange(abs(steps) + 1)
    kinds = np.result_type(*(run.theta.dtype for run in runs))
    return Trajectories(
        t,
        np.array([padded(run.theta.astype(kinds)) for run in runs]),
        np.array([len(run) for run in runs]),
        tuple(run.status for run in runs),
        tuple(run.message for run in runs),
        np.array([run.evaluations for run in runs]),
        longest.field,
        longest.flow,
        h,
        np.array([padded(run.states) for run in runs]) if longest.states.size else np.empty((0, 0, 0)),
        {name: np.array([padded(run.extras[name]) for run in runs]) for name in longest.extras},
    )

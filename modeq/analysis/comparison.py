"""A method against its flows: who stays close to the iterates, and for how long."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..extension_points import animate, draw
from ..integration.domain_of_validity import grade_of, percent
from ..integration.kept import Kept
from ..integration.step_sizes import StepSizeRule
from ..integration.trajectory import Trajectory
from ..losses.field import Field
from ..methods.method import Method
from ..records.comparison_record import ComparisonRecord, steps_that_count
from ..records.html import image_html, table_html
from ..records.record import Variable
from .deviation_bound import DeviationBound, deviation_bound

Array: TypeAlias = NDArray[Any]
_COLUMNS = 100  # with more coordinates, tables leave them out


@final
@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Kept):
    """The iterates of a method and the trajectories of flows from the same point.

    Attributes
    ----------
    method, field, h, steps, start
        What was run; h is a number, or a rule where the step size changes along the run.
    iterates
        The method's own trajectory.
    trajectories
        One for each flow, in the order asked for, by the name or order that it was asked for with.
    notes
        What was left out of the flows that run when none is asked for, and why.

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=3, flows=["igr", 4])
    >>> bool(report.errors[4].max() < report.errors["igr"].max())
    True
    """

    method: Method
    field: Field
    h: float | StepSizeRule
    steps: int
    start: str
    iterates: Trajectory
    trajectories: Mapping[str | int, Trajectory]
    notes: tuple[str, ...] = ()

    @property
    def errors(self) -> Mapping[str | int, Array]:
        """‖Re θ(nh) − Re θ_n‖ by flow, shape (steps+1,); NaN where the flow says nothing or one did not get.

        A flow of two steps as one map says nothing about odd steps.
        """
        return self._by_flow(lambda flow, method: np.linalg.norm(flow.real - method.real, axis=1))

    @property
    def bounds(self) -> DeviationBound:
        """The bound on the distance of gradient descent from the gradient flow; see `modeq.deviation_bound`.

        Between the two where the gradient flow was among the flows, else around the iterates. ``report.bounds.plot()`` draws the tube.

        Raises
        ------
        ValueError
            If the method was not gradient descent, or the field has no loss.
        """
        flow = next((self.trajectories[label] for label in ("gradient", 1) if label in self.trajectories), None)
        return deviation_bound(self.iterates, flow if flow is not None and len(flow) == len(self.iterates) else None)

    @property
    def averages(self) -> Array:
        """(θ_{n−1} + 2θ_n + θ_{n+1})/4, what is left of the iterates without oscillations from step to step, shape (steps+1, d).

        NaN for the first and the last step, which have a neighbour on one side only, and where the method did not get.
        """
        theta = self.iterates.theta.real
        result = np.full((self.steps + 1, theta.shape[1]), np.nan)
        with np.errstate(over="ignore", invalid="ignore"):
            result[1 : len(theta) - 1] = (theta[:-2] + 2 * theta[1:-1] + theta[2:]) / 4
        return result

    @property
    def average_errors(self) -> Mapping[str | int, Array]:
        """‖Re θ(nh) − average at n‖ by flow, shape (steps+1,); see `averages`. What rod and central flows are made for."""
        return self._by_flow(lambda flow, _: np.linalg.norm(flow.real - self.averages[: len(flow)], axis=1))

    @property
    def imaginary(self) -> Mapping[str | int, Array]:
        """‖Im θ(nh)‖ by flow, shape (steps+1,); large values say that the flow has left the real world. The table looks between too."""
        return self._by_flow(lambda flow, method: np.linalg.norm(flow.imag, axis=1))

    def _by_flow(self, measure: Any) -> Mapping[str | int, Array]:
        result: dict[str | int, Array] = {}
        for label, path in self.trajectories.items():
            common = min(len(path), len(self.iterates))
            values = np.full(self.steps + 1, np.nan)
            with np.errstate(over="ignore", invalid="ignore"):  # a diverging run overflows
                values[:common] = measure(path.theta[:common], self.iterates.theta[:common])
            values[np.arange(self.steps + 1) % path.period != 0] = np.nan
            result[label] = values
        return MappingProxyType(result)

    @property
    def verdicts(self) -> Mapping[str | int, str]:
        """One line by flow: how far it can be trusted, judged from the flow alone; see `Trajectory.validity`.

        Rod and central flows are judged by the averages of the iterates, which they follow.
        """
        return MappingProxyType({label: self._verdict(label, path) for label, path in self.trajectories.items()})

    def _verdict(self, label: str | int, path: Trajectory) -> str:
        off = self.average_errors[label]
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run overflows
            extent = np.linalg.norm(self.iterates.theta.real - self.iterates.theta[0].real, axis=1).max()
        if path.flow is None or not path.flow.follows_averages or not path.completed or not np.isfinite(off).any() or not extent > 0:
            return path.verdict
        share = float(np.nanmax(off) / extent)
        return f"{grade_of(share)}: follows averages of iterates, off by {percent(share)} of the way from them"

    @cached_property
    def record(self) -> ComparisonRecord:
        """All numbers and texts of the comparison as labelled arrays: what is saved, and what tables are made of."""
        paths = self.trajectories.values()

        def over_steps(values: list[Array | None]) -> Variable:
            return ("flow", "step"), np.array([self._padded(one) for one in values])

        points = np.array([self._padded(path.theta) for path in paths])
        largest = [np.linalg.norm(path.theta_between.imag, axis=1).max(initial=0.0) for path in paths]
        variables: dict[str, Variable] = {
            "flow": (("flow",), np.array([str(label) for label in self.trajectories])),
            "step": (("step",), np.arange(self.steps + 1)),
            "coordinate": (("coordinate",), np.array(self.field.coordinates)),
            "t": (("step",), self._padded(self.iterates.t)),
            "step_size": (("step",), self._padded(self.iterates.step_sizes)),
            "iterates": (("step", "coordinate"), self._padded(self.iterates.theta)),
            "theta": (("flow", "step", "coordinate"), points),
            "error": over_steps(list(self.errors.values())),
            "average_error": over_steps(list(self.average_errors.values())),
            "imaginary": over_steps(list(self.imaginary.values())),
            "largest_imaginary": (("flow",), np.array(largest)),
            "points": (("flow",), np.array([len(path) for path in paths])),
            "period": (("flow",), np.array([path.period for path in paths])),
            "evaluations": (("flow",), np.array([path.evaluations for path in paths])),
            "status": (("flow",), np.array([path.status for path in paths])),
            "message": (("flow",), np.array([path.message for path in paths])),
            "verdict": (("flow",), np.array(list(self.verdicts.values()))),
        }
        if self.iterates.loss is not None:
            variables["iterates_loss"] = (("step",), self._padded(self.iterates.loss))
            variables["loss"] = over_steps([path.loss for path in paths])
        attributes = {
            "title": self.title,
            "method": self.method.name,
            "field": self.field.name,
            "h": str(self.h),
            "start": self.start,
            "iterates_status": self.iterates.status,
            "iterates_message": self.iterates.message,
            "notes": json.dumps(self._all_notes(), ensure_ascii=False),
        }
        return ComparisonRecord(variables, attributes)

    def _all_notes(self) -> list[str]:
        """Return the sentences below a table: trouble of the method, verdicts, what differs at the start, and what was left out."""
        notes = [f"{label}: {verdict}" for label, verdict in self.verdicts.items()]
        if not self.iterates.completed:
            counted = steps_that_count(self.iterates.theta, self.iterates.status)
            until = "" if counted.all() else f"; the errors are those up to step {counted.sum() - 1}"
            notes.insert(0, f"{self.method.name}: {self.iterates.message}{until}")
        smooth = [str(label) for label, path in self.trajectories.items() if path.flow is not None and not path.flow.starts_at_rest]
        if self.method.states > 1 and self.start == "rest" and smooth:
            notes.append(f"started from rest; {', '.join(smooth)}: the smooth solution, without the transient, which 'map' has")
        return [*notes, *self.notes]

    def table(self) -> str:
        """Return errors and costs as aligned text.

        Mean, largest and final error, mean distance to the averages of the iterates, evaluations, how each run ended, verdicts.
        """
        return self.record.table()

    @property
    def title(self) -> str:
        """One line that says what was compared."""
        step = str(self.h) if isinstance(self.h, StepSizeRule) else f"{self.h:g}"
        return f"{self.method.name} on {self.field.name}, h = {step}, {self.steps} steps"

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<Comparison: {self.title}>"

    def plot(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        ax: Any = None,
        figsize: tuple[float, float] | None = None,
        title: str | None = None,
    ) -> Any:
        """Draw trajectories (in one and two coordinates), error against step and loss against step.

        Parameters
        ----------
        path
            Where to save the picture; its ending chooses the format. Not saved when left out.
        ax
            Axes of a figure of your own, one or several: one panel is drawn into each.
        figsize
            Width and height of a new figure in inches.
        title
            Instead of the report's own; an empty text for none.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib is not installed (the extra ``plot``).
        """
        return draw(self, path, ax=ax, figsize=figsize, title=title)

    def animate(self, path: str | os.PathLike[str] | None = None, *, frames: int = 60, seconds: float = 6.0) -> Any:
        """Draw the run as it happens: the iterates and the flows, up to step n in frame after frame.

        Parameters
        ----------
        path
            Where to save it, a ``.gif``. Not saved when left out.
        frames
            Largest number of pictures, ≥ 2.
        seconds
            How long it takes, > 0.

        Returns
        -------
        modeq.plotting.Animation
            A notebook shows it where it is the value of a cell.

        Raises
        ------
        ImportError
            If matplotlib is not installed (the extra ``plot``).
        ValueError
            If a number is out of its range, or the file is no GIF.
        """
        return animate(self, path, frames, seconds)

    def _repr_html_(self) -> str:
        try:
            picture = image_html(self.plot()._repr_png_(), "png", self.title)
        except ImportError:  # without matplotlib the table alone
            picture = ""
        return table_html(self.title, self.record.rows(), self.record.notes, picture)

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write one row for each step.

        n, t, h if it changes, the method's loss and up to 100 coordinates; for each flow its errors, imaginary part, the
        same, and its verdict, which is about the whole run, in the first row.
        """
        target = Path(path)
        columns: dict[str, Array] = {"n": np.arange(self.steps + 1)}
        if isinstance(self.h, StepSizeRule):
            columns |= {"t": self._padded(self.iterates.t), "h": self._padded(self.iterates.step_sizes)}
        else:
            columns["t"] = self.h * np.arange(self.steps + 1)
        columns["loss"] = self._padded(self.iterates.loss)
        columns |= self._coordinates("", self.iterates)
        for label, trajectory in self.trajectories.items():
            columns[f"{label} error"] = self.errors[label]
            columns[f"{label} average error"] = self.average_errors[label]
            columns[f"{label} imaginary"] = self.imaginary[label]
            columns[f"{label} verdict"] = np.array([self.verdicts[label], *[""] * self.steps])
            columns[f"{label} loss"] = self._padded(trajectory.loss)
            columns |= self._coordinates(f"{label} ", trajectory)
        with target.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            for row in zip(*columns.values(), strict=True):
                writer.writerow([value.item() for value in row])
        return target

    def _coordinates(self, prefix: str, path: Trajectory) -> dict[str, Array]:
        names = self.field.coordinates
        if len(names) > _COLUMNS:
            return {}
        return {f"{prefix}theta.{name}": self._padded(path.theta[:, i].real) for i, name in enumerate(names)}

    def _padded(self, values: Array | None) -> Array:
        """Return an array with a row for each step, NaN where there is none."""
        if values is None:
            return np.full(self.steps + 1, np.nan)
        result = np.full((self.steps + 1, *values.shape[1:]), np.nan, values.dtype)
        result[: len(values)] = values
        return result

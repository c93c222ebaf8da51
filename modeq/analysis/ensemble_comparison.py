"""A method against its flows from many points: how the errors are distributed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, final

import numpy as np

from ..extension_points import draw
from ..integration.trajectories import Trajectories
from ..losses.field import Field
from ..methods.method import Method
from ..records.aligned import aligned
from ..records.html import table_html
from ..records.record import Array


@final
@dataclass(frozen=True, eq=False, repr=False)
class EnsembleComparison:
    """Runs of a method and of flows from the same k points.

    Attributes
    ----------
    method, field, h, steps
        What was run.
    iterates
        The method's own runs.
    ensembles
        The runs of each flow, by the name or order that it was asked for with.
    notes
        What was left out of the flows that run when none is asked for, and why.

    Examples
    --------
    >>> import modeq as mq
    >>> points = [[1.1], [1.2], [1.4]]  # from 64 on the flows run in one compiled loop
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), points, h=0.1, steps=3, flows=["gradient", 3])
    >>> median = {label: quantiles[1, -1] for label, quantiles in report.quantiles().items()}
    >>> bool(median[3] < median["gradient"])
    True
    """

    method: Method
    field: Field
    h: float
    steps: int
    iterates: Trajectories
    ensembles: Mapping[str | int, Trajectories]
    notes: tuple[str, ...] = ()

    @cached_property
    def errors(self) -> Mapping[str | int, Array]:
        """‖Re θ(nh) − Re θ_n‖ of each path by flow, shape (k, steps+1); NaN where the flow says nothing or one did not get."""
        result = {}
        for label, runs in self.ensembles.items():
            with np.errstate(over="ignore", invalid="ignore"):
                values = np.linalg.norm(runs.theta.real - self.iterates.theta.real, axis=2)
            period = 1 if runs.flow is None else runs.flow.period
            values[:, np.arange(self.steps + 1) % period != 0] = np.nan
            result[label] = values
        return MappingProxyType(result)

    def quantiles(self, levels: Sequence[float] = (0.1, 0.5, 0.9)) -> Mapping[str | int, Array]:
        """Return quantiles of the errors over the paths by flow, shape (levels, steps+1).

        Paths whose flow ended count as ∞, so that what gives up does not look better; NaN where the method itself did not get, or the
        flow says nothing.

        Parameters
        ----------
        levels
            Between 0 and 1.
        """
        if not all(0 <= level <= 1 for level in levels):
            raise ValueError(f"levels are between 0 and 1, 0.5 is the median, got {levels!r}")
        finite = np.asarray(np.isfinite(self.iterates.theta).all(axis=2))
        result = {}
        for label, values in self.errors.items():
            rows = np.full((len(levels), self.steps + 1), np.nan)
            for n in range(self.steps + 1):
                column = values[finite[:, n], n]
                if np.isfinite(column).any():
                    ranked = np.where(np.isnan(column), np.inf, column)
                    rows[:, n] = np.quantile(ranked, levels, method="inverted_cdf")  # no mean of a number and ∞
            result[label] = rows
        return MappingProxyType(result)

    @property
    def title(self) -> str:
        """One line that says what was compared."""
        return f"{self.method.name} on {self.field.name} from {len(self.iterates)} points, h = {self.h:g}, {self.steps} steps"

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table as texts."""
        rows: list[tuple[str, ...]] = [("flow", "final, 10 %", "median", "90 %", "evaluations", "completed")]
        for label, runs in self.ensembles.items():
            period = 1 if runs.flow is None else runs.flow.period
            last = self.quantiles()[label][:, self.steps - self.steps % period]
            done = f"{int(runs.completed.sum())} of {len(runs)}"
            numbers = (f"{value:.2e}" if np.isfinite(value) else "–" for value in last)
            rows.append((str(label), *numbers, f"{runs.evaluations.mean():.0f}", done))
        return rows

    def table(self) -> str:
        """Return quantiles of the final errors, mean evaluations and how many runs were completed, as aligned text."""
        stopped = len(self.iterates) - int(self.iterates.completed.sum())
        notes = [f"{self.method.name}: {stopped} of {len(self.iterates)} runs ended early"] * bool(stopped)
        return "\n".join([self.title, *aligned(self.rows(), left=(0,)), *notes, *self.notes])

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw the median error of each flow against the step, with the band from 10 to 90 %.

        Parameters
        ----------
        path
            Where to save the picture; its ending chooses the format. Not saved when left out.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib is not installed (the extra ``plot``).
        """
        return draw(self, path)

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<EnsembleComparison: {self.title}>"

    def _repr_html_(self) -> str:
        return table_html(self.title, self.rows(), self.notes)

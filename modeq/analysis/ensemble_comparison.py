"""A method against its flows from many points: how the errors are distributed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import final

import numpy as np

from ..integration.kept import Drawn
from ..integration.trajectories import Trajectories
from ..losses.field import Field
from ..methods.method import Method
from ..records.ensemble_record import EnsembleRecord
from ..records.record import Array, Variable


@final
@dataclass(frozen=True, eq=False, repr=False)
class EnsembleComparison(Drawn):
    """Runs of a method and of flows from the same k points; drawn as the median error of each flow with the band from 10 to 90 %.

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
        """Return quantiles of the errors over the paths by flow, shape (levels, steps+1); see `EnsembleRecord.quantiles`."""
        return MappingProxyType(dict(zip(self.ensembles, self.record.quantiles(levels).values(), strict=True)))

    @cached_property
    def record(self) -> EnsembleRecord:
        """All numbers and texts of the comparison as labelled arrays: what is saved, and what tables are made of."""
        runs = self.ensembles.values()
        stopped = len(self.iterates) - int(self.iterates.completed.sum())
        notes = [f"{self.method.name}: {stopped} of {len(self.iterates)} runs ended early"] * bool(stopped)

        def of_paths(name: str) -> Variable:
            return ("flow", "path"), np.array([getattr(one, name) for one in runs])

        variables: dict[str, Variable] = {
            "flow": (("flow",), np.array([str(label) for label in self.ensembles])),
            "path": (("path",), np.arange(len(self.iterates))),
            "step": (("step",), np.arange(self.steps + 1)),
            "coordinate": (("coordinate",), np.array(self.field.coordinates)),
            "t": (("step",), self.iterates.t),
            "iterates": (("path", "step", "coordinate"), self.iterates.theta),
            "theta": (("flow", "path", "step", "coordinate"), np.array([one.theta for one in runs])),
            "error": (("flow", "path", "step"), np.array(list(self.errors.values()))),
            "period": (("flow",), np.array([1 if one.flow is None else one.flow.period for one in runs])),
            "points": of_paths("points"),
            "evaluations": of_paths("evaluations"),
            "status": of_paths("status"),
            "message": of_paths("messages"),
            "iterates_status": (("path",), np.array(self.iterates.status)),
        }
        attributes = {
            "title": self.title,
            "method": self.method.name,
            "field": self.field.name,
            "h": str(self.h),
            "notes": json.dumps([*notes, *self.notes], ensure_ascii=False),
        }
        return EnsembleRecord(variables, attributes)

    @property
    def title(self) -> str:
        """One line that says what was compared."""
        return f"{self.method.name} on {self.field.name} from {len(self.iterates)} points, h = {self.h:g}, {self.steps} steps"

    def __repr__(self) -> str:
        return f"<EnsembleComparison: {self.title}>"

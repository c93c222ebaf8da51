"""The data of a comparison."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from ..records.aligned import aligned
from .record import Array, Record

_WIDTH = 100  # of a line of text
_FAR = 1e3  # times 1 + the size of the start: from there on a run that diverges says nothing about flows


def steps_that_count(iterates: Array, status: str) -> Array:
    """Tell which steps errors are summed over: all, but of iterates that diverge those before they left, shape (steps+1,)."""
    if status != "diverged":
        return np.ones(len(iterates), bool)
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = np.linalg.norm(iterates - iterates[0], axis=1)
    return np.logical_and.accumulate(sizes <= _FAR * (1 + np.linalg.norm(iterates[0])))


@final
@dataclass(frozen=True, eq=False, repr=False)
class ComparisonRecord(Record):
    """The data of a comparison: iterates and flows, errors, how each run ended and what it says about itself.

    Dimensions are ``flow``, ``step`` and ``coordinate``. ``error`` is ‖Re θ(nh) − Re θ_n‖, ``average_error`` the distance to averages of
    the iterates, ``imaginary`` ‖Im θ(nh)‖ and
    ``largest_imaginary`` the largest, between the steps too; ``points`` counts the rows of ``theta`` that a flow reached.

    Attributes
    ----------
    variables, attributes
        See `Record`; every array has the shape of its dimensions.

    See Also
    --------
    modeq.load
    """

    kind: ClassVar[str] = "comparison"
    frame: ClassVar[tuple[str, ...]] = ("flow", "step")

    @property
    def errors(self) -> Mapping[str, Array]:
        """Distances to the iterates by flow, shape (steps+1,)."""
        return dict(zip(self["flow"].tolist(), self["error"], strict=True))

    @property
    def notes(self) -> Sequence[str]:
        """Verdicts, and what else has to be said."""
        return tuple(json.loads(self.attributes["notes"]))

    def rows(self) -> list[tuple[str, ...]]:
        """Return errors and costs of each flow as texts."""
        rows: list[tuple[str, ...]] = [("flow", "mean error", "max error", "final", "average", "max |Im|", "evaluations", "status")]
        steps, near = len(self["step"]) - 1, steps_that_count(self["iterates"], str(self.attributes["iterates_status"]))
        for i, label in enumerate(self["flow"].tolist()):
            errors, averages = (np.where(near, self[name][i], np.nan) for name in ("error", "average_error"))
            finite, averaged = (values[np.isfinite(values)] for values in (errors, averages))
            imaginary = self["largest_imaginary"][i]
            last, status = errors[steps - steps % int(self["period"][i])], str(self["status"][i])
            rows.append(
                (
                    label,
                    f"{finite.mean():.2e}" if len(finite) > 1 else "–",  # the common starting point says nothing
                    f"{finite.max():.2e}" if len(finite) > 1 else "–",
                    f"{last:.2e}" if np.isfinite(last) else "–",
                    f"{averaged.mean():.2e}" if len(averaged) else "–",
                    f"{imaginary:.1e}" if imaginary else "0",
                    str(self["evaluations"][i]),
                    status if status == "completed" else f"{status} at step {self['points'][i] - 1}",
                )
            )
        return rows

    def table(self) -> str:
        """Return errors and costs as aligned text, with verdicts below."""
        wrapped = [line for note in self.notes for line in textwrap.wrap(note, _WIDTH, subsequent_indent="  ")]
        return "\n".join([self.title, *aligned(self.rows(), left=(0,)), *wrapped])

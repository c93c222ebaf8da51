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
        steps = len(self["step"]) - 1
        for i, label in enumerate(self["flow"].tolist()):
            errors, averages = self["error"][i], self["average_error"][i]
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

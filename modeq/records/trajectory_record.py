"""The data of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from ..records.aligned import aligned, number
from .record import Record

_ROWS, _COLUMNS = 12, 6  # of a table


@final
@dataclass(frozen=True, eq=False, repr=False)
class TrajectoryRecord(Record):
    """The data of a run: points in time, losses, and how it ended.

    Dimensions are ``step`` and ``coordinate``, and ``entry`` for whole states of a flow.

    Attributes
    ----------
    variables, attributes
        See `Record`; every array has the shape of its dimensions.

    See Also
    --------
    modeq.load
    """

    kind: ClassVar[str] = "trajectory"
    frame: ClassVar[tuple[str, ...]] = ("step",)

    @property
    def notes(self) -> Sequence[str]:
        """How it ended, and a verdict."""
        words = (f"{self.attributes['status']}: {self.attributes['message']}", str(self.attributes["verdict"]))
        return tuple(word for word in words if word)

    def rows(self) -> list[tuple[str, ...]]:
        """Return up to twelve points, evenly spread, with six coordinates."""
        chosen = np.unique(np.linspace(0, len(self["step"]) - 1, _ROWS).round().astype(int))
        names = self["coordinate"][:_COLUMNS].tolist()
        has_loss = "loss" in self.variables
        rows = [("step", "t", *names, *["loss"] * has_loss)]
        for n in chosen.tolist():
            values = [self["t"][n], *self["theta"][n, : len(names)], *([self["loss"][n]] if has_loss else [])]
            rows.append((str(n), *(number(complex(value)) for value in values)))
        return rows

    def table(self) -> str:
        """Return some of the points as aligned text, and how the run ended."""
        return "\n".join([self.title, *aligned(self.rows()), *self.notes])

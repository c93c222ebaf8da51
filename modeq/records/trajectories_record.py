"""The data of many runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from ..records.aligned import aligned
from .record import Record

_QUANTILES = (0.1, 0.5, 0.9)


@final
@dataclass(frozen=True, eq=False, repr=False)
class TrajectoriesRecord(Record):
    """The data of runs from many points: dimensions ``path``, ``step`` and ``coordinate``.

    Attributes
    ----------
    variables, attributes
        See `Record`; every array has the shape of its dimensions.

    See Also
    --------
    modeq.load
    """

    kind: ClassVar[str] = "trajectories"
    frame: ClassVar[tuple[str, ...]] = ("path", "step")

    def rows(self) -> list[tuple[str, ...]]:
        """Return how many runs ended how, with quantiles of their steps."""
        rows: list[tuple[str, ...]] = [("status", "paths", "10 %", "steps, median", "90 %")]
        for status, count in sorted(Counter(self["status"].tolist()).items()):
            reached = self["points"][self["status"] == status] - 1
            rows.append((status, str(count), *(f"{value:g}" for value in np.quantile(reached, _QUANTILES))))
        return rows

    def table(self) -> str:
        """Return how the runs ended as aligned text."""
        return "\n".join([self.title, *aligned(self.rows(), left=(0,))])

"""The data of a comparison from many points."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from .aligned import aligned
from .record import Array, Record


@final
@dataclass(frozen=True, eq=False, repr=False)
class EnsembleRecord(Record):
    """The data of a comparison from many points: iterates and flows, errors, and how each run ended.

    Dimensions are ``flow``, ``path``, ``step`` and ``coordinate``. ``error`` is ‖Re θ(nh) − Re θ_n‖ and ``period`` the number of steps
    after which a flow says something again; names that begin with ``iterates`` belong to the method's own runs.

    Attributes
    ----------
    variables, attributes
        See `Record`; every array has the shape of its dimensions.

    See Also
    --------
    modeq.load
    """

    kind: ClassVar[str] = "ensemble comparison"
    frame: ClassVar[tuple[str, ...]] = ("flow", "path", "step")

    @property
    def notes(self) -> Sequence[str]:
        """What else has to be said."""
        return tuple(json.loads(self.attributes["notes"]))

    def quantiles(self, levels: Sequence[float] = (0.1, 0.5, 0.9)) -> dict[str, Array]:
        """Return quantiles of the errors over the paths by flow, shape (levels, steps+1).

        Paths whose flow ended count as ∞, so that what gives up does not look better; NaN where the method itself did not get, or the
        flow says nothing.

        Parameters
        ----------
        levels
            Between 0 and 1.

        Raises
        ------
        ValueError
            If they are not.
        """
        if not all(0 <= level <= 1 for level in levels):
            raise ValueError(f"levels are between 0 and 1, 0.5 is the median, got {levels!r}")
        finite = np.asarray(np.isfinite(self["iterates"]).all(axis=2))
        result = {}
        for label, errors in zip(self["flow"].tolist(), self["error"], strict=True):
            rows = np.full((len(levels), errors.shape[1]), np.nan)
            for n in range(errors.shape[1]):
                column = errors[finite[:, n], n]
                if np.isfinite(column).any():
                    ranked = np.where(np.isnan(column), np.inf, column)
                    rows[:, n] = np.quantile(ranked, levels, method="inverted_cdf")  # no mean of a number and ∞
            result[label] = rows
        return result

    def rows(self) -> list[tuple[str, ...]]:
        """Return quantiles of the final errors, mean evaluations and how many runs were completed, as texts."""
        rows: list[tuple[str, ...]] = [("flow", "final, 10 %", "median", "90 %", "evaluations", "completed")]
        steps, quantiles = len(self["step"]) - 1, self.quantiles()
        for i, label in enumerate(self["flow"].tolist()):
            last = quantiles[label][:, steps - steps % int(self["period"][i])]
            done = f"{int((self['status'][i] == 'completed').sum())} of {len(self['path'])}"
            numbers = (f"{value:.2e}" if np.isfinite(value) else "–" for value in last)
            rows.append((label, *numbers, f"{self['evaluations'][i].mean():.0f}", done))
        return rows

    def table(self) -> str:
        """Return the same as aligned text, with notes below."""
        return "\n".join([self.title, *aligned(self.rows(), left=(0,)), *self.notes])

"""Integrating a field that changes along the way: smooth pieces, with the places where they end found on the solver's dense output.

SciPy's own events belong to `solve_ivp`, which does not change the field; this has the interface of a SciPy solver instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..flows.flow import Piece, Right

if TYPE_CHECKING:
    from scipy.integrate import OdeSolver

Array: TypeAlias = NDArray[Any]
Make: TypeAlias = Callable[[Right, float, Array], "OdeSolver"]


@final
class PiecewiseSolver:
    """Steps through pieces, each with a solver of its own.

    A piece ends in a step at whose end its function is positive; where it gets so is found by Brent's method. Of two changes of sign
    within one step nothing is noticed. A piece that says what follows has its own successor, others those of the list.

    Parameters
    ----------
    make
        Gives the solver for a field from a time and a state.
    pieces
        They follow one another, round and round; the first one that does not end at the start begins.
    t, y
        Where to start.
    """

    def __init__(self, make: Make, pieces: Sequence[Piece], t: float, y: Array) -> None:
        self._make, self._pieces, self._number, self._piece = make, pieces, 0, pieces[0]
        for _ in pieces:
            if self._piece.ends is None or not self._piece.ends(y) > 0:
                break
            self._piece = self._following(y)
        self.t, self.y, self.status = t, y, "running"
        self._inner = make(self._piece.right, t, y)

    def step(self) -> str | None:
        """Do one step, shorter where a piece ends; return what went wrong, if anything did."""
        before, ends = self.t, self._piece.ends
        message = self._inner.step()
        self.t, self.y, self.status = float(self._inner.t), self._inner.y, self._inner.status
        self.dense_output = self._inner.dense_output
        if message is None and ends is not None and ends(self.y) > 0:
            dense = self._inner.dense_output()
            self.t = _crossing(lambda t: ends(dense(t)), before, self.t)
            self.y = dense(self.t)
            self._piece = self._following(self.y)
            if self.status == "running" or self.t < self._inner.t:
                self.status = "running"
                self._inner = self._make(self._piece.right, self.t, self.y)
        return message

    def _following(self, y: Array) -> Piece:
        if self._piece.then is not None:
            return self._piece.then(y)
        self._number = (self._number + 1) % len(self._pieces)
        return self._pieces[self._number]


def _crossing(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function gets positive between the ends of a step; `low` if it is so already there."""
    from scipy.optimize import brentq  # deferred: slow to import

    if function(low) >= 0:
        return low
    if function(high) <= 0:  # by rounding: the dense output ends where the step does
        return high
    root: float = brentq(function, low, high, xtol=4 * np.finfo(float).eps * max(abs(high), np.finfo(float).tiny))
    return root

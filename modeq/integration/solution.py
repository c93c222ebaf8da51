"""θ at any time of a run, from the solver's own interpolants."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from ..flows.flow import Array


@final
class Solution:
    """θ(t), as ``path.solution(t)``; made by ``integrate(…, dense_output=True)``.

    Parameters
    ----------
    output
        θ of a state.

    Examples
    --------
    >>> import modeq as mq
    >>> path = mq.integrate(mq.gradient_flow().on(mq.losses.quadratic([[1]])), [1.0], h=0.5, steps=2, dense_output=True)
    >>> path.solution([0.0, 0.25]).round(6)  # e^(−t)
    array([[1.      ],
           [0.778801]])
    """

    def __init__(self, output: Callable[[Array], Array]) -> None:
        self._output = output
        self._starts: list[float] = []
        self._ends: list[float] = []
        self._offsets: list[float] = []
        self._parts: list[Callable[[float], Array]] = []

    def add(self, start: float, end: float, offset: float, dense: Callable[[float], Array]) -> None:
        """Add the interpolant between two times of the run, a function of the time since `offset`."""
        dense(end - offset)  # computed now: a solver has only its last step
        self._starts.append(start)
        self._ends.append(end)
        self._offsets.append(offset)
        self._parts.append(dense)

    def __call__(self, t: ArrayLike) -> Array:
        """Return θ at a time, shape (d,), or at times of shape (n,), shape (n, d).

        Raises
        ------
        ValueError
            If a time lies outside the run.
        """
        times = np.asarray(t, dtype=float)
        values = [self._at(float(one)) for one in np.atleast_1d(times)]
        return np.array(values) if times.ndim else values[0]

    def _at(self, t: float) -> Array:
        if not self._parts:
            raise ValueError("the run has no step, and so no times between")
        sign = 1 if self._ends[-1] >= self._starts[0] else -1
        low, high = sorted((self._starts[0], self._ends[-1]))
        if not low <= t <= high:
            raise ValueError(f"the run goes from t = {self._starts[0]:g} to {self._ends[-1]:g}, got {t:g}")
        place = max(0, bisect_right([sign * start for start in self._starts], sign * t) - 1)
        return self._output(self._parts[place](t - self._offsets[place]))

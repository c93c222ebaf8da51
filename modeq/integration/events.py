"""Events along a run: where a function of time and point changes its sign, as in `scipy.integrate.solve_ivp`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from ..flows.flow import Array

Event: TypeAlias = Callable[[float, Array], float]
"""g(t, θ); its attributes ``terminal`` (True ends the run) and ``direction`` (> 0 or < 0 for changes in one direction) are read."""


def check_events(events: Event | Sequence[Event] | None) -> tuple[Event, ...]:
    """Return events as a tuple, or raise."""
    several = () if events is None else (events,) if callable(events) else tuple(events)
    for event in several:
        if not callable(event):
            raise TypeError(f"an event is a function of t and θ, got {event!r}")
    return several


@final
@dataclass(frozen=True, eq=False)
class Found:
    """Where an event happened.

    Attributes
    ----------
    number
        Which of the events, 0 for the first.
    t, theta
        When, and θ there, shape (d,).
    """

    number: int
    t: float
    theta: Array


@final
class Watch:
    """Looks for events step by step; of two changes of sign within one step of the solver nothing is noticed.

    Unlike SciPy's, an event that is 0 at the start is none: it takes a change of sign.

    Parameters
    ----------
    events
        What to look for.
    output
        θ of a state.
    since
        The time of the run at which the solver's time is 0.
    """

    def __init__(self, events: tuple[Event, ...], output: Callable[[Array], Array], since: float) -> None:
        self._events, self._output, self._since = events, output, since
        self._before: list[float] | None = None
        self.found: list[Found] = []
        self.message = ""

    def look(self, start: float, end: float, dense: Callable[[float], Array]) -> float | None:
        """Record the events between two times of the solver; return that of the first terminal one, None if there is none."""
        if not self._events:
            return None
        from scipy.optimize import brentq  # deferred: slow to import

        def value(number: int, t: float) -> float:
            return float(np.real(self._events[number](self._since + t, self._output(dense(t)))))

        before = self._before or [value(number, start) for number in range(len(self._events))]
        after = [value(number, end) for number in range(len(self._events))]
        hits: list[tuple[float, int]] = []
        for number, (first, last) in enumerate(zip(before, after, strict=True)):
            direction = getattr(self._events[number], "direction", 0)
            if first * last < 0 and direction * (last - first) >= 0:
                hits.append((float(brentq(lambda t, number=number: value(number, t), start, end, xtol=1e-14 * (1 + abs(end)))), number))
        self._before = after
        for t, number in sorted(hits, reverse=end < start):
            self.found.append(Found(number, self._since + t, self._output(dense(t))))
            if getattr(self._events[number], "terminal", False):
                self.message = f"the event {getattr(self._events[number], '__name__', number)}"
                return t
        return None

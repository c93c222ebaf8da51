"""Events along a run: where a function of time and point changes its sign, as in `scipy.integrate.solve_ivp`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from ..flows.flow import Array

Event: TypeAlias = Callable[[float, Array], float]
"""g(t, θ); its attributes ``terminal`` (True ends the run, a number k does the k-th time) and ``direction`` (> 0 or < 0 for changes
in one direction) are read."""


def check_events(events: Event | Sequence[Event] | None) -> tuple[Event, ...]:
    """Return events as a tuple, or raise."""
    several = () if events is None else tuple(events) if isinstance(events, (list, tuple)) else (events,)
    for event in several:
        if not callable(event):
            raise TypeError(f"an event is a function of t and θ, got {event!r}")
        if not float(_times(event)).is_integer() or _times(event) < 0:
            raise ValueError(f"terminal is True, or after how many times the event {_name(event)} ends the run, got {event.terminal!r}")
    return several


def _times(event: Event) -> float:
    """After how many times an event ends the run; 0 for never."""
    return float(getattr(event, "terminal", 0) or 0)


def _name(event: Event) -> str:
    return str(getattr(event, "__name__", event))


def value_of(event: Event, t: float, theta: Array) -> float:
    """Evaluate an event, or raise in words if it is no number."""
    value = np.real(event(t, theta))
    if np.ndim(value) != 0:
        raise TypeError(f"an event is one number g(t, θ) whose sign is watched, {_name(event)} gave an array of shape {np.shape(value)}")
    return float(value)


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
    earlier
        What was found before that time.
    """

    def __init__(self, events: tuple[Event, ...], output: Callable[[Array], Array], since: float, earlier: Sequence[Found] = ()) -> None:
        self._counts = [sum(found.number == number for found in earlier) for number in range(len(events))]
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
            return value_of(self._events[number], self._since + t, self._output(dense(t)))

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
            self._counts[number] += 1
            if self._counts[number] == _times(self._events[number]):
                self.message = f"the event {_name(self._events[number])}"
                return t
        return None

"""Why the principal flow of a map stops, or misses the iterates: the eigenvalues of DΦᵏ in words.

A real matrix with a negative eigenvalue has no real logarithm: no real flow turns a direction over. The flow goes on with log |m|,
which shrinks the direction as the map does and loses only the sign. Where hλ passes through 1, |m| is small, and so is what is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from ..sizes import WHOLE_STEP
from .flow import Array, Status

Steps: TypeAlias = Callable[[Array, int, int], Array]  # do a number of steps of the method from step n on, from many states, shape (k, m)

_NEAR = 1e-3  # an eigenvalue of DΦᵏ that small is taken for 0: its logarithm changes by 7 per step
_NEGATIVE = -0.05  # one of at least this size is worth to be told
_NOTICEABLE = 0.02  # of the way, as much as the verdict lets pass; see `domain_of_validity.VALID`
_AHEAD = 10  # steps of the method to look for a better start


@final
@dataclass(frozen=True)
class MapEigenvalues:
    """The eigenvalues of k steps of a method as one map, where a run needs them.

    Attributes
    ----------
    advance
        Does steps of the method.
    matrix
        Gives DΦᵏ at a state, from step n on.
    steps
        The number k.
    """

    advance: Steps
    matrix: Callable[[Array, int], Array]
    steps: int

    def at(self, state: Array, n: int) -> Array:
        """Return the eigenvalues of DΦᵏ at a state, from step n on; none beyond 700 numbers or where they overflow."""
        return _eigenvalues(self.matrix(state, n)) if len(state) <= WHOLE_STEP else np.empty(0)

    def why_stalled(self, start: Array, state: Array, n: int, trouble: str, others: str) -> tuple[Status, str]:
        """Say in words why a solver gave up at `state` after n steps; `others` names what to try at a vanishing eigenvalue."""
        values, gave_up = self.at(state.real, n), f"the solver gave up after step {n}: {trouble}"
        if len(values):
            smallest = values[np.argmin(np.abs(values))]
            lowest = _most_negative(values)
            if lowest < _NEGATIVE:
                remedy = self._two_steps(state.real, n) or ("; take a smaller h" if n else self._better_start(start.real))
                return "stalled", f"{gave_up}; {self._turned_over(lowest)}{remedy}"
            if abs(smallest) < _NEAR:
                return "singular", (
                    f"after step {n} an eigenvalue of {self._name} reaches {smallest.real:.1g}, as at hλ = 1, where its logarithm is "
                    f"infinite ({trouble}); {others}"
                )
        how_far = f"in {self.steps} steps" if self.steps > 1 else "in a step"
        return "stalled", f"{gave_up}; the method may move too far {how_far}: start from a later iterate"

    def signs_lost(self, states: Array) -> tuple[Status, str] | None:
        """Return a status and a message if a run missed the method where an eigenvalue is negative; None if it did not.

        The eigenvalues are computed where k steps of the method land farthest from the flow, if that is farther than the verdict lets
        pass. Runs whose map changes from step to step are not looked at.
        """
        points = np.ascontiguousarray(states[:: self.steps].real)
        if len(points) < 2:
            return None
        off = np.linalg.norm(self.advance(points[:-1], self.steps, 0) - points[1:], axis=1)
        worst = int(np.argmax(off))
        if not off[worst] > _NOTICEABLE * np.linalg.norm(points - points[0], axis=1).max():
            return None
        lowest = _most_negative(self.at(points[worst], self.steps * worst))
        if not lowest < 0:
            return None
        count = f"{self.steps} steps" if self.steps > 1 else "a step"
        return (
            "complex",
            f"after step {self.steps * worst} {self._turned_over(lowest)}; the flow misses {count} of the method by {off[worst]:.2g} there",
        )

    @property
    def _name(self) -> str:
        return f"{self.steps} steps as one map" if self.steps > 1 else "one step"

    def _turned_over(self, lowest: float) -> str:
        return f"an eigenvalue of {self._name} is {lowest:.2g}, a direction turned over, which no real flow does"

    def _two_steps(self, state: Array, n: int) -> str:
        """Recommend two steps as one map, where these turn nothing over."""
        if self.steps > 1:
            return ""
        after = self.advance(state[np.newaxis], 1, n)[0]
        values = _eigenvalues(self.matrix(after, n + 1) @ self.matrix(state, n)) if np.isfinite(after).all() else np.empty(0)
        known = len(values) > 0 and _most_negative(values) >= _NEGATIVE
        return "; two steps as one map, 'two-step', have none" if known else ""

    def _better_start(self, state: Array) -> str:
        """Name the first of the next iterates from which no direction is turned over."""
        for n in range(1, _AHEAD + 1):
            state = self.advance(state[np.newaxis], 1, n - 1)[0]
            values = self.at(state, n)
            if not len(values):
                break
            if _most_negative(values) >= _NEGATIVE:
                return f"; after {n} step{'s' * (n > 1)} of the method there is none: start from there"
        return ""


def _eigenvalues(matrix: Array) -> Array:
    return np.linalg.eigvals(matrix) if np.isfinite(matrix).all() else np.empty(0)


def _most_negative(values: Array) -> float:
    """Return the smallest of the real eigenvalues, 0 if none is negative."""
    real = values.real[np.abs(values.imag) <= 1e-8 * np.abs(values)]
    return float(real.min(initial=0.0))

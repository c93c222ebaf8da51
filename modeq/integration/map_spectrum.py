"""Why the principal flow of several steps as one map stops, or misses the iterates: the eigenvalues of DΦᵏ in words.

A real matrix with a negative eigenvalue has no real logarithm: no real flow turns a direction over. The flow goes on with log |m|,
which shrinks the direction as the map does and loses only the sign. Where hλ passes through 1, |m| is small, and so is what is lost.
"""

from __future__ import annotations

import numpy as np

from ..flows.flow import Flow
from ..series.map_flow import MapFlow
from .drift import advanced
from .trajectory import Array, Status

_NEAR = 1e-3  # an eigenvalue of DΦᵏ that small is taken for 0: its logarithm changes by 7 per step
_NEGATIVE = -0.05  # one of at least this size is worth to be told
_NOTICEABLE = 0.02  # of the way, as much as the verdict lets pass; see `domain_of_validity.VALID`
_LARGEST = 200  # numbers in a state up to which DΦᵏ is built
_AHEAD = 10  # steps of the method to look for a better start


def _advanced(flow: Flow, states: Array, h: float, steps: int) -> Array:
    """Do steps of the method from many states, shape (n, r·d)."""
    method: MapFlow = flow.equation
    parts = states.reshape(len(states), method.method.states, -1)
    return advanced(method.method, flow.field, parts, h, steps).reshape(states.shape)


def map_eigenvalues(flow: Flow, state: Array, h: float) -> Array:
    """Return the eigenvalues of DΦᵏ at a state, by difference quotients; none beyond 200 numbers or where they overflow."""
    size = 1e-6 * (1.0 + np.abs(state).max())
    if len(state) > _LARGEST:
        return np.empty(0)
    offsets = size * np.eye(len(state))
    ends = _advanced(flow, np.concatenate([state + offsets, state - offsets]), h, flow.equation.steps)
    matrix = (ends[: len(state)] - ends[len(state) :]).T / (2 * size)
    return np.linalg.eigvals(matrix) if np.isfinite(matrix).all() else np.empty(0)


def _most_negative(values: Array) -> float:
    """Return the smallest of the real eigenvalues, 0 if none is negative."""
    real = values.real[np.abs(values.imag) <= 1e-8 * np.abs(values)]
    return float(real.min(initial=0.0))


def diagnose_map(flow: Flow, start: Array, state: Array, h: float, place: str, trouble: str) -> tuple[Status, str]:
    """Say in words why the solver gave up."""
    values = map_eigenvalues(flow, state.real, h)
    k = flow.equation.steps
    if len(values):
        smallest = values[np.argmin(np.abs(values))]
        lowest = _most_negative(values)
        if lowest < _NEGATIVE:
            return "stalled", f"the solver gave up {place}: {trouble}; {_turned_over(flow, lowest)}{_better_start(flow, start, h)}"
        if abs(smallest) < _NEAR:
            other = "'principal2' or 'principal' describe one step" if flow.equation.degree == 1 else "degree 1 passes through"
            return "singular", (
                f"{place} an eigenvalue of {k} steps as one map reaches {smallest.real:.1g}, as at hλ = 1, where its logarithm is infinite "
                f"({trouble}); {other}"
            )
    return "stalled", f"the solver gave up {place}: {trouble}; the method may move too far in {k} steps: start from a later iterate"


def _turned_over(flow: Flow, lowest: float) -> str:
    return f"an eigenvalue of {flow.equation.steps} steps as one map is {lowest:.2g}, a direction turned over, which no real flow does"


def _better_start(flow: Flow, start: Array, h: float) -> str:
    """Name the first of the next iterates from which no direction is turned over."""
    state = start.real
    for n in range(1, _AHEAD + 1):
        state = _advanced(flow, state[np.newaxis], h, 1)[0]
        values = map_eigenvalues(flow, state, h)
        if not len(values):
            break
        if _most_negative(values) >= _NEGATIVE:
            return f"; after {n} step{'s' * (n > 1)} of the method there is none: start from there"
    return ""


def signs_lost(flow: Flow, states: Array, h: float) -> tuple[Status, str] | None:
    """Return a status and a message if the run missed the method where an eigenvalue of DΦᵏ is negative; None if it did not.

    The eigenvalues are computed where k steps of the method land farthest from the flow, if that is farther than the verdict lets pass.
    """
    k = flow.equation.steps
    points = np.ascontiguousarray(states[::k].real)
    if len(points) < 2:
        return None
    off = np.linalg.norm(_advanced(flow, points[:-1], h, k) - points[1:], axis=1)
    worst = int(np.argmax(off))
    if not off[worst] > _NOTICEABLE * np.linalg.norm(points - points[0], axis=1).max():
        return None
    lowest = _most_negative(map_eigenvalues(flow, points[worst], h))
    if not lowest < 0:
        return None
    return (
        "complex",
        f"after step {k * worst} {_turned_over(flow, lowest)}; the flow misses {k} steps of the method by {off[worst]:.2g} there",
    )

"""Why the principal flow of several steps as one map stops: the eigenvalues of DΦᵏ in words."""

from __future__ import annotations

import numpy as np

from ..flows.flow import Flow
from .iterate import iterate
from .trajectory import Array, Status

_NEAR = 1e-3  # an eigenvalue of DΦᵏ that small is taken for 0: its logarithm changes by 7 per step
_LARGEST = 200  # parameters up to which DΦᵏ is built


def map_eigenvalues(flow: Flow, state: Array, h: float) -> Array:
    """Return the eigenvalues of DΦᵏ at θ, by difference quotients; none with memory or for many parameters."""
    d = flow.field.dimension
    if flow.memory is not None or d > _LARGEST:
        return np.empty(0)
    steps, method = flow.equation.steps, flow.equation.method
    size = 1e-6 * (1.0 + np.abs(state).max())
    columns = []
    for direction in size * np.eye(d):
        ends = [iterate(method, flow.field, state + sign * direction, h=h, steps=steps).theta for sign in (1, -1)]
        if min(len(end) for end in ends) <= steps:
            return np.empty(0)
        columns.append((ends[0][-1] - ends[1][-1]) / (2 * size))
    return np.linalg.eigvals(np.array(columns).T)


def diagnose_map(flow: Flow, state: Array, h: float, place: str, trouble: str) -> tuple[Status, str]:
    """Say in words why the solver gave up."""
    values = map_eigenvalues(flow, state, h)
    k = flow.equation.steps
    if len(values):
        smallest = values[np.argmin(np.abs(values))]
        if abs(smallest) < _NEAR:
            return "singular", (
                f"{place} an eigenvalue of {k} steps as one map reaches {smallest.real:.1g}, as at hλ = 1, where its logarithm is infinite "
                f"({trouble}); 'principal2' or 'principal' describe one step there"
            )
    return "stalled", f"the solver gave up {place}: {trouble}; 'principal2' or 'principal' describe one step"


def leaves_reals(flow: Flow, states: Array, h: float) -> tuple[Status, str] | None:
    """Return a status and a message if the run left the real numbers: an eigenvalue of DΦᵏ became negative; None if it did not."""
    scale = 1.0 + np.abs(states).max(axis=1)
    off = np.flatnonzero(np.abs(states.imag).max(axis=1) > 1e-8 * scale)
    if not len(off):
        return None
    last = max(int(off[0]) - 1, 0)
    values = map_eigenvalues(flow, np.ascontiguousarray(flow.output(states[last]).real), h)
    most = f", {values.real.min():.2g}" if len(values) else ""
    return "complex", (
        f"after step {last} an eigenvalue of {flow.equation.steps} steps as one map is negative{most}: the flow has left the real numbers "
        "and no longer describes the method"
    )

"""Runs from many points in one compiled loop, on all cores: the loop holds no lock, so threads share the points."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..codegen.cache import load_module
from ..codegen.dormand_prince import step_texts
from ..codegen.routines import jit, texts
from ..flows.flow import Array, Flow, Status
from ..kernels.dop853 import run_paths
from ..kernels.loops import run_explicit_paths
from ..losses.field import Field
from .leg import explanation
from .trajectories import Trajectories

MANY = 64  # for fewer points a compiled loop costs more than it saves; they run one after the other
_PARTS = 4  # for each core: a core whose paths end early takes others
_FEWEST = 16  # paths in a part; a thread for fewer is not worth starting
_TROUBLE = {
    1: "required step size is less than spacing between numbers",
    2: "the field is not finite at the starting point",
    3: "the limit of {limit} evaluations was reached",
    4: "3000 evaluations were not enough for a hundredth of a step",
    5: "the field divides by zero",
}
_BACKWARDS = f"""forwards = kernel


{jit("kernel")}
def kernel(t, y, par, out):
    forwards(-t, y, par, out)
    for i in range(len(out)):
        out[i] = -out[i]"""


def is_many(theta0: ArrayLike) -> bool:
    """Whether these are many points and not one."""
    return np.ndim(theta0) == 2


def check_many(field: Field, theta0: ArrayLike) -> Array:
    """Return starting points, shape (k, d), or raise unless they are finite and at least one."""
    points = np.ascontiguousarray(field.check_points(theta0, what="theta0"))
    if not len(points):
        raise ValueError(f"theta0 holds no point; give an array of shape (k, {field.dimension}) with k ≥ 1")
    if not np.isfinite(points).all():
        bad = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise ValueError(f"theta0 must be finite, got {points[bad]} in row {bad}")
    return points


def follow_paths(flow: Flow, points: Array, h: float, steps: int, rtol: float, atol: float, limit: int) -> Trajectories | None:
    """Integrate a flow that is one compiled field from many points; None if it is not, has a launch of its own, or they are few.

    Back in time, where `steps` is negative, goes the field −f(−t, y).
    """
    if len(points) < MANY:
        return None
    source, pieces = flow.kernel_source, flow.pieces(h)
    alone = len(pieces) == 1 and pieces[0].accept is None and pieces[0].windows is None
    if not source or not alone or flow.changes or flow.launch(points[0], h)[0]:
        return None
    starts = np.array([flow.start(point, h) for point in points]) if flow.dimension > flow.field.dimension else points
    if flow.is_complex:
        starts = starts.astype(complex)
    known_size = f"import numpy as np\n\n\n{jit('dimension')}\ndef dimension():\n    return {starts.shape[1]}"
    backwards = [_BACKWARDS] if steps < 0 else []
    run = load_module("\n\n\n".join([source, *backwards, known_size, *step_texts(), *texts([run_paths])])).run_paths
    k, par = len(points), flow.kernel_parameters(h)
    states = np.full((k, abs(steps) + 1, starts.shape[1]), np.nan, starts.dtype)
    last, counts, ends = np.empty_like(starts), np.zeros((k, 2), int), np.zeros(k, int)

    def part(rows: slice) -> None:
        first = np.zeros(1, int)
        while first[0] < rows.stop - rows.start:
            try:
                run(starts[rows], h, par, (rtol, atol, limit), (states[rows], last[rows], counts[rows]), ends[rows], first)
            except ZeroDivisionError:  # Numba raises for complex numbers only, whatever its error model
                ends[rows.start + first[0]] = 5
                first[0] += 1

    _in_threads(part, k)
    status: list[Status] = ["completed"] * k
    messages = [f"{abs(steps)} steps"] * k
    for i in np.flatnonzero(ends).tolist():
        trouble = _TROUBLE[int(ends[i])].format(limit=limit)
        status[i], messages[i] = explanation(flow, points[i], last[i], h, int(counts[i, 0]), trouble)
    for i, path in enumerate(states):
        missed = None if ends[i] else flow.verify(path, h)
        if missed is not None:
            status[i], messages[i] = missed
    extras: dict[str, list[Array]] = {name: [] for name in flow.extras(states[0], h)}
    for path in states if extras else ():
        for name, values in flow.extras(path, h).items():
            extras[name].append(values)
    t, theta = np.copysign(h, steps) * np.arange(abs(steps) + 1), flow.output(states)
    known = {name: np.array(values) for name, values in extras.items()}
    return Trajectories(t, theta, counts[:, 0], tuple(status), tuple(messages), counts[:, 1], flow.field, flow, h, states, known)


def explicit_paths(source: str, states: Array, arguments: tuple[Any, ...], paths: Array) -> Array:
    """Fill the rows of all paths, shape (k, n + 1, d), by an explicit linear method; return how many steps of each were finite."""
    run = load_module("\n\n\n".join([source, "import numpy as np", *texts([run_explicit_paths])])).run_explicit_paths
    done = np.zeros(len(states), int)

    def part(rows: slice) -> None:
        first = np.zeros(1, int)
        while first[0] < rows.stop - rows.start:
            try:
                run(states[rows], *arguments, paths[rows], done[rows], first)
            except ZeroDivisionError:
                at = rows.start + first[0]
                done[at] = int(np.isfinite(paths[at]).all(axis=1).sum()) - 1
                first[0] += 1

    _in_threads(part, len(states))
    return done


def _in_threads(part: Callable[[slice], None], count: int) -> None:
    """Do all rows on the cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    size = max(_FEWEST, -(-count // (_PARTS * cores)))
    parts = [slice(low, min(low + size, count)) for low in range(0, count, size)]
    if len(parts) == 1 or cores == 1:
        part(slice(0, count))
        return
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(part, parts))

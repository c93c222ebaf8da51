"""Many paths of a flow in one compiled loop, each with its own steps of the Runge–Kutta pair DOP853.

First step and step size control are those of SciPy's class of the same name (Hairer, Nørsett, Wanner, *Solving Ordinary Differential
Equations I*, 2nd edition, 1993, section II.4), so both take the same steps.

The code generator copies these functions behind the module of a flow, whose ``kernel(t, y, par, out)`` is an argument here and a
global there, and so are ``dimension()``, the number m of entries of a state, with which loops become straight code, and ``try_step`` and
``interpolant``, which `modeq.codegen.dormand_prince` prints. ``K`` holds the field at the stages, shape (16, m).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from .injected import Injected

Bounds: TypeAlias = tuple[float, float, int]
"""Relative and absolute tolerance, and the largest number of evaluations."""
Record: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The rows of a path, the state that was reached, and how many rows are filled and evaluations made; for many paths, an axis before."""


def first_step(
    kernel: Injected,
    dimension: Injected,
    y: np.ndarray,
    end: float,
    rtol: float,
    atol: float,
    par: np.ndarray,
    K: np.ndarray,
    point: np.ndarray,
) -> float:
    """Return the size of the first step, section II.4 of the book; K[0] is the field at the start."""
    m = dimension()
    d0 = 0.0
    d1 = 0.0
    for i in range(m):
        scale = atol + abs(y[i]) * rtol
        d0 += (abs(y[i]) / scale) ** 2
        d1 += (abs(K[0, i]) / scale) ** 2
    d0 = np.sqrt(d0 / m)
    d1 = np.sqrt(d1 / m)
    h = 1e-6
    if d0 >= 1e-5 and d1 >= 1e-5:
        h = 0.01 * d0 / d1
    h = min(h, end)
    for i in range(m):
        point[i] = y[i] + h * K[0, i]
    kernel(h, point, par, K[1])
    d2 = 0.0
    for i in range(m):
        d2 += (abs(K[1, i] - K[0, i]) / (atol + abs(y[i]) * rtol)) ** 2
    d2 = np.sqrt(d2 / m) / h
    if d1 <= 1e-15 and d2 <= 1e-15:
        second = max(1e-6, h * 1e-3)
    else:
        second = (0.01 / max(d1, d2)) ** 0.125
    return min(100.0 * h, second, end)


def run_path(
    kernel: Injected,
    dimension: Injected,
    try_step: Injected,
    interpolant: Injected,
    start: np.ndarray,
    h: float,
    par: np.ndarray,
    bounds: Bounds,
    record: Record,
) -> int:
    """Fill the states at t = h, 2h, … into path[1:]; return why it ended.

    0 at the end; 1 the step underflowed; 2 the field is not finite at the start; 3 more than `limit` evaluations; 4 a hundredth of a
    step took 3000 evaluations. `counts` gets the rows that are filled and the evaluations, `last` the state that was reached.
    """
    rtol, atol, limit = bounds
    path, last, counts = record
    m = dimension()
    count = path.shape[0] - 1
    end = h * count
    K = np.zeros((16, m), start.dtype)
    F = np.zeros((7, m), start.dtype)
    y = start.copy()
    new = start.copy()
    point = start.copy()
    last[:] = y
    path[0] = y
    counts[0] = 1
    counts[1] = 1
    if count == 0:
        return 0
    kernel(0.0, y, par, K[0])
    for i in range(m):
        if not np.isfinite(K[0, i]):
            return 2
    step = first_step(kernel, dimension, y, end, rtol, atol, par, K, point)
    t = 0.0
    evaluations = 2
    filled = 1
    mark = 0.0
    since = 0
    size = np.abs(y).max()
    while t < end:
        smallest = 10.0 * (np.nextafter(t, np.inf) - t)
        step = max(step, smallest)
        rejected = False
        while True:
            if step < smallest:
                return 1
            if evaluations + 15 > limit:
                return 3
            after = min(t + step, end)
            step = after - t
            error = try_step(t, y, step, rtol, atol, par, K, new, point)
            evaluations += 12
            counts[1] = evaluations
            if error < 1.0:
                break
            factor = 0.2
            if np.isfinite(error):
                factor = max(0.2, 0.9 * error**-0.125)
            step *= factor
            rejected = True
        if h * filled <= after * (1.0 + 1e-14):
            interpolant(t, y, step, par, K, new, point, F)
            evaluations += 3
            counts[1] = evaluations
            while filled <= count and h * filled <= after * (1.0 + 1e-14):
                x = (h * filled - t) / step
                for i in range(m):
                    value = F[6, i] * x
                    value = (value + F[5, i]) * (1.0 - x)
                    value = (value + F[4, i]) * x
                    value = (value + F[3, i]) * (1.0 - x)
                    value = (value + F[2, i]) * x
                    value = (value + F[1, i]) * (1.0 - x)
                    path[filled, i] = y[i] + (value + F[0, i]) * x
                filled += 1
                counts[0] = filled
        factor = 10.0
        if error > 0.0:
            factor = min(10.0, 0.9 * error**-0.125)
        if rejected:
            factor = min(1.0, factor)
        t = after
        step *= factor
        for i in range(m):
            y[i] = new[i]
            last[i] = new[i]
            K[0, i] = K[12, i]
        if evaluations - since > 3000:
            largest = np.abs(y).max()
            if t - mark < 0.01 * h and not largest > 2.0 * size:
                return 4
            mark = t
            size = largest
            since = evaluations
    return 0


def run_paths(
    kernel: Injected,
    dimension: Injected,
    try_step: Injected,
    interpolant: Injected,
    starts: np.ndarray,
    h: float,
    par: np.ndarray,
    bounds: Bounds,
    records: Record,
    ends: np.ndarray,
    first: np.ndarray,
) -> None:
    """Run all paths from number first[0] on, which it moves on, so that it is known where an error came up."""
    paths, last, counts = records
    while first[0] < len(starts):
        k = first[0]
        ends[k] = run_path(kernel, dimension, try_step, interpolant, starts[k], h, par, bounds, (paths[k], last[k], counts[k]))
        first[0] = k + 1

"""Many paths of the modified equation of order 2 on the Rosenbrock function: modeq's loop against heyoka's batch integrator and a loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import heyoka
import numpy as np
import sympy

import modeq as mq

from .timing import Row

_STEP, _STEPS, _PATHS, _BATCH = 2e-4, 100, 10_000, 4


def _processor_time(function: Callable[[], Any], paths: int) -> float:
    """Seconds for a path, the best of three; processor time, since heyoka's batch uses one core and modeq all."""
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best / paths


def rows() -> list[Row]:
    """Measure, rtol 1e-10 throughout."""
    flow = mq.modified_equation(mq.GradientDescent(), order=2).on(mq.losses.rosenbrock())
    points = np.array([0.6, 0.5]) + 0.3 * np.random.default_rng(0).standard_normal((_PATHS, 2))
    mq.integrate(flow, points[:100], h=_STEP, steps=_STEPS)  # compiles
    ours = _processor_time(lambda: mq.integrate(flow, points, h=_STEP, steps=_STEPS), _PATHS)
    loop = _processor_time(lambda: [mq.integrate(flow, point, h=_STEP, steps=_STEPS) for point in points[:20]], 20)
    symbols: Any = flow.field
    variables = heyoka.make_vars(*(variable.name for variable in symbols.variables))
    arguments = (*symbols.variables, sympy.Symbol("h"))
    right = [sympy.lambdify(arguments, entry)(*variables, _STEP) for entry in flow.expressions()]
    batch = heyoka.taylor_adaptive_batch(list(zip(variables, right, strict=True)), state=np.zeros((2, _BATCH)), tol=1e-10)
    grid = np.repeat(_STEP * np.arange(_STEPS + 1)[:, np.newaxis], _BATCH, axis=1)

    def peer() -> None:
        for start in range(0, _PATHS, _BATCH):
            batch.set_time(0.0)
            batch.state[:] = points[start : start + _BATCH].T
            batch.propagate_grid(grid)

    theirs = _processor_time(peer, _PATHS)
    what = f"{_PATHS} paths, order 2, {_STEPS} steps; processor time of a path"
    return [
        Row(what, ours, peer="heyoka, batch", peer_value=theirs, ratio_limit=1.0),
        Row("the same", ours, peer="loop over integrate", peer_value=loop, ratio_limit=1 / 200),
    ]

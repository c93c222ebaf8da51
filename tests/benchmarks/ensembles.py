"""Many paths at once: order 2 on the Rosenbrock function against heyoka's batch integrator and a loop, and a network against a loop.

The network is 4-5-1 with tanh on the breast cancer data, 31 parameters, first 64 samples and all 569; the loop over `integrate` is compiled
as well, so the more the field costs the less there is to gain but the cores. Ratios of the network are of times, not of processor times.
"""

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


def _wall_time(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _network(samples: int, order: int) -> Row:
    data = mq.data.breast_cancer(inputs=4)
    loss = mq.losses.mlp((4, 5, 1), "tanh", "logistic", data.X[:samples], data.y[:samples])
    flow = mq.modified_equation(mq.GradientDescent(), order=order).on(loss)
    mq.compile(flow)
    points = 0.5 * np.random.default_rng(0).standard_normal((256, loss.dimension))

    def together() -> None:
        mq.integrate(flow, points, h=0.5, steps=20)

    def one_by_one() -> None:
        for point in points[:16]:
            mq.integrate(flow, point, h=0.5, steps=20)

    together()
    one_by_one()  # compile
    ours = loop = np.inf
    for _ in range(3):
        ours = min(ours, _wall_time(together) / len(points))
        loop = min(loop, _wall_time(one_by_one) / 16)
    what = f"31 parameters, {samples} samples, order {order}; time of a path"
    return Row(what, ours, peer="loop over integrate", peer_value=loop, ratio_limit=1 / 5)


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
        *(_network(samples, order) for samples in (64, 569) for order in (1, 2)),
    ]

"""At and beyond the edge of stability: the flows of the centre of the oscillations against those of the iterates.

Distances of each flow to the iterates of gradient descent and to their averages (θ_{n−1} + 2θ_n + θ_{n+1})/4, means over the steps that
it reached. The central flow knows sharpness above 2/h only as a place to leave or to stay at, so two networks start there, one below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import modeq as mq

from .breast_cancer import network
from .timing import Row

FLOWS = ("gradient", "rod", "central", "principal")
EVALUATIONS = 10_000  # beyond the edge the principal flow meets its cut
TOLERANCES = {"rtol": 1e-8, "atol": 1e-10}


@dataclass(frozen=True)
class Problem:
    """A loss, a start and a step size."""

    title: str
    loss: mq.Loss
    start: tuple[float, ...]
    h: float
    steps: int
    flows: tuple[str, ...] = FLOWS


def problems() -> Iterator[Problem]:
    symbolic = mq.Loss.from_sympy
    yield Problem("quartic two-cycle, hS = 2.02", symbolic("2.02*x**2/2 - x**4/4", ["x"]), (0.05,), 1.0, 200)
    yield Problem("cosine", mq.losses.cosine(), (2.5,), 2.1, 40)
    yield Problem("self-stabilisation", symbolic("(4 + y)*x**2/2 - y/100", ["x", "y"]), (0.05, -0.1), 0.5, 400)
    yield Problem("Rosenbrock", mq.losses.rosenbrock(), (0.9, 0.7), 2.2e-3, 30)
    net = network()
    real = ("gradient", "rod", "central")  # the principal flow takes minutes to stall
    for seed, h in ((0, 1.4), (2, 1.4), (0, 1.0)):
        yield Problem(f"network 4-5-1, seed {seed}", net, tuple(mq.losses.xavier(net, seed)), h, 60, real)


def rows() -> list[Row]:
    result = []
    for problem in problems():
        report = mq.compare(
            mq.GradientDescent(),
            problem.loss,
            problem.start,
            h=problem.h,
            steps=problem.steps,
            flows=problem.flows,
            max_evaluations=EVALUATIONS,
            **TOLERANCES,
        )
        products = [problem.h * problem.loss.sharpness(point) for point in report.iterates.theta]
        title = f"{problem.title}, h = {problem.h:g}, hλ {products[0]:.2f}, ≤ {max(products):.2f}, {products[-1]:.2f}"
        means = {label: float(np.nanmean(errors[1:])) for label, errors in report.errors.items()}
        averaged = {label: float(np.nanmean(errors)) for label, errors in report.average_errors.items()}
        for label, path in report.trajectories.items():
            note = f"{label}, {path.evaluations} evaluations, {path.status} at {len(path) - 1}"
            for target, values in (("iterates", means), ("averages", averaged)):
                row = Row(f"{title}: {note}, to {target}", values[label], unit="", peer="gradient", peer_value=values["gradient"])
                result.append(row)
    return result

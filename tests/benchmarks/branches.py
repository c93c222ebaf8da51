"""The three branches of the principal flow beyond hλ = 1: who finishes, at what cost and how far off.

``python -m tests.benchmarks.branches`` prints the table of docs/branches.md. Gradient descent from one start on each loss, with
1 < hλ < 2.2 along the iterates or most of them; distances are those of the real part to the iterates, over the steps that were reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import modeq as mq

from .breast_cancer import network
from .timing import Row

BRANCHES = ("principal", "rotated", "continued")
EVALUATIONS = 5_000  # a branch on its cut would go on for ever
TOLERANCES = {"rtol": 1e-8, "atol": 1e-10}


@dataclass(frozen=True)
class Problem:
    """A loss, a start and a step size."""

    title: str
    loss: mq.Loss
    start: tuple[float, ...]
    h: float
    steps: int = 30


@dataclass(frozen=True)
class Run:
    """What one branch did on a problem."""

    problem: Problem
    products: tuple[float, float]  # smallest and largest hλ along the iterates
    way: float  # largest distance of the iterates from their start
    branch: str
    status: str
    reached: int
    evaluations: int
    largest: float
    mean: float


def problems() -> list[Problem]:
    L = mq.losses
    net = network()
    return [
        Problem("double well", L.double_well(), (1.1,), 0.6),
        Problem("cosine", L.cosine(), (2.5,), 1.5),
        Problem("cosine", L.cosine(), (2.5,), 2.1),
        Problem("Rosenbrock", L.rosenbrock(), (0.6, 0.5), 3e-3),
        Problem("Rosenbrock", L.rosenbrock(), (0.9, 0.7), 2.2e-3),
        Problem("Himmelblau", L.himmelblau(), (3.4, 1.8), 0.018),
        Problem("Beale", L.beale(), (2.8, 0.45), 0.05),
        Problem("Styblinski–Tang", L.styblinski_tang(), (-2.5, -2.7), 0.045),
        Problem("banana", L.banana(), (12.0, -2.0), 1.2),
        Problem("Styblinski–Tang", L.styblinski_tang(3), (-2.5, -2.7, -3.2), 0.048),
        Problem("Rosenbrock", L.rosenbrock(3), (0.8, 0.7, 0.5), 2.1e-3),
        Problem("deep chain", L.deep_chain(4), (1.1, 0.9, 1.0, 0.9), 0.4),
        Problem("network 4-5-1", net, tuple(mq.losses.xavier(net, 0)), 0.6, steps=10),
        Problem("network 4-5-1", net, tuple(mq.losses.xavier(net, 0)), 0.9, steps=10),
    ]


def study(problem: Problem) -> list[Run]:
    gd, E = mq.GradientDescent(), problem.loss
    iterates = mq.iterate(gd, E, problem.start, h=problem.h, steps=problem.steps)
    products = [problem.h * E.sharpness(point) for point in iterates.theta]
    way = float(np.linalg.norm(iterates.theta - iterates.theta[0], axis=1).max())
    result = []
    for branch in BRANCHES:
        flow = mq.principal_flow(gd, branch=branch).on(E)
        path = mq.integrate(flow, problem.start, h=problem.h, steps=problem.steps, max_evaluations=EVALUATIONS, **TOLERANCES)
        errors = np.linalg.norm(path.theta.real - iterates.theta[: len(path)], axis=1)
        distances = (float(errors.max()), float(errors.mean()))
        result.append(Run(problem, (min(products), max(products)), way, branch, path.status, len(path) - 1, path.evaluations, *distances))
    return result


def rows() -> list[Row]:
    result = []
    for problem in problems():
        for run in study(problem):
            title = f"{problem.title}, d = {problem.loss.dimension}, h = {problem.h:g}: {run.branch}"
            note = f"{run.status} at step {run.reached}, {run.evaluations} evaluations, max {run.largest:.1e}"
            result.append(Row(f"{title}, {note}", run.mean, unit="", peer="way", peer_value=run.way))
    return result


def main() -> None:
    print("| loss, d, h | hλ of the iterates | way | branch | ended | max distance | mean |")
    print("|---|---|---|---|---|---|---|")
    for problem in problems():
        for run in study(problem):
            first = run.branch == BRANCHES[0]
            name = f"{problem.title}, {problem.loss.dimension}, {problem.h:g}" if first else ""
            products = f"{run.products[0]:.2f} – {run.products[1]:.2f}" if first else ""
            way = f"{run.way:.2g}" if first else ""
            # where and when a run stalls, and after how many evaluations one ends, rounding decides
            finished = run.status == "completed"
            ended = f"finished | {run.largest:.1e} | {run.mean:.1e}" if finished else f"{run.status} | – | –"
            print(f"| {name} | {products} | {way} | {run.branch} | {ended} |", flush=True)


if __name__ == "__main__":
    main()

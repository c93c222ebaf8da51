"""At and beyond the edge of stability: the flow of two steps as one map against the flows of the centre of the oscillations.

Mean distances to the iterates of gradient descent, for two steps to every second of them, and of the flows of the centre also to the
averages (θ_{n−1} + 2θ_n + θ_{n+1})/4, over the steps that a flow reached; the note says how far that was. The first line of a problem
compares the better of "two-step" and "two-step2" with the best that rod and central flow do, of both scores: the issue asks for ≤ ½.

Networks start at an iterate, where the first, largest steps are done: before, directions are turned over (the status ``"complex"``) and
no real flow follows; the last problem shows that. A field of two steps takes 2 gradients and, with all eigenvectors, 2d products of a
Hessian with a vector, each about two gradients; rod and central flow take about 6 gradients a field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import modeq as mq

from .breast_cancer import network
from .timing import Row

GD = mq.GradientDescent()
CENTRES = ("rod", "central")
PAIRS = ("two-step", "two-step2")


@dataclass(frozen=True)
class Problem:
    """A loss, a start, steps of gradient descent to do before, and a step size."""

    title: str
    loss: mq.Loss
    start: tuple[float, ...]
    h: float
    steps: int
    before: int = 0
    flows: tuple[str, ...] = ("gradient", "principal", *CENTRES, *PAIRS)
    rtol: float = 1e-10
    max_evaluations: int = 10_000


def problems() -> Iterator[Problem]:
    symbolic = mq.Loss.from_sympy
    for product in ("2.02", "2.1", "2.3"):
        yield Problem(f"quartic two-cycle, hS = {product}", symbolic(f"{product}*x**2/2 - x**4/4", ["x"]), (0.05,), 1.0, 200)
    yield Problem("cosine", mq.losses.cosine(), (2.5,), 2.1, 40)
    yield Problem("Rosenbrock", mq.losses.rosenbrock(), (0.9, 0.7), 2.2e-3, 30)
    yield Problem("self-stabilisation", symbolic("(4 + y)*x**2/2 - y/100", ["x", "y"]), (0.05, -0.1), 0.5, 400)
    net = network()
    real = ("gradient", *CENTRES, *PAIRS)  # the principal flow takes minutes to stall
    for seed, before in ((0, 6), (1, 6), (2, 6), (2, 0)):
        flows = real if before else real[:-1]
        yield Problem(f"network 4-5-1, seed {seed}", net, tuple(mq.losses.xavier(net, seed)), 1.4, 60, before, flows, 1e-6, 3_000)
    real = real[:-1]
    for degree, h, steps, before in ((3, 0.4, 500, 800), (4, 0.5, 500, 1040), (3, 0.3, 500, 200), (3, 0.2, 1000, 0), (3, 0.4, 500, 0)):
        data = mq.data.chebyshev(degree, 20)
        net = mq.losses.mlp((1, 20, 1), "tanh", "mean-squared", data.X, data.y)
        yield Problem(f"Chebyshev {degree}, 1-20-1", net, tuple(mq.losses.xavier(net, 0)), h, steps, before, real, 1e-6, 12_000)


def rows() -> list[Row]:
    return [row for problem in problems() for row in measured(problem)]


def measured(problem: Problem) -> list[Row]:
    """Run one problem."""
    start = mq.iterate(GD, problem.loss, problem.start, h=problem.h, steps=problem.before).theta[-1]
    report = mq.compare(
        GD,
        problem.loss,
        start,
        h=problem.h,
        steps=problem.steps,
        flows=problem.flows,
        max_evaluations=problem.max_evaluations,
        rtol=problem.rtol,
        atol=problem.rtol / 100,
    )
    products = [problem.h * problem.loss.sharpness(point) for point in report.iterates.theta[:: max(1, problem.steps // 60)]]
    after = f" after {problem.before} steps" if problem.before else ""
    title = f"{problem.title}, h = {problem.h:g}{after}, hλ {products[0]:.2f}, ≤ {max(products):.2f}, {products[-1]:.2f}"
    means = {label: _mean(errors[1:]) for label, errors in report.errors.items()}
    averaged = {label: _mean(errors) for label, errors in report.average_errors.items()}
    result = []
    for label, path in report.trajectories.items():
        note = f"{label}, {path.evaluations} evaluations, {path.status} at {len(path) - 1}"
        largest = f", largest {np.nanmax(report.errors[label]):.1e}" if label in PAIRS and len(path) > 2 else ""
        result.append(Row(f"  {note}, to iterates{largest}", means[label], unit=""))
        if label in CENTRES:
            result.append(Row(f"  {note}, to averages", averaged[label], unit=""))
    ours = {
        label: means[label]
        for label in PAIRS
        if label in report.trajectories and report.trajectories[label].status in {"completed", "complex"}
    }
    finished = [label for label in CENTRES if report.trajectories[label].completed] or CENTRES
    theirs = {label: np.nanmin([means[label], averaged[label]]) for label in finished}
    reached = {label: mean for label, mean in ours.items() if np.isfinite(mean)}
    if not reached:
        result.insert(0, Row(f"{title}: two steps do not finish", np.nan, unit=""))
    else:
        best, peer = min(reached, key=reached.__getitem__), min(theirs, key=theirs.__getitem__)
        result.insert(0, Row(f"{title}: {best}", reached[best], unit="", peer=peer, peer_value=float(theirs[peer]), ratio_limit=0.5))
    return result


def _mean(errors: np.ndarray) -> float:
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if len(known) else np.nan

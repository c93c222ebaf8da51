"""At and beyond the edge of stability: the flow of two steps as one map against the flows of the centre of the oscillations.

Mean distances to the iterates of gradient descent, for two steps to every second of them, and of the flows of the centre also to the
averages (θ_{n−1} + 2θ_n + θ_{n+1})/4, over the steps that a flow reached; the note says how far that was. The first line of a problem
compares the better of "two-step" and "two-step2" with the best that rod and central flow do, of both scores: the issue asks for ≤ ½.

Networks start at an iterate, where the first, largest steps are done: before, directions are turned over (the status ``"complex"``) and
no real flow follows; the last problem shows that. A field of two steps takes 2 gradients and, with all eigenvectors, 2d products of a
Hessian with a vector, each about two gradients; rod and central flow take about 6 gradients a field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

import modeq as mq

from .breast_cancer import network
from .timing import Row

GD = mq.GradientDescent()
CENTRES = ("rod", "central")
PAIRS = ("two-step", "two-step2")


@dataclass(frozen=True)
class Problem:
    """A loss, a start, steps of gradient descent to do before, and a step size; the quick ones are printed in the documentation."""

    title: str
    loss: mq.Loss
    start: tuple[float, ...]
    h: float
    steps: int
    before: int = 0
    flows: tuple[str, ...] = ("gradient", "principal", *CENTRES, *PAIRS)
    rtol: float = 1e-10
    max_evaluations: int = 10_000
    quick: bool = True


def problems() -> Iterator[Problem]:
    symbolic = mq.Loss.from_sympy
    for product in ("2.02", "2.1", "2.3"):
        yield Problem(f"quartic two-cycle, hS = {product}", symbolic(f"{product}*x**2/2 - x**4/4", ["x"]), (0.05,), 1.0, 200)
    yield Problem("cosine, h = 2.1", mq.losses.cosine(), (2.5,), 2.1, 40)
    yield Problem("Rosenbrock, h = 2.2e-3", mq.losses.rosenbrock(), (0.9, 0.7), 2.2e-3, 30)
    yield Problem("self-stabilisation, h = 0.5", symbolic("(4 + y)*x**2/2 - y/100", ["x", "y"]), (0.05, -0.1), 0.5, 400)
    net = network()
    real = ("gradient", *CENTRES, *PAIRS)  # the principal flow takes minutes to stall
    for seed, before in ((2, 6), (0, 6), (1, 6), (0, 4), (2, 0)):
        title = f"network 4-5-1, seed {seed}, h = 1.4, {_after(before)}"
        flows = real if before == 6 else real[:-1]  # earlier, degree 2 meets its poles
        quick = (seed, before) == (2, 6)
        yield Problem(title, net, tuple(mq.losses.xavier(net, seed)), 1.4, 60, before, flows, 1e-6, 3_000, quick)
    net = chebyshev(3)
    for push in (0.1, 0.05):
        title = f"Chebyshev 3, 1-20-1, h = 0.3, pushed by {push:g} at the edge"
        yield Problem(title, net, tuple(at_the_edge(net, 0.3, push)), 0.3, 500, 0, real[:-1], 1e-8, 20_000)
    for degree, h, steps, before in ((3, 0.4, 500, 800), (3, 0.3, 500, 200), (4, 0.5, 500, 1040), (3, 0.2, 1000, 0), (3, 0.4, 500, 0)):
        net = chebyshev(degree)
        title = f"Chebyshev {degree}, 1-20-1, h = {h:g}, {_after(before)}"
        start = tuple(mq.losses.xavier(net, 0))
        yield Problem(title, net, start, h, steps, before, real[:-1], 1e-6, 12_000, quick=False)  # distances depend on rounding


def chebyshev(degree: int) -> mq.Loss:
    """Return the network 1-20-1 on twenty points of a Chebyshev polynomial."""
    data = mq.data.chebyshev(degree, 20)
    return mq.losses.mlp((1, 20, 1), "tanh", "mean-squared", data.X, data.y)


def at_the_edge(net: mq.Loss, h: float, push: float) -> np.ndarray:
    """Return where a run with a smaller step, which is still stable, reaches 2/h, moved by `push` along the sharpest direction.

    The oscillation is then there from the first step. A run that comes to the edge with none goes beyond it while one grows from
    rounding errors, and the spike that ends this makes whatever follows depend on them.
    """
    run = mq.iterate(GD, net, mq.losses.xavier(net, 0), h=0.2, steps=600).theta[::10]
    start = next(theta for theta in run if h * net.sharpness(theta) >= 1.99)
    direction = np.linalg.eigh(net.hessian(start))[1][:, -1]
    return start + push * direction * np.sign(direction[np.argmax(np.abs(direction))])


def _after(before: int) -> str:
    return f"after {before} steps" if before else "from initial weights"


@dataclass(frozen=True)
class Scores:
    """Mean distances to the iterates and to their averages, largest ones, and how far each flow came."""

    problem: Problem
    products: tuple[float, float, float]
    iterates: dict[str, float]
    averages: dict[str, float]
    largest: dict[str, float]
    paths: dict[str, mq.Trajectory]

    @property
    def ours(self) -> str | None:
        """The better of the flows of two steps that finished."""
        done = {label: self.iterates[label] for label in PAIRS if label in self.paths and len(self.paths[label]) == self.problem.steps + 1}
        return min(done, key=done.__getitem__, default=None)

    @property
    def theirs(self) -> tuple[str, float]:
        """The best score of rod and central flow, of those that finished if there are any."""
        finished = [label for label in CENTRES if self.paths[label].completed] or CENTRES
        best = {label: float(np.nanmin([self.iterates[label], self.averages[label]])) for label in finished}
        return min(best.items(), key=lambda item: item[1])


def scores(problem: Problem) -> Scores:
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
    return Scores(
        problem,
        (products[0], max(products), products[-1]),
        {str(label): _over(np.mean, errors[1:]) for label, errors in report.errors.items()},
        {str(label): _over(np.mean, errors) for label, errors in report.average_errors.items()},
        {str(label): _over(np.max, errors) for label, errors in report.errors.items()},
        {str(label): path for label, path in report.trajectories.items()},
    )


def _over(function: Callable[[np.ndarray], float], errors: np.ndarray) -> float:
    known = errors[np.isfinite(errors)]
    return float(function(known)) if len(known) else np.nan


def rows() -> list[Row]:
    return [row for problem in problems() for row in measured(scores(problem))]


def measured(found: Scores) -> Iterator[Row]:
    """Write the lines of one problem."""
    title = found.problem.title + ", hλ {:.2f}, ≤ {:.2f}, {:.2f}".format(*found.products)
    if found.ours is None:
        yield Row(f"{title}: two steps do not finish", np.nan, unit="")
    else:
        peer, best = found.theirs
        yield Row(f"{title}: {found.ours}", found.iterates[found.ours], unit="", peer=peer, peer_value=best, ratio_limit=0.5)
    for label, path in found.paths.items():
        note = f"  {label}, {path.evaluations} evaluations, {path.status} at {len(path) - 1}"
        largest = f", largest {found.largest[label]:.1e}" if label in PAIRS and len(path) > 2 else ""
        yield Row(f"{note}, to iterates{largest}", found.iterates[label], unit="")
        if label in CENTRES:
            yield Row(f"{note}, to averages", found.averages[label], unit="")


def table() -> Iterator[str]:
    """Write the problems that take seconds as docs/edge-of-stability.md has them."""
    heads = ["problem", "hλ first, largest, last", "steps", "two-step, largest", "two-step2, largest", "rod: iterates, averages", "central"]
    yield f"| {' | '.join(heads)} | factor |"
    yield "|---|---|---|---|---|---|---|---|"
    for problem in problems():
        if problem.quick:
            found = scores(replace(problem, flows=tuple(flow for flow in problem.flows if flow in (*CENTRES, *PAIRS))))
            two = [f"{found.iterates[x]:.1e}, {found.largest[x]:.1e}" if x in found.paths else "" for x in PAIRS]
            centre = [f"{found.iterates[x]:.1e}, {found.averages[x]:.1e}{_end(found.paths[x])}" for x in CENTRES]
            factor = f"{found.theirs[1] / found.iterates[found.ours]:.2g}" if found.ours else "–"
            cells = [problem.title, "{:.2f}, {:.2f}, {:.2f}".format(*found.products), str(problem.steps), *two, *centre, factor]
            yield f"| {' | '.join(cells)} |"


def _end(path: mq.Trajectory) -> str:
    return "" if path.completed else f", stops at {len(path) - 1}"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)

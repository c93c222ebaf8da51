"""Through the first steps: gradient descent from raw Xavier weights at large step sizes, where the flow of two steps alone stops.

With jumps it goes on: where it misses two steps of the method by more than a twentieth of their way, they move the state. The last column
is how far gradient descent is from itself when the initial weights are moved by 1e-12, the median of five directions: what is chaotic
nothing follows closer, unless by luck.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import modeq as mq

from .breast_cancer import network
from .edge import chebyshev
from .timing import Row

GD = mq.GradientDescent()
OPTIONS: dict[str, Any] = {"rtol": 1e-6, "atol": 1e-8, "max_evaluations": 12_000}
OTHERS = ("rod", "central", "gradient")


def cases() -> Iterator[tuple[str, mq.Loss, int, float, int]]:
    """Title, loss, seed, h, steps."""
    for seed in (0, 1, 2):
        yield f"network 4-5-1, seed {seed}, h = 1.4", network(), seed, 1.4, 60
    yield "Chebyshev 3, 1-20-1, seed 0, h = 0.4", chebyshev(3), 0, 0.4, 500


def runs() -> Iterator[tuple[str, int, dict[str, mq.Trajectory], dict[str, float], float]]:
    """Title, steps, paths, mean distances over what was reached, and that of gradient descent from itself."""
    for title, E, seed, h, steps in cases():
        theta = mq.losses.xavier(E, seed)
        iterates = mq.iterate(GD, E, theta, h=h, steps=steps).theta
        averages = (iterates[:-2] + 2 * iterates[1:-1] + iterates[2:]) / 4
        flows = {
            "two-step": mq.whole_state_flow(GD, steps=2),
            "two-step+jumps": mq.whole_state_flow(GD, steps=2, jumps=True),
            "rod": mq.RodFlow(),
            "central": mq.CentralFlow(),
            "gradient": mq.gradient_flow(),
        }
        paths = {name: mq.integrate(flow.on(E), theta, h=h, steps=steps, **OPTIONS) for name, flow in flows.items()}
        distances = {
            name: distance(path, iterates, 0, 2) if name not in OTHERS else min(distance(path, iterates, 0), distance(path, averages, 1))
            for name, path in paths.items()
        }
        generator, moved = np.random.default_rng(0), []
        for _ in range(5):
            direction = generator.standard_normal(E.dimension)
            start = theta + 1e-12 * direction / np.linalg.norm(direction)
            moved.append(np.linalg.norm(mq.iterate(GD, E, start, h=h, steps=steps).theta - iterates, axis=1)[2::2].mean())
        yield title, steps, paths, distances, float(np.median(moved))


def distance(path: mq.Trajectory, points: np.ndarray, first: int, period: int = 1) -> float:
    """Return the mean distance of a path from points, the first of which belongs to step `first`; without that of step 0."""
    steps = np.arange(period, len(path), period)
    steps = steps[steps - first < len(points)]
    return float(np.linalg.norm(path.theta.real[steps] - points[steps - first], axis=1).mean()) if len(steps) else np.nan


@dataclass(frozen=True)
class Alternative:
    """One window of k steps without a jump: the least real eigenvalue of its map and how far off the flow lands, as a share of the way.

    `reflected`: with the directions of negative eigenvalues turned over at its end, about the fixed point of the linear model; NaN where
    the flow does not reach the end.
    """

    lowest: float
    missed: float
    reflected: float


def alternative(E: mq.Loss, theta: np.ndarray, h: float, k: int) -> Alternative:
    """Follow the flow of k steps, with log |m| for negative eigenvalues m of the map, over one window."""
    target, matrix, identity = theta, np.eye(len(theta)), np.eye(len(theta))
    for _ in range(k):
        matrix, target = (identity - h * E.hessian(target)) @ matrix, target - h * E.gradient(target)
    values, vectors = np.linalg.eig(matrix)
    negative = (np.abs(values.imag) < 1e-9) & (values.real < 0)
    projection = (vectors[:, negative] @ np.linalg.inv(vectors)[negative]).real
    flow = mq.whole_state_flow(GD, steps=k, hessian="dense").on(E)
    path = mq.integrate(flow, theta, h=h, steps=k, **OPTIONS | {"max_evaluations": 600})
    way, lowest = np.linalg.norm(target - theta), float(values[np.abs(values.imag) < 1e-9].real.min())
    if len(path) <= k:
        return Alternative(lowest, np.nan, np.nan)
    end, fixed = path.theta[-1].real, theta - np.linalg.solve(matrix - identity, target - theta)
    turned = end - 2 * projection @ (end - fixed)
    return Alternative(lowest, float(np.linalg.norm(end - target) / way), float(np.linalg.norm(turned - target) / way))


def alternatives() -> Iterator[tuple[str, Alternative]]:
    """From the first states of the network, two and four steps as one map."""
    for seed in (0, 1, 2):
        states = mq.iterate(GD, network(), mq.losses.xavier(network(), seed), h=1.4, steps=4).theta
        for n in (0, 2, 4):
            for k in (2, 4):
                yield f"network 4-5-1, seed {seed}, h = 1.4, from step {n}, {k} steps", alternative(network(), states[n], 1.4, k)


def rows() -> list[Row]:
    result = []
    for title, one in alternatives():
        result.append(Row(f"{title}: least eigenvalue", one.lowest, unit=""))
        result.append(Row(f"{title}: missed, and reflected", one.missed, unit="", peer="reflected", peer_value=one.reflected))
    for title, _, paths, distances, _ in runs():
        best = min(distances[name] for name in OTHERS if paths[name].completed)
        note = f"{title}: two-step+jumps, {len(paths['two-step+jumps'].jumps)} jumps, {paths['two-step+jumps'].status}"
        result.append(Row(note, distances["two-step+jumps"], unit="", peer="best other", peer_value=best, ratio_limit=0.5))
    return result


def table() -> Iterator[str]:
    """Write the table of docs/edge-of-stability.md."""
    yield "| from initial weights | two-step | with jumps | jumps | rod | central | gradient | itself, moved |"
    yield "|---|---|---|---|---|---|---|---|"
    for title, steps, paths, distances, moved in runs():
        cells = [f"{distances[name]:.1e}" + ("" if path.completed else f", stops at {len(path) - 1}") for name, path in paths.items()]
        cells[0] = "" if paths["two-step"].completed else f"stops at {len(paths['two-step']) - 1}"
        jumps = f"{len(paths['two-step+jumps'].jumps)} of {steps // 2}"
        yield f"| {' | '.join([title, *cells[:2], jumps, *cells[2:], f'{moved:.1e}'])} |"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)

"""The drift-adjusted learning rate on two networks, from three initialisations each, against constant rates.

Breast cancer: 4-5-1, tanh, mean-squared, four principal components, 31 parameters. Digits: 64-32-10, tanh, 2,410 parameters, softmax and
mean-squared on one-hot targets. A constant rate is counted as diverged when the loss at the end exceeds twice that at the start, or
overflowed; a run trains stably when it ends below half its start and never exceeded it by more than a tenth.

At Xavier's weights a constant rate of 3/λ_max(θ₀) mostly survives: between 2/λ and 4/λ the run is thrown to where λ is smaller
(A. Lewkowycz et al. 2020, arXiv 2003.02218, the catapult). From smaller weights, where λ grows first, it diverges.

``python -m tests.benchmarks.drift_adjusted DIRECTORY`` draws h(θ), sharpness and loss for p = 1/2 and 1.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import modeq as mq
from modeq import plotting

from .breast_cancer import network as breast_cancer
from .networks import digits
from .timing import Row

SEEDS = (0, 1, 2)
STEPS = 150
RATES = (1.9, 3.0, 4.0)  # constant rates, in units of 1/λ_max(θ₀)
POWERS = (0.5, 1.0)
SMALL = 0.2  # of Xavier's weights


@cache
def networks() -> dict[str, mq.Loss]:
    images = digits()
    one_hot = mq.losses.mlp(images.widths, "tanh", "mean-squared", images.X, np.eye(10)[images.y])
    return {"breast cancer": breast_cancer(), "digits, mean-squared": one_hot, "digits, softmax": images.loss}


def run(loss: mq.Loss, theta: Any, h: Any, method: mq.Method | None = None, steps: int = STEPS) -> mq.Trajectory:
    return mq.iterate(method or mq.GradientDescent(), loss, theta, h=h, steps=steps)


def diverged(path: mq.Trajectory) -> bool:
    losses = path.loss
    assert losses is not None
    return not path.completed or not losses[-1] <= 2 * losses[0]


def trains(path: mq.Trajectory) -> bool:
    losses = path.loss
    assert losses is not None
    return path.completed and bool(losses[-1] < losses[0] / 2 and losses.max() <= 1.1 * losses[0])


def rows() -> list[Row]:
    result = []
    for name, loss in networks().items():
        for scale in (1.0, SMALL):
            title = f"{name}, {'Xavier' if scale == 1 else f'{scale} × Xavier'}"
            starts = [scale * mq.losses.xavier(loss, seed) for seed in SEEDS]
            sharpness = [loss.sharpness(theta) for theta in starts]
            for rate in RATES:
                paths = [run(loss, theta, rate / value) for theta, value in zip(starts, sharpness, strict=True)]
                count = sum(diverged(path) for path in paths)
                result.append(Row(f"{title}: {rate:g}/λ₀ diverged{_ends(paths)}", count, unit=f"of {len(SEEDS)}"))
            for power in POWERS:
                paths = [run(loss, theta, mq.dal(power)) for theta in starts]
                count = sum(not trains(path) for path in paths)
                result.append(
                    Row(f"{title}: DAL, p = {power:g}, not stable{_ends(paths)}", count, f"of {len(SEEDS)}", 0.0 if power == 1 else None)
                )
            paths = [run(loss, theta, mq.dal(), mq.HeavyBall(0.9)) for theta in starts]
            result.append(
                Row(f"{title}: DAL, p = 1, β = 0.9, not stable{_ends(paths)}", sum(not trains(p) for p in paths), f"of {len(SEEDS)}")
            )
    return result


def _ends(paths: list[mq.Trajectory]) -> str:
    """Last losses of runs, as text."""
    last = [path.loss[-1] for path in paths if path.loss is not None]
    return f" (E at the end: {', '.join(f'{value:.2g}' for value in last)})"


def pictures(directory: Path) -> None:
    """Draw h(θ), sharpness against 2/h and loss, one picture for each network."""
    for name, loss in networks().items():
        theta = mq.losses.xavier(loss, 0)
        rules = {f"DAL, p = {power:g}": mq.dal(power) for power in POWERS} | {"constant 1.9/λ₀": 1.9 / loss.sharpness(theta)}
        gd = mq.GradientDescent()
        edges = {label: mq.edge_of_stability(gd, run(loss, theta, h)) for label, h in rules.items()}
        plotting.plot_edge_of_stability(edges, directory / f"dal {name}.png".replace(", ", " ").replace(" ", "-"))


if __name__ == "__main__":
    pictures(Path(sys.argv[1]))

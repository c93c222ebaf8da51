"""Gradient descent of a small network on real data against its flows: who stays closest, and where the flows turn complex.

Breast cancer in four principal components, targets −1 and 1, 4-5-1 with tanh, mean-squared, 31 parameters, 20 steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import modeq as mq

from .timing import Row

STEPS = 20
SEEDS = (0, 1, 2)
STEP_SIZES = (0.2, 0.5, 0.9)
EVALUATIONS = 5_000  # a flow that takes more is stalled, and takes minutes
FLOWS: tuple[str | int, ...] = ("gradient", "igr", 3, "principal", "principal+3")


def network() -> mq.Loss:
    sample = mq.data.breast_cancer(inputs=4)
    return mq.losses.mlp((4, 5, 1), "tanh", "mean-squared", sample.X, sample.signs())


def runs() -> list[tuple[int, float, mq.Comparison]]:
    E = network()
    gd = mq.GradientDescent()
    return [
        (seed, h, mq.compare(gd, E, mq.losses.xavier(E, seed), h=h, steps=STEPS, flows=FLOWS, max_evaluations=EVALUATIONS))
        for h in STEP_SIZES
        for seed in SEEDS
    ]


def means(report: mq.Comparison) -> dict[str | int, float]:
    """Mean distance to the iterates by flow; infinite for a flow that ended early."""
    return {label: float(errors.mean()) if np.isfinite(errors).all() else float("inf") for label, errors in report.errors.items()}


def sharpnesses(report: mq.Comparison) -> Any:
    """The largest hλ at each iterate."""
    loss = report.field
    assert isinstance(loss, mq.Loss)
    return np.array([report.h * loss.sharpness(point) for point in report.iterates.theta])


def in_order(errors: dict[str | int, float]) -> bool:
    """Whether gradient > igr > {3, principal} > principal+3."""
    middle = (errors[3], errors["principal"])
    return errors["gradient"] > errors["igr"] > max(middle) and min(middle) > errors["principal+3"]


def rows() -> list[Row]:
    result = []
    for seed, h, report in runs():
        title = f"h = {h}, seed {seed}"
        values, errors = sharpnesses(report), means(report)
        result += [
            Row(f"{title}: hλ at the start", float(values[0]), unit=""),
            Row(f"{title}: largest hλ along the iterates", float(values.max()), unit=""),
            Row(f"{title}: iterates with hλ > 1", float((values > 1).sum()), unit=f"of {len(values)}"),
        ]
        for label, path in report.trajectories.items():
            imaginary = float(np.nanmax(report.imaginary[label]))
            note = f"|Im| ≤ {imaginary:.1e}, {path.evaluations} evaluations, {path.status}"
            result.append(Row(f"{title}: {label}, {note}", errors[label], unit="", peer="gradient", peer_value=errors["gradient"]))
        kept = "gradient > igr > {3, principal} > principal+3"
        result.append(Row(f"{title}: {kept}: {in_order(errors)}", float(not in_order(errors)), unit="failures", limit=0.0))
    return result

"""Two steps as one map where hλ passes through 1 and an eigenvalue of the map through 0: which solver gets through, at what price.

The field has log |m| there, integrable but not smooth, and no longer stiff: |m| = 1e-6 is a rate of 14 in two steps. So explicit
solvers of high order do well, and Jacobians by difference quotients are what implicit ones pay for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import modeq as mq

from .breast_cancer import network
from .timing import Row

GD = mq.GradientDescent()
SOLVERS = ("DOP853", "RK45", "Radau", "BDF", "LSODA")
EVALUATIONS = 10_000


def cases() -> Iterator[tuple[str, mq.Loss | mq.VectorField, tuple[float, ...], float, int]]:
    """Title, field, start, h, steps."""
    drift = mq.VectorField.from_sympy(["-(1 + y)*x + 3/10 - y**2", "-1/250"], ["x", "y"], name="drifting curvature")
    yield "drifting curvature, d = 2, h = 1", drift, (0.4, 0.02), 1.0, 12
    net = network()
    for seed, h in ((0, 0.5), (0, 0.9)):
        yield f"network 4-5-1, seed {seed}, h = {h}", net, tuple(mq.losses.xavier(net, seed)), h, 10


def runs() -> Iterator[tuple[str, dict[str, mq.Trajectory], float]]:
    """Title, the path of each solver, and the mean distance of the first to the iterates."""
    for title, field, start, h, steps in cases():
        flow = mq.whole_state_flow(GD, steps=2).on(field)
        iterates = mq.iterate(GD, field, start, h=h, steps=steps).theta
        options = {"rtol": 1e-6, "atol": 1e-8, "max_evaluations": EVALUATIONS}
        paths = {solver: mq.integrate(flow, start, h=h, steps=steps, solver=solver, **options) for solver in SOLVERS}
        theta = paths[SOLVERS[0]].theta
        yield title, paths, float(np.linalg.norm(theta - iterates[: len(theta)], axis=1)[2::2].mean())


def rows() -> list[Row]:
    result = []
    for title, paths, _ in runs():
        first = float(paths[SOLVERS[0]].evaluations)
        for solver, path in paths.items():
            note = f"{title}: {solver}, {path.status} at {len(path) - 1}"
            result.append(Row(note, float(path.evaluations), unit="evaluations", peer=SOLVERS[0], peer_value=first))
    return result


def table() -> Iterator[str]:
    """Write how runs end and how far off, as docs/edge-of-stability.md has them; rounding decides how many evaluations they take."""
    yield "| | ended | mean distance |"
    yield "|---|---|---|"
    for title, paths, distance in runs():
        yield f"| {title} | {paths[SOLVERS[0]].status} | {distance:.1e} |"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)

"""Two steps as one map where hλ passes through 1 and an eigenvalue of the map through 0: which solver gets through, at what price.

The field has log |m| there, integrable but not smooth, and no longer stiff: |m| = 1e-6 is a rate of 14 in two steps. So explicit
solvers of high order do well, and Jacobians by difference quotients are what implicit ones pay for.
"""

from __future__ import annotations

import numpy as np

import modeq as mq

from .breast_cancer import network
from .timing import Row

GD = mq.GradientDescent()
SOLVERS = ("DOP853", "RK45", "Radau", "BDF", "LSODA")
EVALUATIONS = 10_000


def rows() -> list[Row]:
    net = network()
    drift = mq.VectorField.from_sympy(["-(1 + y)*x + 3/10 - y**2", "-1/250"], ["x", "y"], name="drifting curvature")
    cases = [("drifting curvature, h = 1", drift, (0.4, 0.02), 1.0, 12)]
    cases += [
        (f"network 4-5-1, seed {seed}, h = {h}", net, tuple(mq.losses.xavier(net, seed)), h, 10)
        for seed, h in ((0, 0.5), (1, 0.5), (0, 0.9))
    ]
    result = []
    for title, field, start, h, steps in cases:
        flow = mq.principal_flow(GD, steps=2).on(field)
        iterates = mq.iterate(GD, field, start, h=h, steps=steps).theta
        counts = {}
        for solver in SOLVERS:
            path = mq.integrate(flow, start, h=h, steps=steps, rtol=1e-6, atol=1e-8, solver=solver, max_evaluations=EVALUATIONS)
            errors = np.linalg.norm(path.theta - iterates[: len(path)], axis=1)[::2]
            counts[solver] = float(path.evaluations)
            note = f"{solver}, {path.status} at {len(path) - 1}, mean distance {errors[1:].mean() if len(errors) > 1 else np.nan:.2e}"
            result.append(Row(f"{title}: {note}", counts[solver], unit="evaluations", peer=SOLVERS[0], peer_value=counts[SOLVERS[0]]))
    return result

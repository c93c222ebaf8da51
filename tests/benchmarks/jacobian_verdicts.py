"""Verdicts at minima, saddles and maxima of six catalogue losses, for steps on both sides of 2/λ: what each flow gets right.

The reference is the spectral radius of one step of gradient descent, linearised at the point by difference quotients of the iteration.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import modeq as mq

from .timing import Row

LOSSES = {
    "himmelblau": (mq.losses.himmelblau, ([3.0, 2.0], [0.0867, 2.8843], [-0.2708, -0.9230])),
    "rosenbrock": (mq.losses.rosenbrock, ([1.0, 1.0],)),
    "beale": (mq.losses.beale, ([3.0, 0.5], [0.0, 1.0])),
    "double well": (mq.losses.double_well, ([1.0], [0.0])),
    "cosine": (mq.losses.cosine, ([np.pi], [0.0])),
    "styblinski-tang": (mq.losses.styblinski_tang, ([-2.9, -2.9], [-2.9, 0.16], [0.16, 0.16])),
}
SCALES = (0.5, 0.9, 1.1, 1.5, 1.9, 1.99, 2.01, 2.1, 3.0, 5.0)  # h|λ|_max
GD = mq.GradientDescent()
FLOWS: dict[str, Any] = {
    "gradient": mq.gradient_flow(),
    "igr": mq.modified_equation(GD, 2),
    "order 3": mq.modified_equation(GD, 3),
    "order 4": mq.modified_equation(GD, 4),
    "principal": mq.principal_flow(GD),
    "principal, degree 2": mq.principal_flow(GD, degree=2),
}


def stationary(loss: mq.Loss, near: list[float]) -> Any:
    """Newton's method to rounding."""
    theta = np.array(near)
    for _ in range(30):
        theta = theta - np.linalg.solve(loss.hessian(theta), loss.gradient(theta))
    return theta


def radius(loss: mq.Loss, theta: Any, h: float) -> float:
    """Spectral radius of the Jacobian of one step, from runs of one step on both sides."""
    step = 1e-5
    ends = [[mq.iterate(GD, loss, theta + sign * step * e, h=h, steps=1).theta[-1] for sign in (1, -1)] for e in np.eye(len(theta))]
    return float(np.abs(np.linalg.eigvals(np.array([(a - b) / (2 * step) for a, b in ends]))).max())


def rows() -> list[Row]:
    cases = []
    for make, points in LOSSES.values():
        loss = make()
        for near in points:
            theta = stationary(loss, near)
            largest = np.abs(loss.spectrum(theta)).max()
            cases += [(loss, theta, scale / largest, radius(loss, theta, scale / largest)) for scale in SCALES]
    wrong_method = 0
    wrong = dict.fromkeys(FLOWS, 0)
    for loss, theta, h, size in cases:
        expected = "attracts" if size < 1 else "repels"
        for label, equation in FLOWS.items():
            found = mq.jacobian_spectrum(equation.on(loss), theta, h)
            wrong[label] += found.flow_verdict != expected
            wrong_method += label == "gradient" and found.method_verdict != expected
    unit = f"of {len(cases)}"
    result = [Row("wrong verdicts on gradient descent itself", wrong_method, unit=unit, limit=0.0)]
    for label, count in wrong.items():
        result.append(
            Row(f"{label}: does not do what gradient descent does", count, unit=unit, limit=0.0 if "principal" in label else None)
        )
    return result

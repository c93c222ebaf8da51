"""Step sizes at which an error is asymptotic and well above rounding, and the slope measured with them."""

from __future__ import annotations

import numpy as np

import modeq as mq

TOLERANCE = 0.1
RATIOS = (1.0, 0.8, 0.64, 0.5)

# Largest hλ for each order p. The error of one step is about (hλ)^(p+1)/(p+1) times |θ|: these keep the smallest one above
# 1e-12 and the next term, a relative hλ or so, far below the tolerance of the slope.
REACH = {1: 0.002, 2: 0.005, 3: 0.01, 4: 0.02, 5: 0.03, 6: 0.05}


def sharpness(field: mq.Loss | mq.VectorField, point: tuple[float, ...]) -> float:
    """Return λ, the largest modulus of an eigenvalue of f′."""
    jacobian = field.hessian(point) if isinstance(field, mq.Loss) else field.jacobian(point)
    return float(np.abs(np.linalg.eigvals(jacobian)).max())


def step_sizes(order: int, field: mq.Loss | mq.VectorField, point: tuple[float, ...], *, scale: float = 1.0) -> list[float]:
    """Return step sizes h with hλ from ½ to 1 times `scale` · REACH[order]."""
    largest = scale * REACH[order] / sharpness(field, point)
    return [ratio * largest for ratio in RATIOS]


def one_step_slope(method: mq.Method, flow: mq.Flow, point: tuple[float, ...], order: int, *, scale: float = 1.0) -> float:
    """Measure the slope of the one-step error at the step sizes for `order`; no point may drown in rounding."""
    estimate = mq.order_of_accuracy(method, flow, point, step_sizes(order, flow.field, point, scale=scale))
    assert estimate.used.all(), f"errors {estimate.errors} are too close to rounding to measure a slope"
    return estimate.slope

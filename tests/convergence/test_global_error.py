"""Over a fixed time T = nh the order-p flow stays within O(h^p) of the iterates."""

import numpy as np
import pytest

import modeq as mq

from .measurement import TOLERANCE


def global_slope(method, E, point, order, time, counts):
    """Fit the slope of the error at T = nh, with n steps for each n of `counts`."""
    flow = mq.modified_equation(method, order).on(E)
    errors = []
    for steps in counts:
        h = time / steps
        iterates = mq.iterate(method, E, point, h=h, steps=steps, start="smooth")
        path = mq.integrate(flow, point, h=h, steps=steps, rtol=3e-14, atol=1e-300)
        assert iterates.status == path.status == "completed"
        errors.append(np.linalg.norm(path.theta[-1] - iterates.theta[-1]))
    return np.polyfit(np.log(time / np.array(counts)), np.log(errors), 1)[0]


@pytest.mark.parametrize("order", range(1, 5))
def test_gradient_descent_on_a_double_well_has_global_order_p(order):
    slope = global_slope(mq.GradientDescent(), mq.losses.double_well(), (1.4,), order, 0.25, (80, 100, 125, 160))
    assert slope == pytest.approx(order, abs=TOLERANCE)


@pytest.mark.parametrize("order", range(1, 5))
def test_gradient_descent_on_rosenbrock_has_global_order_p(order):
    slope = global_slope(mq.GradientDescent(), mq.losses.rosenbrock(), (-0.8, 1.2), order, 2e-3, (80, 100, 125, 160))
    assert slope == pytest.approx(order, abs=TOLERANCE)


@pytest.mark.parametrize("order", range(1, 4))
def test_heavy_ball_from_the_smooth_start_has_global_order_p(order):
    slope = global_slope(mq.HeavyBall(0.5), mq.losses.double_well(), (1.4,), order, 0.25, (200, 250, 320, 400))
    assert slope == pytest.approx(order, abs=TOLERANCE)

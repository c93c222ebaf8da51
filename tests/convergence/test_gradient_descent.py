"""One step of gradient descent differs from the order-p flow by O(h^(p+1)), not better and not worse."""

import numpy as np
import pytest

import modeq as mq

from .measurement import TOLERANCE, one_step_slope

# points where no leading error coefficient is accidentally small, in one, two and three dimensions
CASES = {
    "double well": (mq.losses.double_well(), (1.4,)),
    "cosine": (mq.losses.cosine(), (2.8,)),
    "rosenbrock": (mq.losses.rosenbrock(), (-0.8, 1.2)),
    "himmelblau": (mq.losses.himmelblau(), (1.0, 1.5)),
    "styblinski-tang": (mq.losses.styblinski_tang(1), (-3.6,)),
    "deep chain": (mq.losses.deep_chain(), (1.2, 0.7, 0.9)),
}


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize("loss", CASES)
def test_the_one_step_error_of_order_p_has_slope_p_plus_1(loss, order):
    E, point = CASES[loss]
    method = mq.GradientDescent()
    slope = one_step_slope(method, mq.modified_equation(method, order).on(E), point, order)
    assert slope == pytest.approx(order + 1, abs=TOLERANCE)


@pytest.mark.parametrize("loss", ["double well", "rosenbrock"])
@pytest.mark.parametrize("order", [3, 4])
def test_the_principal_flow_completed_to_order_p_has_slope_p_plus_1(loss, order):
    E, point = CASES[loss]
    method = mq.GradientDescent()
    slope = one_step_slope(method, mq.principal_flow(method, order=order).on(E), point, order)
    assert slope == pytest.approx(order + 1, abs=TOLERANCE)


def test_the_principal_flow_alone_has_slope_3_because_the_cherry_is_no_chain():
    E, point = CASES["rosenbrock"]
    method = mq.GradientDescent()
    slope = one_step_slope(method, mq.principal_flow(method).on(E), point, 2)
    assert slope == pytest.approx(3, abs=TOLERANCE)


def test_the_step_that_is_given_the_modifying_field_lands_on_the_exact_flow():
    E, point = CASES["rosenbrock"]
    method, order = mq.GradientDescent(), 3
    counter = mq.modifying_equation(method, order).on(E)
    exact = mq.gradient_flow().on(E)
    errors, steps = [], [2e-5, 1.6e-5, 1.28e-5, 1e-5]
    for h in steps:
        end = mq.integrate(exact, point, h=h, steps=1, rtol=3e-14, atol=1e-300).theta[-1]
        errors.append(np.linalg.norm(np.array(point) + h * counter(point, h) - end))
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(order + 1, abs=TOLERANCE)

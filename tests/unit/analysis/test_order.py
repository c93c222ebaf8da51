"""Measured orders: the slope of the one-step error is p + 1."""

import numpy as np
import pytest

import modeq as mq

E = mq.losses.double_well()
GD = mq.GradientDescent()
HS = [0.02, 0.01, 0.005]


@pytest.mark.parametrize("order", [1, 2])
def test_the_slope_of_gradient_descent(order):
    estimate = mq.order_of_accuracy(GD, mq.modified_equation(GD, order).on(E), [1.4], HS)
    assert estimate.slope == pytest.approx(order + 1, abs=0.1)


def test_the_flow_of_another_method_has_a_lower_slope():
    flow = mq.modified_equation(mq.ProximalPoint(), 2).on(E)
    assert mq.order_of_accuracy(GD, flow, [1.4], HS).slope == pytest.approx(2, abs=0.1)


def test_methods_with_memory_start_smoothly():
    method = mq.HeavyBall("1/2")
    estimate = mq.order_of_accuracy(method, mq.modified_equation(method, 2).on(E), [1.4], [0.001, 0.0005, 0.00025])
    assert estimate.slope == pytest.approx(3, abs=0.1)


def test_the_fit_shows_its_points():
    estimate = mq.order_of_accuracy(GD, mq.gradient_flow().on(E), [1.4], HS)
    np.testing.assert_array_equal(estimate.hs, HS)
    assert estimate.used.all()
    assert float(estimate) == estimate.slope
    # leading one-step error (h²/2)|E″E′| of the gradient flow
    np.testing.assert_allclose(estimate.errors, np.array(HS) ** 2 / 2 * abs((3 * 1.4**2 - 1) * (1.4**3 - 1.4)), rtol=0.1)


def test_points_in_rounding_errors_are_left_out():
    estimate = mq.order_of_accuracy(GD, mq.modified_equation(GD, 2).on(E), [1.4], [*HS, 1e-6])
    assert estimate.used.tolist() == [True, True, True, False]
    assert estimate.slope == pytest.approx(3, abs=0.1)


def test_nothing_but_rounding_errors_is_refused():
    with pytest.raises(ValueError, match="larger step sizes"):
        mq.order_of_accuracy(GD, mq.modified_equation(GD, 2).on(E), [1.4], [1e-7, 1e-8])


@pytest.mark.parametrize("hs", [[], [0.1]])
def test_a_slope_needs_two_points(hs):
    with pytest.raises(ValueError, match="at least two"):
        mq.order_of_accuracy(GD, mq.gradient_flow().on(E), [1.4], hs)


@pytest.mark.parametrize("hs", [[0.1, 0.0], [0.1, -1], [0.1, float("nan")]])
def test_step_sizes_are_positive(hs):
    with pytest.raises(ValueError, match="step size"):
        mq.order_of_accuracy(GD, mq.gradient_flow().on(E), [1.4], hs)

"""The order is that of the flow, whatever the method: several stages, implicit stages, several steps, several fields."""

import pytest

import modeq as mq

from .measurement import TOLERANCE, one_step_slope

POINT = (-0.8, 1.2)
ROSENBROCK = mq.losses.rosenbrock()

MIDPOINT = mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1], name="explicit midpoint")

METHODS = {
    "extragradient": mq.Extragradient(),
    "proximal point": mq.ProximalPoint(),
    "lookahead": mq.Lookahead(mq.GradientDescent(), steps=3),
    "two steps of gradient descent": mq.compose(mq.GradientDescent(), mq.GradientDescent()),
    "gradient descent then the midpoint rule": mq.compose(mq.GradientDescent(), MIDPOINT),
}

# neither player's field is linear, and the coupling is not bilinear
GAME = mq.VectorField.game(["x*y**2/2 + x**2*y/3 + x*y", "-x*y - sin(x)*y**2/4 + y**2/3"], [["x"], ["y"]])
PLAYERS = mq.GradientDescent().on_field(0), mq.GradientDescent().on_field(1)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("name", METHODS)
def test_the_one_step_error_has_slope_p_plus_1(name, order):
    slope = one_step_slope(METHODS[name], mq.modified_equation(METHODS[name], order).on(ROSENBROCK), POINT, order)
    assert slope == pytest.approx(order + 1, abs=TOLERANCE)


@pytest.mark.parametrize(("order", "expected"), [(1, 3), (2, 3), (3, 4)])
def test_the_midpoint_rule_is_already_one_order_better_than_its_gradient_flow(order, expected):
    flow = mq.modified_equation(MIDPOINT, order).on(ROSENBROCK)
    slope = one_step_slope(MIDPOINT, flow, POINT, max(order, 2))
    assert slope == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_both_ways_of_playing_a_game_have_slope_p_plus_1(updates, order):
    method = mq.compose(*PLAYERS) if updates == "alternating" else mq.GradientDescent()
    slope = one_step_slope(method, mq.modified_equation(method, order).on(GAME), (0.9, 0.7), order)
    assert slope == pytest.approx(order + 1, abs=TOLERANCE)

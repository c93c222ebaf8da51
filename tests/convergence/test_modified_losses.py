"""Training on a modified loss by gradient flow follows the method to the next order; on E itself it does not."""

import numpy as np
import pytest

import modeq as mq

from .measurement import TOLERANCE, step_sizes

POINT = (-0.8, 1.2)
E = mq.losses.rosenbrock()
GD = mq.GradientDescent()
THIRD = mq.RungeKutta([[0, 0], ["1/3", 0]], ["-1/2", "3/2"])  # follows a loss to order three


def slope(method, order):
    """Fitted power of h of the distance between one step of the method and the gradient flow of its modified loss."""
    modified = mq.modified_equation(method, order).modified_loss()
    errors, steps = [], step_sizes(order, E, POINT)
    for h in steps:
        step = mq.iterate(method, E, POINT, h=h, steps=1).theta[-1]
        trained = mq.integrate(mq.gradient_flow().on(modified.on(E, h)), POINT, h=h, steps=1, rtol=3e-14, atol=1e-300).theta[-1]
        errors.append(np.linalg.norm(step - trained))
    return np.polyfit(np.log(steps), np.log(errors), 1)[0]


@pytest.mark.parametrize(("method", "order"), [(GD, 1), (GD, 2), (mq.ProximalPoint(), 2), (THIRD, 3)], ids=str)
def test_where_the_equation_is_a_gradient_flow_the_loss_has_its_order(method, order):
    assert slope(method, order) == pytest.approx(order + 1, abs=TOLERANCE)


def test_without_the_remainder_an_order_is_lost():
    assert slope(GD, 3) == pytest.approx(3, abs=TOLERANCE)


def test_training_on_the_loss_of_heavy_ball_runs_at_its_own_rate():
    """θ' = −∇Ẽ/(1 − β): in the time 1/(1 − β) as long, the gradient flow of Ẽ is where heavy ball's modified flow is."""
    method, h = mq.HeavyBall("1/2"), 1e-4
    equation = mq.modified_equation(method, 2)
    loss = equation.modified_loss().on(E, h)
    slow = mq.integrate(equation.on(E), POINT, h=h, steps=5, rtol=1e-13)
    fast = mq.integrate(mq.gradient_flow().on(loss), POINT, h=2 * h, steps=5, rtol=1e-13)
    np.testing.assert_allclose(fast.theta, slow.theta, rtol=1e-11)


def test_training_a_network_on_its_modified_loss_follows_gradient_descent():
    rng = np.random.default_rng(3)
    net = mq.losses.mlp((2, 3, 1), X=rng.normal(size=(6, 2)), y=rng.normal(size=6))
    theta = rng.normal(size=net.dimension)
    h = 0.2 / net.sharpness(theta)
    steps = mq.iterate(GD, net, theta, h=h, steps=20)
    smoothed = mq.modified_equation(GD, 2).modified_loss().on(net, h)
    distance = {
        name: np.linalg.norm(mq.integrate(mq.gradient_flow().on(loss), theta, h=h, steps=20).theta - steps.theta, axis=1).max()
        for name, loss in {"E": net, "modified": smoothed}.items()
    }
    assert distance["modified"] < distance["E"] / 5

"""One epoch, averaged over all orders of its batches, against the flow of its mean: the error is O(h^(p+1))."""

import itertools

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()
LOSSES = [
    mq.Loss.from_sympy(text, ["x", "y"])
    for text in ("x**2/2 + x**3/3 + x*y + y**2", "2*x*y**2 - x - x**3/5", "x*y**3 + y - x**2", "sin(x*y) + y**2/3")
]
THETA = np.array([0.5, -0.3])
STEPS = (0.01, 0.005)


def mean_of_all_orders(losses, h):
    ends = []
    for order in itertools.permutations(losses):
        point = THETA
        for loss in order:
            point = point - h * loss.gradient(point)
        ends.append(point)
    return np.mean(ends, axis=0)


def slope(errors):
    """Of errors at two steps, one twice as long."""
    return np.log2(errors[0] / errors[1])


def error(flow, losses, h):
    return np.linalg.norm(
        mq.integrate(flow, THETA, h=h, steps=len(losses), rtol=1e-13, atol=1e-15).theta[-1] - mean_of_all_orders(losses, h)
    )


@pytest.mark.parametrize("batches", [2, 3, 4])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_one_epoch_to_each_order(order, batches):
    losses = LOSSES[:batches]
    flow = mq.modified_equation(mq.reshuffled_epoch(GD, order=order)).on(mq.VectorField.from_losses(losses))
    errors = [error(flow, losses, h) for h in STEPS]
    assert abs(slope(errors) - (order + 1)) < 0.1


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_mean_with_momentum_on_its_smooth_solution(order):
    losses, beta = LOSSES[:2], 0.3

    def mean_state(state, h):
        ends = []
        for permutation in itertools.permutations(losses):
            point, velocity = state
            for loss in permutation:
                velocity = beta * velocity - h * loss.gradient(point)
                point = point + velocity
            ends.append([point, velocity])
        return np.mean(ends, axis=0)

    equation = mq.modified_equation(mq.reshuffled_epoch(mq.HeavyBall(beta), order, batches=2))
    flow, errors = equation.on(mq.VectorField.from_losses(losses)), []
    for h in STEPS:
        start = THETA
        for _ in range(12):  # the start from rest whose run is at THETA after ten epochs, when its transient, β²ⁿ, is gone
            state = np.array([start, np.zeros(2)])
            for _ in range(10):
                state = mean_state(state, h)
            start = start + THETA - state[0]
        path = mq.integrate(flow, state[0], h=h, steps=2, rtol=1e-13, atol=1e-15)
        errors.append(np.linalg.norm(path.theta[-1] - mean_state(state, h)[0]))
    assert abs(slope(errors) - (order + 1)) < 0.1


def test_without_the_deviations_the_mean_has_order_one():
    batches = LOSSES[:3]
    mean = mq.Loss.from_sympy(sum(loss.expression for loss in batches) / 3, ["x", "y"])
    flow = mq.modified_equation(GD, order=2).on(mean)
    errors = [error(flow, batches, h) for h in STEPS]
    assert abs(slope(errors) - 2) < 0.1


def test_fields_of_other_kinds_have_the_same_flow():
    array_losses = [
        mq.Loss.from_numpy(lambda p, a: (p["x"] - a) ** 4 + p["x"] * p["y"] ** 2 * a, {"x": (), "y": ()}, {"a": a}) for a in (1.0, 2.0)
    ]
    symbolic = [mq.Loss.from_sympy(f"(x - {a})**4 + x*y**2*{a}", ["x", "y"]) for a in (1, 2)]
    equation = mq.modified_equation(mq.reshuffled_epoch(GD, order=3))
    values = [equation.on(mq.VectorField.from_losses(losses))(THETA, 0.1) for losses in (array_losses, symbolic)]
    np.testing.assert_allclose(*values, rtol=1e-12)

"""One-step errors of modified equations of methods with memory along a smooth schedule: slope p + 1, once the start is forgotten."""

import numpy as np
import pytest
from scipy.integrate import DOP853

import modeq as mq
from modeq.flows.scheduled import along_schedule
from modeq.flows.slow_arrays import slow_solution
from modeq.methods.recurrences import recurrences


@mq.method(memory=("v",))
def written_for_torch(theta, v, h, f, *, beta):
    v = beta * v + f(theta)
    return theta + h * v, v


METHODS = {
    "heavy ball": mq.HeavyBall(0.5),
    "memory in units of the gradient": written_for_torch(beta=0.5),
    "Nesterov": mq.Nesterov(0.5),
    "Adam": mq.Adam(0.6, 0.7, 0.1),
    "AdamW": mq.AdamW(0.5, 0.6, 0.1, weight_decay=0.3, bias_correction=False, eps_inside=True),
}
END = {1: 0.1, 2: 0.2, 3: 0.3, 4: 0.5}  # the time of the step that is looked at
START = [1.2, -0.9]


def bowl(p):
    a, b = p["a"], p["b"]
    return np.exp(0.3 * a) + a**2 * b**2 / 4 + (a - b) ** 2 / 2 + np.sqrt(1 + b**2)


E = mq.Loss.from_numpy(bowl, {"a": (), "b": ()})


def errors(method, order, steps):
    """Distances from the iterate after step number `steps` to flows over it, from the iterate before: along the schedule, and of h_n."""
    h = END[order] / steps
    sizes = h * (1 + 0.3 * np.sin(4 * h * (np.arange(steps + 10) - steps) + 1))
    run = mq.iterate(method, E, START, h=sizes, steps=steps + 1).theta
    size, found = sizes[steps], []
    constant = mq.modified_equation(method, order=order).on(E).rhs(size)
    piece = along_schedule(method, E, order, sizes, steps)
    for right in (constant if piece is None else piece.right, constant):
        solver = DOP853(right, 0.0, run[steps], size, rtol=1e3, atol=1e3, first_step=size)
        solver.step()
        found.append(np.linalg.norm(solver.y - run[steps + 1]))
    return np.array(found)


@pytest.mark.parametrize("order", END)
@pytest.mark.parametrize("name", METHODS)
def test_one_step_errors_along_a_schedule_have_slope_p_plus_one(name, order):
    slope, constant = np.log2(errors(METHODS[name], order, 150) / errors(METHODS[name], order, 300))
    assert slope == pytest.approx(order + 1, abs=0.1)
    if order == 4:  # the flow of h_n loses orders
        assert constant < 3.5


@pytest.mark.parametrize("c", [0.0, 1.5, -2.0])
def test_the_flow_sees_the_schedule_half_a_step_early(c):
    """Per step −(h − h′/2)u − h²/2 u′u with h′ = c h², here for u = θ/√(1 + θ²) + wθ on E = θ²/2."""
    method = mq.method(lambda theta, h, f, *, w: theta + h * (f(theta) / np.sqrt(1 + f(theta) ** 2) - w * theta))(w=0.3)
    x, w = 0.7, 0.3
    u, slope = x / np.sqrt(1 + x**2) + w * x, (1 + x**2) ** -1.5 + w
    point = np.array([x])
    E1 = mq.losses.quadratic([[1]])
    rows = slow_solution(method, recurrences(method), E1, point, 2, rates=[1.0, c]).modified_field()
    assert rows[0][0] == pytest.approx(-u, rel=1e-13)
    assert rows[1][0] == pytest.approx(c / 2 * u - slope * u / 2, rel=1e-13)


def test_an_integrated_flow_keeps_the_order_along_the_whole_run():
    method, found = METHODS["heavy ball"], []
    for steps in (100, 200):
        h = 0.4 / steps
        sizes = h * (1 + 0.3 * np.sin(4 * h * np.arange(2 * steps)))
        run = mq.iterate(method, E, START, h=sizes, steps=2 * steps).theta[steps:]
        path = mq.integrate(mq.modified_equation(method, order=2).on(E), run[0], h=sizes[steps:], steps=steps)
        found.append(np.abs(path.theta - run).max())
    assert np.log2(found[0] / found[1]) == pytest.approx(2, abs=0.1)


def test_steps_at_which_a_schedule_jumps_take_the_flow_of_their_own_size():
    method, flow = METHODS["heavy ball"], mq.modified_equation(METHODS["heavy ball"], order=3).on(E)
    sizes = np.array([0.02] * 6 + [0.002] * 6)
    assert all(along_schedule(method, E, 3, sizes, n) is None for n in range(12))
    assert mq.integrate(flow, START, h=sizes, steps=12).status == "completed"

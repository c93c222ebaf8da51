"""Bounds on the distance of gradient descent from the gradient flow: what they need, and what they refuse."""

import numpy as np
import pytest

import modeq as mq
from modeq.analysis import balance, deep_linear_curvature, factors, step_ratio, tube_constants
from modeq.analysis.least_curvature import least_curvature

GD, CHAIN = mq.GradientDescent(), mq.losses.deep_chain(3)


def descent_and_flow(loss, start, h, steps):
    return mq.iterate(GD, loss, start, h=h, steps=steps), mq.integrate(mq.gradient_flow().on(loss), start, h=h, steps=steps)


def test_the_bound_is_attained_in_one_dimension():
    """On λx²/2 the defect and the curvature are known exactly, and so is the distance e^{−λt} − (1 − ηλ)ᵏ."""
    found = mq.deviation_bound(mq.iterate(GD, mq.losses.quadratic([[2]]), [1.0], h=0.1, steps=30))
    k = np.arange(31)
    np.testing.assert_allclose(found.bounds, np.exp(-0.2 * k) - 0.8**k, atol=1e-12)


def test_step_sizes_may_change():
    sizes = 0.2 / (1 + np.arange(20))
    found = mq.deviation_bound(mq.iterate(GD, mq.losses.quadratic([[1]]), [1.0], h=sizes, steps=20))
    np.testing.assert_allclose(found.bounds, np.exp(-found.t) - np.cumprod([1.0, *(1 - sizes)]), atol=1e-12)


def test_curvature_of_a_part_of_the_points_gives_a_larger_bound():
    run, flow = descent_and_flow(CHAIN, [0.3, 0.25, 0.2], 0.1, 100)
    assert mq.deviation_bound(run, flow, every=10).bounds.max() >= mq.deviation_bound(run, flow).bounds.max()


def test_runs_of_other_methods_are_refused():
    run = mq.iterate(mq.HeavyBall(0.9), CHAIN, [0.3, 0.25, 0.2], h=0.1, steps=5)
    with pytest.raises(ValueError, match="one for gradient descent, but the run takes other steps"):
        mq.deviation_bound(run)


def test_flows_at_other_times_are_refused():
    run, flow = descent_and_flow(CHAIN, [0.3, 0.25, 0.2], 0.1, 5)
    with pytest.raises(ValueError, match=r"at the times of the run, 4 points until t = 0.3"):
        mq.deviation_bound(mq.iterate(GD, CHAIN, [0.3, 0.25, 0.2], h=0.1, steps=3), flow)
    with pytest.raises(ValueError, match=r"give the gradient flow: deviation_bound\(run, flow\)"):
        _ = mq.deviation_bound(run).ratio


@pytest.mark.parametrize(("start", "integral"), [(0.3, -1.31363), (0.1, -3.48448)])
def test_the_integral_of_negative_curvature_on_the_chain_is_the_closed_one(start, integral):
    """∫(5w⁴ − 2w) dt = −2 ln w − ln(1 − w³), between the start and w³ = 2/5, where the curvature changes its sign."""
    flow = mq.integrate(mq.gradient_flow().on(CHAIN), [start] * 3, h=0.01, steps=1300)

    def primitive(w):
        return -2 * np.log(w) - np.log(1 - w**3)

    assert primitive(0.4 ** (1 / 3)) - primitive(start) == pytest.approx(integral, abs=1e-4)
    assert mq.curvature_profile(flow, every=2).negative_integral == pytest.approx(integral, abs=1e-3)


class Products:
    """What Lanczos' method needs of a loss: products with a diagonal Hessian of 300 numbers, the smallest of them isolated."""

    dimension = 300
    values = np.append(np.linspace(0.1, 3.0, 299), -0.7)

    def hvp(self, point, v):
        return self.values * v


def test_least_curvature_of_many_parameters_comes_from_products():
    value, vector = least_curvature(Products(), np.zeros(300))
    assert value == pytest.approx(-0.7, abs=1e-3)
    assert abs(vector[-1]) == pytest.approx(1.0, abs=1e-2)
    assert least_curvature(Products(), np.zeros(300), vector)[0] == pytest.approx(-0.7, abs=1e-3)


def test_the_step_ratio_tends_to_one_minus_its_inverse():
    found = step_ratio(CHAIN, [0.3, 0.25, 0.2], h=0.01, steps=100)
    np.testing.assert_allclose(found.measured, found.expected, rtol=0.01)
    with pytest.raises(ValueError, match="ratios are integers ≥ 2"):
        step_ratio(CHAIN, [0.3, 0.25, 0.2], h=0.01, steps=2, ratios=(1.5,))


def test_the_largest_step_keeps_within_its_distance():
    loss = mq.losses.double_well()
    for a_priori in (False, True):
        h = mq.largest_step(loss, [0.9], time=2.0, epsilon=0.01, a_priori=a_priori)
        run, flow = descent_and_flow(loss, [0.9], h, int(2.0 / h))
        assert 0 < np.abs(run.theta - flow.theta).max() <= 0.01
    with pytest.raises(ValueError, match="epsilon must be a number > 0"):
        mq.largest_step(loss, [0.9], time=2.0, epsilon=0.0)


def test_no_tube_at_all_is_an_infinite_bound():
    flow = mq.integrate(mq.gradient_flow().on(CHAIN), [0.1, 0.1, 0.1], h=0.1, steps=200)
    assert tube_constants(flow, every=10).bound(0.5) == np.inf


def test_the_gradient_flow_keeps_the_balance_of_a_chain():
    path = mq.integrate(mq.gradient_flow().on(CHAIN), [0.9, 0.5, 0.4], h=0.1, steps=20)
    before, after = (np.ravel(balance(CHAIN, point)) for point in (path.theta[0], path.theta[-1]))
    np.testing.assert_allclose(after, before, atol=1e-8)
    assert np.abs(path.theta[-1] - path.theta[0]).max() > 0.1


def test_balanced_weights_have_no_imbalance():
    E = mq.losses.deep_linear((2, 3, 2))
    assert balance(E, mq.losses.balanced(E))[0] == pytest.approx(np.zeros((3, 3)), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_curvature_bound_of_deep_linear_networks_holds(seed):
    """Against a Hessian of central differences of ½‖W₁W₂W₃ − T‖²."""
    random = np.random.default_rng(seed)
    target, theta = random.standard_normal(4), random.standard_normal(12)
    phi = mq.Loss.from_sympy(" + ".join(f"(w{i} - ({value}))**2/2" for i, value in enumerate(target)), ["w0", "w1", "w2", "w3"])
    E = mq.losses.deep_linear((2, 2, 2, 2), target=target.reshape(2, 2))

    def value(point):
        product = np.linalg.multi_dot(point.reshape(3, 2, 2))
        return 0.5 * np.sum((product.ravel() - target) ** 2)

    e = 1e-4 * np.eye(12)
    hessian = [[(value(theta + a + b) - value(theta + a - b) - value(theta - a + b) + value(theta - a - b)) / 4e-8 for a in e] for b in e]
    assert deep_linear_curvature(E, phi, theta) <= np.linalg.eigvalsh(hessian)[0] + 1e-6


def test_a_loss_without_a_chain_has_no_balance():
    E = mq.losses.mlp((1, 2, 1), "tanh", "mean-squared", [[0.0], [1.0]], [0.0, 1.0])
    with pytest.raises(ValueError, match="expected a chain of at least two matrices"):
        factors(E, np.zeros(7))


def test_a_comparison_has_the_bound_of_its_gradient_flow():
    report = mq.compare(GD, CHAIN, [0.3, 0.25, 0.2], h=0.1, steps=20, flows=["gradient", "igr"])
    np.testing.assert_allclose(report.bounds.errors, report.errors["gradient"], rtol=1e-12)
    assert (report.bounds.bounds >= report.bounds.errors * (1 - 1e-6)).all()
    other = mq.compare(mq.HeavyBall(0.5), CHAIN, [0.3, 0.25, 0.2], h=0.1, steps=5, flows=["gradient"])
    with pytest.raises(ValueError, match="one for gradient descent"):
        _ = other.bounds

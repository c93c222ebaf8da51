"""Modified equations in depth against their formula in partial derivatives, and the ODE against closed solutions."""

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.depth import Block, DepthFlow, ResidualNetwork, convergence, distance_to_ode

x, s = sympy.symbols("x s")
F = sympy.sin(x) * (1 + s**2) + s * x**2
BLOCK = Block(lambda y, p: np.sin(y) * p["a"] + p["b"] * y**2, {"a": (), "b": ()}, width=1)
NETWORK = ResidualNetwork.from_function(BLOCK, lambda t: {"a": 1 + t**2, "b": t}, 10)


def test_euler_layers_follow_the_formula_of_order_three():
    fx, fs = sympy.diff(F, x), sympy.diff(F, s)
    first = -(fs + fx * F) / 2
    second = (sympy.diff(F, s, 2) + 2 * sympy.diff(F, s, x) * F + sympy.diff(F, x, 2) * F**2) / 12 + fx * (fs + fx * F) / 3
    at = {x: sympy.Rational(2, 5), s: sympy.Rational(3, 10)}
    found = DepthFlow(NETWORK, 3).coefficients(np.array([[0.4]]), 0.3)[:, 0, 0]
    np.testing.assert_allclose(found, [float(term.subs(at)) for term in (F, first, second)], rtol=1e-12)


def test_midpoint_layers_have_no_first_correction():
    found = DepthFlow(NETWORK, 3, "midpoint").coefficients(np.array([[0.4]]), 0.3)[:, 0, 0]
    assert abs(found[1]) < 1e-14 < abs(found[2])


@pytest.mark.parametrize("kind", ["constant", "linear"])
def test_the_ode_of_weights_with_kinks_is_followed_piece_by_piece(kind):
    """x′ = a(s) x has the solution exp ∫a."""
    values = np.array([1.0, -2.0, 3.0, 0.5])
    network = ResidualNetwork(Block(lambda y, p: p["a"] * y, {"a": ()}, width=1), {"a": values}, interpolant=kind)
    integral = {"constant": values.sum() / 4, "linear": ((1 - 2) / 2 + (-2 + 3) / 2 + (3 + 0.5) / 2 + (0.5 - 2.0) / 2) / 4}[kind]
    assert DepthFlow(network).integrate([1.0])[-1, 0] == pytest.approx(np.exp(integral), rel=1e-10)


def test_the_bound_is_attained_where_the_block_is_the_depth_itself():
    network = ResidualNetwork.from_function(Block(lambda y, p: 0 * y + p["b"], {"b": ()}, width=1), lambda t: t, 16)
    found = distance_to_ode(network, [0.0])
    assert found.distances[-1, 0] == pytest.approx(1 / 32, rel=1e-12)
    np.testing.assert_allclose(found.bounds[:, 0], np.arange(17) / 16 / 32, atol=1e-14)


def test_weights_that_are_not_smooth_in_depth_do_not_converge():
    """φ = sin²(πNs) is 0 at all layers, and ½ in the mean."""
    block = Block(lambda y, p: 0 * y + p["b"], {"b": ()}, width=1)
    for N in (8, 32):
        network = ResidualNetwork.from_function(block, lambda t, N=N: np.sin(np.pi * N * t) ** 2, N)
        assert DepthFlow(network).integrate([0.0])[-1, 0] - network.forward([0.0])[-1, 0] == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_bounds_hold_at_random_weights(seed):
    rng = np.random.default_rng(seed)
    parts, N = rng.standard_normal((3, 2, 2)), int(rng.choice([4, 8, 16]))
    block = Block(lambda y, p: np.tanh(y @ p["W"].T), {"W": (2, 2)}, width=2)
    smooth = ResidualNetwork.from_function(block, lambda t: parts[0] + parts[1] * np.sin(2 * np.pi * t) + parts[2] * t**2, N)
    network = ResidualNetwork(block, smooth.weights, N, ("constant", "linear", "cubic")[seed % 3])
    found = distance_to_ode(network, rng.standard_normal((5, 2)))
    assert (found.bounds >= found.distances).all()
    assert (found.uniform >= found.distances.max(axis=0)).all()


def test_a_table_lists_slopes_and_constants():
    block = Block(lambda y, p: y * p["a"], {"a": ()}, width=1)
    found = convergence(lambda N: ResidualNetwork(block, {"a": np.ones(N)}), [1.0], (32, 64, 128), orders=(1,))
    assert found.leading["order 1"] == pytest.approx(np.e / 2, rel=1e-6)
    assert "slope" in found.table()
    with pytest.raises(ValueError, match="at least three increasing numbers"):
        convergence(lambda N: ResidualNetwork(block, {"a": np.ones(N)}), [1.0], (32, 64))


def test_a_network_is_a_field_that_depends_on_time():
    """Methods, flows and comparisons of modeq run on it, and agree with the network's own layers and equations."""
    block = Block(lambda y, p: np.tanh(y @ p["W"].T), {"W": (2, 2)}, width=2)
    A, B = np.random.default_rng(0).standard_normal((2, 2, 2))
    network = ResidualNetwork.from_function(block, lambda t: A + B * np.sin(3 * t), 12)
    start = np.array([[0.3, -0.8], [1.0, 0.5]])
    report = mq.compare(mq.GradientDescent(), network.field(2), start.ravel(), h=1 / 12, steps=12, flows=["gradient", 3])
    np.testing.assert_allclose(report.iterates.theta.reshape(13, 2, 2), network.forward(start), atol=1e-12)
    for name, order in (("gradient", 1), (3, 3)):
        own = DepthFlow(network, order).integrate(start)
        np.testing.assert_allclose(report.trajectories[name].theta.reshape(13, 2, 2), own, atol=1e-8)


@pytest.mark.parametrize("kind", ["constant", "linear"])
def test_steps_on_the_field_see_the_weights_of_their_layers(kind):
    """Depth is summed up from steps, and 3·0.1 is not 0.3."""
    block = Block(lambda y, p: y * p["a"], {"a": ()}, width=1)
    network = ResidualNetwork(block, {"a": np.random.default_rng(0).standard_normal(10)}, interpolant=kind)
    run = mq.iterate(mq.GradientDescent(), network.field(), [1.0], h=0.1, steps=10)
    np.testing.assert_allclose(run.theta, network.forward([1.0]), rtol=1e-10)

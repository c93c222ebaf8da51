"""Residual networks: layers, interpolants of their weights, and what is refused."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from modeq.depth import Block, ResidualNetwork
from modeq.methods import ProximalPoint, RungeKutta

BLOCK = Block(lambda x, p: np.tanh(x @ p["W"].T), {"W": (2, 2)}, width=2)
WEIGHTS = np.random.default_rng(1).standard_normal((6, 2, 2))


def test_each_layer_adds_its_block_divided_by_the_number_of_layers():
    path = ResidualNetwork(BLOCK, WEIGHTS).forward([0.3, -0.8])
    for k, W in enumerate(WEIGHTS):
        np.testing.assert_allclose(path[k + 1], path[k] + np.tanh(W @ path[k]) / 6, rtol=1e-14)


def test_samples_run_side_by_side():
    network = ResidualNetwork(BLOCK, WEIGHTS)
    both = network.forward([[0.3, -0.8], [1.0, 0.5]])
    np.testing.assert_allclose(both[:, 1], network.forward([1.0, 0.5]), rtol=1e-14)


def test_a_heun_network_sees_the_weights_of_the_next_layer():
    path = ResidualNetwork(BLOCK, WEIGHTS, layers=5).forward([0.3, -0.8], "heun")
    first = np.tanh(WEIGHTS[4] @ path[4])
    second = np.tanh(WEIGHTS[5] @ (path[4] + first / 5))
    np.testing.assert_allclose(path[5], path[4] + (first + second) / 10, rtol=1e-13)


def test_any_explicit_runge_kutta_method_makes_a_network():
    network = ResidualNetwork(BLOCK, WEIGHTS)
    own = network.forward([0.3, -0.8], RungeKutta([[0, 0], ["1/2", 0]], [0, 1]))
    np.testing.assert_allclose(own, network.forward([0.3, -0.8], "midpoint"), rtol=1e-14)
    with pytest.raises(ValueError, match="no explicit Runge–Kutta method"):
        network.forward([0.3, -0.8], ProximalPoint())


@pytest.mark.parametrize("kind", ["constant", "linear", "cubic"])
def test_interpolants_go_through_the_weights(kind):
    network = ResidualNetwork(BLOCK, WEIGHTS, interpolant=kind)
    for k in range(6):
        np.testing.assert_allclose(network.theta(k / 6)["W"], WEIGHTS[k], atol=1e-12)


def test_the_cubic_interpolant_and_its_derivatives_are_those_of_the_spline():
    theta = ResidualNetwork(BLOCK, WEIGHTS, layers=5, interpolant="cubic").theta
    spline = CubicSpline(np.linspace(0, 1, 6), WEIGHTS)
    terms = theta.coefficients(0.47, 4, theta.piece(0.47))
    for j, factorial in enumerate([1, 1, 2, 6]):
        np.testing.assert_allclose(terms[j]["W"] * factorial, spline(0.47, nu=j), rtol=1e-10)


def test_a_function_of_depth_brings_its_derivatives():
    network = ResidualNetwork.from_function(BLOCK, lambda s: np.eye(2) * np.sin(2 * s), 4)
    terms = network.theta.coefficients(0.3, 3, 0)
    np.testing.assert_allclose([term["W"][0, 0] for term in terms], [np.sin(0.6), 2 * np.cos(0.6), -2 * np.sin(0.6)], rtol=1e-13)


def test_one_layer_is_refused():
    with pytest.raises(ValueError, match=r"at least two layers.*add layers"):
        ResidualNetwork(BLOCK, WEIGHTS[:1])


def test_a_width_that_changes_between_layers_is_refused():
    with pytest.raises(ValueError, match=r"the width changes: W has shape \(3, 2\) in layer 1.*network of its own"):
        ResidualNetwork(BLOCK, [np.eye(2), np.ones((3, 2)), np.eye(2)])


def test_an_interpolant_that_is_not_finite_at_an_end_is_refused():
    with pytest.raises(ValueError, match=r"does not reach the end s = 0.*all of"):
        ResidualNetwork.from_function(BLOCK, lambda s: np.eye(2) * np.log(s), 4)


def test_a_function_that_misses_the_weights_is_refused():
    with pytest.raises(ValueError, match="does not go through the weights: at s = 0 W is off by"):
        ResidualNetwork(BLOCK, WEIGHTS, interpolant=lambda s: np.eye(2) * s)


def test_unknown_interpolants_are_refused():
    with pytest.raises(ValueError, match="unknown interpolant 'spline'; known: constant, linear, cubic"):
        ResidualNetwork(BLOCK, WEIGHTS, interpolant="spline")


def test_weights_that_are_not_finite_are_refused():
    bad = WEIGHTS.copy()
    bad[2, 0, 0] = np.nan
    with pytest.raises(ValueError, match="W has 1 others"):
        ResidualNetwork(BLOCK, bad)

"""Gradients through layers, and activations recovered without memory."""

import numpy as np
import pytest

from modeq.depth import Block, ResidualNetwork, backpropagate, reconstruct

BLOCK = Block(lambda x, p: np.tanh(x @ p["W"].T), {"W": (2, 2)}, width=2)
WEIGHTS = np.random.default_rng(2).standard_normal((5, 2, 2))
X, COTANGENT = np.array([[0.3, -0.8], [0.2, 0.9]]), np.array([[1.0, 2.0], [-0.5, 0.3]])


@pytest.mark.parametrize(("method", "layers"), [("euler", 5), ("heun", 4)])
def test_the_gradient_is_that_of_finite_differences(method, layers):
    def value(weights, x):
        return np.sum(COTANGENT * ResidualNetwork(BLOCK, weights, layers).forward(x, method)[-1])

    network = ResidualNetwork(BLOCK, WEIGHTS, layers)
    found = backpropagate(network, network.forward(X, method), COTANGENT, method)
    for k in range(5):
        moved = np.zeros_like(WEIGHTS)
        moved[k, 0, 1] = 1e-6
        slope = (value(WEIGHTS + moved, X) - value(WEIGHTS - moved, X)) / 2e-6
        assert found.weights["W"][k, 0, 1] == pytest.approx(slope, rel=1e-6, abs=1e-9)
    shift = np.array([[0.0, 1e-6], [0.0, 0.0]])
    slope = (value(WEIGHTS, X + shift) - value(WEIGHTS, X - shift)) / 2e-6
    assert found.inputs[0, 1] == pytest.approx(slope, rel=1e-6)


def test_stages_between_layers_have_no_gradient_of_a_layer():
    network = ResidualNetwork(BLOCK, WEIGHTS)
    with pytest.raises(ValueError, match="take 'euler' or 'heun'"):
        backpropagate(network, network.forward(X, "midpoint"), COTANGENT, "midpoint")


def test_an_output_recovers_the_input_where_the_block_does_not_see_the_state():
    network = ResidualNetwork(Block(lambda x, p: 0 * x + p["b"], {"b": (2,)}, width=2), WEIGHTS[:, 0])
    path = network.forward(X)
    np.testing.assert_allclose(reconstruct(network, path[-1]), path, atol=1e-14)


def test_recovered_activations_miss_by_what_the_variational_equation_says():
    """Backwards e′ = φ_x e + φ_x φ/N for x′ = a x: e(0) = −a² e^{−a}·e^{a}/N + …, here a = 1."""
    network = ResidualNetwork(Block(lambda x, p: x * p["a"], {"a": ()}, width=1), {"a": np.ones(1000)})
    path = network.forward([1.0])
    assert 1000 * (reconstruct(network, path[-1])[0, 0] - 1.0) == pytest.approx(-1.0, rel=2e-3)

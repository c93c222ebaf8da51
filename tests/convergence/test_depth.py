"""Orders in depth: distances, recovered activations and gradients over the number of layers."""

import numpy as np
import pytest

from modeq.depth import Block, ResidualNetwork, convergence, squared_error, train

BLOCK = Block(lambda x, p: np.tanh(x @ p["W"].T), {"W": (3, 3)}, width=3)
A0, A1, A2 = np.random.default_rng(0).standard_normal((3, 3, 3)) / np.sqrt(3)
X = np.random.default_rng(1).standard_normal(3)
LAYERS = (32, 64, 128)


def smooth(N):
    return ResidualNetwork.from_function(BLOCK, lambda s: A0 + A1 * np.sin(2 * np.pi * s) + A2 * s**2, N)


def test_layers_follow_the_equations_in_depth():
    found = convergence(smooth, X, LAYERS)
    wanted = {"order 1": -1, "order 2": -2, "order 3": -3, "reconstruction": -1, "gradient": -2}
    assert found.slopes == {name: pytest.approx(slope, abs=0.05) for name, slope in wanted.items()}
    assert found.constants["order 1"] == pytest.approx(found.leading["order 1"], rel=0.02)


def lipschitz(N):
    s = np.linspace(0, 1, N + 1)[:, None, None]
    return ResidualNetwork(BLOCK, A0 + A1 * np.abs(2 * s - 0.7) + A2 * np.abs(np.sin(5 * s)), N)


@pytest.mark.parametrize("build", [smooth, lipschitz])
def test_heun_networks_are_recovered_to_third_order(build):
    """The literature proves second order (Sander, Ablin, Peyré 2022)."""
    found = convergence(build, X, LAYERS, orders=(), method="heun")
    assert found.slopes["reconstruction"] == pytest.approx(-3, abs=0.1)


def test_independent_weights_are_recovered_to_first_order_only():
    def build(N):
        return ResidualNetwork(BLOCK, np.random.default_rng(N).standard_normal((N + 1, 3, 3)), N)

    samples = np.random.default_rng(2).standard_normal((30, 3))
    found = convergence(build, samples, (32, 128, 512), orders=(), method="heun")
    assert found.slopes["reconstruction"] == pytest.approx(-1, abs=0.2)


@pytest.mark.parametrize(("start", "slope", "within"), [("tied", -1.0, 0.1), ("independent", 0.0, 0.25)])
def test_two_layer_blocks_stay_lipschitz_in_depth_only_from_tied_weights(start, slope, within):
    """Marion, Wu, Sander, Biau (ICLR 2024): V tanh(W x/√q)/√m, trained from V = 0 and equal W in all layers, or from independent ones."""
    q, m, layers = 4, 8, (8, 16, 32)
    block = Block(lambda x, p: np.tanh(x @ p["W"].T / np.sqrt(q)) @ p["V"].T / np.sqrt(m), {"W": (m, q), "V": (q, m)}, width=q)
    random = np.random.default_rng(4)
    inputs = random.standard_normal((8, q))
    objective = squared_error(np.sin(inputs[:, :1]), random.standard_normal((q, 1)) / 2)
    ends = []
    for N in layers:
        own = np.random.default_rng(5)
        W = np.tile(own.standard_normal((m, q)), (N, 1, 1)) if start == "tied" else own.standard_normal((N, m, q))
        V = np.zeros((N, q, m)) if start == "tied" else own.standard_normal((N, q, m))
        ends.append(train(ResidualNetwork(block, {"W": W, "V": V}), inputs, objective, rate=1.0, steps=25).largest_differences[-1])
    assert np.polyfit(np.log(layers), np.log(ends), 1)[0] == pytest.approx(slope, abs=within)


def test_training_from_zero_keeps_weights_lipschitz_in_depth():
    block = Block(lambda x, p: x @ p["A"], {"A": (3, 3)}, width=3)
    target = np.eye(3) + 0.4 * np.random.default_rng(3).standard_normal((3, 3)) / np.sqrt(3)
    layers = (8, 16, 32)
    ends = [
        train(ResidualNetwork(block, np.zeros((N, 3, 3))), np.eye(3), squared_error(target), rate=1.0, steps=20).largest_differences[-1]
        for N in layers
    ]
    assert np.polyfit(np.log(layers), np.log(ends), 1)[0] == pytest.approx(-1, abs=0.03)

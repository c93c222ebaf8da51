"""Training in depth keeps weights smooth in depth; independent weights are not."""

import numpy as np
import pytest

from modeq.depth import Block, ResidualNetwork, cross_entropy, squared_error, train, weight_smoothness


def test_differences_of_weights_that_grow_evenly_are_all_alike():
    found = weight_smoothness({"W": np.linspace(0, 1, 5)[:, None] * np.ones(4)})
    np.testing.assert_allclose(found.differences, 0.5)
    assert found.root_of_sum == pytest.approx(1.0)


def test_objectives_have_the_slopes_of_finite_differences():
    rng = np.random.default_rng(0)
    outputs, readout = rng.standard_normal((3, 2)), rng.standard_normal((2, 4))
    for objective in (squared_error(rng.standard_normal((3, 4)), readout), cross_entropy([0, 3, 1], readout)):
        shift = np.zeros((3, 2))
        shift[1, 0] = 1e-6
        slope = (objective(outputs + shift)[0] - objective(outputs - shift)[0]) / 2e-6
        assert objective(outputs)[1][1, 0] == pytest.approx(slope, rel=1e-6)


def test_a_linear_network_trained_from_zero_reaches_its_target():
    block = Block(lambda x, p: x @ p["A"], {"A": (2, 2)}, width=2)
    target = np.eye(2) + 0.4 * np.random.default_rng(1).standard_normal((2, 2))
    run = train(ResidualNetwork(block, np.zeros((8, 2, 2))), np.eye(2), squared_error(target), rate=1.0, steps=80)
    assert run.losses[-1] < 1e-6 * run.losses[0]
    np.testing.assert_allclose(run.network.forward(np.eye(2))[-1], target, atol=1e-3)


def test_a_rate_that_is_too_large_ends_with_the_last_finite_network():
    block = Block(lambda x, p: x * p["a"], {"a": ()}, width=1)
    run = train(ResidualNetwork(block, {"a": np.zeros(4)}), [[1.0]], squared_error([[2.0]]), rate=500.0, steps=50)
    assert run.diverged
    assert np.isfinite(run.network.weights["a"]).all()

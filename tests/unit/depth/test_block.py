"""Residual blocks: values, products with derivatives, and what is refused."""

import numpy as np
import pytest

from modeq.depth import Block

BLOCK = Block(lambda x, p: np.tanh(x @ p["W"].T + p["b"]), {"W": (2, 2), "b": (2,)}, width=2)
WEIGHTS = {"W": np.array([[0.3, -0.5], [0.7, 0.2]]), "b": np.array([0.1, -0.2])}
X = np.array([[0.4, -0.3], [1.0, 0.5], [0.0, 0.0]])


def test_values_are_those_of_the_function():
    np.testing.assert_allclose(BLOCK.values(X, WEIGHTS), np.tanh(X @ WEIGHTS["W"].T + WEIGHTS["b"]), rtol=1e-14)


def test_the_jacobian_of_each_sample_is_that_of_a_layer():
    slopes = 1 - BLOCK.values(X, WEIGHTS) ** 2
    np.testing.assert_allclose(BLOCK.jacobian(X, WEIGHTS), slopes[:, :, None] * WEIGHTS["W"], rtol=1e-13)


def test_reverse_mode_is_the_transpose_of_forward_mode():
    rng = np.random.default_rng(0)
    v, c = rng.standard_normal((2, 3, 2))
    by_state, by_weights = BLOCK.pullback(X, WEIGHTS, c)
    assert np.sum(by_state * v) == pytest.approx(np.sum(c * BLOCK.push(X, WEIGHTS, v)), rel=1e-12)
    np.testing.assert_allclose(by_weights["b"], np.sum((1 - BLOCK.values(X, WEIGHTS) ** 2) * c, axis=0), rtol=1e-13)


def test_taylor_coefficients_follow_a_path_in_state_and_weights():
    extend = Block(lambda x, p: p["a"] * x**2, {"a": ()}, width=1).series(1)
    path = [(np.array([[2.0]]), {"a": np.array(3.0)}), (np.array([[1.0]]), {"a": np.array(1.0)}), (None, {})]
    found = [extend(x, weights)[0, 0] for x, weights in path]  # (3 + t)(2 + t)² = 12 + 16 t + 7 t² + …
    np.testing.assert_allclose(found, [12.0, 16.0, 7.0], rtol=1e-14)


def test_a_block_in_jax_is_the_same_block():
    jnp = pytest.importorskip("jax.numpy")
    other = Block.from_jax(lambda x, p: jnp.tanh(x @ p["W"].T + p["b"]), {"W": (2, 2), "b": (2,)}, width=2)
    np.testing.assert_allclose(other.values(X, WEIGHTS), BLOCK.values(X, WEIGHTS), rtol=1e-14)
    np.testing.assert_allclose(other.jacobian(X, WEIGHTS), BLOCK.jacobian(X, WEIGHTS), rtol=1e-13)


def test_a_block_that_changes_the_width_is_refused():
    with pytest.raises(ValueError, match=r"one row of 2 numbers for each sample, shape \(1, 2\), got \(1, 3\)"):
        Block(lambda x, p: x @ p["W"], {"W": (2, 3)}, width=2)


def test_samples_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"shape \(n, 2\), or \(2,\), got \(3,\)"):
        BLOCK.checked([1.0, 2.0, 3.0])

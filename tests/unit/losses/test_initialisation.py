"""Starting points have the published sizes, and balanced factors are balanced."""

from itertools import pairwise

import numpy as np
import pytest

from modeq.losses.analytic import rosenbrock
from modeq.losses.initialisation import balanced, he, xavier
from modeq.losses.loss import Loss
from modeq.losses.networks import deep_linear, mlp

X, Y = np.zeros((2, 80)), np.zeros((2, 20))
WIDE = mlp((80, 120, 20), "tanh", "mean-squared", X, Y)


def factors(loss, theta):
    return list(loss.unravel(theta).values())


def test_xavier_is_uniform_within_the_published_limits():
    params = WIDE.unravel(xavier(WIDE))
    for name, sizes in (("W1", 200), ("W2", 140)):
        limit = np.sqrt(6 / sizes)
        assert 0.99 * limit < np.abs(params[name]).max() <= limit
        assert params[name].std() == pytest.approx(limit / np.sqrt(3), rel=0.05)


def test_he_has_the_published_standard_deviation():
    params = WIDE.unravel(he(WIDE))
    for name, inputs in (("W1", 80), ("W2", 120)):
        assert params[name].std() == pytest.approx(np.sqrt(2 / inputs), rel=0.05)


@pytest.mark.parametrize("start", [xavier, he, balanced])
def test_biases_start_at_zero(start):
    params = WIDE.unravel(start(WIDE, seed=3))
    assert not params["b1"].any()
    assert not params["b2"].any()
    assert params["W1"].any()


@pytest.mark.parametrize("start", [xavier, he, balanced])
def test_the_point_depends_on_the_seed_alone(start):
    loss = deep_linear((3, 4, 2))
    assert start(loss).shape == (loss.dimension,)
    np.testing.assert_array_equal(start(loss, seed=1), start(loss, seed=1))
    assert not np.array_equal(start(loss, seed=1), start(loss, seed=2))


CHAINS = [(3, 3), (2, 4, 3), (4, 5, 6, 3), (5, 2, 4), (3, 1, 1, 3), (2, 2, 2, 2, 2)]


@pytest.mark.parametrize("widths", CHAINS)
def test_balanced_factors_satisfy_the_conserved_equation(widths):
    loss = deep_linear(widths)
    for first, second in pairwise(factors(loss, balanced(loss, seed=5))):
        np.testing.assert_allclose(second @ second.T, first.T @ first, atol=1e-12)


@pytest.mark.parametrize("widths", CHAINS)
def test_the_balanced_product_is_the_best_approximation_of_a_random_matrix(widths):
    loss = deep_linear(widths)
    product = np.eye(widths[0])
    for factor in factors(loss, balanced(loss, seed=5, scale=0.7)):
        product = product @ factor
    drawn = 0.7 / np.sqrt(widths[0]) * np.random.default_rng(5).standard_normal((widths[0], widths[-1]))
    missing = np.linalg.svd(drawn, compute_uv=False)[min(widths) :]
    assert np.linalg.norm(product - drawn) == pytest.approx(np.linalg.norm(missing), abs=1e-12)


def test_the_gradient_flow_keeps_factors_balanced():
    """d/dt (W_{j+1} W_{j+1}ᵀ − W_jᵀ W_j) = 0 along −∇E, by the product rule."""
    loss = deep_linear((3, 4, 2), target=[[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]])
    theta = balanced(loss, seed=2)
    for (W, V), (dW, dV) in zip(pairwise(factors(loss, theta)), pairwise(factors(loss, -loss.gradient(theta))), strict=True):
        np.testing.assert_allclose(dV @ V.T + V @ dV.T, dW.T @ W + W.T @ dW, atol=1e-9)


def test_scale_zero_is_the_saddle_at_the_origin():
    loss = deep_linear((3, 4, 2))
    assert not balanced(loss, scale=0.0).any()


@pytest.mark.parametrize("scale", [-1.0, np.nan, np.inf])
def test_the_scale_is_finite_and_not_negative(scale):
    with pytest.raises(ValueError, match="scale must be a finite number, at least 0"):
        balanced(deep_linear((2, 2)), scale=scale)


@pytest.mark.parametrize("shapes", [{"U": (3, 2), "V": (2, 3)}, {"W1": (2, 3), "W2": (2, 3)}, {"W1": (2, 3), "W3": (3, 2)}])
def test_balanced_needs_a_chain(shapes):
    loss = Loss.from_numpy(lambda params: sum(np.sum(np.square(params[name])) for name in shapes), shapes, {}, name="pair")
    with pytest.raises(ValueError, match=r"needs a chain of matrices W1, W2, ….*; pair has .*; use xavier or he"):
        balanced(loss)
    assert he(loss).shape == (12,)


@pytest.mark.parametrize("start", [xavier, he, balanced])
def test_larger_arrays_are_refused(start):
    loss = Loss.from_numpy(lambda params: np.sum(np.square(params["K"])), {"K": (2, 2, 2)}, {}, name="kernel")
    with pytest.raises(ValueError, match=r"kernel has K \(2, 2, 2\); choose the starting point yourself"):
        start(loss)


@pytest.mark.parametrize("start", [xavier, he, balanced])
def test_a_loss_without_matrices_is_refused(start):
    with pytest.raises(
        ValueError, match="needs a loss with matrices among its parameters, such as mlp or deep_linear, rosenbrock has none"
    ):
        start(rosenbrock())

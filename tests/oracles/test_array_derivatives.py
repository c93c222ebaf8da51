"""Derivatives of every activation and objective against mpmath at 40 digits, on a network written out there once more."""

import mpmath
import numpy as np
import pytest

import modeq as mq

RNG = np.random.default_rng(5)
X = RNG.normal(size=(4, 2))
SIZES = {"mean-squared": 1, "logistic": 1, "softmax": 3}
TARGETS = {"mean-squared": RNG.normal(size=4), "logistic": np.array([0, 1, 1, 0]), "softmax": np.array([0, 2, 1, 2])}

ACTIVATIONS = {
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "relu": lambda x: x if x > 0 else mpmath.mpf(0),
    "identity": lambda x: x,
}


def network(theta, activation, objective):
    """The loss, sample by sample, in mpmath."""
    n = SIZES[objective]
    W1, b1, W2, b2 = theta[:6], theta[6:9], theta[9 : 9 + 3 * n], theta[9 + 3 * n :]
    total = mpmath.mpf(0)
    for x, y in zip(X, TARGETS[objective], strict=True):
        hidden = [ACTIVATIONS[activation](mpmath.mpf(x[0]) * W1[j] + mpmath.mpf(x[1]) * W1[3 + j] + b1[j]) for j in range(3)]
        z = [sum(hidden[j] * W2[j * n + k] for j in range(3)) + b2[k] for k in range(n)]
        if objective == "mean-squared":
            total += (z[0] - mpmath.mpf(y)) ** 2 / 2
        elif objective == "logistic":
            total += mpmath.log(1 + mpmath.exp(-(2 * int(y) - 1) * z[0]))
        else:
            total += mpmath.log(sum(mpmath.exp(v) for v in z)) - z[int(y)]
    return total / len(X)


@pytest.fixture(scope="module")
def losses():
    made = {}

    def make(activation, objective):
        key = activation, objective
        if key not in made:
            made[key] = mq.losses.mlp((2, 3, SIZES[objective]), activation, objective, X, TARGETS[objective])
        return made[key]

    return make


# every activation with one objective, every objective with one activation: each pair is compiled
PAIRS = [(name, "mean-squared") for name in ACTIVATIONS] + [("tanh", "logistic"), ("tanh", "softmax")]


@pytest.mark.parametrize(("activation", "objective"), PAIRS)
def test_derivatives_up_to_the_third_are_those_of_mpmath(losses, activation, objective):
    E = losses(activation, objective)
    rng = np.random.default_rng(1)
    theta, u = rng.normal(size=E.dimension), rng.normal(size=E.dimension)

    with mpmath.workdps(40):

        def along(*directions):
            """All Taylor coefficients of E(θ + Σ s_i v_i) that are linear in s₁ and of degree ≤ 2 in s₂, by differences."""

            def value(*s):
                point = [mpmath.mpf(t) + sum(a * mpmath.mpf(v[i]) for a, v in zip(s, directions, strict=True)) for i, t in enumerate(theta)]
                return network(point, activation, objective)

            return value

        for direction in (rng.normal(size=E.dimension), np.eye(E.dimension)[2]):
            value = along(direction, u)
            first = mpmath.diff(lambda s, f=value: f(s, 0), 0)
            second = mpmath.diff(value, (0, 0), (1, 1))
            third = mpmath.diff(value, (0, 0), (1, 2))
            assert E.gradient(theta) @ direction == pytest.approx(float(first), rel=1e-12, abs=1e-14)
            assert E.hvp(theta, u) @ direction == pytest.approx(float(second), rel=1e-10, abs=1e-13)
            assert E.hessian(theta) @ u @ direction == pytest.approx(float(second), rel=1e-10, abs=1e-13)
            assert E.third(theta, u, u) @ direction == pytest.approx(float(third), rel=1e-10, abs=1e-12)
        assert E(theta) == pytest.approx(float(network([mpmath.mpf(t) for t in theta], activation, objective)), rel=1e-13)


@pytest.mark.parametrize("make", [
    lambda: mq.losses.deep_linear((2, 3, 1), X, TARGETS["mean-squared"]),
    lambda: mq.losses.residual(3, 2, "tanh", "softmax", X, TARGETS["softmax"], weight_decay=0.1),
    lambda: mq.losses.logistic_regression(X, TARGETS["softmax"]),
    lambda: mq.losses.matrix_factorisation(RNG.normal(size=(3, 4)), 2),
], ids=["deep linear", "residual", "logistic regression", "matrix factorisation"])  # fmt: skip
def test_gradients_and_products_are_differences(make):
    """Im E(θ + iεv)/ε has no cancellation, and the complex kernel is code of its own; products by central differences."""
    E = make()
    theta, v = np.random.default_rng(2).normal(size=(2, E.dimension))
    assert E.gradient(theta) @ v == pytest.approx(E(theta + 1e-30j * v).imag / 1e-30, rel=1e-11)
    difference = (E.gradient(theta + 1e-5 * v) - E.gradient(theta - 1e-5 * v)) / 2e-5
    np.testing.assert_allclose(E.hvp(theta, v), difference, rtol=1e-6, atol=1e-8)


def test_complex_taylor_arithmetic_continues_the_real_one(losses):
    E = losses("tanh", "mean-squared")
    theta, u, v = np.random.default_rng(2).normal(size=(3, E.dimension))
    np.testing.assert_allclose(E.hvp(theta, v), E.gradient(theta + 1e-30j * v).imag / 1e-30, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(E.third(theta, u, v), E.hvp(theta + 1e-30j * v, u.astype(complex)).imag / 1e-30, rtol=1e-9, atol=1e-11)

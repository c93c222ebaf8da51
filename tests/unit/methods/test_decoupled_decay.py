"""Weight decay that a user writes as PyTorch's loops do, θ ← (1 − hc)θ + …, and a choice from NumPy as a parameter."""

import numpy as np
import pytest

import modeq as mq


@mq.method
def scaled(theta, h, f, *, c):
    return (1 - h * c) * theta + h * f(theta)


@mq.method
def scaled_after(theta, h, f, *, c):
    return theta * (-h * c + 1) + h * f(theta)


@mq.method
def spelled_out(theta, h, f, *, c):
    return theta + h * (f(theta) - c * theta)


@mq.method
def proximal(theta, h, f, *, c):
    return (theta + h * f(theta)) / (1 + h * c)


@pytest.mark.parametrize("written", [scaled, scaled_after])
def test_a_factor_of_the_weights_is_the_same_as_a_term(written):
    first, second = (mq.modified_equation(update(c="c"), order=3).text() for update in (written, spelled_out))
    assert first == second


@pytest.mark.parametrize(("update", "growth"), [(scaled, lambda h, c: 1 - h * c), (proximal, lambda h, c: 1 / (1 + h * c))])
def test_without_a_gradient_the_flow_is_the_logarithm_of_the_factor(update, growth):
    """θ' = log(g(h))/h · θ where a step multiplies by g(h), cut off after h³."""
    flat = mq.Loss.from_sympy("0*x", ["x"])
    flow = mq.modified_equation(update(c=0.5), order=4).on(flat)
    errors = [abs(flow([1.0], h)[0] - np.log(growth(h, 0.5)) / h) for h in (0.2, 0.1)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(4, abs=0.1)


def test_a_flow_with_decay_follows_its_loop():
    E, theta = mq.Loss.from_sympy("x**4/4 + x*y + y**2", ["x", "y"]), np.array([0.3, -0.2])
    path = mq.integrate(mq.modified_equation(scaled(c=0.3), order=5).on(E), theta, h=0.02, steps=10)
    for _ in range(10):
        theta = (1 - 0.02 * 0.3) * theta - 0.02 * E.gradient(theta)
    np.testing.assert_allclose(path.theta[-1], theta, rtol=1e-7)


def test_a_choice_from_numpy_is_a_choice():
    @mq.method
    def chosen(theta, h, f, *, half):
        return theta + (h / 2 if half else h) * f(theta)

    assert mq.modified_equation(chosen(half=np.bool_(True)), order=2).text() == mq.modified_equation(chosen(half=True), order=2).text()

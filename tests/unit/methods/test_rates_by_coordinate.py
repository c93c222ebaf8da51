"""A rate for each coordinate: refused in an update, with the change of coordinates that does the same."""

import numpy as np
import pytest

import modeq as mq

RATES = np.array([4.0, 0.25])


def test_an_array_in_an_update_is_refused_with_the_alternative():
    @mq.method
    def scaled(theta, h, f):
        return theta + h * RATES * f(theta)

    with pytest.raises(TypeError, match=r"array of fixed numbers.*θ = √rate · z"):
        mq.modified_equation(scaled(), order=2)


@pytest.mark.parametrize("rates", [[4.0, 0.25], RATES])
def test_rates_as_a_parameter_are_refused_with_the_alternative(rates):
    @mq.method
    def scaled(theta, h, f, *, rates):
        return theta + h * rates * f(theta)

    with pytest.raises(TypeError, match=r"rates must be one number, got 2\. .*θ = √rate · z"):
        scaled(rates=rates)


def test_the_alternative_does_the_same():
    """Gradient descent on E(√rate · z) is θ ← θ − h rate ∇E(θ) in θ = √rate · z."""
    E, start = mq.Loss.from_sympy("x**4/4 + x*y + y**2", ["x", "y"]), np.array([0.3, -0.2])
    scaled = mq.Loss.from_sympy("(2*x)**4/4 + (2*x)*(y/2) + (y/2)**2", ["x", "y"])
    found = np.sqrt(RATES) * mq.iterate(mq.GradientDescent(), scaled, start / np.sqrt(RATES), h=0.1, steps=3).theta
    theta = start
    for _ in range(3):
        theta = theta - 0.1 * RATES * E.gradient(theta)
    np.testing.assert_allclose(found[-1], theta, rtol=1e-12)

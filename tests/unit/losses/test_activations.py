"""Activations have their textbook values, and names and functions are checked."""

import math

import numpy as np
import pytest

from modeq.losses.activations import ACTIVATIONS, activation, activation_name

POINTS = np.array([-30.0, -2.0, -0.3, 0.0, 0.7, 5.0, 30.0])

SCALAR = {
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "gelu": lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2)),
    "relu": lambda x: max(x, 0.0),
    "identity": lambda x: x,
}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_values_agree_with_the_definition_at_single_points(name):
    np.testing.assert_allclose(activation(name)(POINTS), [SCALAR[name](x) for x in POINTS.tolist()], rtol=1e-12, atol=1e-15)


def test_nothing_overflows_far_away():
    far = np.array([-1e4, 1e4])
    for name in ACTIVATIONS:
        assert np.isfinite(activation(name)(far)).all()


def test_an_unknown_activation_gets_the_nearest_name():
    with pytest.raises(ValueError, match="unknown activation 'sigmoit', did you mean 'sigmoid'"):
        activation("sigmoit")
    with pytest.raises(TypeError, match="given by its name, one of tanh"):
        activation(1)


def test_a_function_of_the_user_is_taken_as_it_is():
    def cubic(x):
        return x**3

    assert activation(cubic) is cubic
    assert activation_name(cubic) == "cubic"


@pytest.mark.parametrize("function", [math.tanh, lambda x: x if x > 0 else 0.0])
def test_a_function_of_single_numbers_is_refused(function):
    with pytest.raises(ValueError, match="must work on arrays, entry by entry"):
        activation(function)


@pytest.mark.parametrize("function", [np.sum, lambda x: x[0], lambda x: None])
def test_a_function_that_changes_the_shape_is_refused(function):
    with pytest.raises(ValueError, match="must keep the shape"):
        activation(function)

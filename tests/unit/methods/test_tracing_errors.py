"""Updates that are no general linear method are refused with the reason."""

import numpy as np
import pytest
import sympy

import modeq as mq


def trace(function, memory=(), **parameters):
    return mq.method(function, memory=memory)(**parameters)


NOT_LINEAR = {
    "square": lambda theta, h, f: theta + h * f(theta) ** 2,
    "product": lambda theta, h, f: theta + h * f(theta) * theta,
    "quotient": lambda theta, h, f: theta + h * theta / f(theta),
    "reciprocal": lambda theta, h, f: theta + h / f(theta),
    "constant": lambda theta, h, f: theta + h * f(theta) + 1,
    "absolute value": lambda theta, h, f: theta + h * abs(f(theta)),
    "NumPy's sine": lambda theta, h, f: theta + h * np.sin(f(theta)),
    "NumPy's sign": lambda theta, h, f: theta + h * np.sign(f(theta)),
    "SymPy's sine": lambda theta, h, f: theta + h * sympy.sin(f(theta)),
    "attribute": lambda theta, h, f: theta + h * f(theta).T,
    "index": lambda theta, h, f: theta + h * f(theta[0]),
    "greater than": lambda theta, h, f: theta + h * f(theta) if theta > 0 else theta,
    "equal to": lambda theta, h, f: theta if theta == 0 else theta + h * f(theta),
    "unequal to": lambda theta, h, f: theta + h * f(theta) if theta != 0 else theta,
    "maximum": lambda theta, h, f: theta + h * f(theta) / max(f(theta), 1),
    "field at 0": lambda theta, h, f: theta + h * f(0),
    "field at h": lambda theta, h, f: theta + h * f(h),
}


@pytest.mark.parametrize("name", NOT_LINEAR)
def test_what_is_not_linear_is_refused(name):
    with pytest.raises(TypeError, match="is not linear in its stages"):
        trace(NOT_LINEAR[name])


@pytest.mark.parametrize(
    "update",
    [
        lambda theta, h, f: theta + f(theta),
        lambda theta, h, f: theta + h * h * f(theta),
        lambda theta, h, f: theta + (h + h**2) * f(theta),
        lambda theta, h, f: theta + sympy.sqrt(h) * f(theta),
        lambda theta, h, f: theta * (1 - h) + h * f(theta),
    ],
    ids=["no-h", "h-squared", "mixed", "root", "weight-decay"],
)
def test_powers_of_the_step_size_that_do_not_fit_are_refused(update):
    with pytest.raises(ValueError, match=r"powers of h"):
        trace(update)


@pytest.mark.parametrize(
    "update", [lambda theta, h, f: None, lambda theta, h, f: (theta + h * f(theta), theta), lambda theta, h, f: [], lambda theta, h, f: 0]
)
def test_an_update_returns_one_vector_for_each_state(update):
    with pytest.raises(TypeError, match="must return 1 updated vector"):
        trace(update)


def test_an_update_without_the_field_is_refused():
    with pytest.raises(ValueError, match="never evaluates the field"):
        trace(lambda theta, h, f: theta)


def test_a_signature_without_the_field_is_refused():
    with pytest.raises(TypeError, match=r"must take \(theta, h, f\)"):
        trace(lambda theta, h: theta)


def test_memory_that_is_no_argument_is_refused():
    with pytest.raises(TypeError, match=r"must take \(theta, v, h, f\)"):
        trace(lambda theta, h, f: theta + h * f(theta), memory=("v",))


def test_a_missing_parameter_is_asked_for():
    with pytest.raises(TypeError, match=r"needs the parameter beta; pass a number, or beta='beta'"):
        trace(lambda theta, h, f, *, beta: theta + beta * h * f(theta))


def test_an_unknown_parameter_is_refused():
    with pytest.raises(TypeError, match=r"no parameter 'gamma'; its parameters: beta"):
        trace(lambda theta, h, f, *, beta: theta + beta * h * f(theta), beta=1, gamma=2)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1+"])
def test_a_bad_parameter_is_named(value):
    with pytest.raises(ValueError, match="beta must be"):
        trace(lambda theta, h, f, *, beta: theta + beta * h * f(theta), beta=value)


def test_unstable_memory_is_refused():
    with pytest.raises(ValueError, match="unstable at h = 0"):
        trace(lambda theta, v, h, f: (theta + h * v, v + f(theta)), memory=("v",))


def test_decayed_weights_are_inconsistent():
    with pytest.raises(ValueError, match="inconsistent"):
        trace(lambda theta, h, f, *, decay: theta * (1 - decay) + h * f(theta), decay=0.1)


def test_errors_of_the_user_come_through():
    def broken(theta, h, f):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        trace(broken)


def test_only_functions_can_be_decorated():
    with pytest.raises(TypeError, match="function"):
        mq.method(3)()

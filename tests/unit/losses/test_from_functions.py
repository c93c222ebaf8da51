"""Losses of functions: what is given decides what there is, and errors name what is missing."""

import numpy as np
import pytest

import modeq as mq

A = np.array([[2.0, 1.0], [1.0, 3.0]])


def value(x):
    return x @ A @ x / 2 + np.sum(x**3)


def gradient(x):
    return A @ x + 3 * x**2


def hvp(x, v):
    return A @ v + 6 * x * v


def along(path):
    squares = [sum(path[i] * path[k - i] for i in range(k + 1)) for k in range(len(path))]
    return path @ A + 3 * np.array(squares)


def loss(**functions):
    return mq.Loss.from_functions(dimension=2, value=value, gradient=gradient, **functions)


def test_values_and_gradients_are_those_of_the_functions():
    E = loss()
    assert E([1.0, 2.0]) == value(np.array([1.0, 2.0]))
    assert E.gradient([[1.0, 2.0], [0.0, 1.0]]).shape == (2, 2)


@pytest.mark.parametrize("functions", [{"hvp": hvp}, {"along": along}], ids=["hvp", "along"])
def test_products_come_from_either_function(functions):
    np.testing.assert_allclose(loss(**functions).hessian([1.0, 2.0]), A + 6 * np.diag([1.0, 2.0]))


def test_third_derivatives_come_from_paths():
    np.testing.assert_allclose(loss(along=along).third([1.0, 2.0], [1.0, 1.0], [1.0, 2.0]), [6.0, 12.0])


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda E: E.hvp([0.0, 0.0], [1.0, 0.0]), r"hvp\(theta, v\)"),
        (lambda E: E.sharpness([0.0, 0.0]), r"hvp\(theta, v\)"),
        (lambda E: E.along(np.zeros((3, 2))), r"along\(path\)"),
        (lambda E: E.third([0.0, 0.0], [1.0, 0.0], [1.0, 0.0]), r"along\(path\)"),
    ],
)
def test_an_error_names_the_missing_function(call, missing):
    with pytest.raises(ValueError, match=f"was given only value, gradient; pass {missing}"):
        call(loss())


def test_a_function_that_returns_another_shape_is_named():
    E = mq.Loss.from_functions(dimension=2, value=value, gradient=lambda x: x.sum())
    with pytest.raises(ValueError, match=r"the function gradient of loss must return an array of shape \(2,\), got shape \(\)"):
        E.gradient([1.0, 2.0])


def test_complex_points_are_refused_unless_the_functions_take_them():
    with pytest.raises(TypeError, match="analytic=True"):
        loss().gradient([1j, 0.0])
    assert loss(analytic=True).gradient([1j, 0.0])[0] == 2j - 3


def test_products_with_complex_vectors_are_linear():
    np.testing.assert_allclose(loss(hvp=hvp, analytic=True).hvp([0.0, 0.0], [1.0 + 2j, 0.0]), A[0] * (1 + 2j))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dimension": 0}, "the dimension must be a positive integer"),
        ({"gradient": 3}, "gradient is a function of θ, got int"),
        ({"shapes": {"w": (3,)}}, "have 3 entries, and the dimension is 2"),
    ],
)
def test_bad_arguments_are_refused_at_once(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        mq.Loss.from_functions(**{"dimension": 2, "value": value, "gradient": gradient, **arguments})


def test_jax_functions_have_the_derivatives_of_the_lowered_loss():
    jnp = pytest.importorskip("jax").numpy

    def function(p, x):
        return jnp.mean(jnp.tanh(x @ p["w"]) ** 3)

    given = {"w": np.array([0.3, -0.2])}, {"x": np.array([[1.0, 2.0], [0.5, -1.0]])}
    E, F = mq.Loss.from_jax(function, *given), mq.Loss.from_functions(**mq.losses.jax_functions(function, *given))
    path = np.array([[0.3, -0.2], [1.0, 0.5], [0.2, 0.1], [-1.0, 2.0]])
    np.testing.assert_allclose(F.along(path), E.along(path), atol=1e-12)
    assert F.unravel(F.start)["w"].tolist() == [0.3, -0.2]


def test_jax_functions_do_without_jet_where_it_has_no_rule():
    jax = pytest.importorskip("jax")
    functions = mq.losses.jax_functions(lambda w: jax.numpy.sum(jax.nn.softplus(w)), np.zeros(1))
    sigmoid_slopes = [0.5, 0.25, 0.0, -1 / 48]  # Taylor coefficients of the logistic function at 0
    np.testing.assert_allclose(functions["along"](np.array([[0.0], [1.0], [0.0], [0.0]])).ravel(), sigmoid_slopes, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda jnp: lambda w: w, r"returned shape \(2,\); sum or average it"),
        (lambda jnp: lambda w, x: jnp.sum(w), "its argument x got no data"),
        (lambda jnp: lambda w: jnp.sum(w @ jnp.ones((3, 3))), "cannot trace <lambda> in double precision: .*dot_general"),
    ],
)
def test_a_jax_function_that_is_no_loss_is_refused_at_once(make, message):
    jnp = pytest.importorskip("jax").numpy
    with pytest.raises((TypeError, ValueError), match=message):
        mq.losses.jax_functions(make(jnp), np.ones(2))

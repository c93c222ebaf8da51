"""Losses on arrays: names, shapes, batches, spectra, and what bad input gets."""

import math
import pickle
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import modeq as mq
from modeq.codegen.background import described

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(5, 2)), RNG.normal(size=5)
SHAPES = {"W": (2, 3), "b": (3,), "c": ()}


def loss(p, X, y):
    return np.mean((np.sum(np.tanh(X @ p["W"] + p["b"]), axis=1) + p["c"] - y) ** 2)


@pytest.fixture(scope="module")
def E():
    return mq.Loss.from_numpy(loss, SHAPES, {"X": X, "y": Y})


@pytest.fixture
def theta():
    return np.random.default_rng(1).normal(size=10)


def test_it_is_a_loss_named_after_its_function(E):
    assert isinstance(E, mq.Loss)
    assert repr(E) == "<Loss: loss, d = 10>"


def test_coordinates_are_entries_of_the_parameters(E):
    assert E.coordinates[:2] + E.coordinates[6:] == ("W[0,0]", "W[0,1]", "b[0]", "b[1]", "b[2]", "c")


def test_unravel_undoes_ravel(E, theta):
    params = E.unravel(theta)
    assert {name: np.shape(value) for name, value in params.items()} == SHAPES
    np.testing.assert_array_equal(E.ravel(params), theta)


def test_ravel_names_the_parameter_with_the_wrong_shape(E, theta):
    with pytest.raises(ValueError, match=r"parameter b has shape \(3,\), got \(4,\)"):
        E.ravel(E.unravel(theta) | {"b": np.zeros(4)})


def test_the_value_is_that_of_the_function(E, theta):
    assert E(theta) == pytest.approx(loss(E.unravel(theta), X, Y), rel=1e-14)


def test_many_points_at_once_give_the_values_one_by_one(E, theta):
    points = np.stack([theta, 2 * theta, -theta])
    np.testing.assert_array_equal(E(points), [E(point) for point in points])
    assert E.gradient(points[:, None]).shape == (3, 1, 10)
    assert E.hessian(points).shape == (3, 10, 10)
    np.testing.assert_allclose(E.hvp(points, theta)[1], E.hessian(points[1]) @ theta, rtol=1e-12, atol=1e-14)


def test_products_at_many_points_have_the_types_of_those_at_one(theta):
    """Views of broadcast arrays warn when the compiler asks for their type, and read-only ones would be compiled for on their own."""
    E, seen = mq.Loss.from_numpy(loss, SHAPES, {"X": X, "y": Y}), set()
    E.__dict__["module"] = SimpleNamespace(products=lambda *arguments: seen.add(described(arguments)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        E.hvp(theta, theta), E.hvp([theta, theta], theta), E.hvp([theta, theta], [theta, theta])
    assert len(seen) == 1


def test_a_pickled_loss_computes_the_same(E, theta):
    copy = pickle.loads(pickle.dumps(E))
    assert copy(theta) == E(theta)


def test_the_data_are_copied(theta):
    data = X.copy()
    one = mq.Loss.from_numpy(loss, SHAPES, {"X": data, "y": Y})
    before = one(theta)
    data[:] = 0
    assert one(theta) == before


def test_the_spectrum_has_the_eigenvalues_of_the_hessian(E, theta):
    values = np.linalg.eigvalsh(E.hessian(theta))
    np.testing.assert_allclose(E.spectrum(theta), values[::-1], rtol=1e-12, atol=1e-14)
    largest = sorted(values, key=abs)[-3:]
    np.testing.assert_allclose(E.spectrum(theta, k=3), sorted(largest, reverse=True), rtol=1e-12)
    assert E.sharpness(theta) == pytest.approx(values[-1])


def test_many_parameters_use_products_only():
    wide = mq.losses.mlp((2, 60, 1), "tanh", "mean-squared", X, Y)
    theta = mq.losses.xavier(wide, 0)
    values = np.linalg.eigvalsh(wide.hessian(theta))
    assert wide.dimension > 200
    assert wide.sharpness(theta) == pytest.approx(values[-1], rel=1e-8)
    np.testing.assert_allclose(wide.spectrum(theta, k=2), sorted(sorted(values, key=abs)[-2:], reverse=True), rtol=1e-8)
    flows = [mq.principal_flow(mq.GradientDescent(), hessian=kind).on(wide)(theta, 0.3) for kind in ("auto", "dense", "lanczos")]
    assert np.abs(flows[0] - flows[1]).max() < 1e-8
    np.testing.assert_array_equal(flows[0], flows[2])


@pytest.mark.parametrize("k", [0, 11, 2.5, True])
def test_a_number_of_eigenvalues_out_of_range_is_refused(E, theta, k):
    with pytest.raises(ValueError, match="from 1 to 10"):
        E.spectrum(theta, k=k)


def test_a_spectrum_needs_a_real_point(E, theta):
    with pytest.raises(TypeError, match="real point"):
        E.sharpness(theta + 1j)


def test_relu_has_no_complex_points():
    kinked = mq.losses.mlp((2, 3, 1), "relu", "mean-squared", X, Y)
    with pytest.raises(TypeError, match="decided by a sign, which complex numbers do not have"):
        kinked.gradient(np.zeros(kinked.dimension, complex))
    with pytest.raises(ValueError, match="softplus, gelu or tanh"):
        mq.principal_flow(mq.GradientDescent()).on(kinked)


def test_a_modifying_field_needs_a_formula(E):
    with pytest.raises(ValueError, match="needs a loss on symbols"):
        mq.modifying_equation(mq.GradientDescent(), order=3).on(E)


def test_a_flow_on_arrays_has_no_expressions(E):
    with pytest.raises(ValueError, match="no formula"):
        mq.modified_equation(mq.GradientDescent(), order=2).on(E).expressions()


def test_methods_with_several_fields_are_refused(E):
    two = mq.compose(mq.GradientDescent().on_field(0), mq.GradientDescent().on_field(1))
    with pytest.raises(ValueError, match="evaluates 2 fields"):
        mq.iterate(two, E, np.zeros(10), h=0.1, steps=1)


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda p, X, y: X @ p["W"], ValueError, r"array of shape \(5, 3\); sum or average"),
        (lambda p, X, y: np.sum(X @ p["b"]), ValueError, "parameter b"),
        (lambda p, X, y: math.tanh(p["c"]), TypeError, "np.tanh"),
        (lambda p, X, y: np.sum(p["Wx"]), ValueError, "W, b, c"),
        (lambda p, X, y: 3.0, (TypeError, ValueError), "depend"),
        (lambda p, X, y: None, (TypeError, ValueError), "return"),
        (lambda p, X: np.sum(p["b"]), TypeError, "y"),
        (lambda p, X, y: np.linalg.det(p["W"]), TypeError, "det"),
        ("np.sum", TypeError, "function"),
    ],
)
def test_functions_that_cannot_be_traced_are_refused(function, error, message):
    with pytest.raises(error, match=message):
        mq.Loss.from_numpy(function, SHAPES, {"X": X, "y": Y})


@pytest.mark.parametrize(
    ("params", "error"),
    [({}, TypeError), ([("W", (2, 3))], TypeError), ({"W": (0, 3)}, ValueError), ({"W": "3"}, ValueError), ({"a b": (2,)}, TypeError)],
)
def test_params_are_shapes_by_name(params, error):
    with pytest.raises(error):
        mq.Loss.from_numpy(loss, params, {"X": X, "y": Y})


def test_data_with_nan_are_refused_by_name():
    with pytest.raises(ValueError, match="the data y contain NaN"):
        mq.Loss.from_numpy(loss, SHAPES, {"X": X, "y": np.array([0, 1, np.nan, 2, 3])})


def test_gradient_descent_takes_the_steps_that_numpy_takes(E, theta):
    path = mq.iterate(mq.GradientDescent(), E, theta, h=0.1, steps=3)
    point = theta
    for step in path.theta[1:]:
        point = point - 0.1 * E.gradient(point)
        np.testing.assert_allclose(step, point, rtol=1e-13)
    np.testing.assert_allclose(path.loss, E(path.theta))


def test_flows_on_a_network_come_closer_with_their_order(E, theta):
    report = mq.compare(mq.GradientDescent(), E, theta, h=0.02, steps=5, flows=["gradient", "igr", 3])
    errors = [values.mean() for values in report.errors.values()]
    assert errors[0] > 5 * errors[1] > 25 * errors[2]
    assert "completed" in report.table()


def test_implicit_methods_say_how_many_parameters_they_can_have():
    wide = mq.losses.mlp((2, 2000, 1), "tanh", "mean-squared", X, Y)
    with pytest.raises(ValueError, match="dense system with 8001 unknowns"):
        mq.iterate(mq.ProximalPoint(), wide, mq.losses.xavier(wide, 0), h=0.1, steps=1)


def test_momentum_starts_smoothly_with_many_parameters_too():
    """Beyond 300 parameters the start is a series; the flow of order 4 then has one-step errors of order 5."""
    wide = mq.losses.mlp((2, 80, 1), "tanh", "mean-squared", X, Y)
    flow = mq.modified_equation(mq.HeavyBall(0.5), order=4).on(wide)
    estimate = mq.order_of_accuracy(mq.HeavyBall(0.5), flow, mq.losses.xavier(wide, 0), [0.002, 0.001])
    assert estimate.slope == pytest.approx(5, abs=0.1)


def test_parameters_may_be_nested_dicts_of_arrays_to_start_from():
    params = {"encoder": {"W": np.full((2, 3), 0.1), "b": np.zeros(3)}, "scale": np.array(2.0)}

    def loss(p, X):
        return np.sum((p["scale"] * np.tanh(X @ p["encoder"]["W"] + p["encoder"]["b"])) ** 2)

    X = np.eye(2)
    E = mq.Loss.from_numpy(loss, params, {"X": X})
    assert list(E.shapes) == ["encoder.W", "encoder.b", "scale"]
    assert E.dimension == 10
    assert E(params) == pytest.approx(loss(params, X))
    assert E.coordinates[0] == "encoder.W[0,0]"
    back = E.unravel(E.ravel(params))
    np.testing.assert_array_equal(back["encoder"]["W"], params["encoder"]["W"])
    run = mq.iterate(mq.GradientDescent(), E, params, h=0.1, steps=1)
    np.testing.assert_allclose(run.theta[1], E.ravel(params) - 0.1 * E.gradient(params))
    with pytest.raises(ValueError, match="there is no parameter 'V'; the parameters are W, b"):
        mq.Loss.from_numpy(lambda p: np.sum(p["encoder"]["V"]), params)


def test_an_empty_group_of_parameters_is_refused():
    with pytest.raises(ValueError, match=r"encoder is an empty dict"):
        mq.Loss.from_numpy(lambda p: 0, {"encoder": {}})

"""Tracing a function of NumPy: what it returns, and what it says where it cannot."""

import copy

import numpy as np
import pytest

from modeq.graph import MpmathAlgebra, NumpyAlgebra, evaluate, gradient
from modeq.graph.tracing import trace

SHAPES = {"W": (3, 4), "b": (4,), "s": ()}
POINT = {name: np.random.default_rng(1).normal(size=shape) for name, shape in SHAPES.items()}
X = np.random.default_rng(2).normal(size=(5, 3))


def network(p, X):
    hidden = np.tanh(X @ p["W"] + p["b"])
    logits = hidden - np.logaddexp.reduce(hidden, axis=1, keepdims=True)
    return -np.mean(logits[np.arange(len(X)), [0, 1, 2, 3, 0]]) + 0.5 * p["s"] ** 2


def refused(function, error, data=None, shapes=SHAPES):
    """Return what `trace` says about a function."""
    with pytest.raises(error) as caught:
        trace(function, shapes, {} if data is None else data)
    return str(caught.value)


# What is returned.


def test_the_loss_of_a_network_has_numpys_value():
    graph, loss = trace(network, SHAPES, {"X": X})
    (value,) = evaluate(graph, [loss], POINT, NumpyAlgebra())
    assert value == pytest.approx(network(POINT, X), rel=1e-14)


def test_the_gradient_of_a_network_has_the_shapes_of_the_parameters():
    graph, loss = trace(network, SHAPES, {"X": X})
    slopes = evaluate(graph, gradient(graph, loss, [graph.input(*item) for item in SHAPES.items()]), POINT, NumpyAlgebra())
    assert [np.shape(slope) for slope in slopes] == list(SHAPES.values())


def test_the_result_is_a_scalar_node():
    graph, loss = trace(network, SHAPES, {"X": X})
    assert graph.nodes[loss].shape == ()


def test_the_inputs_are_the_parameters_in_order():
    graph, _ = trace(network, SHAPES, {"X": X})
    assert [(node.value, node.shape) for node in graph.nodes if node.op == "input"] == list(SHAPES.items())


def test_numbers_stay_exact():
    graph, loss = trace(lambda p: p["s"] / 3 * 3 - np.log2(8 * p["s"]), {"s": ()}, {})
    (value,) = evaluate(graph, [loss], {"s": 2}, MpmathAlgebra())
    assert value == -2


def test_the_function_may_be_any_callable():
    class Loss:
        def __call__(self, params, *, X, scale=2.0):
            return scale * np.sum(X @ params["W"])

    graph, loss = trace(Loss(), SHAPES, {"X": X})
    assert evaluate(graph, [loss], POINT, NumpyAlgebra())[0] == pytest.approx(2 * np.sum(X @ POINT["W"]))


def test_loops_comprehensions_and_functions_of_python_are_followed():
    def loss(p):
        total = 0.0
        for i, row in enumerate(p["W"]):
            total += (i + 1) * abs(row @ row)
        return total + sum(p["b"]) + sum(np.sin(row[0]) for row in p["W"])

    graph, node = trace(loss, SHAPES, {})
    assert evaluate(graph, [node], POINT, NumpyAlgebra())[0] == pytest.approx(loss(POINT))


def test_data_arrive_as_plain_arrays_that_cannot_be_changed():
    mine = X.copy()

    def loss(p, X):
        assert type(X) is np.ndarray
        with pytest.raises(ValueError, match="read-only"):
            X += 1
        return np.sum(X @ p["W"])

    trace(loss, SHAPES, {"X": mine})
    assert mine.flags.writeable
    np.testing.assert_array_equal(mine, X)


def test_the_parameters_are_a_dict_with_their_names():
    def loss(p):
        assert isinstance(p, dict)
        assert [(name, p[name].shape) for name in p] == list(SHAPES.items())
        return sum(np.sum(value) for value in p.values())

    trace(loss, SHAPES, {})


def test_a_parameter_has_the_attributes_of_an_array():
    def loss(p):
        W = p["W"]
        assert (W.shape, W.ndim, W.size, W.dtype, len(W)) == ((3, 4), 2, 12, np.dtype(float), 3)
        assert (W > 0).dtype == np.dtype(bool)
        assert not hasattr(W, "foo")
        assert getattr(W, "foo", None) is None
        assert repr(W) == f"{W}" == "TracedArray(shape=(3, 4), parameter=W)"
        return np.sum(copy.deepcopy(W) - copy.copy(W) + W)

    trace(loss, SHAPES, {})


def test_an_exception_of_the_function_passes_as_it_is():
    class OwnError(Exception):
        pass

    error = OwnError("mine")

    def loss(p):
        raise error

    with pytest.raises(OwnError) as caught:
        trace(loss, SHAPES, {})
    assert caught.value is error


# How it is called.


@pytest.mark.parametrize("thing", [3.0, None, {"W": 1}, np.ones(3)])
def test_a_loss_that_is_no_function_is_refused(thing):
    assert "the loss is a function of the parameters and the data" in refused(thing, TypeError)


def test_missing_data_are_named():
    assert "its arguments X, y got no data" in refused(lambda p, X, y: 0, TypeError)


def test_surplus_data_are_named():
    assert "it has no argument Z, of which there is data" in refused(lambda p, X: 0, TypeError, {"X": X, "Z": X})


def test_a_function_without_arguments_is_refused():
    assert "cannot be called as <lambda>(params)" in refused(lambda: 0, TypeError)


def test_masked_data_are_refused():
    assert "masked" in refused(network, TypeError, {"X": np.ma.masked_array(X, X > 0)})


# What it returns.


def test_a_loss_that_returns_nothing_is_told_so():
    def loss(p):
        np.sum(p["W"])

    assert refused(loss, TypeError) == "loss returned nothing; return the loss"


@pytest.mark.parametrize(
    ("function", "shape"),
    [(lambda p: p["W"] ** 2, "(3, 4)"), (lambda p: p["s"].reshape(1), "(1,)"), (lambda p: p["s"][None, None], "(1, 1)")],
)
def test_a_loss_that_returns_an_array_is_told_its_shape(function, shape):
    assert f"an array of shape {shape}; sum or average it to a single number" in refused(function, ValueError)


@pytest.mark.parametrize(
    "function",
    [lambda p: 2.0, lambda p: np.ones(3), lambda p: np.sum(np.zeros_like(p["W"])), lambda p: np.sum(0 * p["W"]), lambda p: p["W"].size],
)
def test_a_loss_that_does_not_depend_on_the_parameters_is_refused(function):
    assert "not depend on the parameters W, b, s" in refused(function, ValueError)


@pytest.mark.parametrize("function", [lambda p: "loss", lambda p: p, lambda p: (p["s"], 1), lambda p: [p["s"]]])
def test_a_loss_that_returns_no_number_is_told_what_it_returned(function):
    assert "return one number" in refused(function, TypeError)

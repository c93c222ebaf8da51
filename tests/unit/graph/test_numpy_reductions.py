"""Reductions, traced, have NumPy's values, shapes and derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modeq.graph import NumpyAlgebra, evaluate, gradient
from modeq.graph.arrays import depends_on_sign, kinks
from modeq.graph.tracing import trace

from .numpy_comparison import EXAMPLES, arrays, assert_derivatives, assert_values

REDUCTIONS = [np.sum, np.mean, np.var, np.std, np.prod, np.max, np.min, np.ptp, np.add.reduce, np.multiply.reduce, np.maximum.reduce]
REDUCTIONS += [np.minimum.reduce, np.logaddexp.reduce, np.fmax.reduce, np.fmin.reduce]
NOT_ANALYTIC = {
    np.max,
    np.min,
    np.ptp,
    np.maximum.reduce,
    np.minimum.reduce,
    np.logaddexp.reduce,
    np.fmax.reduce,
    np.fmin.reduce,
    np.var,
    np.std,
}


def name(function):
    return str(getattr(function, "__qualname__", function)) if not hasattr(function, "__self__") else f"{function.__self__.__name__}.reduce"


@pytest.mark.parametrize("keepdims", [False, True], ids=["", "keepdims"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (1, 2), (2, 0), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("function", REDUCTIONS, ids=name)
def test_a_reduction_is_numpys_along_any_axes(function, axis, keepdims):
    values = arrays((2, 3, 2))
    assert_values(lambda x: function(x, axis=axis, keepdims=keepdims), values)
    if keepdims or axis in (None, 1, (2, 0)):
        assert_derivatives(lambda x: function(x, axis=axis, keepdims=keepdims), values, analytic=function not in NOT_ANALYTIC)


@pytest.mark.parametrize("function", [f for f in REDUCTIONS if isinstance(f, type(np.add.reduce))], ids=name)
def test_the_reduction_of_a_ufunc_takes_the_first_axis_unless_told(function):
    assert_values(function, arrays((2, 3)))


@given(st.data())
@EXAMPLES
def test_reductions_agree_for_random_shapes_and_axes(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=3))
    axes = data.draw(st.none() | hnp.valid_tuple_axes(len(shape), min_size=0))
    keepdims = data.draw(st.booleans())
    function = data.draw(st.sampled_from([np.sum, np.mean, np.prod, np.max, np.min, np.std]))
    assert_values(lambda x: function(x, axis=axes, keepdims=keepdims), arrays(shape))


def test_equal_largest_entries_share_the_derivative():
    graph, loss = trace(lambda p: np.max(p["x"]), {"x": (4,)}, {})
    point = {"x": np.array([1.0, 3.0, 3.0, -np.inf])}
    value, slope = evaluate(graph, [loss, *gradient(graph, loss, [graph.input("x", (4,))])], point, NumpyAlgebra())
    assert value == 3.0
    assert slope.tolist() == [0.0, 0.5, 0.5, 0.0]


def test_the_derivative_of_a_product_needs_no_division():
    graph, loss = trace(lambda p: np.prod(p["x"]), {"x": (5,)}, {})
    point = {"x": np.array([2.0, 0.0, 3.0, 1.0, 5.0])}
    (slope,) = evaluate(graph, gradient(graph, loss, [graph.input("x", (5,))]), point, NumpyAlgebra())
    assert slope.tolist() == [0.0, 30.0, 0.0, 0.0, 0.0]


# The usual shift of a softmax ------------------------------------------------------------------------------------------------------

GENERATOR = np.random.default_rng(4)
INPUTS, LABELS = GENERATOR.standard_normal((12, 3)), np.eye(4)[GENERATOR.integers(0, 4, 12)]


def plain(p):
    z = INPUTS @ p["W"]
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(LABELS * z, axis=1))


def by_subtraction(p):
    z = INPUTS @ p["W"]
    z = z - z.max(axis=1, keepdims=True)
    return -np.mean(np.sum(LABELS * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))), axis=1))


def by_adding_it_again(p):
    z = INPUTS @ p["W"]
    m = np.max(z, axis=-1)
    return np.mean(m + np.log(np.sum(np.exp(z - m[:, None]), axis=1))) - np.sum(LABELS * z) / len(z)


def by_one_shift_for_all(p):
    z = INPUTS @ p["W"]
    e = np.exp(z - z.max())
    return -np.mean(np.log(np.sum(LABELS * e, axis=1) / e.sum(axis=1)))


def by_labels_that_add_up(p):
    z = INPUTS @ p["W"]
    z = z - np.amax(z, 1)[:, np.newaxis]
    return -np.sum(LABELS * z) / len(z) + np.mean(np.log(np.sum(np.exp(z), axis=1)))


@pytest.mark.parametrize("loss", [by_subtraction, by_adding_it_again, by_one_shift_for_all, by_labels_that_add_up])
def test_a_largest_entry_that_cancels_leaves_the_loss_analytic(loss):
    shapes, W = {"W": (3, 4)}, GENERATOR.standard_normal((3, 4)) + 0.1j * GENERATOR.standard_normal((3, 4))
    graph, value = trace(loss, shapes, {})
    reference, plain_value = trace(plain, shapes, {})
    assert not depends_on_sign(graph, [value])
    slopes = [
        evaluate(one, gradient(one, output, [one.input("W", (3, 4))]), {"W": W}, NumpyAlgebra())[0]
        for one, output in ((graph, value), (reference, plain_value))
    ]
    np.testing.assert_allclose(slopes[0], slopes[1], atol=1e-14)


@pytest.mark.parametrize(
    "loss",
    [
        lambda p: np.mean((INPUTS @ p["W"]).max(axis=1)),
        lambda p: by_subtraction(p) + 1e-6 * p["W"].max(),
        lambda p: np.mean(np.maximum(INPUTS @ p["W"], 0)),
        lambda p: np.sum(np.exp(p["W"] - p["W"].max())),
    ],
)
def test_a_largest_entry_that_matters_makes_the_loss_piecewise(loss):
    graph, value = trace(loss, {"W": (3, 4)}, {})
    assert depends_on_sign(graph, [value])


def test_what_is_piecewise_says_where():
    graph, value = trace(lambda p: np.sum(np.maximum(p["x"], 0)), {"x": (3,)}, {})
    (kink,) = kinks(graph, [value])
    assert "test_numpy_reductions.py, line" in graph.origins[kink]
    assert "np.maximum" in graph.origins[kink]

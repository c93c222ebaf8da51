"""Reductions, traced, have NumPy's values, shapes and derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modeq.graph import NumpyAlgebra, evaluate, gradient
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

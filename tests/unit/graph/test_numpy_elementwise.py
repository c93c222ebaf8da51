"""NumPy's functions of entries, traced, have NumPy's values, shapes and derivatives."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modeq.graph import NumpyAlgebra, evaluate, gradient
from modeq.graph.arrays import depends_on_sign
from modeq.graph.tracing import trace

from .numpy_comparison import EXAMPLES, arrays, assert_derivatives, assert_values, inputs, traced

SHAPES = [(), (3,), (2, 3), (2, 1, 3)]
PAIRS = [((), ()), ((3,), (3,)), ((), (2, 3)), ((2, 1), (3,)), ((2, 3, 1), (1, 4))]

UNARY = {
    **dict.fromkeys(["negative", "positive", "square", "exp", "exp2", "expm1", "sin", "cos", "sinh", "cosh", "tanh"], "any"),
    **dict.fromkeys(["tan", "arctan", "arcsinh", "deg2rad", "rad2deg", "radians", "degrees", "absolute", "fabs"], "any"),
    **dict.fromkeys(["sqrt", "log", "log2", "log10", "log1p", "reciprocal"], "positive"),
    **dict.fromkeys(["arcsin", "arccos", "arctanh"], "inside"),
    "arccosh": "above 1",
}
SPECIAL = {"erf": "any", "erfc": "any", "expit": "any", "log_expit": "any", "logit": "unit", "ndtr": "any"}
REAL_ONLY = {
    "absolute",
    "fabs",
    "deg2rad",
    "rad2deg",
    "radians",
    "degrees",
    "expit",
    "log_expit",
    "logit",
    "ndtr",
    "logaddexp",
    "logaddexp2",
}
REAL_ONLY |= {"hypot", "maximum", "minimum", "fmax", "fmin", "float_power"}
FUNCTIONS = [*((getattr(np, name), name, domain) for name, domain in UNARY.items())]
FUNCTIONS += [*((getattr(scipy.special, name), name, domain) for name, domain in SPECIAL.items())]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("function", "name", "domain"), FUNCTIONS, ids=[name for _, name, _ in FUNCTIONS])
def test_a_function_of_one_array_is_numpys(function, name, domain, shape):
    values = arrays(shape, domain=domain)
    assert_values(function, values)
    assert_derivatives(function, values, analytic=name not in REAL_ONLY)


BINARY = ["add", "subtract", "multiply", "divide", "power", "float_power", "hypot", "maximum", "minimum", "fmax", "fmin"]
BINARY += ["logaddexp", "logaddexp2"]


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_a_function_of_two_arrays_broadcasts_as_numpys(name, shapes):
    values = arrays(*shapes, domain="positive")
    assert_values(getattr(np, name), values)
    assert_derivatives(getattr(np, name), values, analytic=name not in REAL_ONLY)


@pytest.mark.parametrize("name", BINARY)
def test_either_operand_may_be_plain(name):
    function, values, plain = getattr(np, name), arrays((3,), domain="positive"), np.array([[0.5, 2.0, 1.25]])
    for one in (lambda x: function(x, plain), lambda x: function(plain, x), lambda x: function(x, 2.5), lambda x: function(2, x)):
        assert_values(one, values)
        assert_derivatives(one, values, analytic=name not in REAL_ONLY)


COMPARISONS = ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_xor"]


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons_are_numpys_also_between_equal_entries(name):
    values = [np.array([[0.0], [1.0], [-2.0]]), np.array([1.0, 0.0, -2.0])]
    assert_values(getattr(np, name), values)


@pytest.mark.parametrize(
    "condition",
    [
        lambda x: x > 0,
        lambda x: ~(x > 0),
        lambda x: (x > -0.5) & (x < 0.5),
        lambda x: (x < -0.5) | (x > 0.5),
        lambda x: (x < -0.5) ^ (x < 0.5),
        np.logical_not,
        lambda x: (x > 0) + (x > -0.5),
        lambda x: (x > 0) * (x < 0.5),
        lambda x: np.array([True, False, True]) & (x > -0.5),
        lambda x: (x == 1.0 * x) & (0 * x > -1),
    ],
)
@pytest.mark.parametrize(
    "use", [lambda c, x: np.where(c, np.sin(x), x**2), lambda c, x: c * x, lambda c, x: c[1:] * x[:-1], lambda c, x: x + c.reshape(3, 1)]
)
def test_conditions_choose_and_count_as_numbers(condition, use):
    values = arrays((2, 3), seed=3)[0][:1].repeat(1, axis=0)
    assert_values(lambda x: use(condition(x[0]), x[0]), [values])
    assert_derivatives(lambda x: use(condition(x[0]), x[0]), [values], analytic=False)


def test_where_broadcasts_all_three():
    values = arrays((), (2, 1), (3,))
    assert_values(lambda c, a, b: np.where(c > 0, a, b), values)
    assert_values(lambda c, a, b: np.where(np.array([True, False, True]), a, b * c), values)
    assert_values(lambda c, a, b: np.where(c, 1.0, a + b), values)
    assert_derivatives(lambda c, a, b: np.where(b > 0, a * c, b), values, analytic=False)


def test_clip_takes_bounds_in_every_form():
    values = arrays((2, 3))
    names = ("min", "max") if np.lib.NumpyVersion(np.__version__) >= "2.1.0" else ("a_min", "a_max")
    for function in (
        lambda x: np.clip(x, -0.5, 0.5),
        lambda x: np.clip(x, None, 0.5),
        lambda x: np.clip(x, -0.5, None),
        lambda x: np.clip(x, **dict(zip(names, (-0.5, np.array([0.1, 0.2, 0.3])), strict=True))),
        lambda x: x.clip(-0.5, 0.5),
    ):
        assert_values(function, values)
        assert_derivatives(function, values, analytic=False)


def test_xlogy_has_the_value_and_slope_zero_where_its_factor_is_zero():
    values = [np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.5, 3.0])]
    assert_values(scipy.special.xlogy, values)
    graph, loss = trace(lambda p: np.sum(scipy.special.xlogy(np.array([0.0, 1.0, 2.0]), p["b"])), {"b": (3,)}, {})
    (slope,) = evaluate(graph, gradient(graph, loss, [graph.input("b", (3,))]), {"b": values[1]}, NumpyAlgebra())
    np.testing.assert_allclose(slope, [0.0, 2.0, 2 / 3])


def test_softplus_keeps_its_precision_far_from_zero():
    values = [np.array([-700.0, -40.0, 0.0, 40.0, 700.0])]
    for function in (lambda x: np.logaddexp(x, 0), lambda x: np.logaddexp(0, x), lambda x: -scipy.special.log_expit(-x)):
        graph, node, _ = traced(function, values)
        (found,) = evaluate(graph, [node], inputs(values), NumpyAlgebra())
        np.testing.assert_allclose(found, function(values[0]), rtol=1e-14)


@pytest.mark.parametrize("exponent", [0, 1, 2, 5, -1, -3, 0.5, -0.5, 1.7, np.float32(2.5), np.int64(3)], ids=str)
def test_a_fixed_exponent_is_exact(exponent):
    values = arrays((2, 3), domain="positive")
    assert_values(lambda x: x**exponent, values)
    assert_derivatives(lambda x: x**exponent, values)


def test_negative_numbers_have_powers_with_fixed_integers():
    values = [np.array([-1.2, 0.7, -0.3])]
    for function in (
        lambda x: x**3,
        lambda x: x ** np.array([2, 3, 1]),
        lambda x: x[:, None] ** np.arange(1, 5),
        lambda x: x[0] ** np.arange(3),
    ):
        assert_values(function, values)
        assert_derivatives(function, values)


@given(st.data())
@EXAMPLES
def test_elementwise_operations_broadcast_as_numpys(data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=4, max_side=3)).input_shapes
    assert_values(lambda a, b, c: np.where(a > 0, a * b, np.tanh(b) - c), arrays(*shapes))


@pytest.mark.parametrize("root", [lambda x: np.sqrt(x**2), lambda x: (x * x) ** 0.5, lambda x: np.sqrt(x * x)])
def test_the_root_of_a_square_is_the_modulus(root):
    """With the derivatives of the piece that it is on, and no 0/0 at 0."""
    graph, loss = trace(lambda p: np.sum(root(p["x"])), {"x": (3,)}, {})
    at = {"x": np.array([-2.0, 0.0, 3.0])}
    slope = gradient(graph, loss, [graph.input("x", (3,))])
    assert evaluate(graph, [loss], at, NumpyAlgebra())[0] == 5
    assert evaluate(graph, slope, at, NumpyAlgebra())[0].tolist() == [-1, 1, 1]
    assert depends_on_sign(graph, [loss])

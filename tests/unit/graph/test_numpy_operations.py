"""Every supported operation of NumPy gives NumPy's values, shapes and derivatives when it is traced."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modeq.graph import NumpyAlgebra, evaluate, gradient
from modeq.graph.numpy_operations import OPERATIONS
from modeq.graph.tracing import trace

SHAPES = [(), (3,), (2, 3), (2, 1, 3)]
PAIRS = [((), ()), ((3,), (3,)), ((), (2, 3)), ((2, 1), (3,)), ((2, 3, 1), (1, 4))]
DOMAINS = {"any": (-1.5, 1.5), "positive": (0.3, 2.5), "inside": (-0.8, 0.8), "unit": (0.1, 0.9), "above 1": (1.2, 3.0)}
EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)

fixed = np.random.default_rng(7).normal(size=(2, 3))


def arrays(*shapes, domain="any", seed=0):
    low, high = DOMAINS[domain]
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.uniform(low, high, shape)) for shape in shapes]


def flat(result):
    """Join the arrays that a function such as split returns."""
    return np.concatenate([np.ravel(part) for part in result]) if isinstance(result, (list, tuple)) else result


def traced(function, values):
    """Return the graph and the node, with its shape, of what a function returns; and the shape that it says it has."""
    results = []

    def loss(p):
        results.append(flat(function(*p.values())))
        return sum(np.sum(p[name]) for name in p)

    graph, _ = trace(loss, {f"x{i}": value.shape for i, value in enumerate(values)}, {})
    return graph, results[0].whole, results[0].shape


def inputs(values):
    return {f"x{i}": value for i, value in enumerate(values)}


def assert_values(function, values):
    expected = flat(function(*values))
    graph, node, shape = traced(function, values)
    (found,) = evaluate(graph, [node], inputs(values), NumpyAlgebra())
    assert shape == np.shape(expected) == np.shape(found)
    np.testing.assert_allclose(found, np.asarray(expected, dtype=float), rtol=1e-12, atol=1e-14)


def differences(scalar, values, *, analytic):
    """Return the derivatives of a function of arrays by NumPy alone: by complex steps where the function is analytic."""
    slopes = []
    for position, value in enumerate(values):
        slope = np.zeros(value.shape)
        for index in np.ndindex(value.shape):

            def along(step, position=position, index=index):
                moved = [value.astype(complex if analytic else float) for value in values]
                moved[position][index] += step
                return scalar(*moved)

            if analytic:
                slope[index] = along(1e-30j).imag / 1e-30
            else:
                h = 2e-3
                slope[index] = sum(c * (along(k * h) - along(-k * h)) for k, c in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))) / h
        slopes.append(slope)
    return slopes


def assert_derivatives(function, values, *, analytic=True):
    weights = np.random.default_rng(5).uniform(0.5, 1.5, np.shape(flat(function(*values))))

    def scalar(*arguments):
        # The second sum is there for functions such as x - x, which do not depend on x.
        return np.sum(weights * flat(function(*arguments))) + sum(np.sum(argument) for argument in arguments)

    graph, loss = trace(lambda p: scalar(*p.values()), {name: value.shape for name, value in inputs(values).items()}, {})
    names = inputs(values)
    found = evaluate(graph, gradient(graph, loss, [graph.input(name, names[name].shape) for name in names]), names, NumpyAlgebra())
    for slope, expected in zip(found, differences(scalar, values, analytic=analytic), strict=True):
        tolerance = 1e-11 if analytic else 1e-8
        np.testing.assert_allclose(np.broadcast_to(slope, expected.shape), expected, rtol=tolerance, atol=tolerance)


UNARY = {
    **dict.fromkeys(["negative", "positive", "square", "exp", "exp2", "expm1", "sin", "cos", "sinh", "cosh", "tanh"], "any"),
    **dict.fromkeys(["tan", "arctan", "arcsinh", "deg2rad", "rad2deg", "radians", "degrees", "absolute", "fabs"], "any"),
    **dict.fromkeys(["sqrt", "log", "log2", "log10", "log1p", "reciprocal"], "positive"),
    **dict.fromkeys(["arcsin", "arccos", "arctanh"], "inside"),
    "arccosh": "above 1",
}
SPECIAL = {"erf": "any", "erfc": "any", "expit": "any", "log_expit": "any", "logit": "unit", "ndtr": "any"}
REAL_ONLY = {"absolute", "fabs", "deg2rad", "rad2deg", "radians", "degrees", "expit", "log_expit", "logit", "ndtr", "logaddexp", "logaddexp2"}
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
        lambda x: np.logical_not(x),
        lambda x: (x > 0) + (x > -0.5),
        lambda x: (x > 0) * (x < 0.5),
        lambda x: np.array([True, False, True]) & (x > -0.5),
        lambda x: (x == x) & (0 * x > -1),
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
    for function in (
        lambda x: np.clip(x, -0.5, 0.5),
        lambda x: np.clip(x, None, 0.5),
        lambda x: np.clip(x, -0.5, None),
        lambda x: np.clip(x, min=-0.5, max=np.array([0.1, 0.2, 0.3])),
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
    for function in (lambda x: np.logaddexp(x, 0), lambda x: np.logaddexp(0, x), scipy.special.softplus):
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
    for function in (lambda x: x**3, lambda x: x ** np.array([2, 3, 1]), lambda x: x[:, None] ** np.arange(1, 5), lambda x: x[0] ** np.arange(3)):
        assert_values(function, values)
        assert_derivatives(function, values)


# Reductions.

REDUCTIONS = [np.sum, np.mean, np.var, np.std, np.prod, np.max, np.min, np.ptp, np.add.reduce, np.multiply.reduce, np.maximum.reduce]
REDUCTIONS += [np.minimum.reduce, np.logaddexp.reduce, np.fmax.reduce, np.fmin.reduce]
NOT_ANALYTIC = {np.max, np.min, np.ptp, np.maximum.reduce, np.minimum.reduce, np.logaddexp.reduce, np.fmax.reduce, np.fmin.reduce, np.var, np.std}


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


CUBE, SQUARE, VECTOR = (2, 3, 4), (3, 3), (4,)

# (name, function, shapes); all of these are analytic.
GENERAL = [
    ("mean of a method", lambda x: x.mean(axis=0) + x.sum() + x.prod(axis=(0, 1)), CUBE),
    ("average", lambda x: np.average(x, axis=1), CUBE),
    ("average with weights", lambda x: np.average(x, axis=1, weights=[1, 2, 3]), CUBE),
    ("average with all weights", lambda x: np.average(x, weights=fixed**2), (2, 3)),
    ("average with traced weights", lambda x, w: np.average(x, weights=w), SQUARE, SQUARE),
    ("cumsum", lambda x: np.cumsum(x, axis=1), CUBE),
    ("cumsum of all", np.cumsum, CUBE),
    ("diff", lambda x: np.diff(x, axis=1), CUBE),
    ("second diff", lambda x: np.diff(x, 2), CUBE),
    ("trapezoid", lambda x: np.trapezoid(x, dx=0.5, axis=1), CUBE),
    ("trapezoid with x", lambda x: np.trapezoid(x, x=[0, 1, 3, 4.5]), CUBE),
    ("trapezoid with traced x", lambda x, t: np.trapezoid(x, x=t), CUBE, VECTOR),
    ("trace", np.trace, SQUARE),
    ("trace of a stack", lambda x: np.trace(x, 1, 2, 0), CUBE),
    ("linalg.trace", lambda x: np.linalg.trace(x), CUBE),
    ("polyval", lambda c, x: np.polyval(c, x), VECTOR, SQUARE),
    ("polyval of plain coefficients", lambda x: np.polyval([1, 0, -2], x), SQUARE),
    # products
    ("dot vectors", np.dot, VECTOR, VECTOR),
    ("dot matrices", np.dot, (2, 3), (3, 4)),
    ("dot matrix vector", np.dot, (2, 4), VECTOR),
    ("dot vector matrix", np.dot, VECTOR, (4, 2)),
    ("dot arrays", np.dot, (2, 3, 4), (2, 4, 3)),
    ("dot array vector", np.dot, (2, 3, 4), VECTOR),
    ("dot numbers", np.dot, (), (2, 3)),
    ("dot method", lambda x, y: x.dot(y), (2, 3), (3, 2)),
    ("inner", np.inner, (2, 4), (3, 4)),
    ("inner numbers", np.inner, (), VECTOR),
    ("inner vectors", np.inner, VECTOR, VECTOR),
    ("outer", np.outer, (2, 2), (3,)),
    ("linalg.outer", np.linalg.outer, (2,), (3,)),
    ("linalg.matmul", np.linalg.matmul, (2, 3), (3, 2)),
    ("tensordot", np.tensordot, (2, 3, 4), (3, 4, 2)),
    ("tensordot of one axis", lambda x, y: np.tensordot(x, y, 1), (2, 3), (3, 2)),
    ("tensordot outer", lambda x, y: np.tensordot(x, y, 0), (2, 3), (2,)),
    ("tensordot of axes", lambda x, y: np.tensordot(x, y, ([0, -1], [1, 0])), (2, 3, 4), (4, 2)),
    ("tensordot of an axis", lambda x, y: np.tensordot(x, y, (0, 1)), (2, 3), (4, 2)),
    ("linalg.tensordot", lambda x, y: np.linalg.tensordot(x, y, axes=1), (2, 3), (3, 2)),
    ("kron", np.kron, (2, 3), (3, 2)),
    ("kron of a vector", np.kron, (2, 3), (2,)),
    ("matrix_power", lambda x: np.linalg.matrix_power(x, 5), SQUARE),
    ("matrix_power 4", lambda x: np.linalg.matrix_power(x, 4), SQUARE),
    ("matrix_power 1", lambda x: np.linalg.matrix_power(x, 1), SQUARE),
    ("matrix_power 0", lambda x: x * np.linalg.matrix_power(x, 0), SQUARE),
    ("multi_dot", lambda x, y, z: np.linalg.multi_dot([x, y, z]), (2, 3), (3, 4), (4,)),
    ("matvec", np.matvec, (2, 3, 4), VECTOR),
    ("add.outer", np.add.outer, (2, 3), (2,)),
    ("subtract.outer", np.subtract.outer, (2,), (2, 2)),
    ("multiply.outer", np.multiply.outer, (), (2, 2)),
    ("subtract.outer of a plain array", lambda x: np.subtract.outer(fixed, x), (2,)),
    # shapes
    ("reshape", lambda x: np.reshape(x, (4, -1)), CUBE),
    ("reshape by columns", lambda x: np.reshape(x, (4, 6), order="F"), CUBE),
    ("reshape method", lambda x: x.reshape(4, -1) @ x.reshape((6, 4)), CUBE),
    ("reshape to numbers", lambda x: x.reshape(()), (1, 1)),
    ("ravel", lambda x: np.ravel(x) * x.ravel() + x.flatten(), CUBE),
    ("transpose", lambda x: np.transpose(x, (1, 2, 0)), CUBE),
    ("transpose method", lambda x: x.transpose(1, 2, 0) + x.transpose((1, 2, 0)), CUBE),
    ("T", lambda x: x.T, CUBE),
    ("T of a matrix", lambda x: x.T @ x, (2, 3)),
    ("mT", lambda x: x.mT, CUBE),
    ("matrix_transpose", np.matrix_transpose, CUBE),
    ("swapaxes", lambda x: np.swapaxes(x, 0, 2) + x.swapaxes(-1, 0), CUBE),
    ("moveaxis", lambda x: np.moveaxis(x, 0, -1), CUBE),
    ("squeeze", lambda x: np.squeeze(x) + x.squeeze(axis=1), (2, 1, 3)),
    ("expand_dims", lambda x: np.expand_dims(x, (0, 2)), (2, 3)),
    ("atleast_1d", np.atleast_1d, ()),
    ("atleast_2d", np.atleast_2d, VECTOR),
    ("atleast_3d", np.atleast_3d, VECTOR),
    ("atleast_2d of two", np.atleast_2d, VECTOR, (2, 3)),
    ("broadcast_to", lambda x: np.broadcast_to(x, (2, 3, 4)), (3, 1)),
    ("broadcast_arrays", lambda x, y: np.broadcast_arrays(x, y), (3, 1), (4,)),
    # parts
    ("take", lambda x: np.take(x, [2, 0, 2, -1], axis=1), CUBE),
    ("take method", lambda x: x.take([5, 1]), CUBE),
    ("diagonal", lambda x: np.diagonal(x, 1, 1, 2), CUBE),
    ("diagonal method", lambda x: x.diagonal(), SQUARE),
    ("diag of a matrix", lambda x: np.diag(x, -1), SQUARE),
    ("diag of a vector", lambda x: np.diag(x, 1), VECTOR),
    ("diagflat", np.diagflat, (2, 2)),
    ("triu", lambda x: np.triu(x, 1), SQUARE),
    ("tril", np.tril, CUBE),
    ("delete", lambda x: np.delete(x, 1, axis=1), CUBE),
    ("split", lambda x: np.split(x, 2, axis=2), CUBE),
    ("split at", lambda x: np.split(x, [1, 3], axis=-1), CUBE),
    ("array_split", lambda x: np.array_split(x, 3, axis=2), CUBE),
    ("hsplit", lambda x: np.hsplit(x, 3), CUBE),
    ("vsplit", lambda x: np.vsplit(x, 2), CUBE),
    ("rows", lambda x: [2 * row for row in x], CUBE),
    # joining
    ("concatenate", lambda x, y: np.concatenate([x, y, fixed]), (2, 3), (1, 3)),
    ("concatenate along an axis", lambda x, y: np.concatenate((x, y), axis=1), (2, 3), (2, 1)),
    ("concatenate flat", lambda x, y: np.concatenate((x, y), axis=None), (2, 3), (2, 1)),
    ("concatenate one", lambda x: np.concatenate([x, x[:0]]), (2, 3)),
    ("stack", lambda x, y: np.stack([x, y, 0 * x + 2.0], axis=-1), (2, 3), (2, 3)),
    ("stack numbers", lambda x, y: np.stack([x, y, x * y]), (), ()),
    ("hstack", lambda x, y: np.hstack([x, y]), (2,), (3,)),
    ("vstack", lambda x, y: np.vstack([x, y]), (3,), (2, 3)),
    ("column_stack", lambda x, y: np.column_stack([x, y]), (3,), (3, 2)),
    ("dstack", lambda x, y: np.dstack([x, y]), (2, 3), (2, 3)),
    ("append", lambda x, y: np.append(x, y, axis=0), (2, 3), (1, 3)),
    ("append a number", lambda x: np.append(x, 1.0), (2, 3)),
    # order
    ("flip", np.flip, CUBE),
    ("flip along an axis", lambda x: np.flip(x, 1), CUBE),
    ("fliplr", np.fliplr, CUBE),
    ("flipud", np.flipud, CUBE),
    ("rot90", np.rot90, (2, 3)),
    ("roll", lambda x: np.roll(x, 2, axis=1), CUBE),
    ("roll all", lambda x: np.roll(x, -1), CUBE),
    ("tile", lambda x: np.tile(x, (2, 1)), (2, 3)),
    ("repeat", lambda x: np.repeat(x, 2, axis=1), (2, 3)),
    ("repeat method", lambda x: x.repeat(3), (2, 3)),
    ("repeat unevenly", lambda x: np.repeat(x, [1, 0, 2], axis=1), (2, 3)),
    ("pad", lambda x: np.pad(x, ((1, 0), (2, 1))), (2, 3)),
    ("pad by reflection", lambda x: np.pad(x, 1, mode="reflect"), (2, 3)),
    # others
    ("copy", lambda x: np.copy(x) * x.copy() + x, (2, 3)),
    ("zeros_like", lambda x: x + np.zeros_like(x) + np.ones_like(x) + np.full_like(x, 2), (2, 3)),
    ("full_like of a parameter", lambda x, y: np.full_like(x, y), (2, 3), ()),
    ("shape, ndim and size", lambda x: x * np.shape(x)[0] * np.ndim(x) * np.size(x) * x.size * np.size(x, 1) * len(x), (2, 3)),
    # operators
    ("operators", lambda x, y: -(2 * x + y / 3 - x * y) / (1 + y * y) + (+x) ** 2 - 2**y, (2, 3), (3,)),
    ("plain arrays first", lambda x: fixed + x - fixed * x + fixed / (x + 9) + np.float64(2) * x + np.array(3.0) * x, (2, 3)),
    ("a plain matrix first", lambda x: fixed @ x, (3, 2)),
    ("a plain stack", lambda x: np.stack([fixed, -fixed]) @ x, (3, 2)),
    ("lists", lambda x: [1, 2, 3] * x + x @ [[1], [2], [3]], (2, 3)),
    # constants keep their shape
    ("x - x", lambda x: x - x, (2, 3)),
    ("0 x", lambda x: 0 * x + 1, (2, 3)),
    ("x / x", lambda x: np.exp(x / x) * x, (2, 3)),
    ("sum of a constant", lambda x: np.sum(x / x, axis=0) + np.mean(0 * x + 2), (2, 3)),
    ("product with a constant matrix", lambda x: (x - x + 2) @ x.T + (x - x) @ x.T, (2, 3)),
    ("parts of a constant", lambda x: (0 * x + 2)[:, 1:].T + np.concatenate([x - x, x / x])[1:3, :2].T, (2, 3)),
    ("largest of a constant", lambda x: np.max(0 * x + 2, axis=0, keepdims=True) + x.max() - x.max(), (2, 3)),
    ("functions of a constant", lambda x: np.exp(0 * x + 1) + np.tanh(x / x) * x + np.sqrt(x - x + 2), (2, 3)),
    ("constants meet arrays of another shape", lambda x, y: (x - x) + y + np.cos(x / x) * y, (2, 1), (3,)),
    ("no entries", lambda x: np.sum(x[:0]) + np.sum(x[:0] @ x[0]) + np.prod(x[:, :0]) + x, (2, 3)),
    ("entries of a sum without terms", lambda x: x[:, :0] @ x[:, :0].T + np.sum(x[:0], axis=0)[:2], (2, 3)),
]


@pytest.mark.parametrize("case", GENERAL, ids=[case[0] for case in GENERAL])
def test_an_operation_is_numpys(case):
    _, function, *shapes = case
    values = arrays(*shapes)
    assert_values(function, values)
    assert_derivatives(function, values)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        *((lambda x, order=order: np.linalg.norm(x, order), (4,)) for order in (1, 3, 1.5, -1, np.inf, -np.inf)),
        *((lambda x, order=order: np.linalg.norm(x, order), (3, 2)) for order in (1, -1, np.inf, -np.inf, "fro")),
        *((lambda x, order=order: np.linalg.norm(x, order, axis=(0, 2), keepdims=True), (2, 2, 3)) for order in (1, np.inf)),
        (lambda x: np.linalg.norm(x, 3, axis=1), (2, 3)),
        (lambda x: np.linalg.vector_norm(x), (2, 3)),
        (lambda x: np.linalg.vector_norm(x, ord=1, axis=1), (2, 3)),
        (lambda x: np.linalg.matrix_norm(x, ord=1), (2, 3, 2)),
        (lambda x: np.vdot(x, x[::-1]), (4,)),
        (lambda x: np.vecmat(x[0, 0], x.mT), (2, 4, 3)),
        (lambda x: np.var(x, axis=1, ddof=1), (2, 3)),
        (lambda x: x.astype(float) + x.astype(np.float64) * np.isrealobj(x) + np.iscomplexobj(x), (2, 3)),
        (np.linalg.norm, (2, 3, 2)),
        (lambda x: np.linalg.norm(x, axis=-1, keepdims=True), (2, 3, 2)),
        (lambda x: np.linalg.norm(x, 2), (4,)),
        (lambda x: np.linalg.norm(x, 2, axis=1), (2, 3, 2)),
        (lambda x: np.max(0 * x + 2, axis=0) + np.min(x - x), (2, 3)),
        (lambda x: np.vecdot(x, x[:, ::-1] ** 2), (2, 3)),
        (lambda x: abs(x) + np.maximum(x, 0), (2, 3)),
        (lambda x: x.max(axis=0) + x.min() + x.std() + x.var(axis=0), (2, 3)),
        (lambda x: x - np.logaddexp.reduce(x, axis=1, keepdims=True), (2, 3)),
        (lambda x: np.logaddexp.reduce(x - x, axis=1) + np.logaddexp.reduce(x[:, :1], axis=1), (2, 3)),
        (lambda x: np.maximum.outer(x, x[0] + 0.01), (2, 2)),
    ],
)
def test_an_operation_for_real_numbers_is_numpys(function, shape):
    values = arrays(shape, seed=2)
    assert_values(function, values)
    assert_derivatives(function, values, analytic=False)


MATRICES = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)), ((4, 2, 3), (4, 3, 2))]
MATRICES += [((4, 1, 2, 3), (5, 3, 2)), ((3,), (4, 3, 2)), ((4, 2, 3), (3,)), ((1, 2, 3), (4, 3, 2)), ((2, 2, 1, 3), (2, 2, 3, 1))]


@pytest.mark.parametrize("shapes", MATRICES, ids=str)
def test_matmul_broadcasts_as_numpys(shapes):
    values = arrays(*shapes)
    assert_values(lambda a, b: a @ b, values)
    assert_derivatives(np.matmul, values)


EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij->ji", (2, 3)),
    ("ij", (2, 3)),
    ("ba", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iji->j", (3, 2, 3)),
    ("iii->i", (2, 2, 2)),
    ("ij->", (2, 3)),
    ("i,i->i", (3,), (3,)),
    ("i,j->ji", (3,), (2,)),
    ("i,i", (3,), (3,)),
    ("bij,bjk->bik", (2, 3, 2), (2, 2, 4)),
    ("ij,kj,kl->il", (2, 3), (4, 3), (4, 2)),
    ("i,i,i->", (3,), (3,), (3,)),
    ("ij,k->i", (2, 3), (4,)),
    ("ii,i->i", (3, 3), (3,)),
    (",i->i", (), (3,)),
    ("...i,ij->...j", (2, 4, 3), (3, 2)),
    ("...i,...i->...", (2, 4, 3), (4, 3)),
    ("...ij->...ji", (2, 3, 4)),
    ("i...->...", (2, 3)),
    ("...i,...i", (2, 3), (3,)),
    (" i j , j k -> k i ", (2, 3), (3, 2)),
    ("ij,ij->ij", (1, 3), (2, 3)),
    ("ij,ij->j", (2, 1), (2, 3)),
]


@pytest.mark.parametrize("case", EINSUMS, ids=[case[0] for case in EINSUMS])
def test_einsum_is_numpys(case):
    subscripts, *shapes = case
    values = arrays(*shapes)
    assert_values(lambda *operands: np.einsum(subscripts, *operands, optimize=True), values)
    assert_derivatives(lambda *operands: np.einsum(subscripts, *operands), values)


@given(st.data())
@EXAMPLES
def test_einsum_agrees_for_random_labels(data):
    lengths = {"i": 2, "j": 3, "k": 1, "l": 4}
    terms = data.draw(st.lists(st.text("ijkl", max_size=3), min_size=1, max_size=3))
    known = sorted(set("".join(terms)))
    output = "".join(data.draw(st.permutations(known)))[: data.draw(st.integers(0, len(known)))]
    values = arrays(*(tuple(lengths[label] for label in term) for term in terms))
    assert_values(lambda *operands: np.einsum(f"{','.join(terms)}->{output}", *operands), values)


# Indexing.


@given(st.data())
@EXAMPLES
def test_slices_integers_and_new_axes_pick_numpys_entries(data):
    shape = data.draw(hnp.array_shapes(max_dims=4, max_side=4))
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    assert_values(lambda x: x[key], arrays(shape))


@given(st.data())
@EXAMPLES
def test_integer_arrays_pick_numpys_entries(data):
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    key = data.draw(hnp.integer_array_indices(shape))
    assert_values(lambda x: x[key], arrays(shape))


@given(st.data())
@EXAMPLES
def test_masks_pick_numpys_entries(data):
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    mask = data.draw(hnp.arrays(bool, shape[: data.draw(st.integers(1, len(shape)))]))
    assert_values(lambda x: x[mask], arrays(shape))


@given(st.data())
@EXAMPLES
def test_elementwise_operations_broadcast_as_numpys(data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=4, max_side=3)).input_shapes
    assert_values(lambda a, b, c: np.where(a > 0, a * b, np.tanh(b) - c), arrays(*shapes))


@pytest.mark.parametrize(
    "key",
    [
        (slice(None), [0, 2, 0]),
        ([0, 1, 1], [2, 0, 0]),
        (np.arange(2)[:, None], [0, 2]),
        (0, slice(None, None, -1)),
        (..., None, 1),
        (np.array([True, False]), slice(1, None)),
        -1,
        (1, 2),
    ],
    ids=str,
)
def test_the_derivative_of_indexing_adds_up_where_entries_repeat(key):
    assert_derivatives(lambda x: x[key], arrays((2, 3)))


# In place.


def test_in_place_operators_change_the_array_itself():
    def function(x, b):
        z = 1.0 * x
        same = z
        z += b
        z *= 2
        z -= 1
        z /= 3
        z **= 2
        return same

    assert_values(function, arrays((2, 3), (3,)))
    assert_derivatives(function, arrays((2, 3), (3,)))


def test_in_place_operators_on_numbers_leave_the_number_as_it_was():
    def function(x):
        total = np.sum(x)
        before = total
        total += 1
        return total * before

    assert_values(function, arrays((3,)))


def test_an_array_may_be_written_to_once_its_views_are_gone():
    def function(x):
        z = 1.0 * x
        z += z.T @ z
        return z

    assert_values(function, arrays((3, 3)))


# The list of what is supported.


def test_every_supported_name_is_in_the_list():
    from modeq.graph import numpy_operations

    words = set(numpy_operations.__doc__.replace(".", " ").replace("(", " ").replace(")", " ").replace(";", " ").replace(",", " ").split())
    aliases = {"radians", "degrees"}
    missing = {name for full in OPERATIONS.names() for name in full.split(".")[-1:] if name not in words | aliases}
    assert not missing

"""Modified losses on concrete losses against routes that know nothing of free trees."""

import mpmath
import networkx as nx
import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.flows.modified_losses import contractions
from modeq.graph import MpmathAlgebra, evaluate
from modeq.trees import centred, rooted_trees, to_networkx

from .fields_by_degree import interpreted

h = sympy.Symbol("h")
METHODS = {
    "gradient descent": mq.GradientDescent(),
    "heavy ball": mq.HeavyBall("1/2"),
    "Nesterov": mq.Nesterov("1/3"),
    "explicit midpoint": mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1]),
    "implicit midpoint": mq.RungeKutta([["1/2"]], [1]),
    "proximal point": mq.ProximalPoint(),
    "Kutta 3": mq.RungeKutta([[0, 0, 0], ["1/2", 0, 0], [-1, 2, 0]], ["1/6", "2/3", "1/6"]),
    "two steps": mq.compose(mq.GradientDescent(), mq.HeavyBall("1/2")),
}
POLYNOMIAL = mq.Loss.from_sympy("a*x**3*y - x*y**2 + 2*x**2 + y**3/3", ["x", "y"], {"a": 0.75})
SMOOTH = mq.Loss.from_sympy("log(1 + exp(x*y)) + sin(x)**2 + exp(-z*y)/(1 + x**2) + z**4", ["x", "y", "z"])
FREE_TREES = sorted({centred(tree) for order in range(1, 7) for tree in rooted_trees(order)}, key=lambda tree: (tree.order, str(tree)))


@pytest.fixture(scope="module")
def tensors():
    """∇^m E of the smooth loss at a point, every entry by SymPy's own differentiation."""
    variables = SMOOTH.variables
    point = dict(zip(variables, (sympy.Rational(3, 5), sympy.Rational(-2, 5), sympy.Rational(1, 2)), strict=True))
    known = {}
    result = []
    for m in range(6):
        tensor = np.empty((3,) * m)
        for index in np.ndindex(*tensor.shape):
            counts = tuple(index.count(i) for i in range(3))
            if counts not in known:
                slopes = [(variable, count) for variable, count in zip(variables, counts, strict=True) if count]
                known[counts] = float((sympy.diff(SMOOTH.expression, *slopes) if m else SMOOTH.expression).subs(point).evalf(20))
            tensor[index] = known[counts]
        result.append(tensor)
    return np.array([float(value) for value in point.values()]), result


@pytest.mark.parametrize("tree", FREE_TREES, ids=str)
def test_the_scalar_of_a_free_tree_is_the_contraction_of_tensors_along_its_edges(tensors, tree):
    point, derivatives = tensors
    edges = nx.Graph(to_networkx(tree))
    if not edges.edges:
        expected = derivatives[0]
    else:
        letter = {frozenset(edge): chr(ord("a") + i) for i, edge in enumerate(edges.edges)}
        indices = ["".join(letter[frozenset(edge)] for edge in edges.edges(node)) for node in edges]
        expected = np.einsum(",".join(indices) + "->", *[derivatives[len(index)] for index in indices])
    graph = SMOOTH.graph.copy()
    nodes = contractions(graph, SMOOTH.node, [graph.input(name) for name in SMOOTH.inputs], [tree])
    (found,) = SMOOTH.evaluate(nodes, point, graph)
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", METHODS)
def test_loss_and_remainder_make_up_the_modified_field_as_formulas(name, order):
    equation = mq.modified_equation(METHODS[name], order)
    modified = equation.modified_loss()
    formula = modified.expression(POLYNOMIAL)
    gradient = sympy.Matrix([formula.diff(variable) for variable in POLYNOMIAL.variables])
    rest = modified.remainder.on(POLYNOMIAL).expressions()
    assert (rest - gradient * modified.time_scale - equation.on(POLYNOMIAL).expressions()).expand() == sympy.zeros(2, 1)


def test_loss_and_remainder_make_up_the_modified_field_for_every_momentum():
    equation = mq.modified_equation(mq.HeavyBall("beta"), 3)
    modified = equation.modified_loss()
    formula = modified.expression(POLYNOMIAL)
    gradient = sympy.Matrix([formula.diff(variable) for variable in POLYNOMIAL.variables])
    rest = modified.remainder.on(POLYNOMIAL).expressions()
    difference = rest - gradient * modified.time_scale - equation.on(POLYNOMIAL).expressions()
    assert difference.applyfunc(lambda entry: sympy.cancel(sympy.together(entry))) == sympy.zeros(2, 1)


@pytest.mark.parametrize(("name", "order"), [("gradient descent", 5), ("heavy ball", 4), ("Nesterov", 3), ("Kutta 3", 5)])
def test_loss_and_remainder_make_up_the_modified_field_at_random_points(name, order):
    step = 0.07
    equation = mq.modified_equation(METHODS[name], order)
    modified = equation.modified_loss()
    found, field, rest = modified.on(SMOOTH, step), interpreted(equation.on(SMOOTH)), interpreted(modified.remainder.on(SMOOTH))
    for point in np.random.default_rng(order).uniform(-1, 1, (5, 3)):
        expected = rest(point, step) - field(point, step)
        np.testing.assert_allclose(float(modified.time_scale) * found.gradient(point), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("order", [2, 3, 5])
def test_the_gradient_is_the_slope_of_the_value_at_high_precision(order):
    found = mq.modified_equation(mq.GradientDescent(), order).modified_loss().on(SMOOTH, 0.05)
    point = np.array([0.3, -0.8, 0.6])

    def value(*coordinates):
        given = dict(zip(found.inputs, coordinates, strict=True)) | {"p0": mpmath.mpf(0.05)}
        return evaluate(found.graph, [found.node], given, MpmathAlgebra())[0]

    with mpmath.workdps(40):
        slopes = [mpmath.diff(value, tuple(map(mpmath.mpf, point)), tuple(int(i == j) for j in range(3))) for i in range(3)]
    np.testing.assert_allclose(found.gradient(point), np.array(slopes, dtype=float), rtol=1e-12)


@pytest.mark.parametrize("order", [2, 4])
def test_values_gradients_and_hessians_are_those_of_the_formula(order):
    modified = mq.modified_equation(mq.Nesterov("1/3"), order).modified_loss()
    found = modified.on(POLYNOMIAL, 0.1)
    formula = modified.expression(POLYNOMIAL).subs({h: 0.1, "a": 0.75})
    point = [0.4, -0.7]
    values = dict(zip(POLYNOMIAL.variables, point, strict=True))
    assert found(point) == pytest.approx(float(formula.subs(values)), rel=1e-12)
    gradient = [float(formula.diff(v).subs(values)) for v in POLYNOMIAL.variables]
    hessian = [[float(formula.diff(v, w).subs(values)) for w in POLYNOMIAL.variables] for v in POLYNOMIAL.variables]
    np.testing.assert_allclose(found.gradient(point), gradient, rtol=1e-11)
    np.testing.assert_allclose(found.hessian(point), hessian, rtol=1e-11)


def test_the_loss_of_a_quadratic_is_the_logarithm_cut_off():
    """On E = λx²/2 gradient descent multiplies by 1 − hλ: the field −∇Ẽ + remainder is x log(1 − hλ)/h, cut off at its order."""
    E = mq.Loss.from_sympy("k*x**2/2", ["x"], {"k": 2})
    x, k = sympy.symbols("x k")
    modified = mq.modified_equation(mq.GradientDescent(), 6).modified_loss()
    field = modified.remainder.on(E).expressions()[0] - modified.expression(E).diff(x)
    assert sympy.expand(field - x * sympy.series(sympy.log(1 - h * k) / h, h, 0, 6).removeO()) == 0

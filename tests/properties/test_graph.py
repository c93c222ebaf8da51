"""Random expressions: the graph, its derivatives and its Taylor series agree with SymPy."""

import mpmath
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modeq.graph import (
    Graph,
    MpmathAlgebra,
    PolynomialAlgebra,
    SympyAlgebra,
    TaylorProgram,
    TaylorSeries,
    evaluate,
    gradient,
    jacobian,
    jvp,
    lower,
)

X, Y = sympy.symbols("x y")
DIGITS = 40
TIGHT = mpmath.mpf(10) ** -25
SMOOTH = ("exp", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf")

thorough = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

numbers = st.fractions(min_value=-3, max_value=3, max_denominator=7).map(lambda q: sympy.Rational(q.numerator, q.denominator))
points = st.fractions(min_value=-1, max_value=1, max_denominator=13).map(lambda q: mpmath.mpf(q.numerator) / q.denominator)


def _combined(children):
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.map(lambda p: p[0] / (p[1] ** 2 + 1)),
        children.map(lambda e: e**2),
        children.map(lambda e: (e**2 + 1) ** sympy.Rational(-3, 2)),
        children.map(lambda e: sympy.log(e**2 + 2)),
        st.tuples(st.sampled_from(SMOOTH), children).map(lambda p: getattr(sympy, p[0])(sympy.sin(p[1]))),
    )


expressions = st.recursive(st.one_of(st.sampled_from([X, Y]), numbers), _combined, max_leaves=6)


@pytest.fixture(autouse=True)
def _precision():
    with mpmath.workdps(DIGITS):
        yield


def number(expression, x, y):
    return mpmath.mpmathify(sympy.N(expression.subs({X: sympy.Float(x, DIGITS), Y: sympy.Float(y, DIGITS)}), DIGITS))


def close(found, expected):
    return abs(found - expected) <= TIGHT * (1 + abs(expected))


def lowered(expression):
    graph = Graph()
    (output,) = lower([expression], graph, {X: "x", Y: "y"})
    return graph, output, [graph.input("x"), graph.input("y")]


@given(expressions, points, points)
@thorough
def test_evaluation_agrees_with_sympy(expression, x, y):
    graph, output, _ = lowered(expression)
    (found,) = evaluate(graph, [output], {"x": x, "y": y}, MpmathAlgebra())
    assert close(found, number(expression, x, y))


@given(expressions, points, points)
@thorough
def test_reverse_mode_agrees_with_sympy(expression, x, y):
    graph, output, inputs = lowered(expression)
    found = evaluate(graph, gradient(graph, output, inputs), {"x": x, "y": y}, MpmathAlgebra())
    for value, symbol in zip(found, (X, Y), strict=True):
        assert close(value, number(sympy.diff(expression, symbol), x, y))


@given(expressions, points, points, points, points)
@thorough
def test_forward_mode_agrees_with_sympy(expression, x, y, u, v):
    graph, output, inputs = lowered(expression)
    directions = [graph.input("u"), graph.input("v")]
    (found,) = evaluate(graph, jvp(graph, [output], inputs, directions), {"x": x, "y": y, "u": u, "v": v}, MpmathAlgebra())
    expected = number(sympy.diff(expression, X), x, y) * u + number(sympy.diff(expression, Y), x, y) * v
    assert close(found, expected)


@given(expressions, points, points)
@thorough
def test_the_hessian_is_the_jacobian_of_the_gradient(expression, x, y):
    graph, output, inputs = lowered(expression)
    rows = jacobian(graph, gradient(graph, output, inputs), inputs)
    ((_, upper), (lower_left, last)) = [evaluate(graph, row, {"x": x, "y": y}, MpmathAlgebra()) for row in rows]
    assert close(upper, lower_left)
    assert close(upper, number(sympy.diff(expression, X, Y), x, y))
    assert close(last, number(sympy.diff(expression, Y, 2), x, y))


@given(expressions, points, points, points, points, points)
@thorough
def test_taylor_coefficients_agree_with_derivatives_along_the_path(expression, x, y, u, v, w):
    """Along (x + u s + w s², y + v s) the k-th coefficient is the k-th derivative over k!."""
    graph, output, _ = lowered(expression)
    series = TaylorSeries(TaylorProgram(graph, [output]), MpmathAlgebra(), ["x", "y"], {})
    path = [[x, y], [u, v], [w, None], [None, None]]
    found = [series.extend(values)[0] for values in path]
    expected = mpmath.taylor(lambda s: evaluate(graph, [output], {"x": x + u * s + w * s * s, "y": y + v * s}, MpmathAlgebra())[0], 0, 3)
    for value, other in zip(found, expected, strict=True):
        assert abs((0 if value is None else value) - other) <= mpmath.mpf(10) ** -8 * (1 + abs(other))


@given(st.recursive(st.one_of(st.just(X), numbers), lambda c: st.tuples(c, c).map(lambda p: p[0] * p[1] + p[0] - 1), max_leaves=5), numbers)
@thorough
def test_taylor_coefficients_of_polynomials_are_exact(expression, start):
    graph, output, _ = lowered(expression)
    series = TaylorSeries(TaylorProgram(graph, [output]), SympyAlgebra(), ["x"], {})
    step = sympy.Symbol("s")
    expected = sympy.expand(expression.subs(X, start + step))
    for k in range(5):
        value = series.extend([start if k == 0 else 1 if k == 1 else None])[0]
        assert sympy.expand((0 if value is None else value) - expected.coeff(step, k)) == 0


@given(expressions)
@thorough
def test_expanding_into_polynomials_keeps_the_value(expression):
    graph, output, _ = lowered(expression)
    algebra = PolynomialAlgebra()
    (found,) = evaluate(graph, [output], {"x": algebra.generator(X), "y": algebra.generator(Y)}, algebra)
    x, y = mpmath.mpf(3) / 7, mpmath.mpf(-2) / 5
    assert close(number(algebra.expression(found), x, y), number(expression, x, y))


operations = st.lists(
    st.tuples(st.sampled_from(["add", "subtract", "multiply", "divide", "negate"]), st.integers(0, 99), st.integers(0, 99)),
    min_size=1,
    max_size=25,
)


@given(operations, points, points)
@thorough
def test_simplifications_keep_the_value(program, x, y):
    """Random straight-line programs computed with numbers beside the graph that simplifies as it grows."""
    graph = Graph()
    nodes = [graph.input("x"), graph.input("y"), graph.constant(2), graph.constant(sympy.Rational(-1, 3)), graph.one]
    values = [x, y, mpmath.mpf(2), -mpmath.mpf(1) / 3, mpmath.mpf(1)]
    for op, i, j in program:
        a, b = i % len(nodes), j % len(nodes)
        if op == "negate":
            nodes.append(graph.negate(nodes[a]))
            values.append(-values[a])
        elif op == "divide" and (abs(values[b]) < 1e-3 or nodes[b] == graph.zero):
            continue
        else:
            nodes.append(getattr(graph, op)(nodes[a], nodes[b]))
            p, q = values[a], values[b]
            values.append({"add": p + q, "subtract": p - q, "multiply": p * q, "divide": q and p / q}[op])
        if abs(values[-1]) > 1e6:
            nodes.pop()
            values.pop()
    found = evaluate(graph, nodes, {"x": x, "y": y}, MpmathAlgebra())
    for value, expected in zip(found, values, strict=True):
        assert abs(value - expected) <= mpmath.mpf(10) ** -15 * (1 + abs(expected))

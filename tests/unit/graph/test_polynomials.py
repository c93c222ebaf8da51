"""Polynomials over generators expand exactly."""

from fractions import Fraction

import pytest
import sympy

import modeq as mq
from modeq.graph import Graph, PolynomialAlgebra, evaluate, lower
from modeq.graph.packed_polynomials import PackedRing

try:
    from modeq.graph.flint_polynomials import FlintRing
except ImportError:
    FlintRing = None

x, y = sympy.symbols("x y")


@pytest.fixture(params=["packed", "flint"])
def algebra(request):
    if request.param == "packed":
        return PolynomialAlgebra(PackedRing())
    if FlintRing is None:
        pytest.skip("python-flint is not installed")
    return PolynomialAlgebra(FlintRing())


@pytest.fixture
def expanded(algebra):
    def expand(expression):
        graph = Graph()
        (output,) = lower([expression], graph, {x: "x", y: "y"})
        (value,) = evaluate(graph, [output], algebra.inputs({"x": x, "y": y}), algebra)
        return algebra.expression(value)

    return expand


def test_products_are_multiplied_out(expanded):
    assert expanded((x + y) ** 5) == sympy.expand((x + y) ** 5)


def test_fractions_are_reduced(expanded):
    assert expanded(x / 6 + x / 3) == x / 2


def test_terms_that_cancel_leave_nothing(expanded):
    assert expanded((x + y) * (x - y) - x**2 + y**2) == 0


def test_functions_are_generators(expanded):
    assert expanded((sympy.sin(x) + 1) ** 2) == sympy.sin(x) ** 2 + 2 * sympy.sin(x) + 1


def test_reciprocals_are_generators(expanded):
    found = expanded((1 + 1 / (1 + x**2)) ** 2)
    assert sympy.simplify(found - (1 + 1 / (1 + x**2)) ** 2) == 0
    assert found.is_Add


def test_roots_are_generators(expanded):
    assert expanded((1 + sympy.sqrt(2) * x) ** 2) == 1 + 2 * sympy.sqrt(2) * x + 2 * x**2


def test_large_exponents_do_not_run_into_the_next_generator(expanded):
    assert expanded((x**40 * y) ** 3) == x**120 * y**3


def test_equal_polynomials_share_a_key(algebra):
    a, b = algebra.generator(x), algebra.generator(y)
    left = algebra.multiply(algebra.constant(Fraction(1, 2)), algebra.add(a, b))
    right = algebra.divide(algebra.add(b, a), algebra.constant(2))
    assert algebra.key(left) == algebra.key(right)


@pytest.mark.parametrize(
    "expression",
    [
        (x / 2 - y + 1) ** 6,
        (x - 1) ** 3 * (y + sympy.Rational(2, 3)) ** 2,
        x / 2 + y / 2 + x * y / 2 - x * y + x**2 - y**3 + sympy.Rational(1, 2),
        x**2,
        -y,
        sympy.Integer(3),
    ],
)
def test_the_order_of_terms_and_factors_is_that_of_sympy(expanded, expression):
    assert expanded(expression) == sympy.expand(expression)  # structural: differs where any two arguments are exchanged


def test_symbols_with_assumptions_are_ordered_as_sympy_orders_them(algebra):
    symbols = [sympy.Symbol("x", real=True), sympy.Symbol("x"), sympy.Symbol("a10"), sympy.Symbol("a9", positive=True)]
    total = algebra.constant(1)
    for value in algebra.inputs({str(i): symbol for i, symbol in enumerate(symbols)}).values():
        total = algebra.add(total, value)
    assert algebra.expression(algebra.multiply(total, total)) == sympy.expand((1 + sum(symbols)) ** 2)


def test_polynomials_from_before_a_function_appeared_combine_with_later_ones(algebra):
    a, b = algebra.inputs({"x": x, "y": y}).values()
    early, total = algebra.multiply(a, b), algebra.constant(0)
    for name in ("sin", "cos", "exp", "tanh"):
        total = algebra.add(total, algebra.apply(name, a))
    expected = x * y * (sympy.sin(x) + sympy.cos(x) + sympy.exp(x) + sympy.tanh(x)) + x * y
    assert algebra.expression(algebra.add(algebra.multiply(early, total), early)) == sympy.expand(expected)


@pytest.mark.parametrize("formula", ["sin(x)*exp(y) + x**2*exp(-y)/(1 + x**2)", "x**4 + x*y + y**2", "sqrt(2)*x*y + log(1 + y**2)*x"])
def test_expressions_with_parameters_are_those_that_sympy_multiplies_out(formula, monkeypatch):
    """Products that are put together without SymPy's simplification, against SymPy's own product of each term."""
    flow = mq.modified_equation(mq.HeavyBall(), order=3).on(mq.Loss.from_sympy(formula, ["x", "y"]))
    found = flow.expressions()
    monkeypatch.setattr(
        "modeq.graph.polynomials.products",
        lambda terms, generators: [
            sympy.Mul(sympy.Rational(p, q), *(generators[number] ** exponent for number, exponent in factors)) for factors, p, q in terms
        ],
    )
    assert found == flow.expressions()

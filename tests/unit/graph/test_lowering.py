"""SymPy expressions become graphs; what has no derivatives, or is no number, is refused by name."""

import pytest
import sympy

from modeq.graph import Graph, SympyAlgebra, evaluate, lower

x, y = sympy.symbols("x y")
NAMES = {x: "x", y: "y"}


def back(expression):
    graph = Graph()
    (output,) = lower([expression], graph, NAMES)
    (result,) = evaluate(graph, [output], {"x": x, "y": y}, SympyAlgebra())
    return result


@pytest.mark.parametrize(
    "expression",
    [
        x**2 + 3 * y,
        (x - y) ** 3 / (1 + x**2),
        sympy.exp(-x) * sympy.sin(x * y),
        sympy.sqrt(1 + x**2),
        x ** sympy.Rational(-3, 2),
        x ** sympy.Rational(1, 3),
        x**sympy.pi,
        x**y,
        2**x,
        sympy.log(x) / y,
        sympy.Rational(2, 7) * x - sympy.pi * y + sympy.E,
        sympy.sec(x) + sympy.csc(x) + sympy.cot(x),
        sympy.sech(x) + sympy.csch(x) + sympy.coth(x),
        sympy.atan(x / y) + sympy.asinh(x) + sympy.erf(y),
        sympy.Integer(5),
    ],
)
def test_lowering_keeps_the_meaning(expression):
    difference = (back(expression) - expression).subs({x: sympy.Rational(7, 10), y: sympy.Rational(13, 10)})
    assert abs(sympy.N(difference, 30)) < 1e-25


def test_common_subexpressions_are_lowered_once():
    graph = Graph()
    lower([sympy.sin(x) ** 2 + sympy.exp(sympy.sin(x))], graph, NAMES)
    assert sum(node.op == "sin" for node in graph.nodes) == 1


def test_a_difference_is_one_subtraction():
    graph = Graph()
    (output,) = lower([x - y], graph, NAMES)
    assert graph.nodes[output].op == "subtract"


@pytest.mark.parametrize(
    "kinked",
    [
        sympy.Abs(x),
        sympy.Max(x, y),
        sympy.Min(x, 1),
        sympy.sign(x),
        sympy.floor(x),
        sympy.ceiling(x),
        sympy.Heaviside(x),
        sympy.Mod(x, 2),
        sympy.Piecewise((x, x > 0), (0, True)),
    ],
)
def test_kinks_are_refused_with_the_reason(kinked):
    with pytest.raises(ValueError, match="not differentiable"):
        back(1 + kinked**2)


@pytest.mark.parametrize("value", [sympy.I * x, sympy.oo, sympy.nan, sympy.zoo, sympy.sqrt(-2) * x])
def test_complex_and_infinite_expressions_are_refused(value):
    with pytest.raises(ValueError, match="real"):
        back(value)


def test_an_unknown_symbol_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'z'.*given are: x, y"):
        back(x + sympy.Symbol("z"))


@pytest.mark.parametrize("expression", [sympy.gamma(x), sympy.Function("g")(x), sympy.besselj(0, x), sympy.Integral(x, (x, 0, y))])
def test_an_unsupported_function_is_named(expression):
    with pytest.raises(ValueError, match=r"cannot compile|supported"):
        back(expression)

"""Derivatives of graphs agree with SymPy's, function by function."""

import pytest
import sympy

from modeq.graph import Graph, SympyAlgebra, evaluate, gradient, jacobian, jvp, lower

x, y = sympy.symbols("x y")
FUNCTIONS = ["exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh", "erf"]
INSIDE = {"asin": 0.3, "acos": 0.3, "atanh": 0.3, "acosh": 1.7}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_derivative_of_every_function(name, mode):
    graph = Graph()
    u = graph.input("x")
    output = graph.apply(name, u)
    (slope,) = gradient(graph, output, [u]) if mode == "reverse" else jvp(graph, [output], [u], [graph.one])
    (found,) = evaluate(graph, [slope], {"x": x}, SympyAlgebra())
    expected = sympy.diff(getattr(sympy, name)(x), x)
    point = sympy.Float(INSIDE.get(name, 0.7), 40)
    assert abs(sympy.N((found - expected).subs(x, point), 30)) < 1e-25


def test_a_constant_has_no_slope():
    graph = Graph()
    assert gradient(graph, graph.constant(3), [graph.input("x")]) == [graph.zero]


def test_a_constant_output_has_a_zero_jacobian():
    graph = Graph()
    u = graph.input("x")
    assert jacobian(graph, [graph.one, u], [u]) == [[graph.zero], [graph.one]]


def test_the_rows_of_a_jacobian_are_outputs():
    graph = Graph()
    u, v = graph.input("x"), graph.input("y")
    outputs = lower([x**2 * y, x + 3 * y], graph, {x: "x", y: "y"})
    values = [evaluate(graph, row, {"x": x, "y": y}, SympyAlgebra()) for row in jacobian(graph, outputs, [u, v])]
    assert sympy.Matrix(values) == sympy.Matrix([[2 * x * y, x**2], [1, 3]])


def test_tangents_count_as_constants():
    graph = Graph()
    u = graph.input("x")
    square = graph.multiply(u, u)
    (slope,) = jvp(graph, [square], [u], [u])  # along the direction x: 2x·x, not more
    (value,) = evaluate(graph, [slope], {"x": x}, SympyAlgebra())
    assert sympy.expand(value - 2 * x**2) == 0


def test_reverse_mode_reuses_the_operations_of_the_function():
    """The gradient of a product of n factors takes O(n) operations."""
    sizes = []
    for n in (10, 20):
        graph = Graph()
        inputs = [graph.input(f"x{i}") for i in range(n)]
        output = inputs[0]
        for number in inputs[1:]:
            output = graph.multiply(output, number)
        before = len(graph.nodes)
        gradient(graph, output, inputs)
        sizes.append(len(graph.nodes) - before)
    assert sizes[1] <= 2.5 * sizes[0]

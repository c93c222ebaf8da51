"""A graph means the same over floats, high precision, SymPy and graphs."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from modeq.graph import Graph, MpmathAlgebra, NumpyAlgebra, SympyAlgebra, evaluate

INSIDE = {"asin": 0.3, "acos": 0.3, "atanh": 0.3, "acosh": 1.7}
FUNCTIONS = ["exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh", "erf"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_known_to_every_algebra(name):
    graph, point = Graph(), INSIDE.get(name, 0.7)
    output = graph.apply(name, graph.input("x"))
    (numeric,) = evaluate(graph, [output], {"x": point}, NumpyAlgebra())
    (precise,) = evaluate(graph, [output], {"x": mpmath.mpf(point)}, MpmathAlgebra())
    (symbolic,) = evaluate(graph, [output], {"x": sympy.Symbol("x")}, SympyAlgebra())
    assert symbolic == getattr(sympy, name)(sympy.Symbol("x"))
    assert float(numeric) == pytest.approx(float(precise), rel=1e-14)
    assert float(numeric) == pytest.approx(float(symbolic.subs("x", point)), rel=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_takes_complex_arguments(name):
    graph, point = Graph(), 0.4 + 0.3j
    output = graph.apply(name, graph.input("x"))
    (numeric,) = evaluate(graph, [output], {"x": np.array(point)}, NumpyAlgebra())
    assert complex(numeric) == pytest.approx(complex(getattr(mpmath, name)(point)), rel=1e-13)


def test_arrays_are_evaluated_elementwise():
    graph = Graph()
    output = graph.multiply(graph.input("x"), graph.input("y"))
    (result,) = evaluate(graph, [output], {"x": np.arange(3.0), "y": np.array([2.0, 3.0, 4.0])}, NumpyAlgebra())
    np.testing.assert_array_equal(result, [0.0, 3.0, 8.0])


def test_constants_stay_exact_at_high_precision():
    graph = Graph()
    with mpmath.workdps(40):
        (result,) = evaluate(graph, [graph.constant(Fraction(1, 3))], {}, MpmathAlgebra())
        assert abs(3 * result - 1) < mpmath.mpf(10) ** -38


def test_a_symbolic_constant_is_rounded_once():
    graph = Graph()
    (result,) = evaluate(graph, [graph.constant(sympy.sqrt(2))], {}, NumpyAlgebra())
    assert result == 2**0.5


def test_a_missing_input_is_named():
    graph = Graph()
    with pytest.raises(ValueError, match="'y0'"):
        evaluate(graph, [graph.input("y0")], {"x": 1.0}, NumpyAlgebra())


def test_an_unused_input_needs_no_value():
    graph = Graph()
    graph.input("y")
    assert evaluate(graph, [graph.input("x")], {"x": 1.0}, NumpyAlgebra()) == [1.0]


def test_evaluating_over_graphs_copies_the_expression():
    graph = Graph()
    output = graph.multiply(graph.apply("sin", graph.input("x")), graph.input("x"))
    other = Graph()
    (copied,) = evaluate(graph, [output], {"x": other.input("z")}, other)
    assert copied == other.multiply(other.apply("sin", other.input("z")), other.input("z"))

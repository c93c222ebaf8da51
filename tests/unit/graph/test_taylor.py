"""Taylor arithmetic: known series, structural zeros, extension degree by degree."""

from fractions import Fraction

import pytest

from modeq.graph import Graph, SympyAlgebra, TaylorProgram, TaylorSeries


def coefficients(build, start, degree):
    """The series of build(x) along x = start + s."""
    graph = Graph()
    output = build(graph, graph.input("x"))
    series = TaylorSeries(TaylorProgram(graph, [output]), SympyAlgebra(), ["x"], {})
    values = [series.extend([start])[0]]
    for k in range(1, degree + 1):
        values.append(series.extend([1 if k == 1 else None])[0])
    return [0 if value is None else value for value in values]


def test_the_exponential_has_reciprocal_factorials():
    assert coefficients(lambda g, u: g.apply("exp", u), 0, 5) == [1, 1, Fraction(1, 2), Fraction(1, 6), Fraction(1, 24), Fraction(1, 120)]


def test_the_logarithm_has_alternating_reciprocals():
    found = coefficients(lambda g, u: g.apply("log", u), 1, 5)
    assert found == [0, 1, -Fraction(1, 2), Fraction(1, 3), -Fraction(1, 4), Fraction(1, 5)]


def test_the_tangent_has_its_classical_coefficients():
    found = coefficients(lambda g, u: g.apply("tan", u), 0, 7)
    assert found == [0, 1, 0, Fraction(1, 3), 0, Fraction(2, 15), 0, Fraction(17, 315)]


def test_a_quotient_is_a_geometric_series():
    found = coefficients(lambda g, u: g.divide(g.one, g.subtract(g.one, u)), 0, 6)
    assert found == [1] * 7


def test_a_fractional_power_is_the_binomial_series():
    found = coefficients(lambda g, u: g.power(u, Fraction(1, 3)), 1, 3)
    assert found == [1, Fraction(1, 3), -Fraction(1, 9), Fraction(5, 81)]


def test_a_polynomial_ends_in_structural_zeros():
    graph = Graph()
    output = graph.power(graph.input("x"), 2)
    series = TaylorSeries(TaylorProgram(graph, [output]), SympyAlgebra(), ["x"], {})
    values = [series.extend([value])[0] for value in (3, 1, None, None)]
    assert values[:3] == [9, 6, 1]
    assert values[3] is None


def test_inputs_off_the_path_are_constants():
    graph = Graph()
    output = graph.multiply(graph.input("a"), graph.input("x"))
    series = TaylorSeries(TaylorProgram(graph, [output]), SympyAlgebra(), ["x"], {"a": 7})
    assert series.extend([2]) == [14]
    assert series.extend([1]) == [7]


def test_derivative_nodes_are_evaluated_once_each():
    graph = Graph()
    program = TaylorProgram(graph, [graph.apply("sin", graph.input("x"))])
    ops = sorted(graph.nodes[n].op for n in program.nodes)
    assert ops.count("sin") == 1
    assert ops.count("cos") == 1


@pytest.mark.parametrize("degree", [0, 4])
def test_the_degree_counts_the_extensions(degree):
    graph = Graph()
    series = TaylorSeries(TaylorProgram(graph, [graph.input("x")]), SympyAlgebra(), ["x"], {})
    for _ in range(degree + 1):
        series.extend([1])
    assert series.degree == degree

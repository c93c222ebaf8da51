"""The graph holds every expression once and simplifies exactly."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
import sympy

from modeq.graph import Graph, NumpyAlgebra, evaluate, gradient


@pytest.fixture
def graph():
    return Graph()


def test_equal_expressions_are_one_node(graph):
    x, y = graph.input("x"), graph.input("y")
    assert graph.multiply(graph.apply("sin", x), y) == graph.multiply(graph.apply("sin", x), y)


def test_sums_and_products_commute(graph):
    x, y = graph.input("x"), graph.input("y")
    assert graph.add(x, y) == graph.add(y, x)
    assert graph.multiply(x, y) == graph.multiply(y, x)


def test_differences_and_quotients_do_not_commute(graph):
    x, y = graph.input("x"), graph.input("y")
    assert graph.subtract(x, y) != graph.subtract(y, x)
    assert graph.divide(x, y) != graph.divide(y, x)


def test_neutral_elements_leave_no_node(graph):
    x = graph.input("x")
    assert graph.add(x, graph.zero) == x
    assert graph.add(graph.zero, x) == x
    assert graph.subtract(x, graph.zero) == x
    assert graph.multiply(x, graph.one) == x
    assert graph.multiply(graph.one, x) == x
    assert graph.divide(x, graph.one) == x


def test_a_product_with_zero_is_zero(graph):
    x = graph.input("x")
    assert graph.multiply(graph.zero, x) == graph.zero
    assert graph.multiply(x, graph.zero) == graph.zero


def test_a_node_less_itself_is_zero_and_over_itself_is_one(graph):
    x = graph.input("x")
    assert graph.subtract(x, x) == graph.zero
    assert graph.divide(x, x) == graph.one


def test_double_negation_disappears(graph):
    x = graph.input("x")
    assert graph.negate(graph.negate(x)) == x


def test_a_negated_difference_is_the_opposite_difference(graph):
    x, y = graph.input("x"), graph.input("y")
    assert graph.negate(graph.subtract(x, y)) == graph.subtract(y, x)


def test_adding_a_negative_is_subtracting(graph):
    x, y = graph.input("x"), graph.input("y")
    assert graph.add(x, graph.negate(y)) == graph.subtract(x, y)


def test_equal_terms_are_collected(graph):
    x = graph.input("x")
    three = graph.multiply(graph.constant(3), x)
    assert graph.add(graph.add(x, x), x) == three
    assert graph.subtract(graph.multiply(graph.constant(5), x), graph.multiply(graph.constant(2), x)) == three


def test_terms_that_cancel_leave_zero(graph):
    x = graph.input("x")
    assert graph.add(graph.multiply(graph.constant(2), x), graph.multiply(graph.constant(-2), x)) == graph.zero


def test_constants_are_folded_exactly(graph):
    third = graph.constant(Fraction(1, 3))
    assert graph.fixed(graph.add(third, graph.constant(Fraction(1, 6)))) == Fraction(1, 2)
    assert graph.fixed(graph.multiply(third, third)) == Fraction(1, 9)
    assert graph.fixed(graph.divide(graph.one, graph.constant(7))) == Fraction(1, 7)


def test_nested_constant_factors_become_one(graph):
    x, y = graph.input("x"), graph.input("y")
    product = graph.multiply(graph.multiply(graph.constant(2), x), graph.multiply(graph.constant(3), y))
    assert product == graph.multiply(graph.constant(6), graph.multiply(x, y))


def test_a_fraction_of_sympy_and_of_python_are_the_same_constant(graph):
    assert graph.constant(sympy.Rational(2, 7)) == graph.constant(Fraction(2, 7))


def test_an_integer_power_uses_few_multiplications(graph):
    x = graph.input("x")
    power = graph.power(x, 16)
    assert {graph.nodes[n].op for n in graph.reachable([power])} == {"input", "multiply"}
    assert len(graph.reachable([power])) == 5  # x, x², x⁴, x⁸, x¹⁶


def test_a_negative_power_is_a_reciprocal(graph):
    x = graph.input("x")
    assert graph.power(x, -2) == graph.divide(graph.one, graph.multiply(x, x))


def test_the_power_zero_is_one(graph):
    assert graph.power(graph.input("x"), 0) == graph.one


def test_the_power_one_half_is_the_square_root(graph):
    x = graph.input("x")
    assert graph.nodes[graph.power(x, Fraction(1, 2))].op == "sqrt"


def test_arguments_come_before_results(graph):
    x, y = graph.input("x"), graph.input("y")
    output = graph.divide(graph.add(graph.apply("exp", x), y), graph.multiply(x, y))
    order = graph.reachable([output])
    for number in order:
        assert all(order.index(argument) < order.index(number) for argument in graph.nodes[number].arguments)


def test_reachable_leaves_out_what_is_not_needed(graph):
    x, y = graph.input("x"), graph.input("y")
    assert y not in graph.reachable([graph.apply("sin", x)])


def test_a_copy_grows_independently(graph):
    x = graph.input("x")
    other = graph.copy()
    size = len(graph.nodes)
    other.apply("sin", x)
    assert len(graph.nodes) == size
    assert len(other.nodes) == size + 1


def test_a_copy_keeps_the_numbers(graph):
    number = graph.apply("sin", graph.input("x"))
    other = graph.copy()
    assert other.apply("sin", other.input("x")) == number


def test_every_node_says_its_shape(graph):
    node = graph.nodes[graph.apply("exp", graph.input("x"))]
    assert node.shape == ()


def test_functions_of_zero_are_known(graph):
    for name in ("sin", "tan", "sinh", "tanh", "sqrt"):
        assert graph.apply(name, graph.zero) == graph.zero
    for name in ("cos", "exp", "cosh"):
        assert graph.apply(name, graph.zero) == graph.one
    assert graph.apply("log", graph.one) == graph.zero


def test_an_unknown_function_is_refused_by_name(graph):
    with pytest.raises(ValueError, match="gamma"):
        graph.apply("gamma", graph.input("x"))


def test_dividing_by_zero_raises(graph):
    with pytest.raises(ZeroDivisionError):
        graph.divide(graph.input("x"), graph.zero)


def test_the_networkx_form_is_acyclic_and_has_an_edge_for_each_argument(graph):
    x, y = graph.input("x"), graph.input("y")
    drawn = graph.to_networkx([graph.multiply(graph.add(x, y), x)])
    assert nx.is_directed_acyclic_graph(drawn)
    assert sorted(drawn.nodes[n]["op"] for n in drawn) == ["add", "input", "input", "multiply"]
    assert drawn.number_of_edges() == 4


def test_the_far_tails_of_a_logistic_curve_do_not_overflow():
    """1/(1 + e⁻ˣ) and its relatives, with their derivatives; NumPy alone has e^1000 = ∞ in them."""
    graph = Graph()
    x = graph.input("x")
    rise, fall = graph.apply("exp", x), graph.apply("exp", graph.negate(x))
    up = graph.divide(graph.one, graph.add(graph.one, fall))
    forms = [up, graph.divide(rise, graph.add(rise, graph.one)), graph.subtract(graph.one, up)]
    forms += [graph.apply("log", graph.add(graph.one, rise)), graph.apply("log1p", rise), graph.apply("log", up)]
    at = {"x": np.array([-1000.0, -2.0, 1000.0])}
    s = 1 / (1 + np.exp(2.0))
    expected = [[0, s, 1], [0, s, 1], [1, 1 - s, 0], [0, np.log1p(np.exp(-2.0)), 1000], [0, np.log1p(np.exp(-2.0)), 1000]]
    expected += [[-1000, -2 - np.log1p(np.exp(-2.0)), 0]]
    np.testing.assert_allclose(evaluate(graph, forms, at, NumpyAlgebra()), expected, rtol=1e-15, atol=1e-300)
    slopes = [gradient(graph, form, [x])[0] for form in forms]
    curve = s * (1 - s)
    expected = [[0, curve, 0], [0, curve, 0], [0, -curve, 0], [0, s, 1], [0, s, 1], [1, 1 - s, 0]]
    np.testing.assert_allclose(evaluate(graph, slopes, at, NumpyAlgebra()), expected, rtol=1e-14, atol=1e-300)

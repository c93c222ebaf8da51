"""Polynomials over generators expand exactly."""

from fractions import Fraction

import sympy

from modeq.graph import Graph, PolynomialAlgebra, evaluate, lower

x, y = sympy.symbols("x y")


def expanded(expression):
    graph = Graph()
    (output,) = lower([expression], graph, {x: "x", y: "y"})
    algebra = PolynomialAlgebra()
    (value,) = evaluate(graph, [output], {"x": algebra.generator(x), "y": algebra.generator(y)}, algebra)
    return algebra.expression(value)


def test_products_are_multiplied_out():
    assert expanded((x + y) ** 5) == sympy.expand((x + y) ** 5)


def test_fractions_are_reduced():
    assert expanded(x / 6 + x / 3) == x / 2


def test_terms_that_cancel_leave_nothing():
    assert expanded((x + y) * (x - y) - x**2 + y**2) == 0


def test_functions_are_generators():
    assert expanded((sympy.sin(x) + 1) ** 2) == sympy.sin(x) ** 2 + 2 * sympy.sin(x) + 1


def test_reciprocals_are_generators():
    found = expanded((1 + 1 / (1 + x**2)) ** 2)
    assert sympy.simplify(found - (1 + 1 / (1 + x**2)) ** 2) == 0
    assert found.is_Add


def test_roots_are_generators():
    assert expanded((1 + sympy.sqrt(2) * x) ** 2) == 1 + 2 * sympy.sqrt(2) * x + 2 * x**2


def test_large_exponents_do_not_run_into_the_next_generator():
    assert expanded((x**40 * y) ** 3) == x**120 * y**3


def test_equal_polynomials_share_a_key():
    algebra = PolynomialAlgebra()
    a, b = algebra.generator(x), algebra.generator(y)
    left = algebra.multiply(algebra.constant(Fraction(1, 2)), algebra.add(a, b))
    right = algebra.divide(algebra.add(b, a), algebra.constant(2))
    assert left.key() == right.key()

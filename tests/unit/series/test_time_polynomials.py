"""Coefficients along the smooth solution as polynomials in the number of steps."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.series import time_polynomials


def test_gradient_descent_has_counted_its_steps():
    # x_n = Σ_τ h^|τ| a_n(τ)/σ F: a_n(•) = n, a_n([•]) = n(n−1)/2.
    solution = time_polynomials(mq.GradientDescent(), 2)
    assert list(solution.output[0]) == [0, 1, 2]
    assert list(solution.output[1]) == [0, 0, 1]


@pytest.mark.parametrize("method", [mq.HeavyBall("1/3"), mq.Nesterov("1/2")], ids=str)
def test_output_starts_at_zero(method):
    solution = time_polynomials(method, 5)
    assert all(row[0] == 0 for row in solution.output)


def test_smooth_start_of_heavy_ball_has_the_velocity_of_its_last_step():
    # v(0) = x(0) − x(−1) on the smooth solution, whose coefficients are t·b(•) and t·b([•]) + t²/2·b(•)².
    b1, b2 = (mq.modified_equation(mq.HeavyBall("1/3"), order=2).coefficient(tree) for tree in ("[]", "[[]]"))
    starts = time_polynomials(mq.HeavyBall("1/3"), 2).starts()
    assert starts == [[0, b1], [0, b2 - b1**2 / 2]]


@pytest.mark.parametrize("method", [mq.GradientDescent(), mq.Extragradient(), mq.HeavyBall("1/3")], ids=str)
def test_values_are_polynomials_of_degree_at_most_the_number_of_nodes(method):
    # Δ^(p+1) of the values of a polynomial of degree ≤ p vanishes.
    solution = time_polynomials(method, 6)
    for tree, row in zip(solution.table.trees(6), solution.output, strict=True):
        values = [Fraction(int(v.numerator), int(v.denominator)) for v in row.tolist()]
        assert not any(np.diff(np.array(values, dtype=object), n=tree.order + 1))


def test_large_numbers_do_not_overflow():
    # A tableau with large integers leaves machine integers early; the same tableau scaled by a Fraction does not matter.
    big = 10**9
    method = mq.RungeKutta([[0, 0], [big, 0]], [0, 1])
    equation = mq.modified_equation(method, order=6)
    # The bush with n leaves: a(τ) = bᵀcⁿ, and b(τ) is a polynomial in big with leading term bigⁿ.
    bush = equation.coefficient("[[],[],[],[],[]]")
    assert abs(bush / Fraction(big) ** 5 - 1) < Fraction(1, 10**8)


def test_symbolic_and_rational_arithmetic_meet():
    by_hand = time_polynomials(mq.RungeKutta([[0, 0], ["a", 0]], ["1/4", "3/4"]), 4).derivatives()
    numbers = time_polynomials(mq.RungeKutta([[0, 0], ["2/3", 0]], ["1/4", "3/4"]), 4).derivatives()
    assert [sympy.sympify(b).subs(sympy.Symbol("a"), sympy.Rational(2, 3)) for b in by_hand] == [
        sympy.Rational(b.numerator, b.denominator) for b in numbers
    ]

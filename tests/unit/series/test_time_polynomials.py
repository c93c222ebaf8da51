"""Coefficients along the smooth solution as polynomials in the number of steps."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.series import time_polynomials
from modeq.series.time_polynomials import check_memory
from modeq.trees.table import count_trees


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


def with_memory(decay, gain="1"):
    """v⁺ = decay·v + gain·h f, x⁺ = x + v⁺; the denominators of its series are powers of 1 − decay."""
    return mq.GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[gain], [gain]], V=[[1, decay], [0, decay]], output=[1, 0])


BETA, GAMMA = sympy.symbols("beta gamma")


@pytest.mark.parametrize(
    ("method", "values"),
    [
        (mq.HeavyBall("beta"), {"beta": Fraction(2, 3)}),
        (mq.Nesterov("beta"), {"beta": Fraction(-1, 5)}),
        (with_memory(2 * BETA, "gamma"), {"beta": Fraction(1, 7), "gamma": Fraction(5, 2)}),
        (with_memory(BETA * GAMMA), {"beta": Fraction(1, 2), "gamma": Fraction(2, 3)}),
        (with_memory(BETA**2), {"beta": Fraction(3, 5)}),
        (with_memory(BETA / 3, BETA / 2), {"beta": Fraction(3, 5)}),
    ],
)
def test_parameters_may_be_put_in_before_or_after(method, values):
    """Integers that stand for polynomials, against fractions."""
    numbers = time_polynomials(method.with_parameters(**values), 6)
    symbolic = time_polynomials(method, 6)
    at = {sympy.Symbol(name): sympy.Rational(value.numerator, value.denominator) for name, value in values.items()}
    for found, expected in zip(symbolic.derivatives() + symbolic.after(3), numbers.derivatives() + numbers.after(3), strict=True):
        assert sympy.sympify(found).subs(at) == sympy.Rational(expected.numerator, expected.denominator)


def test_symbolic_coefficients_have_no_common_factors():
    for value in time_polynomials(mq.HeavyBall("beta"), 6).derivatives():
        top, bottom = sympy.fraction(value)
        assert sympy.gcd(top, bottom) == 1
        assert sympy.simplify(sympy.factor(value) - value) == 0


@pytest.mark.parametrize(
    ("method", "order"), [(mq.HeavyBall("9/10"), 9), (mq.HeavyBall("beta"), 6), (mq.RungeKutta([[0.123]], [1]), 10)], ids=str
)
def test_the_memory_that_is_foreseen_is_that_which_is_used(method, order):
    tracemalloc.start()
    time_polynomials(method, order)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    check_memory(method, order, 8 * used)
    with pytest.raises(MemoryError, match=r"order \d+ has .* GiB; choose a smaller order, or .* no trees are needed"):
        check_memory(method, order, used / 2)


def test_orders_beyond_any_machine_are_refused_where_they_are_asked_for():
    assert count_trees(30) > 1e11
    with pytest.raises(MemoryError, match="flows="):
        mq.modified_equation(mq.GradientDescent(), 30)


def test_put_on_a_loss_an_equation_derives_no_trees():
    """Of order 24, which has 10⁹ trees: −Σ zᵏ⁻¹/k x on x²/2."""
    (field,) = mq.modified_equation(mq.GradientDescent(), 24).on(mq.Loss.from_sympy("x**2/2", ["x"])).expressions()
    h, x = sympy.symbols("h x")
    assert sympy.expand(field + sum(h ** (k - 1) * x / k for k in range(1, 25))) == 0

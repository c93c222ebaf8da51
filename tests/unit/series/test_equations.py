"""Modified and modifying equations as values."""

from fractions import Fraction

import pytest
import sympy

import modeq as mq


def test_coefficients_of_rational_methods_are_fractions():
    assert all(isinstance(b, Fraction) for _, b, _ in mq.modified_equation(mq.Extragradient(), order=5).terms())


def test_terms_are_listed_by_order():
    orders = [tree.order for tree, _, _ in mq.modified_equation(mq.GradientDescent(), order=6).terms()]
    assert orders == sorted(orders)


def test_tall_trees_come_first_within_an_order():
    terms = mq.modified_equation(mq.GradientDescent(), order=5).terms()
    first = {}
    for tree, _, _ in terms:
        first.setdefault(tree.order, tree)
    assert all(tree.is_chain for tree in first.values())


def test_terms_carry_the_symmetry():
    assert all(sigma == tree.symmetry for tree, _, sigma in mq.modified_equation(mq.GradientDescent(), order=5).terms())


def test_a_lower_order_is_the_truncation_of_a_higher_one():
    low, high = (mq.modified_equation(mq.HeavyBall("beta"), order=p) for p in (3, 5))
    assert high.series.truncated(3) == low.series


def test_numbers_put_in_before_and_after_the_derivation_agree():
    symbolic = mq.modified_equation(mq.Nesterov("beta"), order=5)
    assert symbolic.with_parameters(beta="2/5") == mq.modified_equation(mq.Nesterov("2/5"), order=5)


@pytest.mark.parametrize("beta", ["1/3", "-1/2", "9/10"])
def test_symbolic_coefficients_are_right_for_every_number(beta):
    value = sympy.Rational(beta)
    symbolic = mq.modified_equation(mq.HeavyBall("beta"), order=5)
    numeric = mq.modified_equation(mq.HeavyBall(beta), order=5)
    for (_, left, _), (_, right, _) in zip(symbolic.terms(), numeric.terms(), strict=True):
        assert sympy.sympify(left).subs(sympy.Symbol("beta"), value) == sympy.Rational(right.numerator, right.denominator)


def test_no_momentum_is_gradient_descent():
    gd = mq.modified_equation(mq.GradientDescent(), order=6)
    assert mq.modified_equation(mq.HeavyBall(0), order=6).series == gd.series
    assert mq.modified_equation(mq.Nesterov(0), order=6).series == gd.series


def test_modifying_equation_with_parameters_agrees():
    symbolic = mq.modifying_equation(mq.HeavyBall("beta"), order=4)
    assert symbolic.with_parameters(beta="1/3") == mq.modifying_equation(mq.HeavyBall("1/3"), order=4)


@pytest.mark.parametrize("text", ["x", "[[]", ""])
def test_a_coefficient_of_no_tree_is_refused(text):
    with pytest.raises(ValueError, match="tree"):
        mq.modified_equation(mq.GradientDescent(), order=2).coefficient(text)


@pytest.mark.parametrize("thing", [0, None, ["[]"]])
def test_a_coefficient_is_asked_for_by_tree_or_text(thing):
    with pytest.raises(TypeError, match="bracket notation"):
        mq.modified_equation(mq.GradientDescent(), order=2).coefficient(thing)


def test_stages_that_share_no_colour_give_the_sum_of_independent_equations_at_order_one():
    equation = mq.modified_equation(mq.compose(*(mq.GradientDescent().on_field(c) for c in range(3))), order=1)
    assert [str(tree) for tree, b, _ in equation.terms() if b == 1] == ["[]", "1[]", "2[]"]

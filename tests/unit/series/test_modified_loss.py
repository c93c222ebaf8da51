"""Modified losses as formulas: coefficients of the literature, conditions, remainders, text and LaTeX."""

from fractions import Fraction

import pytest
import sympy

import modeq as mq
from modeq.trees import centred, rooted_trees

GD = mq.GradientDescent()
BETA = sympy.Symbol("beta")
MIDPOINT = mq.RungeKutta([["1/2"]], [1])
THIRD = mq.RungeKutta([[0, 0], ["1/3", 0]], ["-1/2", "3/2"])  # b([[[]]]) = b([[],[]]) = -1/6 by the order conditions


def loss_of(method, order):
    return mq.modified_equation(method, order).modified_loss()


def test_gradient_descent_minimises_the_loss_and_a_quarter_of_h_times_its_squared_slope():
    """Barrett, Dherin 2021, arXiv 2009.11162, theorem 3.1."""
    loss = loss_of(GD, 2)
    assert loss.is_exact
    assert loss.time_scale == 1
    assert [(str(tree), c) for tree, c in loss.terms] == [("[]", 1), ("[[]]", Fraction(1, 4))]


def test_heavy_ball_has_the_regulariser_of_the_literature():
    """Ghosh et al. 2023, arXiv 2302.00849: E + h (1 + β)/(4 (1 − β)²) ‖∇E‖², followed at the rate 1/(1 − β)."""
    loss = loss_of(mq.HeavyBall("beta"), 2)
    assert loss.is_exact
    assert sympy.simplify(loss.time_scale - 1 / (1 - BETA)) == 0
    assert sympy.simplify(loss.coefficient("[[]]") - (1 + BETA) / (4 * (1 - BETA) ** 2)) == 0


def test_gradient_descent_of_order_three_is_no_gradient_flow():
    """θ' = −∇E − h/2 Hg − h²(H²g/3 + ∇³E[g,g]/12) (Rosca et al. 2023), and ∇(gᵀHg) = 2H²g + ∇³E[g,g]."""
    loss = loss_of(GD, 3)
    assert not loss.is_exact
    assert loss.coefficient("[[],[]]") == Fraction(1, 12)
    (condition,) = loss.conditions
    assert (str(condition.tree), condition.value) == ("[[[]]]", Fraction(1, 3))
    assert (str(condition.rooting), condition.expected) == ("[[],[]]", Fraction(1, 6))
    assert {str(tree): loss.remainder[tree] for tree in loss.remainder.trees if loss.remainder[tree]} == {"[[[]]]": Fraction(1, 6)}


@pytest.mark.parametrize(
    "method", [GD, mq.HeavyBall("beta"), mq.Nesterov("beta"), mq.ProximalPoint(), mq.Extragradient()], ids=lambda m: m.name
)
def test_up_to_order_two_every_method_follows_a_loss(method):
    assert loss_of(method, 2).is_exact


def test_a_method_can_follow_a_loss_to_order_three():
    loss = loss_of(THIRD, 3)
    assert loss.is_exact
    assert loss.text() == "θ' = -∇Ẽ + O(h³)\nẼ = E - h²/12 ∇²E[∇E,∇E]"
    assert not any(loss.remainder[tree] for tree in loss.remainder.trees)


def test_a_symmetric_method_has_even_powers_of_h_only():
    assert all(c == 0 for tree, c in loss_of(MIDPOINT, 6).terms if tree.order % 2 == 0)


def test_the_adjoint_method_has_the_loss_with_h_reversed():
    """The proximal point method is a step of gradient descent backwards."""
    forward, backward = loss_of(GD, 6), loss_of(mq.ProximalPoint(), 6)
    assert forward.is_exact == backward.is_exact
    for (tree, c), (other, d) in zip(forward.terms, backward.terms, strict=True):
        assert tree is other
        assert d == (-1) ** (tree.order - 1) * c


def test_the_gradient_flow_has_the_loss_itself():
    loss = loss_of(GD, 1)
    assert str(loss) == "θ' = -∇Ẽ + O(h)\nẼ = E"
    assert loss.latex() == r"\dot{\theta} = -\nabla\tilde{E} + O(h), \qquad \tilde{E} = E"


@pytest.mark.parametrize("method", [GD, mq.Nesterov("beta")], ids=lambda m: m.name)
def test_loss_and_remainder_make_up_all_coefficients(method):
    loss = loss_of(method, 5)
    for tree in loss.series.trees:
        shared = loss.coefficient(tree) * loss.time_scale * (-1) ** (tree.order + 1)
        symmetry = mq.trees.free_symmetry(tree)
        assert sympy.simplify(symmetry * shared + loss.remainder[tree] - loss.series[tree]) == 0


def test_of_each_free_tree_at_least_one_rooting_is_in_the_loss():
    loss = loss_of(GD, 6)
    failing = {condition.tree for condition in loss.conditions}
    for tree in {centred(tree) for order in range(1, 7) for tree in rooted_trees(order)}:
        assert any(rooted not in failing for rooted in mq.trees.rootings(tree))


def test_every_free_tree_has_a_coefficient_under_each_of_its_rootings():
    loss = loss_of(GD, 4)
    assert loss.coefficient("[[[[]]]]") == loss.coefficient("[[[]],[]]") == Fraction(1, 24)
    assert loss.coefficient("[[],[],[]]") == 0


def test_parameters_with_numbers_give_numbers():
    loss = mq.modified_equation(mq.HeavyBall("beta"), 3).with_parameters(beta="1/2").modified_loss()
    assert loss.coefficient("[[]]") == Fraction(3, 2)


def test_the_text_says_loss_remainder_and_the_first_condition():
    assert loss_of(GD, 3).text().splitlines() == [
        "θ' = -∇Ẽ - h²/6 (∇²E)²∇E + O(h³)",
        "Ẽ = E + h/4 ‖∇E‖² + h²/12 ∇²E[∇E,∇E]",
        "no gradient: b([[[]]]) = 1/3 ≠ 1/6 = b([[],[]])",
    ]
    assert loss_of(GD, 4).text().endswith("and 2 more conditions")


def test_the_text_keeps_momentum_a_letter():
    assert "Ẽ = E + h(1+β)/(4(1-β)²) ‖∇E‖²" in loss_of(mq.HeavyBall("beta"), 2).text()


def test_the_latex_of_order_three():
    assert loss_of(GD, 3).latex() == (
        r"\dot{\theta} = -\nabla\tilde{E} - \frac{h^{2}}{6} \nabla^{2} E\,\nabla^{2} E\,\nabla E + O(h^{3}), \qquad "
        r"\tilde{E} = E + \frac{h}{4} \left\|\nabla E\right\|^{2} + \frac{h^{2}}{12} \nabla^{2} E[\nabla E,\nabla E]"
    )
    assert r"\left\|\nabla^{2} E\,\nabla E\right\|^{2}" in loss_of(GD, 4).latex()


def test_notebooks_show_the_formula():
    loss = loss_of(GD, 2)
    assert loss._repr_latex_() == rf"$\displaystyle {loss.latex()}$"
    assert repr(loss) == "<ModifiedLoss of gradient descent, order 2>"


def test_several_fields_have_no_common_loss():
    alternating = mq.compose(GD.on_field(0), GD.on_field(1))
    with pytest.raises(ValueError, match=r"2 fields.*no common loss.*equation\.on"):
        mq.modified_equation(alternating, 2).modified_loss()


def test_a_field_without_its_leading_term_has_no_loss():
    still = mq.RungeKutta([[0, 0], [1, 0]], [1, -1])  # h(f(x) − f(x + h f)): b(•) = 0
    with pytest.raises(ValueError, match=r"b\(•\) = 0"):
        mq.modified_equation(still, 2).modified_loss()


@pytest.mark.parametrize("tree", ["[[[[]]]]", "[[]"])
def test_a_coefficient_beyond_the_order_or_of_no_tree_is_refused(tree):
    with pytest.raises(ValueError):
        loss_of(GD, 3).coefficient(tree)

"""Coefficients of modified equations as the literature prints them."""

from fractions import Fraction

import pytest
import sympy

import modeq as mq
from modeq.trees import chain, rooted_trees

beta = sympy.Symbol("beta")
GD = mq.GradientDescent()
TRAPEZOIDAL = mq.RungeKutta([[0, 0], ["1/2", "1/2"]], ["1/2", "1/2"], name="trapezoidal rule")
MIDPOINT = mq.RungeKutta([["1/2"]], [1], name="implicit midpoint")
ROOT3 = sympy.sqrt(3)
GAUSS = mq.RungeKutta([["1/4", sympy.Rational(1, 4) - ROOT3 / 6], [sympy.Rational(1, 4) + ROOT3 / 6, "1/4"]], ["1/2", "1/2"], name="Gauss")

# The coefficient in front of h^(n−1) and the derivatives of E, signs of f = −∇E included. Order 2: Barrett, Dherin 2021,
# arXiv 2009.11162, and Hairer, Lubich, Wanner 2006, IX.1 (explicit Euler); order 3: Rosca et al. 2023, arXiv 2302.01952;
# orders 4 and 5: the recursion of Hairer, Lubich, Wanner 2006, IX.9.1, worked out and converted to E.
GRADIENT_DESCENT = {
    "[]": -1,
    "[[]]": Fraction(-1, 2),
    "[[[]]]": Fraction(-1, 3),  # H²g
    "[[],[]]": Fraction(-1, 12),  # ∇³E[g,g]
    "[[[[]]]]": Fraction(-1, 4),  # H³g
    "[[],[[]]]": Fraction(-1, 12),  # ∇³E[g,Hg]
    "[[[],[]]]": Fraction(-1, 12),  # H∇³E[g,g]
    "[[],[],[]]": 0,  # ∇⁴E[g,g,g]
    "[[[[[]]]]]": Fraction(-1, 5),  # H⁴g
    "[[],[[[]]]]": Fraction(-1, 20),  # ∇³E[g,H²g]
    "[[[]],[[]]]": Fraction(-1, 60),  # ∇³E[Hg,Hg]
    "[[],[[],[]]]": Fraction(-1, 120),  # ∇³E[g,∇³E[g,g]]
    "[[[],[[]]]]": Fraction(-1, 10),  # H∇³E[g,Hg]
    "[[[[],[]]]]": Fraction(-3, 40),  # H²∇³E[g,g]
    "[[],[],[[]]]": Fraction(1, 120),  # ∇⁴E[g,g,Hg]
    "[[[],[],[]]]": Fraction(-1, 180),  # H∇⁴E[g,g,g]
    "[[],[],[],[]]": Fraction(1, 720),  # ∇⁵E[g,g,g,g]
}


@pytest.mark.parametrize("tree", GRADIENT_DESCENT)
def test_gradient_descent_up_to_order_five(tree):
    b = mq.modified_equation(GD, order=5).coefficient(tree)
    node = mq.RootedTree.parse(tree)
    assert (-1) ** node.order * b / node.symmetry == GRADIENT_DESCENT[tree]


def test_the_list_above_is_complete():
    assert {str(mq.RootedTree.parse(tree)) for tree in GRADIENT_DESCENT} == {str(t) for p in range(1, 6) for t in rooted_trees(p)}


@pytest.mark.parametrize("order", range(1, 13))
def test_tall_trees_of_gradient_descent_are_those_of_the_logarithm(order):
    # log(1 + z)/z = Σ (−1)^(n−1) z^(n−1)/n; Rosca et al. 2023.
    assert mq.modified_equation(GD, order=order).coefficient(chain(order)) == Fraction((-1) ** (order - 1), order)


@pytest.mark.parametrize("leaves", range(9))
def test_bushes_of_gradient_descent_are_bernoulli_numbers(leaves):
    # For y' = f(t): the Euler–Maclaurin formula inverts the left Riemann sum, coefficients B_k.
    bush = mq.RootedTree([mq.RootedTree()] * leaves)
    bernoulli = sympy.bernoulli(leaves) if leaves != 1 else sympy.Rational(-1, 2)
    assert mq.modified_equation(GD, order=leaves + 1).coefficient(bush) == Fraction(int(bernoulli.p), int(bernoulli.q))


# Ghosh et al. 2023, arXiv 2302.00849 (first correction); Cattaneo, Shigida 2025, arXiv 2509.08483 (higher orders).
HEAVY_BALL = {
    "[]": 1 / (1 - beta),
    "[[]]": -(1 + beta) / (2 * (1 - beta) ** 3),
    "[[[]]]": (beta**2 + 4 * beta + 1) / (3 * (1 - beta) ** 5),
    "[[],[]]": (beta**2 + 10 * beta + 1) / (6 * (1 - beta) ** 5),
}


@pytest.mark.parametrize("tree", HEAVY_BALL)
def test_heavy_ball_with_symbolic_momentum(tree):
    b = mq.modified_equation(mq.HeavyBall("beta"), order=3).coefficient(tree)
    assert sympy.cancel(b - HEAVY_BALL[tree]) == 0


def test_nesterov_to_second_order():
    # x'' terms: with x = x(t), x(1) − x(0) = β(x(0) − x(−1)) + h f(x + β(x(0) − x(−1))) and x' = b₁hf + b₂h²f′f:
    # b₁ = 1/(1 − β); h²: b₂ + b₁²/2 = β(b₂ − b₁²/2) + βb₁, so b₂ = (βb₁ − (1 + β)b₁²/2)/(1 − β).
    equation = mq.modified_equation(mq.Nesterov("beta"), order=2)
    b1 = 1 / (1 - beta)
    assert sympy.cancel(equation.coefficient("[]") - b1) == 0
    assert sympy.cancel(equation.coefficient("[[]]") - (beta * b1 - (1 + beta) * b1**2 / 2) / (1 - beta)) == 0


@pytest.mark.parametrize("order", range(1, 8))
def test_implicit_euler_is_explicit_euler_with_time_reversed(order):
    # Adjoint methods: b*(τ) = (−1)^(|τ|+1) b(τ); Hairer, Lubich, Wanner 2006, theorem IX.2.1.
    implicit, explicit = (mq.modified_equation(m, order=order) for m in (mq.ProximalPoint(), GD))
    assert all(
        left == (-1) ** (tree.order + 1) * right for (tree, left, _), (_, right, _) in zip(implicit.terms(), explicit.terms(), strict=True)
    )


def test_implicit_gradient_regularisation_changes_sign_for_the_proximal_point():
    assert mq.modified_equation(mq.ProximalPoint(), order=2).coefficient("[[]]") == Fraction(1, 2)


def test_implicit_midpoint_to_third_order():
    # f + h²(−1/24 f″(f,f) + 1/12 f′f′f); Hairer, Lubich, Wanner 2006, IX.1 and IX.9.
    equation = mq.modified_equation(MIDPOINT, order=3)
    assert [equation.coefficient(t) for t in ("[]", "[[]]", "[[],[]]", "[[[]]]")] == [1, 0, Fraction(-1, 12), Fraction(1, 12)]


@pytest.mark.parametrize("method", [MIDPOINT, TRAPEZOIDAL, GAUSS], ids=str)
def test_modified_equations_of_symmetric_methods_are_even_in_h(method):
    # Hairer, Lubich, Wanner 2006, theorem IX.2.2.
    assert all(b == 0 for tree, b, _ in mq.modified_equation(method, order=6).terms() if tree.order % 2 == 0)


@pytest.mark.parametrize("method", [MIDPOINT, GAUSS], ids=str)
def test_modified_equations_of_symplectic_methods_are_hamiltonian(method):
    # b(u∘v) + b(v∘u) = 0 for Butcher products of all trees; Hairer, Lubich, Wanner 2006, IX.9.2.
    equation = mq.modified_equation(method, order=6)
    trees = [tree for p in range(1, 6) for tree in rooted_trees(p)]
    for u in trees:
        for v in trees:
            if u.order + v.order <= 6:
                left = mq.RootedTree([*u.children, v], u.colour)
                right = mq.RootedTree([*v.children, u], v.colour)
                assert equation.coefficient(left) + equation.coefficient(right) == 0


def test_modified_equation_of_gradient_descent_is_not_hamiltonian():
    equation = mq.modified_equation(GD, order=2)
    assert equation.coefficient("[[]]") + equation.coefficient("[[]]") != 0


def test_alternating_updates_to_second_order():
    # x' = f − h/2 (f_x f + f_y g), y' = g − h/2 (−g_x f + g_y g): Rosca et al. 2021, arXiv 2105.13922, with
    # equal learning rates; symplectic Euler in Hairer, Lubich, Wanner 2006, IX.1.
    equation = mq.modified_equation(mq.compose(GD, GD.on_field(1)), order=2)
    half = Fraction(1, 2)
    assert {str(tree): b for tree, b, _ in equation.terms()} == {
        "[]": 1,
        "1[]": 1,
        "[[]]": -half,
        "[1[]]": -half,
        "1[[]]": half,
        "1[1[]]": -half,
    }


def test_simultaneous_updates_to_second_order():
    # Rosca et al. 2021, arXiv 2105.13922: every player has −h/2 times the same drift.
    both = mq.RungeKutta([[0, 0], [0, 0]], [1, 1], colours=[0, 1])
    assert all(b == Fraction(-1, 2) for tree, b, _ in mq.modified_equation(both, order=2).terms() if tree.order == 2)


@pytest.mark.parametrize("batches", [2, 3, 4])
def test_an_epoch_of_minibatches_to_second_order(batches):
    # −½ f_i′f_i, and ∓½ f_i′f_j as batch i comes before or after batch j; Smith et al. 2021, arXiv 2101.12176.
    equation = mq.modified_equation(mq.compose(*(GD.on_field(i) for i in range(batches))), order=2)
    for i in range(batches):
        for j in range(batches):
            tree = mq.RootedTree([mq.RootedTree((), j)], i)
            assert equation.coefficient(tree) == (Fraction(1, 2) if i > j else Fraction(-1, 2))


def test_extragradient_cancels_the_drift_to_the_other_side():
    # f + h/2 f′f: a(•) = 1, a([•]) = 1, so b([•]) = 1 − 1/2; Lu 2022, arXiv 2001.08826.
    assert mq.modified_equation(mq.Extragradient(), order=2).coefficient("[[]]") == Fraction(1, 2)


def test_counter_term_of_gradient_descent():
    # Adding h/2 f′f + h²/6 (f″(f,f) + f′f′f) + … to f makes Euler exact: the Taylor series of the solution.
    equation = mq.modifying_equation(GD, order=6)
    assert all(b == Fraction(1, tree.density) for tree, b, _ in equation.terms())


def test_modifying_equation_of_implicit_midpoint():
    # f + h²/12 (−f′f′f + ½ f″(f,f)); Chartier, Hairer, Vilmart 2007, Math. Comp. 76.
    equation = mq.modifying_equation(MIDPOINT, order=3)
    assert [equation.coefficient(t) for t in ("[]", "[[]]", "[[[]]]", "[[],[]]")] == [1, 0, Fraction(-1, 12), Fraction(1, 12)]

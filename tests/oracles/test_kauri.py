"""Gradient descent against kauri, which inverts the substitution coproduct in floating point (D. Shmelev, kauri 2.x)."""

import ast

import pytest

import modeq as mq
from modeq.trees import rooted_trees

# `make check` installs it; `make test` does without.
kauri = pytest.importorskip("kauri")


def peer(tree):
    return kauri.Tree(ast.literal_eval(str(tree)))


@pytest.fixture(scope="module")
def their_modified_equation():
    return kauri.euler.elementary_weights_map().modified_equation()


@pytest.mark.parametrize("order", range(1, 8))
def test_modified_equation_of_gradient_descent_is_kauris(order, their_modified_equation):
    ours = mq.modified_equation(mq.GradientDescent(), order=order)
    assert max(abs(float(ours.coefficient(tree)) - their_modified_equation(peer(tree))) for tree in rooted_trees(order)) < 1e-9


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("midpoint", mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1])),
        ("backward_euler", mq.ProximalPoint()),
        ("rk4", mq.RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"])),
    ],
)
def test_modified_equations_of_runge_kutta_methods_are_kauris(theirs, ours):
    map_of_theirs = getattr(kauri, theirs).elementary_weights_map().modified_equation()
    equation = mq.modified_equation(ours, order=5)
    assert max(abs(float(b) - map_of_theirs(peer(tree))) for tree, b, _ in equation.terms()) < 1e-9


def test_elementary_weights_of_rk4_are_kauris():
    rk4 = mq.RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"])
    theirs, ours = kauri.rk4.elementary_weights_map(), mq.elementary_weights(rk4, 6)
    assert max(abs(float(ours[tree]) - theirs(peer(tree))) for tree in ours.trees) < 1e-12


@pytest.mark.parametrize("order", range(1, 8))
def test_symmetry_and_density_are_kauris(order):
    for tree in rooted_trees(order):
        assert (tree.symmetry, tree.density) == (peer(tree).sigma(), peer(tree).factorial())


@pytest.mark.parametrize("order", range(1, 9))
def test_the_same_trees_are_listed(order):
    assert {peer(tree).sorted() for tree in rooted_trees(order)} == {tree.sorted() for tree in kauri.trees_of_order(order)}

"""The fast recursion in the number of steps against the published one by splittings of trees.

E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), IX.9.1: the solution of the modified equation is
exp(h·L) with the Lie derivative L along the modified field, so that

    a(τ) = Σ_{j≥1} 1/j! (∂_b^{j−1} b)(τ),    (∂_b c)(τ) = c(∅) b(τ) + Σ c(θ) b(δ) over splittings of τ into θ ∋ root and one branch δ,

where the term j = 1 holds b(τ) itself and all others lower trees. Transcribed on nested tuples (colour, children), with
nothing of modeq but the elementary weights, which are computed from the tableau by their definition.
"""

from fractions import Fraction
from functools import cache
from math import factorial

import pytest

import modeq as mq

HALF = Fraction(1, 2)
TABLEAUX = {
    "explicit Euler": ([[0]], [1], [0]),
    "implicit Euler": ([[1]], [1], [0]),
    "implicit midpoint": ([[HALF]], [1], [0]),
    "trapezoidal rule": ([[0, 0], [HALF, HALF]], [HALF, HALF], [0, 0]),
    "RK4": (
        [[0, 0, 0, 0], [HALF, 0, 0, 0], [0, HALF, 0, 0], [0, 0, 1, 0]],
        [Fraction(1, 6), Fraction(1, 3), Fraction(1, 3), Fraction(1, 6)],
        [0, 0, 0, 0],
    ),
    "any numbers": ([[Fraction(1, 3), Fraction(-2, 5)], [2, Fraction(1, 7)]], [Fraction(3, 4), Fraction(5, 6)], [0, 0]),
    "alternating updates": ([[0, 0], [1, 0]], [1, 1], [0, 1]),
    "coloured implicit": ([[HALF, 1], [Fraction(1, 3), Fraction(2, 3)]], [1, Fraction(3, 2)], [1, 0]),
}


def nested(tree):
    return tree.colour, tuple(sorted(nested(child) for child in tree.children))


def size(tree):
    return 1 + sum(map(size, tree[1]))


def splittings(tree):
    """All ways to cut one edge: (what keeps the root, the branch)."""
    colour, children = tree
    for i, child in enumerate(children):
        others = children[:i] + children[i + 1 :]
        yield (colour, others), child
        for kept, branch in splittings(child):
            yield (colour, tuple(sorted((*others, kept)))), branch


def weight(tree, tableau):
    """Σ_i b_i Π_children Σ_j a_ij …, each stage only where it has the colour of the node."""
    A, b, colours = tableau

    def stage(node, i):
        if node[0] != colours[i]:
            return 0
        product = 1
        for child in node[1]:
            product *= sum(A[i][j] * stage(child, j) for j in range(len(b)))
        return product

    return sum(b[i] * stage(tree, i) for i in range(len(b)))


def modified_coefficients(tableau):
    @cache
    def lie(power, tree):
        """∂_b^power b, power ≥ 1: the field itself has b(∅) = 0."""
        return sum((b(kept) if power == 1 else lie(power - 1, kept)) * b(branch) for kept, branch in splittings(tree))

    @cache
    def b(tree):
        return weight(tree, tableau) - sum(Fraction(1, factorial(j)) * lie(j - 1, tree) for j in range(2, size(tree) + 1))

    return b


@pytest.mark.parametrize("name", TABLEAUX)
def test_modified_equation_is_the_published_recursion(name):
    A, b, colours = TABLEAUX[name]
    order = 6 if max(colours) == 0 else 4
    naive = modified_coefficients((A, b, colours))
    equation = mq.modified_equation(mq.RungeKutta(A, b, colours=colours), order=order)
    assert all(value == naive(nested(tree)) for tree, value, _ in equation.terms())


@pytest.mark.parametrize("name", TABLEAUX)
def test_elementary_weights_are_their_definition(name):
    A, b, colours = TABLEAUX[name]
    order = 6 if max(colours) == 0 else 4
    weights = mq.elementary_weights(mq.RungeKutta(A, b, colours=colours), order)
    assert all(weights[tree] == weight(nested(tree), (A, b, colours)) for tree in weights.trees)

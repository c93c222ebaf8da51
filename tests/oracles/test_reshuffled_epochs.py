"""The mean over all orders of an epoch, against all permutations, one by one."""

import itertools
import math
from fractions import Fraction

import pytest
import sympy

import modeq as mq
from modeq.series.reshuffled_memory import mean_with_memory
from modeq.trees.batched import batched_trees, block_symmetry

GD = mq.GradientDescent()
TWO_STAGES = mq.RungeKutta([[0, 0], ["1/2", 0]], ["1/3", "2/3"], name="two stages")
x, y, h = sympy.symbols("x y h")
BATCHES = ["x**2/2 + x**3/3 + x*y + y**2", "-x**3/5 + 2*x*y**2 - x", "x*y**3 + y - x**2", "x**4/4 - x*y + y**2/3"]
POINT = {x: sympy.Rational(1, 2), y: sympy.Rational(-1, 3)}


def mean_epoch(method, losses, order):
    """Coefficients of h⁰ … h^order of the mean over all permutations, in exact arithmetic, from one fixed point."""
    fields = [[-sympy.diff(sympy.sympify(E), v) for v in (x, y)] for E in losses]

    def cut(value):
        polynomial = sympy.Poly(sympy.expand(value), h)
        return sum(c * h**k for (k,), c in polynomial.terms() if k <= order)

    def step(point, field):
        stages = []
        for row in method.A:
            at = [p + h * sum(sympy.Rational(a) * s[i] for a, s in zip(row, stages, strict=False)) for i, p in enumerate(point)]
            stages.append([cut(f.subs({x: at[0], y: at[1]}, simultaneous=True)) for f in field])
        return [cut(p + h * sum(sympy.Rational(b) * s[i] for b, s in zip(method.B[0], stages, strict=True))) for i, p in enumerate(point)]

    ends = []
    for permutation in itertools.permutations(fields):
        point = [POINT[x], POINT[y]]
        for field in permutation:
            point = step(point, field)
        ends.append(point)
    mean = [sympy.Poly(sum(end[i] for end in ends) / len(ends), h) for i in range(2)]
    return [[component.coeff_monomial(h**k) for component in mean] for k in range(order + 1)]


def field_at(tree, fields):
    """F(tree) in SymPy, every node with the field of its colour."""
    children = [field_at(child, fields) for child in tree.children]
    result = []
    for component in fields[tree.colour]:
        value = 0
        for indices in itertools.product(range(2), repeat=len(children)):
            derivative = component
            for index in indices:
                derivative = sympy.diff(derivative, (x, y)[index])
            value += derivative * math.prod(child[index] for child, index in zip(children, indices, strict=True))
        result.append(value)
    return result


def summed(tree, losses):
    """⟨F(T)⟩ in SymPy: the mean over a batch for each block."""
    every = [[-sympy.diff(sympy.sympify(E), v) for v in (x, y)] for E in losses]
    m = len(every)
    mean = [sum(f[i] for f in every) / m for i in range(2)]
    blocks = max(tree.colour_sequence)
    total = [0, 0]
    for chosen in itertools.product(range(m), repeat=blocks):
        fields = [mean, *([every[k][i] - mean[i] for i in range(2)] for k in chosen)]
        total = [t + value / m**blocks for t, value in zip(total, field_at(tree, fields), strict=True)]
    return total


@pytest.mark.parametrize(("method", "m"), [(GD, 1), (GD, 2), (GD, 3), (TWO_STAGES, 2)], ids=str)
def test_the_series_is_the_mean_over_all_permutations(method, m):
    epoch, losses = mq.reshuffled_epoch(method, order=3, batches=m), BATCHES[:m]
    expected = mean_epoch(method, losses, 3)
    for order in (1, 2, 3):
        total = [0, 0]
        for tree in batched_trees(order):
            weight = sympy.Rational(epoch.coefficients[tree]) / block_symmetry(tree)
            total = [t + weight * value.subs(POINT) for t, value in zip(total, summed(tree, losses), strict=True)]
        assert total == expected[order]


def test_order_two_is_that_of_smith_and_others_for_any_number_of_batches():
    # E + (h/4)‖∇E‖² + (h/4m) Σ ‖∇E_k − ∇E‖²; arXiv 2101.12176, equation 22.
    loss = mq.modified_equation(mq.reshuffled_epoch(GD, order=2)).modified_loss()
    assert {str(tree): c for tree, c in loss.terms.items()} == {"[]": 1, "[[]]": Fraction(1, 4), "1[1[]]": Fraction(1, 4)}
    assert loss.is_exact


@pytest.mark.parametrize("order", [3, 4])
def test_equal_batches_are_gradient_descent(order):
    epoch = mq.modified_equation(mq.reshuffled_epoch(GD, order=order))
    plain = mq.modified_equation(GD, order=order)
    assert all(epoch.coefficient(tree) == b for tree, b, _ in plain.terms())


@pytest.mark.parametrize("method", [GD, TWO_STAGES], ids=str)
def test_the_recursion_for_methods_with_memory_gives_those_without(method):
    assert mean_with_memory(method, 3, 3) == mq.reshuffled_epoch(method, 3, batches=3).coefficients


def test_equal_batches_with_momentum_are_heavy_ball():
    epoch = mq.modified_equation(mq.reshuffled_epoch(mq.HeavyBall("beta"), order=3, batches=2))
    plain = mq.modified_equation(mq.HeavyBall("beta"), order=3)
    assert all(sympy.simplify(epoch.coefficient(tree) - b) == 0 for tree, b, _ in plain.terms())


def test_momentum_without_a_number_of_batches_is_refused():
    with pytest.raises(ValueError, match="give a number such as batches=4"):
        mq.reshuffled_epoch(mq.HeavyBall("beta"), order=2)


def test_numbers_of_batches_can_be_put_in_later():
    symbolic = mq.modified_equation(mq.reshuffled_epoch(GD, order=3)).with_parameters(m=3)
    assert symbolic.coefficients == mq.modified_equation(mq.reshuffled_epoch(GD, order=3, batches=3)).coefficients

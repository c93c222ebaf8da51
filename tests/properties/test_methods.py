"""Properties of general linear methods with arbitrary exact coefficients."""

from fractions import Fraction

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import modeq as mq

SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.fractions(min_value=-2, max_value=2, max_denominator=6)
momenta = st.fractions(min_value=Fraction(-9, 10), max_value=Fraction(9, 10), max_denominator=10)


@st.composite
def runge_kutta(draw, colours=1):
    stages = draw(st.integers(1, 3))
    A = [[draw(numbers) for _ in range(stages)] for _ in range(stages)]
    b = [draw(numbers) for _ in range(stages)]
    return mq.RungeKutta(A, b, colours=[draw(st.integers(0, colours - 1)) for _ in range(stages)])


@st.composite
def with_memory(draw):
    """State (x, v): x keeps itself, v decays, everything else is arbitrary."""
    beta = draw(momenta)
    return mq.GeneralLinearMethod(
        A=[[draw(numbers)]], U=[[1, draw(numbers)]], B=[[draw(numbers)], [draw(numbers)]], V=[[1, draw(numbers)], [0, beta]], output=[1, 0]
    )


methods = st.one_of(runge_kutta(), with_memory())


def series(method, order=4):
    return mq.modified_equation(method, order=order).series


def transformed(method, T):
    """The same method in the state T⁻¹y, with T = [[p, q], [r, s]]."""
    (p, q), (r, s) = T
    determinant = p * s - q * r
    inverse = [[s / determinant, -q / determinant], [-r / determinant, p / determinant]]

    def times(left, right):
        return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*right, strict=True)] for row in left]

    return mq.GeneralLinearMethod(
        A=method.A,
        U=times(method.U, T),
        B=times(inverse, method.B),
        V=times(times(inverse, method.V), T),
        output=times([method.output], T)[0],
    )


@SETTINGS
@given(with_memory(), numbers, numbers, st.sampled_from([1, -2, Fraction(1, 3)]))
def test_coordinates_of_the_memory_do_not_matter(method, q, r, s):
    T = [[1, q], [r, s + q * r]]  # determinant s
    assert series(transformed(method, [[Fraction(entry) for entry in row] for row in T])) == series(method)


@SETTINGS
@given(runge_kutta(), st.permutations(range(3)))
def test_the_order_of_the_stages_does_not_matter(method, permutation):
    order = [i for i in permutation if i < method.stages]
    A = [[method.A[i][j] for j in order] for i in order]
    b = [method.B[0][j] for j in order]
    assert series(mq.RungeKutta(A, b)) == series(method)


@SETTINGS
@given(runge_kutta(), numbers)
def test_a_stage_of_weight_zero_does_not_matter(method, entry):
    A = [[*row, 0] for row in method.A] + [[entry] * (method.stages + 1)]
    assert series(mq.RungeKutta(A, [*method.B[0], 0])) == series(method)


@SETTINGS
@given(methods, st.integers(2, 3))
def test_k_steps_follow_k_times_the_field(method, steps):
    once = series(method)
    assert series(mq.compose(*[method] * steps)).coefficients == tuple(steps * b for b in once.coefficients)


@SETTINGS
@given(methods, methods)
def test_at_first_order_composed_methods_add_up(first, second):
    both = series(mq.compose(first, second), order=1)["[]"]
    assert both == series(first, order=1)["[]"] + series(second, order=1)["[]"]


@SETTINGS
@given(runge_kutta(), runge_kutta())
def test_composition_of_maps_is_composition_of_series(first, second):
    composed = mq.elementary_weights(mq.compose(first, second), 4)
    assert composed == mq.composition(mq.elementary_weights(first, 4), mq.elementary_weights(second, 4))


@SETTINGS
@given(runge_kutta(), st.fractions(min_value=Fraction(1, 4), max_value=3, max_denominator=4))
def test_a_scaled_step_size_multiplies_the_coefficient_by_its_power(method, scale):
    scaled = mq.RungeKutta([[scale * a for a in row] for row in method.A], [scale * b for b in method.B[0]])
    once = series(method)
    assert series(scaled).coefficients == tuple(scale**tree.order * once[tree] for tree in once.trees)


@SETTINGS
@given(momenta)
def test_momentum_divides_the_speed_by_one_minus_beta(beta):
    for method in (mq.HeavyBall(beta), mq.Nesterov(beta)):
        assert series(method, order=1)["[]"] == 1 / (1 - beta)


@SETTINGS
@given(runge_kutta(colours=2))
def test_equal_fields_in_both_colours_give_the_uncoloured_series(method):
    # f₀ = f₁ = f: the coefficients of all colourings of a tree, over their symmetries, sum to the uncoloured one.
    coloured = mq.elementary_weights(method, 4)
    plain = mq.elementary_weights(mq.RungeKutta(method.A, method.B[0]), 4)
    sums = dict.fromkeys(plain.trees, Fraction(0))
    for tree in coloured.trees:
        sums[mq.RootedTree.from_level_sequence(tree.level_sequence)] += coloured[tree] / tree.symmetry
    assert all(total * tree.symmetry == plain[tree] for tree, total in sums.items())


@SETTINGS
@given(methods)
def test_matrices_are_the_exact_entries_rounded_once(method):
    A, U, B, V, c = method.matrices()
    for array, exact in ((A, method.A), (U, method.U), (B, method.B), (V, method.V), (c, method.output)):
        assert np.array_equal(array, np.array(exact, dtype=float))

"""What is wrong is seen: one wrong coefficient, one wrong parameter or one missing term costs the order that it should."""

from fractions import Fraction

import pytest

import modeq as mq

from .measurement import TOLERANCE, one_step_slope

ORDER = 4
E = mq.losses.himmelblau()
POINT = (1.0, 1.5)
TREES = [str(tree) for p in range(1, ORDER + 1) for tree in mq.rooted_trees(p)]


def changed(series, tree, by):
    """Return `series` with the coefficient of one tree changed."""
    coefficients = [b + by * (str(other) == tree) for other, b in zip(series.trees, series.coefficients, strict=True)]
    return mq.FieldSeries(series.order, series.colours, tuple(coefficients))


@pytest.fixture(scope="module")
def series():
    return mq.modified_equation(mq.GradientDescent(), ORDER).series


def test_the_sum_over_all_trees_has_slope_p_plus_1(series):
    assert one_step_slope(mq.GradientDescent(), series.on(E), POINT, ORDER) == pytest.approx(ORDER + 1, abs=TOLERANCE)


@pytest.mark.parametrize("tree", TREES)
def test_a_wrong_coefficient_of_a_tree_leaves_the_slope_at_its_number_of_nodes(series, tree):
    flow = changed(series, tree, Fraction(1, 6)).on(E)
    nodes = tree.count("[")
    assert one_step_slope(mq.GradientDescent(), flow, POINT, nodes) == pytest.approx(nodes, abs=TOLERANCE)


def test_dropping_the_last_term_loses_one_order(series):
    flow = changed(series, "[[[[]]]]", -series["[[[[]]]]"]).on(E)
    assert one_step_slope(mq.GradientDescent(), flow, POINT, ORDER) == pytest.approx(ORDER, abs=TOLERANCE)


def test_a_wrong_beta_loses_all_orders():
    flow = mq.modified_equation(mq.HeavyBall(0.51), 3).on(E)
    assert one_step_slope(mq.HeavyBall(0.5), flow, POINT, 3, scale=0.25) == pytest.approx(1, abs=TOLERANCE)


def test_the_flow_of_heavy_ball_follows_nesterov_to_first_order_only():
    flow = mq.modified_equation(mq.HeavyBall(0.5), 3).on(E)
    assert one_step_slope(mq.Nesterov(0.5), flow, POINT, 3, scale=0.25) == pytest.approx(2, abs=TOLERANCE)


def test_the_flow_of_simultaneous_updates_follows_alternating_ones_to_first_order_only():
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    alternating = mq.compose(mq.GradientDescent().on_field(0), mq.GradientDescent().on_field(1))
    flow = mq.modified_equation(mq.GradientDescent(), 3).on(game)
    assert one_step_slope(alternating, flow, (0.9, 0.7), 3) == pytest.approx(2, abs=TOLERANCE)

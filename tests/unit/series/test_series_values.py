"""Series as values: look-up, truncation, the orders and colours that they agree on."""

from fractions import Fraction

import pytest

import modeq as mq
from modeq.series import identity_field, substitution_quotient

GD = mq.GradientDescent()


def test_a_coefficient_is_found_by_tree_or_text():
    series = mq.exact_flow(4)
    assert series["[[[]],[]]"] == series[mq.RootedTree.parse("[[],[[]]]")] == Fraction(1, 8)


def test_truncation_keeps_the_lower_coefficients():
    series = mq.exact_flow(5)
    assert series.truncated(3) == mq.exact_flow(3)


def test_truncation_cannot_add_orders():
    with pytest.raises(ValueError, match="stops at order 2"):
        mq.exact_flow(2).truncated(3)


def test_a_tree_beyond_the_order_is_refused():
    with pytest.raises(ValueError, match="ask for a larger order"):
        _ = mq.exact_flow(2)["[[[]]]"]


def test_a_colour_beyond_the_series_is_refused():
    with pytest.raises(ValueError, match="uses 2 colours"):
        _ = mq.exact_flow(2)["1[]"]


def test_the_number_of_coefficients_must_fit():
    with pytest.raises(ValueError, match="has 4 trees, got 2"):
        mq.FlowSeries(3, 1, (Fraction(1), Fraction(1, 2)))


def test_operations_stop_at_the_smaller_order():
    assert mq.composition(mq.exact_flow(5), mq.exact_flow(3)).order == 3


def test_series_with_different_colours_do_not_mix():
    with pytest.raises(ValueError, match="1 and 2 colours"):
        mq.composition(mq.exact_flow(2), mq.exact_flow(2, colours=2))


def test_substitution_keeps_the_type_of_the_series():
    field = identity_field(3)
    assert isinstance(mq.substitution(field, mq.exact_flow(3)), mq.FlowSeries)
    assert isinstance(mq.substitution(field, identity_field(3)), mq.FieldSeries)


def test_a_series_without_its_field_cannot_be_solved_for():
    standstill = mq.FlowSeries(2, 1, (Fraction(0), Fraction(1)))
    with pytest.raises(ValueError, match=r"a\(•\) = 0"):
        substitution_quotient(mq.exact_flow(2), standstill)


def test_maps_and_fields_are_different_types():
    with pytest.raises(TypeError):
        mq.composition(identity_field(2), mq.exact_flow(2))
    with pytest.raises(TypeError):
        mq.inverse(identity_field(2))
    with pytest.raises(TypeError):
        mq.substitution(mq.exact_flow(2), mq.exact_flow(2))


@pytest.mark.parametrize("order", [0, -1])
@pytest.mark.parametrize(
    "function",
    [
        mq.exact_flow,
        identity_field,
        lambda order: mq.elementary_weights(GD, order),
        lambda order: mq.modified_equation(GD, order=order),
        lambda order: mq.modifying_equation(GD, order=order),
        lambda order: mq.principal_flow(GD, order=order),
        lambda order: mq.exact_flow(3).truncated(order),
    ],
)
def test_an_order_below_one_is_refused(function, order):
    with pytest.raises(ValueError, match="order must be at least 1"):
        function(order)


@pytest.mark.parametrize("order", [1.5, "2", True, 2.0])
@pytest.mark.parametrize(
    "function",
    [
        mq.exact_flow,
        identity_field,
        lambda order: mq.elementary_weights(GD, order),
        lambda order: mq.modified_equation(GD, order=order),
        lambda order: mq.modifying_equation(GD, order=order),
        lambda order: mq.principal_flow(GD, order=order),
    ],
)
def test_an_order_that_is_no_integer_is_refused(function, order):
    with pytest.raises(TypeError, match="order is an integer"):
        function(order)


@pytest.mark.parametrize("colours", [0, -1])
@pytest.mark.parametrize("function", [mq.exact_flow, identity_field])
def test_a_series_has_at_least_one_colour(function, colours):
    with pytest.raises(ValueError, match="at least 1 colour"):
        function(2, colours=colours)


@pytest.mark.parametrize("function", [mq.modified_equation, mq.modifying_equation, mq.elementary_weights])
@pytest.mark.parametrize("thing", [mq.GradientDescent, "gd", None])
def test_a_series_is_derived_from_a_method_only(function, thing):
    with pytest.raises(TypeError, match="expected a method"):
        function(thing, 2)


@pytest.mark.parametrize("thing", [mq.GradientDescent, "gd", None])
def test_a_principal_flow_is_derived_from_a_method_only(thing):
    with pytest.raises(TypeError, match="expected a method"):
        mq.principal_flow(thing)

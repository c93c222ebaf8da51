"""B-series form a group under composition and act on fields by substitution.

Hairer, Lubich, Wanner 2006, III.1.4; Chartier, Hairer, Vilmart 2010, doi:10.1007/s10208-010-9065-1.
"""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import modeq as mq
from modeq.series import identity_field, substitution_quotient
from modeq.trees import tree_table

SETTINGS = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.fractions(min_value=-3, max_value=3, max_denominator=5)
SHAPES = [(5, 1), (3, 2)]  # (order, colours)


def series_of(kind, order, colours):
    size = tree_table(colours).size(order)
    return st.lists(numbers, min_size=size, max_size=size).map(lambda values: kind(order, colours, tuple(values)))


def flows(order, colours):
    return series_of(mq.FlowSeries, order, colours)


def fields(order, colours):
    return series_of(mq.FieldSeries, order, colours)


def identity_map(order, colours):
    return mq.FlowSeries(order, colours, (Fraction(0),) * tree_table(colours).size(order))


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_composition_is_associative(order, colours, data):
    a, b, c = (data.draw(flows(order, colours)) for _ in range(3))
    assert mq.composition(mq.composition(a, b), c) == mq.composition(a, mq.composition(b, c))


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_the_identity_map_is_neutral_on_both_sides(order, colours, data):
    a, one = data.draw(flows(order, colours)), identity_map(order, colours)
    assert mq.composition(a, one) == mq.composition(one, a) == a


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_the_inverse_undoes_a_map_on_both_sides(order, colours, data):
    a, one = data.draw(flows(order, colours)), identity_map(order, colours)
    assert mq.composition(a, mq.inverse(a)) == mq.composition(mq.inverse(a), a) == one


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_substitution_is_associative(order, colours, data):
    a, b = (data.draw(fields(order, colours)) for _ in range(2))
    c = data.draw(flows(order, colours))
    assert mq.substitution(mq.substitution(a, b), c) == mq.substitution(a, mq.substitution(b, c))


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_substituting_the_field_itself_changes_nothing(order, colours, data):
    a, f = data.draw(flows(order, colours)), identity_field(order, colours=colours)
    assert mq.substitution(f, a) == a
    b = data.draw(fields(order, colours))
    assert mq.substitution(b, f) == b


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_substitution_respects_composition(order, colours, data):
    b = data.draw(fields(order, colours))
    a, c = (data.draw(flows(order, colours)) for _ in range(2))
    assert mq.substitution(b, mq.composition(a, c)) == mq.composition(mq.substitution(b, a), mq.substitution(b, c))


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_the_quotient_solves_the_substitution(order, colours, data):
    a, target = (data.draw(flows(order, colours)) for _ in range(2))
    singles = tree_table(colours).size(1)
    a = mq.FlowSeries(order, colours, (Fraction(2, 3),) * singles + a.coefficients[singles:])
    assert mq.substitution(substitution_quotient(target, a), a) == target


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_a_field_has_one_flow_and_a_flow_has_one_field(order, colours, data):
    b, exact = data.draw(fields(order, colours)), mq.exact_flow(order, colours=colours)
    assert substitution_quotient(mq.substitution(b, exact), exact) == b


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_flowing_twice_is_flowing_for_twice_as_long(order, colours, data):
    b, exact = data.draw(fields(order, colours)), mq.exact_flow(order, colours=colours)
    doubled = mq.FieldSeries(order, colours, tuple(2 * value for value in b.coefficients))
    once = mq.substitution(b, exact)
    assert mq.composition(once, once) == mq.substitution(doubled, exact)


@pytest.mark.parametrize(("order", "colours"), SHAPES)
@SETTINGS
@given(data=st.data())
def test_the_inverse_of_a_flow_goes_back_in_time(order, colours, data):
    b, exact = data.draw(fields(order, colours)), mq.exact_flow(order, colours=colours)
    backwards = mq.FieldSeries(order, colours, tuple(-value for value in b.coefficients))
    assert mq.inverse(mq.substitution(b, exact)) == mq.substitution(backwards, exact)

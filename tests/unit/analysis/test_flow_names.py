"""What flow names mean."""

import pytest

import modeq as mq
from modeq.flows import named_equation

GD = mq.GradientDescent()


@pytest.mark.parametrize(("name", "order"), [("gradient", 1), ("igr", 2), (3, 3), ("4", 4), ("IGR", 2), (" gradient ", 1)])
def test_series_flows_are_named_by_word_or_order(name, order):
    assert named_equation(GD, name) == mq.modified_equation(GD, order)


def test_principal_is_the_principal_flow():
    assert named_equation(GD, "principal") == mq.principal_flow(GD)


def test_principal_plus_an_order_is_completed():
    assert named_equation(GD, "principal+3") == mq.principal_flow(GD, order=3)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("principal1", {}),
        ("principal2", {"degree": 2}),
        ("principal3", {"degree": 3}),
        (" Principal2 ", {"degree": 2}),
        ("principal2+5", {"degree": 2, "order": 5}),
        ("principal3+6", {"degree": 3, "order": 6}),
    ],
)
def test_a_number_after_principal_is_a_degree(name, options):
    assert named_equation(GD, name) == mq.principal_flow(GD, **options)


@pytest.mark.parametrize("name", ["principal0", "principal4", "principal9+3"])
def test_degrees_go_up_to_three(name):
    with pytest.raises(ValueError, match="degree must be one of 1, 2, 3"):
        named_equation(GD, name)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("gradeint", "gradient"),
        ("irg", "igr"),
        ("prinzipal", "principal"),
        ("principal+x", "principal+3"),
        ("principal 2", "principal2"),
        ("principal2+", "principal2+5"),
    ],
)
def test_an_unknown_name_suggests_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'".replace("+", r"\+")):
        named_equation(GD, name)


@pytest.mark.parametrize("name", ["", "xyz", "3.5", "1e3", "principal+", "+3", "principal22", "principal-2", "2principal"])
def test_nonsense_lists_the_known_names(name):
    with pytest.raises(ValueError, match="known: 'gradient'"):
        named_equation(GD, name)


@pytest.mark.parametrize("order", [0, -1, "0", "principal+0"])
def test_an_order_is_at_least_one(order):
    with pytest.raises(ValueError, match="at least 1"):
        named_equation(GD, order)


@pytest.mark.parametrize("name", [None, 3.0, True, ["igr"]])
def test_names_are_text_or_integers(name):
    with pytest.raises(TypeError, match="text or an order"):
        named_equation(GD, name)

"""Words of the command line: methods, losses, points."""

import pytest

import modeq as mq
from modeq.cli.losses import named_loss, parse_point
from modeq.cli.methods import METHODS, named_method, numeric_method


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_can_be_built(name):
    assert isinstance(named_method(name), mq.Method)


@pytest.mark.parametrize(("name", "method"), [("gd", mq.GradientDescent()), ("GD", mq.GradientDescent()), ("heavy_ball", mq.HeavyBall())])
def test_case_and_underscores_do_not_matter(name, method):
    assert named_method(name) == method


@pytest.mark.parametrize("alias", ["momentum", "polyak"])
def test_aliases(alias):
    assert named_method(alias, "0.9") == mq.HeavyBall(0.9)


def test_the_classical_runge_kutta_method_is_of_order_four():
    equation = mq.modified_equation(named_method("rk4"), 5)
    by_order = {tree.order: set() for tree, _, _ in equation.terms()}
    for tree, b, _ in equation.terms():
        by_order[tree.order].add(b != 0)
    assert [by_order[p] for p in (1, 2, 3, 4)] == [{True}, {False}, {False}, {False}]
    assert True in by_order[5]


@pytest.mark.parametrize(("typed", "nearest"), [("heavyball", "heavy-ball"), ("nestrov", "nesterov"), ("gdd", "gd")])
def test_an_unknown_method_suggests_the_nearest(typed, nearest):
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'"):
        named_method(typed)


def test_a_method_without_momentum_takes_no_beta():
    with pytest.raises(ValueError, match="leave out --beta"):
        named_method("gd", "0.9")


def test_running_needs_a_number_for_the_momentum():
    with pytest.raises(ValueError, match="--beta"):
        numeric_method("heavy-ball", None)


def test_a_symbolic_momentum_cannot_be_run():
    with pytest.raises(ValueError, match="--beta"):
        numeric_method("heavy-ball", "b")


def test_a_loss_of_the_catalogue():
    assert named_loss("Double_Well").name == "double-well"


def test_a_formula_is_a_loss_named_by_its_text():
    loss = named_loss("x**4/4 -  x**2/2")
    assert loss.name == "x**4/4 - x**2/2"
    assert loss([2.0]) == 2.0


def test_the_variables_of_a_formula_are_alphabetic_or_as_given():
    assert [v.name for v in named_loss("b - a**2").variables] == ["a", "b"]
    assert [v.name for v in named_loss("b - a**2", "b, a").variables] == ["b", "a"]


def test_a_comment_is_no_formula():
    """Whatever follows # would be carried on as the name of the loss."""
    with pytest.raises(ValueError):
        named_loss('x**2 # """; import os; """')


@pytest.mark.parametrize(("typed", "nearest"), [("rosenbrok", "rosenbrock"), ("himelblau", "himmelblau"), ("doublewell", "double-well")])
def test_an_unknown_loss_suggests_the_nearest(typed, nearest):
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'"):
        named_loss(typed)


def test_a_formula_without_variables_is_refused():
    with pytest.raises(ValueError, match="no variable"):
        named_loss("1 + 2")


def test_points_are_numbers_separated_by_commas():
    assert parse_point(" 0.6, -5e-1", mq.losses.rosenbrock()) == [0.6, -0.5]


def test_the_own_start_of_a_loss_is_the_default():
    assert parse_point(None, mq.losses.rosenbrock()) == [0.6, 0.5]


def test_a_formula_has_no_start_of_its_own():
    with pytest.raises(ValueError, match=r"--at.*x"):
        parse_point(None, named_loss("x**2"))


@pytest.mark.parametrize("text", ["a", "1,", "1;2", ""])
def test_a_malformed_point_is_refused(text):
    with pytest.raises(ValueError, match="--at"):
        parse_point(text, mq.losses.rosenbrock())


def test_a_point_has_the_right_number_of_coordinates():
    with pytest.raises(ValueError, match="2 number"):
        parse_point("1,2,3", mq.losses.rosenbrock())

"""Methods that cannot work are refused when they are built."""

import numpy as np
import pytest

import modeq as mq

HEAVY_BALL = {"A": [[0]], "U": [[1, 0]], "B": [[1], [1]], "V": [[1, "1/2"], [0, "1/2"]], "output": [1, 0]}


def build(**changes):
    return mq.GeneralLinearMethod(**{**HEAVY_BALL, **changes})


@pytest.mark.parametrize(
    ("letter", "matrix"),
    [("A", [[0, 0]]), ("U", [[1]]), ("B", [[1, 1]]), ("V", [[1, 0]]), ("V", [[1, 0], [0]])],
)
def test_a_matrix_of_the_wrong_shape_is_named(letter, matrix):
    with pytest.raises(ValueError, match=rf"{letter} must have shape"):
        build(**{letter: matrix})


@pytest.mark.parametrize("letter", ["A", "U", "B", "V"])
@pytest.mark.parametrize("value", [0, "1", [1, 2], ["01"], None])
def test_what_is_no_matrix_is_refused_by_its_letter(letter, value):
    with pytest.raises(TypeError, match=rf"{letter} must be a matrix"):
        build(**{letter: value})


@pytest.mark.parametrize("value", [1, None])
def test_an_output_that_is_no_row_is_refused(value):
    with pytest.raises(TypeError, match="output"):
        build(output=value)


def test_a_shape_mismatch_between_stages_and_colours_blames_the_colours():
    with pytest.raises(ValueError, match="colour"):
        build(colours=[0, 1])


@pytest.mark.parametrize("colours", [[-1], [0.5], ["x"]])
def test_colours_are_integers_from_zero(colours):
    with pytest.raises((TypeError, ValueError), match=r"colour|invalid literal"):
        build(colours=colours)


@pytest.mark.parametrize("colours", [[-1], [0.5]])
def test_colours_of_a_tableau_are_integers_from_zero(colours):
    with pytest.raises((TypeError, ValueError), match="colour"):
        mq.RungeKutta([[0]], [1], colours=colours)


def test_a_step_that_does_not_keep_points_at_rest_is_inconsistent():
    with pytest.raises(ValueError, match="inconsistent: V has no eigenvalue 1"):
        mq.GeneralLinearMethod(A=[[0]], U=[[1]], B=[[1]], V=[["1/2"]], output=[1])


def test_a_stage_that_does_not_see_the_point_is_inconsistent():
    with pytest.raises(ValueError, match=r"stage 1 sees 2·x"):
        mq.GeneralLinearMethod(A=[[0]], U=[[2]], B=[[1]], V=[[1]], output=[1])


def test_an_output_that_does_not_see_the_point_is_inconsistent():
    with pytest.raises(ValueError, match="inconsistent: the output"):
        build(output=[0, 1])


@pytest.mark.parametrize("beta", [1, 1.1, -1.5, 2])
def test_momentum_beyond_one_is_unstable(beta):
    with pytest.raises(ValueError, match="heavy ball is unstable at h = 0"):
        mq.HeavyBall(beta)


@pytest.mark.parametrize("beta", [1, 1.1, -1.5])
def test_a_number_put_in_later_is_checked_too(beta):
    with pytest.raises(ValueError, match="unstable"):
        mq.Nesterov("beta").with_parameters(beta=beta)


def test_a_double_eigenvalue_on_the_unit_circle_is_unstable():
    with pytest.raises(ValueError, match="unstable"):
        mq.GeneralLinearMethod(A=[[0]], U=[[1, 0, 0]], B=[[1], [0], [0]], V=[[1, 0, 0], [0, -1, 1], [0, 0, -1]], output=[1, 0, 0])


@pytest.mark.parametrize("A", [[[0, 0]], [[0], [0]], [], [[0, 0], [0]]])
def test_a_tableau_that_is_not_square_is_refused(A):
    with pytest.raises(ValueError, match=r"A of shape \(2, 2\)"):
        mq.RungeKutta(A, [1, 0])


@pytest.mark.parametrize("b", [1, None, "1"])
def test_weights_are_a_sequence(b):
    with pytest.raises(TypeError, match="weights"):
        mq.RungeKutta([[0]], b)


def test_a_tableau_without_stages_is_refused():
    with pytest.raises(ValueError, match="at least one stage"):
        mq.RungeKutta([], [])


def test_arrays_and_nested_lists_are_the_same_tableau():
    assert mq.RungeKutta(np.zeros((1, 1)), np.ones(1)) == mq.RungeKutta([[0]], [1])


def test_compose_needs_a_method():
    with pytest.raises(ValueError, match="at least one method"):
        mq.compose()


@pytest.mark.parametrize("thing", [mq.GradientDescent, "gd", None, 3])
def test_compose_takes_methods_only(thing):
    with pytest.raises(TypeError, match="expected a method"):
        mq.compose(mq.GradientDescent(), thing)


@pytest.mark.parametrize("steps", [0, -1, 1.5, "2", True])
def test_lookahead_takes_a_whole_number_of_steps(steps):
    with pytest.raises((TypeError, ValueError), match="integer number of fast steps"):
        mq.Lookahead(mq.GradientDescent(), steps=steps)


@pytest.mark.parametrize("colour", [-1, 1.5, "0"])
def test_a_field_number_is_an_integer_from_zero(colour):
    with pytest.raises((TypeError, ValueError), match="colours are integers"):
        mq.GradientDescent().on_field(colour)

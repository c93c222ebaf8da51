"""Updates written in Python become the methods that they are."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

import modeq as mq


def same_flow(left, right, order=4):
    return mq.modified_equation(left, order=order).series == mq.modified_equation(right, order=order).series


def test_gradient_descent_is_recognised():
    @mq.method
    def descent(theta, h, f):
        return theta + h * f(theta)

    assert same_flow(descent(), mq.GradientDescent())


def test_heavy_ball_with_velocity_in_units_of_the_state_has_the_built_in_matrices():
    @mq.method(memory=("v",))
    def momentum(theta, v, h, f, *, beta):
        v = beta * v + h * f(theta)
        return theta + v, v

    traced, built_in = momentum(beta="beta"), mq.HeavyBall("beta")
    assert (traced.A, traced.U, traced.B, traced.V) == (built_in.A, built_in.U, built_in.B, built_in.V)


def test_heavy_ball_with_velocity_in_units_of_the_field_has_the_same_matrices():
    @mq.method(memory=("v",))
    def momentum(theta, v, h, f, *, beta):
        v = beta * v + f(theta)
        return theta + h * v, v

    traced, built_in = momentum(beta="beta"), mq.HeavyBall("beta")
    assert (traced.A, traced.U, traced.B, traced.V) == (built_in.A, built_in.U, built_in.B, built_in.V)


def test_heavy_ball_that_remembers_the_last_point_follows_the_same_flow():
    @mq.method(memory="last")
    def two_points(theta, last, h, f, *, beta):
        return theta + h * f(theta) + beta * (theta - last), theta

    assert same_flow(two_points(beta="beta"), mq.HeavyBall("beta"))


@pytest.mark.parametrize("in_units_of_the_field", [False, True])
def test_nesterov_is_recognised_in_both_scalings(in_units_of_the_field):
    @mq.method(memory=("v",))
    def in_state(theta, v, h, f, *, beta):
        v = beta * v + h * f(theta + beta * v)
        return theta + v, v

    @mq.method(memory=("v",))
    def in_field(theta, v, h, f, *, beta):
        v = beta * v + f(theta + h * beta * v)
        return theta + h * v, v

    traced = (in_field if in_units_of_the_field else in_state)(beta="beta")
    assert same_flow(traced, mq.Nesterov("beta"))


def test_extragradient_is_recognised():
    @mq.method
    def trial(theta, h, f):
        return theta + h * f(theta + h * f(theta))

    assert same_flow(trial(), mq.Extragradient(), order=6)


def test_a_loop_of_fast_steps_is_lookahead():
    @mq.method
    def slow_and_fast(theta, h, f, *, alpha):
        fast = theta
        for _ in range(5):
            fast = fast + h * f(fast)
        return theta + alpha * (fast - theta)

    assert same_flow(slow_and_fast(alpha="1/2"), mq.Lookahead(mq.GradientDescent(), steps=5, alpha="1/2"))


def test_a_second_field_gets_the_second_colour():
    @mq.method
    def alternating(theta, h, f, g):
        middle = theta + h * f(theta)
        return middle + h * g(middle)

    assert same_flow(alternating(), mq.compose(mq.GradientDescent(), mq.GradientDescent().on_field(1)))


def test_asking_twice_at_one_point_is_one_stage():
    @mq.method
    def twice(theta, h, f):
        return theta + h * f(theta) / 2 + h / 2 * f(theta)

    assert twice().stages == 1


@pytest.mark.parametrize("factor", [np.float64(0.9), np.int64(0), Fraction(1, 3), sympy.Rational(2, 3)])
def test_numbers_of_other_libraries_may_stand_on_the_left(factor):
    @mq.method(memory=("v",))
    def momentum(theta, v, h, f):
        v = factor * v + h * f(theta)
        return theta + v, v

    assert same_flow(momentum(), mq.HeavyBall(factor))


def test_keyword_defaults_are_used():
    @mq.method(memory=("v",))
    def momentum(theta, v, h, f, *, beta=0.9):
        v = beta * v + h * f(theta)
        return theta + v, v

    assert momentum().V == mq.HeavyBall(0.9).V


def test_the_name_is_the_function_name_in_words():
    @mq.method
    def my_own_update(theta, h, f):
        return theta + h * f(theta)

    assert str(my_own_update()) == "my own update"


def test_a_parameter_cannot_be_called_h_like_the_step_size():
    @mq.method
    def scaled(theta, h, f, *, p):
        return theta + p * h * f(theta)

    with pytest.raises(ValueError, match="cannot be called 'h'"):
        scaled(p="h")


def test_sum_and_subtraction_are_linear():
    @mq.method
    def sums(theta, h, f):
        return sum([theta, h * f(theta)]) - (-h) * f(theta) - h * f(theta)

    assert same_flow(sums(), mq.GradientDescent())

"""Each built-in method runs the update of its reference, checked on a non-linear scalar field with exact numbers."""

from fractions import Fraction

import pytest

import modeq as mq

H, X, V = Fraction(1, 10), Fraction(2, 3), Fraction(1, 7)


def f(x):
    return 1 - x**2


def step(method, state):
    """One step Y = A h f(Y) + U y, y⁺ = B h f(Y) + V y of an explicit method with numbers."""
    values = []
    for i in range(method.stages):
        point = sum(a * H * value for a, value in zip(method.A[i], values, strict=False)) + sum(
            u * y for u, y in zip(method.U[i], state, strict=True)
        )
        values.append(f(point))
    return [
        sum(b * H * value for b, value in zip(method.B[i], values, strict=True))
        + sum(v * y for v, y in zip(method.V[i], state, strict=True))
        for i in range(method.states)
    ]


def test_gradient_descent_adds_h_times_the_field():
    assert step(mq.GradientDescent(), [X]) == [X + H * f(X)]


def test_heavy_ball_adds_the_velocity_that_it_updated_first():
    v = Fraction(9, 10) * V + H * f(X)
    assert step(mq.HeavyBall(0.9), [X, V]) == [X + v, v]


def test_nesterov_takes_the_gradient_after_the_momentum_step():
    v = Fraction(9, 10) * V + H * f(X + Fraction(9, 10) * V)
    assert step(mq.Nesterov(0.9), [X, V]) == [X + v, v]


def test_extragradient_takes_the_gradient_at_a_trial_step():
    assert step(mq.Extragradient(), [X]) == [X + H * f(X + H * f(X))]


def test_proximal_point_has_its_stage_at_the_new_point():
    method = mq.ProximalPoint()
    assert method.A == method.B == method.U == method.V == ((1,),)


def test_lookahead_moves_half_of_the_way_to_the_fast_weights():
    fast = X
    for _ in range(3):
        fast += H * f(fast)
    assert step(mq.Lookahead(mq.GradientDescent(), steps=3, alpha="1/2"), [X]) == [X + (fast - X) / 2]


def test_lookahead_keeps_the_velocity_of_its_inner_method():
    x, v = X, V
    for _ in range(2):
        v = Fraction(9, 10) * v + H * f(x)
        x += v
    assert step(mq.Lookahead(mq.HeavyBall(0.9), steps=2, alpha="1/4"), [X, V]) == [X + (x - X) / 4, v]


def test_composed_gradient_descent_takes_its_steps_one_after_the_other():
    x = X + H * f(X)
    assert step(mq.compose(mq.GradientDescent(), mq.GradientDescent()), [X]) == [x + H * f(x)]


def test_composed_heavy_balls_hand_on_their_velocity():
    x, v = X, V
    for _ in range(2):
        v = Fraction(1, 2) * v + H * f(x)
        x += v
    assert step(mq.compose(mq.HeavyBall(0.5), mq.HeavyBall(0.5)), [X, V]) == [x, v]


@pytest.mark.parametrize(
    ("method", "explicit"), [(mq.GradientDescent(), True), (mq.HeavyBall(0.9), True), (mq.Nesterov(0.9), True), (mq.ProximalPoint(), False)]
)
def test_only_methods_that_solve_equations_are_implicit(method, explicit):
    assert method.is_explicit is explicit


def test_methods_without_memory_have_one_state():
    assert [m.states for m in (mq.GradientDescent(), mq.Extragradient(), mq.HeavyBall(0.9))] == [1, 1, 2]


def test_state_at_rest_of_heavy_ball_has_no_velocity():
    u, _ = mq.HeavyBall("beta").invariants
    assert u == (1, 0)

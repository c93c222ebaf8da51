"""Composed methods: one map made of several steps."""

import pytest

import modeq as mq


def test_one_method_composed_alone_has_the_same_modified_equation():
    alone = mq.modified_equation(mq.compose(mq.HeavyBall("beta")), order=4)
    assert alone.series == mq.modified_equation(mq.HeavyBall("beta"), order=4).series


def test_composition_is_associative():
    gd, rk, prox = mq.GradientDescent(), mq.Extragradient(), mq.ProximalPoint()
    left = mq.compose(mq.compose(gd, rk), prox)
    right = mq.compose(gd, mq.compose(rk, prox))
    assert mq.modified_equation(left, order=5).series == mq.modified_equation(right, order=5).series


@pytest.mark.parametrize("method", [mq.GradientDescent(), mq.HeavyBall("beta"), mq.Nesterov("beta"), mq.ProximalPoint()])
@pytest.mark.parametrize("steps", [2, 3])
def test_k_steps_as_one_map_follow_k_times_the_same_field(method, steps):
    # Φ^k is the time-kh flow of the modified field of Φ, so every coefficient is multiplied by k.
    several = mq.modified_equation(mq.compose(*[method] * steps), order=4)
    once = mq.modified_equation(method, order=4)
    assert all(_vanishes(b - steps * one) for b, one in _pairs(several, once))


def _pairs(left, right):
    return zip(left.series.coefficients, right.series.coefficients, strict=True)


def _vanishes(value):
    return value == 0 or value.simplify() == 0


def test_methods_with_different_memories_keep_them_apart():
    assert mq.compose(mq.HeavyBall(0.9), mq.HeavyBall(0.5), mq.GradientDescent()).states == 3


def test_different_memories_compose_to_the_sum_of_their_fields_at_first_order():
    b = mq.modified_equation(mq.compose(mq.HeavyBall("1/2"), mq.HeavyBall("2/3"), mq.GradientDescent()), order=1).coefficient("[]")
    assert b == 2 + 3 + 1


def test_on_field_moves_all_stages_to_one_colour():
    assert mq.Extragradient().on_field(2).colours == (2, 2)


def test_composition_collects_the_colours_in_order():
    assert mq.compose(mq.GradientDescent().on_field(1), mq.Extragradient()).colours == (1, 0, 0)


def test_a_composition_can_be_named():
    assert str(mq.compose(mq.GradientDescent(), mq.GradientDescent(), name="two steps")) == "two steps"


def test_equal_steps_are_counted_in_the_name():
    assert str(mq.compose(mq.GradientDescent(), mq.GradientDescent())) == "2 steps of gradient descent"


def test_lookahead_that_moves_all_the_way_is_its_inner_steps():
    whole = mq.modified_equation(mq.Lookahead(mq.GradientDescent(), steps=3, alpha=1), order=5)
    assert whole.series == mq.modified_equation(mq.compose(*[mq.GradientDescent()] * 3), order=5).series


def test_lookahead_of_one_step_is_gradient_descent_with_a_smaller_learning_rate():
    slow = mq.modified_equation(mq.Lookahead(mq.GradientDescent(), steps=1, alpha="1/3"), order=5)
    gd = mq.modified_equation(mq.GradientDescent(), order=5)
    assert all(b == one / 3**tree.order for (tree, b, _), (_, one, _) in zip(slow.terms(), gd.terms(), strict=True))

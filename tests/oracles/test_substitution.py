"""Identities between series that hold for every method: flow of the modified field = method, and the inverse problem.

P. Chartier, E. Hairer, G. Vilmart, Found. Comput. Math. 10 (2010) 407–427, doi:10.1007/s10208-010-9065-1.
"""

import pytest
import sympy

import modeq as mq
from modeq.series import identity_field, substitution_quotient

GD = mq.GradientDescent()
ROOT3 = sympy.sqrt(3)
METHODS = {
    "gradient descent": GD,
    "proximal point": mq.ProximalPoint(),
    "extragradient": mq.Extragradient(),
    "heavy ball": mq.HeavyBall("beta"),
    "heavy ball 9/10": mq.HeavyBall(0.9),
    "Nesterov": mq.Nesterov("beta"),
    "lookahead": mq.Lookahead(GD, steps=3, alpha="a"),
    "lookahead of heavy ball": mq.Lookahead(mq.HeavyBall("2/3"), steps=2),
    "three steps": mq.compose(GD, GD, GD),
    "two momenta": mq.compose(mq.HeavyBall("1/2"), mq.Nesterov("1/3")),
    "Gauss": mq.RungeKutta([["1/4", sympy.Rational(1, 4) - ROOT3 / 6], [sympy.Rational(1, 4) + ROOT3 / 6, "1/4"]], ["1/2", "1/2"]),
    "alternating": mq.compose(GD, GD.on_field(1)),
    "alternating with momentum": mq.compose(mq.HeavyBall("beta"), mq.HeavyBall("beta").on_field(1)),
    "three minibatches": mq.compose(GD, GD.on_field(1), GD.on_field(2)),
}


def order_for(method, plain):
    return plain if method.fields == 1 else plain - 2


def equal(left, right):
    return all(a == b or sympy.cancel(a - b) == 0 for a, b in zip(left.coefficients, right.coefficients, strict=True))


@pytest.mark.parametrize("name", METHODS)
def test_time_h_flow_of_the_modified_field_is_one_step(name):
    method = METHODS[name]
    order = order_for(method, 5)
    modified = mq.modified_equation(method, order=order).series
    assert equal(mq.substitution(modified, mq.exact_flow(order, colours=method.fields)), mq.elementary_weights(method, order))


@pytest.mark.parametrize("name", METHODS)
def test_modified_field_is_the_logarithm_of_the_step(name):
    method = METHODS[name]
    order = order_for(method, 5)
    logarithm = substitution_quotient(mq.elementary_weights(method, order), mq.exact_flow(order, colours=method.fields))
    assert equal(logarithm, mq.modified_equation(method, order=order).series)


@pytest.mark.parametrize("name", METHODS)
def test_method_given_its_modifying_field_lands_on_the_exact_flow(name):
    method = METHODS[name]
    order = order_for(method, 4)
    modifying = mq.modifying_equation(method, order=order).series
    assert equal(mq.substitution(modifying, mq.elementary_weights(method, order)), mq.exact_flow(order, colours=method.fields))


@pytest.mark.parametrize("name", METHODS)
def test_modifying_field_is_the_two_sided_inverse_of_the_modified_field(name):
    method = METHODS[name]
    order = order_for(method, 4)
    modified, modifying = mq.modified_equation(method, order=order).series, mq.modifying_equation(method, order=order).series
    identity = identity_field(order, colours=method.fields)
    assert equal(mq.substitution(modifying, modified), identity)
    assert equal(mq.substitution(modified, modifying), identity)


@pytest.mark.parametrize("name", METHODS)
def test_composing_a_method_with_itself_composes_its_series(name):
    method = METHODS[name]
    order = order_for(method, 5)
    once = mq.elementary_weights(method, order)
    assert equal(mq.elementary_weights(mq.compose(method, method), order), mq.composition(once, once))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (GD, mq.ProximalPoint()),
        (mq.Extragradient(), GD),
        (mq.RungeKutta([["1/2"]], [1]), mq.Extragradient()),
        (GD, GD.on_field(1)),
    ],
)
def test_composing_methods_without_memory_composes_their_series(first, second):
    both = mq.compose(first, second)
    order = 5 if both.fields == 1 else 4
    if both.fields == 1:
        left, right = mq.elementary_weights(first, order), mq.elementary_weights(second, order)
    else:  # let both series speak of the same colours, by a stage of weight 0
        left = mq.elementary_weights(mq.RungeKutta([[0, 0], [0, 0]], [1, 0], colours=[0, 1]), order)
        right = mq.elementary_weights(mq.RungeKutta([[0, 0], [0, 0]], [0, 1], colours=[0, 1]), order)
    assert mq.elementary_weights(both, order) == mq.composition(left, right)


def test_explicit_and_implicit_euler_are_inverse_to_each_other_with_time_reversed():
    # Φ*_h = Φ_{−h}⁻¹: Hairer, Lubich, Wanner 2006, II.3.
    order = 6
    inverse = mq.inverse(mq.elementary_weights(GD, order))
    reversed_inverse = tuple((-1) ** tree.order * inverse[tree] for tree in inverse.trees)
    assert mq.FlowSeries(order, 1, reversed_inverse) == mq.elementary_weights(mq.ProximalPoint(), order)

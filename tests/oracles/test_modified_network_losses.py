"""Modified losses of networks against Hessian–vector products and the modified field, which do without trees."""

import numpy as np
import pytest

import modeq as mq

RNG = np.random.default_rng(7)
X = RNG.normal(size=(8, 2))
Y = RNG.normal(size=8)
H = 0.2


@pytest.fixture(scope="module")
def net():
    return mq.losses.mlp((2, 3, 1), "tanh", "mean-squared", X, Y)


@pytest.fixture(scope="module")
def theta(net):
    return np.random.default_rng(8).normal(size=net.dimension)


def modified(method, order):
    return mq.modified_equation(method, order).modified_loss()


def differences(E, theta, v, step=1e-5):
    """Slope of E along v by central differences, with an error of about 1e-10."""
    return (E(theta + step * v) - E(theta - step * v)) / (2 * step)


@pytest.mark.parametrize(
    "method", [mq.GradientDescent(), mq.HeavyBall("1/2"), mq.Nesterov("1/2"), mq.ProximalPoint()], ids=lambda m: m.name
)
def test_of_order_two_its_gradient_is_the_modified_field(net, theta, method):
    loss = modified(method, 2)
    field = mq.modified_equation(method, 2).on(net)(theta, H)
    np.testing.assert_allclose(-float(loss.time_scale) * loss.on(net, H).gradient(theta), field, rtol=1e-12, atol=1e-13)


def test_of_order_two_its_value_has_the_squared_slope(net, theta):
    assert modified(mq.GradientDescent(), 2).on(net, H)(theta) == pytest.approx(net(theta) + H / 4 * np.sum(net.gradient(theta) ** 2))


def test_of_order_three_the_hessian_twice_is_left(net, theta):
    rest = mq.modified_equation(mq.GradientDescent(), 3).on(net)(theta, H) + modified(mq.GradientDescent(), 3).on(net, H).gradient(theta)
    twice = net.hvp(theta, net.hvp(theta, net.gradient(theta)))
    np.testing.assert_allclose(rest, -(H**2) / 6 * twice, rtol=1e-10, atol=1e-12)


def test_of_order_four_two_more_terms_are_left(net, theta):
    """Those with b of [[[[]]]] and [[[],[]]] less b of the rootings of their free trees in the loss."""
    loss = modified(mq.GradientDescent(), 4)
    rest = mq.modified_equation(mq.GradientDescent(), 4).on(net)(theta, H) + loss.on(net, H).gradient(theta)
    g = net.gradient(theta)
    first = net.hvp(theta, g)
    terms = {
        "[[[]]]": H**2 * net.hvp(theta, first) * -1,
        "[[[[]]]]": H**3 * net.hvp(theta, net.hvp(theta, first)),
        "[[[],[]]]": H**3 / 2 * net.hvp(theta, net.third(theta, g, g)),
    }
    assert {str(condition.tree) for condition in loss.conditions} == set(terms)
    np.testing.assert_allclose(rest, sum(float(loss.remainder[tree]) * term for tree, term in terms.items()), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_its_gradient_is_the_slope_of_its_value(net, theta, order):
    loss = modified(mq.GradientDescent(), order).on(net, H)
    v = np.random.default_rng(9).normal(size=net.dimension)
    assert loss.gradient(theta) @ v == pytest.approx(differences(loss, theta, v), rel=1e-7)


def test_its_hessian_is_the_slope_of_its_gradient(net, theta):
    loss = modified(mq.GradientDescent(), 2).on(net, H)
    v = np.random.default_rng(10).normal(size=net.dimension)
    slope = (loss.gradient(theta + 1e-5 * v) - loss.gradient(theta - 1e-5 * v)) / 2e-5
    np.testing.assert_allclose(loss.hvp(theta, v), slope, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(loss.hessian(theta) @ v, slope, rtol=1e-6, atol=1e-8)


def test_it_takes_complex_points_as_the_network_does(net, theta):
    loss = modified(mq.GradientDescent(), 2).on(net, H)
    v = np.random.default_rng(11).normal(size=net.dimension)
    assert loss(theta + 1e-30j * v).imag / 1e-30 == pytest.approx(loss.gradient(theta) @ v, rel=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: mq.losses.mlp((2, 3, 1), "relu", "logistic", X, (Y > 0).astype(float)),
        lambda: mq.losses.mlp((2, 3, 3), "softplus", "softmax", X, np.arange(8) % 3, weight_decay=0.1),
        lambda: mq.losses.deep_linear((2, 2, 1)),
    ],
    ids=["relu", "softmax", "deep linear"],
)
def test_other_networks_have_the_squared_slope_too(make):
    E = make()
    theta = np.random.default_rng(12).normal(size=E.dimension)
    loss, g = modified(mq.GradientDescent(), 2).on(E, H), E.gradient(theta)
    assert loss(theta) == pytest.approx(E(theta) + H / 4 * g @ g, rel=1e-12)
    v = np.random.default_rng(13).normal(size=E.dimension)
    assert loss.gradient(theta) @ v == pytest.approx(differences(loss, theta, v), rel=1e-7)


def test_one_compiled_module_serves_all_methods_and_step_sizes(net):
    first = modified(mq.GradientDescent(), 2).on(net, 0.1)
    second = modified(mq.HeavyBall("0.9"), 2).on(net, 0.02)
    assert first.source == second.source

"""Updates that are not linear become smooth updates, run as written."""

import pickle

import numpy as np
import pytest

import modeq as mq
from modeq.graph.algebra import NumpyAlgebra


def run(method, field, theta, h, steps):
    state = method.rest(np.array(theta))
    for n in range(steps):
        state = method.step(state, h, n, lambda colour, x: field(x), NumpyAlgebra())
    return state


def slope(x):
    return -np.array([x[0] ** 3 - x[1], np.sin(x[1])])


SMOOTH = {
    "square": lambda theta, h, f: theta + h * f(theta) ** 2,
    "product": lambda theta, h, f: theta + h * f(theta) * theta,
    "reciprocal": lambda theta, h, f: theta + h / f(theta),
    "NumPy's sine": lambda theta, h, f: theta + h * np.sin(f(theta)),
    "norm": lambda theta, h, f: theta + h * f(theta) / np.linalg.norm(f(theta)),
    "inner product": lambda theta, h, f: theta + h * f(theta) * np.dot(theta, f(theta)),
    "square of h": lambda theta, h, f: theta + (h + h**2) * f(theta),
    "decay": lambda theta, h, f: theta * (1 - 0.1 * h) + h * f(theta),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_smooth_update_does_what_is_written(name):
    update, theta = SMOOTH[name], np.array([0.8, 0.5])
    made = mq.method(update)()
    assert made.linear is None
    assert np.allclose(run(made, slope, theta, 0.1, 1)[0], update(theta, 0.1, slope), rtol=1e-15)


def test_the_number_of_the_step_counts_from_zero():
    @mq.method
    def later(theta, h, f, *, n):
        return theta + h * (n + 2) * f(theta) / 0.5 ** (n + 1)

    theta = np.array([0.8, 0.5])
    first = theta + 0.01 * 2 * slope(theta) / 0.5
    assert later().needs_n
    assert np.allclose(run(later(), slope, theta, 0.01, 2)[0], first + 0.01 * 3 * slope(first) / 0.25, rtol=1e-14)


def test_memory_starts_where_a_zero_field_leaves_it():
    @mq.method(memory=("last", "v"))
    def update(theta, last, v, h, f):
        g = f(theta)
        return theta + h * g / (1 + v) + (theta - last) / 2, theta, v / 2 + g * g

    state = update().rest(np.array([1.0, 3.0]))
    assert np.array_equal(state, [[1.0, 3.0], [1.0, 3.0], [0.0, 0.0]])


def test_memory_starts_where_the_user_says():
    @mq.method(memory="v", start={"v": 0.1})
    def update(theta, v, h, f):
        g = f(theta)
        return theta + h * g / v, v + g * g

    assert np.array_equal(update().rest(np.array([1.0, 3.0]))[1], [0.1, 0.1])


def test_true_and_false_choose_between_updates():
    @mq.method(memory=("v",))
    def sgd(theta, v, h, f, *, rho, nesterov):
        v = rho * v + f(theta)
        return theta + h * (f(theta) + rho * v if nesterov else v), v

    assert sgd(rho="rho", nesterov=False).V == mq.HeavyBall("rho").V
    assert sgd(rho=0.9, nesterov=True).B != sgd(rho=0.9, nesterov=False).B


def test_an_integer_parameter_counts_a_loop():
    @mq.method
    def several(theta, h, f, *, times):
        for _ in range(times):
            theta = theta + h * f(theta)
        return theta

    assert several(times=3).stages == 3


def test_a_step_with_kinks_can_be_iterated_only_if_asked_for():
    made = mq.method(smooth=False)(lambda theta, h, f: theta + h * np.sign(f(theta)))()
    theta = np.array([0.8, 0.5])
    assert np.allclose(run(made, slope, theta, 0.1, 1)[0], theta + 0.1 * np.sign(slope(theta)), rtol=1e-15)
    assert made.kinks == ("sign",)
    with pytest.raises(ValueError, match="needs a smooth update, but <lambda> uses sign"):
        made.require_smooth("a flow")


def test_symbolic_parameters_get_their_numbers_later():
    assert mq.Adam("beta1", "beta2", "eps").with_parameters(beta1=0.9, beta2=0.99, eps=1e-8) == mq.Adam(0.9, 0.99, 1e-8)
    with pytest.raises(ValueError, match="no free parameter 'gamma'; its free parameters: beta1"):
        mq.Adam("beta1").with_parameters(gamma=1)


def test_a_smooth_update_survives_pickling():
    assert pickle.loads(pickle.dumps(mq.Adam("beta1"))) == mq.Adam("beta1")


def test_linear_forms_are_asked_for_in_words():
    with pytest.raises(ValueError, match=r"needs an update that is linear.*Adam is not.*'map'"):
        mq.principal_flow(mq.Adam())

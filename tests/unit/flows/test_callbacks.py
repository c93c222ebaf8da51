"""C callbacks give the same numbers as the flow."""

import ctypes

import numpy as np
import pytest

import modeq as mq

POINT = np.array([0.6, 0.5])


def called(callback, point, par):
    """Call void f(double, scalar*, double*, scalar*) through its address, as C would."""
    signature = ctypes.CFUNCTYPE(None, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    point, out = np.ascontiguousarray(point), np.zeros_like(point)
    signature(callback.address)(0.0, point.ctypes.data, par.ctypes.data, out.ctypes.data)
    return out


@pytest.fixture(scope="module")
def series():
    return mq.modified_equation(mq.GradientDescent(), 2).on(mq.losses.rosenbrock())


def test_a_real_callback(series):
    np.testing.assert_allclose(called(series.c_callback(), POINT, series.parameters(0.1)), series(POINT, 0.1), rtol=1e-14)


def test_a_complex_callback(series):
    point = POINT + np.array([0.2j, -0.1j])
    found = called(series.c_callback(complex_state=True), point, series.parameters(0.1))
    np.testing.assert_allclose(found, series(point, 0.1), rtol=1e-14)


def test_the_callback_of_a_principal_flow_is_complex():
    flow = mq.principal_flow(mq.GradientDescent()).on(mq.losses.rosenbrock())
    point = POINT.astype(complex)
    np.testing.assert_allclose(called(flow.c_callback(), point, flow.parameters(1e-3)), flow(POINT, 1e-3), rtol=1e-13)


def test_the_parameters_of_the_loss_follow_the_step_size():
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("a*x**2", ["x"], {"a": 3}))
    assert called(flow.c_callback(), np.array([2.0]), np.array([0.1, 5.0])) == pytest.approx([-20.0])


def test_a_principal_flow_has_no_real_callback():
    flow = mq.principal_flow(mq.GradientDescent()).on(mq.losses.rosenbrock())
    with pytest.raises(ValueError, match="complex_state=True"):
        flow.c_callback(complex_state=False)

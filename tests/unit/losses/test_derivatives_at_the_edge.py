"""Derivatives where a careless formula overflows or divides zero by zero."""

import numpy as np
import pytest

import modeq as mq


@pytest.mark.parametrize("exponent", ["2.5", "7/3", "65"])
def test_powers_above_two_have_no_slope_and_no_curvature_at_zero(exponent):
    E = mq.Loss.from_sympy(f"x**({exponent})" if exponent != "65" else "x**60*x**5", ["x"])
    assert E.gradient([0.0]) == 0.0
    assert E.hessian([0.0]) == 0.0


def test_softplus_is_flat_far_out():
    E = mq.Loss.from_sympy("log(1 + exp(x))", ["x"])
    assert abs(E.hessian([400.0])[0, 0]) < 1e-15


def test_the_curvature_of_a_logarithm_keeps_its_sign_far_out():
    E = mq.Loss.from_sympy("log(1 + x**2)", ["x"])
    np.testing.assert_allclose(E.hessian([1e100])[0, 0], -2e-200, rtol=1e-12)

"""Krylov spaces that end where a solver could not make use of more."""

from __future__ import annotations

import numpy as np
import pytest

import modeq as mq


def network() -> mq.Loss:
    data = mq.data.chebyshev(3, 20)
    return mq.losses.mlp((1, 30, 1), "tanh", "mean-squared", data.X, data.y)  # 91 parameters


@pytest.mark.parametrize("rtol", [1e-3, 1e-5, 1e-7])
def test_the_field_of_two_steps_is_within_the_tolerance_of_that_by_all_eigenvectors(rtol: float) -> None:
    E = network()
    h = 0.3
    theta = mq.iterate(mq.GradientDescent(), E, mq.losses.xavier(E, 0), h=h, steps=50).theta[-1]
    exact = mq.whole_state_flow(mq.GradientDescent(), steps=2, hessian="dense").on(E)(theta, h)
    flow = mq.whole_state_flow(mq.GradientDescent(), steps=2).on(E)
    error = 2 * h * np.linalg.norm(flow.within(rtol)(theta, h) - exact) / np.linalg.norm(theta)
    assert error < rtol
    assert np.linalg.norm(flow(theta, h) - exact) < 1e-8 * np.linalg.norm(exact)


def test_the_principal_flow_beyond_one_is_within_the_tolerance_too() -> None:
    data = mq.data.chebyshev(3, 20)
    E = mq.losses.mlp((1, 40, 1), "tanh", "mean-squared", data.X, data.y)  # 121 parameters
    theta = mq.losses.xavier(E, 0)
    h = 1.28 / E.sharpness(theta)
    exact = mq.principal_flow(mq.GradientDescent(), hessian="dense").on(E)(theta, h)
    found = mq.principal_flow(mq.GradientDescent()).on(E).within(1e-6)(theta, h)
    assert h * np.linalg.norm(found - exact) / np.linalg.norm(theta) < 1e-6


def test_exact_flows_are_their_own() -> None:
    flow = mq.gradient_flow().on(mq.losses.rosenbrock())
    assert flow.within(1e-3) is flow
    degree_two = mq.whole_state_flow(mq.GradientDescent(), steps=2, degree=2).on(network())
    assert degree_two.within(1e-3) is degree_two

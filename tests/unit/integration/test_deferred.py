"""Deferred corrections of steps of the method: `solver="SDC"`."""

from __future__ import annotations

import numpy as np
import pytest

import modeq as mq
from modeq.integration.deferred import integrals

CYCLE = mq.Loss.from_sympy("1.05*x**2 - x**4/4 + y**2/5 + x**2*y/10", ["x", "y"])  # hS = 2.1: into a two-cycle
START = (0.1, 0.3)


def two_step(loss: mq.Loss = CYCLE) -> mq.Flow:
    return mq.whole_state_flow(mq.GradientDescent(), steps=2).on(loss)


def run(flow: mq.Flow, solver: str, rtol: float, **options: object) -> mq.Trajectory:
    settings: dict[str, object] = {"h": 1.0, "steps": 60, "rtol": rtol, "atol": rtol} | options
    return mq.integrate(flow, START, solver=solver, **settings)  # type: ignore[arg-type]


def test_the_integrals_of_the_interpolant_are_exact_for_polynomials() -> None:
    ends = np.array([0.5, 2.0, 3.0])
    for degree in (1, 3, 6):
        values = (np.arange(degree + 1.0) / degree) ** degree
        exact = ends * (ends / degree) ** degree / (degree + 1)
        np.testing.assert_allclose(integrals(ends, degree) @ values, exact, atol=1e-13)


@pytest.mark.parametrize("rtol", [1e-2, 1e-3, 1e-4])
def test_it_follows_the_flow_to_its_tolerance(rtol: float) -> None:
    exact = run(two_step(), "DOP853", 1e-11)
    found = run(two_step(), "SDC", rtol)
    assert found.completed
    assert np.abs(found.theta - exact.theta).max() < 3 * rtol


def test_it_takes_fewer_fields_where_the_flow_is_near_its_method() -> None:
    rtol = 1e-2
    assert 2 * run(two_step(), "SDC", rtol).evaluations < run(two_step(), "DOP853", rtol).evaluations


def test_below_the_error_of_the_flow_another_solver_takes_over() -> None:
    exact, found = run(two_step(), "DOP853", 1e-11), run(two_step(), "SDC", 1e-9)
    np.testing.assert_allclose(found.theta, exact.theta, atol=1e-7)
    assert np.abs(found.theta[::2] - mq.iterate(mq.GradientDescent(), CYCLE, START, h=1.0, steps=60).theta[::2]).max() > 1e-4


@pytest.mark.parametrize("steps", [1, 3, 7, 8])
def test_steps_that_are_no_whole_number_of_maps_are_done_too(steps: int) -> None:
    flow = two_step(mq.losses.quadratic([[1.9, 0], [0, 0.3]]))
    found = run(flow, "SDC", 1e-6, steps=steps, substeps=3)
    assert found.status == "completed"
    times = found.t_between[:, np.newaxis]
    exact = np.abs(1 - np.array([1.9, 0.3])) ** times * START  # of linear maps the flow is this power
    np.testing.assert_allclose(found.theta_between, exact, atol=2e-4)
    np.testing.assert_allclose(found.theta[::2], exact[::6], atol=1e-5)


def test_flows_whose_states_tell_no_steps_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="do not tell; take DOP853"):
        run(mq.RodFlow().on(CYCLE), "SDC", 1e-6)
    with pytest.raises(ValueError, match="one step size"):
        run(mq.gradient_flow().on(CYCLE), "SDC", 1e-6, steps=-4)

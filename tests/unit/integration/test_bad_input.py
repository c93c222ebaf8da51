"""Runs refuse bad arguments before they start."""

import numpy as np
import pytest

import modeq as mq

E = mq.losses.double_well()
FLOW = mq.gradient_flow().on(E)


def iterated(**changes):
    given = {"method": mq.GradientDescent(), "field": E, "theta0": [1.0], "h": 0.1, "steps": 2} | changes
    return mq.iterate(given.pop("method"), given.pop("field"), given.pop("theta0"), **given)


def integrated(**changes):
    given = {"flow": FLOW, "theta0": [1.0], "h": 0.1, "steps": 2} | changes
    return mq.integrate(given.pop("flow"), given.pop("theta0"), **given)


@pytest.mark.parametrize("run", [iterated, integrated])
@pytest.mark.parametrize("h", [0, -0.1, float("nan"), float("inf")])
def test_the_step_size_is_finite_and_positive(run, h):
    with pytest.raises(ValueError, match="step size h"):
        run(h=h)


@pytest.mark.parametrize("run", [iterated, integrated])
@pytest.mark.parametrize("h", ["small", None, {0.1}, 1j, True])
def test_the_step_size_is_a_number(run, h):
    with pytest.raises(TypeError, match="step size h"):
        run(h=h)


def test_the_number_of_iterations_is_not_negative():
    with pytest.raises(ValueError, match="steps"):
        iterated(steps=-1)


@pytest.mark.parametrize("run", [iterated, integrated])
@pytest.mark.parametrize("steps", [1.5, 2.0, "2", None, True, [2]])
def test_the_number_of_steps_is_an_integer(run, steps):
    with pytest.raises(TypeError, match="steps"):
        run(steps=steps)


@pytest.mark.parametrize("run", [iterated, integrated])
def test_a_numpy_integer_is_a_number_of_steps(run):
    assert len(run(steps=np.int64(3))) == 4


@pytest.mark.parametrize("run", [iterated, integrated])
@pytest.mark.parametrize("theta0", [[1.0, 2.0], [[[1.0]]], []])
def test_the_start_has_the_dimension_of_the_loss(run, theta0):
    with pytest.raises(ValueError, match=r"theta0.*shape"):
        run(theta0=theta0)


@pytest.mark.parametrize("run", [iterated, integrated])
@pytest.mark.parametrize("theta0", ["a", ["a"], {1}, [None]])
def test_the_start_is_made_of_numbers(run, theta0):
    with pytest.raises(TypeError, match="theta0"):
        run(theta0=theta0)


@pytest.mark.parametrize("run", [iterated, integrated])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), complex(0, float("nan"))])
def test_the_start_is_finite(run, value):
    with pytest.raises(ValueError, match="theta0 must be finite"):
        run(theta0=[value])


@pytest.mark.parametrize("method", [mq.GradientDescent, "gd", None])
def test_only_methods_are_run(method):
    with pytest.raises(TypeError, match="method"):
        iterated(method=method)


def test_a_method_without_brackets_is_told_to_use_them():
    with pytest.raises(TypeError, match=r"GradientDescent\(\)"):
        iterated(method=mq.GradientDescent)


@pytest.mark.parametrize("field", [np.sin, "rosenbrock", None])
def test_methods_run_on_losses_and_fields(field):
    with pytest.raises(TypeError, match="Loss or VectorField"):
        iterated(field=field)


def test_a_method_with_free_parameters_needs_numbers():
    with pytest.raises(ValueError, match=r"with_parameters\(beta"):
        iterated(method=mq.HeavyBall("beta"))


@pytest.mark.parametrize("start", ["fast", "", None, 1])
def test_a_start_is_rest_or_smooth(start):
    with pytest.raises(ValueError, match="'rest' or 'smooth'"):
        iterated(start=start)


@pytest.mark.parametrize("flow", [mq.gradient_flow(), "igr", None, E])
def test_only_flows_are_integrated(flow):
    with pytest.raises(TypeError, match="flow"):
        integrated(flow=flow)


@pytest.mark.parametrize("solver", ["RK4", "dop853", None, 5])
def test_an_unknown_solver_lists_the_known_ones(solver):
    with pytest.raises(ValueError, match="DOP853"):
        integrated(solver=solver)


@pytest.mark.parametrize("name", ["rtol", "atol"])
@pytest.mark.parametrize("value", [0, -1e-3, float("nan"), float("inf"), "1e-3", None, [1e-3]])
def test_tolerances_are_positive_numbers(name, value):
    with pytest.raises((TypeError, ValueError), match=f"{name} must be a number > 0"):
        integrated(**{name: value})


@pytest.mark.parametrize("limit", ["100", None, -5, 0, 1.5])
def test_the_limit_of_evaluations_is_a_positive_integer(limit):
    with pytest.raises((TypeError, ValueError), match="max_evaluations"):
        integrated(max_evaluations=limit)

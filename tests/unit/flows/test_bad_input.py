"""Bad steps, points, fields and equations are refused before anything is compiled."""

from fractions import Fraction

import numpy as np
import pytest

import modeq as mq

FLOW = mq.gradient_flow().on(mq.losses.double_well())


@pytest.mark.parametrize("h", [0, 0.0, -0.1, float("nan"), float("inf"), -float("inf"), pytest.param(10**400, id="huge")])
def test_a_step_size_is_finite_and_positive(h):
    with pytest.raises(ValueError, match=r"finite and > 0"):
        FLOW.parameters(h)


@pytest.mark.parametrize("h", ["small", None, [0.1], np.array([0.1]), 0.1j, True, {}])
def test_a_step_size_is_a_number(h):
    with pytest.raises(TypeError, match="number > 0"):
        FLOW.parameters(h)


@pytest.mark.parametrize("h", [1, np.float32(0.5), np.int64(2), Fraction(1, 4)])
def test_every_kind_of_real_number_is_a_step_size(h):
    assert FLOW.parameters(h)[0] == float(h)


@pytest.mark.parametrize("theta", [[1.0, 2.0], np.zeros((1, 1)), []])
def test_a_point_has_the_dimension_of_the_loss(theta):
    with pytest.raises(ValueError, match="shape"):
        FLOW(theta, 0.1)


def test_an_equation_is_bound_to_a_loss():
    for equation in (mq.gradient_flow(), mq.principal_flow(mq.GradientDescent()), mq.modifying_equation(mq.GradientDescent(), 2)):
        with pytest.raises(TypeError, match="Loss or VectorField"):
            equation.on(lambda x: x**2)


def test_a_method_with_two_fields_needs_two_parts():
    alternating = mq.compose(mq.GradientDescent().on_field(0), mq.GradientDescent().on_field(1))
    with pytest.raises(ValueError, match=r"2 fields.*VectorField\.(split|game)"):
        mq.modified_equation(alternating, 2).on(mq.losses.rosenbrock())


def test_a_principal_flow_needs_numbers_for_the_parameters_of_the_method():
    with pytest.raises(ValueError, match="with_parameters"):
        mq.principal_flow(mq.HeavyBall("beta")).on(mq.losses.rosenbrock())


def test_compiling_needs_numbers_for_the_parameters_of_the_method():
    flow = mq.modified_equation(mq.HeavyBall("beta"), 2).on(mq.losses.rosenbrock())
    with pytest.raises(ValueError, match=r"symbolic.*with_parameters"):
        flow.kernel  # noqa: B018 - compiled on first use


def test_expressions_keep_symbolic_parameters_of_the_method():
    column = mq.modified_equation(mq.HeavyBall("beta"), 1).on(mq.losses.double_well()).expressions()
    assert {s.name for s in column.free_symbols} == {"x", "beta"}


def test_a_principal_flow_has_no_expressions_and_says_what_to_do():
    with pytest.raises(ValueError, match="modified_equation"):
        mq.principal_flow(mq.GradientDescent()).on(mq.losses.rosenbrock()).expressions()


@pytest.mark.parametrize("points", [[1.0, 2.0], np.zeros((3, 2)), np.zeros((1, 2, 3)), 1.0])
def test_a_batch_has_one_column_for_each_point(points):
    with pytest.raises(ValueError, match=r"shape \(1, k\)"):
        FLOW.batch(points, 0.1)


@pytest.mark.parametrize("name", ["field", "field.txt", "field.py.bak"])
def test_an_export_is_a_python_file(name, tmp_path):
    with pytest.raises(ValueError, match=r"\.py"):
        FLOW.export(tmp_path / name)

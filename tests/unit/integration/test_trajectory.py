"""Trajectories know their length, their loss and how they ended."""

import numpy as np
import pytest

import modeq as mq
from modeq.integration.trajectory import check_finite, check_steps


def path(status="completed", field=None):
    theta = np.array([[1.0], [2.0 + 1j]])
    return mq.Trajectory(np.array([0.0, 0.1]), theta, status, "words", 5, field or mq.losses.double_well())


def test_the_length_is_the_number_of_points():
    assert len(path()) == 2


def test_the_loss_is_taken_at_real_parts():
    np.testing.assert_allclose(path().loss, [-0.25, 2.0])


def test_fields_have_no_loss():
    assert path(field=mq.VectorField.from_sympy(["x"], ["x"])).loss is None


@pytest.mark.parametrize(("status", "expected"), [("completed", True), ("stalled", False), ("diverged", False)])
def test_only_completed_runs_are_completed(status, expected):
    assert path(status).completed is expected


def test_check_steps_returns_python_integers():
    assert type(check_steps(np.int32(4))) is int


def test_check_finite_returns_the_point():
    point = np.array([1.0, 2.0])
    assert check_finite(point, "x") is point

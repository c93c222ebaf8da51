"""Compiled code is given points of the right shape only, and what it cannot divide becomes a status."""

import copy
import csv
import pickle

import numpy as np
import pytest

import modeq as mq

E = mq.losses.rosenbrock()
FLOW = mq.modified_equation(mq.GradientDescent(), order=2).on(E)


@pytest.mark.parametrize("point", [[1.0], [1.0, 2.0, 3.0], 1.0, [[1.0, 2.0]]])
def test_a_right_hand_side_refuses_points_of_another_shape(point):
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        FLOW.rhs(1e-3)(0.0, point)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, ">f8"])
def test_a_right_hand_side_takes_any_real_type(dtype):
    expected = FLOW([1.0, 2.0], 1e-3)
    np.testing.assert_array_equal(FLOW.rhs(1e-3)(0.0, np.array([1, 2], dtype=dtype)), expected)


@pytest.mark.parametrize("formula", ["1/(x - 1)", "log(x - 1)"])
def test_a_pole_at_the_start_is_a_status(formula):
    loss = mq.Loss.from_sympy(formula, ["x"])
    report = mq.compare(mq.GradientDescent(), loss, [1.0], h=0.1, steps=3, flows=["principal"])
    assert report.trajectories["principal"].status != "completed"
    assert len(report.trajectories["principal"]) == 1


def test_nothing_moves_along_a_singular_direction_without_gradient():
    """hλ = 1 in x, but the gradient has no x-component: gradient descent halves y and leaves x alone."""
    loss = mq.losses.quadratic([[1, 0], [0, "1/2"]])
    path = mq.integrate(mq.principal_flow(mq.GradientDescent()).on(loss), [0.0, 1.0], h=1.0, steps=3)
    np.testing.assert_allclose(path.theta[:, 1].real, [1.0, 0.5, 0.25, 0.125], rtol=1e-8)
    assert path.completed


def test_eigenvalues_of_very_different_size_keep_their_digits():
    """The small eigenvalue, hλ = 1/2, next to one of size 10¹¹."""
    loss = mq.Loss.from_sympy("10**12*x**2/2 + y**2/2", ["x", "y"])
    value = mq.principal_flow(mq.GradientDescent()).on(loss)([1.0, 1.0], 0.5)
    large = 0.5e12
    np.testing.assert_allclose(value[1], np.log(0.5) / 0.5, rtol=1e-12)
    np.testing.assert_allclose(value[0], (np.log(large - 1) + 1j * np.pi) / 0.5, rtol=1e-12)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize(
    "thing",
    [mq.HeavyBall("beta"), mq.modified_equation(mq.HeavyBall("beta"), 2), mq.modifying_equation(mq.GradientDescent(), 2)],
    ids=["method", "modified", "modifying"],
)
def test_methods_and_equations_can_be_copied(clone, thing):
    assert clone(thing) == thing


def test_flows_can_be_pickled():
    again = pickle.loads(pickle.dumps(FLOW))
    np.testing.assert_array_equal(again([0.3, 0.4], 1e-3), FLOW([0.3, 0.4], 1e-3))


def test_a_flow_on_another_loss_is_refused():
    with pytest.raises(ValueError, match="bound to"):
        mq.compare(mq.GradientDescent(), mq.losses.booth(), [1.0, 1.0], h=1e-3, steps=2, flows=[FLOW])


def test_a_field_can_be_called_like_a_column(tmp_path):
    loss = mq.Loss.from_sympy("loss**2 + t**2 + n**2", ["loss", "t", "n"])
    report = mq.compare(mq.GradientDescent(), loss, [1.0, 2.0, 3.0], h=0.1, steps=2, flows=["gradient"])
    header, first, *_ = csv.reader(report.to_csv(tmp_path / "run.csv").read_text().splitlines())
    row = dict(zip(header, first, strict=True))
    assert (row["n"], float(row["loss"]), float(row["theta.loss"])) == ("0", 14.0, 1.0)

"""Flows with jumps: held against the method window by window, and moved by its own steps where the flow does not follow."""

import pickle

import numpy as np
import pytest

import modeq as mq
from modeq.flows.flow import Piece, Windows
from modeq.integration.windows import WindowedSolver

GD = mq.GradientDescent()
JUMPING = mq.whole_state_flow(GD, steps=2, jumps=True)
QUARTIC = mq.Loss.from_sympy("x**4/4 + x**2/8", ["x"])  # from 0.7 with h = 1 the first two steps turn x over


def test_a_window_that_turns_a_direction_over_is_the_method_itself():
    path = mq.integrate(JUMPING.on(QUARTIC), [0.7], h=1.0, steps=4)
    iterates = mq.iterate(GD, QUARTIC, [0.7], h=1.0, steps=4).theta
    assert path.jumps == (0,)
    assert path.completed
    assert path.message == "4 steps; jumped once with 2 steps of the method, from step 0"
    assert path.theta[2, 0] == pytest.approx(iterates[2, 0], rel=1e-15)
    assert 0 < abs(path.theta[4, 0] - iterates[4, 0]) < 0.05 * abs(iterates[4, 0] - iterates[2, 0])


def test_between_its_ends_a_jump_is_a_straight_line():
    path = mq.integrate(JUMPING.on(QUARTIC), [0.7], h=1.0, steps=4, substeps=2, dense_output=True)
    np.testing.assert_allclose(path.theta_between[:5, 0], np.linspace(0.7, path.theta[2, 0].real, 5), atol=1e-15)
    np.testing.assert_allclose(path.solution(1.5)[0], path.theta_between[3, 0], atol=1e-15)


def test_where_the_flow_follows_all_is_as_without_jumps():
    E = mq.Loss.from_sympy("2.02*x**2/2 - x**4/4", ["x"])
    with_jumps = mq.integrate(JUMPING.on(E), [0.05], h=1.0, steps=100)
    without = mq.integrate(mq.whole_state_flow(GD, steps=2).on(E), [0.05], h=1.0, steps=100)
    assert with_jumps.jumps == ()
    np.testing.assert_allclose(with_jumps.theta, without.theta, atol=1e-9)
    assert with_jumps.evaluations < 1.5 * without.evaluations  # the solver goes on over the ends of windows
    assert with_jumps.message == without.message == "100 steps"


@pytest.mark.parametrize("solver", ["RK45", "DOP853", "Radau", "BDF", "LSODA"])
def test_with_every_solver(solver):
    path = mq.integrate(JUMPING.on(QUARTIC), [0.7], h=1.0, steps=6, solver=solver, rtol=1e-8, atol=1e-10)
    reference = mq.integrate(JUMPING.on(QUARTIC), [0.7], h=1.0, steps=6)
    assert path.jumps == (0,)
    np.testing.assert_allclose(path.theta, reference.theta, atol=1e-5)


def test_an_odd_last_step_is_not_judged():
    path = mq.integrate(JUMPING.on(QUARTIC), [0.7], h=1.0, steps=5)
    assert path.completed
    assert len(path) == 6


def test_the_first_steps_of_a_network_from_random_weights():
    """With hλ = 2.2 at the start the flow alone stops at once; with one jump it follows to the end."""
    sample = mq.data.breast_cancer(inputs=4)
    E = mq.losses.mlp((4, 5, 1), "tanh", "mean-squared", sample.X, sample.signs())
    report = mq.compare(GD, E, mq.losses.xavier(E, 2), h=1.4, steps=30, flows=["two-step+jumps", "rod"], rtol=1e-6, atol=1e-8)
    path = report.trajectories["two-step+jumps"]
    assert path.completed
    assert len(path.jumps) <= 3
    assert 10 * np.nanmean(report.errors["two-step+jumps"][1:]) < np.nanmean(report.average_errors["rod"])


def test_a_field_that_is_infinite_is_jumped_over():
    """The map of a valley whose minimum is reached in one step has no inverse there."""
    E = mq.losses.quadratic([[1.0]])
    alone = mq.integrate(mq.whole_state_flow(GD, steps=2).on(E), [1.0], h=1.0, steps=4)
    assert not alone.completed
    path = mq.integrate(JUMPING.on(E), [1.0], h=1.0, steps=4)
    assert path.completed
    assert path.jumps[0] == 0
    np.testing.assert_array_equal(path.theta[2:], 0)


@pytest.mark.parametrize("method", [mq.HeavyBall(0.9), mq.RMSProp(0.9), mq.Adam(0.9, 0.99)], ids=str)
def test_methods_with_memory(method):
    report = mq.compare(method, mq.losses.himmelblau(), [2.5, 1.0], h=0.01, steps=20, flows=["two-step+jumps"])
    path = report.trajectories["two-step+jumps"]
    assert path.completed
    assert all(n % 2 == 0 for n in path.jumps)
    way = np.linalg.norm(np.diff(report.iterates.theta, axis=0), axis=1).sum()
    assert np.nanmax(report.errors["two-step+jumps"]) < 0.05 * way


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("method", [mq.RMSProp(0.9), mq.Adam(0.9, 0.99)], ids=str)
def test_memories_that_start_at_a_branch_point_start_after_two_steps(method, steps):
    """√v has no derivative at v = 0: these two steps are a straight line."""
    E = mq.losses.himmelblau()
    path = mq.integrate(mq.whole_state_flow(method, steps=2).on(E), [2.5, 1.0], h=0.01, steps=steps, substeps=2)
    iterates = mq.iterate(method, E, [2.5, 1.0], h=0.01, steps=max(steps, 2)).theta
    assert path.completed
    assert len(path) == steps + 1
    assert len(path.theta_between) == 2 * steps + 1
    line = iterates[0] + np.arange(5)[:, np.newaxis] / 4 * (iterates[2] - iterates[0])
    known = min(5, 2 * steps + 1)
    np.testing.assert_allclose(path.theta_between[:known], line[:known], atol=1e-12)


def test_windows_are_judged_by_their_tolerance():
    """x' = −x against a method that lands at 0.36: allowed is a share of the way of 0.64."""
    from scipy.integrate import RK45

    def run(tolerance):
        windows, jumps = Windows(1.0, lambda y: 0.36 * y, tolerance), []
        piece = Piece(lambda t, y: -y, windows=windows)
        start = lambda f, t, y: RK45(f, t, y, 2.0, rtol=1e-9)  # noqa: E731 - as short as it can be
        solver = WindowedSolver(start, lambda y: y, piece.right, windows, 0.0, np.array([1.0]), 2.0, jumps.append)
        while solver.status == "running":
            assert solver.step() is None
        return solver.y[0], jumps

    off = (np.exp(-1) - 0.36) / 0.64
    assert run(1.01 * off)[1] == []
    end, jumps = run(0.99 * off)
    assert jumps == [0.0, 1.0]
    assert end == pytest.approx(0.36**2, rel=1e-15)


def test_many_points_run_one_after_the_other():
    points = np.linspace(0.3, 0.7, 65)[:, np.newaxis]
    paths = mq.integrate(JUMPING.on(QUARTIC), points, h=1.0, steps=2)
    one = mq.integrate(JUMPING.on(QUARTIC), points[-1], h=1.0, steps=2)
    np.testing.assert_array_equal(paths.theta[-1], one.theta)


def test_by_name_and_in_words():
    assert str(JUMPING.on(QUARTIC)) == "two-step principal flow with jumps"
    assert pickle.loads(pickle.dumps(JUMPING.on(QUARTIC))).equation == JUMPING
    report = mq.compare(GD, QUARTIC, [0.7], h=1.0, steps=4, flows=["two-step+jumps", "two-step2+jumps", "two-step"])
    assert list(report.errors) == ["two-step+jumps", "two-step2+jumps", "two-step"]
    assert report.trajectories["two-step2+jumps"].flow.equation.degree == 2
    with pytest.raises(TypeError, match="jumps must be True or False"):
        mq.whole_state_flow(GD, steps=2, jumps=1)

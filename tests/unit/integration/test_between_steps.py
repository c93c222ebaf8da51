"""What `integrate` records besides the steps: points between them, events, callbacks, dense output, and time that runs backwards."""

import numpy as np
import pytest

import modeq as mq

DECAY = mq.losses.quadratic([[1]])
SLOW = mq.gradient_flow().on(DECAY)  # x = x₀ e^(−t)
TURNING = mq.principal_flow(mq.GradientDescent()).on(DECAY)  # x = x₀ (1 − h)^(t/h)


def test_substeps_are_points_between_steps():
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=3, substeps=4)
    np.testing.assert_allclose(path.t_between, 0.125 * np.arange(13), rtol=1e-14)
    np.testing.assert_allclose(path.theta_between[:, 0], 2 * np.exp(-path.t_between), rtol=1e-8)
    np.testing.assert_array_equal(path.theta_between[::4], path.theta)


def test_between_steps_a_principal_flow_leaves_the_reals():
    path = mq.integrate(TURNING, [1.0], h=1.5, steps=2, substeps=2)
    np.testing.assert_allclose(path.theta_between[:, 0], [1, np.sqrt(0.5) * 1j, -0.5, -0.5 * np.sqrt(0.5) * 1j, 0.25], atol=1e-8)
    report = mq.compare(mq.GradientDescent(), DECAY, [1.0], h=1.5, steps=2, flows=["principal"])
    turn = np.arctan(np.pi / np.log(2)) / np.pi  # where 2^(−u) sin πu is largest; at the steps there is nothing imaginary
    assert f"{0.5**turn * np.sin(np.pi * turn):.1e}" in report.table()
    assert report.imaginary["principal"].max() < 1e-8


@pytest.mark.parametrize("sizes", [[0.5, 0.25, 0.1], lambda n: 0.3 / (n + 1)])
def test_substeps_follow_step_sizes_that_change(sizes):
    path = mq.integrate(SLOW, [2.0], h=sizes, steps=3, substeps=2)
    np.testing.assert_allclose(path.theta_between[:, 0], 2 * np.exp(-path.t_between), rtol=1e-8)
    np.testing.assert_allclose(path.t_between[::2], path.t, rtol=1e-14)
    np.testing.assert_array_equal(path.theta_between[::2], path.theta)


def test_a_rod_goes_straight_to_where_it_starts():
    """From θ₀ to the middle of θ₀ and θ₁ at t = h/2."""
    path = mq.integrate(mq.RodFlow().on(DECAY), [2.0], h=0.5, steps=1, substeps=4)
    np.testing.assert_allclose(path.theta_between[:3, 0], [2.0, 1.75, 1.5], rtol=1e-12)


def test_dense_output_is_the_flow_at_any_time():
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=3, dense_output=True)
    t = np.linspace(0, 1.5, 7)
    np.testing.assert_allclose(path.solution(t)[:, 0], 2 * np.exp(-t), rtol=1e-7)
    assert path.solution(0.3).shape == (1,)
    with pytest.raises(ValueError, match=r"the run goes from t = 0 to 1\.5, got 2"):
        path.solution(2.0)


def test_dense_output_of_several_legs():
    path = mq.integrate(SLOW, [2.0], h=[0.5, 0.25], steps=2, dense_output=True)
    t = np.linspace(0, 0.75, 5)
    np.testing.assert_allclose(path.solution(t)[:, 0], 2 * np.exp(-t), rtol=1e-7)


def half_way(t, theta):
    return theta[0] - 1.0


def test_an_event_is_found():
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=3, events=half_way)
    np.testing.assert_allclose(path.t_events[0], [np.log(2)], rtol=1e-7)
    np.testing.assert_allclose(path.theta_events[0], [[1.0]], rtol=1e-7)
    assert path.completed


def test_a_terminal_event_ends_the_run():
    def stop(t, theta):
        return half_way(t, theta)

    stop.terminal = True
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=3, events=stop)
    assert (path.status, len(path)) == ("event", 2)
    assert path.message.startswith("the event stop ended the run at t = 0.693147")


def test_the_second_time_ends_the_run_across_steps_of_different_sizes():
    """cos on the circle x' = y, y' = −x is 0 at π/2 and 3π/2."""
    circle = mq.modified_equation(mq.GradientDescent(), order=1).on(mq.VectorField.from_sympy(["y", "-x"], ["x", "y"]))

    def crossing(t, theta):
        return theta[0]

    crossing.terminal = 2
    for h, steps in ((1.0, 6), ([2.0, 0.5, 1.0, 1.5, 1.0, 1.0], 6)):
        path = mq.integrate(circle, [1.0, 0.0], h=h, steps=steps, events=crossing)
        assert path.status == "event"
        np.testing.assert_allclose(path.t_events[0], [np.pi / 2, 3 * np.pi / 2], rtol=1e-8)


@pytest.mark.parametrize("wrong", [3, lambda t, theta: theta, [half_way, "half_way"]])
def test_what_is_no_event_is_refused_before_the_run(wrong):
    with pytest.raises(TypeError, match=r"an event is (a function of t and θ|one number g\(t, θ\))"):
        mq.integrate(SLOW, [2.0], h=0.5, steps=1, events=wrong)


def test_an_event_ends_the_run_after_a_whole_number_of_times():
    def stop(t, theta):
        return half_way(t, theta)

    stop.terminal = -1
    with pytest.raises(ValueError, match="after how many times"):
        mq.integrate(SLOW, [2.0], h=0.5, steps=1, events=stop)


def test_an_event_of_the_other_direction_is_none():
    def rising(t, theta):
        return half_way(t, theta)

    rising.direction = 1
    assert not len(mq.integrate(SLOW, [2.0], h=0.5, steps=3, events=rising).t_events[0])


def test_an_event_that_holds_at_the_start_is_none():
    """Unlike in `scipy.integrate.solve_ivp`, where it fires at once."""
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=1, events=lambda t, theta: theta[0] - 2.0)
    assert not len(path.t_events[0])


def test_times_of_events_count_from_the_start_of_the_run():
    path = mq.integrate(SLOW, [2.0], h=[0.5, 0.5], steps=2, events=half_way)
    np.testing.assert_allclose(path.t_events[0], [np.log(2)], rtol=1e-7)


def test_a_callback_sees_each_step_of_the_solver_and_may_end_the_run():
    seen = []
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=3, callback=lambda t, theta: seen.append((t, theta[0])))
    np.testing.assert_allclose([x for _, x in seen], [2 * np.exp(-t) for t, _ in seen], rtol=1e-7)
    assert path.completed
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=3, callback=lambda t, theta: theta[0] < 1.5)
    assert path.status == "event"
    assert path.theta[-1, 0] > 1.0


def test_a_flow_runs_back_in_time():
    path = mq.integrate(SLOW, [2.0], h=0.5, steps=-3, substeps=2, dense_output=True)
    np.testing.assert_allclose(path.t, [0, -0.5, -1.0, -1.5])
    np.testing.assert_allclose(path.theta_between[:, 0], 2 * np.exp(-path.t_between), rtol=1e-8)
    np.testing.assert_allclose(path.solution(-0.7)[0], 2 * np.exp(0.7), rtol=1e-7)


@pytest.mark.parametrize(
    ("flow", "h"),
    [(mq.RodFlow().on(DECAY), 0.1), (SLOW, [0.1, 0.1]), (mq.whole_state_flow(mq.HeavyBall(0.5)).on(DECAY), 0.1)],
    ids=["rod", "schedule", "memory"],
)
def test_what_cannot_go_back_says_so(flow, h):
    with pytest.raises(ValueError, match="back in time"):
        mq.integrate(flow, [1.0], h=h, steps=-2)


@pytest.mark.parametrize("options", [{"substeps": 0}, {"substeps": 1.5}, {"events": 3}, {"events": ["x"]}])
def test_bad_input(options):
    with pytest.raises((TypeError, ValueError)):
        mq.integrate(SLOW, [1.0], h=0.1, steps=1, **options)

"""Step sizes that change along a run: the drift-adjusted rate, schedules, rules of one's own."""

import csv

import numpy as np
import pytest

import modeq as mq
from modeq.integration import StepSizeRule

GD = mq.GradientDescent()
E = mq.losses.rosenbrock()
START = np.array([0.6, 0.5])
STEEP = mq.losses.quadratic([[4, 1], [1, 1]])


def network(seed=0):
    X = np.random.default_rng(seed).normal(size=(12, 3))
    return mq.losses.mlp((3, 4, 1), "tanh", "mean-squared", X, np.sin(X[:, 0]))


def adjusted(loss, theta, power):
    """2/‖Hĝ‖ᵖ from the whole Hessian."""
    g = loss.gradient(theta)
    return 2 / np.linalg.norm(loss.hessian(theta) @ g / np.linalg.norm(g)) ** power


@pytest.mark.parametrize("power", [0, 0.5, 1])
@pytest.mark.parametrize("loss", [E, network()], ids=["rosenbrock", "network"])
def test_gradient_descent_with_the_drift_adjusted_rate_by_hand(loss, power):
    theta = np.array(loss.start) if loss is not E else START
    steps = 6 if power or loss is not E else 0  # h = 2 throws Rosenbrock out at once
    path = mq.iterate(GD, loss, theta, h=mq.dal(power), steps=steps)
    for n in range(steps):
        h = adjusted(loss, theta, power)
        assert path.step_sizes[n] == pytest.approx(h, rel=1e-10)
        theta = theta - h * loss.gradient(theta)
        np.testing.assert_allclose(path.theta[n + 1], theta, rtol=1e-8, atol=1e-12)


def test_along_an_eigenvector_the_rate_is_two_over_its_eigenvalue():
    """So p = 1 moves a quadratic in one direction back and forth for ever."""
    path = mq.iterate(GD, mq.losses.quadratic([[4, 0], [0, 1]]), [0.0, 3.0], h=mq.dal(), steps=3)
    np.testing.assert_allclose(path.step_sizes, 2.0, rtol=1e-14)
    np.testing.assert_allclose(path.theta[:, 1], [3, -3, 3, -3], rtol=1e-13)


def test_the_rate_with_power_1_is_never_below_two_over_the_sharpness():
    path = mq.iterate(GD, STEEP, [1.0, 1.0], h=mq.dal(), steps=20)
    assert (path.step_sizes >= 2 / STEEP.sharpness([0.0, 0.0]) * (1 - 1e-12)).all()


def test_power_1_does_not_depend_on_the_units_of_the_loss():
    scaled = mq.losses.quadratic([[400, 100], [100, 100]])
    here, there = (mq.iterate(GD, loss, [1.0, 1.0], h=mq.dal(), steps=5) for loss in (STEEP, scaled))
    np.testing.assert_allclose(here.theta, there.theta, rtol=1e-12)


def test_heavy_ball_takes_the_new_rate_and_keeps_its_velocity():
    path = mq.iterate(mq.HeavyBall(0.7), E, START, h=mq.dal(), steps=5)
    theta, v = START, np.zeros(2)
    for n in range(5):
        v = 0.7 * v - adjusted(E, theta, 1) * E.gradient(theta)
        theta = theta + v
        np.testing.assert_allclose(path.theta[n + 1], theta, rtol=1e-9)


def test_a_schedule_is_a_list_or_a_function():
    rates = [1e-3, 5e-4, 2e-4, 1e-3]
    paths = [mq.iterate(GD, E, START, h=h, steps=4) for h in (rates, np.array(rates), tuple(rates), lambda n: rates[n])]
    theta = START
    for n, h in enumerate(rates):
        theta = theta - h * E.gradient(theta)
        for path in paths:
            np.testing.assert_allclose(path.theta[n + 1], theta, rtol=1e-13)
    np.testing.assert_allclose(paths[0].t, [0, 1e-3, 1.5e-3, 1.7e-3, 2.7e-3], rtol=1e-14)


@pytest.mark.parametrize("method", [GD, mq.HeavyBall(0.8), mq.ProximalPoint(), mq.Extragradient()], ids=str)
@pytest.mark.parametrize("start", ["rest", "smooth"])
def test_a_constant_schedule_is_the_constant_rate(method, start):
    point = np.asarray(START, complex if start == "smooth" else float)  # complex: heavy ball has no real smooth solution at this h
    constant, scheduled = (mq.iterate(method, E, point, h=h, steps=7, start=start) for h in (5e-4, [5e-4] * 7))
    np.testing.assert_array_equal(constant.theta, scheduled.theta)
    np.testing.assert_array_equal(constant.t, scheduled.t)
    np.testing.assert_array_equal(constant.step_sizes, scheduled.step_sizes)
    assert constant.evaluations == scheduled.evaluations


def test_implicit_methods_on_arrays_take_schedules():
    loss = network()
    path = mq.iterate(mq.ProximalPoint(), loss, loss.start, h=[0.3, 0.7], steps=2)
    for n, h in enumerate((0.3, 0.7)):
        np.testing.assert_allclose(path.theta[n + 1], path.theta[n] - h * loss.gradient(path.theta[n + 1]), atol=1e-12)


def test_a_vector_field_has_a_drift_adjusted_rate_too():
    spiral = mq.VectorField.from_sympy(["-x - 2*y", "2*x - y"], ["x", "y"])
    path = mq.iterate(GD, spiral, [1.0, 0.0], h=mq.dal(), steps=3)
    np.testing.assert_allclose(path.step_sizes, 2 / np.sqrt(5))  # f′ is √5 times a rotation


def test_the_principal_flow_follows_changing_rates_exactly_on_quadratics():
    """Each step is the flow of h_n for the time h_n; its own path gives the same rates."""
    flow = mq.principal_flow(GD).on(STEEP)
    descent = mq.iterate(GD, STEEP, [1.0, 0.5], h=mq.dal(), steps=10)
    path = mq.integrate(flow, [1.0, 0.5], h=mq.dal(), steps=10)
    np.testing.assert_allclose(path.theta, descent.theta, atol=1e-8)
    np.testing.assert_allclose(path.step_sizes, descent.step_sizes, rtol=1e-7)


def test_the_gradient_flow_does_not_notice_how_its_time_is_cut():
    flow = mq.gradient_flow().on(E)
    whole = mq.integrate(flow, START, h=4e-3, steps=1)
    parts = mq.integrate(flow, START, h=[1e-3, 2.5e-3, 5e-4], steps=3)
    np.testing.assert_allclose(parts.theta[-1], whole.theta[-1], rtol=1e-8)
    assert parts.t[-1] == pytest.approx(4e-3)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_error_against_a_changing_rate_falls_with_the_order_of_the_flow(order):
    """Halving all rates of a schedule, twice the number of steps, divides the distance by 2^order."""
    loss = mq.losses.double_well()
    errors = []
    for parts in (80, 160):
        rates = [0.8 / parts * (1 + np.sin(3 * (n + 0.5) / parts)) for n in range(parts)]
        report = mq.compare(GD, loss, [1.6], h=rates, steps=parts, flows=[order], rtol=1e-12, atol=1e-14)
        errors.append(report.errors[order][-1])
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.1)


def test_a_comparison_gives_the_flows_the_rates_that_the_method_took(tmp_path):
    report = mq.compare(GD, STEEP, [1.0, 0.5], h=mq.dal(), steps=8, flows=["gradient", "principal"])
    for path in report.trajectories.values():
        np.testing.assert_array_equal(path.step_sizes, report.iterates.step_sizes)
        np.testing.assert_array_equal(path.t, report.iterates.t)
    assert report.errors["principal"].max() < 1e-8 < report.errors["gradient"].max()
    assert "h = DAL, p = 1, 8 steps" in report.table()
    with report.to_csv(tmp_path / "run.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    np.testing.assert_allclose([float(row["h"]) for row in rows[:-1]], report.iterates.step_sizes)
    assert rows[-1]["h"] == "nan"
    np.testing.assert_allclose([float(row["t"]) for row in rows], report.iterates.t)


def test_the_verdict_of_a_run_with_changing_rates():
    rates = [0.05 + 0.01 * n for n in range(10)]
    path = mq.integrate(mq.modified_equation(GD, 3).on(mq.losses.double_well()), [1.4], h=rates, steps=10)
    assert path.validity.grade == "valid"
    assert path.validity.h.shape == path.validity.t.shape
    iterates = mq.iterate(GD, mq.losses.double_well(), [1.4], h=rates, steps=10)
    distance = np.linalg.norm(path.theta[-1] - iterates.theta[-1])
    assert distance < path.validity.drift[-1] < min(5 * distance, 0.02 * path.validity.extent)


def test_a_method_that_diverges_under_its_schedule_keeps_what_was_done():
    path = mq.iterate(GD, mq.losses.double_well(), [1.4], h=[0.1, 1e3, 1e3, 1e3, 1e3, 1e3, 1e3, 1e3], steps=8)
    assert path.status == "diverged"
    assert len(path) == len(path.step_sizes) + 1 == len(path.t)
    report = mq.compare(GD, mq.losses.double_well(), [1.4], h=[0.1, *[1e3] * 7], steps=8, flows=["gradient"])
    assert report.errors["gradient"].shape == (9,)


def test_without_a_gradient_there_is_no_rate():
    path = mq.iterate(GD, STEEP, [0.0, 0.0], h=mq.dal(), steps=3)
    assert path.status == "singular"
    assert "largest=" in path.message
    assert len(path) == 1
    assert mq.iterate(GD, STEEP, [0.0, 0.0], h=mq.dal(largest=1), steps=3).completed


def test_a_flat_direction_is_bounded_by_the_largest_rate():
    slope = mq.Loss.from_sympy("x + y**2", ["x", "y"])
    assert mq.iterate(GD, slope, [0.0, 0.0], h=mq.dal(), steps=3).status == "singular"
    np.testing.assert_array_equal(mq.iterate(GD, slope, [0.0, 0.0], h=mq.dal(largest=0.25), steps=2).step_sizes, 0.25)


def test_tiny_gradients_do_not_underflow():
    path = mq.iterate(GD, STEEP, [1e-200, 2e-200], h=mq.dal(), steps=1)
    assert path.step_sizes[0] == pytest.approx(mq.iterate(GD, STEEP, [1.0, 2.0], h=mq.dal(), steps=1).step_sizes[0])


class Broken(StepSizeRule):
    def __call__(self, n, theta, field):
        return 0.1 if n < 2 else -1.0

    def __str__(self):
        return "broken"


def test_a_rule_that_gives_nonsense_ends_the_run_with_what_was_done():
    for path in (
        mq.iterate(GD, STEEP, [1.0, 1.0], h=Broken(), steps=5),
        mq.integrate(mq.gradient_flow().on(STEEP), [1.0, 1.0], h=Broken(), steps=5),
    ):
        assert (path.status, len(path)) == ("singular", 3)
        assert "broken" in path.message


def test_rules_on_complex_points_see_the_real_part():
    path = mq.iterate(GD, STEEP, np.array([1.0 + 1j, 2.0]), h=mq.dal(), steps=1)
    assert path.step_sizes[0] == pytest.approx(adjusted(STEEP, np.array([1.0, 2.0]), 1))


@pytest.mark.parametrize(
    ("h", "message"),
    [
        ([0.1, 0.1], "one step size for each of the 3 steps"),
        (np.full((3, 1), 0.1), "one step size for each"),
        ([0.1, -0.1, 0.1], "step 1"),
        ([0.1, float("nan"), 0.1], "step 1"),
        (lambda n: 1 - n, "step 1"),
    ],
)
@pytest.mark.parametrize("run", ["iterate", "integrate", "compare"])
def test_bad_schedules_raise_before_any_work(run, h, message):
    runs = {"iterate": (GD, E), "integrate": (mq.gradient_flow().on(E),), "compare": (GD, E)}
    with pytest.raises(ValueError, match=message):
        getattr(mq, run)(*runs[run], START, h=h, steps=3)


@pytest.mark.parametrize("power", [-1, "1", None, float("nan"), float("inf"), True])
def test_the_power_is_a_number_from_0(power):
    with pytest.raises(ValueError, match="power"):
        mq.dal(power)


@pytest.mark.parametrize("largest", [0, -1, "1", None, float("nan")])
def test_the_largest_rate_is_positive(largest):
    with pytest.raises(ValueError, match="largest"):
        mq.dal(largest=largest)


def test_the_continued_branch_wants_one_step_size():
    with pytest.raises(ValueError, match="one step size"):
        mq.integrate(mq.principal_flow(GD, branch="continued").on(E), START, h=mq.dal(), steps=2)


OWN = {
    "velocity in units of the field": (lambda x, v, h, f: (x + h * (v / 2 + f(x)), v / 2 + f(x)), 0.0),
    "velocity in units of the state": (lambda x, v, h, f: (x + v / 2 + h * f(x), v / 2 + h * f(x)), 0.0),
    "two-step Adams–Bashforth": (lambda x, v, h, f: (x + h * (f(x) * 3 / 2 - v / 2), f(x)), 0.0),
    "the last point": (lambda x, v, h, f: (x + h * f(x) + (x - v) / 2, x), 1.0),
}


@pytest.mark.parametrize("name", OWN)
def test_an_update_of_ones_own_is_run_as_written_when_the_step_changes(name):
    update, rest = OWN[name]
    E, steps = mq.losses.himmelblau(), [0.001, 0.004, 0.002, 0.0005, 0.003]

    @mq.method(memory=("v",))
    def own(theta, v, h, f):
        return update(theta, v, h, f)

    x = np.array([2.5, 1.2])
    v = rest * x
    for h in steps:
        x, v = update(x, v, h, lambda y: -E.gradient(y))
    assert own().linear is not None
    assert np.allclose(mq.iterate(own(), E, [2.5, 1.2], h=steps, steps=5).theta[-1], x, rtol=1e-14)


def test_a_step_size_may_be_written_as_on_the_command_line():
    runs = [mq.iterate(GD, E, START, h=h, steps=2).theta for h in ("1/1000", " 1e-3", 0.001, ["1/1000", 0.001], lambda n: "1/1000")]
    for run in runs[1:]:
        np.testing.assert_array_equal(run, runs[0])
    flow = mq.modified_equation(GD, order=2).on(E)
    np.testing.assert_array_equal(flow(START, "1/1000"), flow(START, 0.001))


def test_a_schedule_that_does_not_change_is_called_by_its_number():
    report = mq.compare(GD, E, START, h=lambda n: 0.001, steps=2, flows=["gradient"])
    assert "h = 0.001, 2 steps" in report.title

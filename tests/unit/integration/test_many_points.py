"""Runs from many points are the runs from each of them."""

import numpy as np
import pytest

import modeq as mq
from modeq.flows.flow import Flow

ROSENBROCK = mq.losses.rosenbrock()
POINTS = np.array([0.6, 0.5]) + 0.3 * np.random.default_rng(3).standard_normal((70, 2))  # enough for the compiled loop
ORDER_2 = mq.modified_equation(mq.GradientDescent(), 2).on(ROSENBROCK)


@pytest.mark.parametrize("h", [1e-3, 3e-3])
def test_compiled_paths_are_those_of_scipys_solver(h):
    runs = mq.integrate(ORDER_2, POINTS, h=h, steps=6)
    for i, point in enumerate(POINTS[:4]):
        one = mq.integrate(ORDER_2, point, h=h, steps=6)
        assert (runs.status[i], runs.points[i]) == (one.status, len(one))
        np.testing.assert_allclose(runs[i].theta, one.theta, rtol=1e-9, atol=1e-11)


def test_each_path_ends_on_its_own():
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("-x**4", ["x"]))  # reaches infinity at t = 1/(8 x²)
    runs = mq.integrate(flow, [[1.0], *[[0.1]] * 70], h=0.05, steps=4)
    one = mq.integrate(flow, [1.0], h=0.05, steps=4)
    assert (runs.status[0], runs.points[0]) == (one.status, len(one))
    assert runs.status[0] != "completed"
    assert np.isnan(runs.theta[0, runs.points[0] :]).all()
    assert runs.status[1] == "completed"
    assert runs.theta[1, -1, 0] == pytest.approx(0.1 / np.sqrt(1 - 8 * 0.2 * 0.01), rel=1e-9)
    np.testing.assert_array_equal(runs.completed, [False] + [True] * 70)


def test_complex_flows_take_many_points_too():
    flow = mq.principal_flow(mq.GradientDescent()).on(mq.Loss.from_sympy("x**2/2", ["x"]))
    runs = mq.integrate(flow, [[1.0], [-2.0]] * 35, h=1.5, steps=2)
    np.testing.assert_allclose(runs.theta[-2:, 2, 0], [0.25, -0.5], atol=1e-8)


def test_compiled_paths_go_back_in_time_as_scipys_solver_does():
    forced = mq.VectorField.from_sympy(["-x + sin(t)"], ["x"], time="t")
    for flow, points in ((ORDER_2, POINTS), (mq.modified_equation(mq.GradientDescent(), 2).on(forced), POINTS[:, :1])):
        runs = mq.integrate(flow, points, h=1e-5, steps=-4)
        for i in (0, 69):
            one = mq.integrate(flow, points[i], h=1e-5, steps=-4)
            np.testing.assert_array_equal(runs[i].t, one.t)
            np.testing.assert_allclose(runs[i].theta, one.theta, rtol=1e-9)


def test_many_points_go_back_in_time_as_one_does():
    back = mq.integrate(ORDER_2, POINTS[:2], h=1e-5, steps=-3)
    np.testing.assert_array_equal(back.t, mq.integrate(ORDER_2, POINTS[0], h=1e-5, steps=-3).t)
    again = mq.integrate(ORDER_2, back.theta[:, -1], h=1e-5, steps=3)
    np.testing.assert_allclose(again.theta[:, -1], POINTS[:2], atol=1e-9)


def test_the_limit_of_evaluations_holds_for_each_path():
    runs = mq.integrate(ORDER_2, POINTS, h=1e-2, steps=5, max_evaluations=40)
    assert set(runs.status) == {"stalled"}
    assert "the limit of 40 evaluations" in runs.messages[0]


def test_flows_that_are_no_single_field_run_one_after_the_other():
    assert mq.RodFlow().on(ROSENBROCK).kernel_source == Flow.kernel_source.fget(None)
    runs = mq.integrate(mq.RodFlow().on(ROSENBROCK), POINTS[:2], h=1e-3, steps=2)
    one = mq.integrate(mq.RodFlow().on(ROSENBROCK), POINTS[1], h=1e-3, steps=2)
    np.testing.assert_array_equal(runs[1].theta, one.theta)
    np.testing.assert_array_equal(runs[1].extras["spread"], one.extras["spread"])


METHODS = [mq.HeavyBall(0.5), mq.ProximalPoint(), mq.Adam(0.9, 0.99), mq.NormalizedGD()]


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_many_iterates_are_those_of_each_point(method):
    runs = mq.iterate(method, ROSENBROCK, POINTS, h=1e-3, steps=4)
    for i, point in enumerate(POINTS[:5]):
        one = mq.iterate(method, ROSENBROCK, point, h=1e-3, steps=4)
        np.testing.assert_allclose(runs[i].theta, one.theta, rtol=1e-12)
        assert (runs.status[i], runs.messages[i], runs.evaluations[i]) == (one.status, one.message, one.evaluations)


def test_memory_and_schedules_of_many_runs_are_those_of_each():
    rates = [1e-2, 2e-2, 1e-2]
    runs = mq.iterate(mq.Adam(0.9, 0.99), ROSENBROCK, POINTS, h=rates, steps=3)
    one = mq.iterate(mq.Adam(0.9, 0.99), ROSENBROCK, POINTS[7], h=rates, steps=3)
    np.testing.assert_allclose(runs[7].extras["v"], one.extras["v"], rtol=1e-12)
    np.testing.assert_allclose(runs[7].theta, one.theta, rtol=1e-12)
    np.testing.assert_array_equal(runs.t, one.t)


def test_updates_of_matrices_take_many_points_too():
    rng = np.random.default_rng(0)
    net = mq.losses.mlp((3, 4, 1), "tanh", "mean-squared", rng.standard_normal((8, 3)), rng.standard_normal((8, 1)))
    points = rng.standard_normal((5, net.dimension))
    for method in (mq.Muon(0.9), mq.Adam(0.9, 0.99)):
        runs = mq.iterate(method, net, points, h=0.1, steps=3)
        np.testing.assert_allclose(runs[3].theta, mq.iterate(method, net, points[3], h=0.1, steps=3).theta, rtol=1e-10)


def test_an_update_that_diverges_ends_alone():
    cube = mq.Loss.from_sympy("x**3/3", ["x"])
    update = mq.RMSProp(0.9, momentum=0.5)
    points = [[1.0], [-1e160], [2.0]]  # the square of the gradient overflows
    runs, one = mq.iterate(update, cube, points, h=0.1, steps=4), mq.iterate(update, cube, points[1], h=0.1, steps=4)
    assert runs.status == ("completed", "diverged", "completed")
    assert (runs.messages[1], runs.points[1], runs.evaluations[1]) == (one.message, len(one), one.evaluations)
    np.testing.assert_allclose(runs[2].theta, mq.iterate(update, cube, points[2], h=0.1, steps=4).theta, rtol=1e-12)


def test_a_run_that_diverges_does_not_stop_the_others():
    far = [[50.0, 1.0]]
    runs = mq.iterate(mq.HeavyBall(0.5), ROSENBROCK, np.concatenate([POINTS, far]), h=1e-3, steps=20)
    one = mq.iterate(mq.HeavyBall(0.5), ROSENBROCK, far[0], h=1e-3, steps=20)
    assert (runs.status[0], runs.status[-1]) == ("completed", "diverged")
    assert (runs.messages[-1], runs.points[-1]) == (one.message, len(one))
    assert np.isnan(runs.theta[-1, len(one) :]).all()


def test_an_ensemble_is_kept_and_shown(tmp_path):
    runs = mq.iterate(mq.GradientDescent(), ROSENBROCK, POINTS[:5], h=1e-3, steps=3)
    kept = mq.load(runs.save(tmp_path / "runs.npz"))
    np.testing.assert_array_equal(kept["theta"], runs.theta)
    assert str(kept) == runs.table()
    assert runs.to_xarray()["loss"].dims == ("path", "step")
    assert len(runs.to_dataframe()) == 5 * 4


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (np.empty((0, 2)), {}, "no point"),
        ([[0.0, np.nan]], {}, "row 0"),
        ([[0.0, 1.0, 2.0]], {}, "2 coordinates"),
        ([[0.0, 1.0]], {"substeps": 2}, "keep their steps only"),
    ],
)
def test_bad_points_raise_before_any_work(points, options, message):
    with pytest.raises(ValueError, match=message):
        mq.integrate(mq.gradient_flow().on(ROSENBROCK), points, h=1e-3, steps=2, **options)


def test_quantiles_of_errors_rank_a_path_that_ended_last():
    E = mq.losses.double_well()
    report = mq.compare(mq.GradientDescent(), E, [[1.1], [1.2], [1.4]], h=0.1, steps=3, flows=["gradient", 3])
    for label in ("gradient", 3):
        singles = [
            mq.compare(mq.GradientDescent(), E, point, h=0.1, steps=3, flows=[label]).errors[label] for point in ([1.1], [1.2], [1.4])
        ]
        np.testing.assert_allclose(report.quantiles([0.5])[label][0], np.median(singles, axis=0), atol=1e-9)
    report.ensembles["gradient"].theta[0, 2:] = np.nan
    del report.__dict__["errors"], report.__dict__["record"]
    assert report.quantiles([1.0])["gradient"][0, -1] == np.inf
    assert "3 of 3" in report.table()

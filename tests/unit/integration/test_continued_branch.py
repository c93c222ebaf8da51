"""Logarithms that are followed along a run: where the rotated cut does no harm the two agree, elsewhere there is no cut to follow."""

import numpy as np
import pytest

import modeq as mq
from modeq.flows.continuation import Continuation

GD = mq.GradientDescent()
VALLEY = mq.losses.rosenbrock()


def continued(method=GD):
    return mq.principal_flow(method, branch="continued")


def test_one_evaluation_is_on_the_rotated_branch():
    theta = [0.6 + 0.01j, 0.5]
    np.testing.assert_array_equal(continued().on(VALLEY)(theta, 3e-3), mq.principal_flow(GD).on(VALLEY)(theta, 3e-3))


def test_where_the_rotated_branch_meets_no_cut_the_runs_agree():
    paths = [mq.integrate(pf.on(VALLEY), [0.6, 0.5], h=3e-3, steps=10) for pf in (continued(), mq.principal_flow(GD))]
    np.testing.assert_allclose(paths[0].theta, paths[1].theta, rtol=1e-9, atol=1e-9)
    assert paths[0].completed


def test_the_logarithm_goes_on_past_every_cut():
    """The eigenvalue is led around R = 0 three times: log R gains 2πi each time."""
    field = mq.VectorField.from_sympy(["x**2/2"], ["x"])  # f′ = x: the point is the eigenvalue
    start = np.array([-0.5 + 0j])  # R = 1/2
    follow = Continuation(continued(), field, 1.0)
    follow.accept(start)
    for angle in np.linspace(0, 6 * np.pi, 61):
        z = -1 + 0.5 * np.exp(1j * angle)
        value = follow(0.0, np.array([z]))[0] / (z**2 / 2) * z
        assert value == pytest.approx(np.log(0.5) + 1j * angle, abs=1e-12)
        follow.accept(np.array([z]))


def test_the_references_belong_to_the_run():
    """Two right-hand sides of one flow know nothing of each other, and a run leaves nothing behind."""
    flow = continued().on(VALLEY)
    first = mq.integrate(flow, [0.6, 0.5], h=3e-3, steps=5)
    second = mq.integrate(flow, [0.6, 0.5], h=3e-3, steps=5)
    np.testing.assert_array_equal(first.theta, second.theta)
    np.testing.assert_array_equal(flow([0.6, 0.5], 3e-3), mq.principal_flow(GD).on(VALLEY)([0.6, 0.5], 3e-3))


@pytest.mark.parametrize("solver", ["DOP853", "Radau"])
def test_quadratics_are_exact_beyond_the_singularity(solver):
    E = mq.losses.quadratic([[1, 0], [0, "1/2"]])
    path = mq.integrate(continued().on(E), [1.0, 1.0], h=1.5, steps=4, solver=solver, rtol=1e-8, atol=1e-10)
    n = np.arange(5)[:, None]
    np.testing.assert_allclose(path.theta, np.hstack([(-0.5) ** n, 0.25**n]), atol=1e-6)


def test_losses_on_arrays_are_followed_with_the_whole_hessian():
    X = np.linspace(-1, 1, 12)[:, None]
    E = mq.losses.mlp((1, 2, 1), "tanh", "mean-squared", X, X[:, 0] ** 2)
    theta = mq.losses.xavier(E, 1)
    h = 1.3 / E.sharpness(theta)
    paths = [mq.integrate(pf.on(E), theta, h=h, steps=2, rtol=1e-7, atol=1e-9) for pf in (continued(), mq.principal_flow(GD))]
    np.testing.assert_allclose(paths[0].theta, paths[1].theta, atol=1e-6)


def test_games_are_followed_too():
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    path = mq.integrate(continued().on(game), [1.0, 0.0], h=0.5, steps=4)
    exact = [np.linalg.matrix_power([[1, -0.5], [0.5, 1]], n) @ [1.0, 0.0] for n in range(5)]
    np.testing.assert_allclose(path.theta, exact, atol=1e-8)


def test_it_has_no_cut():
    path = mq.integrate(continued().on(VALLEY), [0.6, 0.5], h=3e-3, steps=3)
    assert path.validity.cut.min() == np.inf


def test_the_three_branches_are_compared_under_their_names():
    branches = [mq.principal_flow(GD, branch=branch) for branch in ("rotated", "principal", "continued")]
    report = mq.compare(GD, mq.losses.double_well(), [1.2], h=0.1, steps=3, flows=branches)
    assert list(report.errors) == ["principal flow", "principal flow, principal branch", "principal flow, continued branch"]


@pytest.mark.parametrize("options", [{"degree": 2}, {"order": 3}, {"hessian": "lanczos"}, {"hessian": 2}])
def test_what_it_does_not_do_is_refused(options):
    with pytest.raises(ValueError, match="degree 1"):
        mq.principal_flow(GD, branch="continued", **options)


def test_many_parameters_need_the_word_dense():
    E = mq.losses.mlp((10, 10, 1), "tanh", "mean-squared", np.eye(10), np.ones(10))
    with pytest.raises(ValueError, match="hessian='dense'"):
        continued().on(E)
    assert mq.principal_flow(GD, branch="continued", hessian="dense").on(E).dimension > 100

"""Flows integrated: against solve_ivp, with every solver, and what is left when an integrator gives up."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import modeq as mq

E = mq.losses.rosenbrock()
START = [0.6, 0.5]
H, STEPS = 1e-3, 20
SOLVERS = ["RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"]


def field(*exprs, variables=("y",)):
    """θ' = exprs, the gradient flow of a vector field."""
    return mq.gradient_flow().on(mq.VectorField.from_sympy(exprs, variables))


@pytest.fixture(scope="module")
def igr():
    return mq.modified_equation(mq.GradientDescent(), 2).on(E)


@pytest.fixture(scope="module")
def reference():
    def right(t, y):
        return -E.gradient(y) - H / 2 * E.hvp(y, E.gradient(y))

    times = H * np.arange(STEPS + 1)
    return solve_ivp(right, (0, H * STEPS), START, "DOP853", t_eval=times, rtol=1e-13, atol=1e-14).y.T


def test_the_default_solver_agrees_with_solve_ivp(igr, reference):
    path = mq.integrate(igr, START, h=H, steps=STEPS)
    np.testing.assert_allclose(path.theta, reference, atol=1e-9)
    assert path.completed


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_reaches_the_same_points(igr, reference, solver):
    path = mq.integrate(igr, START, h=H, steps=STEPS, solver=solver, rtol=1e-8, atol=1e-10)
    assert path.completed
    assert path.theta.shape == (STEPS + 1, 2)
    np.testing.assert_allclose(path.theta, reference, atol=2e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_takes_complex_states(solver):
    """y' = iy from 1 runs along the unit circle."""
    rotation = mq.gradient_flow().on(mq.VectorField.from_sympy(["v", "-x"], ["x", "v"]))
    path = mq.integrate(rotation, [1.0, 1j], h=0.5, steps=4, solver=solver, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(path.theta[:, 0], np.exp(1j * path.t), atol=1e-5)


def test_points_lie_at_multiples_of_the_step_size(igr):
    path = mq.integrate(igr, START, h=H, steps=STEPS)
    np.testing.assert_allclose(path.t, H * np.arange(STEPS + 1), rtol=1e-15)


@pytest.mark.parametrize("h", [0.1, 1 / 3, 0.7])
def test_the_last_point_is_never_lost_to_rounding(h):
    for steps in (3, 7, 10, 49):
        path = mq.integrate(field("-y"), [1.0], h=h, steps=steps)
        assert len(path) == steps + 1
        assert path.theta[-1, 0] == pytest.approx(np.exp(-h * steps), rel=1e-7)


def test_no_steps_leave_the_start(igr):
    path = mq.integrate(igr, START, h=H, steps=0)
    np.testing.assert_array_equal(path.theta, [START])
    assert path.completed


def test_tighter_tolerances_give_smaller_errors_and_cost_more():
    loose, tight = (mq.integrate(field("-y"), [1.0], h=0.5, steps=4, rtol=tol, atol=tol) for tol in (1e-4, 1e-12))
    error = [abs(path.theta[-1, 0] - np.exp(-2)) for path in (loose, tight)]
    assert error[1] < 1e-2 * error[0]
    assert tight.evaluations > loose.evaluations


def test_the_loss_along_the_path(igr):
    path = mq.integrate(igr, START, h=H, steps=3)
    np.testing.assert_allclose(path.loss, [E(point) for point in path.theta])


def test_a_vector_field_has_no_loss():
    assert mq.integrate(field("-y"), [1.0], h=0.1, steps=1).loss is None


def test_a_principal_flow_starts_from_real_points():
    path = mq.integrate(mq.principal_flow(mq.GradientDescent()).on(E), START, h=3e-3, steps=2)
    assert path.theta.dtype == np.complex128


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_blow_up_keeps_the_points_before_it(solver):
    """y' = y² from 1 is 1/(1 − t) and infinite at t = 1."""
    path = mq.integrate(field("y**2"), [1.0], h=0.1, steps=20, solver=solver, rtol=1e-8, max_evaluations=20_000)
    assert path.status in ("diverged", "stalled")
    assert len(path) >= 9
    np.testing.assert_allclose(path.theta[:9, 0], 1 / (1 - path.t[:9]), rtol=1e-4)


def test_a_blow_up_is_called_divergence():
    path = mq.integrate(field("y**2"), [1.0], h=0.1, steps=20)
    assert path.status == "diverged"
    assert len(path) <= 11


@pytest.mark.parametrize("solver", SOLVERS)
def test_leaving_the_domain_keeps_the_points_before_it(solver):
    """y' = log y from ½ reaches 0 in finite time, where the logarithm ends."""
    path = mq.integrate(field("log(y)"), [0.5], h=0.1, steps=20, solver=solver, rtol=1e-8, max_evaluations=20_000)
    assert not path.completed
    assert 3 <= len(path) <= 7
    assert np.isfinite(path.theta).all()
    assert (path.theta > 0).all()


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_field_that_is_nowhere_a_number_leaves_the_start(solver):
    path = mq.integrate(field("log(y)"), [-1.0], h=0.1, steps=3, solver=solver, max_evaluations=5_000)
    assert not path.completed
    np.testing.assert_array_equal(path.theta, [[-1.0]])


@pytest.mark.parametrize("solver", ["DOP853", "Radau"])
def test_an_overflow_of_a_principal_flow_is_a_status(solver):
    """The Hessian overflows, so even the reason must be found without eigenvalues."""
    flow = mq.principal_flow(mq.GradientDescent()).on(mq.Loss.from_sympy("exp(exp(x))", ["x"]))
    path = mq.integrate(flow, [7.0], h=0.1, steps=2, solver=solver, max_evaluations=2_000)
    assert not path.completed
    assert len(path) == 1


def test_the_limit_of_evaluations_is_kept_and_said(igr):
    path = mq.integrate(igr, START, h=H, steps=STEPS, max_evaluations=100)
    assert path.status == "stalled"
    assert path.evaluations <= 100
    assert "100 evaluations" in path.message
    assert 1 <= len(path) < STEPS + 1


def test_points_before_the_limit_are_right(igr, reference):
    path = mq.integrate(igr, START, h=H, steps=STEPS, max_evaluations=150)
    assert len(path) > 1
    np.testing.assert_allclose(path.theta, reference[: len(path)], atol=1e-8)


def test_the_singularity_of_the_principal_flow_is_named():
    """E = x²/2 with h = 1: gradient descent lands on the minimum in one step, the flow would need infinite speed."""
    path = mq.integrate(mq.principal_flow(mq.GradientDescent()).on(mq.losses.quadratic([[1]])), [1.0], h=1.0, steps=2, max_evaluations=500)
    assert path.status == "singular"
    assert "hλ = 1" in path.message


def test_a_status_comes_with_a_sentence(igr):
    assert "20 steps" in mq.integrate(igr, START, h=H, steps=STEPS).message

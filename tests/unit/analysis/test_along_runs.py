"""Per-step drift, truncation order, sharpness against its threshold, and predictions along the sharpest direction."""

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()
ROSENBROCK = mq.losses.rosenbrock()
START = np.array([0.6, 0.5])


def network():
    X = np.random.default_rng(1).normal(size=(20, 2))
    return mq.losses.mlp((2, 3, 1), "tanh", "mean-squared", X, np.sin(X[:, 0]))


# per-step drift -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [ROSENBROCK, network()], ids=["rosenbrock", "network"])
def test_the_drift_of_the_gradient_flow_is_half_h_squared_hessian_times_gradient(loss):
    theta = START if loss is ROSENBROCK else np.array(loss.start)
    h = 0.001 / loss.sharpness(theta)
    drift = mq.per_step_drift(mq.gradient_flow().on(loss), theta, h)
    expected = h**2 / 2 * loss.hvp(theta, loss.gradient(theta))
    np.testing.assert_allclose(drift.leading, expected, rtol=1e-9)
    np.testing.assert_allclose(drift.vector, expected, rtol=0, atol=5e-3 * np.linalg.norm(expected))


@pytest.mark.parametrize("method", [GD, mq.HeavyBall(0.5), mq.Extragradient()], ids=str)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_leading_term_is_what_is_left_for_small_steps(method, order):
    flow = mq.modified_equation(method, order).on(ROSENBROCK)
    gaps = []
    for h in (4e-4, 2e-4):
        drift = mq.per_step_drift(flow, START, h / 20 if method.states > 1 else h)  # series of momentum converge up to (1 − √β)²
        gaps.append(np.linalg.norm(drift.vector - drift.leading) / drift.leading_size)
    assert gaps[1] < 0.62 * gaps[0] < 0.5


def test_the_drift_of_the_principal_flow_is_a_twelfth_of_the_third_derivative():
    drift = mq.per_step_drift(mq.principal_flow(GD).on(mq.losses.double_well()), [1.4], 0.001)
    g, bend = 1.4**3 - 1.4, 6 * 1.4
    assert drift.leading[0].real == pytest.approx(0.001**3 / 12 * bend * g**2, rel=1e-2)
    assert drift.size == pytest.approx(drift.leading_size, rel=1e-2)


def test_a_drift_that_has_no_end_says_why():
    drift = mq.per_step_drift(mq.gradient_flow().on(mq.Loss.from_sympy("-x**4", ["x"])), [1.0], 0.2)  # the flow explodes at t = 1/8
    assert np.isnan(drift.size)
    assert drift.message


# truncation order ---------------------------------------------------------------------------------------------------------------------


def test_the_optimal_order_falls_with_the_step_size():
    loss = mq.losses.double_well()
    orders = [mq.optimal_truncation_order(GD, loss, [1.4], h, largest=12).order for h in (0.05, 0.2, 0.3, 0.5)]
    assert orders == sorted(orders, reverse=True)
    assert orders[-1] < orders[0]


@pytest.mark.parametrize("h", [0.3, 0.4])
def test_no_other_order_is_much_closer_to_a_step(h):
    """One-step errors of the flows themselves, order by order."""
    loss = mq.losses.double_well()
    found = mq.optimal_truncation_order(GD, loss, [1.4], h, largest=8)
    errors = [mq.per_step_drift(mq.modified_equation(GD, p).on(loss), [1.4], h).size for p in range(1, 9)]
    assert errors[found.order - 1] < 5 * np.nanmin(errors)


def test_the_sizes_on_a_quadratic():
    found = mq.optimal_truncation_order(GD, mq.losses.quadratic([[2]]), [1.0], 0.65, largest=6)
    np.testing.assert_allclose(found.sizes, 2 * 1.3 ** np.arange(7) / np.arange(1, 8), rtol=1e-12)
    assert (found.order, found.grows) == (3, True)
    assert found.error == pytest.approx(1.3**3 / 4)


def test_a_series_that_ends_is_kept_whole():
    """On a constant field a step is the flow; the midpoint rule has no even orders."""
    slope = mq.Loss.from_sympy("x", ["x"])
    assert mq.optimal_truncation_order(GD, slope, [0.0], 0.5).order == 1
    midpoint = mq.RungeKutta([["1/2"]], [1])
    found = mq.optimal_truncation_order(midpoint, mq.losses.double_well(), [1.4], 0.02, largest=6)
    assert not found.sizes[1]
    assert (found.order, found.grows) in {(6, False), (5, False)}


def test_networks_and_several_fields_have_one_too():
    loss = network()
    assert mq.optimal_truncation_order(GD, loss, loss.start, 0.01, largest=4).order == 4
    two = mq.compose(GD.on_field(0), GD.on_field(1))
    game = mq.VectorField.game(["x*y + x**2", "-x*y"], [["x"], ["y"]])
    assert mq.optimal_truncation_order(two, game, [1.0, 0.5], 0.01, largest=4).order == 4


# sharpness along a run ----------------------------------------------------------------------------------------------------------------


def test_sharpness_and_threshold_along_a_run():
    path = mq.iterate(GD, ROSENBROCK, START, h=1e-3, steps=6)
    edge = mq.edge_of_stability(GD, path, every=2)
    np.testing.assert_array_equal(edge.n, [0, 2, 4, 6])
    np.testing.assert_allclose(edge.sharpness, [np.linalg.eigvalsh(ROSENBROCK.hessian(path.theta[n]))[-1] for n in edge.n])
    np.testing.assert_allclose(edge.threshold, 2 / 1e-3)
    np.testing.assert_allclose(edge.loss, path.loss[::2])
    np.testing.assert_array_equal(edge.beyond, edge.sharpness > 2000)


def test_with_changing_rates_the_threshold_changes():
    path = mq.iterate(mq.HeavyBall(0.5), ROSENBROCK, START, h=[1e-3, 5e-4, 2e-4], steps=3)
    edge = mq.edge_of_stability(mq.HeavyBall(0.5), path)
    np.testing.assert_allclose(edge.threshold, 3 / np.array([1e-3, 5e-4, 2e-4, 2e-4]))


def test_a_flow_has_an_edge_too():
    path = mq.integrate(mq.principal_flow(GD).on(ROSENBROCK), START, h=1e-3, steps=3)
    assert mq.edge_of_stability(GD, path).sharpness.shape == (4,)


# gradient along the sharpest direction ------------------------------------------------------------------------------------------------


def test_the_prediction_is_exact_on_quadratics():
    loss = mq.losses.quadratic([[4, 1], [1, 2]])
    for h in (0.1, 0.35, 0.6):
        found = mq.leading_gradient(GD, mq.iterate(GD, loss, [1.0, 0.3], h=h, steps=4))
        np.testing.assert_allclose(found.by_principal_flow, found.after, rtol=1e-10)
        np.testing.assert_allclose(found.by_gradient_flow, np.exp(-found.hlambda) * found.before, rtol=1e-12)
        np.testing.assert_allclose(found.hlambda, h * loss.sharpness([0.0, 0.0]))


def test_momentum_predicts_from_its_smooth_solution():
    loss, method = mq.losses.quadratic([[1]]), mq.HeavyBall(0.3)
    path = mq.iterate(method, loss, [1.0], h=0.05, steps=5, start="smooth")
    found = mq.leading_gradient(method, path)
    np.testing.assert_allclose(found.by_principal_flow, found.after, rtol=1e-8)
    assert (found.principal_error < found.gradient_error).all()


def test_beyond_h_lambda_1_the_principal_flow_predicts_better():
    path = mq.iterate(GD, ROSENBROCK, START, h=3e-3, steps=10)
    found = mq.leading_gradient(GD, path)
    assert (found.hlambda > 1).all()
    assert np.median(found.principal_error) < 0.5 * np.median(found.gradient_error)


def test_it_sees_the_rates_of_each_step():
    path = mq.iterate(GD, ROSENBROCK, START, h=mq.dal(), steps=5)
    found = mq.leading_gradient(GD, path)
    np.testing.assert_allclose(found.hlambda, path.step_sizes * [ROSENBROCK.sharpness(point) for point in path.theta[:-1]])


def test_bad_input():
    path = mq.iterate(GD, ROSENBROCK, START, h=1e-3, steps=2)
    field = mq.iterate(GD, mq.VectorField.from_sympy(["-x"], ["x"]), [1.0], h=0.1, steps=2)
    for measure in (mq.edge_of_stability, mq.leading_gradient):
        with pytest.raises(TypeError, match="expected a trajectory"):
            measure(GD, path.theta)
        with pytest.raises(ValueError, match="vector field"):
            measure(GD, field)
        with pytest.raises(ValueError, match="every"):
            measure(GD, path, every=0)
        with pytest.raises(ValueError, match="no step"):
            measure(GD, mq.iterate(GD, ROSENBROCK, START, h=1e-3, steps=0))
        with pytest.raises(ValueError, match="numbers"):
            measure(mq.HeavyBall("beta"), path)
    with pytest.raises(ValueError, match="take a modified equation or a principal flow"):
        mq.per_step_drift(mq.modifying_equation(GD, 2).on(ROSENBROCK), START, 1e-3)
    with pytest.raises(TypeError, match="expected a flow"):
        mq.per_step_drift(mq.gradient_flow(), START, 1e-3)
    with pytest.raises(ValueError, match="order"):
        mq.optimal_truncation_order(GD, ROSENBROCK, START, 1e-3, largest=0)
    with pytest.raises(ValueError, match="finite"):
        mq.optimal_truncation_order(GD, mq.Loss.from_sympy("log(x)", ["x"]), [0.0], 1e-3)


def test_the_direction_keeps_its_sign_along_a_run():
    """∇E(θ_{n+1})·u₀ is nearly the same with u₀ of θ_n and of θ_{n+1}, where the eigenvector turns slowly; LAPACK's signs are arbitrary."""
    X = np.linspace(-1, 1, 20)[:, np.newaxis]
    net = mq.losses.mlp((1, 20, 1), "tanh", "mean-squared", X, np.exp(X))
    found = mq.leading_gradient(GD, mq.iterate(GD, net, mq.losses.xavier(net, 0), h=0.05, steps=20))
    assert abs(found.before).min() > 0.01
    np.testing.assert_allclose(found.after[:-1], found.before[1:], rtol=0.1)

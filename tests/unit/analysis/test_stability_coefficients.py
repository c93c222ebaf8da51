"""Stability coefficients, critical learning rates and dE/dt: closed forms on quadratics, sums over directions, difference quotients."""

import numpy as np
import pytest

import modeq as mq
from modeq.analysis import eigenpairs

GD = mq.GradientDescent()
Q = mq.losses.quadratic([[5, 1, 0], [1, 2, 0], [0, 0, -1]])
THETA = np.array([0.4, -0.3, 0.2])
H = 0.3


def network(hidden):
    X = np.random.default_rng(1).normal(size=(20, 4))
    return mq.losses.mlp((4, hidden, 1), "tanh", "mean-squared", X, np.sin(X[:, 0] + X[:, 1]))


def test_the_coefficients_add_up_to_the_principal_flow():
    for loss, theta in ((Q, THETA), (mq.losses.rosenbrock(), [0.6, 0.5]), (network(3), np.array(network(3).start))):
        h = 1.4 / loss.sharpness(theta)
        found = mq.stability_coefficients(GD, loss, theta, h)
        flow = mq.principal_flow(GD).on(loss)(theta, h)
        np.testing.assert_allclose(found.pairs.vectors @ found.coefficients, flow, rtol=1e-9, atol=1e-11)


def test_their_part_in_the_loss_rate_adds_up():
    loss, theta = mq.losses.rosenbrock(), [0.6, 0.5]
    found = mq.stability_coefficients(mq.HeavyBall(0.5), loss, theta, 2e-3)
    flow = mq.principal_flow(mq.HeavyBall(0.5)).on(loss)
    assert found.loss_rates.sum() == pytest.approx(mq.loss_rate(flow, theta, 2e-3), rel=1e-9)


def test_a_vector_field_has_them_in_its_own_eigenvectors():
    field = mq.VectorField.from_sympy(["-x - 2*y + x*y", "3*x - y**2 - y"], ["x", "y"])
    found = mq.stability_coefficients(GD, field, [0.3, 0.2], 0.2)
    flow = mq.principal_flow(GD).on(field)([0.3, 0.2], 0.2)
    np.testing.assert_allclose(found.pairs.vectors @ found.coefficients, flow, rtol=1e-9)
    with pytest.raises(ValueError, match="vector field"):
        _ = found.loss_rates


@pytest.mark.parametrize(
    ("scale", "regime"), [(-0.5, "escaping"), (0.0, "flat"), (0.5, "monotone"), (1.0, "monotone"), (1.5, "oscillating"), (2.5, "divergent")]
)
def test_the_regimes_of_gradient_descent(scale, regime):
    loss = mq.Loss.from_sympy(f"{scale}*x**2/2 + y**2/2", ["x", "y"])
    found = mq.stability_coefficients(GD, loss, [1.0, 1.0], 1.0)
    at = int(np.argmin(np.abs(found.hlambda - scale)))
    assert found.regimes[at] == regime


def test_multipliers_are_what_iterates_do_in_the_long_run():
    loss = mq.losses.quadratic([[1]])
    for method, h in ((mq.HeavyBall(0.5), 0.02), (mq.HeavyBall(0.5), 2.95), (mq.Nesterov(0.6), 1.2), (GD, 2.3)):
        root = mq.stability_coefficients(method, loss, [1.0], h).multipliers[0]
        path = mq.iterate(method, loss, [1.0], h=h, steps=400).theta[:, 0]
        assert path[-1] / path[-2] == pytest.approx(root.real, rel=1e-6)


def test_momentum_rings_where_gradient_descent_is_monotone():
    loss = mq.losses.quadratic([[1]])
    assert mq.stability_coefficients(GD, loss, [1.0], 0.5).regimes == ("monotone",)
    assert mq.stability_coefficients(mq.HeavyBall(0.9), loss, [1.0], 0.5).regimes == ("oscillating",)


def test_a_singularity_is_infinite_and_no_warning():
    found = mq.stability_coefficients(GD, mq.losses.quadratic([[2]]), [1.0], 0.5)
    assert found.alpha[0].real == -np.inf
    assert found.regimes == ("monotone",)


def test_eigenpairs_beyond_100_coordinates_are_the_largest():
    loss = network(20)
    theta = np.array(loss.start)
    assert loss.dimension > 100
    few, whole = eigenpairs(loss, theta), np.linalg.eigh(loss.hessian(theta))
    assert len(few.values) == 10
    assert not few.complete
    largest = np.sort(whole[0][np.argsort(-np.abs(whole[0]))[:10]])[::-1]
    np.testing.assert_allclose(few.values, largest, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(few.vectors.T @ loss.gradient(theta), few.gradient, rtol=1e-12)


def test_the_table_has_a_line_for_each_direction():
    lines = mq.stability_coefficients(GD, Q, THETA, H).table().splitlines()
    assert len(lines) == 3 + 3
    assert lines[-1].split()[-1] == "escaping"


# critical learning rates --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "oscillating", "divergent"),
    [
        (GD, 1, 2),
        (mq.HeavyBall("1/4"), 0.25, 2.5),  # (1 − √β)² and 2(1 + β)
        (mq.Nesterov(0.5), 1 / 9, 1.5),  # (1 − β)²/(1 + β)² and 2(1 + β)/(1 + 2β)
        (mq.ProximalPoint(), np.inf, np.inf),
        (mq.Extragradient(), np.inf, 1),  # 1 − z + z² is positive
        (mq.RungeKutta([[0, 0], [1, 0]], ["1/2", "1/2"]), np.inf, 2),  # 1 − z + z²/2 too
        (mq.HeavyBall("-1/2"), 0.5, 1),  # the roots of ρ² − (1/2 − z)ρ − 1/2 are opposite at z = 1/2, and −1 is one at z = 1
    ],
    ids=str,
)
def test_critical_rates_in_closed_form(method, oscillating, divergent):
    found = mq.critical_learning_rates(method, Q, THETA)
    values = np.linalg.eigvalsh(Q.hessian(THETA))[::-1]
    np.testing.assert_allclose(found.eigenvalues, values)
    np.testing.assert_allclose(found.oscillating[:2], oscillating / values[:2])
    np.testing.assert_allclose(found.divergent[:2], divergent / values[:2])
    assert found.divergent[2] == np.inf  # negative curvature
    assert found.stable == pytest.approx(divergent / values[0])
    assert found.monotone == pytest.approx(oscillating / values[0])


@pytest.mark.parametrize("method", [GD, mq.HeavyBall(0.8), mq.Nesterov(0.7), mq.Extragradient()], ids=str)
def test_iterates_are_bounded_up_to_the_critical_rate_and_no_further(method):
    loss = mq.losses.quadratic([[3, 1], [1, 2]])
    h = mq.critical_learning_rates(method, loss, [0.0, 0.0]).stable
    below, above = (np.abs(mq.iterate(method, loss, [1.0, 0.5], h=f * h, steps=3000).theta[-1]).max() for f in (0.99, 1.01))
    assert below < 1e-6
    assert above > 10


def test_a_damped_rotation_under_gradient_descent():
    """|1 − hλ| = 1 at h = 2 Re λ/|λ|²; for a pure rotation nowhere."""
    spiral = mq.VectorField.from_sympy(["-x - 3*y", "3*x - y"], ["x", "y"])
    found = mq.critical_learning_rates(GD, spiral, [0.0, 0.0])
    np.testing.assert_allclose(found.divergent, 2 / 10, rtol=1e-9)
    assert np.isnan(found.oscillating).all()
    rotation = mq.VectorField.from_sympy(["-y", "x"], ["x", "y"])
    np.testing.assert_array_equal(mq.critical_learning_rates(GD, rotation, [0.0, 0.0]).divergent, 0.0)
    np.testing.assert_allclose(mq.critical_learning_rates(mq.Extragradient(), rotation, [0.0, 0.0]).divergent, 1.0, rtol=1e-9)
    midpoint = mq.RungeKutta([["1/2"]], [1])
    assert mq.critical_learning_rates(midpoint, spiral, [0.0, 0.0]).stable == np.inf


def test_directions_without_curvature_are_never_critical():
    flat = mq.Loss.from_numpy(lambda p: np.sum(p["x"] ** 3), {"x": 201})
    origin = np.zeros(201)
    rates = mq.critical_learning_rates(GD, flat, origin, k=2)
    assert rates.eigenvalues.tolist() == [0, 0]
    assert rates.stable == np.inf
    assert mq.stability_coefficients(GD, flat, origin, 0.1).regimes == ("flat",) * 10
    assert mq.edge_of_stability(GD, mq.iterate(GD, flat, origin, h=0.1, steps=2)).sharpness.tolist() == [0, 0, 0]
    assert not mq.jacobian_spectrum(mq.principal_flow(GD).on(flat), origin, 0.1).eigenvalues.any()


# dE/dt --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("equation", [mq.gradient_flow(), mq.modified_equation(GD, 3), mq.principal_flow(GD)], ids=str)
def test_the_loss_rate_is_the_slope_of_the_loss_along_the_flow(equation):
    loss, h = mq.losses.rosenbrock(), 2.5e-3
    flow = equation.on(loss)
    fine = mq.integrate(flow, [0.6, 0.5], h=h, steps=1)
    points = fine.theta
    rates = mq.loss_rate(flow, points, h)
    step = 1e-6
    for point, rate in zip(points, rates, strict=True):
        there, back = (loss((point + s * step * flow(point, h)).real) for s in (1, -1))
        assert rate == pytest.approx((there - back) / (2 * step), rel=1e-4)


def test_the_loss_rate_of_the_gradient_flow_is_minus_the_squared_gradient():
    g = Q.gradient(THETA)
    assert mq.loss_rate(mq.gradient_flow().on(Q), THETA, H) == pytest.approx(-g @ g)
    assert mq.loss_rate(mq.modified_equation(GD, 2).on(Q), THETA, H) == pytest.approx(-g @ g - H / 2 * g @ Q.hessian(THETA) @ g)


def test_the_loss_rate_takes_a_step_size_for_each_point():
    flow = mq.modified_equation(GD, 2).on(Q)
    both = mq.loss_rate(flow, [THETA, THETA], [0.1, 0.2])
    assert both[0] == mq.loss_rate(flow, THETA, 0.1)
    assert both[1] == mq.loss_rate(flow, THETA, 0.2)


def test_bad_input():
    flow = mq.gradient_flow().on(Q)
    with pytest.raises(TypeError, match="expected a flow"):
        mq.loss_rate(mq.gradient_flow(), THETA, H)
    with pytest.raises(ValueError, match="vector field"):
        mq.loss_rate(mq.gradient_flow().on(mq.VectorField.from_sympy(["-x"], ["x"])), [1.0], H)
    with pytest.raises(ValueError, match="one for each of the 1 points"):
        mq.loss_rate(flow, THETA, [0.1, 0.2])
    with pytest.raises(ValueError, match="shape"):
        mq.loss_rate(flow, np.zeros((2, 2, 3)), H)
    for call in (
        lambda: mq.stability_coefficients(GD, Q, THETA, -1.0),
        lambda: mq.stability_coefficients(mq.HeavyBall("beta"), Q, THETA, H),
        lambda: mq.stability_coefficients(GD, Q, THETA, H, k=4),
        lambda: mq.stability_coefficients(GD, Q, [np.nan, 0, 0], H),
        lambda: mq.critical_learning_rates(GD, Q, THETA, k=0),
        lambda: mq.critical_learning_rates(mq.HeavyBall("beta"), Q, THETA),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
    with pytest.raises(TypeError, match="call it with its brackets"):
        mq.critical_learning_rates(mq.GradientDescent, Q, THETA)

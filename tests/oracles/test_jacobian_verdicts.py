"""Jacobian spectra against two independent routes: difference quotients of the flow, and the linearised general linear method."""

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()


def stationary(loss, start):
    """Newton's method from nearby, to rounding."""
    theta = np.array(start, float)
    for _ in range(30):
        theta = theta - np.linalg.solve(loss.hessian(theta), loss.gradient(theta))
    assert np.linalg.norm(loss.gradient(theta)) < 1e-9
    return theta


# six losses of the catalogue, with minima, saddles and maxima
POINTS = {
    "himmelblau minimum": (mq.losses.himmelblau(), [3.0, 2.0]),
    "himmelblau saddle": (mq.losses.himmelblau(), [0.0867, 2.8843]),
    "himmelblau maximum": (mq.losses.himmelblau(), [-0.2708, -0.9230]),
    "rosenbrock minimum": (mq.losses.rosenbrock(), [1.0, 1.0]),
    "beale minimum": (mq.losses.beale(), [3.0, 0.5]),
    "beale saddle": (mq.losses.beale(), [0.0, 1.0]),
    "double well minimum": (mq.losses.double_well(), [1.0]),
    "double well maximum": (mq.losses.double_well(), [0.0]),
    "cosine minimum": (mq.losses.cosine(), [np.pi]),
    "cosine maximum": (mq.losses.cosine(), [0.0]),
    "styblinski-tang minimum": (mq.losses.styblinski_tang(), [-2.9, -2.9]),
    "styblinski-tang saddle": (mq.losses.styblinski_tang(), [-2.9, 0.16]),
    "styblinski-tang maximum": (mq.losses.styblinski_tang(), [0.16, 0.16]),
}
METHODS = {"gd": GD, "heavy ball": mq.HeavyBall(0.5), "nesterov": mq.Nesterov(0.5), "extragradient": mq.Extragradient()}
SCALES = (0.3, 0.9, 1.1, 1.9, 2.1, 2.6)  # of h|λ|_max: on both sides of 1 and of 2


def linearised(method, loss, theta, h):
    """The matrix of one step on the state, shape (rd, rd), at a stationary point: V + hB J (1 − hA J)⁻¹ U, J = −∇²E."""
    A, U, B, V, _ = method.matrices()
    d = len(theta)
    J = -loss.hessian(theta)
    one = np.eye(d)
    inner = np.linalg.solve(np.eye(len(A) * d) - h * np.kron(A, J), np.kron(U, one))
    return np.kron(V, one) + h * np.kron(B, J) @ inner


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("place", POINTS)
def test_the_method_is_judged_by_the_spectral_radius_of_its_linearised_step(place, method, scale):
    loss, near = POINTS[place]
    theta = stationary(loss, near)
    h = scale / np.abs(loss.spectrum(theta)).max()
    radius = np.abs(np.linalg.eigvals(linearised(method, loss, theta, h))).max()
    found = mq.jacobian_spectrum(mq.modified_equation(method, 2).on(loss), theta, h)
    assert found.method_verdict == ("attracts" if radius < 1 else "repels")
    assert np.abs(found.multipliers).max() == pytest.approx(radius, rel=1e-7)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("place", POINTS)
def test_the_principal_flow_of_gradient_descent_always_agrees_with_it(place, scale):
    loss, near = POINTS[place]
    theta = stationary(loss, near)
    h = scale / np.abs(loss.spectrum(theta)).max()
    assert mq.jacobian_spectrum(mq.principal_flow(GD).on(loss), theta, h).agrees
    gradient = mq.jacobian_spectrum(mq.gradient_flow().on(loss), theta, h)
    assert gradient.flow_verdict == ("attracts" if "minimum" in place else "repels")
    assert gradient.agrees == (not ("minimum" in place and scale > 2))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("place", POINTS)
def test_iterates_started_nearby_do_what_the_verdict_says(place, scale):
    loss, near = POINTS[place]
    theta = stationary(loss, near)
    h = scale / np.abs(loss.spectrum(theta)).max()
    small = 1e-7 * np.random.default_rng(0).standard_normal(len(theta))
    run = mq.iterate(GD, loss, theta + small, h=h, steps=60)
    rate = np.abs(mq.jacobian_spectrum(mq.gradient_flow().on(loss), theta, h).multipliers).max()
    distances = np.abs(run.theta - theta).max(axis=1) / np.abs(small).max()
    moved = distances.max() if rate > 1 else distances[-1]  # a run that leaves may come to another minimum, or overflow
    if 0.9 < rate < 1.02:  # the slow directions of Rosenbrock and Beale need more than 60 steps; here they must not grow or shrink much
        assert moved < 1.02**60
    else:
        assert (moved < 1) == (rate < 1)


FLOWS = {
    "gradient": mq.gradient_flow(),
    "order 4": mq.modified_equation(GD, 4),
    "heavy ball, order 3": mq.modified_equation(mq.HeavyBall(0.4), 3),
    "principal": mq.principal_flow(GD),
    "principal + order 3": mq.principal_flow(GD, order=3),
    "principal, degree 2": mq.principal_flow(GD, degree=2),
    "principal of Nesterov": mq.principal_flow(mq.Nesterov(0.3)),
}


@pytest.mark.parametrize("scale", [0.4, 1.7])
@pytest.mark.parametrize("equation", FLOWS.values(), ids=FLOWS)
@pytest.mark.parametrize("place", ["himmelblau saddle", "double well minimum"])
def test_the_spectrum_is_that_of_difference_quotients_of_the_flow(place, equation, scale):
    loss, near = POINTS[place]
    theta = stationary(loss, near)
    h = scale / np.abs(loss.spectrum(theta)).max()
    flow = equation.on(loss)
    step = 1e-5
    columns = [(flow(theta + step * e, h) - flow(theta - step * e, h)) / (2 * step) for e in np.eye(len(theta))]
    expected = np.linalg.eigvals(np.array(columns).T)
    found = mq.jacobian_spectrum(flow, theta, h).eigenvalues
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), rtol=1e-4, atol=1e-5 * np.abs(expected).max())


def test_the_spectrum_of_a_game_is_that_of_its_field():
    """A bilinear game: gradient descent leaves the origin for every step size, the gradient flow circles it."""
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    field = mq.VectorField.from_sympy([sum(part) for part in zip(*game.expressions, strict=True)], game.variables)
    around = mq.jacobian_spectrum(mq.gradient_flow().on(field), [0.0, 0.0], 0.1)
    assert (around.flow_verdict, around.method_verdict) == ("neutral", "repels")
    principal = mq.jacobian_spectrum(mq.principal_flow(GD).on(field), [0.0, 0.0], 0.1)
    assert principal.flow_verdict == "repels"
    np.testing.assert_allclose(principal.eigenvalues.real, np.log(abs(1 + 0.1j)) / 0.1, rtol=1e-12)
    extra = mq.jacobian_spectrum(mq.modified_equation(mq.Extragradient(), 2).on(field), [0.0, 0.0], 0.1)
    assert (extra.flow_verdict, extra.method_verdict) == ("attracts", "attracts")


def test_the_closed_form_of_gradient_descent():
    """(1/h) log(1 − hλ), and its truncation −λ Σ (hλ)^j/(j+1)."""
    E = mq.losses.quadratic([[5, 0], [0, 1]])
    h = 0.3
    principal = mq.jacobian_spectrum(mq.principal_flow(GD).on(E), [0.0, 0.0], h)
    np.testing.assert_allclose(principal.eigenvalues, np.log(1 - h * np.array([5, 1]) + 0j) / h, rtol=1e-13)
    truncated = mq.jacobian_spectrum(mq.modified_equation(GD, 3).on(E), [0.0, 0.0], h)
    z = h * np.array([5.0, 1.0])
    np.testing.assert_allclose(truncated.eigenvalues, -np.array([5, 1]) * (1 + z / 2 + z**2 / 3), rtol=1e-13)


def test_landing_in_one_step_is_attraction():
    found = mq.jacobian_spectrum(mq.principal_flow(GD).on(mq.losses.quadratic([[2]])), [0.0], 0.5)
    assert found.eigenvalues[0].real == -np.inf
    assert found.agrees


def test_at_two_over_lambda_the_linear_part_does_not_decide():
    found = mq.jacobian_spectrum(mq.principal_flow(GD).on(mq.losses.quadratic([[2]])), [0.0], 1.0)
    assert (found.flow_verdict, found.method_verdict) == ("neutral", "neutral")


def test_a_top_flow_knows_its_directions_only():
    """With k = 1 the sharpest direction follows α, the other one the gradient flow."""
    X = np.array([[1.0, 0.2], [0.3, 1.0], [0.5, -0.5]])
    loss = mq.losses.linear_regression(X, np.zeros(3))
    theta = np.zeros(loss.dimension)
    h = 2.2 / loss.sharpness(theta)
    found = mq.jacobian_spectrum(mq.principal_flow(GD, hessian=1).on(loss), theta, h)
    np.testing.assert_allclose(found.eigenvalues[1:], -found.curvatures[1:], rtol=1e-12)
    assert found.eigenvalues[0] == pytest.approx(np.log(1 - 2.2 + 0j) / h)


def test_a_network_beyond_100_parameters_takes_its_largest_directions():
    flat = mq.losses.deep_linear((20, 8), target=np.zeros((20, 8)))
    found = mq.jacobian_spectrum(mq.gradient_flow().on(flat), np.zeros(160), 0.5, k=3)
    assert len(found.curvatures) == 3
    assert not found.complete
    assert "3 directions" in found.verdict


def test_the_table_says_where_flow_and_method_part():
    theta = stationary(*POINTS["himmelblau minimum"])
    loss = POINTS["himmelblau minimum"][0]
    text = mq.jacobian_spectrum(mq.gradient_flow().on(loss), theta, 2.2 / loss.sharpness(theta)).table()
    assert "flow attracts, method repels" in text
    assert "both attract" in text


def test_bad_input():
    E = mq.losses.double_well()
    flow = mq.gradient_flow().on(E)
    with pytest.raises(ValueError, match="no stationary point"):
        mq.jacobian_spectrum(flow, [0.5], 0.1)
    with pytest.raises(TypeError, match="expected a flow"):
        mq.jacobian_spectrum(mq.gradient_flow(), [1.0], 0.1)
    with pytest.raises(ValueError, match="take a modified equation or a principal flow"):
        mq.jacobian_spectrum(mq.modifying_equation(GD, 2).on(E), [1.0], 0.1)
    with pytest.raises(ValueError, match="k is the number"):
        mq.jacobian_spectrum(flow, [1.0], 0.1, k=2)
    with pytest.raises(TypeError, match="real point"):
        mq.jacobian_spectrum(flow, [1.0 + 1j], 0.1)
    with pytest.raises(ValueError, match="step size"):
        mq.jacobian_spectrum(flow, [1.0], 0.0)
    two = mq.compose(GD.on_field(0), GD.on_field(1))
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    with pytest.raises(ValueError, match="one field"):
        mq.jacobian_spectrum(mq.modified_equation(two, 2).on(game), [0.0, 0.0], 0.1)

"""What a flow says about itself: closed forms, SymPy's Hessians, and verdicts against runs of gradient descent written here."""

import dataclasses

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.integration.domain_of_validity import POINTS

from ...oracles.fields_by_degree import interpreted

GD = mq.GradientDescent()


def principal(branch="rotated"):
    return mq.principal_flow(GD, branch=branch)


def one_dimensional(curvature):
    return mq.losses.quadratic([[curvature]])


@pytest.mark.parametrize("theta", [[0.6, 0.5], [0.6 + 0.1j, 0.5 - 0.2j]])
def test_hlambda_is_the_largest_eigenvalue_of_sympys_hessian(theta):
    x, y = sympy.symbols("x y")
    hessian = sympy.hessian((1 - x) ** 2 + 100 * (y - x**2) ** 2, (x, y))
    values = np.linalg.eigvals(np.array(hessian.subs({x: theta[0], y: theta[1]}).evalf().tolist(), complex))
    at = mq.validity(principal().on(mq.losses.rosenbrock()), theta, 1e-3)
    assert at.hlambda[0] == pytest.approx(1e-3 * np.abs(values).max(), rel=1e-12)
    assert at.singularity[0] == pytest.approx(np.abs(1 - 1e-3 * values).min(), rel=1e-12)


def test_the_jacobian_of_a_field_need_not_be_symmetric():
    """The bilinear game turns: its Jacobian has the eigenvalues ±i."""
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    at = mq.validity(principal().on(game), [1.0, 2.0], 0.25)
    assert at.hlambda[0] == pytest.approx(0.25)
    assert at.singularity[0] == pytest.approx(abs(1 + 0.25j))
    assert at.turning[0] == pytest.approx(np.arctan(0.25))


def test_with_many_coordinates_the_largest_eigenvalues_are_found_to_two_digits():
    curvatures = np.linspace(0.1, 2.0, 150)

    def loss(p, a):
        return np.sum(a * p["w"] ** 2) / 2

    E = mq.Loss.from_numpy(loss, {"w": (150,)}, {"a": curvatures})
    at = mq.validity(mq.gradient_flow().on(E), np.ones(150), 0.1)
    assert at.hlambda[0] == pytest.approx(0.2, rel=0.05)
    assert at.estimate[0] == pytest.approx(np.linalg.norm(0.05 * curvatures**2) / np.linalg.norm(curvatures))


@pytest.mark.parametrize(
    ("branch", "product", "singularity", "cut", "turning"),
    [
        ("rotated", 0.8, 0.2, np.pi / 2, 0.0),
        ("rotated", 1.5, 0.5, np.pi / 2, np.pi),
        ("principal", 0.8, 0.2, np.pi, 0.0),
        ("principal", 1.5, 0.5, 0.0, np.pi),
    ],
)
def test_distances_of_gradient_descent_on_a_quadratic(branch, product, singularity, cut, turning):
    """R = 1 − hλ is real: its angle is 0 before hλ = 1 and π beyond, where the cut of the principal branch lies."""
    at = mq.validity(principal(branch).on(one_dimensional(1)), [1.0], product)
    assert at.singularity[0] == pytest.approx(singularity)
    assert at.cut[0] == pytest.approx(cut)
    assert at.turning[0] == pytest.approx(turning)


def test_momentum_is_singular_where_its_roots_meet():
    """ρ² − (1 + β + ζ)ρ + β has a double root at ζ = −(1 ∓ √β)²."""
    at = mq.validity(mq.principal_flow(mq.HeavyBall("1/4")).on(one_dimensional(1)), [1.0], 0.1)
    assert at.singularity[0] == pytest.approx(0.25 - 0.1)


def test_truncated_flows_have_neither_singularity_nor_cut():
    at = mq.validity(mq.modified_equation(GD, 2).on(one_dimensional(1)), [1.0], 1.0)
    assert at.singularity[0] == at.cut[0] == np.inf


def test_methods_with_several_fields_have_no_root_but_all_else():
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    method = mq.compose(GD.on_field(0), GD.on_field(1))
    at = mq.validity(mq.modified_equation(method, 1).on(game), [1.0, 0.0], 0.1)
    assert np.isnan(at.turning[0])
    assert at.hlambda[0] == pytest.approx(0.1)
    assert at.estimate[0] == pytest.approx(0.05)  # −h/2 f₁′f₂ + h/2 f₂′f₁ with f₁ = (−y, 0), f₂ = (0, x)


@pytest.mark.parametrize("z", [0.1, 0.7])
def test_estimates_of_truncated_flows_on_a_quadratic(z):
    """Field −λx (1 + z/2 + z²/3 + …)."""
    E = one_dimensional(1)
    assert mq.validity(mq.gradient_flow().on(E), [1.0], z).estimate[0] == pytest.approx(z / 2)
    assert mq.validity(mq.modified_equation(GD, 2).on(E), [1.0], z).estimate[0] == pytest.approx(z**2 / 3 / (1 + z / 2))


def test_the_estimate_of_the_principal_flow_is_the_step_to_degree_two():
    """On x³/3 in closed form, c with μ = (1 + z)², 1 + z, 1 + z, 1 with signs +, −, −, +."""
    h, x = 0.1, 1.5
    z = -2 * h * x

    def divided(mu):
        return 1 / (1 + z) if mu == 1 + z else (np.log(mu) - np.log(1 + z)) / (mu - 1 - z)

    c = (divided((1 + z) ** 2) - 2 * divided(1 + z) + divided(1)) / z**2
    at = mq.validity(principal().on(mq.Loss.from_sympy("x**3/3", ["x"])), [x], h)
    assert at.estimate[0] == pytest.approx(h**2 * x**4 * abs(c) / (np.log1p(z) / z * x**2), rel=1e-10)


def test_in_many_coordinates_the_estimate_is_the_first_tree_of_degree_two():
    """On Σ xᵢ³/3: −h²/12 ∇³E[g, g] with the entries −h²xᵢ⁴/6."""
    names = [f"x{i}" for i in range(9)]
    E = mq.Loss.from_sympy(" + ".join(f"{name}**3/3" for name in names), names)
    x = np.linspace(0.5, 1.5, 9)
    np.testing.assert_allclose(principal().on(E).error_estimate(x[np.newaxis], 0.1), [-(0.1**2) * x**4 / 6], rtol=1e-12)


@pytest.mark.parametrize("method", [GD, mq.HeavyBall("1/2")])
def test_the_step_to_degree_two_is_the_difference_of_two_flows(method):
    """Against the text of kernels, run by Python."""
    E, theta, h = mq.losses.double_well(), np.array([1.4]), 0.002
    flows = [mq.principal_flow(method, degree=degree).on(E) for degree in (1, 2)]
    first, second = (interpreted(flow)(theta, h) for flow in flows)
    np.testing.assert_allclose(flows[0].error_estimate(theta[np.newaxis], h)[0], second - first, rtol=1e-10)


@pytest.mark.parametrize("method", [GD, mq.HeavyBall("1/2")])
@pytest.mark.parametrize("order", [3, 5])
def test_the_step_of_a_completed_flow_is_that_to_the_next_order(method, order):
    """Up to trees with more nodes: the relative difference is O(h)."""
    E, theta, apart = mq.losses.double_well(), np.array([1.4]), []
    flow, longer = (mq.principal_flow(method, order=p).on(E) for p in (order, order + 1))
    for h in (0.002, 0.001):
        left = interpreted(longer)(theta, h) - interpreted(flow)(theta, h)
        apart.append(abs(flow.error_estimate(theta[np.newaxis], h)[0, 0] / left[0] - 1))
    assert apart[0] < 0.25
    assert apart[0] / apart[1] == pytest.approx(2, rel=0.15)


def test_a_symmetric_method_has_no_terms_of_even_order():
    """Implicit midpoint: R = (1 + ζ/2)/(1 − ζ/2), log R = ζ + ζ³/12 + …"""
    midpoint = mq.RungeKutta([["1/2"]], [1])
    at = mq.validity(mq.modified_equation(midpoint, 1).on(one_dimensional(1)), [1.0], 0.1)
    assert at.estimate[0] == pytest.approx(0.1**2 / 12)


@pytest.mark.parametrize("order", [None, 3])
def test_principal_flows_leave_nothing_out_on_quadratics(order):
    E = mq.losses.quadratic([[2, 1], [1, 3]])
    path = mq.integrate(mq.principal_flow(GD, order=order).on(E), [1.0, -1.0], h=0.4, steps=5)
    assert path.validity.estimate.max() < 1e-13
    assert path.validity.relative_error < 1e-9  # the tolerance of the solver
    assert path.validity.verdict.startswith("valid: hλ ≤ 1.45, oscillating; nothing left out")


def test_the_error_of_one_step_is_that_of_the_gradient_flow():
    for h, tolerance in ((0.1, 0.1), (0.001, 0.001)):
        at = mq.validity(mq.gradient_flow().on(one_dimensional(1)), [1.0], h)
        assert at.error[0] == pytest.approx(np.exp(-h) - (1 - h), rel=tolerance)


def descent(gradient, theta, h, steps):
    points = [np.array(theta, float)]
    for _ in range(steps):
        points.append(points[-1] - h * gradient(points[-1]))
    return np.array(points)


def rosenbrock_gradient(p):
    x, y = p
    return np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


WELL, VALLEY = mq.losses.double_well(), mq.losses.rosenbrock()
CASES = [
    *((WELL, lambda x: x**3 - x, [1.4], h, 20, flow) for h in (0.02, 0.1, 0.3) for flow in (1, 2, 3, "principal")),
    *((VALLEY, rosenbrock_gradient, [0.6, 0.5], h, 20, flow) for h in (3e-4, 1e-3, 3e-3) for flow in (1, 2, 3, "principal")),
    *((mq.losses.cosine(), lambda x: -np.sin(x), [2.0], h, 20, flow) for h in (0.1, 0.5, 0.9) for flow in (1, 3, "principal")),
    *((mq.losses.quadratic([[1]]), lambda x: x, [1.0], h, 10, flow) for h in (0.02, 0.5, 1.5) for flow in (1, 2, "principal")),
]


@pytest.mark.parametrize(("E", "gradient", "start", "h", "steps", "kind"), CASES)
def test_verdicts_are_right(E, gradient, start, h, steps, kind):
    """Distances to gradient descent in units of its way: valid at most 2 %, doubtful at least 8 %, rough between 0.5 % and 20 %."""
    equation = principal() if kind == "principal" else mq.modified_equation(GD, kind)
    path = mq.integrate(equation.on(E), start, h=h, steps=steps, max_evaluations=3000)
    iterates = descent(gradient, start, h, steps)
    grade = path.validity.grade
    if grade == "stopped":  # only where hλ passes through 1, where the logarithm of 1 − hλ is infinite
        sharpness = [h * E.sharpness(point) for point in iterates]
        assert kind == "principal"
        assert min(sharpness) < 1 < max(sharpness)
        return
    distance = np.linalg.norm(path.theta.real - iterates, axis=1).max() / np.linalg.norm(iterates - iterates[0], axis=1).max()
    low, high = {"valid": (0.0, 0.02), "rough": (0.005, 0.2), "doubtful": (0.08, np.inf)}[grade]
    assert low <= distance <= high


def test_every_grade_occurs_among_the_verdicts():
    grades = set()
    for E, _, start, h, steps, kind in CASES[:12]:
        equation = principal() if kind == "principal" else mq.modified_equation(GD, kind)
        grades.add(mq.integrate(equation.on(E), start, h=h, steps=steps, max_evaluations=1000).validity.grade)
    assert grades == {"valid", "rough", "doubtful", "stopped"}


def test_the_estimated_error_follows_the_order():
    """It is of the size of the distance to the iterates, for every order: between a third and four times as large."""
    iterates = descent(rosenbrock_gradient, [0.6, 0.5], 3e-4, 20)
    for order in (1, 2, 3, 4):
        path = mq.integrate(mq.modified_equation(GD, order).on(VALLEY), [0.6, 0.5], h=3e-4, steps=20)
        actual = np.linalg.norm(path.theta - iterates, axis=1).max()
        assert actual / 3 < path.validity.error[-1] < 4 * actual


def test_the_drift_is_the_sum_of_one_step_errors():
    flow = principal().on(VALLEY)
    path = mq.integrate(flow, [0.6, 0.5], h=3e-3, steps=6)
    x, y = path.theta[:-1].T
    gradient = np.stack([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)], axis=1)
    off = np.linalg.norm(path.theta[:-1] - 3e-3 * gradient - path.theta[1:], axis=1)
    assert path.validity.drift[-1] == pytest.approx(off.sum(), rel=1e-12)
    assert path.validity.relative_error == pytest.approx(off.sum() / path.validity.extent)


@pytest.mark.parametrize("method", [mq.Extragradient(), mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1]), mq.compose(GD, GD)])
def test_methods_of_several_stages_drift_by_their_own_step(method):
    """A flow of high order leaves rounding and the solver's tolerance only."""
    path = mq.integrate(mq.modified_equation(method, 8).on(WELL), [1.2], h=0.01, steps=5)
    assert path.validity.drift[-1] < 1e-9


@pytest.mark.parametrize("method", [mq.HeavyBall("1/2"), mq.ProximalPoint()])
def test_methods_with_memory_and_implicit_ones_are_judged_by_the_estimate(method):
    path = mq.integrate(mq.modified_equation(method, 2).on(WELL), [1.2], h=0.01, steps=5)
    assert np.isnan(path.validity.drift).all()
    assert path.validity.relative_error == pytest.approx(path.validity.error[-1] / path.validity.extent)


def test_where_series_diverge_their_next_term_is_not_trusted():
    """Momentum, β = ¼: the roots meet at hλ = ¼."""
    method, E = mq.HeavyBall("1/4"), one_dimensional(1)
    for h, doubted in ((0.2, False), (0.4, True)):
        path = mq.integrate(mq.modified_equation(method, 3).on(E), [1.0], h=h, steps=5)
        assert path.validity.radius == pytest.approx(0.25)
        assert ("series in h diverge" in path.validity.verdict) == doubted
    one_root = mq.integrate(mq.principal_flow(method).on(E), [1.0], h=0.4, steps=5)
    assert one_root.validity.verdict.startswith("doubtful: hλ ≤ 0.4, Im θ ≤ ")  # of a complex pair it follows one


def test_beyond_the_singularity_the_verdict_goes_by_the_drift():
    """Degree 2 says nothing there: on Beale's function it is as large as the field, and the flow is good to half a percent."""
    path = mq.integrate(principal().on(mq.losses.beale()), [2.8, 0.45], h=0.05, steps=30)
    iterates = mq.iterate(GD, mq.losses.beale(), [2.8, 0.45], h=0.05, steps=30)
    assert path.validity.estimate.max() > 1
    assert np.linalg.norm(path.theta.real - iterates.theta, axis=1).max() < 0.01 * path.validity.extent
    assert path.validity.grade == "valid"


def flow_of_degree_two_is_dear(label):
    return str(label).startswith("principal")


def test_a_network_is_judged_too():
    X = np.linspace(-1, 1, 20)[:, None]
    E = mq.losses.mlp((1, 3, 1), "tanh", "mean-squared", X, X[:, 0] ** 3)
    theta = mq.losses.xavier(E, 0)
    h = 0.3 / E.sharpness(theta)
    report = mq.compare(GD, E, theta, h=h, steps=10, flows=[1, 3, "principal", "principal+3"])
    for label, path in report.trajectories.items():
        measured = path.validity
        actual = report.errors[label].max()
        assert actual / 5 < measured.drift[-1] < 10 * actual
        assert np.isnan(measured.error[-1]) == flow_of_degree_two_is_dear(label)  # not computed where the drift says it
        assert measured.hlambda[0] == pytest.approx(h * np.abs(np.linalg.eigvalsh(E.hessian(theta))).max())


def test_a_piecewise_network_is_judged_by_its_truncated_flows():
    X = np.linspace(-1, 1, 7)[:, None]
    E = mq.losses.mlp((1, 3, 1), "relu", "mean-squared", X, X[:, 0])
    path = mq.integrate(mq.gradient_flow().on(E), mq.losses.xavier(E, 0), h=0.01, steps=3)
    assert path.validity.grade in {"valid", "rough"}


def test_a_run_that_meets_the_singularity_says_so():
    path = mq.integrate(principal().on(one_dimensional(1)), [1.0], h=1.0, steps=3)
    assert path.validity.verdict.startswith("stopped at t = 0: after step 0 an eigenvalue reaches hλ = 1, where")
    assert path.validity.singularity[-1] == pytest.approx(0.0, abs=1e-12)


def test_a_run_that_follows_the_cut_says_so():
    path = mq.integrate(principal("principal").on(VALLEY), [0.6, 0.5], h=3e-3, steps=30, max_evaluations=2000)
    assert path.validity.grade == "stopped"
    assert "it follows the cut of its logarithm" in path.validity.verdict


def test_a_run_off_the_cut_is_not_blamed_on_it():
    path = mq.integrate(principal().on(VALLEY), [0.6, 0.5], h=3e-3, steps=30, max_evaluations=30)
    assert path.validity.verdict.endswith("it does not describe the method there")


def test_the_imaginary_part_grows_or_dies_out():
    path = mq.integrate(principal().on(VALLEY), [0.6, 0.5], h=3e-3, steps=30)
    sizes = np.linalg.norm(path.theta.imag, axis=1)
    assert path.validity.growth == pytest.approx(sizes[15:].max() / sizes[:15].max())
    reach = np.linalg.norm(path.theta.real - path.theta[0].real, axis=1).max()
    assert path.validity.imaginary.max() <= sizes.max() / reach * (1 + 1e-12)  # two roundings of one number where they meet
    assert np.isnan(mq.integrate(principal().on(WELL), [1.1], h=0.1, steps=5).validity.growth)


def test_a_long_run_is_measured_at_a_few_points_from_first_to_last():
    path = mq.integrate(mq.gradient_flow().on(WELL), [1.4], h=0.01, steps=300)
    measured = path.validity
    assert len(measured.t) <= POINTS
    assert (measured.t[0], measured.t[-1]) == (path.t[0], path.t[-1])
    assert all(
        len(getattr(measured, name)) == len(measured.t) for name in ("hlambda", "singularity", "cut", "imaginary", "estimate", "error")
    )


def test_a_run_without_steps_is_a_single_evaluation():
    path = mq.integrate(mq.gradient_flow().on(WELL), [1.4], h=0.1, steps=0)
    assert path.validity.verdict == mq.validity(mq.gradient_flow().on(WELL), [1.4], 0.1).verdict


def test_at_rest_nothing_is_left_out():
    path = mq.integrate(mq.gradient_flow().on(WELL), [1.0], h=0.1, steps=3)
    assert path.validity.estimate.max() == 0.0
    assert path.validity.grade == "valid"


def test_a_run_of_a_method_has_no_validity():
    assert mq.iterate(GD, WELL, [1.4], h=0.1, steps=2).validity is None


def test_validity_is_measured_once():
    path = mq.integrate(mq.gradient_flow().on(WELL), [1.4], h=0.1, steps=2)
    assert path.validity is path.validity


def test_a_modifying_field_has_no_estimate():
    at = mq.validity(mq.modifying_equation(GD, 2).on(WELL), [1.4], 0.1)
    assert at.grade == "unknown"
    assert np.isnan(at.estimate[0])


def test_a_flow_that_overflows_is_stopped():
    E = mq.Loss.from_sympy("-x**4/4", ["x"])
    path = mq.integrate(mq.gradient_flow().on(E), [2.0], h=0.1, steps=10)
    assert path.validity.grade == "stopped"


def test_an_infinite_estimate_is_doubtful():
    path = mq.integrate(mq.gradient_flow().on(WELL), [1.4], h=0.1, steps=2)
    broken = dataclasses.replace(path.validity, estimate=np.full(3, np.inf), drift=np.full(3, np.inf))
    assert broken.verdict.startswith("doubtful: hλ ≤ 0.488; next order ≤ more than 1000 % of field")


def test_bad_input_is_refused():
    flow = mq.gradient_flow().on(WELL)
    with pytest.raises(TypeError, match="expected a flow"):
        mq.validity(mq.gradient_flow(), [1.0], 0.1)
    with pytest.raises(ValueError, match="one point"):
        mq.validity(flow, [[1.0], [2.0]], 0.1)
    with pytest.raises(ValueError, match="step size"):
        mq.validity(flow, [1.0], -0.1)
    with pytest.raises(ValueError, match="finite"):
        mq.validity(flow, [np.nan], 0.1)

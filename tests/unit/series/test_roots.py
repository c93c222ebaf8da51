"""All roots of a method on y' = −λy, against eigenvalues of M(ζ) and closed forms."""

import cmath

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.series import characteristic_roots

beta = sympy.Symbol("beta")
AVERAGED = mq.GeneralLinearMethod(  # gradient descent that reports a⁺ = a/2 + x⁺/2
    A=[[0]], U=[[1, 0]], B=[[1], ["1/2"]], V=[[1, 0], ["1/2", "1/2"]], output=[0, 1], name="averaged gradient descent"
)
METHODS = [
    mq.GradientDescent(),
    mq.RungeKutta([["1/2"]], [1], name="implicit midpoint"),
    mq.HeavyBall("9/10"),
    mq.HeavyBall("-1/2"),
    mq.HeavyBall(sympy.sqrt(2) / 2),
    mq.Nesterov("9/10"),
    AVERAGED,
    mq.Lookahead(mq.HeavyBall("1/2"), steps=2),
    mq.compose(mq.HeavyBall("9/10"), mq.HeavyBall("9/10")),
    mq.compose(mq.HeavyBall("9/10"), mq.HeavyBall("1/2")),
    mq.GeneralLinearMethod(
        A=[[0]],
        U=[[1, 0, 0]],
        B=[["23/12"], [1], [0]],
        V=[[1, "-4/3", "5/12"], [0, 0, 0], [0, 1, 0]],
        output=[1, 0, 0],
        name="Adams-Bashforth 3",
    ),
]


def stability_matrix(method, z):
    A, U, B, V, _ = method.matrices()
    return V - z * B @ np.linalg.solve(np.eye(len(A)) + z * A, U)


@pytest.mark.parametrize("method", METHODS, ids=str)
@pytest.mark.parametrize("z", [1e-3, 0.07, 0.8, 1.7, -0.4, 0.3 + 0.2j])
def test_the_roots_are_the_eigenvalues_that_a_step_has(method, z):
    found = characteristic_roots(method)(z)
    eigenvalues = np.linalg.eigvals(stability_matrix(method, z))
    assert len(found) == len(eigenvalues)
    assert max(np.abs(eigenvalues - root).min() for root in found) < 1e-9
    assert max(np.abs(found - value).min() for value in eigenvalues) < 1e-9


@pytest.mark.parametrize("method", METHODS, ids=str)
@pytest.mark.parametrize("z", [1e-3, 0.07, 0.8, 1.7])
def test_the_first_root_is_the_one_of_the_flow_and_the_others_follow_by_modulus(method, z):
    flow = mq.principal_flow(method)
    first, *others = flow.roots(z)
    assert abs(first - cmath.exp(z * flow.coefficient(z))) < 1e-12 * abs(first)
    assert np.diff(np.abs(others)).max(initial=0.0) < 1e-12


@pytest.mark.parametrize("method", METHODS, ids=str)
@pytest.mark.parametrize("z", [1e-3, 0.07, 0.8, -0.4, 0.3 + 0.2j])
def test_a_run_from_rest_is_the_sum_of_the_powers_of_all_roots(method, z):
    M, (*_, c) = stability_matrix(method, z), method.matrices()
    state = np.array([float(entry) for entry in method.invariants[0]])
    roots = characteristic_roots(method)
    values, amplitudes = roots(z), roots.amplitudes(z)
    for n in range(40):
        scale = max(1.0, (np.abs(amplitudes) * np.abs(values) ** n).max())
        assert abs(c @ np.linalg.matrix_power(M, n) @ state - amplitudes @ values**n) < 1e-9 * scale


def test_amplitudes_of_heavy_ball_at_rest_have_a_closed_form():
    # x₀ = 1, x₁ = 1 − z: a₁ = (1 − z − R₂)/(R₁ − R₂)
    roots, z = characteristic_roots(mq.HeavyBall(0.9)), 0.5
    first, second = roots(z)
    assert abs(roots.amplitudes(z)[0] - (1 - z - second) / (first - second)) < 1e-14


def test_a_start_on_one_root_excites_that_root_only():
    z, method = 0.5, mq.HeavyBall(0.9)
    roots = characteristic_roots(method)
    for k, root in enumerate(roots(z)):  # x = 1, v = x − x₋₁ = 1 − 1/ρ
        amplitudes = roots.amplitudes(z, [1.0, 1 - 1 / root])
        assert np.abs(amplitudes - np.eye(2)[k]).max() < 1e-13


def test_heavy_ball_has_its_branch_points_where_the_discriminant_vanishes():
    low, high = sorted(characteristic_roots(mq.HeavyBall("beta")).branch_points, key=lambda point: point.subs(beta, 0.3))
    assert sympy.simplify(low - (1 - sympy.sqrt(beta)) ** 2) == 0
    assert sympy.simplify(high - (1 + sympy.sqrt(beta)) ** 2) == 0


def test_nesterov_has_its_branch_points_at_one_and_below():
    # (1 − z)((1 − β)² − (1 + β)² z) = 0
    points = characteristic_roots(mq.Nesterov("beta")).branch_points
    assert {sympy.factor(point) for point in points} == {sympy.Integer(1), (beta - 1) ** 2 / (1 + beta) ** 2}


def test_negative_momentum_moves_the_branch_points_off_the_real_axis():
    points = [complex(point) for point in characteristic_roots(mq.HeavyBall("-1/4")).branch_points]
    assert points == [0.75 - 1j, 0.75 + 1j]  # (1 ∓ i/2)²


def test_methods_without_memory_have_no_branch_points():
    assert characteristic_roots(METHODS[1]).branch_points == ()
    assert characteristic_roots(AVERAGED).branch_points == ()  # R = 1 − z crosses ½, unimpressed


@pytest.mark.parametrize("method", [m for m in METHODS if m.states > 1], ids=str)
def test_at_a_branch_point_the_principal_root_meets_another(method):
    roots = characteristic_roots(method)
    for point in map(complex, roots.branch_points):
        near = roots(point * (1 - 1e-10))
        scale = max(1.0, abs(near[0]))
        assert np.abs(near[1:] - near[0]).min() < 1e-3 * scale


def test_parasitic_roots_that_meet_each_other_are_no_branch_points():
    roots = characteristic_roots(mq.compose(mq.HeavyBall("9/10"), mq.HeavyBall("1/2")))
    all_points = [-complex(zero) for zero in sympy.Poly(roots.stability.discriminant.as_expr()).nroots() if abs(complex(zero)) > 1e-9]
    assert len(all_points) == 6
    assert len(roots.branch_points) == 4


@pytest.mark.parametrize(
    ("method", "bounds"),
    [
        (mq.GradientDescent(), {sympy.Integer(2)}),
        (mq.HeavyBall("beta"), {2 * (1 + beta)}),
        (mq.Nesterov("beta"), {2 * (1 + beta) / (1 + 2 * beta)}),
    ],
    ids=["gradient descent", "heavy ball", "Nesterov"],
)
def test_stability_bounds_are_the_known_ones(method, bounds):
    assert {sympy.factor(bound) for bound in characteristic_roots(method).stability_bounds} == {sympy.factor(bound) for bound in bounds}


@pytest.mark.parametrize("family", [mq.HeavyBall, mq.Nesterov])
@pytest.mark.parametrize("z", [0.0005, 0.4, -0.7])
def test_closed_forms_are_the_roots(family, z):
    forms = characteristic_roots(family("beta")).closed_form()
    values = [complex(form.subs({"beta": sympy.Rational(9, 10), "z": sympy.Rational(z)})) for form in forms]
    found = characteristic_roots(family("9/10"))(z)
    if found[0].imag:  # the principal square root is one of a pair, the continued one may be the other
        values.sort(key=lambda value: abs(value - found[0]))
    assert np.abs(np.array(values) - found).max() < 1e-12


def test_closed_forms_include_the_roots_that_split_off():
    principal, parasitic = characteristic_roots(AVERAGED).closed_form()
    assert sympy.expand(principal) == 1 - sympy.Symbol("z")
    assert parasitic == sympy.Rational(1, 2)


def test_what_never_reaches_the_output_is_no_root():
    method = mq.GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [1]], V=[[1, 0], [0, "9/10"]], output=[1, 0])
    assert characteristic_roots(method).degree == 1


def test_without_momentum_the_second_root_is_always_zero_and_left_out():
    assert characteristic_roots(mq.HeavyBall(0)).degree == 1


def test_an_infinite_root_is_infinite():
    assert np.isinf(characteristic_roots(mq.ProximalPoint())(-1.0)).all()


def test_amplitudes_where_roots_meet_are_refused():
    with pytest.raises(ValueError, match="two roots of heavy ball meet"):
        characteristic_roots(mq.HeavyBall("1/4")).amplitudes(0.25)


def test_a_state_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\), got \(3,\)"):
        characteristic_roots(mq.HeavyBall("1/4")).amplitudes(0.1, [1.0, 0.0, 0.0])


def test_a_state_with_a_mode_of_its_own_is_refused():
    method = mq.GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [0]], V=[[1, 1], [0, "1/2"]], output=[1, 0])
    roots = characteristic_roots(method)
    assert roots.amplitudes(0.1) == pytest.approx([1.0])
    with pytest.raises(ValueError, match="a mode that no field excites"):
        roots.amplitudes(0.1, [1.0, 1.0])


def test_symbolic_parameters_have_no_numbers():
    with pytest.raises(ValueError, match="free parameter beta"):
        characteristic_roots(mq.HeavyBall("beta"))(0.1)


def test_methods_with_several_fields_have_no_roots():
    with pytest.raises(ValueError, match="different fields"):
        characteristic_roots(mq.compose(mq.GradientDescent(), mq.GradientDescent().on_field(1)))

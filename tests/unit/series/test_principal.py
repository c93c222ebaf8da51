"""The principal flow as a value: symbols, singular points, branches, bad input.

α(z) = log R(−z)/z with the stability functions of Hairer, Wanner 1996, IV.3; gradient descent: Rosca et al. 2023,
arXiv 2302.01952.
"""

import cmath
import math
import warnings

import numpy as np
import pytest
import sympy

import modeq as mq

z, beta = sympy.symbols("z beta")
GD = mq.GradientDescent()
MIDPOINT = mq.RungeKutta([["1/2"]], [1])
POINTS = [sympy.Rational(1, 7), sympy.Rational(-2, 5), sympy.Rational(1, 3) - sympy.I / 5]

SYMBOLS = {
    "gradient descent": (GD, sympy.log(1 - z) / z),
    "proximal point": (mq.ProximalPoint(), -sympy.log(1 + z) / z),
    "extragradient": (mq.Extragradient(), sympy.log(1 - z + z**2) / z),
    "implicit midpoint": (MIDPOINT, sympy.log((2 - z) / (2 + z)) / z),
    "heavy ball": (mq.HeavyBall("beta"), sympy.log((1 + beta - z + sympy.sqrt((1 + beta - z) ** 2 - 4 * beta)) / 2) / z),
    "Nesterov": (
        mq.Nesterov("beta"),
        sympy.log(((1 + beta) * (1 - z) + sympy.sqrt((1 + beta) ** 2 * (1 - z) ** 2 - 4 * beta * (1 - z))) / 2) / z,
    ),
}


@pytest.mark.parametrize("name", SYMBOLS)
def test_symbol_is_the_closed_form(name):
    method, meant = SYMBOLS[name]
    difference = (mq.principal_flow(method).symbol - meant).subs(beta, sympy.Rational(1, 100))
    assert all(abs(difference.subs(z, point).evalf(30)) < 1e-25 for point in POINTS)


def test_symbol_of_gradient_descent_is_literally_log_one_minus_z_over_z():
    assert mq.principal_flow(GD).symbol == sympy.log(1 - z) / z


def test_symbol_of_proximal_point_is_literally_minus_log_one_plus_z_over_z():
    assert mq.principal_flow(mq.ProximalPoint()).symbol == -sympy.log(z + 1) / z


@pytest.mark.parametrize(
    ("method", "value"),
    [
        (GD, -1),
        (mq.ProximalPoint(), -1),
        (mq.HeavyBall(0.5), -2),
        (mq.Nesterov(0.9), -10),
        (mq.compose(GD, GD, GD), -3),
        (mq.compose(mq.HeavyBall(0.9), mq.Nesterov(0.5)), -12),
    ],
    ids=str,
)
def test_coefficient_at_zero_is_minus_the_speed_of_the_method(method, value):
    assert abs(mq.principal_flow(method).coefficient(0.0) - value) <= 1e-14 * abs(value)


def test_coefficient_takes_arrays_of_any_shape():
    points = np.linspace(-0.5, 0.9, 6).reshape(2, 3)
    values = mq.principal_flow(GD).coefficient(points)
    assert values.shape == (2, 3)
    assert values[1, 2] == mq.principal_flow(GD).coefficient(points[1, 2])


def test_coefficient_of_no_points_is_no_values():
    assert mq.principal_flow(GD).coefficient([]).shape == (0,)


@pytest.mark.parametrize("method", [GD, mq.Nesterov(0.5), mq.Nesterov(0.9)], ids=str)
def test_landing_in_one_step_is_minus_infinity_with_a_warning(method):
    with pytest.warns(RuntimeWarning, match=r"hλ = 1\+0j is a singularity"):
        value = mq.principal_flow(method).coefficient(1.0)
    assert value == -math.inf


def test_one_singular_point_leaves_the_others_alone():
    with pytest.warns(RuntimeWarning, match="singularity"):
        values = mq.principal_flow(GD).coefficient([0.5, 1.0])
    assert abs(values[0] - 2 * math.log(0.5)) < 1e-15
    assert values[1] == -math.inf


@pytest.mark.parametrize(
    ("method", "point"),
    [(mq.ProximalPoint(), -1.0), (MIDPOINT, -2.0)],
    ids=["implicit Euler at hλ = -1", "midpoint at hλ = -2"],
)
def test_a_pole_of_the_stability_function_is_minus_infinity_with_a_warning(method, point):
    # log R(−z)/z with R → ∞ and z < 0
    with pytest.warns(RuntimeWarning, match="singularity"):
        value = mq.principal_flow(method).coefficient(point)
    assert value == -math.inf


@pytest.mark.parametrize(
    ("method", "point"),
    [(mq.RungeKutta([[0, 0], [-2, 0]], [0, 1]), -1.0), (mq.RungeKutta([[-1]], [1]), 1.0)],
    ids=["a zero of R at hλ = -1", "a pole of R at hλ = 1"],
)
def test_the_infinity_has_the_sign_of_the_values_around_it(method, point):
    # R = 1 + ζ − 2ζ² vanishes at ζ = 1, where z = −1; R = (1 + 2ζ)/(1 + ζ) is infinite at ζ = −1, where z = 1.
    flow = mq.principal_flow(method)
    assert all(flow.coefficient(point + small).real > 10 for small in (1e-7, -1e-7))
    with pytest.warns(RuntimeWarning, match="singularity"):
        value = flow.coefficient(point)
    assert value == math.inf


def test_singular_points_are_known_beforehand():
    assert mq.principal_flow(GD).singularities == (1,)
    assert set(mq.principal_flow(MIDPOINT).singularities) == {-2, 2}
    assert mq.principal_flow(mq.HeavyBall("beta")).singularities == ()
    assert 1 in mq.principal_flow(mq.Nesterov("beta")).singularities


@pytest.mark.parametrize("angle", [-0.49, -0.25, 0.0, 0.5, 0.99, 1.0, 1.2, 1.5])
def test_rotated_branch_takes_the_argument_between_minus_a_quarter_and_three_quarters_of_a_turn(angle):
    # 1 − z = e^{iπ·angle}/2
    point = 1 - cmath.exp(1j * math.pi * angle) / 2 if angle not in (1.0, 1.5) else {1.0: 1.5 + 0j, 1.5: 1 + 0.5j}[angle]
    value = mq.principal_flow(GD).coefficient(point) * point
    assert abs(value - (math.log(0.5) + 1j * math.pi * angle)) < 1e-13


@pytest.mark.parametrize("angle", [-0.99, -0.5, -0.25, 0.0, 0.5, 0.99, 1.0])
def test_principal_branch_takes_the_argument_up_to_half_a_turn(angle):
    point = 1 - cmath.exp(1j * math.pi * angle) / 2 if angle != 1.0 else 1.5 + 0j
    value = mq.principal_flow(GD, branch="principal").coefficient(point) * point
    assert abs(value - (math.log(0.5) + 1j * math.pi * angle)) < 1e-13


def test_rotated_branch_is_continuous_across_the_real_axis_beyond_one():
    flow = mq.principal_flow(GD)
    points = np.linspace(1.01, 6, 50)
    above, below = flow.coefficient(points + 1e-13j), flow.coefficient(points - 1e-13j)
    assert np.abs(above - below).max() < 1e-10


def test_principal_branch_jumps_there():
    flow = mq.principal_flow(GD, branch="principal")
    assert abs(flow.coefficient(1.5 + 1e-13j) - flow.coefficient(1.5 - 1e-13j)) > 4


def test_branches_agree_before_the_singularity():
    points = np.linspace(-3, 0.999, 100)
    rotated, principal = (mq.principal_flow(GD, branch=branch).coefficient(points) for branch in ("rotated", "principal"))
    assert (rotated == principal).all()


@pytest.mark.parametrize(
    ("point", "sign"), [(0.3, -1), (1.5, -1), (2.5, 1), (-0.5, -1)], ids=["monotone", "damped oscillation", "divergence", "escape"]
)
def test_sign_of_the_real_part_says_what_gradient_descent_does(point, sign):
    # |1 − hλ|ⁿ = exp(n·hλ·Re α): for hλ > 0 the method converges where Re α < 0; Rosca et al. 2023, section 3.
    assert math.copysign(1, mq.principal_flow(GD).coefficient(point).real) == sign


def test_at_the_edge_of_stability_the_real_part_vanishes():
    assert abs(mq.principal_flow(GD).coefficient(2.0).real) < 1e-16


def test_an_infinite_or_undefined_point_gives_nan_and_no_error():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert cmath.isnan(mq.principal_flow(GD).coefficient(math.nan))


def test_with_parameters_makes_it_a_number():
    flow = mq.principal_flow(mq.HeavyBall("beta"))
    assert flow.with_parameters(beta=0.9).coefficient(0.3) == mq.principal_flow(mq.HeavyBall(0.9)).coefficient(0.3)


def test_numbers_are_needed_for_numbers():
    with pytest.raises(ValueError, match=r"with_parameters\(beta=…\)"):
        mq.principal_flow(mq.HeavyBall("beta")).coefficient(0.1)


@pytest.mark.parametrize("branch", ["", "Rotated", None, 0])
def test_an_unknown_branch_is_refused(branch):
    with pytest.raises(ValueError, match="'rotated', 'principal'"):
        mq.principal_flow(GD, branch=branch)


def test_several_fields_have_no_principal_flow():
    with pytest.raises(ValueError, match="evaluates 2 different fields"):
        mq.principal_flow(mq.compose(GD, GD.on_field(1)))


def test_no_completion_means_no_truncated_equation():
    assert mq.principal_flow(GD).modified_equation() is None


def test_completion_takes_its_trees_from_the_modified_equation():
    assert mq.principal_flow(GD, order=4).modified_equation() == mq.modified_equation(GD, order=4)


def test_a_root_of_degree_three_is_written_as_a_root():
    flow = mq.principal_flow(mq.compose(mq.HeavyBall(0.9), mq.HeavyBall(0.5)))
    assert flow.symbol == sympy.log(sympy.Function("R")(-z)) / z

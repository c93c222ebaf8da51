"""The polynomial of the principal root, det(ρI − M(ζ)) with M = V + ζB(I − ζA)⁻¹U."""

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.series import stability_function
from modeq.series.stability import RHO, ZETA

beta = sympy.Symbol("beta")
RK4 = mq.RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"])


@pytest.mark.parametrize(
    ("method", "meant"),
    [
        (mq.GradientDescent(), RHO - 1 - ZETA),
        (mq.ProximalPoint(), RHO * (1 - ZETA) - 1),
        (mq.HeavyBall("beta"), RHO**2 - (1 + beta + ZETA) * RHO + beta),
        (mq.Nesterov("beta"), RHO**2 - (1 + beta) * (1 + ZETA) * RHO + beta * (1 + ZETA)),
        (RK4, RHO - (1 + ZETA + ZETA**2 / 2 + ZETA**3 / 6 + ZETA**4 / 24)),
    ],
    ids=["gradient descent", "proximal point", "heavy ball", "Nesterov", "RK4"],
)
def test_polynomial_is_the_known_one(method, meant):
    # Equal up to a constant factor: the ratio does not depend on ρ and ζ.
    ratio = sympy.cancel(stability_function(method).polynomial.as_expr() / meant)
    assert not ratio.has(RHO, ZETA)


@pytest.mark.parametrize(
    "method",
    [
        RK4,
        mq.HeavyBall(0.9),
        mq.Nesterov(0.7),
        mq.Lookahead(mq.HeavyBall(0.9), steps=3),
        mq.compose(mq.HeavyBall(0.9), mq.Nesterov(0.5)),
        mq.RungeKutta([["1/4", -0.1], ["1/3", "1/4"]], ["1/2", "1/2"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("zeta", [0.1, -0.3, 0.2 + 0.4j])
def test_roots_are_eigenvalues_of_the_stability_matrix(method, zeta):
    A, U, B, V, _ = method.matrices()
    eigenvalues = np.linalg.eigvals(V + zeta * B @ np.linalg.solve(np.eye(len(A)) - zeta * A, U))
    coefficients = sympy.Poly(stability_function(method).polynomial.as_expr().subs(ZETA, sympy.sympify(zeta)), RHO).all_coeffs()
    roots = np.roots([complex(c) for c in coefficients])
    assert max(np.abs(eigenvalues - root).min() for root in roots) < 1e-9


@pytest.mark.parametrize("method", [mq.HeavyBall("beta"), mq.Nesterov("beta"), mq.ProximalPoint(), RK4], ids=str)
def test_root_starts_at_one(method):
    root = stability_function(method).root()
    assert sympy.simplify(root.subs({ZETA: 0, beta: sympy.Rational(1, 3)})) == 1


def test_parasitic_roots_that_never_meet_the_principal_one_are_split_off():
    # A state that only decays and never enters the output.
    method = mq.GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [0]], V=[[1, 0], [0, "1/2"]], output=[1, 0])
    assert stability_function(method).degree == 1


def test_a_closed_form_of_degree_three_is_refused():
    with pytest.raises(ValueError, match="no readable closed form"):
        stability_function(mq.compose(mq.HeavyBall(0.9), mq.HeavyBall(0.5))).root()


def test_discriminant_of_heavy_ball_vanishes_where_its_roots_meet():
    # (1 ± √β)² = hλ; Polyak 1964
    discriminant = stability_function(mq.HeavyBall("1/4")).discriminant
    assert {-root for root in sympy.roots(discriminant.as_expr(), ZETA)} == {sympy.Rational(1, 4), sympy.Rational(9, 4)}

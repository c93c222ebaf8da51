"""α(z) = log R(−z)/z against independent computations of the principal root R.

Closed forms in 50 digits (mpmath), eigenvalues of M(ζ) = V + ζB(I − ζA)⁻¹U followed in small steps, and the chains of the
modified equation, which are the Taylor coefficients of α.
"""

import cmath
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.series import stability_function
from modeq.trees import chain

RK4 = mq.RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"], name="RK4")
MIDPOINT = mq.RungeKutta([["1/2"]], [1], name="implicit midpoint")


def rotated(function):
    """The branch arg ∈ (−π/2, 3π/2] of log or √, which is a rotation by i of the principal branch."""
    half_turn = mpmath.mpc(0, 1)
    if function == "log":
        return lambda w: mpmath.log(w / half_turn) + half_turn * mpmath.pi / 2
    return lambda w: mpmath.sqrt(w / half_turn) * mpmath.exp(half_turn * mpmath.pi / 4)


def heavy_ball_root(beta):
    beta = mpmath.mpf(beta.numerator) / beta.denominator if isinstance(beta, Fraction) else beta

    def R(z):  # ρ² − (1 + β + ζ)ρ + β = 0, discriminant (1 − β)² (1 − z/z₋)(1 − z/z₊), z± = (1 ± √β)²
        low, high = (1 - mpmath.sqrt(beta)) ** 2, (1 + mpmath.sqrt(beta)) ** 2
        root = rotated("sqrt")
        return (1 + beta - z + (1 - beta) * root(1 - z / low) * root(1 - z / high)) / 2

    return R


def nesterov_root(beta):
    beta = mpmath.mpf(beta.numerator) / beta.denominator

    def R(z):  # ρ² − (1 + β)(1 + ζ)ρ + β(1 + ζ) = 0
        root = rotated("sqrt")
        return ((1 + beta) * (1 - z) + (1 - beta) * root(1 - z) * root(1 - z * ((1 + beta) / (1 - beta)) ** 2)) / 2

    return R


CLOSED_FORMS = {
    "gradient descent": (mq.GradientDescent(), lambda: lambda z: 1 - z),
    "proximal point": (mq.ProximalPoint(), lambda: lambda z: 1 / (1 + z)),
    "implicit midpoint": (MIDPOINT, lambda: lambda z: (1 - z / 2) / (1 + z / 2)),
    "extragradient": (mq.Extragradient(), lambda: lambda z: 1 - z + z**2),
    "RK4": (RK4, lambda: lambda z: 1 - z + z**2 / 2 - z**3 / 6 + z**4 / 24),
    "heavy ball 1/2": (mq.HeavyBall("1/2"), lambda: heavy_ball_root(Fraction(1, 2))),
    "heavy ball 9/10": (mq.HeavyBall("9/10"), lambda: heavy_ball_root(Fraction(9, 10))),
    "Nesterov 1/2": (mq.Nesterov("1/2"), lambda: nesterov_root(Fraction(1, 2))),
    "Nesterov 9/10": (mq.Nesterov("9/10"), lambda: nesterov_root(Fraction(9, 10))),
}
SMALL = [mantissa * 10.0**exponent for exponent in range(-12, 0) for mantissa in (1.0, 3.137)]
NEAR = [size * direction for size in SMALL for direction in (1, -1, 1j, -1j, cmath.exp(0.7j), cmath.exp(-2.5j))]
FAR = [0.6, 0.97, 1.03, 1.5, 2.1, 2.7, 3.9, 6.0, -0.7, -1.6, -5.0, 0.5 - 0.2j, 1.4 - 0.3j, -0.8 + 0.4j, -0.8 - 0.4j, 0.4 + 0.3j]


def relative_error(name, points):
    method, form = CLOSED_FORMS[name]
    flow = mq.principal_flow(method)
    worst = 0.0
    with mpmath.workdps(50):
        R = form()
        for point in points:
            z = mpmath.mpc(complex(point).real, complex(point).imag)
            exact = rotated("log")(R(z)) / z
            worst = max(worst, float(abs(mpmath.mpmathify(flow.coefficient(point)) - exact) / abs(exact)))
    return worst


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_alpha_keeps_all_digits_near_zero(name):
    assert relative_error(name, NEAR) < 1e-14


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_alpha_is_accurate_away_from_zero(name):
    assert relative_error(name, FAR) < 1e-12


def reference_eigenvalues(method):
    A, U, B, V, _ = method.matrices()

    def at(z):
        """Return the eigenvalues at a number, or at each of many."""
        z = np.asarray(z)[..., None, None]
        return np.linalg.eigvals(V - z * (B @ np.linalg.solve(np.eye(len(A)) + z * A, U)))

    return at


def follow(method, target, steps=4000):
    """R at hλ = target, the eigenvalue followed from 1 on a path that dips below the real axis, where no step is long.

    Short steps near 0, where momentum puts its first branch point.
    """
    s = (np.arange(1, steps + 1) / steps) ** 2
    R = 1.0 + 0j
    for found in reference_eigenvalues(method)(target * s - 0.5j * abs(target) * s * (1 - s)).tolist():
        R = min(found, key=lambda root, last=R: abs(root - last))
    return R


SEVERAL_ROOTS = {
    "heavy ball 1/2": mq.HeavyBall("1/2"),
    "heavy ball 9/10": mq.HeavyBall("9/10"),
    "heavy ball 99/100": mq.HeavyBall("99/100"),
    "heavy ball −1/2": mq.HeavyBall("-1/2"),
    "Nesterov 1/2": mq.Nesterov("1/2"),
    "Nesterov 9/10": mq.Nesterov("9/10"),
    "momenta 9/10 and 1/2": mq.compose(mq.HeavyBall("9/10"), mq.HeavyBall("1/2")),
    "momenta 99/100 and 1/2": mq.compose(mq.HeavyBall("99/100"), mq.HeavyBall("1/2")),
    "momenta 9/10, 1/2 and gradient descent": mq.compose(mq.HeavyBall("9/10"), mq.HeavyBall("1/2"), mq.GradientDescent()),
    "Adams-Bashforth 3": mq.GeneralLinearMethod(
        A=[[0]], U=[[1, 0, 0]], B=[["23/12"], [1], [0]], V=[[1, "-4/3", "5/12"], [0, 0, 0], [0, 1, 0]], output=[1, 0, 0]
    ),
}


@pytest.mark.parametrize("name", SEVERAL_ROOTS)
@pytest.mark.parametrize("z", [1e-4, 0.02, 0.3, 0.7, 1.2, 1.9, 2.5, 3.7, 5.0, -0.5, -3.0])
def test_exp_alpha_is_the_eigenvalue_continued_from_one(name, z):
    method = SEVERAL_ROOTS[name]
    R = cmath.exp(z * mq.principal_flow(method).coefficient(z))
    followed = follow(method, z)
    assert abs(R - followed) < 1e-7 * max(1, abs(followed))


@pytest.mark.parametrize("name", SEVERAL_ROOTS)
@pytest.mark.parametrize("z", [0.1, -0.4, 0.9 - 0.3j, 1.3 + 0.2j, 2.6])
def test_exp_alpha_is_some_eigenvalue(name, z):
    method = SEVERAL_ROOTS[name]
    R = cmath.exp(z * mq.principal_flow(method).coefficient(z))
    assert np.abs(reference_eigenvalues(method)(z) - R).min() < 1e-10


@pytest.mark.parametrize("beta", ["1/4", "1/2", "9/10"])
def test_heavy_ball_diverges_just_beyond_its_second_branch_point(beta):
    # Polyak 1964: stable for 0 < hλ < 2(1 + β); the roots are a pair of modulus √β between (1 − √β)² and (1 + √β)².
    flow, momentum = mq.principal_flow(mq.HeavyBall(beta)), float(Fraction(beta))
    edge = 2 * (1 + momentum)
    assert flow.coefficient(edge * (1 - 1e-6)).real < 0 < flow.coefficient(edge * (1 + 1e-6)).real
    inside = np.linspace((1 - math.sqrt(momentum)) ** 2, (1 + math.sqrt(momentum)) ** 2, 22)[1:-1]
    assert np.abs(np.exp(inside * flow.coefficient(inside).real) - math.sqrt(momentum)).max() < 1e-12


@pytest.mark.parametrize("name", ["heavy ball 1/2", "heavy ball 9/10", "momenta 9/10 and 1/2", "momenta 99/100 and 1/2"])
def test_alpha_has_no_jumps_on_the_real_axis(name):
    # The spacing is fine against everything but the square roots at branch points, whose jumps shrink with it.
    values = mq.principal_flow(SEVERAL_ROOTS[name]).coefficient(np.linspace(0.2, 4.5, 251))
    assert np.abs(np.diff(values)).max() < 0.5


def test_heavy_ball_against_the_time_series_that_it_produces():
    # After the transient two iterates on f(x) = −λx behave as Rⁿ: ratio of iterates, in exact arithmetic.
    beta, z = Fraction(1, 2), Fraction(1, 20)  # real roots: z < (1 − √β)²
    x, v = Fraction(1), Fraction(0)
    for _ in range(200):
        v = beta * v - z * x
        x, last = x + v, x
    alpha = mq.principal_flow(mq.HeavyBall(beta)).coefficient(float(z))
    assert abs(cmath.exp(alpha * float(z)) - float(x / last)) < 1e-14


CHAIN_METHODS = [
    mq.GradientDescent(),
    mq.ProximalPoint(),
    mq.Extragradient(),
    RK4,
    MIDPOINT,
    mq.HeavyBall("1/3"),
    mq.HeavyBall("beta"),
    mq.Nesterov("beta"),
    mq.Lookahead(mq.GradientDescent(), steps=3, alpha="1/4"),
    mq.Lookahead(mq.HeavyBall("1/2"), steps=2),
    mq.compose(mq.HeavyBall("1/2"), mq.Nesterov("1/3")),
    mq.RungeKutta([["1/3", "-2/5"], [2, "1/7"]], ["3/4", "5/6"], name="any tableau"),
]


@pytest.mark.parametrize("method", CHAIN_METHODS, ids=lambda m: f"{m}{m.parameters or ''}")
def test_chains_of_the_modified_equation_are_the_taylor_coefficients_of_log_r(method):
    # log R(ζ) = Σ b(chain_k) ζᵏ: χ(exp Σ b(chain_k) ζᵏ, ζ) = O(ζ^(p+1)), without choosing a root.
    order = 6
    equation = mq.modified_equation(method, order=order)
    polynomial = stability_function(method).polynomial
    rho, zeta = polynomial.gens[:2]
    logarithm = [sympy.Integer(0)] + [sympy.sympify(equation.coefficient(chain(k))) for k in range(1, order + 1)]
    # exp of a power series: k·e_k = Σ j·l_j·e_(k−j)
    exponential = [sympy.Integer(1)]
    for k in range(1, order + 1):
        exponential.append(sympy.cancel(sum(j * logarithm[j] * exponential[k - j] for j in range(1, k + 1)) / k))

    def times(a, b):
        return [sympy.cancel(sum(a[i] * b[k - i] for i in range(k + 1))) for k in range(order + 1)]

    total = [sympy.Integer(0)] * (order + 1)
    power = [sympy.Integer(1)] + [sympy.Integer(0)] * order
    for coefficient in reversed(sympy.Poly(polynomial.as_expr(), rho).all_coeffs()):
        in_zeta = sympy.Poly(coefficient, zeta).all_coeffs()[::-1]
        in_zeta = (in_zeta + [sympy.Integer(0)] * (order + 1))[: order + 1]
        total = [a + b for a, b in zip(total, times(power, in_zeta), strict=True)]
        power = times(power, exponential)
    assert all(sympy.cancel(value) == 0 for value in total)


@pytest.mark.parametrize("method", [m for m in CHAIN_METHODS if not m.parameters], ids=str)
def test_numbers_of_alpha_near_zero_are_the_chains(method):
    # α(z) = −Σ b(chain_k) (−z)^(k−1), summed to order 10 at z where the rest is below rounding.
    equation = mq.modified_equation(method, order=10)
    z = Fraction(1, 4000)
    series = -sum(equation.coefficient(chain(k)) * (-z) ** (k - 1) for k in range(1, 11))
    assert abs(mq.principal_flow(method).coefficient(float(z)) - float(series)) < 1e-14 * abs(float(series))


@pytest.mark.parametrize("exponent", range(-12, -1))
def test_a_followed_root_keeps_its_digits_near_zero(exponent):
    # Degree 3: 50 digits of the same polynomial by Newton's method, from the first-order root.
    method = SEVERAL_ROOTS["momenta 9/10 and 1/2"]
    z = 10.0**exponent / 8
    with mpmath.workdps(50):
        rho, zeta = stability_function(method).polynomial.gens[:2]
        at_z = sympy.Poly(stability_function(method).polynomial.as_expr().subs(zeta, -sympy.Rational(z)), rho)
        roots = mpmath.polyroots([mpmath.mpf(int(c.p)) / int(c.q) for c in at_z.all_coeffs()], maxsteps=200, extraprec=200)
        R = min(roots, key=lambda root: abs(root - (1 - 12 * mpmath.mpf(z))))
        exact = mpmath.log(R) / mpmath.mpf(z)
        error = abs(mpmath.mpmathify(mq.principal_flow(method).coefficient(z)) - exact) / abs(exact)
    assert error < 1e-14

"""Momentum on the cubic loss λx²/2 + κx³/3: the principal flow of degree 2 misses a step of its solution by O(ε³), degree 1 by O(ε²).

The solution is the curve of states y(s) = Σ q_k sᵏ with y(R s) = one step from y(s), the invariant manifold of the principal root.
Its coefficients solve one linear system each, whatever the size of hλ:

    Y_k = A(ζY_k + φ_k) + U q_k,   Rᵏ q_k = B(ζY_k + φ_k) + V q_k,   φ_k = −hκ Σ_{i+j=k} Y_i∘Y_j

so no series in h is involved and the branch of log R does not matter. X(s) = c·y(s), c·q_1 = 1. The flow that follows it exactly
is dX/dt = (log R/h) s X′(s).

Reference: X. Cabré, E. Fontich, R. de la Llave, The parameterization method for invariant manifolds III, J. Differential Equations
218 (2005) 444–515.
"""

import mpmath
import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp

import modeq as mq
from modeq.integration.smooth_start import smooth_start
from modeq.series import regimes
from modeq.series.modes import modes

LAMBDA, KAPPA = 1.0, 0.7
CUBIC = mq.Loss.from_sympy("x**2/2 + 7*x**3/30", ["x"])
BETA = sympy.Rational(9, 10)
CASES = [
    (mq.HeavyBall("1/2"), 0.05, "smooth"),
    (mq.Nesterov("1/2"), 0.05, "smooth"),
    (mq.HeavyBall("9/10"), 0.0015, "smooth"),
    (mq.Nesterov("9/10"), 0.0015, "smooth"),
    (mq.HeavyBall("9/10"), 0.5, "ringing"),
    (mq.Nesterov("9/10"), 0.5, "ringing"),
    (mq.HeavyBall("9/10"), 2.5, "ringing"),
    (mq.Nesterov("1/2"), 1.1, "oscillating"),
    (mq.HeavyBall("-1/2"), 0.8, "overtaken"),
    (mq.compose(mq.HeavyBall("9/10"), mq.HeavyBall("1/2")), 0.4, "overtaken"),
    (mq.Nesterov("1/2"), 1.7, "unstable"),
]
NAMES = [f"{method}, hλ = {h}, {name}" for method, h, name in CASES]


def manifold(method, h, order=9):
    """(R, X, states): coefficients of X(s) and y(s), shape (order + 1, r)."""
    A, U, B, V, c = method.matrices()
    s, r = U.shape
    zeta, R = -h * LAMBDA, mq.principal_flow(method).roots(h * LAMBDA)[0]
    values, vectors = np.linalg.eig(V + zeta * B @ np.linalg.solve(np.eye(s) - zeta * A, U))
    q = vectors[:, np.abs(values - R).argmin()]
    y, Y = [np.zeros(r), q / (c @ q)], [np.zeros(s)]
    Y.append(np.linalg.solve(np.eye(s) - zeta * A, U @ y[1]))
    for k in range(2, order + 1):
        phi = -h * KAPPA * sum(Y[i] * Y[k - i] for i in range(1, k))
        system = np.block([[np.eye(s) - zeta * A, -U], [-zeta * B, R**k * np.eye(r) - V]])
        solution = np.linalg.solve(system, np.concatenate([A @ phi, B @ phi]))
        Y.append(solution[:s])
        y.append(solution[s:])
    states = np.array(y)
    return R, states @ c, states


def power_series(coefficients, s):
    return sum(coefficient * s**k for k, coefficient in enumerate(coefficients))


def field(method, h, x, degree):
    """ψ(h f′) f + (h²/2) f″ f² c, per unit time."""
    f, slope, bend = -LAMBDA * x - KAPPA * x**2, -LAMBDA - 2 * KAPPA * x, -2 * KAPPA
    numbers = modes(method, True)
    zeta = h * slope
    tall = numbers.mode(zeta)[4] * f
    return tall if degree == 1 else tall + h**2 / 2 * bend * f**2 * numbers(zeta, zeta, zeta)


def one_step(method, h, x, degree):
    """The flow from x at t = h."""
    result = solve_ivp(lambda _, y: [field(method, h, y[0], degree)], (0, h), [x], method="DOP853", rtol=1e-12, atol=1e-18)
    assert result.success
    return result.y[0, -1]


def amplitude(X):
    """A value of s well within the radius of convergence of X."""
    return 0.02 / max(1.0, *(abs(X[k]) ** (1 / (k - 1)) for k in range(2, len(X))))


@pytest.mark.parametrize(("method", "h", "name"), CASES, ids=NAMES)
def test_the_solution_is_one_of_the_method(method, h, name):
    # One step of the general linear method, in its matrices, moves y(s) to y(R s).
    assert regimes(method).at(h * LAMBDA).name == name
    R, X, states = manifold(method, h, order=14)
    A, U, B, V, _ = method.matrices()
    s = 2 * amplitude(X)
    y = power_series(states, s)
    Y = U @ y
    for _ in range(method.stages):  # explicit: each sweep settles one more stage
        Y = U @ y + A @ (h * (-LAMBDA * Y - KAPPA * Y**2))
    after = B @ (h * (-LAMBDA * Y - KAPPA * Y**2)) + V @ y
    assert np.abs(after - power_series(states, R * s)).max() < 1e-13 * np.abs(y).max()


@pytest.mark.parametrize(("method", "h", "name"), CASES, ids=NAMES)
def test_degree_two_misses_one_step_by_the_cube_of_the_amplitude_and_degree_one_by_the_square(method, h, name):
    R, X, _ = manifold(method, h)
    sizes = amplitude(X) * 2.0 ** -np.arange(4)
    assert (abs(R.imag) > 1e-9) == (name == "ringing" or method.states > 2)
    for degree in (1, 2):
        errors = [abs(one_step(method, h, power_series(X, s), degree) - power_series(X, R * s)) for s in sizes]
        slope = np.log2(errors[-2] / errors[-1])
        assert slope == pytest.approx(degree + 1, abs=0.1)


def closed_form(family, beta, z):
    """c(ζ; ζ, ζ) at ζ = −z, from a₂ of X(s) = s + a₂s² + … with h = κ = 1, λ = z.

    The field of degree 2 agrees with (log R) s X′(s) up to x²: −z²c = a₂ log R + ψ − 2zψ′, ψ(ζ) = log R/ζ.
    """
    beta, zeta = mpmath.mpf(beta.p) / beta.q, -mpmath.mpf(z)
    nearest = complex(mq.principal_flow(family(str(BETA))).roots(z)[0])

    def root(x):
        total, product = (1 + beta + x, beta) if family is mq.HeavyBall else ((1 + beta) * (1 + x), beta * (1 + x))
        half = mpmath.sqrt(total**2 - 4 * product) / 2
        return min((total / 2 + half, total / 2 - half), key=lambda value: abs(value - nearest))

    R = root(zeta)
    if family is mq.HeavyBall:
        second = -(R**2) / (R**4 - (1 + beta + zeta) * R**2 + beta)
    else:
        second = -((1 + beta - beta / R) ** 2) / (R**2 - (1 + zeta) * (1 + beta - beta / R**2))
    slope = mpmath.diff(lambda x: mpmath.log(root(x)) / x, zeta)
    return -(second * mpmath.log(R) + mpmath.log(R) / zeta - 2 * z * slope) / z**2


@pytest.mark.parametrize("family", [mq.HeavyBall, mq.Nesterov])
@pytest.mark.parametrize("z", [1e-3, 2.5e-3, 0.01, 0.5, 0.9, 1.1, 1.3])
def test_c_in_one_dimension_is_the_closed_form_of_the_cubic_loss(family, z):
    with mpmath.workdps(40):
        meant = complex(closed_form(family, BETA, z))
    assert modes(family(str(BETA)), True)(-z, -z, -z) == pytest.approx(meant, rel=1e-9)


@pytest.mark.parametrize("family", [mq.HeavyBall, mq.Nesterov])
def test_the_smooth_start_is_on_the_manifold_where_its_series_converges(family):
    # A seventh of the way to the branch point; the start sums the chains in closed form and all other trees to order 8.
    method, h = family("9/10"), 3e-4
    _, X, states = manifold(method, h)
    s = amplitude(X)
    state = smooth_start(method, CUBIC, np.array([power_series(X, s)]), h)[:, 0]
    assert np.abs(state - power_series(states, s)).max() < 1e-9 * s**2


@pytest.mark.parametrize("family", [mq.HeavyBall, mq.Nesterov])
def test_the_flow_of_degree_two_is_this_field(family):
    method, h = family("9/10"), 0.5
    flow = mq.principal_flow(method, degree=2).on(CUBIC)
    for x in (0.3, -0.2, 0.1 + 0.2j):
        assert abs(flow([x], h)[0] - field(method, h, x, 2)) < 1e-12

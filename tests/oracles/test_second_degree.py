"""The coefficient c of degree 2 against its defining formula at 130 digits, against exact coefficients of trees, and as a symbol."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.kernels.second_degree import second_degree
from modeq.series.modes import Modes, modes
from modeq.series.stability import RHO, ZETA

from .defining_formula import DefiningFormula

RK4 = mq.RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"])
METHODS = {
    "gradient descent": mq.GradientDescent(),
    "proximal point": mq.ProximalPoint(),
    "implicit midpoint": mq.RungeKutta([["1/2"]], [1]),
    "extragradient": mq.Extragradient(),
    "RK4": RK4,
    "heavy ball, ½": mq.HeavyBall("1/2"),
    "heavy ball, 9/10": mq.HeavyBall("9/10"),
    "Nesterov": mq.Nesterov("1/2"),
    "heavy ball, then gradient descent": mq.compose(mq.HeavyBall("1/2"), mq.GradientDescent()),
}
every_method = pytest.mark.parametrize("name", METHODS)


@cache
def coefficient(name: str) -> Modes:
    return modes(METHODS[name], True)


# --- the defining formula ----------------------------------------------------------------------------------------------------


def eigenvalue(rng: np.random.Generator, before: list[complex]) -> complex:
    """One of 0, tiny, small, up to 1 and up to 3 in modulus, equal or close to one before; often real."""
    kind = rng.integers(6)
    if kind == 0:
        return 0j
    if kind == 1 and before:
        return before[-1] * (1 + rng.choice([0, 1e-9, 1e-4, -0.01]))
    low, high = ((-9, -3), (-9, -3), (-3, -0.7), (-1, 0), (-0.1, 0.5), (-0.1, 0.5))[kind]
    turn = rng.choice([0.0, 0.5, rng.uniform()])
    return complex(10 ** rng.uniform(low, high) * np.exp(2j * np.pi * turn))


def triples(form: Any, count: int) -> list[list[complex]]:
    """Draw triples of eigenvalues that keep away from true singularities."""
    rng = np.random.default_rng(1)
    found: list[list[complex]] = []
    while len(found) < count:
        drawn: list[complex] = []
        for _ in range(3):
            drawn.append(eigenvalue(rng, drawn))
        if min(map(form.distance, drawn)) > 0.1:
            found.append(drawn)
    return found


@every_method
def test_c_is_its_defining_formula(name: str) -> None:
    """The bound 1e-14 is for methods of high order: their c is small, and still the difference of terms of size 1."""
    c = coefficient(name)
    with mp.workdps(130):
        exact = DefiningFormula(METHODS[name])
        for i, j, k in triples(c.increment, 60):
            expected = exact.pair(i, j, k)
            assert abs(c(i, j, k) - expected) <= 1e-12 * abs(expected) + 1e-14


@every_method
def test_the_two_factors_can_be_exchanged(name: str) -> None:
    c = coefficient(name)
    for i, j, k in triples(c.increment, 20):
        assert abs(c(i, j, k) - c(i, k, j)) <= 1e-13 * abs(c(i, j, k)) + 1e-14


# --- trees with two leaves ------------------------------------------------------------------------------------------------------


def fork(trunk: int, first: int, second: int) -> str:
    """Write a trunk of `trunk` + 1 nodes with chains of `first` + 1 and `second` + 1 nodes on its top."""
    return "[" * trunk + f"[{'[' * first}[]{']' * first},{'[' * second}[]{']' * second}]" + "]" * trunk


def taylor_coefficients(function: Any, radius: float, count: int) -> np.ndarray:
    """Return those of a function of three variables times powers of the radius, by FFT on a polydisc."""
    values = np.array([function(*point) for point in np.ndindex(count, count, count)]).reshape(count, count, count)
    return np.fft.fftn(values) / count**3


@every_method
def test_taylor_coefficients_are_those_of_all_trees_with_two_leaves(name: str) -> None:
    order, count = 10, 20
    c, equation = coefficient(name), mq.modified_equation(METHODS[name], order)
    radius = 0.15 * c.increment.distance(0.0)
    rows = [c.mode(complex(z)).tolist() for z in radius * np.exp(2j * np.pi * np.arange(count) / count)]
    found = taylor_coefficients(lambda a, b, e: second_degree(rows[a], rows[b], rows[e], c.size, c.powers), radius, count)
    for a, b, e in np.ndindex(order - 2, order - 2, order - 2):
        if a + b + e <= order - 3:
            expected = float(equation.coefficient(fork(a, b, e)))
            error = abs(found[a, b, e] - radius ** (a + b + e) * expected)
            assert error < 1e-13 * np.abs(found).max() + 1e-15, (a, b, e)


def test_the_coefficients_of_small_trees() -> None:
    """Euler's method, Hairer, Lubich, Wanner 2006, IX.9.1: b([•,•]) = 1/6, b([[•],•]) = −1/12, b([[•,•]]) = −1/6."""
    values = mq.principal_flow(mq.GradientDescent(), degree=2, order=4).pair_weights()
    assert values == (Fraction(1, 6), Fraction(-1, 12), Fraction(-1, 12), Fraction(-1, 6))


# --- as a symbol ---------------------------------------------------------------------------------------------------------------


@every_method
@pytest.mark.parametrize("point", [(0.013, 0.02, -0.011), (-0.02 + 0.01j, 0.015, 0.012j)])
def test_the_symbol_has_the_value_of_the_number(name: str, point: tuple[complex, ...]) -> None:
    """Where R has no closed form it is a function in the symbol; here it is given the root of its polynomial next to 1."""
    flow = mq.principal_flow(METHODS[name], degree=2)
    scale = coefficient(name).increment.distance(0.0) * 20
    values = {
        symbol: sympy.Float(str(z.real * scale), 40) + sympy.I * sympy.Float(str(z.imag * scale), 40)
        for symbol, z in zip(sympy.symbols("z z1 z2"), map(complex, point), strict=True)
    }

    def root(zeta: sympy.Expr) -> sympy.Expr:
        polynomial = flow.stability.polynomial
        return min(sympy.Poly(polynomial.as_expr().subs(ZETA, zeta), RHO).nroots(n=40), key=lambda rho: abs(rho - 1))

    symbol = flow.quadratic_symbol.subs(values)
    exact = complex(symbol.replace(sympy.Function("R"), root).evalf(30))
    z, first, second = (complex(value) for value in values.values())
    assert flow.quadratic_coefficient(z, first, second) == pytest.approx(exact, rel=1e-12)


def test_the_symbol_of_gradient_descent_is_the_difference_of_logarithmic_means() -> None:
    z, first, second = sympy.symbols("z z1 z2")

    def mean(mu: sympy.Expr) -> sympy.Expr:
        return (sympy.log(mu) - sympy.log(1 - z)) / (mu - 1 + z)

    product = (sympy.log(1 - first) + sympy.log(1 - second) - sympy.log(1 - z)) / ((1 - first) * (1 - second) - 1 + z)
    expected = (product - mean(1 - first) - mean(1 - second) + mean(sympy.Integer(1))) / (first * second)
    assert sympy.simplify(mq.principal_flow(mq.GradientDescent(), degree=2).quadratic_symbol - expected) == 0


def test_the_symbol_keeps_symbolic_parameters() -> None:
    symbolic, numeric = (mq.principal_flow(mq.HeavyBall(beta), degree=2) for beta in ("beta", "1/2"))
    difference = symbolic.quadratic_symbol.subs("beta", sympy.Rational(1, 2)) - numeric.quadratic_symbol
    at = dict(zip(sympy.symbols("z z1 z2"), (0.02, 0.03, -0.01), strict=True))
    assert abs(difference.subs(at).replace(sympy.Function("R"), lambda zeta: 1 + 2 * zeta).evalf()) < 1e-12


# --- sheets ---------------------------------------------------------------------------------------------------------------------


def test_the_logarithm_of_a_product_is_the_sum_of_logarithms() -> None:
    """Gradient descent at hλ = 1.4 and 1.7: R_j R_k = 0.28 has the logarithm log 0.28 + 2πi."""
    z, first, second = -0.2, -1.4, -1.7
    R, R1, R2 = 1 + z, 1 + first, 1 + second

    def mean(mu: float, turns: float) -> complex:
        return (np.log(abs(mu)) + 1j * np.pi * turns - np.log(R)) / (mu - R)

    expected = (mean(R1 * R2, 2) - mean(R1, 1) - mean(R2, 1) + mean(1, 0)) / (first * second)
    assert coefficient("gradient descent")(z, first, second) == pytest.approx(expected, rel=1e-13)


def test_a_resonance_is_a_pole_with_a_residue_of_two_pi_i() -> None:
    """R_j R_k = R_i on another sheet: residue 2πi/(ζ_j ζ_k) in R_j R_k − R_i."""
    c, R = coefficient("gradient descent"), 0.5
    gap = 1e-7
    residue = gap * c(R**2 - 1 - gap, -1 - R, -1 - R)
    assert residue == pytest.approx(2j * np.pi / (1 + R) ** 2, rel=1e-5)


def test_the_principal_branch_takes_logarithms_between_minus_pi_and_pi() -> None:
    point = (0.2, 1.4 + 0.1j, 0.3)
    rotated, principal = (mq.principal_flow(mq.GradientDescent(), degree=2, branch=b) for b in ("rotated", "principal"))
    R, R1, R2 = (1 - z for z in point)

    def c(log1: complex) -> complex:
        def mean(mu: complex, log: complex) -> complex:
            return (log - np.log(R)) / (mu - R)

        log2 = np.log(R2)
        total = mean(R1 * R2, log1 + log2) - mean(R1, log1) - mean(R2, log2) + mean(1, 0)
        return total / (point[1] * point[2])

    assert principal.quadratic_coefficient(*point) == pytest.approx(c(np.log(R1)), rel=1e-12)
    assert rotated.quadratic_coefficient(*point) == pytest.approx(c(np.log(R1) + 2j * np.pi), rel=1e-12)

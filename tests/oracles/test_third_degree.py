"""Degree 3 of the principal flow against three independent routes: trees, the defining formula at high precision, iterates."""

from __future__ import annotations

import itertools
from types import ModuleType
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from modeq.codegen.cache import load_module
from modeq.codegen.routines import jit
from modeq.codegen.source import assembled
from modeq.kernels.third_correction import add_third_degree
from modeq.methods import Extragradient, GradientDescent, HeavyBall, Method, Nesterov, ProximalPoint, RungeKutta
from modeq.series import modified_equation
from modeq.series.third_modes import ThirdModes, third_modes

from .defining_formula import DefiningFormula

RK4 = RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"])
METHODS = {
    "gradient descent": GradientDescent(),
    "heavy ball": HeavyBall("1/2"),
    "Nesterov": Nesterov("1/2"),
    "RK4": RK4,
    "implicit midpoint": RungeKutta([["1/2"]], [1]),
    "extragradient": Extragradient(),
    "proximal point": ProximalPoint(),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


def chain(nodes: int, top: str = "[]") -> str:
    """Write `nodes` nodes below a tree, one under the other."""
    return "[" * nodes + top + "]" * nodes


def along_a_ray(function: Any, direction: np.ndarray, radius: float, count: int) -> np.ndarray:
    """Taylor coefficients of t ↦ function(t · direction), by FFT on a circle."""
    points = radius * np.exp(2j * np.pi * np.arange(count) / count)
    values = np.array([function(*(t * direction)) for t in points])
    return np.fft.fft(values) / count / radius ** np.arange(count)


def powers(direction: np.ndarray, total: int) -> list[tuple[tuple[int, ...], complex]]:
    """List the monomials of a total degree with their values at `direction`."""
    exponents = [a for a in itertools.product(range(total + 1), repeat=len(direction)) if sum(a) == total]
    return [(a, complex(np.prod(direction ** np.array(a)))) for a in exponents]


@every_method
def test_taylor_coefficients_are_those_of_the_trees_with_three_leaves(method: Method) -> None:
    coefficients = third_modes(method, True)
    order = 8
    equation = modified_equation(method, order)
    rng = np.random.default_rng(4)
    radius = 0.3 * coefficients.modes.increment.distance(0.0)

    def star(a: int, b: int, c: int, d: int) -> float:
        return float(equation.coefficient(chain(a, f"[{chain(b)},{chain(c)},{chain(d)}]")))

    def nested(a: int, e: int, b: int, c: int, d: int) -> float:
        return float(equation.coefficient(chain(a, f"[{chain(e, f'[{chain(b)},{chain(c)}]')},{chain(d)}]")))

    for function, of_trees, nodes, arguments in ((coefficients.star, star, 4, 4), (coefficients.nested, nested, 5, 5)):
        direction = rng.uniform(0.3, 1.0, arguments) * np.exp(2j * np.pi * rng.uniform(size=arguments))
        found = along_a_ray(function, direction, radius, 24)
        for total in range(order - nodes + 1):
            terms = [of_trees(*a) * value for a, value in powers(direction, total)]
            size = max(map(abs, terms)) + radius**-total * np.abs(found[0])
            assert abs(found[total] - sum(terms)) < 1e-9 * size + 1e-12 * radius**-total


def test_the_trees_of_gradient_descent_with_three_leaves() -> None:
    coefficients = third_modes(GradientDescent(), True)
    assert abs(coefficients.star(0, 0, 0, 0)) < 1e-15
    assert coefficients.nested(0, 0, 0, 0, 0) == pytest.approx(1 / 60, rel=1e-14)
    equation = modified_equation(GradientDescent(), 5)
    assert [str(equation.coefficient(tree)) for tree in ("[[],[],[]]", "[[[]],[],[]]", "[[[],[],[]]]", "[[],[[],[]]]")] == [
        "0", "-1/60", "1/30", "1/60",
    ]  # fmt: skip


def eigenvalues(rng: np.random.Generator, kind: int) -> list[complex]:
    """Five eigenvalues: 0 real, 1 complex, 2 small, equal and 0, 3 close to each other."""
    if kind == 0:
        return [complex(z) for z in rng.uniform(-0.9, 0.45, 5)]
    if kind == 1:
        return [complex(z) for z in 0.9 * np.sqrt(rng.uniform(size=5)) * np.exp(2j * np.pi * rng.uniform(size=5))]
    if kind == 2:
        return [complex(z) for z in rng.choice([0.0, -0.9, -0.3, 1e-3, -0.08, 1e-9], 5)]
    return [complex(z) for z in rng.choice([0.0, -0.4, 0.2j]) * (1 + 1e-5 * rng.standard_normal(5))]


@every_method
def test_no_digits_are_lost_at_removable_singularities(method: Method) -> None:
    coefficients = third_modes(method, True)
    radius = coefficients.modes.increment.distance(0.0)
    rng = np.random.default_rng(11)
    with mp.workdps(130):
        exact = DefiningFormula(method)
        for case in range(16):
            i, m, j, k, l = (radius * z for z in eigenvalues(rng, case % 4))
            star, nested = exact.star(i, j, k, l), exact.nested(i, m, j, k, l)
            size = abs(coefficients.star(0, -0.3 * radius, 0, 0))
            assert abs(coefficients.star(i, j, k, l) - star) < 2e-11 * max(abs(star), 0.1 * size)
            assert abs(coefficients.nested(i, m, j, k, l) - nested) < 5e-11 * abs(nested)


def test_oscillating_and_divergent_eigenvalues() -> None:
    coefficients = third_modes(GradientDescent(), True)
    rng = np.random.default_rng(2)
    with mp.workdps(130):
        exact = DefiningFormula(GradientDescent())
        for case in range(10):
            i, m, j, k, l = (complex(z) for z in rng.uniform(-2.5, 0.3, 5) + (case % 2) * 0.05j)
            j, m = (0.0, m) if case % 3 == 0 else (m, m)
            star, nested = exact.star(i, j, k, l), exact.nested(i, m, j, k, l)
            assert abs(coefficients.star(i, j, k, l) - star) < 1e-11 * abs(star)
            assert abs(coefficients.nested(i, m, j, k, l) - nested) < 1e-11 * abs(nested)


def test_a_resonance_on_another_sheet_is_a_pole() -> None:
    coefficients = third_modes(GradientDescent(), True)
    R = 0.5  # R_j R_k = R_i, but log R_j + log R_k = log R_i + 2πi
    values = [abs(coefficients.star(R**2 - 1 + gap, -1 - R, -1 - R, -0.2)) * gap for gap in (1e-4, 1e-6, 1e-8)]
    assert values[2] == pytest.approx(values[1], rel=1e-3)
    assert values[2] > 0.1


class Quartic:
    """f = ε g(θ/ε), g of degree 3 in d variables: f = O(ε) near 0, f′ = O(1)."""

    def __init__(self, d: int, amplitude: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        symmetric = [rng.standard_normal((d,) * (n + 2)) for n in range(3)]
        self.linear = -np.diag(rng.uniform(0.02, 0.6, d)) + 0.1 * symmetric[0]
        self.square = 0.5 * sum(np.transpose(symmetric[1], (0, *p)) for p in itertools.permutations((1, 2)))
        self.cube = sum(np.transpose(symmetric[2], (0, *p)) for p in itertools.permutations((1, 2, 3))) / 6
        self.amplitude = amplitude
        self.offset = 0.5 * rng.standard_normal(d)

    def derivatives(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return f, f′, f″ and f‴."""
        square = self.square + self.cube @ x
        return (
            self.amplitude * self.offset + self.linear @ x + 0.5 * (self.square @ x) @ x + ((self.cube @ x) @ x) @ x / 6,
            self.linear + self.square @ x + 0.5 * (self.cube @ x) @ x,
            square,
            self.cube + 0 * x[0],
        )


def by_degree(field: Quartic, coefficients: ThirdModes, mode: Any, correct: Any, degree: int, x: np.ndarray) -> np.ndarray:
    """Evaluate the principal flow of a degree with h = 1."""
    f, f1, f2, f3 = field.derivatives(x)
    z, V = np.linalg.eig(f1)
    W = np.linalg.inv(V)
    parts = W @ f
    T = np.einsum("ia,abc,bj,ck->ijk", W, f2, V, V) + 0j
    Q = np.einsum("ia,abcd,bj,ck,dl->ijkl", W, f3, V, V, V) + 0j
    d = len(z)
    rows = np.array([mode(complex(value)) for value in z])
    result = parts * rows[:, 4]
    if degree > 1:
        for i, j, k in itertools.product(range(d), repeat=3):
            result[i] += T[i, j, k] * parts[j] * parts[k] * coefficients.modes(z[i], z[j], z[k]) / 2
    if degree > 2:
        correct(rows, parts + 0j, T, Q, 1 / 6, 1 / 2, coefficients.shape, result)
    return V @ result


def followed(method: Method, field: Quartic, mode: Any, correct: Any, degree: int, x: np.ndarray, steps: int) -> np.ndarray:
    """Return x after 0, 1 … steps on the flow, h = 1."""
    coefficients = third_modes(method, True)
    solution = solve_ivp(
        lambda _, y: by_degree(field, coefficients, mode, correct, degree, y), (0, steps), x + 0j, "DOP853",
        t_eval=range(steps + 1), rtol=1e-12, atol=1e-14,
    )  # fmt: skip
    return solution.y.T


def test_one_step_of_gradient_descent_is_missed_by_the_fourth_power_of_the_field() -> None:
    method = GradientDescent()
    missed = []
    for amplitude in (0.02, 0.01):
        field = Quartic(1, amplitude, 3)
        x = np.array([0.3 * amplitude])
        mode = third_modes(method, True).mode
        ends = [followed(method, field, mode, add_third_degree, degree, x, 1)[1] for degree in (1, 2, 3)]
        missed.append([np.abs(end - x - field.derivatives(x)[0]).max() for end in ends])
    orders = np.log2(np.array(missed[0]) / np.array(missed[1]))
    assert orders == pytest.approx([2, 3, 4], abs=0.1)
    assert missed[1][2] < 0.1 * missed[1][1]


@pytest.fixture(scope="module")
def compiled_heavy_ball() -> ModuleType:
    """The module that code generation would write, with ``fill(row, z)`` and the correction as functions that Python calls."""
    coefficients = third_modes(HeavyBall("1/4"), True)
    increment = coefficients.modes.increment
    lines = [
        f"    w = {increment.source('z')}",
        f"    fill_mode(row, z, w, psi_from_increment(w, z, True), {coefficients.modes.source()})",
        f"    fill_middle(row, {coefficients.modes.width}, {coefficients.source()})",
    ]
    called = jit("kernel")  # as what Python calls
    fill = "\n".join([called, "def fill(row, z):", *lines])
    text = assembled("Degree 3 of heavy ball.", [fill, add_third_degree]).text
    own = "\ndef add_third_degree("
    return load_module(text.replace(jit("add_third_degree") + own, called + own))


def test_steps_of_heavy_ball_on_two_variables_too(compiled_heavy_ball: ModuleType) -> None:
    method = HeavyBall("1/4")
    coefficients = third_modes(method, True)

    def mode(z: complex) -> np.ndarray:
        row = np.zeros(coefficients.width, complex)
        compiled_heavy_ball.fill(row, z)
        return row

    missed = []
    for amplitude in (0.01, 0.005):
        field = Quartic(2, amplitude, 5)
        x = amplitude * np.array([0.2, -0.3])
        errors = []
        for degree in (1, 2, 3):
            path = followed(method, field, mode, compiled_heavy_ball.add_third_degree, degree, x, 2)
            errors.append(np.abs(path[2] - path[1] - (path[1] - path[0]) / 4 - field.derivatives(path[1])[0]).max())
        missed.append(errors)
    orders = np.log2(np.array(missed[0]) / np.array(missed[1]))
    assert orders == pytest.approx([2, 3, 4], abs=0.1)
    assert missed[1][2] < 0.1 * missed[1][1]


def test_compiled_and_plain_functions_agree(compiled_heavy_ball: ModuleType) -> None:
    coefficients = third_modes(HeavyBall("1/4"), True)
    z, parts = np.array([-0.15, -0.002]), np.array([0.3, -0.8]) + 0j
    T, Q = np.zeros((2, 2, 2), complex), np.zeros((2, 2, 2, 2), complex)
    for entries in (T, Q):  # symmetric in all indices but the first
        for index in itertools.product(range(2), *[range(2)] * (entries.ndim - 1)):
            entries[index] = np.sin(1 + index[0] + 2 * sum(index[1:]))
    rows = np.array([coefficients.mode(value) for value in z])
    compiled_rows = np.zeros_like(rows)
    for row, value in zip(compiled_rows, z, strict=True):
        compiled_heavy_ball.fill(row, complex(value))
    assert compiled_rows == pytest.approx(rows, rel=1e-13)
    out = np.zeros(2, complex)
    compiled_heavy_ball.add_third_degree(rows, parts, T, Q, 1 / 6, 1 / 2, coefficients.shape, out)
    expected = np.zeros(2, complex)
    for i, j, k, l in itertools.product(range(2), repeat=4):
        product = parts[j] * parts[k] * parts[l]
        expected[i] += Q[i, j, k, l] * product * coefficients.star(z[i], z[j], z[k], z[l]) / 6
        for m in range(2):
            expected[i] += T[i, m, l] * T[m, j, k] * product * coefficients.nested(z[i], z[m], z[j], z[k], z[l]) / 2
    assert out == pytest.approx(expected, rel=1e-12)

"""Independent routes to the modified field meet.

modeq computes flows by truncated power series. Here the same fields come from sums over trees with derivative tensors by
SymPy, from the iterates themselves (log of the map, IX.1 of Hairer, Lubich, Wanner), and from the recursion of methods
with memory put on the flow (backward error analysis in its defining form).
"""

from fractions import Fraction
from itertools import pairwise, product
from math import factorial

import mpmath
import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.flows.elementary import series_field
from modeq.flows.symbols import modified_rows
from modeq.graph import MpmathAlgebra, evaluate

x, y, h = sympy.symbols("x y h")
HALF = sympy.Rational(1, 2)

MIDPOINT = mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1], name="explicit midpoint")
METHODS = {
    "gradient descent": mq.GradientDescent(),
    "heavy ball": mq.HeavyBall("1/3"),
    "Nesterov": mq.Nesterov("1/3"),
    "proximal point": mq.ProximalPoint(),
    "explicit midpoint": MIDPOINT,
    "extragradient": mq.Extragradient(),
    "lookahead": mq.Lookahead(mq.GradientDescent(), steps=2),
    "two steps": mq.compose(mq.GradientDescent(), mq.GradientDescent()),
}
LOSSES = {
    "double well": (x**4 / 4 - x**2 / 2, [x]),
    "exponential": (sympy.exp(x) + x**2, [x]),
    "rosenbrock": ((1 - x) ** 2 + 100 * (y - x**2) ** 2, [x, y]),
    "rational": (x**2 / (1 + y**2) + sympy.sin(x * y), [x, y]),
}
SPLIT = [[-x - y, 0], [0, x * y - y**3]]


class Trees:
    """F(τ) from the derivative tensors of the parts, entry by entry."""

    def __init__(self, parts, variables, point=None):
        self.parts, self.variables, self.point, self.known = parts, variables, point, {}

    def derivative(self, colour, i, indices):
        key = (colour, i, tuple(sorted(indices)))
        if key not in self.known:
            value = sympy.sympify(self.parts[colour][i])
            for index in key[2]:
                value = sympy.diff(value, self.variables[index])
            self.known[key] = value if self.point is None else value.subs(self.point)
        return self.known[key]

    def differential(self, tree):
        if tree not in self.known:
            branches = [self.differential(child) for child in tree.children]
            d = len(self.variables)
            self.known[tree] = [
                sum(
                    self.derivative(tree.colour, i, indices) * sympy.Mul(*(branch[j] for branch, j in zip(branches, indices, strict=True)))
                    for indices in product(range(d), repeat=len(branches))
                )
                for i in range(d)
            ]
        return self.known[tree]

    def field(self, equation, step):
        total = [sympy.Integer(0)] * len(self.variables)
        for tree, b, sigma in equation.terms():
            weight = step ** (tree.order - 1) * sympy.sympify(b) / sigma
            if weight != 0:
                total = [a + weight * value for a, value in zip(total, self.differential(tree), strict=True)]
        return total


def field_of(loss):
    expression, variables = LOSSES[loss]
    return [[-sympy.diff(expression, v) for v in variables]], variables


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 6])
def test_as_expressions_in_one_dimension(name, order):
    parts, variables = field_of("double well")
    equation = mq.modified_equation(METHODS[name], order)
    found = equation.on(mq.Loss.from_sympy(*LOSSES["double well"])).expressions()
    assert sympy.expand(found[0] - Trees(parts, variables).field(equation, h)[0]) == 0


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("order", [2, 4])
def test_as_expressions_in_two_dimensions(name, order):
    parts, variables = field_of("rosenbrock")
    equation = mq.modified_equation(METHODS[name], order)
    found = equation.on(mq.Loss.from_sympy(*LOSSES["rosenbrock"])).expressions()
    assert all(sympy.expand(a - b) == 0 for a, b in zip(found, Trees(parts, variables).field(equation, h), strict=True))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("loss", ["rosenbrock", "rational", "exponential"])
def test_as_numbers_to_order_six(name, loss):
    """25 digits at one point, every power of h by itself."""
    parts, variables = field_of(loss)
    point = dict(zip([x, y], [sympy.Float("0.6", 40), sympy.Float("-0.3", 40)], strict=True))
    equation = mq.modified_equation(METHODS[name], 6)
    expected = Trees(parts, variables, point).field(equation, h)
    E = mq.Loss.from_sympy(*LOSSES[loss])
    graph = E.graph.copy()
    rows = modified_rows(equation.method, 6, E, graph)
    with mpmath.workdps(40):
        values = {"y0": mpmath.mpf("0.6"), "y1": mpmath.mpf("-0.3")}
        for j, row in enumerate(rows):
            for i, value in enumerate(evaluate(graph, row, values, MpmathAlgebra())):
                other = mpmath.mpmathify(sympy.expand(expected[i]).coeff(h, j))
                assert abs(value - other) <= mpmath.mpf(10) ** -25 * (1 + abs(other))


COLOURED = {
    "alternating": mq.compose(mq.GradientDescent().on_field(0), mq.GradientDescent().on_field(1)),
    "symplectic Euler": mq.GeneralLinearMethod(A=[[0, 0], [1, 0]], U=[[1], [1]], B=[[1, 1]], V=[[1]], output=[1], colours=[1, 0]),
    "Strang": mq.GeneralLinearMethod(
        A=[[0, 0, 0], ["1/2", 0, 0], ["1/2", 1, 0]], U=[[1], [1], [1]], B=[["1/2", 1, "1/2"]], V=[[1]], output=[1], colours=[0, 1, 0]
    ),
    "momentum in turns": mq.compose(mq.HeavyBall("1/3").on_field(0), mq.HeavyBall("1/3").on_field(1)),
}


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_methods_with_two_fields(name, order):
    equation = mq.modified_equation(COLOURED[name], order)
    found = equation.on(mq.VectorField.split(SPLIT, [x, y])).expressions()
    assert all(sympy.expand(a - b) == 0 for a, b in zip(found, Trees(SPLIT, [x, y]).field(equation, h), strict=True))


def test_symbolic_momentum():
    beta = sympy.Symbol("beta")
    equation = mq.modified_equation(mq.HeavyBall(beta), 4)
    parts, variables = field_of("double well")
    found = equation.on(mq.Loss.from_sympy(*LOSSES["double well"])).expressions()[0]
    expected = Trees(parts, variables).field(equation, h)[0]
    assert sympy.cancel(sympy.together(found - expected)) == 0


@pytest.mark.parametrize("name", ["gradient descent", "heavy ball", "explicit midpoint"])
def test_the_sum_over_trees_of_the_library_agrees_with_the_power_series(name):
    method = METHODS[name]
    E = mq.Loss.from_sympy(*LOSSES["rational"])
    graph = E.graph.copy()
    by_series = modified_rows(method, 5, E, graph)
    by_trees = series_field(graph, E.parts(graph), [graph.input(name) for name in E.inputs], mq.modified_equation(method, 5).series)
    with mpmath.workdps(40):
        values = {"y0": mpmath.mpf("0.7"), "y1": mpmath.mpf("0.2")}
        for left, right in zip(by_series, by_trees, strict=True):
            pairs = zip(evaluate(graph, left, values, MpmathAlgebra()), evaluate(graph, right, values, MpmathAlgebra()), strict=True)
            assert all(abs(a - b) <= mpmath.mpf(10) ** -30 * (1 + abs(b)) for a, b in pairs)


@pytest.mark.parametrize("loss", ["rational", "exponential"])
def test_kernel_expressions_and_high_precision_agree(loss):
    E = mq.Loss.from_sympy(*LOSSES[loss])
    method, step = METHODS["heavy ball"], 0.04
    flow = mq.modified_equation(method, 4).on(E)
    expressions = flow.expressions()
    graph = E.graph.copy()
    rows = modified_rows(method, 4, E, graph)
    for point in np.random.default_rng(5).normal(size=(3, E.dimension)):
        kernel = flow(point, step)
        symbolic = expressions.subs(dict(zip(E.variables, point.tolist(), strict=True)) | {h: step})
        with mpmath.workdps(40):
            values = {f"y{i}": mpmath.mpf(v) for i, v in enumerate(point.tolist())}
            precise = [
                sum(mpmath.mpf(step) ** j * evaluate(graph, [row[i]], values, MpmathAlgebra())[0] for j, row in enumerate(rows))
                for i in range(E.dimension)
            ]
        np.testing.assert_allclose(kernel, np.array(precise, dtype=float), rtol=1e-11)
        np.testing.assert_allclose(np.array(symbolic, dtype=float).ravel(), np.array(precise, dtype=float), rtol=1e-11)


# --- the iterates themselves: h f̃ = Σ (−1)^(k+1)/k Δᵏ x₀, each iterate a truncated power series in h ----------------------


def times(a, b):
    result = [Fraction(0)] * len(a)
    for i, p in enumerate(a):
        for j, q in enumerate(b[: len(a) - i]):
            result[i + j] += p * q
    return result


def plus(a, b, factor=Fraction(1)):
    return [p + factor * q for p, q in zip(a, b, strict=True)]


def shifted(a):
    """Times h."""
    return [Fraction(0), *a[:-1]]


def field_series(a):
    """f(x) = x − x³ + x²/2, on series."""
    square = times(a, a)
    return plus(plus(a, times(square, a), Fraction(-1)), square, Fraction(1, 2))


QUARTIC = x**4 / 4 - x**2 / 2 - x**3 / 6


def implicit(a):
    """Y = a + h f(Y) by fixed-point iteration, one power of h for each pass."""
    Y = a
    for _ in a:
        Y = plus(a, shifted(field_series(Y)))
    return Y


def euler(a):
    return plus(a, shifted(field_series(a)))


MAPS = {
    "gradient descent": euler,
    "proximal point": implicit,
    "explicit midpoint": lambda a: plus(a, shifted(field_series(plus(a, shifted(field_series(a)), Fraction(1, 2))))),
    "extragradient": lambda a: plus(a, shifted(field_series(euler(a)))),
    "lookahead": lambda a: [(p + q) / 2 for p, q in zip(a, euler(euler(a)), strict=True)],
    "two steps": lambda a: euler(euler(a)),
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("order", [1, 3, 7])
def test_the_logarithm_of_the_map(name, order):
    start = Fraction(2, 7)
    iterates = [[start] + [Fraction(0)] * order]
    for _ in range(order):
        iterates.append(MAPS[name](iterates[-1]))
    total, differences = [Fraction(0)] * (order + 1), iterates
    for k in range(1, order + 1):
        differences = [plus(b, a, Fraction(-1)) for a, b in pairwise(differences)]
        total = plus(total, differences[0], Fraction((-1) ** (k + 1), k))
    found = mq.modified_equation(METHODS[name], order).on(mq.Loss.from_sympy(QUARTIC, [x])).expressions()[0]
    found = sympy.Poly(found.subs(x, sympy.Rational(2, 7)), h)
    assert [found.coeff_monomial(h**j) for j in range(order)] == [sympy.Rational(c.numerator, c.denominator) for c in total[1:]]


# --- methods with memory: their recursion holds along the flow, x(t ± h) by Lie series --------------------------------------


def along_flow(field, sign, order):
    """x(t + sign·h) = Σ (sign·h)^k/k! Dᵏ x with D = f̃ ∂ₓ, truncated after h^order."""
    total = term = x
    for k in range(1, order + 1):
        term = truncated(field * sympy.diff(term, x), order - k)
        total += (sign * h) ** k / factorial(k) * term
    return sympy.expand(total)


def truncated(expression, order):
    polynomial = sympy.Poly(expression, h)
    return sum(polynomial.coeff_monomial(h**j) * h**j for j in range(order + 1))


@pytest.mark.parametrize("order", [2, 4, 5])
@pytest.mark.parametrize("name", ["heavy ball", "Nesterov"])
def test_momentum_methods_hold_along_their_flow(name, order):
    beta = sympy.Rational(1, 3)
    flow = mq.modified_equation(METHODS[name], order).on(mq.Loss.from_sympy(QUARTIC, [x])).expressions()[0]
    after, before = along_flow(flow, 1, order), along_flow(flow, -1, order)
    f = sympy.Lambda(x, -sympy.diff(QUARTIC, x))
    ahead = x + beta * (x - before)
    step = ahead + h * (f(x) if name == "heavy ball" else f(ahead))
    defect = sympy.Poly(sympy.expand(after - step), h)
    assert all(defect.coeff_monomial(h**j) == 0 for j in range(order + 1))


def test_a_wrong_flow_does_not_satisfy_the_recursion():
    flow = mq.modified_equation(METHODS["heavy ball"], 3).on(mq.Loss.from_sympy(QUARTIC, [x])).expressions()[0] + h**2 * x
    after, before = along_flow(flow, 1, 3), along_flow(flow, -1, 3)
    step = x + (x - before) / 3 - h * sympy.diff(QUARTIC, x)
    assert sympy.Poly(sympy.expand(after - step), h).coeff_monomial(h**3) != 0


# --- published fields --------------------------------------------------------------------------------------------------------


def test_the_third_order_flow_of_gradient_descent():
    """−g − (h/2) Hg − h² (⅓ H²g + (1/12) ∇³E[g, g]); Rosca et al., arXiv 2302.01952."""
    E, variables = LOSSES["rational"]
    g = sympy.Matrix([sympy.diff(E, v) for v in variables])
    H = sympy.hessian(E, variables)
    third = sympy.Matrix([(g.T * sympy.hessian(g[i], variables) * g)[0] for i in range(2)])
    expected = -g - h / 2 * H * g - h**2 * (H * H * g / 3 + third / 12)
    found = mq.modified_equation(mq.GradientDescent(), 3).on(mq.Loss.from_sympy(E, variables)).expressions()
    at = {x: sympy.Rational(3, 5), y: sympy.Rational(-2, 7), h: sympy.Rational(1, 9)}
    assert all(abs(sympy.N((a - b).subs(at), 30)) < 1e-25 for a, b in zip(found, expected, strict=True))


def test_the_implicit_gradient_regularisation_of_gradient_descent():
    """Order 2 is the gradient flow of E + (h/4)|∇E|²; Barrett and Dherin, arXiv 2009.11162."""
    E, variables = LOSSES["rosenbrock"]
    regularised = E + h / 4 * sum(sympy.diff(E, v) ** 2 for v in variables)
    found = mq.modified_equation(mq.GradientDescent(), 2).on(mq.Loss.from_sympy(E, variables)).expressions()
    assert all(sympy.expand(value + sympy.diff(regularised, v)) == 0 for value, v in zip(found, variables, strict=True))


def test_the_regularisation_of_heavy_ball():
    """Order 2 is the gradient flow of E/(1−β) + h (1+β)/(4(1−β)³) |∇E|²; Ghosh et al., arXiv 2302.00849."""
    beta = sympy.Symbol("beta")
    E, variables = LOSSES["rosenbrock"]
    modified = E / (1 - beta) + h * (1 + beta) / (4 * (1 - beta) ** 3) * sum(sympy.diff(E, v) ** 2 for v in variables)
    found = mq.modified_equation(mq.HeavyBall(beta), 2).on(mq.Loss.from_sympy(E, variables)).expressions()
    assert all(sympy.simplify(value + sympy.diff(modified, v)) == 0 for value, v in zip(found, variables, strict=True))


def test_the_modified_energy_of_symplectic_euler():
    """Its modified field is Hamiltonian: divergence-free at every power of h, for every potential (GNI, IX.3)."""
    field = mq.VectorField.split([[y, 0], [0, -sympy.sin(x)]], [x, y])
    flow = mq.modified_equation(COLOURED["symplectic Euler"], 5).on(field).expressions()
    divergence = sympy.diff(flow[0], x) + sympy.diff(flow[1], y)
    assert sympy.simplify(sympy.expand(divergence)) == 0


# --- modifying equations -----------------------------------------------------------------------------------------------------


def one_step(name, field, start, step):
    if name == "gradient descent":
        return start + step * field(start)
    if name == "explicit midpoint":
        return start + step * field(start + step / 2 * field(start))
    return mpmath.findroot(lambda z: z - start - step * field(z), start)


@pytest.mark.parametrize("name", ["gradient descent", "explicit midpoint", "proximal point"])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_a_method_on_its_modifying_field_lands_on_the_exact_flow(name, order):
    """Logistic growth x' = x − x²: the one-step error falls like h^(p+1)."""
    flow = mq.modifying_equation(METHODS[name], order).on(mq.VectorField.from_sympy([x - x**2], [x]))
    field = sympy.lambdify([x, h], flow.expressions()[0], "mpmath")
    with mpmath.workdps(60):
        start, errors = mpmath.mpf("0.3"), []
        for step in (mpmath.mpf(1) / 200, mpmath.mpf(1) / 400):
            exact = start * mpmath.exp(step) / (1 + start * (mpmath.exp(step) - 1))
            errors.append(abs(one_step(name, lambda z, s=step: field(z, s), start, step) - exact))
        slope = mpmath.log(errors[0] / errors[1]) / mpmath.log(2)
    # a method of order 2 has no correction at order 1, so its own error shows
    expected = max(order, 2 if name == "explicit midpoint" else 1) + 1
    assert float(slope) == pytest.approx(expected, abs=0.1)

"""Fields on losses with arrays against routes that share no code with Taylor arithmetic on arrays."""

from itertools import combinations_with_replacement

import mpmath
import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.flows import array_series
from modeq.flows.power_series import modified_series
from modeq.graph.algebra import MpmathAlgebra
from modeq.graph.taylor import TaylorProgram
from modeq.losses.symbolic_field import total_field

from .fields_by_degree import interpreted

X = np.array([0.3, -0.7, 1.1])
Y = np.array([0.2, -0.4, 0.9])
THETA = np.array([0.7, -0.2, 0.8, 0.1])  # W1, b1, W2, b2
H = 0.3

METHODS = {
    "gradient descent": mq.GradientDescent(),
    "heavy ball": mq.HeavyBall(0.9),
    "Nesterov": mq.Nesterov(0.5),
    "midpoint": mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1]),
    "proximal point": mq.ProximalPoint(),
    "two steps": mq.compose(mq.GradientDescent(), mq.GradientDescent()),
}


@pytest.fixture(scope="module")
def net():
    return mq.losses.mlp((1, 1, 1), "tanh", "mean-squared", X[:, None], Y)


@pytest.fixture(scope="module")
def twin():
    """The same loss, written as a formula."""
    w, b, v, c = sympy.symbols("w b v c")
    terms = [(v * sympy.tanh(w * sympy.Rational(str(x)) + b) + c - sympy.Rational(str(y))) ** 2 for x, y in zip(X, Y, strict=True)]
    return mq.Loss.from_sympy(sympy.Add(*terms) / (2 * len(X)), [w, b, v, c])


@pytest.fixture(scope="module")
def tensors():
    """∇^m E at θ for m = 1 … 6, every entry by SymPy's own differentiation of what one sample adds, at 40 digits."""
    *variables, x, y = symbols = sympy.symbols("w b v c x y")
    w, b, v, c = variables
    known = {(): (v * sympy.tanh(w * x + b) + c - y) ** 2 / 6}

    def derivative(index):
        if index not in known:
            known[index] = sympy.diff(derivative(index[:-1]), variables[index[-1]])
        return known[index]

    ordered = [index for m in range(1, 7) for index in combinations_with_replacement(range(4), m)]
    added = sympy.lambdify(symbols, [derivative(index) for index in ordered], "mpmath", cse=True)
    with mpmath.workdps(40):
        samples = [added(*(mpmath.mpf(str(number)) for number in (*THETA, *sample))) for sample in zip(X, Y, strict=True)]
        values = {index: float(sum(entries)) for index, entries in zip(ordered, zip(*samples, strict=True), strict=True)}
    return [np.array([values[tuple(sorted(index))] for index in np.ndindex((4,) * m)]).reshape((4,) * m) for m in range(1, 7)]


def elementary_differential(tree, tensors):
    """F(τ) = −∇^(m+1)E[F(τ₁), …, F(τ_m)] by contracting explicit tensors."""
    value = -tensors[len(tree.children)]
    for child in tree.children:
        value = value @ elementary_differential(child, tensors)
    return value


@pytest.mark.parametrize("order", range(1, 7))
def test_the_field_of_gradient_descent_is_the_sum_over_trees(net, tensors, order):
    equation = mq.modified_equation(mq.GradientDescent(), order=order)
    expected = sum(
        H ** (tree.order - 1) * float(b) / tree.symmetry * elementary_differential(tree, tensors) for tree, b, _ in equation.terms()
    )
    np.testing.assert_allclose(equation.on(net)(THETA, H), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_the_field_of_the_formula(net, twin, name, order):
    equation = mq.modified_equation(METHODS[name], order=order)
    np.testing.assert_allclose(equation.on(net)(THETA, H), interpreted(equation.on(twin))(THETA, H), rtol=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_high_orders_keep_their_digits(net, twin, name):
    """Coefficients of h^j up to order 10 against power series with 40 digits, also with much memory."""
    method, order = METHODS[name], 10
    graph = twin.graph.copy()
    with mpmath.workdps(40):
        programs = [TaylorProgram(graph, total_field(twin, graph))]
        exact = modified_series(method, programs, MpmathAlgebra(), [mpmath.mpf(x) for x in THETA], twin.inputs, {}, order)
        fields = np.array([[float(value) for value in row] for row in exact.field])
    for j in range(2, order):
        scale = 0.3**j
        total = sum(fields[k] * scale ** (k / j) for k in range(j + 1))
        flow = mq.modified_equation(method, order=j + 1).on(net)
        found = flow(THETA, scale ** (1 / j))
        assert np.abs(found - total).max() <= 1e-10 * np.abs(fields[: j + 1] * scale ** (np.arange(j + 1) / j)[:, None]).max()


def principal(net, h, kept=None):
    """Σ α(hλ) (u·g) u from NumPy's eigenvectors; the top-k flow has α(0) = −1 elsewhere."""
    values, vectors = np.linalg.eigh(net.hessian(THETA))
    alpha = np.log(1 - h * values + 0j) / (h * values)
    if kept is not None:
        alpha[np.argsort(-np.abs(values))[kept:]] = -1.0
    return vectors @ (alpha * (vectors.T @ net.gradient(THETA)))


@pytest.mark.parametrize("hessian", ["dense", "lanczos", 4])
@pytest.mark.parametrize("h", [0.3, 2.5])
def test_the_principal_flow_acts_on_eigenvectors(net, h, hessian):
    flow = mq.principal_flow(mq.GradientDescent(), hessian=hessian).on(net)
    np.testing.assert_allclose(flow(THETA, h), principal(net, h), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_the_top_k_flow_keeps_the_largest_eigenvalues(net, kept):
    flow = mq.principal_flow(mq.GradientDescent(), hessian=kept).on(net)
    np.testing.assert_allclose(flow(THETA, H), principal(net, H, kept), rtol=1e-11, atol=1e-13)


def test_principal_flows_of_formula_and_network_agree_at_complex_points(net, twin):
    point = THETA + 0.05j * np.array([1, -2, 0.5, 1])
    for method in (mq.GradientDescent(), mq.HeavyBall(0.5)):
        expected = interpreted(mq.principal_flow(method).on(twin))(point, H)
        for hessian in ("dense", "lanczos"):
            found = mq.principal_flow(method, hessian=hessian).on(net)(point, H)
            np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_completed_principal_flow_is_that_of_the_formula(net, twin):
    for order in (3, 4):
        equation = mq.principal_flow(mq.GradientDescent(), order=order)
        np.testing.assert_allclose(equation.on(net)(THETA, H), interpreted(equation.on(twin))(THETA, H), rtol=1e-10)


def test_the_kernel_gives_what_python_gives():
    """Kernels put the same text around the Taylor arithmetic of every loss, so one that compiles in half the time will do."""
    E, theta = mq.losses.deep_linear((2, 2, 1)), np.array([0.7, -0.2, 0.8, 0.1, 0.5, -0.6])
    for equation in (mq.modified_equation(mq.GradientDescent(), order=3), mq.principal_flow(mq.GradientDescent(), order=3)):
        flow = equation.on(E)
        state = theta.astype(complex) if flow.is_complex else theta
        out = np.empty_like(state)
        flow.kernel(0.0, state, flow.parameters(H), out)
        np.testing.assert_allclose(out, flow(theta, H), rtol=1e-11)
        np.testing.assert_allclose(flow.batch(np.stack([state, state], axis=1), H)[:, 1], out, rtol=1e-13)


@pytest.mark.parametrize("name", METHODS)
def test_points_one_after_the_other_give_the_same(net, monkeypatch, name):
    """What large networks do: nothing is taken from other points."""
    equation = mq.modified_equation(METHODS[name], order=5)
    together = equation.on(net)(THETA, H)
    monkeypatch.setattr(array_series, "_CACHED", 0)
    np.testing.assert_allclose(equation.on(net)(THETA, H), together, rtol=1e-10)


def test_one_module_serves_all_orders_methods_widths_and_samples(net):
    other = mq.losses.mlp((2, 4, 3), "tanh", "mean-squared", np.ones((7, 2)), np.zeros((7, 3)))
    first = mq.losses.mlp((5, 3, 2), "tanh", "mean-squared", np.ones((11, 5)), np.zeros((11, 2)))
    assert mq.modified_equation(mq.GradientDescent(), 2).on(other).source == mq.modified_equation(mq.HeavyBall(0.9), 7).on(first).source


def test_the_smooth_start_is_that_of_the_formula(net, twin):
    for method in (mq.HeavyBall(0.5), mq.Nesterov(0.5)):
        path, expected = (mq.iterate(method, E, THETA + 0j, h=0.2, steps=3, start="smooth").theta for E in (net, twin))
        np.testing.assert_allclose(path, expected, rtol=1e-9)


def test_implicit_methods_run_on_networks(net, twin):
    path, expected = (mq.iterate(mq.ProximalPoint(), E, THETA, h=0.5, steps=3).theta for E in (net, twin))
    np.testing.assert_allclose(path, expected, rtol=1e-12)

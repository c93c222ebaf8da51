"""The principal flow against matrix logarithms, against methods on linear fields, and against published numbers.

Sources: Rosca, Wu, Qin, Dherin, arXiv 2302.01952 (definition, exactness on quadratics, the cosine); the numbers for
Rosenbrock are measured with independent code and stated with a margin.
"""

import mpmath
import numpy as np
import pytest
import scipy.linalg
import sympy

import modeq as mq

GD = mq.GradientDescent()
MIDPOINT = mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1])


def log_rotated(matrix):
    """Matrix logarithm with arg ∈ (−π/2, 3π/2]: turn by −π/2, take the principal logarithm, turn back."""
    return scipy.linalg.logm(-1j * matrix) + 0.5j * np.pi * np.eye(len(matrix))


def reference(jacobian, f, h):
    """(1/h) log(1 + h f′) (f′)⁻¹ f."""
    return log_rotated(np.eye(len(f)) + h * jacobian) @ np.linalg.solve(jacobian, f) / h


def assert_flow(flow, field, point, h, rtol=1e-10):
    point = np.asarray(point)
    jacobian = -field.hessian(point) if isinstance(field, mq.Loss) else field.jacobian(point)
    f = -field.gradient(point) if isinstance(field, mq.Loss) else field(point)
    expected = reference(jacobian, f, h)
    np.testing.assert_allclose(flow(point, h), expected, rtol=rtol, atol=rtol * np.abs(expected).max())


# --- one kernel for each size: linear fields whose matrix is a parameter ---------------------------------------------------


def linear(matrix):
    d = len(matrix)
    names = [f"x{i}" for i in range(d)]
    exprs = ["+".join(f"a{i}{j}*{names[j]}" for j in range(d)) for i in range(d)]
    values = {f"a{i}{j}": float(matrix[i][j]) for i in range(d) for j in range(d)}
    return mq.VectorField.from_sympy(exprs, names, values, name="linear")


def quadratic(first, second):
    """Eigenvalues and a rotation, with the same source for all numbers."""
    c, s = 0.6, 0.8
    a, b, d = c * c * first + s * s * second, c * s * (first - second), s * s * first + c * c * second
    return mq.Loss.from_sympy("(a*x**2 + 2*b*x*y + d*y**2)/2", ["x", "y"], {"a": a, "b": b, "d": d}, name="bowl")


# --- values ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", [2.5, 0.3, 2.5 + 0.2j, -1.0 - 0.4j])
@pytest.mark.parametrize("h", [0.1, 0.9, 2.1])
def test_one_dimension(point, h):
    """ψ(−hE″)·(−E′) with 30 digits for E = cos θ."""
    z = mpmath.mpmathify(point)
    zeta = h * mpmath.cos(z)
    w = 1 + zeta
    value = (mpmath.log(w * mpmath.mpc(0, -1)) + mpmath.mpc(0, 1) * mpmath.pi / 2) / zeta * mpmath.sin(z)
    flow = mq.principal_flow(GD).on(mq.losses.cosine())
    assert flow([point], h)[0] == pytest.approx(complex(value), rel=1e-12)


def test_the_error_function_at_complex_points():
    """Compiled code has no error function of complex numbers of its own."""
    E = mq.Loss.from_sympy("erf(x)**2", ["x"])
    flow = mq.principal_flow(GD).on(E)
    for point in (0.3, 0.3 + 0.1j, -1.2 - 0.4j):
        assert_flow(flow, E, [point], 0.1)


@pytest.mark.parametrize("h", [1e-4, 3e-3, 1e-2])
@pytest.mark.parametrize("point", [[0.6, 0.5], [-0.4, 1.1], [0.6 + 0.1j, 0.5 - 0.2j], [0.3 - 0.2j, -0.1 - 0.1j]])
def test_two_dimensions(point, h):
    E = mq.losses.rosenbrock()
    assert_flow(mq.principal_flow(GD).on(E), E, point, h)


@pytest.mark.parametrize("h", [0.05, 0.9])
@pytest.mark.parametrize("point", [[1.2, 0.7, 0.9], [1.2 + 0.2j, 0.7 - 0.1j, 0.9]])
def test_three_dimensions(point, h):
    E = mq.losses.deep_chain(3)
    assert_flow(mq.principal_flow(GD).on(E), E, point, h)


def test_five_dimensions():
    E = mq.losses.deep_chain(5)
    flow = mq.principal_flow(GD).on(E)
    for point in ([1.2, 0.7, 0.9, 1.1, 0.8], np.array([1.2, 0.7, 0.9, 1.1, 0.8]) + 0.1j * np.array([1, -1, 0.5, 0, 2])):
        assert_flow(flow, E, point, 0.3)


@pytest.mark.parametrize("point", [[0.4, -0.7], [0.4 + 0.3j, -0.7]])
def test_a_game_whose_jacobian_is_not_symmetric(point):
    game = mq.VectorField.game(["x**2*y + x**4/4", "-x*y**2 + y**2/2"], [["x"], ["y"]])
    assert_flow(mq.principal_flow(GD).on(game), game, point, 0.7)


def test_values_at_conjugate_points_are_conjugate_below_the_singularity():
    E = mq.losses.rosenbrock()
    flow = mq.principal_flow(GD).on(E)
    point = np.array([0.3 + 0.1j, 0.2 - 0.1j])
    np.testing.assert_allclose(flow(point.conj(), 1e-3), flow(point, 1e-3).conj(), rtol=1e-12)


def test_the_branches_differ_only_below_the_cut():
    """hλ = 1.37: on the real axis both take arg = π; below it the principal branch jumps, the rotated does not."""
    E = mq.losses.rosenbrock()
    rotated, principal = (mq.principal_flow(GD, branch=branch).on(E) for branch in ("rotated", "principal"))
    for imaginary in (1e-9, -1e-9):
        point = np.array([0.6 + imaginary * 1j, 0.5])
        assert np.abs(rotated(point, 3e-3) - rotated([0.6, 0.5], 3e-3)).max() < 1e-5
    jumps = [np.abs(principal(np.array([0.6 + s * 1j, 0.5]), 3e-3) - rotated([0.6, 0.5], 3e-3)).max() for s in (1e-9, -1e-9)]
    assert min(jumps) < 1e-5
    assert max(jumps) > 1


@pytest.mark.parametrize("gap", [0.0, 1e-14, 1e-9, 1e-5, 1e-3, 1e-2])
def test_nearly_equal_eigenvalues_lose_no_digits(gap):
    """ψ of [[m, 1], [gap², m]] has the divided difference of ψ in its corner; mpmath has digits to spare."""
    m = -0.4
    field = linear([[m, 1.0], [gap**2, m]])
    with mpmath.workdps(60):

        def psi(z):
            return mpmath.log(1 + z) / z

        a, g = mpmath.mpf(m), mpmath.mpf(gap)
        if gap:
            mean, slope = (psi(a + g) + psi(a - g)) / 2, (psi(a + g) - psi(a - g)) / (2 * g)
        else:
            mean, slope = psi(a), mpmath.diff(psi, a)
        f = [a * 1 + 2, mpmath.mpf(gap) ** 2 + a * 2]  # at (1, 2)
        expected = [mean * f[0] + slope * f[1], mean * f[1] + slope * g**2 * f[0]]
    found = mq.principal_flow(GD).on(field)([1.0, 2.0], 1.0)
    np.testing.assert_allclose(found, np.array([complex(v) for v in expected]), rtol=1e-11)


# --- exact on linear fields ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [(0.3, 1.5), (0.9, 2.1), (2.1, -0.5)])
def test_gradient_descent_on_quadratics(first, second):
    """hλ = 0.3 (monotone), 0.9, 1.5 (oscillating), 2.1 (divergent) and −0.5 (a saddle), at every t = nh."""
    report = mq.compare(GD, quadratic(first, second), [1.0, -0.7], h=1.0, steps=5, flows=("principal",))
    expected = np.array([[(1 - first) ** n, (1 - second) ** n] for n in range(6)])
    basis = np.array([[0.6, -0.8], [0.8, 0.6]])
    by_hand = (expected * (basis.T @ [1.0, -0.7])) @ basis.T
    np.testing.assert_allclose(report.iterates.theta, by_hand, atol=1e-12)
    assert report.errors["principal"].max() < 1e-8
    assert report.imaginary["principal"].max() < 1e-8


@pytest.mark.parametrize(
    "method",
    [mq.HeavyBall("1/2"), mq.Nesterov("1/2"), mq.ProximalPoint(), MIDPOINT, mq.Lookahead(mq.HeavyBall("1/2"), steps=2)],
    ids=["heavy ball", "Nesterov", "proximal point", "explicit midpoint", "lookahead"],
)
@pytest.mark.parametrize(("first", "second"), [(0.05, 0.3), (0.9, 1.6), (2.1, 3.5)])
def test_other_methods_on_quadratics_from_their_smooth_start(method, first, second):
    """At any hλ, where roots are complex or negative too: then state and flow are complex together."""
    flow = mq.principal_flow(method).on(quadratic(first, second))
    start = np.array([1.0, -0.7], complex)  # which asks for a complex smooth solution
    path = mq.iterate(method, flow.field, start, h=1.0, steps=4, start="smooth")
    continuous = mq.integrate(flow, start, h=1.0, steps=4)
    assert continuous.completed
    assert np.abs(continuous.theta - path.theta).max() < 1e-8 * max(1, np.abs(path.theta).max())


def test_the_root_is_followed_through_the_point_where_another_root_is_one():
    """Lookahead over two steps of heavy ball, β = ½: at hλ = 3 the roots are 1 and −½, and −½ is the principal one."""
    method = mq.Lookahead(mq.HeavyBall("1/2"), steps=2)
    expected = (np.log(0.5) + 1j * np.pi) / 3
    for z in (3.0, 3.0 - 1e-9, 3.0 + 1e-9, 3.0 + 1e-15):
        assert mq.principal_flow(method).coefficient(z) == pytest.approx(expected, rel=1e-8)


def test_a_method_with_three_roots():
    """Heavy ball followed by Nesterov: the principal root solves a cubic and is followed numerically."""
    method = mq.compose(mq.HeavyBall("1/3"), mq.Nesterov("1/2"))
    flow = mq.principal_flow(method).on(quadratic(0.02, 0.05))
    assert flow.equation.stability.degree == 3
    path = mq.iterate(method, flow.field, [1.0, -0.7], h=1.0, steps=4, start="smooth")
    continuous = mq.integrate(flow, [1.0, -0.7], h=1.0, steps=4)
    assert np.abs(continuous.theta - path.theta).max() < 1e-8


def test_the_published_example_beyond_the_singularity():
    """E = xᵀ diag(1, 0.01) x without ½, hλ = 2.1 and 0.021, five steps."""
    E = mq.Loss.from_sympy("x**2 + y**2/100", ["x", "y"])
    report = mq.compare(GD, E, [-0.35, -0.2], h=1.05, steps=5, flows=("principal",))
    np.testing.assert_allclose(report.iterates.theta[-1], [0.5636785, -0.1798637], atol=5e-8)
    assert report.errors["principal"].max() < 1e-8
    assert report.trajectories["principal"].evaluations < 2000


def test_the_bilinear_game():
    """f′ has eigenvalues ±i: gradient descent-ascent spirals outwards, (1 ± ih)ⁿ."""
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    path = mq.integrate(mq.principal_flow(GD).on(game), [1.0, 0.5], h=0.4, steps=6)
    z = (1.0 + 0.5j) * (1 + 0.4j) ** np.arange(7)  # x' = −y, y' = x is multiplication by i
    np.testing.assert_allclose(path.theta, np.stack([z.real, z.imag], axis=1), atol=1e-9)


@pytest.mark.parametrize(
    "matrix",
    [
        [[0, 1], [0, 0]],
        [[-0.5, 1], [0, -0.5]],
        [[-0.5, 1], [1e-12, -0.5]],
        [[-0.5, 1], [-1e-9, -0.5]],
        [[-0.97, 1], [0, -0.97]],
        [[0.1, -0.8], [0.8, 0.1]],
        [[-1.5, 0.3], [0.3, -0.2]],
    ],
    ids=[
        "double integrator",
        "defective",
        "nearly defective",
        "nearly defective, complex",
        "defective near hλ = 1",
        "rotation",
        "symmetric",
    ],
)
def test_gradient_descent_on_linear_fields_in_two_dimensions(matrix):
    """(1 + hA)ⁿ x₀."""
    path = mq.integrate(mq.principal_flow(GD).on(linear(matrix)), [1.0, -0.6], h=1.0, steps=3)
    assert path.completed
    expected = [np.linalg.matrix_power(np.eye(2) + matrix, n) @ [1.0, -0.6] for n in range(4)]
    np.testing.assert_allclose(path.theta, expected, atol=1e-8)


@pytest.mark.parametrize(
    "matrix",
    [
        [[0, 1, 0], [0, 0, 1], [0, 0, 0]],
        [[-0.5, 1, 0], [0, -0.5, 1], [0, 0, -0.5]],
        [[-0.3, 1, 0], [0, -0.3, 0], [0, 0, -0.9]],
        [[-0.3, 1, 0], [1e-13, -0.3, 0.2], [0, 0, -0.9]],
        [[0, 1, 0], [-1, 0, 0], [0.2, 0, -0.4]],
        [[-0.3, 0.1, 0.2], [0.1, -0.5, 0.3], [0.2, 0.3, -1.6]],
    ],
    ids=["chain of three", "Jordan block", "Jordan block and another", "nearly defective", "rotation", "symmetric"],
)
def test_gradient_descent_on_linear_fields_in_three_dimensions(matrix):
    path = mq.integrate(mq.principal_flow(GD).on(linear(matrix)), [1.0, -0.6, 0.4], h=1.0, steps=3)
    assert path.completed
    expected = [np.linalg.matrix_power(np.eye(3) + matrix, n) @ [1.0, -0.6, 0.4] for n in range(4)]
    np.testing.assert_allclose(path.theta, expected, atol=1e-8)


# --- completion ----------------------------------------------------------------------------------------------------------------


def bushy(E, order, point, h):
    """Σ h^(|τ|−1) b/σ F(τ) over the trees up to `order` that are no chains, from SymPy's derivatives."""
    variables = E.variables
    g = [-sympy.diff(E.expression, v) for v in variables]
    at = dict(zip(variables, point, strict=True))

    def differential(tree):
        branches = [differential(child) for child in tree.children]
        result = []
        for component in g:
            total = 0.0
            for indices in np.ndindex(*(len(variables),) * len(branches)):
                derivative = component
                for index in indices:
                    derivative = sympy.diff(derivative, variables[index])
                total += float(derivative.subs(at)) * np.prod([b[i] for b, i in zip(branches, indices, strict=True)])
            result.append(total)
        return np.array(result)

    terms = mq.modified_equation(GD, order).terms()
    return sum(h ** (t.order - 1) * float(b) / s * differential(t) for t, b, s in terms if b != 0 and not t.is_chain)


@pytest.mark.parametrize("order", [3, 5])
def test_the_completed_flow_adds_the_trees_that_are_no_chains(order):
    E, point, h = mq.losses.rosenbrock(), [0.6, 0.5], 1e-3
    plain, completed = (mq.principal_flow(GD, order=p).on(E)(point, h) for p in (None, order))
    expected = bushy(E, order, point, h)
    np.testing.assert_allclose(completed - plain, expected, rtol=1e-9, atol=1e-11 * np.abs(plain).max())


def test_the_third_order_completion_is_a_third_derivative():
    """−(h²/12) ∇³E[g, g]."""
    E = mq.losses.double_well()
    x, h = 1.4, 0.05
    plain, completed = (mq.principal_flow(GD, order=p).on(E)([x], h) for p in (None, 3))
    assert (completed - plain)[0] == pytest.approx(-(h**2) / 12 * 6 * x * (x**3 - x) ** 2, rel=1e-10)


def test_the_completion_of_a_method_with_memory():
    """−b([•,•])/2 h² ∇³E[g, g] with b = (β² + 10β + 1)/(6(1−β)⁵) for heavy ball."""
    beta, x, h = 0.5, 1.4, 0.002
    method, E = mq.HeavyBall("1/2"), mq.losses.double_well()
    plain, completed = (mq.principal_flow(method, order=p).on(E)([x], h) for p in (None, 3))
    b = (beta**2 + 10 * beta + 1) / (6 * (1 - beta) ** 5)
    assert (completed - plain)[0] == pytest.approx(-(h**2) * b / 2 * 6 * x * (x**3 - x) ** 2, rel=1e-8)


@pytest.mark.parametrize("order", [1, 2])
def test_up_to_order_two_there_is_nothing_to_complete(order):
    E = mq.losses.rosenbrock()
    completed, plain = mq.principal_flow(GD, order=order).on(E), mq.principal_flow(GD).on(E)
    np.testing.assert_array_equal(completed([0.6, 0.5], 1e-3), plain([0.6, 0.5], 1e-3))


# --- measured behaviour -----------------------------------------------------------------------------------------------------


def test_rosenbrock_beyond_the_singularity():
    """(0.6, 0.5), h = 3e-3 (hλ = 1.37), 30 steps: principal within 6.5e-3, order 3 off by about 4.7e-2."""
    report = mq.compare(GD, mq.losses.rosenbrock(), [0.6, 0.5], h=3e-3, steps=30, flows=("principal", 3))
    assert report.trajectories["principal"].completed
    assert report.errors["principal"].max() < 6.5e-3
    assert report.errors[3].max() == pytest.approx(4.7e-2, rel=0.05)


def test_the_cosine_stalls_with_a_message_and_what_was_computed():
    """θ₀ = 2.5, h = 2.1: every branch fails, and the answer says so."""
    flow = mq.principal_flow(GD).on(mq.losses.cosine())
    path = mq.integrate(flow, [2.5], h=2.1, steps=40, max_evaluations=5000)
    assert path.status == "stalled"
    assert path.message
    assert 1 < len(path) < 41
    assert np.isfinite(path.theta).all()

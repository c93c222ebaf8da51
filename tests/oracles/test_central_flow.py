"""The central flow on losses whose sharpness is a coordinate, or a radius, with solutions in closed form.

On E = ½S(y, …)x² + U(y, …) with x = 0 the sharpness is S, its gradient that of S, and the flow stays at x = 0.
Reference: J. Cohen et al. (2024), arXiv 2410.24206.
"""

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp

import modeq as mq

GD = mq.GradientDescent()


def valley():
    """Damian, Nichani, Lee (2023), in two dimensions: the sharpness 4 + y grows until it is 2/h."""
    return mq.Loss.from_sympy("(4 + y)*x**2/2 - y/100", ["x", "y"])


def test_the_sharpness_grows_to_the_edge_and_stays_there():
    path = mq.integrate(mq.CentralFlow().on(valley()), [0.0, -0.07], h=0.5, steps=30)
    y = np.minimum(-0.07 + 0.005 * np.arange(31), 0.0)
    np.testing.assert_allclose(path.theta[:, 1], y, atol=1e-12)
    np.testing.assert_allclose(path.extras["sharpness"], 4 + y, atol=1e-12)
    np.testing.assert_allclose(path.extras["variance"][:14], 0.0)
    np.testing.assert_allclose(path.extras["variance"][15:], 0.02, rtol=1e-9)  # −2 ∇E·∇λ₁/‖∇λ₁‖² = 2/100


def test_the_variance_is_that_of_the_iterates():
    """As y returns in each cycle of self-stabilisation, x² has the mean 2/100; the cycles grow slowly, from a small one."""
    x = mq.iterate(GD, valley(), [0.14, 0.0], h=0.5, steps=400).theta[:, 0]
    path = mq.integrate(mq.CentralFlow().on(valley()), [0.0, 0.0], h=0.5, steps=3)
    assert path.extras["variance"][-1] == pytest.approx((x**2).mean(), rel=0.02)


def test_the_field_along_the_edge_by_sympy():
    """λ₁ in closed form for a 2 × 2 Hessian, differentiated."""
    x, y = sympy.symbols("x y")
    expression = (4 + y) * x**2 / 2 - y / 100 + x * y / 5
    H = sympy.hessian(expression, (x, y))
    sharpness = H.trace() / 2 + sympy.sqrt((H[0, 0] - H[1, 1]) ** 2 / 4 + H[0, 1] ** 2)
    g, s = (sympy.Matrix([value.diff(x), value.diff(y)]) for value in (expression, sharpness))
    variance = -2 * g.dot(s) / s.dot(s)
    expected = sympy.lambdify((x, y), [*(-g - variance / 2 * s), sharpness, variance])
    for point in ((0.3, 0.2), (-0.1, 0.4)):
        flow = mq.CentralFlow().on(mq.Loss.from_sympy(expression, [x, y]))
        *field, top, sigma = np.array(expected(*point), dtype=float)
        np.testing.assert_allclose(flow.pieces(0.5)[1].right(0.0, np.array(point)), field, rtol=1e-12)
        extras = flow.extras(np.array([point]), 0.5)
        assert extras["sharpness"][0] == pytest.approx(top, rel=1e-12)
        assert extras["variance"][0] == pytest.approx(max(0.0, sigma) if top >= 4 else 0.0, rel=1e-10)


def circle():
    return mq.Loss.from_sympy("(y**2 + z**2)*x**2/2 - y/10", ["x", "y", "z"])


def test_along_a_curved_edge():
    """Sharpness y² + z², edge a circle of radius √2, gradient along y: tan(φ/2) shrinks like e^(−t/10√2)."""
    path = mq.integrate(mq.CentralFlow().on(circle()), [0.0, 0.5, 1.0], h=1.0, steps=40)
    t = path.t
    angle = 2 * np.arctan(np.tan(np.pi / 8) * np.exp(-(t - 5) / (10 * np.sqrt(2))))
    inside = t <= 5
    np.testing.assert_allclose(path.theta[:, 1], np.where(inside, 0.5 + t / 10, np.sqrt(2) * np.cos(angle)), atol=1e-9)
    np.testing.assert_allclose(path.theta[:, 2], np.where(inside, 1.0, np.sqrt(2) * np.sin(angle)), atol=1e-9)


@pytest.mark.parametrize("solver", ["RK45", "Radau", "BDF", "LSODA"])
def test_every_solver_finds_the_edge(solver):
    path = mq.integrate(mq.CentralFlow().on(circle()), [0.0, 0.5, 1.0], h=1.0, steps=20, solver=solver, rtol=1e-7, atol=1e-9)
    angle = 2 * np.arctan(np.tan(np.pi / 8) * np.exp(-15 / (10 * np.sqrt(2))))
    np.testing.assert_allclose(path.theta[-1, 1:], [np.sqrt(2) * np.cos(angle), np.sqrt(2) * np.sin(angle)], atol=1e-4)


def test_it_leaves_the_edge_where_the_gradient_flow_lowers_the_sharpness():
    """U = −s − (3/10) y cos s: on the edge y = 0 the clock s runs like t, and from s = π/2 the gradient flow lowers y."""
    E = mq.Loss.from_sympy("(4 + y)*x**2/2 - s - 3*y*cos(s)/10", ["x", "y", "s"])
    path = mq.integrate(mq.CentralFlow().on(E), [0.0, -0.2, 0.0], h=0.5, steps=30)

    def free(t, state):
        return [0.3 * np.cos(state[1]), 1 - 0.3 * state[0] * np.sin(state[1])]

    def hits(t, state):
        return state[0]

    hits.terminal, hits.direction = True, 1
    options = {"rtol": 1e-12, "atol": 1e-13, "events": hits, "dense_output": True, "method": "DOP853"}
    first = solve_ivp(free, (0, 15), [-0.2, 0.0], **options)
    arrives, s = first.t[-1], first.y[1, -1]
    leaves = arrives + np.pi / 2 - s
    second = solve_ivp(free, (leaves, 15), [-1e-300, np.pi / 2], **options)
    expected = []
    for t in path.t:
        if t <= arrives:
            expected.append(first.sol(t))
        elif t <= leaves:
            expected.append([0.0, s + t - arrives])
        elif t <= second.t[-1]:
            expected.append(second.sol(t))
    reached = len(expected)
    assert second.t[-1] > leaves + 2
    np.testing.assert_allclose(path.theta[:reached, 1:], expected, atol=1e-7)
    assert path.completed


def test_beyond_the_edge_the_sharpness_stays():
    path = mq.integrate(mq.CentralFlow().on(valley()), [0.0, 0.3], h=0.5, steps=5)
    np.testing.assert_allclose(path.theta[:, 1], 0.3, atol=1e-12)


def test_below_the_edge_it_is_the_gradient_flow():
    E = mq.losses.rosenbrock()
    report = mq.compare(GD, E, [0.6, 0.5], h=1e-3, steps=20, flows=("gradient", "central"))
    np.testing.assert_allclose(report.trajectories["central"].theta, report.trajectories["gradient"].theta, atol=1e-9)


def test_on_a_quadratic_there_is_no_edge():
    """The sharpness does not change, whatever the oscillation."""
    path = mq.integrate(mq.CentralFlow().on(mq.losses.quadratic([[5]])), [1.0], h=0.5, steps=4)
    np.testing.assert_allclose(path.theta[:, 0], np.exp(-5 * path.t), atol=1e-9)


def test_losses_on_symbols_and_on_arrays_agree():
    def loss(p):
        x, y, z = p["x"][0], p["x"][1], p["x"][2]
        return (y**2 + z**2) * x**2 / 2 - y / 10 + x * z / 20

    symbolic = mq.Loss.from_sympy("(y**2 + z**2)*x**2/2 - y/10 + x*z/20", ["x", "y", "z"])
    start = [0.05, 0.8, 1.0]
    paths = [mq.integrate(mq.CentralFlow().on(E), start, h=1.0, steps=25) for E in (symbolic, mq.Loss.from_numpy(loss, {"x": 3}))]
    assert paths[0].extras["variance"].max() > 0
    np.testing.assert_allclose(paths[0].theta, paths[1].theta, atol=1e-7)

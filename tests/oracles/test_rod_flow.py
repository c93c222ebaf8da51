"""Rod flow against closed forms, a naive transcription of its formulas, and gradient descent itself.

Reference: E. Regis, S. Chewi (2026), arXiv 2602.01480.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import modeq as mq

GD = mq.GradientDescent()


def quadratic_rod(z, theta0, steps):
    """On ½λx² with z = hλ: dw/dn = −(z + z²/2)w and dΣ/dn = (z²/2)(w² + Σ) − 2Σ, from the rod between θ₀ and θ₁ at n = ½."""
    w, spread = (1 - z / 2) * theta0, (z * theta0 / 2) ** 2
    shrink, grow = z + z**2 / 2, z**2 / 2 - 2
    forced = z**2 / 2 * w**2 / (-2 * shrink - grow)
    n = np.arange(1, steps + 1) - 0.5
    return w * np.exp(-shrink * n), (spread - forced) * np.exp(grow * n) + forced * np.exp(-2 * shrink * n)


@pytest.mark.parametrize("z", [0.5, 1.5, 1.9, 2.1, 3.0])
@pytest.mark.parametrize("full", [True, False])
def test_on_a_quadratic_below_and_above_the_edge(z, full):
    path = mq.integrate(mq.RodFlow(full=full).on(mq.losses.quadratic([[z / 0.1]])), [2.0], h=0.1, steps=12)
    centre, spread = quadratic_rod(z, 2.0, 12)
    np.testing.assert_allclose(path.theta[1:, 0], centre, atol=1e-7)
    np.testing.assert_allclose(path.extras["delta"][1:, 0] ** 2, spread, rtol=1e-6, atol=1e-9)


def test_the_spread_grows_beyond_the_edge_only():
    ends = [
        mq.integrate(mq.RodFlow().on(mq.losses.quadratic([[z]])), [1.0], h=1.0, steps=40).extras["spread"][[20, 40], 0, 0]
        for z in (1.99, 2.01)
    ]
    assert ends[0][1] < ends[0][0]
    assert ends[1][1] > ends[1][0]


def transcription(E, theta0, h, steps):
    """The formulas as they stand, time in steps, with another solver."""
    d = len(theta0)

    def right(n, y):
        w, S = y[:d], y[d:].reshape(d, d)
        values, vectors = np.linalg.eigh((S + S.T) / 2)
        delta = np.sqrt(max(values[-1], 0)) * vectors[:, -1]
        g1, g2 = E.gradient(w + delta), E.gradient(w - delta)
        H = E.hessian(w + delta) + E.hessian(w - delta)
        moved = -h / 2 * (g1 + g2) - h**2 / 8 * H @ (g1 + g2)
        return np.concatenate([moved, (h**2 / 4 * (np.outer(g1, g1) + np.outer(g2, g2)) - 2 * S).ravel()])

    g = E.gradient(theta0)
    start = np.concatenate([theta0 - h / 2 * g, (h**2 / 4 * np.outer(g, g)).ravel()])
    n = np.arange(1, steps + 1)
    y = solve_ivp(right, (0.5, steps), start, method="RK45", rtol=1e-10, atol=1e-12, t_eval=n).y.T
    return y[:, :d], y[:, d:].reshape(-1, d, d)


def test_on_rosenbrock_near_the_edge_by_the_formulas_as_they_stand():
    E, start, h = mq.losses.rosenbrock(), np.array([0.9, 0.7]), 2.2e-3
    path = mq.integrate(mq.RodFlow().on(E), start, h=h, steps=15)
    centre, spread = transcription(E, start, h, 15)
    np.testing.assert_allclose(path.theta[1:], centre, atol=1e-7)
    np.testing.assert_allclose(path.extras["spread"][1:], spread, atol=1e-7)


@pytest.mark.parametrize("full", [True, False])
def test_the_two_cycle_of_a_quartic_is_a_fixed_point(full):
    """½Sx² − ¼x⁴ with hS = 2.02: gradient descent alternates between ±√(S − 2/h)."""
    E = mq.Loss.from_sympy("2.02*x**2/2 - x**4/4", ["x"])
    cycle = mq.iterate(GD, E, [0.05], h=1.0, steps=1000).theta[-2:, 0]
    path = mq.integrate(mq.RodFlow(full=full).on(E), [0.05], h=1.0, steps=1000)
    assert path.theta[-1, 0] == pytest.approx(cycle.mean(), abs=1e-9)
    assert path.extras["delta"][-1, 0] == pytest.approx(np.ptp(cycle) / 2, rel=1e-6)
    assert np.ptp(cycle) / 2 == pytest.approx(np.sqrt(0.02), rel=1e-6)


def test_the_two_cycle_of_the_cosine_has_its_centre_at_pi():
    report = mq.compare(GD, mq.losses.cosine(), [2.5], h=2.1, steps=60, flows=("gradient", "rod"))
    path = report.trajectories["rod"]
    assert path.theta[-1, 0] == pytest.approx(np.pi, abs=1e-8)
    assert path.extras["delta"][-1, 0] == pytest.approx(np.ptp(report.iterates.theta[-2:]) / 2, rel=1e-5)
    assert np.nanmean(report.average_errors["rod"]) < 0.1 * np.nanmean(report.average_errors["gradient"])


def test_far_from_the_edge_it_is_of_order_two():
    """Errors against the averages, which differ from the iterates by h²θ″/4, and the iterates shrink like h²."""
    E, errors = mq.losses.double_well(), []
    for h in (0.02, 0.01):
        report = mq.compare(GD, E, [1.4], h=h, steps=round(0.4 / h), flows=("rod",))
        errors.append([report.errors["rod"][-1], report.average_errors["rod"][-2]])
    ratios = np.array(errors[0]) / np.array(errors[1])
    np.testing.assert_allclose(ratios, 4, rtol=0.15)


def test_rank_one_is_the_projection_of_the_full_slope():
    E, h = mq.losses.himmelblau(), 0.02
    w, delta = np.array([2.5, 1.0]), np.array([0.2, -0.1])
    u = np.outer(delta, delta) / (delta @ delta)
    slope = mq.RodFlow(full=True).on(E).pieces(h)[0].right(0.0, np.concatenate([w, np.outer(delta, delta).ravel()]))
    F = slope[2:].reshape(2, 2)
    reduced = mq.RodFlow(full=False).on(E).pieces(h)[0].right(0.0, np.concatenate([w, delta]))
    np.testing.assert_allclose(reduced[:2], slope[:2], rtol=1e-12)
    pair = np.outer(reduced[2:], delta)
    np.testing.assert_allclose(pair + pair.T, u @ F + F @ u - u @ F @ u, rtol=1e-10)


def test_losses_on_symbols_and_on_arrays_agree():
    def bowl(p):
        x, y = p["x"][0], p["x"][1]
        return np.log(np.cosh(2 * x)) + 0.15 * y**2 * (1 + x**2 / 2) + x**3 / 15 + x * y / 10

    symbolic = mq.Loss.from_sympy("log(cosh(2*x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"])
    paths = [mq.integrate(mq.RodFlow().on(E), [0.6, -0.8], h=0.55, steps=10) for E in (symbolic, mq.Loss.from_numpy(bowl, {"x": 2}))]
    np.testing.assert_allclose(paths[0].theta, paths[1].theta, atol=1e-8)
    np.testing.assert_allclose(paths[0].extras["spread"], paths[1].extras["spread"], atol=1e-8)

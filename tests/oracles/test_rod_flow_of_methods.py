"""Rod flow of methods with memory: their edges in closed form, their two-cycles, gradient descent as a special case, order two.

Heavy ball leaves the minimum of a quadratic at hλ = 2(1 + β), Nesterov's method at (2 + 2β)/(1 + 2β), Adam with β₁ = 0.9 at 38 for the
preconditioned Hessian (Cohen et al. 2022, arXiv 2207.14484).
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import modeq as mq

BETA = 0.9
HEAVY_BALL, NESTEROV = 2 * (1 + BETA), (2 + 2 * BETA) / (1 + 2 * BETA)


def field(method, E, h, full=True):
    return mq.RodFlow(method, full=full).on(E).pieces(h)[0].right


@pytest.mark.parametrize("full", [True, False])
def test_heavy_ball_without_momentum_is_gradient_descent(full):
    """Whatever the memory, which the step does not read, and how it goes along with the rod."""
    E, h, generator = mq.losses.himmelblau(), 0.02, np.random.default_rng(5)
    w, v, delta, rod_of_v = generator.uniform(-1, 1, (4, 2)) * [[3], [1], [0.3], [0.5]]
    spread = np.outer(delta, delta) + 0.01 * np.eye(2)
    plain = np.concatenate([w, spread.ravel() if full else delta])
    memory = np.concatenate([w, v, np.concatenate([spread, np.outer(rod_of_v, delta)]).ravel() if full else [*delta, *rod_of_v]])
    expected = field(mq.GradientDescent(), E, h, full)(0.0, plain)
    found = field(mq.HeavyBall(0), E, h, full)(0.0, memory)
    kept = [0, 1, 4, 5, 6, 7] if full else [0, 1, 4, 5]
    np.testing.assert_allclose(found[kept], expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("method", "edge"), [(mq.HeavyBall(BETA), HEAVY_BALL), (mq.Nesterov(BETA), NESTEROV)])
@pytest.mark.parametrize("share", [0.9995, 1.0, 1.05])
def test_on_a_quadratic_the_rod_changes_as_the_eigenvalue_of_a_step_says(method, edge, share):
    """Along the eigenvector with eigenvalue μ of a step, Σ changes at the rate ½(1 − μ)² − 2; it is 0 at the edge, where μ = −1.

    A little further below it, at 0.999, heavy ball has a complex pair.
    """
    z = share * edge
    kept = BETA if method.name == "heavy ball" else BETA * (1 - z)
    M = np.array([[1 - z, kept], [-z, kept]])
    values, vectors = np.linalg.eig(M)
    lowest = np.argmin(values.real)
    mu, rod = values[lowest].real, vectors[:, lowest].real
    E = mq.losses.quadratic([[z]])
    slope = field(method, E, 1.0)(0.0, np.concatenate([[0, 0], rod * rod[0]]))
    np.testing.assert_allclose(slope[2:], ((1 - mu) ** 2 / 2 - 2) * rod * rod[0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(slope[:2], 0, atol=1e-15)
    assert mu == pytest.approx(-1, abs=1e-12) if share == 1 else (mu < -1) == (share > 1)
    rates = mq.critical_learning_rates(method, E, [0.0])
    assert rates.stable == pytest.approx(1 / share, rel=1e-12)
    reduced = field(method, E, 1.0, full=False)(0.0, np.concatenate([[0, 0], rod]))
    np.testing.assert_allclose(reduced[2:], ((1 - mu) ** 2 / 2 - 2) / 2 * rod, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("share", "grows"), [(0.999, False), (1.001, True)])
def test_the_edge_of_adam(share, grows):
    """With ε = 1 and tiny oscillations the preconditioner is 1."""
    method = mq.Adam(0.9, 0.999, 1.0, bias_correction=False)
    E = mq.losses.quadratic([[38 * share]])
    path = mq.integrate(mq.RodFlow(method).on(E), [1e-8], h=1.0, steps=60, rtol=1e-6, atol=1e-24)
    assert path.completed
    sizes = np.abs(path.extras["delta"][[30, 60], 0])
    assert (sizes[1] > sizes[0]) == grows


def test_the_two_cycle_of_heavy_ball_is_where_it_ends():
    """±a with S − a² = 2(1 + β)/h."""
    E = mq.Loss.from_sympy("1.92*x**2 - x**4/4", ["x"])
    path = mq.integrate(mq.RodFlow(mq.HeavyBall(BETA)).on(E), [0.05], h=1.0, steps=600, rtol=1e-7, atol=1e-9)
    assert abs(path.theta[-1, 0]) < 1e-6
    assert path.extras["delta"][-1, 0] == pytest.approx(np.sqrt(3.84 - HEAVY_BALL), rel=1e-5)
    cycle = mq.iterate(mq.HeavyBall(BETA), E, [0.05], h=1.0, steps=2000).theta[-1, 0]
    assert abs(cycle) == pytest.approx(np.sqrt(0.04), rel=1e-5)


def test_the_two_cycle_of_rmsprop_is_where_it_ends():
    """On λx²/2 with one coordinate g² = v in a two-cycle of ±a, so that h g/√v = 2a: a = h/2, whatever λ."""
    E = mq.losses.quadratic([[3]])
    path = mq.integrate(mq.RodFlow(mq.RMSProp(0.9, 1e-12)).on(E), [0.2], h=0.1, steps=300, rtol=1e-8, atol=1e-10)
    assert abs(path.theta[-1, 0]) < 1e-5
    assert path.extras["delta"][-1, 0] == pytest.approx(0.05, rel=1e-4)
    assert path.extras["v"][-1, 0] == pytest.approx(0.15**2, rel=1e-4)


METHODS = [
    mq.HeavyBall(0.5),
    mq.Nesterov(0.5),
    mq.RMSProp(0.5, 0.1),
    mq.Adam(0.5, 0.6, 0.1),
    mq.ScalarRMSProp(0.5, 0.1),
]


def state_of(method, path, n):
    if method.linear is not None:  # v is the last displacement
        return np.concatenate([path.theta[n], path.theta[n] - path.theta[n - 1]])
    return np.concatenate([path.theta[n], *(path.state[name][n] for name in method.memory)])


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_far_from_the_edge_it_is_of_order_two(method):
    """From two consecutive states, at least 60 steps after rest, where memory has forgotten that; errors against averages of two steps."""
    E, errors = mq.losses.himmelblau(), []
    for h in (1e-4, 5e-5):
        steps, before = round(0.02 / h), round(0.006 / h)
        path = mq.iterate(method, E, [2.2, 1.2], h=h, steps=before + steps + 1)
        start = [state_of(method, path, n) for n in (before, before + 1)]
        centre, rod = (start[0] + start[1]) / 2, (start[0] - start[1]) / 2
        y = np.concatenate([centre, np.outer(rod, rod[:2]).ravel()])
        begin, end = (before + 0.5) * h, (before + steps) * h
        found = solve_ivp(field(method, E, h), (begin, end), y, rtol=1e-9, atol=1e-12).y[:2, -1]
        a, b, c = path.theta[before + steps - 1 : before + steps + 2]
        errors.append([np.linalg.norm(found - (a + 2 * b + c) / 4), np.linalg.norm(b - path.theta[before])])
    assert 3 < errors[0][0] / errors[1][0] < 5

"""The central flow with several unstable directions, by Moreau's catching-up algorithm.

On E = ½xᵀ(4I + Y)x − ⟨C(s), Y⟩ − s, with the entries of the symmetric matrix Y as coordinates in which lengths are Frobenius norms, the
flow stays at x = 0, where the Hessian along x is 4I + Y. With 2/h = 4 it is Y' = C(s) as long as Y ⪯ 0 and the part of it that keeps Y
there: a sweeping process, for which steps Y + C dt, projected to the matrices ⪯ 0 by setting eigenvalues > 0 to 0, have errors of the
order of dt (J. J. Moreau, J. Differential Equations 26 (1977) 347–374, doi:10.1016/0022-0396(77)90085-7).
"""

import numpy as np
import pytest

import modeq as mq


def entries(k):
    return [(i, j) for i in range(k) for j in range(i, k)]


def matrix_loss(k, C, dC=None, frequency=0.4):
    """C(s) = C + dC sin(frequency·s)."""
    terms = ["-s", *(f"2*x{i}**2" for i in range(k))]
    for n, (i, j) in enumerate(entries(k)):
        terms.append(f"y{n}*x{i}*x{j}*{'1/2' if i == j else 'sqrt(1/2)'}")
        terms.append(f"-({C[n]} + ({0 if dC is None else dC[n]})*sin({frequency}*s))*y{n}")
    return mq.Loss.from_sympy("+".join(terms), [*(f"x{i}" for i in range(k)), *(f"y{n}" for n in range(len(C))), "s"])


def below(y, k):
    """The nearest matrix ⪯ 0."""
    rows, columns = np.triu_indices(k)
    weights = np.where(rows == columns, 1.0, np.sqrt(2))
    Y = np.empty((k, k))
    Y[rows, columns] = Y[columns, rows] = y / weights
    values, vectors = np.linalg.eigh(Y)
    return ((vectors * np.fmin(values, 0)) @ vectors.T)[rows, columns] * weights


def caught_up(k, y, C, dC, end, steps, frequency=0.4):
    """(Y, s) at t = 0, ½, …, end/2."""
    s, dt, path = 0.0, 0.5 / steps, [np.append(y, 0.0)]
    for _ in range(end):
        for _ in range(steps):
            drift = 1 + frequency * np.cos(frequency * s) * (dC @ y)
            y, s = below(y + (C + dC * np.sin(frequency * s)) * dt, k), s + drift * dt
        path.append(np.append(y, s))
    return np.array(path)


def started(k, seed, strength):
    generator = np.random.default_rng(seed)
    rows, columns = np.triu_indices(k)
    weights = np.where(rows == columns, 1.0, np.sqrt(2))
    A, B = generator.standard_normal((2, k, k))
    C = strength * (A @ A.T / 4 + np.eye(k))[rows, columns] * weights  # every eigenvalue wants to grow
    return C, -(B @ B.T / (10 * k**2) + np.eye(k) / 50)[rows, columns] * weights


@pytest.mark.parametrize(("k", "seed", "end"), [(2, 1, 7), (3, 1, 7)])
def test_all_that_arrive_are_held_at_the_edge(k, seed, end):
    C, y = started(k, seed, 0.02)
    E = matrix_loss(k, C)
    path = mq.integrate(mq.CentralFlow().on(E), np.r_[np.zeros(k), y, 0.0], h=0.5, steps=end, rtol=1e-8, atol=1e-10)
    assert path.completed
    assert path.extras["critical"][-1] == k
    for theta, count in zip(path.theta, path.extras["critical"], strict=True):
        np.testing.assert_allclose(E.spectrum(theta, k=k)[:count], 4.0, rtol=1e-6)
    check_slope(k, path, y, C, np.zeros_like(C), end)


def check_slope(k, path, y, C, dC, end):
    errors = [np.abs(caught_up(k, y, C, dC, end, steps) - path.theta[:, k:]).max() for steps in (50, 100)]
    assert errors[1] < 1e-3
    assert np.log2(errors[0] / errors[1]) == pytest.approx(1, abs=0.1)


def test_they_leave_and_come_back():
    C, dC, y = np.array([0.001, -0.003, 0.019]), np.array([0.017, 0.003, 0.02]), np.array([-0.03, 0.01, -0.05])
    path = mq.integrate(mq.CentralFlow().on(matrix_loss(2, C, dC)), np.r_[0.0, 0.0, y, 0.0], h=0.5, steps=18, rtol=1e-8, atol=1e-10)
    assert path.completed
    counts = path.extras["critical"]
    assert counts.max() == 2
    assert counts[-1] < 2
    check_slope(2, path, y, C, dC, 18)


def test_an_eigenvalue_that_is_double_all_the_way():
    """Of E = ½(4 + y)(x² + z²) − y/100 all but tr Σ = −2 ∇E·∇λ₁/‖∇λ₁‖² = 2/100 is a matter of choice."""
    E = mq.Loss.from_sympy("(4 + y)*(x**2 + z**2)/2 - y/100", ["x", "z", "y"])
    path = mq.integrate(mq.CentralFlow().on(E), [0.0, 0.0, -0.05], h=0.5, steps=14)
    np.testing.assert_allclose(path.theta[:, 2], np.minimum(-0.05 + path.t / 100, 0.0), atol=1e-9)
    assert path.extras["critical"].tolist()[-1] == 2
    np.testing.assert_allclose(path.extras["covariance"][-1], np.diag([0.01, 0.01, 0.0]), atol=1e-9)
    assert path.extras["excess"][-1] == pytest.approx(0.04, rel=1e-8)  # ½ · 4 · 0.02


def test_the_covariance_is_that_of_the_iterates():
    """Two oscillations of different size: the mean of xxᵀ over whole cycles of self-stabilisation, and of the loss."""
    E = mq.Loss.from_sympy("(4 + y)*x**2/2 + (4 + w)*z**2/2 - y/100 - w/50", ["x", "z", "y", "w"])
    flow = mq.integrate(mq.CentralFlow().on(E), [0.0, 0.0, -0.01, -0.01], h=0.5, steps=20)
    np.testing.assert_allclose(flow.extras["covariance"][-1, :2, :2], np.diag([0.02, 0.04]), atol=1e-8)
    iterates = mq.iterate(mq.GradientDescent(), E, [0.14, 0.2, 0.0, 0.0], h=0.5, steps=2000)
    x, z, y, w = iterates.theta.T
    assert flow.extras["covariance"][-1, 0, 0] == pytest.approx((x**2).mean(), rel=0.02)
    assert flow.extras["covariance"][-1, 1, 1] == pytest.approx((z**2).mean(), rel=0.02)
    excess = E(iterates.theta) - E(np.stack([0 * x, 0 * z, y, w], axis=1))
    assert flow.extras["excess"][-1] == pytest.approx(excess.mean(), rel=0.02)

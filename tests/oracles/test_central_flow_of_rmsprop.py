"""Central flows of RMSProp, with one mean square and with one for each entry, against formulas and iterates.

Reference: J. Cohen et al. (2024), arXiv 2410.24206, whose equations are in the time n = t/h of steps.
"""

import numpy as np
import pytest

import modeq as mq

RHO, H = 0.95, 0.02
KAPPA = (1 - RHO) / RHO


def valley():
    """Sharpness (2 + y)² where x = 0; y grows for ever."""
    return mq.Loss.from_sympy("(2 + y)**2*x**2/2 + exp(-y)/10", ["x", "y"])


@pytest.fixture(scope="module")
def along_the_edge():
    method = mq.ScalarRMSProp(RHO, start=0.02)
    return mq.integrate(mq.CentralFlow(method).on(valley()), [0.0, 0.0], h=H, steps=200)


def test_one_mean_square_keeps_the_edge(along_the_edge):
    path = along_the_edge
    assert path.completed
    y, nu = path.theta[:, 1], path.states[:, 2]
    gap = H * (2 + y) ** 2 / np.sqrt(nu) - 2
    arrived = path.extras["critical"] == 1
    assert arrived.sum() > 100
    assert gap[~arrived].max() < 0
    np.testing.assert_allclose(gap[arrived], 0.0, atol=1e-10)


def test_the_variance_by_its_formula(along_the_edge):
    path = along_the_edge
    y = path.theta[:, 1]
    S, dS, dL = (2 + y) ** 2, 2 * (2 + y), -np.exp(-y) / 10
    numerator = -4 / S**2 * dS * dL + KAPPA * (1 - 4 * dL**2 / (H * S) ** 2)
    expected = numerator / (4 * KAPPA / H**2 + 2 * dS**2 / S**2)
    arrived = path.extras["critical"] == 1
    np.testing.assert_allclose(path.extras["variance"][arrived], expected[arrived], rtol=1e-8)
    np.testing.assert_allclose(path.extras["excess"][arrived], (S * expected / 2)[arrived], rtol=1e-8)


def test_iterates_oscillate_around_it():
    """From the edge, with an oscillation of the size that the flow predicts. Means are not over whole cycles."""
    method = mq.ScalarRMSProp(RHO, start=(H * 9 / 2) ** 2)
    iterates = mq.iterate(method, valley(), [0.0102, 1.0], h=H, steps=400).theta
    path = mq.integrate(mq.CentralFlow(method).on(valley()), [0.0, 1.0], h=H, steps=400)
    moved = iterates[-1, 1] - iterates[0, 1]
    assert moved > 1
    np.testing.assert_allclose(iterates[:, 1], path.theta[:, 1], atol=0.01 * moved)
    assert (iterates[100:, 0] ** 2).mean() == pytest.approx(path.extras["variance"][100:].mean(), rel=0.06)
    assert (valley()(iterates) - valley()(np.c_[0 * iterates[:, 0], iterates[:, 1]]))[100:].mean() == pytest.approx(
        path.extras["excess"][100:].mean(), rel=0.06
    )


def coupled():
    return mq.Loss.from_sympy("(4 + y)*x**2/2 + x*y*z/5 - y/10 + (z - y)**2/3 + x**4/20 + x/10", ["x", "y", "z"])


def at_the_edge(E, theta, nu):
    """The step size at which a state is on the edge, and the leading eigenvector u, uᵀP u = 1, by SciPy's generalised problem."""
    from scipy.linalg import eigh

    values, vectors = eigh(E.hessian(theta), np.diag(np.sqrt(nu)))
    return 2 / values[-1], vectors[:, -1]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_entry_by_the_published_equations(seed):
    """ẇ = −(η/√ν)⊙[∇L + ½∇⟨Σ, H⟩], ν̇ = κ[∇L² + (4ν/η²)⊙diag Σ − ν], and the sharpness of P^(−½)HP^(−½) does not change."""
    generator = np.random.default_rng(seed)
    theta, nu = generator.uniform(0.2, 0.6, 3), generator.uniform(0.5, 1.5, 3)
    E = coupled()
    h, u = at_the_edge(E, theta, nu)
    flow = mq.CentralFlow(mq.RMSProp(RHO, 1e-300)).on(E)
    state = np.append(theta, nu)
    velocity = flow.pieces(h)[1].right(0.0, state)
    gradient = E.gradient(theta)
    # of either sign: −dC/dt = 0 for C = uᵀ(H − (2/h)P)u, linear in σ²
    slope, p = E.third(theta, u, u), np.sqrt(nu)

    def rates(variance):
        w = -(gradient + variance / 2 * slope) / p
        v = KAPPA / h * (gradient**2 + 4 * nu / h**2 * variance * u**2 - nu)
        return w, v, slope @ w - 2 / h * (u**2 @ (v / (2 * p)))

    at_0, at_1 = rates(0.0)[2], rates(1.0)[2]
    w, v, _ = rates(at_0 / (at_0 - at_1))
    np.testing.assert_allclose(velocity, np.append(w, v), rtol=1e-8, atol=1e-10)
    step = 1e-5
    tops = [1 / at_the_edge(E, *np.split(state + sign * step * velocity, 2))[0] for sign in (1, -1)]
    without = [1 / at_the_edge(E, *np.split(state + sign * step * np.append(*rates(0.0)[:2]), 2))[0] for sign in (1, -1)]
    assert abs(tops[0] - tops[1]) < 1e-5 * abs(without[0] - without[1])


@pytest.mark.parametrize("inside", [True, False])
def test_epsilon_stands_where_the_method_has_it(inside):
    """On a quadratic with ε the state moves as the formula without oscillations says."""
    E = mq.losses.quadratic([[2]])
    flow = mq.CentralFlow(mq.RMSProp(RHO, 0.3, eps_inside=inside)).on(E)
    slopes = flow.rhs(0.01)(0.0, np.array([1.5, 4.0]))
    root = np.sqrt(4.3) if inside else 2.3
    np.testing.assert_allclose(slopes, [-3 / root, KAPPA / 0.01 * (9 - 4)], rtol=1e-14)


def test_several_entries_at_the_edge_at_once():
    """Two valleys that do not know of each other: each is that of one parameter less."""
    E = mq.Loss.from_sympy("(2 + y)**2*x**2/2 + exp(-y)/10 + (3 + w)**2*z**2/2 + exp(-w)/5", ["x", "y", "z", "w"])
    theta, nu = np.array([0.0, 1.0, 0.0, 1.0]), np.array([81.0, 0.01, 256.0, 0.04]) * H**2 / 4
    nu[[1, 3]] = 0.01, 0.04  # (2 + y)² = 9 and (3 + w)² = 16: the sharpness along x and along z is 2/h
    flow = mq.CentralFlow(mq.RMSProp(RHO, 1e-300)).on(E)
    state = np.append(theta, nu)
    _, at_edge = flow.pieces(H)
    free = flow.pieces(H)[0]
    both = free.then(state)
    assert at_edge.ends(state) > 0  # with one direction: the other has arrived
    velocity = both.right(0.0, state)
    for k, entries in enumerate(([0, 1], [2, 3])):
        single = mq.Loss.from_sympy(("(2 + y)**2*x**2/2 + exp(-y)/10", "(3 + y)**2*x**2/2 + exp(-y)/5")[k], ["x", "y"])
        part = mq.CentralFlow(mq.RMSProp(RHO, 1e-300)).on(single).pieces(H)[1].right(0.0, np.append(theta[entries], nu[entries]))
        np.testing.assert_allclose(np.append(velocity[entries], velocity[4:][entries]), part, rtol=1e-8, atol=1e-10)


def test_by_name_and_refusals():
    E = valley()
    report = mq.compare(mq.ScalarRMSProp(RHO, start=0.02), E, [1e-4, 0.0], h=H, steps=5, flows=("central",))
    assert report.errors["central"].max() < 1e-3
    with pytest.raises(ValueError, match="no central flow of Adam"):
        mq.CentralFlow(mq.Adam())
    with pytest.raises(ValueError, match="no central flow of RMSProp"):
        mq.CentralFlow(mq.RMSProp(momentum=0.9))
    with pytest.raises(ValueError, match="free parameter rho"):
        mq.CentralFlow(mq.ScalarRMSProp("rho"))
    with pytest.raises(ValueError, match="describes scalar RMSProp only"):
        mq.compare(mq.GradientDescent(), E, [0.1, 0.0], h=H, steps=1, flows=(mq.CentralFlow(mq.ScalarRMSProp(RHO)),))


def test_a_solver_that_tries_a_negative_mean_square_takes_a_smaller_step():
    """Where g is small beside an earlier one, ν falls so fast that the first steps that are tried cross 0."""
    E = mq.Loss.from_sympy("(x**2 + 30*y**2)/2 + x**4", ["x", "y"])
    method = mq.RMSProp(0.9)
    path = mq.integrate(mq.CentralFlow(method).on(E), [2.0, 1e-4], h=0.01, steps=60)
    iterates = mq.iterate(method, E, [2.0, 1e-4], h=0.01, steps=60).theta
    assert path.completed
    np.testing.assert_allclose(path.theta[:, 0], iterates[:, 0], atol=0.03 * (iterates[0, 0] - iterates[-1, 0]))

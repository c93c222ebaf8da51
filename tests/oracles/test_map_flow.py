"""The principal flow of several steps as one map against matrix logarithms of difference quotients, cycles and the iterates."""

import itertools
import re

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()
MIDPOINT = mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1])


def reference(method, field, point, h, steps):
    """(1/kh) log(M) (M − I)⁻¹ (Φᵏ(θ) − θ), M by difference quotients."""
    point = np.asarray(point, float)

    def run(start):
        return mq.iterate(method, field, start, h=h, steps=steps).theta[-1]

    size = 1e-6
    M = np.array([(run(point + size * e) - run(point - size * e)) / (2 * size) for e in np.eye(len(point))]).T
    values, V = np.linalg.eig(M.astype(complex))
    ratio = np.log(values) / (values - 1)
    return V @ (ratio * np.linalg.solve(V, run(point) - point)) / (steps * h)


def distances(flow, method, field, point, h, steps, **options):
    """The distance to the iterates at the multiples of the period."""
    path = mq.integrate(flow, point, h=h, steps=steps, **options)
    iterates = mq.iterate(method, field, point, h=h, steps=steps)
    assert path.completed, path.message
    return np.linalg.norm(path.theta.real - iterates.theta, axis=1)[:: path.period]


@pytest.mark.parametrize("steps", [2, 3])
@pytest.mark.parametrize("method", [GD, MIDPOINT], ids=lambda method: method.name)
def test_field_is_the_logarithm_of_the_map(method, steps):
    E = mq.losses.himmelblau()
    flow = mq.whole_state_flow(method, steps=steps).on(E)
    np.testing.assert_allclose(flow([0.4, 0.3], 0.01), reference(method, E, [0.4, 0.3], 0.01, steps), rtol=1e-7)


def test_a_vector_field_whose_map_has_complex_eigenvalues():
    field = mq.VectorField.from_sympy(["y - x/5 + x*y/3", "-x - y/4 + x**2/5"], ["x", "y"], name="spiral")
    flow = mq.whole_state_flow(GD, steps=2).on(field)
    value = flow([0.5, -0.3], 0.3)
    np.testing.assert_allclose(value, reference(GD, field, [0.5, -0.3], 0.3, 2), rtol=1e-7)
    assert np.abs(value.imag).max() < 1e-15


@pytest.mark.parametrize("steps", [2, 3])
def test_exact_on_quadratics_below_one_and_with_two_steps_beyond(steps):
    """One step multiplies by 1 − hλ; an even power is positive on both sides of hλ = 1."""
    E = mq.losses.quadratic([[1.9 if steps == 2 else 0.9, 0.0], [0.0, 0.3]])
    flow = mq.whole_state_flow(GD, steps=steps).on(E)
    assert distances(flow, GD, E, [1.0, 1.0], 1.0, 12).max() < 1e-8


def test_heavy_ball_acts_on_its_whole_state():
    """Exact on quadratics from rest: both roots, transient and all."""
    method = mq.HeavyBall(0.5)
    E = mq.losses.quadratic([[0.6, 0.1], [0.1, 0.05]])
    flow = mq.whole_state_flow(method, steps=2).on(E)
    assert flow.dimension == 4
    assert distances(flow, method, E, [1.0, -1.0], 1.0, 20).max() < 1e-8


def test_two_cycles_are_fixed_points():
    """E = S x²/2 − x⁴/4 with h = 1: x ↦ −x at x² = S − 2."""
    E = mq.Loss.from_sympy("2.3*x**2/2 - x**4/4", ["x"])
    cycle = np.sqrt(0.3)
    for degree in (1, 2):
        assert abs(mq.whole_state_flow(GD, steps=2, degree=degree).on(E)([cycle], 1.0)[0]) < 1e-14


@pytest.mark.parametrize(
    ("loss", "point", "h", "steps", "first", "second"),
    [
        (mq.Loss.from_sympy("2.02*x**2/2 - x**4/4", ["x"]), [0.05], 1.0, 200, 9e-6, 1e-8),
        (mq.losses.cosine(), [2.5], 2.1, 40, 4e-4, 1e-5),
        (mq.losses.rosenbrock(), [0.9, 0.7], 2.2e-3, 30, 2.3e-4, 1e-5),
    ],
    ids=["quartic", "cosine", "rosenbrock"],
)
def test_iterates_at_the_edge_of_stability(loss, point, h, steps, first, second):
    for degree, bound in ((1, first), (2, second)):
        flow = mq.whole_state_flow(GD, steps=2, degree=degree).on(loss)
        assert distances(flow, GD, loss, point, h, steps).max() < bound


@pytest.mark.parametrize("degree", [1, 2])
def test_one_map_errs_by_one_power_more_than_its_degree(degree):
    field = mq.VectorField.from_sympy(["-x + x*y - x**2/2", "-y/3 + x**2 + y**2/4"], ["x", "y"])
    flow = mq.whole_state_flow(GD, steps=2, degree=degree).on(field)
    errors = []
    for size in (0.04, 0.02, 0.01):
        start = size * np.array([1.0, -0.7])
        errors.append(distances(flow, GD, field, start, 0.4, 2, rtol=1e-12, atol=1e-16)[-1])
    slopes = np.diff(np.log2(errors)) / -1
    np.testing.assert_allclose(slopes, degree + 1, atol=0.15)


# --- losses on arrays ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(20, 2))
    return mq.losses.mlp((2, 3, 1), "tanh", "mean-squared", X, np.sin(X[:, 0]) + X[:, 1])


@pytest.mark.parametrize("hessian", ["dense", "lanczos"])
@pytest.mark.parametrize("method", [GD, MIDPOINT], ids=lambda method: method.name)
def test_networks_dense_and_by_products(network, method, hessian):
    theta = mq.losses.xavier(network, 1)
    h = 0.4 / network.sharpness(theta)
    flow = mq.whole_state_flow(method, steps=2, hessian=hessian).on(network)
    expected = reference(method, network, theta, h, 2)
    np.testing.assert_allclose(flow(theta, h), expected, rtol=0, atol=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("hessian", ["dense", "lanczos"])
def test_degree_two_on_networks(network, hessian):
    """The part that is quadratic in Φ²(θ) − θ by difference quotients of the map and NumPy's eigenvectors."""
    theta = mq.losses.xavier(network, 1)
    h, d = 0.4 / network.sharpness(theta), network.dimension
    one, two = (mq.whole_state_flow(GD, steps=2, degree=degree, hessian=hessian).on(network)(theta, h) for degree in (1, 2))

    def run(start):
        return mq.iterate(GD, network, start, h=h, steps=2).theta[-1]

    size, unit = 1e-3, np.eye(d)
    M = np.array([(run(theta + 1e-6 * e) - run(theta - 1e-6 * e)) / 2e-6 for e in unit]).T
    m, V = np.linalg.eig(M.astype(complex))
    W = np.linalg.inv(V)
    parts = W @ (run(theta) - theta)
    bent = np.empty((d, d, d))
    for j, k in itertools.combinations_with_replacement(range(d), 2):
        ends = [run(theta + size * (a * unit[j] + b * unit[k])) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
        bent[:, j, k] = bent[:, k, j] = (ends[0] - ends[1] - ends[2] + ends[3]) / (4 * size**2)

    log = np.log(m)
    i, j, k = m[:, None, None], m[None, :, None], m[None, None, :]
    log_i, log_j, log_k = log[:, None, None], log[None, :, None], log[None, None, :]

    def mean(log_mu, mu):
        return np.where(abs(mu - i) < 1e-9, 1 / i, (log_mu - log_i) / np.where(abs(mu - i) < 1e-9, 1, mu - i))

    c = (mean(log_j + log_k, j * k) - mean(log_j + 0 * k, j + 0 * k) - mean(log_k + 0 * j, k + 0 * j) + mean(0, 1)) / ((j - 1) * (k - 1))
    along = np.einsum("ia,abc,bj,ck->ijk", W, bent, V, V)
    total = V @ np.einsum("ijk,ijk,j,k->i", c, along, parts, parts) / (2 * 2 * h)
    np.testing.assert_allclose(two - one, total, rtol=0, atol=1e-4 * np.abs(total).max())


# --- names, messages ---------------------------------------------------------------------------------------------------------------


def test_compare_leaves_odd_steps_out():
    report = mq.compare(GD, mq.losses.quadratic([[0.8]]), [1.0], h=1.0, steps=5, flows=["two-step"])
    np.testing.assert_array_equal(np.isnan(report.errors["two-step"]), [False, True, False, True, False, True])
    assert "two-step" in report.table()


QUARTIC = mq.Loss.from_sympy("x**4/4 + x**2/8", ["x"])  # E″ = 3x² + 1/4


def test_a_direction_turned_over_gets_a_status():
    """From 0.7 two steps of h = 1 turn over: (1 − E″(0.7))(1 − E″(0.182)) = −0.47, and 0.182 is less than a way from 0.7 to 0."""
    path = mq.integrate(mq.whole_state_flow(GD, steps=2).on(QUARTIC), [0.7], h=1.0, steps=4)
    assert path.status == "complex"
    assert "-0.47" in path.message
    assert len(path) == 5  # all of the run is there
    assert not path.theta.imag.any()
    assert path.validity.grade == "doubtful"


def test_one_step_off_the_reals_is_real_with_two():
    """At 0.45 hλ = 0.86 and two steps stay below 1; at 0.55 two steps lie on both sides of hλ = 1: m = −0.1."""
    for start, sign in ((0.45, 1), (0.55, -1)):
        middle = mq.iterate(GD, QUARTIC, [start], h=1.0, steps=1).theta[-1, 0]
        m = (1 - (3 * start**2 + 0.25)) * (1 - (3 * middle**2 + 0.25))
        assert np.sign(m) == sign
        field = mq.whole_state_flow(GD, steps=2).on(QUARTIC)([start], 1.0)
        moved = mq.iterate(GD, QUARTIC, [start], h=1.0, steps=2).theta[-1] - start
        np.testing.assert_allclose(field, np.log(abs(m)) / (m - 1) * moved / 2, rtol=1e-12)


@pytest.mark.parametrize("start", [-0.02, 0.02], ids=["from above", "from below"])
def test_passes_through_hlambda_one(start):
    """The curvature of x, 1 + y, passes through 1 = 1/h from either side as y drifts; the forcing keeps x away from its minimum."""
    field = mq.VectorField.from_sympy(["-(1 + y)*x + 3/10 - y**2", f"{-np.sign(start) * 0.004}"], ["x", "y"])
    flow = mq.whole_state_flow(GD, steps=2).on(field)
    off = distances(flow, GD, field, [0.4, start], 1.0, 12, rtol=1e-8, atol=1e-10)
    assert off.max() < 1e-4  # x moves by 0.1


def test_a_stalled_run_says_where_to_start():
    path = mq.integrate(mq.whole_state_flow(GD, steps=2).on(QUARTIC), [0.7], h=1.0, steps=4, max_evaluations=20)
    assert path.status == "stalled"
    assert "turned over" in path.message
    better = int(re.search(r"after (\d+) steps? of the method", path.message)[1])
    start = mq.iterate(GD, QUARTIC, [0.7], h=1.0, steps=better).theta[-1]
    assert mq.integrate(mq.whole_state_flow(GD, steps=2).on(QUARTIC), start, h=1.0, steps=4).completed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps must be"),
        ({"steps": 2.0}, "steps must be"),
        ({"steps": True}, "steps must be"),
        ({"steps": 2, "degree": 3}, "degree must be 1 or 2"),
        ({"degree": 0}, "degree must be 1 or 2"),
        ({"hessian": "sparse"}, "hessian must be one of"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        mq.whole_state_flow(GD, **arguments)


def test_a_smooth_start_is_refused_where_the_flow_starts_at_rest():
    with pytest.raises(ValueError, match="take start='rest'"):
        mq.compare(mq.HeavyBall(0.5), QUARTIC, [0.4], h=0.1, steps=2, flows=["two-step"], start="smooth")
    report = mq.compare(mq.HeavyBall(0.5), QUARTIC, [0.4], h=0.02, steps=2, flows=["principal"], start="smooth")
    assert report.iterates.completed


def test_implicit_methods_are_refused():
    with pytest.raises(ValueError, match="explicit"):
        mq.whole_state_flow(mq.ProximalPoint(), steps=2)


def test_text():
    flow = mq.whole_state_flow(mq.HeavyBall(0.9), steps=3, degree=2)
    assert str(flow) == "s' = 1/(3h) log(M) (M-I)⁻¹ (Φ³(s)-s) + 1/(6h) Σ c(m; m₁, m₂) uᵀD²Φ³[u₁,u₂] F₁ F₂ u, M = DΦ³(s)"
    assert str(mq.whole_state_flow(GD)) == "θ' = 1/h log(M) (M-I)⁻¹ (Φ(θ)-θ), M = DΦ(θ)"
    assert "Phi^{3}" in flow.latex()

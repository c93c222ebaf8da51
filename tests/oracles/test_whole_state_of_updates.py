"""Flows on the whole state of smooth updates against the formula with finite differences, and against the iterates themselves."""

import numpy as np
import pytest
import scipy.linalg

import modeq as mq

E = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"])
START = [1.2, -0.9]


def adam(state, h, n, beta1=0.9, beta2=0.99, eps=1e-2):
    """One step of Adam on the 2-D loss, in numbers."""
    theta, m, v = state.reshape(3, 2)
    g = E.gradient(theta)
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    return np.concatenate([theta - h * m / (1 - beta1 ** (n + 1)) / (np.sqrt(v / (1 - beta2 ** (n + 1))) + eps), m, v])


def units(n):
    """1 − βⁿ for m and v: the weight that their gradients have got after n steps."""
    return np.array([1, 1, *[1 - 0.9**n] * 2, *[1 - 0.99**n] * 2])


def test_the_field_is_the_logarithm_of_the_matrix_in_corrected_units():
    """Of θ and of m/(1 − β₁ⁿ), v/(1 − β₂ⁿ); the units themselves go from those of step n to those of the next, at a steady rate."""
    state, h, n, size = np.array([1.0, -0.7, 0.3, -0.4, 0.2, 0.3]), 0.01, 3, 1e-6
    growth = np.log(units(n + 1) / units(n)) / h
    flow = mq.whole_state_flow(mq.Adam(0.9, 0.99, 1e-2)).on(E)
    for t in (0.0, 0.3 * h):
        unit = units(n) * np.exp(growth * t)

        def step(s, unit=unit):  # from the memory in the units of the time t, to that at the end
            return adam(s / unit * units(n), h, n) / units(n + 1) * unit

        matrix = np.transpose([(step(state + size * e) - step(state - size * e)) / (2 * size) for e in np.eye(6)])
        moved = step(state) - state
        expected = scipy.linalg.logm(matrix).real @ np.linalg.solve(matrix - np.eye(6), moved) / h + growth * state
        assert np.allclose(flow.rhs(h, n)(t, state), expected, rtol=1e-6)


@pytest.mark.parametrize(("h", "bound"), [(0.003, 2e-7), (0.01, 6e-6), (0.03, 1.2e-4)])
def test_adam_is_followed_from_its_first_step(h, bound):
    method, steps = mq.Adam(0.9, 0.99, 1e-2), 20
    run = mq.iterate(method, E, START, h=h, steps=steps)
    flow = mq.integrate(mq.whole_state_flow(method).on(E), START, h=h, steps=steps, rtol=1e-10)
    assert flow.completed
    assert np.linalg.norm(flow.theta - run.theta, axis=1).mean() < bound
    assert np.allclose(flow.state["v"], run.state["v"], rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize("h", [0.003, 0.01, 0.03])
def test_degree_two_is_fifty_times_closer_from_the_first_step(h):
    method, steps = mq.Adam(0.9, 0.99, 1e-2), 40
    run = mq.iterate(method, E, START, h=h, steps=steps).theta
    first, second = (
        np.linalg.norm(
            mq.integrate(mq.whole_state_flow(method, degree=d).on(E), START, h=h, steps=steps, rtol=1e-11, atol=1e-14).theta - run, axis=1
        ).mean()
        for d in (1, 2)
    )
    assert second < first / 50


@pytest.mark.parametrize(
    "method",
    [
        mq.RMSProp(0.9, 1e-3),
        mq.NAdam(0.9, 0.99),
        mq.Adagrad(start=0.1),
        mq.Lion(smoothing=1e-2),
        mq.NormalizedGD(1e-3),
        mq.SAM(0.1, eps=1e-3),
    ],
    ids=str,
)
def test_other_updates_are_followed_to_a_hundredth_of_the_way(method):
    run = mq.iterate(method, E, START, h=0.01, steps=10).theta
    flow = mq.integrate(mq.whole_state_flow(method).on(E), START, h=0.01, steps=10).theta
    assert np.linalg.norm(flow - run, axis=1).max() < 0.01 * np.linalg.norm(run[-1] - run[0])


def test_a_krylov_space_gives_the_field_of_the_whole_matrix():
    method = mq.Adam(0.9, 0.99, 1e-2)
    state = np.array([1.0, -0.7, 0.3, -0.4, 0.2, 0.3])
    dense, sparse = (mq.whole_state_flow(method, hessian=kind).on(E)(state, 0.01, 2) for kind in ("dense", "lanczos"))
    assert np.allclose(dense, sparse, rtol=1e-8)


def test_muon_is_followed_matrix_by_matrix():
    X = np.array([[0.5, -0.2], [0.1, 0.7], [-0.3, 0.4]])
    loss = mq.Loss.from_numpy(lambda p, X, y: np.mean((X @ p["W"] + p["b"] - y) ** 2), {"W": (2, 2), "b": (2,)}, {"X": X, "y": X**2})
    method, theta, h = mq.Muon(0.5, iterations=2), np.array([0.4, -0.3, 0.2, 0.9, 0.1, 0.2]), 0.01
    run = mq.iterate(method, loss, theta, h=h, steps=6).theta
    flow = mq.integrate(mq.whole_state_flow(method).on(loss), theta, h=h, steps=6).theta
    assert np.linalg.norm(flow - run, axis=1).max() < 0.01 * np.linalg.norm(run[-1] - run[0])


def test_a_schedule_is_followed_as_it_is():
    method, sizes = mq.Adam(0.9, 0.99, 1e-2), [0.01, 0.02, 0.005, 0.01, 0.03]
    run = mq.iterate(method, E, START, h=sizes, steps=5).theta
    flow = mq.integrate(mq.whole_state_flow(method).on(E), START, h=sizes, steps=5).theta
    assert np.linalg.norm(flow - run, axis=1).max() < 2e-3 * np.linalg.norm(run[-1] - run[0])


@pytest.mark.parametrize("method", [mq.SAM(0.1, eps=1e-3), mq.NormalizedGD(0.1), mq.NAdam(0.8, 0.9, 1e-2), mq.Lion(smoothing=0.1)], ids=str)
def test_so_does_it_for_updates_with_norms_and_several_gradients(method):
    state = np.concatenate([[1.0, -0.7], *[[0.3 + q, 0.4] for q in range(method.states - 1)]])
    dense, sparse = (mq.whole_state_flow(method, hessian=kind).on(E)(state, 0.01, 2) for kind in ("dense", "lanczos"))
    assert np.allclose(dense, sparse, rtol=1e-8)


GENERATED = {
    "Adam": (mq.Adam(0.9, 0.99, 1e-2), 1, [1.0, -0.7, 0.3, -0.4, 0.2, 0.3]),
    "RMSProp, two steps": (mq.RMSProp(0.9, 1e-2), 2, [1.0, -0.7, 0.3, 0.4]),
    "normalised": (mq.NormalizedGD(0.1), 1, [1.0, -0.7]),
}


@pytest.mark.parametrize("name", GENERATED)
def test_generated_code_gives_the_field_of_a_step(name):
    """Derivatives of a graph of the whole step against Taylor series of arrays."""
    method, steps, state = GENERATED[name]
    flow = mq.whole_state_flow(method, steps=steps).on(E)
    assert np.allclose(flow.of_step(4)(state, 0.01), flow(state, 0.01, 4), rtol=1e-10)
    assert np.allclose(flow.of_step(4).rhs(0.01)(0.004, state), flow.rhs(0.01, 4)(0.004, state), rtol=1e-10)


def test_a_field_that_is_the_same_in_all_steps_is_exported(tmp_path):
    assert "def kernel" in mq.whole_state_flow(mq.RMSProp(0.9, 1e-3)).on(E).export(tmp_path / "field.py").read_text()
    with pytest.raises(ValueError, match=r"each step of Adam has a field of its own.*of_step\(n\)\.export"):
        mq.whole_state_flow(mq.Adam()).on(E).export(tmp_path / "field.py")
    with pytest.raises(ValueError, match="counted 0, 1, 2, …, got -1"):
        mq.whole_state_flow(mq.Adam()).on(E).of_step(-1)


def test_a_run_that_turns_a_direction_over_is_told_so_with_the_remedy():
    """Of smoothed sign descent DΦ = 1 − h E″ ε/(g² + ε)^(3/2): at x = 0 the eigenvalue is 1 − h/√ε, and two steps have its square."""
    sign = mq.whole_state_flow(mq.SmoothSign(1e-2)).on(mq.losses.quadratic([[1.0]]))
    status, words = sign.diagnose(np.array([0.02]), np.array([0.0]), 0.18, 3, "its step underflowed")
    assert status == "stalled"
    assert words.startswith("the solver gave up after step 3: its step underflowed; an eigenvalue of one step is -0.8, a direction turned")
    assert words.endswith("two steps as one map, 'two-step', have none")


def test_eigenvalues_are_those_of_the_step_where_a_run_stalls():
    """Difference quotients of the first step would take v below 0 here, where √v is no number."""
    rmsprop, state = mq.RMSProp(0.9, 1e-8), np.array([0.5, 1e-7])
    flow = mq.whole_state_flow(rmsprop).on(mq.losses.quadratic([[1.0]]))
    status, words = flow.diagnose(np.array([1.0, 0.0]), state, 0.5, 2, "its step underflowed")
    lowest = np.linalg.eigvals(flow.step_matrix(state, 0.5, 2)).real.min()
    assert status == "stalled"
    assert lowest < -0.05
    assert f"an eigenvalue of one step is {lowest:.2g}" in words
    assert words.endswith("take a smaller h")


def test_products_share_the_values_at_a_point():
    X = np.array([[0.5, -0.2], [0.1, 0.7], [-0.3, 0.4]])
    loss = mq.losses.mlp((2, 3, 2), "tanh", "mean-squared", X, X**2)
    theta, directions = 0.3 * np.cos(np.arange(loss.dimension)), np.random.default_rng(0).standard_normal((3, loss.dimension))
    value, product = loss.linearised(theta)
    assert np.allclose(value, -loss.gradient(theta), rtol=1e-13)
    found = [product(v) for v in directions]  # the first result is not overwritten by the later ones
    assert np.allclose(found, -directions @ loss.hessian(theta), rtol=1e-12, atol=1e-15)

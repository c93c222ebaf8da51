"""Runs of a method against the same method written out by hand in NumPy."""

import itertools

import numpy as np
import pytest
import sympy
from scipy.optimize import fsolve

import modeq as mq

E = mq.losses.rosenbrock()
START = np.array([0.6, 0.5])
H, STEPS = 8e-4, 25


def f(theta):
    return -E.gradient(theta)


def plain(step, theta, *memory, count=STEPS):
    """Repeat (θ, memory) → step(θ, memory)."""
    path, state = [theta], (theta, *memory)
    for _ in range(count):
        state = step(*state)
        path.append(state[0])
    return np.array(path)


def assert_same(method, expected, *, field=E, start=START, h=H, rtol=1e-10):
    path = mq.iterate(method, field, start, h=h, steps=len(expected) - 1)
    assert path.completed
    np.testing.assert_allclose(path.theta, expected, rtol=rtol)


def test_gradient_descent():
    assert_same(mq.GradientDescent(), plain(lambda x: (x + H * f(x),), START))


def test_heavy_ball():
    def step(x, v):
        v = 0.8 * v + H * f(x)
        return x + v, v

    assert_same(mq.HeavyBall(0.8), plain(step, START, np.zeros(2)))


def test_nesterov():
    def step(x, before):
        ahead = x + 0.8 * (x - before)
        return ahead + H * f(ahead), x

    assert_same(mq.Nesterov(0.8), plain(step, START, START))


def test_extragradient():
    assert_same(mq.Extragradient(), plain(lambda x: (x + H * f(x + H * f(x)),), START))


def test_classical_runge_kutta():
    def step(x):
        k1 = f(x)
        k2 = f(x + H / 2 * k1)
        k3 = f(x + H / 2 * k2)
        k4 = f(x + H * k3)
        return (x + H / 6 * (k1 + 2 * k2 + 2 * k3 + k4),)

    A = [[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]]
    assert_same(mq.RungeKutta(A, ["1/6", "1/3", "1/3", "1/6"]), plain(step, START))


def test_proximal_point_solves_its_equation():
    """θ⁺ = θ − h∇E(θ⁺)."""
    expected = plain(lambda x: (fsolve(lambda z: z - x - H * f(z), x, xtol=1e-12),), START, count=10)
    assert_same(mq.ProximalPoint(), expected, rtol=1e-9)


def test_proximal_point_minimises_its_objective():
    """θ⁺ is stationary for E(z) + |z − θ|²/(2h), also for a large step."""
    path = mq.iterate(mq.ProximalPoint(), E, START, h=0.05, steps=6).theta
    residual = [E.gradient(new) + (new - old) / 0.05 for old, new in itertools.pairwise(path)]
    assert np.abs(residual).max() < 1e-9


def test_the_two_stage_gauss_method():
    """Both implicit stages at once, by SciPy's solver."""
    r = np.sqrt(3) / 6
    A = np.array([[0.25, 0.25 - r], [0.25 + r, 0.25]])

    def step(x):
        def residual(k):
            k = k.reshape(2, 2)
            return (k - np.array([f(x + H * (row @ k)) for row in A])).ravel()

        k = fsolve(residual, np.tile(f(x), 2), xtol=1e-12).reshape(2, 2)
        return (x + H * k.mean(axis=0),)

    shift = sympy.sqrt(3) / 6
    method = mq.RungeKutta([["1/4", sympy.Rational(1, 4) - shift], [sympy.Rational(1, 4) + shift, "1/4"]], ["1/2", "1/2"])
    assert_same(method, plain(step, START, count=8), rtol=1e-9)


def test_lookahead_moves_part_of_the_way():
    def step(x):
        fast = x
        for _ in range(3):
            fast = fast + H * f(fast)
        return (x + 0.25 * (fast - x),)

    assert_same(mq.Lookahead(mq.GradientDescent(), steps=3, alpha="1/4"), plain(step, START))


def test_lookahead_keeps_the_momentum_of_the_inner_method():
    def step(x, v):
        fast = x
        for _ in range(2):
            v = 0.5 * v + H * f(fast)
            fast = fast + v
        return x + 0.5 * (fast - x), v

    assert_same(mq.Lookahead(mq.HeavyBall("1/2"), steps=2), plain(step, START, np.zeros(2)))


def test_two_players_who_take_turns():
    """Gauss–Seidel updates on a bilinear game: the second player sees the first one's move."""

    def step(z):
        x = z[0] - 0.1 * (2 * z[1] + z[0])
        y = z[1] + 0.1 * (2 * x - z[1] ** 3)
        return (np.array([x, y]),)

    game = mq.VectorField.game(["x**2/2 + 2*x*y", "-2*x*y + y**4/4"], [["x"], ["y"]])
    turns = mq.compose(mq.GradientDescent().on_field(0), mq.GradientDescent().on_field(1))
    assert_same(turns, plain(step, START), field=game, h=0.1)


def test_two_players_who_move_at_once():
    def step(z):
        return (z + 0.1 * np.array([-2 * z[1] - z[0], 2 * z[0] - z[1] ** 3]),)

    game = mq.VectorField.game(["x**2/2 + 2*x*y", "-2*x*y + y**4/4"], [["x"], ["y"]])
    assert_same(mq.GradientDescent(), plain(step, START), field=game, h=0.1)


def test_an_implicit_method_with_two_fields():
    """Implicit in the first part, explicit in the second (IMEX Euler), against the solution of the linear equation."""
    field = mq.VectorField.split([["-3*x"], ["x**2/2"]], ["x"])
    imex = mq.GeneralLinearMethod(A=[[0, 0], [1, 1]], U=[[1], [1]], B=[[1, 1]], V=[[1]], output=[1], colours=[1, 0])
    expected = plain(lambda x: ((x + 0.1 * x**2 / 2) / 1.3,), np.array([1.0]), count=10)
    assert_same(imex, expected, field=field, start=[1.0], h=0.1)


def test_a_method_traced_from_code():
    @mq.method(memory=("v",))
    def averaged(theta, v, h, f, *, beta):
        v = beta * v + (1 - beta) * f(theta)
        return theta + h * v, v

    def step(x, v):
        v = 0.6 * v + 0.4 * f(x)
        return x + H * v, v

    assert_same(averaged(beta="3/5"), plain(step, START, np.zeros(2)))


def test_complex_states_follow_the_same_formula():
    start = START + np.array([0.1j, -0.05j])
    assert_same(mq.GradientDescent(), plain(lambda x: (x + H * f(x),), start), start=start)


def test_complex_states_of_an_implicit_method():
    path = mq.iterate(mq.ProximalPoint(), E, START + np.array([0.1j, -0.05j]), h=H, steps=4).theta
    np.testing.assert_allclose(path[1:], path[:-1] + H * f(path[1:]), rtol=1e-9)


def test_parameters_of_the_loss_are_used():
    loss = mq.Loss.from_sympy("a*x**2/2", ["x"], {"a": 3})
    assert_same(mq.GradientDescent(), plain(lambda x: (0.7 * x,), np.array([1.0])), field=loss, start=[1.0], h=0.1)


def test_no_steps_leave_the_start():
    path = mq.iterate(mq.GradientDescent(), E, START, h=H, steps=0)
    np.testing.assert_array_equal(path.theta, [START])
    np.testing.assert_array_equal(path.t, [0.0])
    assert path.completed


def test_times_are_multiples_of_the_step_size():
    path = mq.iterate(mq.GradientDescent(), E, START, h=H, steps=3)
    np.testing.assert_allclose(path.t, [0, H, 2 * H, 3 * H])


def test_the_start_is_not_changed():
    start = START.copy()
    mq.iterate(mq.HeavyBall(0.5), E, start, h=H, steps=3)
    np.testing.assert_array_equal(start, START)


def test_evaluations_count_stages():
    assert mq.iterate(mq.Extragradient(), E, START, h=H, steps=7).evaluations == 14


def test_divergence_keeps_what_was_computed():
    path = mq.iterate(mq.GradientDescent(), E, [3.0, 3.0], h=0.1, steps=50)
    assert path.status == "diverged"
    assert 1 < len(path) < 51
    assert np.isfinite(path.theta).all()
    expected = plain(lambda x: (x + 0.1 * f(x),), np.array([3.0, 3.0]), count=len(path) - 1)
    np.testing.assert_allclose(path.theta, expected, rtol=1e-9)
    assert f"step {len(path)}" in path.message


def test_a_slow_divergence_is_no_failure_while_numbers_are_finite():
    path = mq.iterate(mq.GradientDescent(), mq.losses.quadratic([[1]]), [1.0], h=3.0, steps=20)
    assert path.completed
    np.testing.assert_allclose(path.theta.ravel(), (-2.0) ** np.arange(21))


def test_leaving_the_domain_ends_the_run():
    path = mq.iterate(mq.GradientDescent(), mq.Loss.from_sympy("x*log(x)", ["x"]), [0.5], h=2.0, steps=5)
    assert not path.completed
    assert np.isfinite(path.theta).all()


@pytest.mark.parametrize("h", [0.5, 3.0, 20.0])
def test_an_implicit_step_follows_its_root_from_zero(h):
    """The proximal point of the double well from 0.1 minimises E(y) + (y − 0.1)²/(2h); Newton's method alone lands on a maximum."""
    E = mq.Loss.from_sympy("x**4/4 - x**2/2", ["x"])
    roots = np.roots([h, 0, 1 - h, -0.1])
    real = roots[np.abs(roots.imag) < 1e-9].real
    best = real[np.argmin(real**4 / 4 - real**2 / 2 + (real - 0.1) ** 2 / (2 * h))]
    path = mq.iterate(mq.ProximalPoint(), E, [0.1], h=h, steps=1)
    np.testing.assert_allclose(path.theta[-1], [best], rtol=1e-9)


def test_an_implicit_step_whose_root_ends_says_so():
    """The equation y = 1 + h y² has real roots up to h = 1/4 only."""
    field = mq.VectorField.from_sympy(["x**2"], ["x"])
    assert mq.iterate(mq.ProximalPoint(), field, [1.0], h=0.2499, steps=1).completed
    path = mq.iterate(mq.ProximalPoint(), field, [1.0], h=0.26, steps=1)
    assert path.status == "unsolvable"
    assert "no solution that continues from h = 0" in path.message


def test_an_implicit_step_without_solution_is_said_to_be_unsolvable():
    """θ⁺ = θ + h(θ⁺² + 1) has no real solution for h = 1."""
    field = mq.VectorField.from_sympy(["x**2 + 1"], ["x"])
    path = mq.iterate(mq.ProximalPoint(), field, [0.0], h=1.0, steps=5)
    assert path.status == "unsolvable"
    assert len(path) == 1
    assert "step 1" in path.message
    assert "smaller h" in path.message


def test_an_implicit_run_keeps_the_steps_before_the_unsolvable_one():
    """θ⁺ = θ + h(θ⁺² + 1) is solvable while 4h(θ + h) ≤ 1."""
    field = mq.VectorField.from_sympy(["x**2 + 1"], ["x"])
    path = mq.iterate(mq.ProximalPoint(), field, [0.0], h=0.1, steps=50)
    assert path.status == "unsolvable"
    assert (4 * 0.1 * (path.theta[:-1] + 0.1) <= 1).all()
    assert 4 * 0.1 * (path.theta[-1, 0] + 0.1) > 1


def test_an_implicit_step_that_lands_on_zero():
    """The solution of the step is 0 exactly, where a relative tolerance alone never ends."""
    loss = mq.Loss.from_sympy("(x - 1)**2/2", ["x"])
    for h in np.linspace(0.05, 2, 80):
        path = mq.iterate(mq.ProximalPoint(), loss, [-h], h=h, steps=1)
        assert path.completed
        assert abs(path.theta[1, 0]) < 1e-14

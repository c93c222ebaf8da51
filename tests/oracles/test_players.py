"""Drift of players in a game: the literature's coefficients, and exact flows of bilinear games."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

import modeq as mq

a, lamda = sympy.symbols("a l")
HALF = Fraction(1, 2)


@pytest.mark.parametrize("first", [1, 2, 3])
@pytest.mark.parametrize("second", [1, 2, 3])
def test_alternating_players_of_one_rate_have_the_drift_of_the_paper(first, second):
    # Rosca et al. 2021, arXiv 2105.13922, theorem 3.2 with equal rates: self 1/(2n), cross 1/2 for the first, ½(1 − 2) for the second.
    drift = mq.player_drift(mq.Alternating(updates=(first, second)))
    assert drift.own == (Fraction(1, 2 * first), Fraction(1, 2 * second))
    assert (drift.interactions[0][1], drift.interactions[1][0]) == (HALF, -HALF)


@pytest.mark.parametrize("first", [1, 2, 3])
@pytest.mark.parametrize("second", [1, 2, 3])
def test_players_of_different_rates_on_one_clock(first, second):
    # Of x' = a[f − h/2 (a/n₁ f_x f + l f_y g)], y' = l[g − h/2 (l/n₂ g_y g ∓ a g_x f)], − where x moves first.
    for make, sign in ((mq.Simultaneous, 1), (mq.Alternating, -1)):
        drift = mq.player_drift(make(("a", "l"), updates=(first, second)))
        assert drift.rates == (a, lamda)
        expected = (a / (2 * first), lamda / 2, sign * a / 2, lamda / (2 * second))
        found = (*drift.interactions[0], *drift.interactions[1])
        assert all(sympy.expand(x - y) == 0 for x, y in zip(found, expected, strict=True))


def test_three_players_are_drawn_to_whoever_moves_later_and_pushed_by_whoever_moved_before():
    rows = mq.player_drift(mq.Alternating((1, 1, 1))).interactions
    assert rows == ((HALF, HALF, HALF), (-HALF, HALF, HALF), (-HALF, -HALF, HALF))


@pytest.mark.parametrize(
    "method", [mq.Simultaneous(), mq.Simultaneous((1, 2)), mq.Alternating(), mq.Alternating(("1/2", 2), updates=(2, 3))], ids=str
)
def test_the_flow_of_the_map_is_exact_on_bilinear_games(method):
    # Through the centre (0, 0) both players turn round each other; imaginary eigenvalues of f′.
    game = mq.VectorField.game(["x*y + x**2/10", "-x*y"], [["x"], ["y"]])
    flow = mq.whole_state_flow(method).on(game)
    path, run = mq.integrate(flow, [1.0, 0.5], h=0.3, steps=6), mq.iterate(method, game, [1.0, 0.5], h=0.3, steps=6)
    np.testing.assert_allclose(path.theta, run.theta, atol=1e-8)


A, RATE, MOMENTUM = np.array([[1.0, 0.4], [-0.3, 0.8]]), 0.3, 0.4
START = np.array([1.0, 0.5, -0.7, 0.2])


def pushes(z):
    """The field of min over x, max over y of xᵀAy."""
    return np.concatenate([-A @ z[2:], A.T @ z[:2]])


def simultaneous(z, memory):
    return z + RATE * pushes(z), memory


def alternating(z, memory):
    x = z[:2] - RATE * A @ z[2:]
    return np.concatenate([x, z[2:] + RATE * A.T @ x]), memory


def extragradient(z, memory):
    return z + RATE * pushes(z + RATE * pushes(z)), memory


def optimistic(z, last):
    return z + RATE * (2 * pushes(z) - last), pushes(z)


def heavy_ball(z, v):
    v = MOMENTUM * v + RATE * pushes(z)
    return z + v, v


def heavy_ball_in_turn(z, v):
    p = MOMENTUM * v[:2] - RATE * A @ z[2:]
    q = MOMENTUM * v[2:] + RATE * A.T @ (z[:2] + p)
    return z + np.concatenate([p, q]), np.concatenate([p, q])


@mq.method(memory=("last",))
def written_optimistic(theta, last, h, f):
    push = f(theta)
    return theta + h * (2 * push - last), push


@mq.method(memory=("p", "q"))
def written_in_turn(theta, p, q, h, f, g, *, beta):
    p = beta * p + h * f(theta)
    q = beta * q + h * g(theta + p)
    return theta + p + q, p, q


GAMES = [
    (simultaneous, mq.Simultaneous()),
    (alternating, mq.Alternating()),
    (extragradient, mq.Extragradient()),
    (optimistic, written_optimistic()),
    (heavy_ball, mq.HeavyBall(MOMENTUM)),
    (heavy_ball_in_turn, written_in_turn(beta=MOMENTUM)),
]


@pytest.mark.parametrize(("play", "method"), GAMES, ids=lambda value: getattr(value, "__name__", ""))
def test_the_flow_of_the_map_meets_rounds_written_in_matrices(play, method):
    z, memory, rounds = START, np.zeros(4), [START]
    for _ in range(12):
        z, memory = play(z, memory)
        rounds.append(z)
    value = " + ".join(f"({A[i, j]})*x{i}*y{j}" for i in range(2) for j in range(2))
    game = mq.VectorField.game([value, f"-({value})"], [["x0", "x1"], ["y0", "y1"]])
    path = mq.integrate(mq.whole_state_flow(method).on(game), START, h=RATE, steps=12, rtol=1e-11, atol=1e-13)
    assert path.completed, path.message
    np.testing.assert_allclose(path.theta, rounds, atol=1e-8)


@pytest.mark.parametrize(("make", "order", "slope"), [(mq.Simultaneous, 2, 3), (mq.Alternating, 2, 3), (mq.Alternating, 3, 4)])
def test_one_round_to_each_order(make, order, slope):
    game = mq.VectorField.game(["x*y + x**3/5", "-sin(x)*y + y**2/4"], [["x"], ["y"]])
    method = make((1, "3/2"), updates=(2, 1))
    flow = mq.modified_equation(method, order=order).on(game)
    errors = []
    for h in (0.02, 0.01):
        end = mq.integrate(flow, [0.7, 0.4], h=h, steps=1, rtol=1e-13, atol=1e-15).theta[-1]
        errors.append(np.linalg.norm(end - mq.iterate(method, game, [0.7, 0.4], h=h, steps=1).theta[-1]))
    assert abs(np.log2(errors[0] / errors[1]) - slope) < 0.1


@pytest.mark.parametrize("degree", [1, 2])
def test_the_map_of_players_on_arrays_is_that_on_symbols(degree):
    def first(p):
        return np.sum(p["x"] * p["y"]) + np.sum(p["x"] ** 4) / 20

    shapes = {"x": (1,), "y": (1,)}
    losses = [mq.Loss.from_numpy(first, shapes), mq.Loss.from_numpy(lambda p: -np.sum(p["x"] * p["y"]), shapes)]
    arrays = mq.VectorField.game(losses, [["x"], ["y"]])
    symbols = mq.VectorField.game(["x*y + x**4/20", "-x*y"], [["x"], ["y"]])
    equation = mq.whole_state_flow(mq.Alternating((1, 2), updates=(2, 1)), degree=degree)
    np.testing.assert_allclose(equation.on(arrays)([0.7, -0.3], 0.2), equation.on(symbols)([0.7, -0.3], 0.2), rtol=1e-9)

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

"""Fixed points of games under players and flows, against what runs of the players do."""

import numpy as np
import pytest
import sympy

import modeq as mq

ROSCA = mq.VectorField.game(["x*y + 0.045*x**2", "-x*y + 0.045*y**2"], [["x"], ["y"]])


def growth(method, game, h):
    """How much a run grows per round in the long run, measured where it starts from random points."""
    points = [mq.iterate(method, game, start, h=h, steps=400).theta for start in ([1.0, 0.3], [-0.2, 0.9])]
    return max((np.linalg.norm(p[-1]) / np.linalg.norm(p[200])) ** (1 / 200) for p in points)


def linear_game(seed):
    a, b, c, d = np.round(np.random.default_rng(seed).normal(size=4), 3)
    return mq.VectorField.game([f"{abs(a)}*x**2/8 + {b}*x*y", f"{c}*x*y + {abs(d)}*y**2/8"], [["x"], ["y"]])


def test_the_example_of_rosca_and_others():
    # ε₁ = ε₂ = 0.09, h = 0.2: simultaneous players leave, alternating ones arrive; arXiv 2105.13922, section 5.1.
    verdicts = {}
    for make in (mq.Simultaneous, mq.Alternating):
        report = mq.game_stability(make(), ROSCA, [0, 0], h=0.2)
        verdicts[make] = report.method_verdict
        assert report.verdicts["order 1"] == "attracts"
        assert report.verdicts["order 2"] == report.verdicts["map flow"] == report.method_verdict
    assert verdicts == {mq.Simultaneous: "repels", mq.Alternating: "attracts"}


@pytest.mark.parametrize("seed", range(10))
def test_verdicts_on_random_linear_games_are_those_of_runs(seed):
    game = linear_game(seed)
    for make, h in ((mq.Simultaneous, 0.1), (mq.Alternating, 0.1), (mq.Simultaneous, 0.8), (mq.Alternating, 0.8)):
        report = mq.game_stability(make((1, "1/2"), updates=(2, 1)), game, [0, 0], h=h, flows=["map"])
        expected = "attracts" if growth(report.method, game, h) < 1 else "repels"
        assert report.method_verdict == report.verdicts[next(iter(report.rates))] == expected


def test_multipliers_are_exponentials_of_the_rates_of_the_map():
    report = mq.game_stability(mq.Alternating(), ROSCA, [0, 0], h=0.2, flows=["map"])
    (rates,) = report.rates.values()
    np.testing.assert_allclose(np.sort_complex(np.exp(0.2 * rates)), np.sort_complex(report.multipliers), rtol=1e-8)


def test_a_point_where_players_move_is_refused():
    with pytest.raises(ValueError, match="no fixed point"):
        mq.game_stability(mq.Alternating(), ROSCA, [1, 0], h=0.2)


@pytest.mark.parametrize("method", [mq.Simultaneous(), mq.Alternating((1, "1/2"), updates=(1, 3))], ids=str)
@pytest.mark.parametrize("kappa", [-1, 1, "2/3"])
def test_losses_of_players_have_the_modified_field(method, kappa):
    x, y, z = sympy.symbols("x y z")
    first = sympy.sympify("x*y**2 + x**2*z - sin(x)*z")
    losses = [first, sympy.sympify(kappa) * first + y**3 + z**2]
    players = [["x"], ["y", "z"]]
    corrected = mq.player_losses(method, losses, players)
    flow = mq.modified_equation(method, order=2).on(mq.VectorField.game(losses, players)).expressions()
    for E, variables, components, rate in zip(corrected, [(x,), (y, z)], [flow[:1], flow[1:]], mq.player_drift(method).rates, strict=True):
        for v, component in zip(variables, components, strict=True):
            assert sympy.expand(sympy.diff(E, v) * sympy.Rational(rate) + component) == 0


def test_a_drift_that_is_no_gradient_has_no_loss():
    assert mq.player_losses(mq.Simultaneous(), ["x*y*z", "-x*y + z*x**2"], [["x"], ["y", "z"]])[0] is None

"""Players of a game as methods."""

import numpy as np
import pytest

import modeq as mq

GAME = mq.VectorField.game(["x*y + x**2/4", "-x*y"], [["x"], ["y"]])


def test_simultaneous_players_see_the_start_of_the_round():
    x, y = 1.0, 0.5
    inner = x - 0.1 * (y + x / 2)
    expected = [inner - 0.1 * (y + inner / 2), y + 0.1 * x]
    run = mq.iterate(mq.Simultaneous((2, 1), updates=(2, 1)), GAME, [x, y], h=0.1, steps=1)
    np.testing.assert_allclose(run.theta[-1], expected, rtol=1e-14)


def test_alternating_players_see_what_was_done_before():
    x, y = 1.0, 0.5
    moved = x - 0.1 * (y + x / 2)
    run = mq.iterate(mq.Alternating((1, 2)), GAME, [x, y], h=0.1, steps=1)
    np.testing.assert_allclose(run.theta[-1], [moved, y + 0.2 * moved], rtol=1e-14)


def test_names_say_rates_and_updates():
    assert str(mq.Alternating((1, "1/2"), updates=(2, 1))) == "alternating gradient descent (rates=(1, 1/2), updates=(2, 1))"
    assert str(mq.Simultaneous()) == "simultaneous gradient descent"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1,),), "at least two players"),
        ((("a"),), "at least two players"),
        (((1, 1), (1,)), "2 rates and 1 numbers"),
        (((1, 1), (1, 0)), "integers ≥ 1"),
    ],
)
def test_players_that_cannot_be_are_refused(arguments, message):
    rates, *updates = arguments
    with pytest.raises(ValueError, match=message):
        mq.Alternating(rates, updates=updates[0] if updates else None)


def test_a_method_of_one_field_has_no_players():
    with pytest.raises(ValueError, match="one field and no players"):
        mq.player_drift(mq.GradientDescent())

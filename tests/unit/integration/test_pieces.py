"""A field that changes along the way."""

import numpy as np
import pytest
from scipy.integrate import DOP853, RK45

from modeq.flows.centre import Piece
from modeq.integration.pieces import PiecewiseSolver


def run(solver):
    """(t, y) at the ends of the steps, and a function of time."""
    parts = []
    while solver.status == "running":
        before = solver.t
        assert solver.step() is None
        parts.append((before, solver.t, solver.dense_output()))

    def at(t):
        return next(dense(t)[0] for low, high, dense in parts if low <= t <= high)

    return at


@pytest.mark.parametrize("method", [RK45, DOP853])
def test_a_ball_between_two_walls(method):
    def make(right, t, y):
        return method(right, t, y, 10.0, rtol=1e-9, atol=1e-12, max_step=0.7)

    up = Piece(lambda t, y: np.ones(1), lambda y: y[0] - 1)
    down = Piece(lambda t, y: -np.ones(1), lambda y: -y[0])
    at = run(PiecewiseSolver(make, [up, down], 0.0, np.array([0.25])))
    for t in np.linspace(0, 10, 41):
        assert at(t) == pytest.approx(1 - abs((t + 0.25) % 2 - 1), abs=1e-10)


def test_it_begins_in_the_first_piece_that_does_not_end_at_once():
    def make(right, t, y):
        return RK45(right, t, y, 1.0)

    pieces = [Piece(lambda t, y: np.ones(1), lambda y: y[0]), Piece(lambda t, y: -np.ones(1), lambda y: -y[0])]
    solver = PiecewiseSolver(make, pieces, 0.0, np.array([2.0]))
    assert run(solver)(1.0) == pytest.approx(1.0)


def test_a_piece_without_end_goes_on():
    solver = PiecewiseSolver(lambda right, t, y: RK45(right, t, y, 1.0), [Piece(lambda t, y: -y)], 0.0, np.array([1.0]))
    assert run(solver)(1.0) == pytest.approx(np.exp(-1), rel=1e-3)

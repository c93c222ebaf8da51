"""A map that is computed once and then differentiated along directions, against difference quotients."""

import numpy as np
import pytest

from modeq.graph.algebra import NumpyAlgebra
from modeq.graph.linearised import Linearised

X, Y = np.array([0.7, 1.3, 2.1]), np.array([0.4, -1.1, 0.9])
DX, DY = np.array([1.0, -0.5, 0.3]), np.array([0.2, 0.8, -0.6])
MAPS = {
    "sum": lambda e, x, y: e.add(x, y),
    "difference": lambda e, x, y: e.subtract(e.constant(3), y),
    "product": lambda e, x, y: e.multiply(e.negate(x), y),
    "quotient": lambda e, x, y: e.divide(y, x),
    "reciprocal": lambda e, x, y: e.divide(e.constant(2), x),
    "power": lambda e, x, y: e.power(x, -2),
    "root": lambda e, x, y: e.apply("sqrt", e.add(x, e.multiply(y, y))),
    "function": lambda e, x, y: e.apply("tanh", e.multiply(x, y)),
    "norm": lambda e, x, y: e.divide(y, e.apply("sqrt", e.total(e.multiply(y, y)))),
    "what does not change": lambda e, x, y: e.add(e.constant(1), e.constant(2)),
}


@pytest.mark.parametrize("name", MAPS)
def test_changes_are_those_of_difference_quotients(name):
    tape = Linearised(NumpyAlgebra())
    result = MAPS[name](tape, tape.variable(X), tape.variable(Y))
    size = 1e-6
    ends = [MAPS[name](NumpyAlgebra(), X + sign * size * DX, Y + sign * size * DY) for sign in (1, -1)]
    found = tape.change(result, [DX, DY])
    assert np.allclose(0.0 if found is None else found, (ends[0] - ends[1]) / (2 * size), rtol=1e-8, atol=1e-9)
    assert np.allclose(result[0], MAPS[name](NumpyAlgebra(), X, Y), rtol=1e-15)


def test_what_does_not_change_at_a_branch_point_stays():
    tape = Linearised(NumpyAlgebra())
    with np.errstate(all="ignore"):
        root = tape.apply("sqrt", tape.variable(np.array([0.0, 4.0])))
        assert np.array_equal(tape.change(root, [np.array([0.0, 1.0])]), [0.0, 0.25])

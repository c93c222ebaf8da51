"""Modified equations of smooth updates on symbols, as one graph, against power series at each point."""

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.flows.update_series import on_arrays

E = mq.Loss.from_sympy("exp(k*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"], {"k": 0.3})
POINT, H = [1.2, -0.9], 0.01
METHODS = [
    mq.Adam(0.6, 0.7, 0.1),
    mq.AdamW(0.5, 0.6, 0.1, weight_decay=0.3, eps_inside=True),
    mq.NAdam(0.5, 0.6, 0.1),
    mq.Lion(0.5, 0.6, smoothing=0.2),
    mq.NormalizedGD(0.1),
    mq.SAM(0.2, eps=0.01),
]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("method", METHODS, ids=str)
def test_symbols_and_power_series_give_the_same_field(method, order):
    equation = mq.modified_equation(method, order=order)
    assert np.allclose(equation.on(E)(POINT, H), on_arrays(equation, E)(POINT, H), rtol=1e-11)


def test_the_formula_of_order_two_is_the_closed_form():
    """Normalised gradient descent in one coordinate is Euler's method on −u, u = g/√(g² + ε): f̃ = −u − (h/2) u′u."""
    x, h = sympy.symbols("x h")
    g = x**3 - x
    u = g / sympy.sqrt(g**2 + 1)
    flow = mq.modified_equation(mq.NormalizedGD(1), order=2).on(mq.Loss.from_sympy("x**4/4 - x**2/2", ["x"]))
    assert sympy.simplify(flow.expressions()[0] - (-u - h / 2 * u * sympy.diff(u, x))) == 0


def test_each_player_has_its_own_field():
    @mq.method
    def tanh_alternating(theta, h, f, g):
        half = theta + h * np.tanh(f(theta))
        return half + h * np.tanh(g(half))

    game = mq.VectorField.game(["x*y + x**2/5", "-x*y"], [["x"], ["y"]])
    equation = mq.modified_equation(tanh_alternating(), order=3)
    assert np.allclose(equation.on(game)([1.0, 0.4], H), on_arrays(equation, game)([1.0, 0.4], H), rtol=1e-12)


def test_matrices_stay_with_arrays():
    equation = mq.modified_equation(mq.Muon(0, iterations=1), order=2)
    assert np.isfinite(equation.on(E)(POINT, H)).all()

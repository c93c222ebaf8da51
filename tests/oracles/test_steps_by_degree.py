"""One step of the method against the flow of each degree: what is missed is the first degree in f that is left out."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp

import modeq as mq

from .fields_by_degree import Polynomial, interpreted

GD = mq.GradientDescent()


def missed(flow: mq.Flow, start: Any, end: np.ndarray, h: float) -> float:
    """Return the distance from the end of a step of the method to time h on the flow."""
    right = interpreted(flow)
    path = solve_ivp(lambda _, y: right(y, h), (0, h), np.asarray(start) + 0j, "DOP853", rtol=1e-11, atol=1e-15)
    return float(np.abs(path.y[:, -1] - end).max())


def explicit_step(field: Polynomial, x: np.ndarray) -> np.ndarray:
    return x + field.derivatives(x)[0]


def implicit_step(field: Polynomial, x: np.ndarray) -> np.ndarray:
    """Solve y = x + f(y) by Newton's method."""
    y = x
    for _ in range(8):
        f, jacobian = field.derivatives(y)[:2]
        y = y - np.linalg.solve(np.eye(len(y)) - jacobian, y - x - f)
    return y


MONOTONE, ONE_OSCILLATING, TWO_OSCILLATING = (-0.35, -0.75), (-1.3, -0.3), (-1.2, -1.5)


@pytest.mark.parametrize(
    ("method", "step", "eigenvalues", "loss", "degree"),
    [
        (GD, explicit_step, MONOTONE, True, 2),
        (GD, explicit_step, MONOTONE, False, 2),
        (GD, explicit_step, MONOTONE, False, 3),
        (GD, explicit_step, ONE_OSCILLATING, False, 2),
        (GD, explicit_step, TWO_OSCILLATING, True, 1),
        (GD, explicit_step, TWO_OSCILLATING, True, 2),
        (GD, explicit_step, TWO_OSCILLATING, False, 2),
        (GD, explicit_step, TWO_OSCILLATING, True, 3),
        (mq.ProximalPoint(), implicit_step, MONOTONE, False, 2),
    ],
)
def test_degree_m_misses_a_small_step_by_the_power_m_plus_one(
    method: mq.Method, step: Any, eigenvalues: tuple[float, float], loss: bool, degree: int
) -> None:
    """f = O(ε) with f′ = O(1), beyond hλ = 1 as well."""
    errors = []
    for amplitude in (4e-3, 2e-3):
        polynomial = Polynomial.random(2, 3, eigenvalues=eigenvalues, loss=loss)
        polynomial.tensors[0] *= amplitude
        flow = mq.principal_flow(method, degree=degree).on(polynomial.loss() if loss else polynomial.field())
        x = amplitude * np.array([0.3, -0.4])
        errors.append(missed(flow, x, step(polynomial, x), 1.0))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(degree + 1, abs=0.1)


# --- a loss with all derivatives ---------------------------------------------------------------------------------------------------


START = (0.6, -0.8)


@cache
def bowl() -> mq.Loss:
    return mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"])


@cache
def missed_on_the_bowl(degree: int, order: int | None, h: float) -> float:
    end = np.array(START) - h * bowl().gradient(START)
    return missed(mq.principal_flow(GD, degree=degree, order=order).on(bowl()), START, end, h)


def test_degree_two_has_a_step_error_of_order_five() -> None:
    """Of the trees with three leaves that with four nodes has the coefficient 0 for gradient descent."""
    slopes = np.log2([missed_on_the_bowl(2, None, h) / missed_on_the_bowl(2, None, h / 2) for h in (0.2, 0.1)])
    assert (slopes > 4.8).all()


def test_degree_two_misses_a_hundredth_of_what_order_three_misses() -> None:
    assert missed_on_the_bowl(2, None, 0.1) < 0.01 * missed_on_the_bowl(1, 3, 0.1)
    assert missed_on_the_bowl(2, None, 0.1) < 1e-8


def test_degree_three_misses_the_tree_with_four_leaves() -> None:
    """h⁵/720 F([•,•,•,•]), from SymPy's own derivatives."""
    E, h = bowl(), 0.1
    at = dict(zip(E.variables, START, strict=True))
    f = [-sympy.diff(E.expression, v).subs(at) for v in E.variables]
    tree = []
    for variable in E.variables:
        terms = [
            -sympy.diff(E.expression, variable, *(E.variables[k] for k in indices)).subs(at) * sympy.prod(f[k] for k in indices)
            for indices in itertools.product(range(2), repeat=4)
        ]
        tree.append(float(sum(terms)))
    size = h**5 / 720 * np.abs(tree).max()
    assert mq.modified_equation(GD, 5).coefficient("[[],[],[],[]]") == sympy.Rational(-1, 30)
    assert missed_on_the_bowl(3, None, h) == pytest.approx(size, rel=0.2)


def test_four_leaves_are_what_degree_three_needs_to_be_completed() -> None:
    assert missed_on_the_bowl(3, 6, 0.1) < 1e-9
    assert missed_on_the_bowl(3, 6, 0.1) < 0.2 * missed_on_the_bowl(3, None, 0.1)

"""What completes the flows of degrees 2 and 3: exactly the trees with more leaves, up to an order."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import pytest

import modeq as mq
from modeq.series import FieldSeries

from .fields_by_degree import interpreted

GD = mq.GradientDescent()
METHODS = {"gradient descent": GD, "heavy ball": mq.HeavyBall("1/2"), "extragradient": mq.Extragradient()}
POINT = np.array([0.6, -0.8])


@cache
def bowl() -> mq.Loss:
    return mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"])


def with_more_leaves(method: mq.Method, order: int, leaves: int) -> FieldSeries:
    """Put the trees with at most that many leaves to zero."""
    known = mq.modified_equation(method, order).series
    return FieldSeries(order, 1, tuple(Fraction(0) if tree.leaves <= leaves else known[tree] for tree in known.trees))


@pytest.mark.parametrize(("name", "degree", "order"), [
    ("gradient descent", 2, 5), ("gradient descent", 2, 6), ("heavy ball", 2, 5), ("extragradient", 2, 5), ("gradient descent", 3, 6),
    ("extragradient", 3, 5)])  # fmt: skip
def test_the_completion_consists_of_the_trees_with_more_leaves(name: str, degree: int, order: int) -> None:
    method, h = METHODS[name], 0.3 if name != "heavy ball" else 0.05
    plain, completed = (interpreted(mq.principal_flow(method, degree=degree, order=p).on(bowl()))(POINT, h) for p in (None, order))
    expected = interpreted(with_more_leaves(method, order, degree).on(bowl()))(POINT, h)
    assert np.abs(completed - plain - expected).max() < 1e-13 * np.abs(plain).max()
    assert np.abs(expected).max() > 1e-7


@pytest.mark.parametrize(
    ("name", "degree", "order"), [("gradient descent", 2, 3), ("gradient descent", 2, 5), ("heavy ball", 2, 4), ("gradient descent", 3, 4)]
)
def test_a_completed_flow_is_the_truncated_field_up_to_its_order(name: str, degree: int, order: int) -> None:
    completed = interpreted(mq.principal_flow(METHODS[name], degree=degree, order=order).on(bowl()))
    truncated = interpreted(mq.modified_equation(METHODS[name], order).on(bowl()))
    steps = 0.04 * 0.5 ** np.arange(3) * (0.25 if name == "heavy ball" else 2)
    distances = [np.abs(completed(POINT, h) - truncated(POINT, h)).max() for h in steps]
    assert np.log2(distances[-2] / distances[-1]) == pytest.approx(order, abs=0.1)


@pytest.mark.parametrize("degree", [2, 3])
def test_up_to_one_node_more_than_leaves_there_is_nothing_to_complete(degree: int) -> None:
    """The smallest tree with more leaves has degree + 2 nodes."""
    plain, completed = (interpreted(mq.principal_flow(GD, degree=degree, order=p).on(bowl()))(POINT, 0.3) for p in (None, degree + 1))
    np.testing.assert_allclose(completed, plain, rtol=1e-14)

"""One compiled kernel of degree 3 for all cubic fields in the plane: as in Python, at singular points, and where nothing moves."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import sympy

import modeq as mq

from .fields_by_degree import Polynomial, interpreted

GD = mq.GradientDescent()
ORIGIN = np.zeros(2, complex)


def with_tensors(polynomial: Polynomial) -> mq.VectorField:
    """Return the field with all of its derivatives at 0 as parameters, so that the source is one for all."""
    x, values = sympy.symbols("x y"), {}
    components = [sympy.Integer(0), sympy.Integer(0)]
    for letter, tensor in zip("aLTQ", polynomial.tensors, strict=True):
        for index, value in np.ndenumerate(tensor):
            if list(index[1:]) == sorted(index[1:]):
                name = f"{letter}{''.join(map(str, index))}"
                values[name] = float(value)
                powers = [index[1:].count(k) for k in range(2)]
                weight = sympy.Symbol(name) / sympy.prod(map(sympy.factorial, powers))
                components[index[0]] += weight * sympy.prod(v**k for v, k in zip(x, powers, strict=True))
    return mq.VectorField.from_sympy(components, x, values, name="cubic field")


def flow_on(a: Any, L: Any, T: Any = None, Q: Any = None) -> mq.Flow:
    random = Polynomial.random(2, 7, size=0.3).tensors
    polynomial = Polynomial(a, L, random[2] if T is None else T, random[3] if Q is None else Q)
    return mq.principal_flow(GD, degree=3).on(with_tensors(polynomial))


JACOBIANS = [
    [[-0.5, 0.1], [0.2, -0.3]],
    [[-1.5, 0.1], [0.2, -0.3]],
    [[-0.5, 1], [0, -0.5]],
    [[-0.5, 1], [1e-6, -0.5]],
    [[-0.4, 0], [0, -0.4]],
]


@pytest.mark.parametrize("jacobian", JACOBIANS)
def test_compiled_and_plain_kernels_agree(jacobian: list[list[float]]) -> None:
    flow = flow_on([0.3, -0.2], jacobian)
    flow.module.compile()  # by the types with which it is called: complex ones only
    plain = interpreted(flow)
    for point in (ORIGIN, np.array([0.1 - 0.05j, 0.2j])):
        expected = plain(point, 1.0)
        np.testing.assert_allclose(flow(point, 1.0), expected, rtol=0, atol=1e-11 * np.abs(expected).max())


def test_a_direction_at_its_singularity_does_not_count_if_nothing_moves_along_it() -> None:
    """hλ = 1 exactly in x, f_x = 0 and no derivative leads from y to x: what is left is the flow of y alone."""
    random = Polynomial.random(2, 8, size=0.3)
    T, Q = random.tensors[2:]
    T[0], Q[0] = 0, 0
    field = Polynomial([0, 0.3], [[-1, 0], [0, -0.4]], T, Q)
    alone = Polynomial([0.3], [[-0.4]], T[1:, 1:, 1:], Q[1:, 1:, 1:, 1:])
    expected = interpreted(mq.principal_flow(GD, degree=3).on(alone.field()))(np.zeros(1), 1.0)
    found = flow_on(*field.tensors)(ORIGIN, 1.0)
    assert found[0] == 0
    assert found[1] == pytest.approx(expected[0], rel=1e-14)


def test_a_force_along_a_singular_direction_is_no_number() -> None:
    assert not np.isfinite(flow_on([0.2, 0.3], [[-1, 0], [0, -0.4]])(ORIGIN, 1.0)[0])


def test_where_the_field_vanishes_so_does_the_flow() -> None:
    for jacobian in JACOBIANS:
        assert (flow_on([0, 0], jacobian)(ORIGIN, 1.0) == 0).all()


def test_an_undefined_point_gives_nan() -> None:
    assert np.isnan(flow_on([0.3, 0.1], JACOBIANS[0])(np.array([np.nan, 0j]), 1.0)).all()


def test_flows_survive_pickling() -> None:
    flow = flow_on([0.3, -0.2], JACOBIANS[0])
    copy = pickle.loads(pickle.dumps(flow))
    assert copy.equation == flow.equation
    assert (copy(ORIGIN, 0.9) == flow(ORIGIN, 0.9)).all()


def test_many_points_at_once() -> None:
    flow = flow_on([0.3, -0.2], JACOBIANS[0])
    points = np.array([[0.1, -0.2, 0.05j], [0.3j, 0.1, -0.1]])
    expected = np.stack([flow(point, 0.9) for point in points.T], axis=1)
    np.testing.assert_allclose(flow.batch(points, 0.9), expected, rtol=1e-13)

"""Truncated Taylor series of arrays as values of an algebra."""

import mpmath
import numpy as np
import pytest
import sympy

from modeq.functions import FUNCTIONS
from modeq.graph.algebra import NumpyAlgebra, NumpyMatrices, SympyAlgebra
from modeq.graph.taylor_arrays import TaylorArrays

SERIES = TaylorArrays(3, NumpyAlgebra())
T = sympy.Symbol("t")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_coefficients_of_a_function_are_its_taylor_coefficients(name):
    start = 1.5 if name == "acosh" else 0.4
    path = (start, 0.3, -0.2, 0.1)
    inside = sum(sympy.Rational(str(c)) * T**k for k, c in enumerate(path))
    outside = sympy.lambdify(T, SympyAlgebra().apply(name, inside), "mpmath")
    with mpmath.workdps(60):
        expected = [float(coefficient) for coefficient in mpmath.taylor(outside, 0, 3)]
    assert np.allclose(SERIES.apply(name, path), expected, rtol=1e-12)


def test_quotients_and_powers_undo_products():
    a, b = (2.0, 1.0, 0.5, -1.0), (3.0, -1.0, None, 2.0)
    product = SERIES.multiply(a, b)
    assert np.allclose(SERIES.divide(product, b), a, rtol=1e-14)
    assert np.allclose(SERIES.power(SERIES.multiply(a, a), sympy.Rational(1, 2)), a, rtol=1e-14)


def test_what_rests_at_a_branch_point_stays_there():
    with np.errstate(all="ignore"):
        root = TaylorArrays(1, NumpyAlgebra()).apply("sqrt", (np.array([0.0, 4.0]), np.array([0.0, 1.0])))
    assert np.array_equal(root[1], [0.0, 0.25])


def test_products_of_matrices_obey_the_product_rule():
    a, b = (np.arange(4.0).reshape(2, 2) + k for k in (0, 5))
    series = TaylorArrays(1, NumpyMatrices())
    value, slope = series.matmul((a, b), (b, a))
    assert np.allclose(value, a @ b)
    assert np.allclose(slope, b @ b + a @ a)

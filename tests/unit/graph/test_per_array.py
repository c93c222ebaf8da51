"""Vectors cut into the matrices of their parameter arrays, and back."""

import numpy as np

from modeq.graph.algebra import NumpyMatrices
from modeq.graph.per_array import PerArray, join, matrix_shape, split

SHAPES = {"W": (2, 3), "b": (3,), "s": (), "K": (2, 2, 2)}


def test_cutting_and_joining_undo_each_other():
    theta = np.arange(36.0).reshape(2, 18)
    assert np.array_equal(join(split(theta, SHAPES)), theta)


def test_a_vector_is_one_column_and_more_axes_are_joined():
    assert [matrix_shape(shape) for shape in SHAPES.values()] == [(2, 3), (3, 1), (1, 1), (2, 4)]


def test_each_array_has_its_own_total():
    totals = PerArray(NumpyMatrices()).total(split(np.ones(18), SHAPES))
    assert [total.item() for total in totals] == [6.0, 3.0, 1.0, 8.0]


def test_one_number_acts_on_all_arrays():
    algebra = PerArray(NumpyMatrices())
    assert np.array_equal(join(algebra.multiply(algebra.constant(2), split(np.ones(18), SHAPES))), 2 * np.ones(18))

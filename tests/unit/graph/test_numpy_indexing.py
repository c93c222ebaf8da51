"""Indexing and writing in place, traced, mean what they mean in NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .numpy_comparison import EXAMPLES, arrays, assert_derivatives, assert_values


@given(st.data())
@EXAMPLES
def test_slices_integers_and_new_axes_pick_numpys_entries(data):
    shape = data.draw(hnp.array_shapes(max_dims=4, max_side=4))
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    assert_values(lambda x: x[key], arrays(shape))


@given(st.data())
@EXAMPLES
def test_integer_arrays_pick_numpys_entries(data):
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    key = data.draw(hnp.integer_array_indices(shape))
    assert_values(lambda x: x[key], arrays(shape))


@given(st.data())
@EXAMPLES
def test_masks_pick_numpys_entries(data):
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    mask = data.draw(hnp.arrays(bool, shape[: data.draw(st.integers(1, len(shape)))]))
    assert_values(lambda x: x[mask], arrays(shape))


@pytest.mark.parametrize(
    "key",
    [
        (slice(None), [0, 2, 0]),
        ([0, 1, 1], [2, 0, 0]),
        (np.arange(2)[:, None], [0, 2]),
        (0, slice(None, None, -1)),
        (..., None, 1),
        (np.array([True, False]), slice(1, None)),
        -1,
        (1, 2),
    ],
    ids=str,
)
def test_the_derivative_of_indexing_adds_up_where_entries_repeat(key):
    assert_derivatives(lambda x: x[key], arrays((2, 3)))


# In place.


def test_in_place_operators_change_the_array_itself():
    def function(x, b):
        z = 1.0 * x
        same = z
        z += b
        z *= 2
        z -= 1
        z /= 3
        z **= 2
        return same

    assert_values(function, arrays((2, 3), (3,)))
    assert_derivatives(function, arrays((2, 3), (3,)))


def test_in_place_operators_on_numbers_leave_the_number_as_it_was():
    def function(x):
        total = np.sum(x)
        before = total
        total += 1
        return total * before

    assert_values(function, arrays((3,)))


def test_an_array_may_be_written_to_once_its_views_are_gone():
    def function(x):
        z = 1.0 * x
        z += z.T @ z
        return z

    assert_values(function, arrays((3, 3)))

"""Vectors over an algebra."""

import pytest

from modeq.graph.algebra import NumpyAlgebra
from modeq.graph.vectors import Componentwise

VECTORS = Componentwise(NumpyAlgebra())


@pytest.mark.parametrize("operation", ["add", "subtract", "multiply", "divide"])
def test_one_number_acts_on_all_entries_from_both_sides(operation):
    act = getattr(VECTORS, operation)
    assert act((1.0, 2.0), (4.0,)) == act((1.0, 2.0), (4.0, 4.0))
    assert act((4.0,), (1.0, 2.0)) == act((4.0, 4.0), (1.0, 2.0))


def test_vectors_of_different_lengths_do_not_fit():
    with pytest.raises(ValueError, match="zip"):
        VECTORS.add((1.0, 2.0), (1.0, 2.0, 3.0))

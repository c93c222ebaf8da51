"""Products of matrices and tensors, traced, have NumPy's values, shapes and derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .numpy_comparison import EXAMPLES, arrays, assert_derivatives, assert_values

MATRICES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((4, 2, 3), (3, 2)),
    ((2, 3), (4, 3, 2)),
    ((4, 2, 3), (4, 3, 2)),
]
MATRICES += [((4, 1, 2, 3), (5, 3, 2)), ((3,), (4, 3, 2)), ((4, 2, 3), (3,)), ((1, 2, 3), (4, 3, 2)), ((2, 2, 1, 3), (2, 2, 3, 1))]


@pytest.mark.parametrize("shapes", MATRICES, ids=str)
def test_matmul_broadcasts_as_numpys(shapes):
    values = arrays(*shapes)
    assert_values(lambda a, b: a @ b, values)
    assert_derivatives(np.matmul, values)


@pytest.mark.skipif(not hasattr(np, "matvec"), reason="new in NumPy 2.2")
def test_products_of_matrices_with_vectors_are_numpys():
    matrices, vector = arrays((2, 3, 4), (4,))
    assert_values(np.matvec, [matrices, vector])
    assert_derivatives(np.matvec, [matrices, vector])
    assert_values(np.vecmat, [vector, matrices.mT])
    assert_derivatives(np.vecmat, [vector, matrices.mT], analytic=False)  # NumPy conjugates the vector


EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij->ji", (2, 3)),
    ("ij", (2, 3)),
    ("ba", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iji->j", (3, 2, 3)),
    ("iii->i", (2, 2, 2)),
    ("ij->", (2, 3)),
    ("i,i->i", (3,), (3,)),
    ("i,j->ji", (3,), (2,)),
    ("i,i", (3,), (3,)),
    ("bij,bjk->bik", (2, 3, 2), (2, 2, 4)),
    ("ij,kj,kl->il", (2, 3), (4, 3), (4, 2)),
    ("i,i,i->", (3,), (3,), (3,)),
    ("ij,k->i", (2, 3), (4,)),
    ("ii,i->i", (3, 3), (3,)),
    (",i->i", (), (3,)),
    ("...i,ij->...j", (2, 4, 3), (3, 2)),
    ("...i,...i->...", (2, 4, 3), (4, 3)),
    ("...ij->...ji", (2, 3, 4)),
    ("i...->...", (2, 3)),
    ("...i,...i", (2, 3), (3,)),
    (" i j , j k -> k i ", (2, 3), (3, 2)),
    ("ij,ij->ij", (1, 3), (2, 3)),
    ("ij,ij->j", (2, 1), (2, 3)),
]


@pytest.mark.parametrize("case", EINSUMS, ids=[case[0] for case in EINSUMS])
def test_einsum_is_numpys(case):
    subscripts, *shapes = case
    values = arrays(*shapes)
    assert_values(lambda *operands: np.einsum(subscripts, *operands, optimize=True), values)
    assert_derivatives(lambda *operands: np.einsum(subscripts, *operands), values)


@given(st.data())
@EXAMPLES
def test_einsum_agrees_for_random_labels(data):
    lengths = {"i": 2, "j": 3, "k": 1, "l": 4}
    terms = data.draw(st.lists(st.text("ijkl", max_size=3), min_size=1, max_size=3))
    known = sorted(set("".join(terms)))
    output = "".join(data.draw(st.permutations(known)))[: data.draw(st.integers(0, len(known)))]
    values = arrays(*(tuple(lengths[label] for label in term) for term in terms))
    assert_values(lambda *operands: np.einsum(f"{','.join(terms)}->{output}", *operands), values)

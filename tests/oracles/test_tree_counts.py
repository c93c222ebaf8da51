"""Number of rooted trees with n nodes of k colours."""

from math import comb

import pytest

from modeq.trees import rooted_trees

A000081 = [1, 1, 2, 4, 9, 20, 48, 115, 286, 719, 1842, 4766]  # OEIS, n = 1, 2, …
A038055 = [2, 4, 14, 52, 214, 916, 4116]  # OEIS: nodes of two colours


@pytest.mark.parametrize(("order", "count"), list(enumerate(A000081, start=1)))
def test_uncoloured_trees_are_counted_by_cayley(order, count):
    assert len(rooted_trees(order)) == count


@pytest.mark.parametrize(("order", "count"), list(enumerate(A038055, start=1)))
def test_trees_of_two_colours_are_counted_by_oeis(order, count):
    assert len(rooted_trees(order, colours=2)) == count


@pytest.mark.parametrize("colours", [1, 2, 3, 4])
def test_counts_obey_polyas_equation(colours):
    # T(x) = k·x·Π_n (1 − xⁿ)^(−T_n): a root of k colours with a multiset of trees; Pólya 1937.
    limit = 5
    counts, product = [], [1] + [0] * limit
    for n in range(1, limit + 1):
        counts.append(colours * product[n - 1])
        factor = [comb(counts[-1] + i // n - 1, i // n) if i % n == 0 else 0 for i in range(limit + 1)]
        product = [sum(product[i] * factor[m - i] for i in range(m + 1)) for m in range(limit + 1)]
    assert [len(rooted_trees(n, colours=colours)) for n in range(1, limit + 1)] == counts


@pytest.mark.parametrize("order", range(1, 9))
def test_labelled_trees_sum_to_cayleys_formula(order):
    # n! Σ 1/σ = n^(n−1) rooted labelled trees; Cayley 1889.
    factorial = 1
    for k in range(2, order + 1):
        factorial *= k
    assert sum(factorial // tree.symmetry for tree in rooted_trees(order)) == order ** (order - 1)


@pytest.mark.parametrize("order", range(1, 9))
def test_monotone_labellings_sum_to_a_factorial(order):
    # Σ n!/(σγ) = (n − 1)!; Butcher 2016, theorem 303A.
    factorial = 1
    for k in range(2, order + 1):
        factorial *= k
    assert sum(factorial // (tree.symmetry * tree.density) for tree in rooted_trees(order)) * order == factorial

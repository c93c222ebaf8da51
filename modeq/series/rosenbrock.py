r"""B-series of Rosenbrock methods, which solve one linear system with the Jacobian in each stage.

.. math::  k_i = h f\Big(y_0 + \sum_{j<i} \alpha_{ij} k_j\Big) + h f'(y_0) \sum_{j\le i} \gamma_{ij} k_j, \qquad y_1 = y_0 + \sum_i b_i k_i

so a tree with one branch at the root has a second term, linear in the branch. Reference: E. Hairer, G. Wanner, *Solving Ordinary
Differential Equations II* (1996), section IV.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..exact import CoefficientField, ScalarLike, exact
from ..trees.table import tree_table
from .bseries import FlowSeries
from .time_polynomials import check_order


def rosenbrock_series(
    alpha: Sequence[Sequence[ScalarLike]], gamma: Sequence[Sequence[ScalarLike]], weights: Sequence[ScalarLike], order: int
) -> FlowSeries:
    """Return the B-series of one step of a Rosenbrock method.

    Parameters
    ----------
    alpha
        α, shape (s, s), strictly lower triangular.
    gamma
        γ, shape (s, s), lower triangular with its diagonal.
    weights
        b, shape (s,).
    order
        Largest number of nodes, ≥ 1.

    Returns
    -------
    FlowSeries
        Without 1/σ.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an entry above the diagonal is not 0.

    References
    ----------
    Hairer, Wanner 1996, section IV.7.

    Examples
    --------
    >>> rosenbrock_series([[0]], [["1/2"]], [1], 3).coefficients[:2]  # linearly implicit midpoint rule, of order 2
    (Fraction(1, 1), Fraction(1, 2))
    """
    check_order(order)
    b = [exact(entry, what="a weight") for entry in weights]
    A, G = ([[exact(entry, what="an entry") for entry in row] for row in matrix] for matrix in (alpha, gamma))
    s = len(b)
    if any(len(matrix) != s or any(len(row) != s for row in matrix) for matrix in (A, G)):
        raise ValueError(f"alpha and gamma must be {s} × {s} matrices, as many rows as there are weights")
    if any(A[i][j] != 0 for i in range(s) for j in range(i, s)) or any(G[i][j] != 0 for i in range(s) for j in range(i + 1, s)):
        raise ValueError("alpha must be strictly lower triangular, gamma lower triangular: stages are computed one after the other")
    field = CoefficientField.containing([*b, *(entry for matrix in (A, G) for row in matrix for entry in row)])
    A, G, (b,) = field.matrix(A), field.matrix(G), field.matrix([b])
    table = tree_table()
    stages: list[list[object]] = []
    values = []
    for tree in table.trees(order):
        below = [stages[table.number(child)] for child in tree.children]
        k = [prod((sum(a * z for a, z in zip(row, child, strict=True)) for child in below), start=field.element(1)) for row in A]
        if len(below) == 1:
            k = [value + sum(g * z for g, z in zip(row, below[0], strict=True)) for value, row in zip(k, G, strict=True)]
        stages.append(k)
        values.append(field.scalar(sum((w * z for w, z in zip(b, k, strict=True)), field.element(0))))
    return FlowSeries(order, 1, tuple(values))

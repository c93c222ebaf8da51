r"""B-series of two-derivative Runge–Kutta methods, which evaluate f and :math:`g = f'f`.

.. math::
    Y_i = y_0 + \sum_j \big(a_{ij} h f(Y_j) + \hat a_{ij} h^2 g(Y_j)\big), \qquad
    y_1 = y_0 + \sum_j \big(b_j h f(Y_j) + \hat b_j h^2 g(Y_j)\big)

h² g at a stage is h f there along one more edge: a branch at the root of the tree takes the place of f. Reference: R. P. K. Chan,
A. Y. J. Tsai, On explicit two-derivative Runge–Kutta methods, Numer. Algorithms 53 (2010) 171–194, doi:10.1007/s11075-009-9349-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from ..exact import CoefficientField, ScalarLike, exact
from ..trees.table import tree_table
from .bseries import FlowSeries
from .time_polynomials import check_order

_Matrix = Sequence[Sequence[ScalarLike]]


def two_derivative_series(A: _Matrix, A_second: _Matrix, b: Sequence[ScalarLike], b_second: Sequence[ScalarLike], order: int) -> FlowSeries:
    """Return the B-series of one step of an explicit two-derivative Runge–Kutta method.

    Parameters
    ----------
    A, A_second
        a and â, shape (s, s), strictly lower triangular.
    b, b_second
        b and b̂, shape (s,).
    order
        Largest number of nodes, ≥ 1.

    Returns
    -------
    FlowSeries
        Without 1/σ.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an entry on or above a diagonal is not 0.

    References
    ----------
    Chan, Tsai 2010, doi:10.1007/s11075-009-9349-1.

    Examples
    --------
    >>> series = two_derivative_series([[0]], [[0]], [1], ["1/2"], 3)  # Taylor's method of order 2
    >>> series["[]"], series["[[]]"], series["[[],[]]"]
    (Fraction(1, 1), Fraction(1, 2), Fraction(0, 1))
    """
    check_order(order)
    rows = [[[exact(entry, what="an entry") for entry in row] for row in matrix] for matrix in (A, A_second, [b], [b_second])]
    s = len(rows[2][0])
    if any(len(matrix) != s for matrix in rows[:2]) or any(len(row) != s for matrix in rows for row in matrix):
        raise ValueError(f"the matrices must be {s} × {s} and both vectors of length {s}, as many as there are entries in b")
    if any(matrix[i][j] != 0 for matrix in rows[:2] for i in range(s) for j in range(i, s)):
        raise ValueError("the matrices must be strictly lower triangular: the method is explicit")
    field = CoefficientField.containing(entry for matrix in rows for row in matrix for entry in row)
    first, second, (weights,), (second_weights,) = (field.matrix(matrix) for matrix in rows)
    table, one = tree_table(), field.element(1)
    stages: list[list[Any]] = []  # of Y, by tree and stage

    def total(row: list[Any], values: list[Any]) -> Any:
        return sum((a * z for a, z in zip(row, values, strict=True)), field.element(0))

    result = []
    for tree in table.trees(order):
        branches = [stages[table.number(child)] for child in tree.children]
        f = [prod((branch[i] for branch in branches), start=one) for i in range(s)]
        g = [field.element(0)] * s
        for place, child in enumerate(tree.children):
            inner = [stages[table.number(grandchild)] for grandchild in child.children]
            others = branches[:place] + branches[place + 1 :]
            g = [value + prod((branch[i] for branch in (*others, *inner)), start=one) for i, value in enumerate(g)]
        stages.append([total(first[i], f) + total(second[i], g) for i in range(s)])
        result.append(field.scalar(total(weights, f) + total(second_weights, g)))
    return FlowSeries(order, 1, tuple(result))

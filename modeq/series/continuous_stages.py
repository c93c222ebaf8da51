r"""B-series of continuous-stage Runge–Kutta methods, the average vector field method among them.

.. math::  Y_\tau = y_0 + h\int_0^1 A_{\tau,\zeta} f(Y_\zeta)\,d\zeta, \qquad y_1 = y_0 + h\int_0^1 f(Y_\tau)\,d\tau, \qquad
           A_{\tau,\zeta} = \sum_{ij} M_{ij} \frac{\tau^i}{i} \zeta^{j-1} .

Every stage coefficient is a polynomial in τ. Reference: Y. Miyatake, J. C. Butcher, A characterization of energy-preserving methods
and the construction of parallel integrators for Hamiltonian systems, SIAM J. Numer. Anal. 54 (2016) 1993–2013,
doi:10.1137/15M1020861; G. R. W. Quispel, D. I. McLaren, J. Phys. A 41 (2008) 045206, doi:10.1088/1751-8113/41/4/045206.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from ..exact import CoefficientField, ScalarLike, exact
from ..trees.table import tree_table
from .bseries import FlowSeries
from .time_polynomials import check_order

_Polynomial = list[Any]  # coefficients by increasing power of τ


def continuous_stage_series(matrix: Sequence[Sequence[ScalarLike]], order: int) -> FlowSeries:
    """Return the B-series of one step of the continuous-stage Runge–Kutta method with the matrix M.

    Parameters
    ----------
    matrix
        M, square; entries are exact or symbolic.
    order
        Largest number of nodes, ≥ 1.

    Returns
    -------
    FlowSeries
        Without 1/σ.

    Raises
    ------
    ValueError
        If the matrix is not square.

    References
    ----------
    Miyatake, Butcher 2016, doi:10.1137/15M1020861.

    Examples
    --------
    >>> continuous_stage_series([[1]], 3) == average_vector_field(3)
    True
    """
    check_order(order)
    rows = [[exact(entry, what="an entry of M") for entry in row] for row in matrix]
    if not rows or any(len(row) != len(rows) for row in rows):
        raise ValueError(f"M must be a square matrix, got rows of {[len(row) for row in rows]} entries")
    field = CoefficientField.containing(entry for row in rows for entry in row)
    M = field.matrix(rows)
    table = tree_table()
    stages: list[_Polynomial] = []
    weights = []
    for tree in table.trees(order):
        F = reduce(_product, (stages[table.number(child)] for child in tree.children), [field.element(1)])
        moments = [sum((c * field.element(Fraction(1, k + j + 1)) for k, c in enumerate(F)), field.element(0)) for j in range(len(M))]
        Y = [sum((m * moment for m, moment in zip(row, moments, strict=True)), field.element(0)) for row in M]
        stages.append([field.element(0), *(y * field.element(Fraction(1, i + 1)) for i, y in enumerate(Y))])
        weights.append(field.scalar(sum((c * field.element(Fraction(1, k + 1)) for k, c in enumerate(F)), field.element(0))))
    return FlowSeries(order, 1, tuple(weights))


def average_vector_field(order: int) -> FlowSeries:
    """Return the B-series of the average vector field method, y₁ = y₀ + h ∫ f(y₀ + τ(y₁ − y₀)) dτ, which preserves energy.

    Parameters
    ----------
    order
        Largest number of nodes, ≥ 1.

    Returns
    -------
    FlowSeries
        Without 1/σ.

    References
    ----------
    Quispel, McLaren 2008, doi:10.1088/1751-8113/41/4/045206.

    Examples
    --------
    >>> average_vector_field(3)["[[],[]]"], average_vector_field(3)["[[[]]]"]
    (Fraction(1, 3), Fraction(1, 4))
    """
    return continuous_stage_series([[1]], order)


def _product(p: _Polynomial, q: _Polynomial) -> _Polynomial:
    result = [p[0] * q[0] * 0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            result[i + j] = result[i + j] + a * b
    return result

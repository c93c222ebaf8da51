r"""Effective order: the order that a method has after a change of coordinates, :math:`\chi_h\circ\Phi_h\circ\chi_h^{-1}`.

Order by order, χ and then Φ must agree with the exact flow and then χ. The trees of χ with one node less enter linearly there, those with
as many cancel; what is free in χ is a step along f itself, which changes nothing.

Reference: J. C. Butcher, The effective order of Runge–Kutta methods, Lecture Notes in Mathematics 109 (1969) 133–139,
doi:10.1007/BFb0060019.
"""

from __future__ import annotations

from fractions import Fraction

import sympy

from ..exact import Scalar, to_sympy
from ..trees.table import tree_table
from .bseries import FlowSeries, composition, exact_flow


def effective_order(series: FlowSeries) -> int:
    """Return the largest p such that some change of coordinates gives a map order p.

    Parameters
    ----------
    series
        A map with one colour and numbers as coefficients.

    Returns
    -------
    int
        From 0 to the order of the series.

    Raises
    ------
    ValueError
        If it has several colours or symbolic coefficients.

    References
    ----------
    Butcher 1969, doi:10.1007/BFb0060019; Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), section V.3.3, for processing.

    Examples
    --------
    >>> import modeq as mq
    >>> euler, heun = (mq.elementary_weights(m, 3) for m in (mq.GradientDescent(), mq.RungeKutta([[0, 0], [1, 0]], ["1/2", "1/2"])))
    >>> disguised = mq.composition(mq.composition(mq.inverse(euler), heun), euler)  # of order 1
    >>> effective_order(heun), effective_order(disguised), effective_order(euler)
    (2, 2, 1)
    """
    if series.colours > 1:
        raise ValueError(f"the effective order is that of one field, this series has {series.colours} colours")
    if any(not isinstance(a, Fraction) for a in series.coefficients):
        raise ValueError("the effective order needs numbers as coefficients; put numbers in the place of parameters")
    chi: list[Scalar] = []  # by tree
    for p in range(1, series.order + 1):
        new = tree_table().starts[p] - len(chi)  # the trees with p − 1 nodes
        start = _defect(series, chi, [Fraction(0)] * new, p)
        units = [[Fraction(int(i == j)) for j in range(new)] for i in range(new)]
        columns = [[a - b for a, b in zip(_defect(series, chi, unit, p), start, strict=True)] for unit in units]
        matrix = sympy.Matrix([[to_sympy(column[row]) for column in columns] for row in range(len(start))])
        target = sympy.Matrix([-to_sympy(value) for value in start])
        if new == 0:
            if any(target):
                return p - 1
            continue
        try:
            solution, free = matrix.gauss_jordan_solve(target)
        except ValueError:  # no solution
            return p - 1
        chi += [Fraction(int(value.p), int(value.q)) for value in solution.subs(dict.fromkeys(free, 0))]
    return series.order


def _defect(series: FlowSeries, chi: list[Scalar], values: list[Scalar], order: int) -> list[Scalar]:
    """Return χ and then Φ less the flow and then χ on the trees with `order` nodes, for a χ that is 0 there."""
    table = tree_table()
    known = [*chi, *values]
    filled = FlowSeries(order, 1, (*known, *[Fraction(0)] * (table.size(order) - len(known))))
    left = composition(filled, series.truncated(order)).coefficients[table.of_order(order)]
    right = composition(exact_flow(order), filled).coefficients[table.of_order(order)]
    return [a - b for a, b in zip(left, right, strict=True)]

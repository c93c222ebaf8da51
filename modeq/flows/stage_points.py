r"""Where the smooth solution of a method is followed, so that Taylor arithmetic on numbers gives its modified field.

Along the smooth solution the coefficient :math:`F_j(t)` of :math:`h^j` of the field at a stage is a polynomial of degree ≤ j
in the number of steps t, so its values at j + 1 points determine it, and with it the next coefficient of all stages at all
points (see `power_series`, which works with the polynomials themselves): linear maps from values to values, computed exactly
once for each method and order. What is left for each evaluation is Taylor arithmetic at p points, of degree p − 1: p³
operations for order p, where trees would take 2.96^p.

The points are t = 0, 1, −1, 2, −2, …: near 0, where the derivative is taken, interpolation loses no digits. For methods with
one state vector each point then depends on itself and earlier ones only.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, final

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import as_float
from ..methods.method import Method
from .power_series import smooth_response

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class StagePoints:
    """Linear maps between coefficients at the Q = stages × order points.

    Attributes
    ----------
    advance
        ``advance[j, q, r]``: how coefficient j of the field at point r enters coefficient j + 1 of the state at point q;
        shape (order, Q, Q), the last one unused.
    bounds
        Points are ordered so that those from ``bounds[i]`` to ``bounds[i + 1]`` depend on one another and on earlier ones.
    field
        ``field[j, r]``: how coefficient j of the field enters that of h^j of the modified field, shape (order, Q).
    start
        ``start[i, j, r]``: the same for coefficient j + 1 of state vector i at t = 0, shape (states, order, Q).
    """

    advance: Array
    bounds: tuple[int, ...]
    field: Array
    start: Array

    def plan(self, rows: Array) -> Array:
        """Return what `codegen.taylor_fields` reads, with ``rows`` of shape (rows, order, Q) as its weights."""
        head = [self.advance.shape[0], len(self.bounds) - 1, *self.bounds]
        return np.concatenate([head, self.advance.ravel(), [len(rows)], rows.ravel()])


@cache
def stage_points(method: Method, order: int) -> StagePoints:
    """Compute the maps for a method with numeric parameters."""
    times = [(n + 1) // 2 * (1 if n % 2 else -1) for n in range(order)]
    s, r = method.stages, method.states
    size = s * order
    advance, field, start = np.zeros((order, size, size)), np.zeros((order, size)), np.zeros((r, order, size))
    exact = method.coefficient_field
    A, U, c = exact.matrix(method.A), exact.matrix(method.U), [exact.element(entry) for entry in method.output]
    for j in range(order):
        basis = _lagrange(times[: j + 1])
        levels = smooth_response(method, j)
        response = [[exact.matrix(level) for level in levels[k]] for k in range(j + 1)]

        def state(i: int, m: int, n: int, power: int, basis: Any = basis, response: Any = response) -> Any:
            """Coefficient of t^power of state i, driven by stage m with the value 1 at point n and 0 at the others."""
            total = exact.element(0)
            for k, row in enumerate(response):
                if basis[n][k]:
                    total = total + exact.element(basis[n][k]) * row[power][i][m]
            return total

        for m in range(s):
            for n in range(j + 1):
                column = n * s + m
                powers = [[state(i, m, n, power) for power in range(j + 2)] for i in range(r)]
                field[j, column] = _number(exact, sum((c[i] * powers[i][1] for i in range(r)), start=exact.element(0)))
                for i in range(r):
                    start[i, j, column] = _number(exact, powers[i][0])
                for q, t in enumerate(times):
                    at_t = [sum((p * exact.element(Fraction(t) ** e) for e, p in enumerate(row)), start=exact.element(0)) for row in powers]
                    own = exact.element(sum((Fraction(t) ** k * basis[n][k] for k in range(j + 1)), start=Fraction(0)))
                    for i in range(s):
                        value = A[i][m] * own + sum((U[i][k] * at_t[k] for k in range(r)), start=exact.element(0))
                        advance[j, q * s + i, column] = _number(exact, value)
    ordered, bounds = _blocks(advance)
    return StagePoints(advance[:, ordered][:, :, ordered], bounds, field[:, ordered], start[:, :, ordered])


def _number(exact: Any, value: Any) -> float:
    return as_float(exact.scalar(value))


def _lagrange(times: list[int]) -> list[list[Fraction]]:
    """Coefficients by powers of the polynomials that are 1 at one of the times and 0 at the others."""
    result = []
    for own in times:
        polynomial = [Fraction(1)]
        for other in times:
            if other != own:
                shifted = [Fraction(0), *polynomial]
                lowered = [-other * entry for entry in polynomial] + [Fraction(0)]
                polynomial = [(a + b) / (own - other) for a, b in zip(shifted, lowered, strict=True)]
        result.append(polynomial)
    return result


def _blocks(advance: Array) -> tuple[list[int], tuple[int, ...]]:
    """Order the points by dependence: strongly connected ones together, in the order in which they can be computed."""
    size = advance.shape[1]
    graph = nx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from((int(r), int(q)) for _, q, r in zip(*np.nonzero(advance), strict=True))
    components = nx.condensation(graph)
    ordered: list[int] = []
    bounds = [0]
    for component in nx.lexicographical_topological_sort(components, key=lambda c: min(components.nodes[c]["members"])):
        ordered += sorted(components.nodes[component]["members"])
        bounds.append(len(ordered))
    return ordered, tuple(bounds)

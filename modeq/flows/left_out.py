"""What the next order or degree would add to a field: the size of what a flow leaves out.

No loss is compiled for it: losses on arrays have their Taylor arithmetic already, on symbols the graph is evaluated in NumPy, at
all points at once.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import NumpyAlgebra, as_float
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram
from ..losses.field import Field
from ..losses.jet_field import JetField
from ..losses.symbolic_field import SymbolicField, total_field
from ..methods.general_linear import GeneralLinearMethod
from ..series.equations import ModifiedEquation
from ..trees.rooted import RootedTree
from .array_series import modified_coefficients
from .elementary import elementary_differentials
from .power_series import modified_series
from .symbols import field_parts

Array = NDArray[Any]


def next_order(equation: ModifiedEquation, field: Field, points: Array, h: float | Array) -> Array | None:
    """Return the first term beyond the order of an equation that is not 0 for every field, shape (n, d); h is a number or one each.

    None where the field does not have the derivatives.
    """
    trees = next_trees(equation.method, equation.order, 0)
    power = trees[0][0].order - 1
    if power > field.degree:
        return None
    with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
        return _steps(h) ** power * modified_terms(field, equation.method, power + 1, points)[power]


def next_leaves(method: GeneralLinearMethod, field: Field, order: int, degree: int, points: Array, h: float | Array) -> Array:
    """Return the terms of the first order beyond `order` with a tree of more leaves than `degree`, those trees alone, shape (n, d)."""
    trees = next_trees(method, order, degree)
    return _steps(h) ** (trees[0][0].order - 1) * trees_of_one_order(field, method, degree, trees, points)


def _steps(h: float | Array) -> Any:
    return h if np.ndim(h) == 0 else np.asarray(h)[:, np.newaxis]


def next_trees(method: GeneralLinearMethod, order: int, degree: int) -> list[tuple[RootedTree, Any]]:
    """Return trees and b of the first order beyond `order` where a tree with more leaves than `degree` counts.

    All even orders are empty for a symmetric method, all up to p for a Runge–Kutta method of order p. The search ends after four.
    """
    for count in range(order + 1, order + 5):
        series = ModifiedEquation(method, count).series
        pairs = [(tree, b) for tree, b in zip(series.trees, series.coefficients, strict=True) if tree.order == count]
        if any(b != 0 for tree, b in pairs if tree.leaves > degree):
            break
    return pairs


@singledispatch
def modified_terms(field: Field, method: GeneralLinearMethod, order: int, points: Array) -> Array:
    """Return the coefficients of h^j, j < order, of the modified field at points (n, d); shape (order, n, d).

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("x**3/3", ["x"])
    >>> modified_terms(E, mq.GradientDescent(), 2, np.array([[2.0]])).ravel()  # −g and −Hg/2 with g = x² and H = 2x
    array([-4., -8.])
    """
    raise TypeError(f"{field.name} has no derivatives from which the terms of a modified field could be computed")


@modified_terms.register
def _(field: JetField, method: GeneralLinearMethod, order: int, points: Array) -> Array:
    return np.stack([modified_coefficients(field, method, order, point) for point in points], axis=1)


@modified_terms.register
def _(field: SymbolicField, method: GeneralLinearMethod, order: int, points: Array) -> Array:
    graph = field.graph.copy()
    programs = [TaylorProgram(graph, part) for part in field_parts(field, method.fields, graph)]
    fixed = {f"p{i}": value for i, value in enumerate(field.parameters.values())}
    start = [points[:, i] for i in range(field.dimension)]
    series = modified_series(method, programs, NumpyAlgebra(), start, field.inputs, fixed, order)
    rows = [[np.broadcast_to(0.0 if value is None else value, len(points)) for value in row] for row in series.field]
    return np.array(rows).transpose(0, 2, 1)


@singledispatch
def trees_of_one_order(field: Field, method: GeneralLinearMethod, degree: int, trees: list[tuple[RootedTree, Any]], points: Array) -> Array:
    """Sum b/σ F over those of the trees of one order that have more leaves than `degree`, shape (n, d)."""
    raise TypeError(f"{field.name} has no derivatives from which trees could be computed")


@trees_of_one_order.register
def _(field: JetField, method: GeneralLinearMethod, degree: int, trees: list[tuple[RootedTree, Any]], points: Array) -> Array:
    order = trees[0][0].order  # all of them less the few that it has: no derivative beyond the third
    total = modified_terms(field, method, order, points)[order - 1]
    for tree, b in trees:
        if tree.leaves <= degree:
            total = total - as_float(b) / tree.symmetry * np.array([_differential(field, tree, point) for point in points])
    return total


@trees_of_one_order.register
def _(field: SymbolicField, method: GeneralLinearMethod, degree: int, trees: list[tuple[RootedTree, Any]], points: Array) -> Array:
    graph = field.graph.copy()
    left = {tree: as_float(b) / tree.symmetry for tree, b in trees if tree.leaves > degree}
    differentials = elementary_differentials(graph, [total_field(field, graph)], [graph.input(name) for name in field.inputs], list(left))
    return np.sum([weight * node_values(field, graph, differentials[tree], points) for tree, weight in left.items()], axis=0)


def _differential(field: JetField, tree: RootedTree, point: Array) -> Array:
    """F(τ) at one point for a tree without nodes of three and more children."""
    branches = [_differential(field, child, point) for child in tree.children]
    if not branches:
        return field.value(point)
    if len(branches) == 1:
        return field.jvp(point, branches[0])
    zero = np.zeros_like(point)
    plus, minus = (field.jet(np.stack([point, u, zero])) for u in (branches[0] + branches[1], branches[0] - branches[1]))
    return (plus[2] - minus[2]) / 2  # f″[u, v] by polarisation


def node_values(field: SymbolicField, graph: Graph, nodes: list[int], points: Array) -> Array:
    """Evaluate nodes at all points, shape (n, number of nodes)."""
    return np.stack(field.evaluate(nodes, points, graph), axis=1)

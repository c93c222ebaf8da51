"""What the next order or degree would add to a field: the size of what a flow leaves out.

No loss is compiled for it: losses on arrays have their Taylor arithmetic already, on symbols the graph is evaluated in NumPy, at
all points at once.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import NumpyAlgebra, as_float
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram
from ..kernels.degrees import add_second_degree, by_degree, eigen_n
from ..losses.field import Field
from ..losses.loss import ArrayLoss
from ..losses.symbolic_field import SymbolicField, total_field
from ..methods.general_linear import GeneralLinearMethod
from ..series.equations import ModifiedEquation
from ..series.map_flow import MapFlow
from ..series.modes import modes
from ..series.principal import PrincipalFlow
from ..series.second_degree import polynomial_3, second_degree
from ..trees.rooted import RootedTree
from .array_flows import modified_coefficients
from .binding import field_jacobian, field_parts, tensor_derivative
from .elementary import elementary_differentials
from .flow import Flow
from .power_series import modified_series

Array = NDArray[Any]
_SMALL = 8  # up to this d degree 2 is summed in Python, d³ coefficients of some 50 µs at each point


def next_term(flow: Flow, points: Array, h: float | Array) -> Array | None:
    """Return what the next step of the hierarchy adds to the field at `points`, shape (n, d); None where there is no next one.

    h is a number or has shape (n,).

    - Order p: the term of h^p.
    - Principal flow: all trees with two leaves that it does not have, the step to degree 2; where it is completed to order p also
      the trees with p + 1 nodes and more leaves.
    - Principal flows of higher degree, and all on symbols in more than 8 coordinates: the trees with the fewest nodes that the flow does
      not have. In place of all of degree 2 this is its first tree h² b([•,•])/2 f″[f,f], too small by a factor of up to 5 near hλ = 1.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("x**3/3", ["x"])
    >>> next_term(mq.gradient_flow().on(E), np.array([[2.0]]), 0.1)  # −h/2 Hg with g = x² and H = 2x
    array([[-0.8]])
    >>> bend = next_term(mq.principal_flow(mq.GradientDescent()).on(E), np.array([[2.0]]), 0.01)
    >>> (bend / 0.01**2).real.round(1)  # about −∇³E[g,g]/12
    array([[-2.9]])
    """
    if isinstance(h, np.ndarray):
        terms = [next_term(flow, point[np.newaxis], float(step)) for point, step in zip(points, h, strict=True)]
        return None if terms[0] is None else np.concatenate([term for term in terms if term is not None])
    equation, field = flow.equation, flow.field
    with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
        if isinstance(equation, ModifiedEquation):
            order = _next_trees(equation.method, equation.order, 0)[0][0].order
            return h ** (order - 1) * _coefficient(field, equation.method, order - 1, points)
        if isinstance(equation, MapFlow) and equation.degree == 1:
            higher = replace(equation, degree=2).on(field)
            return np.array([higher(point, h) - flow(point, h) for point in points])
        if not isinstance(equation, PrincipalFlow):
            return None
        total = _second_degree(flow, points, h) if equation.degree == 1 else None
        if total is not None and equation.order is None:
            return total
        degree = equation.degree + (total is not None)
        trees = _next_trees(equation.method, max(degree + 1, equation.order or 0), degree)
        rest = h ** (trees[0][0].order - 1) * _trees(field, equation.method, degree, trees, points)
        return rest if total is None else total + rest


def _next_trees(method: GeneralLinearMethod, order: int, degree: int) -> list[tuple[RootedTree, Any]]:
    """Return trees and b of the first order beyond `order` where a tree with more leaves than `degree` counts.

    All even orders are empty for a symmetric method, all up to p for a Runge–Kutta method of order p. The search ends after four.
    """
    for count in range(order + 1, order + 5):
        series = ModifiedEquation(method, count).series
        pairs = [(tree, b) for tree, b in zip(series.trees, series.coefficients, strict=True) if tree.order == count]
        if any(b != 0 for tree, b in pairs if tree.leaves > degree):
            break
    return pairs


def _coefficient(field: Field, method: GeneralLinearMethod, power: int, points: Array) -> Array:
    """Coefficient of h^power of the modified field at each point."""
    return modified_terms(field, method, power + 1, points)[power]


def modified_terms(field: Field, method: GeneralLinearMethod, order: int, points: Array) -> Array:
    """Return the coefficients of h^j, j < order, of the modified field at points (n, d); shape (order, n, d).

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("x**3/3", ["x"])
    >>> modified_terms(E, mq.GradientDescent(), 2, np.array([[2.0]])).ravel()  # −g and −Hg/2 with g = x² and H = 2x
    array([-4., -8.])
    """
    if isinstance(field, ArrayLoss):
        return np.stack([modified_coefficients(field, method, order, point) for point in points], axis=1)
    assert isinstance(field, SymbolicField)
    graph = field.graph.copy()
    programs = [TaylorProgram(graph, part) for part in field_parts(field, method.fields, graph)]
    fixed = {f"p{i}": value for i, value in enumerate(field.parameters.values())}
    start = [points[:, i] for i in range(field.dimension)]
    series = modified_series(method, programs, NumpyAlgebra(), start, field.inputs, fixed, order)
    rows = [[np.broadcast_to(0.0 if value is None else value, len(points)) for value in row] for row in series.field]
    return np.array(rows).transpose(0, 2, 1)


def _trees(field: Field, method: GeneralLinearMethod, degree: int, trees: list[tuple[RootedTree, Any]], points: Array) -> Array:
    """Sum b/σ F over those of the trees of one order that have more leaves than `degree`."""
    if isinstance(field, ArrayLoss):  # all of them less the few that it has: no derivative beyond the third
        order = trees[0][0].order
        total = _coefficient(field, method, order - 1, points)
        for tree, b in trees:
            if tree.leaves <= degree:
                total = total - as_float(b) / tree.symmetry * np.array([_differential(field, tree, point) for point in points])
        return total
    assert isinstance(field, SymbolicField)
    graph = field.graph.copy()
    left = {tree: as_float(b) / tree.symmetry for tree, b in trees if tree.leaves > degree}
    differentials = elementary_differentials(graph, [total_field(field, graph)], [graph.input(name) for name in field.inputs], list(left))
    return np.sum([weight * _values(field, graph, differentials[tree], points) for tree, weight in left.items()], axis=0)


def _differential(loss: ArrayLoss, tree: RootedTree, point: Array) -> Array:
    """F(τ) at one point for a tree without nodes of three and more children."""
    branches = [_differential(loss, child, point) for child in tree.children]
    if not branches:
        return -loss.gradient(point)
    return -loss.hvp(point, branches[0]) if len(branches) == 1 else -loss.third(point, *branches)


def _values(field: SymbolicField, graph: Graph, nodes: list[int], points: Array) -> Array:
    """Evaluate nodes at all points, shape (n, number of nodes)."""
    return np.stack(field.evaluate(nodes, points, graph), axis=1)


def _second_degree(flow: Flow, points: Array, h: float) -> Array | None:
    """Return the step from degree 1 to degree 2, completed to the same order; on symbols by the code that kernels have, in Python."""
    equation, field, d = flow.equation, flow.field, flow.dimension
    if isinstance(field, ArrayLoss):
        branch = "rotated" if equation.branch == "continued" else equation.branch
        second = replace(equation, degree=2, branch=branch).on(field)
        return np.array([second(point, h) - flow(point, h) for point in points])
    if d > _SMALL:
        return None
    assert isinstance(field, SymbolicField)
    graph = field.graph.copy()
    nodes = total_field(field, graph)
    slopes = field_jacobian(field, graph, nodes)
    f = _values(field, graph, nodes, points)
    jacobian = _values(field, graph, slopes, points)
    bent = _values(field, graph, tensor_derivative(graph, slopes, field.inputs, 2, field.symmetric), points)
    numbers = modes(equation.method, equation.sheet)
    pairs = tuple(as_float(b) for b in replace(equation, degree=2).pair_weights())

    def fill(row: Array, z: complex) -> None:
        row[:] = numbers.mode(z)

    def coefficient(i: Array, j: Array, k: Array) -> complex:
        value = second_degree(i.tolist(), j.tolist(), k.tolist(), numbers.size, numbers.degree)
        return value - polynomial_3(pairs, (equation.order or 0) - 2, i[0], j[0], k[0]) if pairs else value

    result = np.zeros((len(points), d), complex)
    for n, out in enumerate(result):
        given = np.vstack([f[n], h * jacobian[n].reshape(d, d), h**2 / 2 * bent[n].reshape(d * d, d)]).astype(complex)
        try:
            by_degree(partial(add_second_degree, fill, coefficient), numbers.increment.distance, eigen_n, given, numbers.width, out)
        except ArithmeticError:  # at a singularity; Python raises where compiled code has NaN or ∞
            out[:] = np.nan
    return result

"""The step from degree 1 of a principal flow to degree 2: the size of what degree 1 leaves out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial, singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import as_float
from ..kernels.degrees import add_second_degree, by_degree, eigen_n
from ..kernels.second_degree import polynomial_3, second_degree
from ..losses.field import Field
from ..losses.symbolic_field import SymbolicField, total_field
from ..series.modes import modes
from ..series.principal import PrincipalFlow
from ..sizes import SECOND_DEGREE_IN_PYTHON
from .left_out import node_values
from .symbols import field_jacobian, tensor_derivative

Array = NDArray[Any]


@singledispatch
def second_degree_step(field: Field, equation: PrincipalFlow, points: Array, h: float) -> Array | None:
    """Return degree 2 less degree 1, both completed to the same order, shape (n, d); None where that is too dear.

    In general by the flow of degree 2 itself, on symbols by the code that kernels have, in Python, up to 8 coordinates.
    """
    branch = "rotated" if equation.branch == "continued" else equation.branch
    first, second = (replace(equation, degree=degree, branch=branch).on(field) for degree in (1, 2))
    return np.array([second(point, h) - first(point, h) for point in points])


@second_degree_step.register
def _(field: SymbolicField, equation: PrincipalFlow, points: Array, h: float) -> Array | None:
    d = field.dimension
    if d > SECOND_DEGREE_IN_PYTHON:
        return None
    graph = field.graph.copy()
    nodes = total_field(field, graph)
    slopes = field_jacobian(field, graph, nodes)
    f = node_values(field, graph, nodes, points)
    jacobian = node_values(field, graph, slopes, points)
    bent = node_values(field, graph, tensor_derivative(graph, slopes, field.inputs, 2, field.symmetric), points)
    numbers = modes(equation.method, equation.sheet)
    pairs = tuple(as_float(b) for b in replace(equation, degree=2).pair_weights())

    def fill(row: Array, z: complex) -> None:
        row[:] = numbers.mode(z)

    def coefficient(i: Array, j: Array, k: Array) -> complex:
        value = second_degree(i.tolist(), j.tolist(), k.tolist(), numbers.size, numbers.powers)
        return value - polynomial_3(pairs, (equation.order or 0) - 2, i[0], j[0], k[0]) if pairs else value

    result = np.zeros((len(points), d), complex)
    for n, out in enumerate(result):
        given = np.vstack([f[n], h * jacobian[n].reshape(d, d), h**2 / 2 * bent[n].reshape(d * d, d)]).astype(complex)
        try:
            by_degree(partial(add_second_degree, fill, coefficient), numbers.increment.distance, eigen_n, given, numbers.width, out)
        except ArithmeticError:  # at a singularity; Python raises where compiled code has NaN or ∞
            out[:] = np.nan
    return result

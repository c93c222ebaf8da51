"""What the next order or degree would add to a field: the size of what a flow leaves out.

Nothing is compiled for it: losses on arrays have their Taylor arithmetic already, on symbols the graph is evaluated in NumPy, at
all points at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import NumpyAlgebra, as_float
from ..graph.taylor import TaylorProgram
from ..losses.field import Field
from ..losses.loss import ArrayLoss, Loss
from ..losses.symbolic_field import SymbolicField
from ..methods.method import Method
from ..series.equations import ModifiedEquation
from ..series.principal import PrincipalFlow
from ..trees.rooted import chain
from .array_flows import modified_coefficients
from .binding import field_parts
from .flow import Flow
from .power_series import modified_series

Array = NDArray[Any]


def next_term(flow: Flow, points: Array, h: float) -> Array | None:
    """Return what the next step of the hierarchy adds to the field at `points`, shape (n, d); None where there is no next one.

    For order p it is the term of h^p; for a principal flow the terms of h^p, p ≥ 2 its order of completion, without the chain, which
    the principal flow has already: for the principal flow itself h² b([•,•])/2 f″[f,f], the first tree of degree 2.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("x**3/3", ["x"])
    >>> next_term(mq.gradient_flow().on(E), np.array([[2.0]]), 0.1)  # −h/2 Hg with g = x² and H = 2x
    array([[-0.8]])
    >>> next_term(mq.principal_flow(mq.GradientDescent()).on(E), np.array([[2.0]]), 0.1)  # −h²/12 ∇³E[g,g]
    array([[-0.02666667]])
    """
    equation = flow.equation
    if isinstance(equation, ModifiedEquation):
        return h**equation.order * _coefficient(flow.field, equation.method, equation.order, points)
    if not isinstance(equation, PrincipalFlow):
        return None
    order = max(2, equation.order or 0)  # up to order 2 all trees are chains
    weight = as_float(ModifiedEquation(equation.method, order + 1).coefficient(chain(order + 1)))
    return h**order * (_coefficient(flow.field, equation.method, order, points) - weight * _chain(flow.field, order, points))


def _coefficient(field: Field, method: Method, power: int, points: Array) -> Array:
    """Coefficient of h^power of the modified field at each point."""
    if isinstance(field, ArrayLoss):
        return np.array([modified_coefficients(field, method, power + 1, point)[power] for point in points])
    assert isinstance(field, SymbolicField)
    graph = field.graph.copy()
    programs = [TaylorProgram(graph, part) for part in field_parts(field, method.fields, graph)]
    fixed = {f"p{i}": value for i, value in enumerate(field.parameters.values())}
    start = [points[:, i] for i in range(field.dimension)]
    with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
        series = modified_series(method, programs, NumpyAlgebra(), start, field.inputs, fixed, power + 1)
    columns = [np.broadcast_to(0.0 if value is None else value, len(points)) for value in series.field[power]]
    return np.stack(columns, axis=1)


def _chain(field: Field, power: int, points: Array) -> Array:
    """f′^power f at each point."""
    if isinstance(field, Loss):
        direction = -field.gradient(points)
        for _ in range(power):
            direction = -field.hvp(points, direction)
        return direction
    assert isinstance(field, SymbolicField)
    jacobian = field.jacobian(points)
    direction = field(points)  # type: ignore[operator]  # a vector field; losses are above
    for _ in range(power):
        direction = np.einsum("nij,nj->ni", jacobian, direction)
    return direction

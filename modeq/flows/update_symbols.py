"""The modified equation of a smooth update on a field on symbols: one graph, and so a formula, a compiled kernel and an export.

The slow solution is that of `series.slow_solution`, over the nodes of a graph, with the field along a path by Taylor arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, final

from ..arithmetic import Algebra
from ..extension_points import bind
from ..graph.graph import Graph
from ..graph.polynomials import Polynomial, PolynomialAlgebra
from ..graph.taylor import TaylorProgram, TaylorSeries
from ..graph.vectors import Componentwise, Vector
from ..losses.symbolic_field import SymbolicField
from ..methods.recurrences import recurrences
from ..methods.smooth_update import SmoothUpdate
from ..series.slow_solution import SlowSolution
from ..series.update_equation import UpdateEquation
from .checks import check_field
from .compiled import CompiledFlow
from .flow import Flow
from .series_flow import rows_code
from .symbols import field_parts
from .update_series import FollowsUpdate, on_arrays

T = TypeVar("T")


@final
@dataclass(frozen=True, eq=False, repr=False)
class SymbolicUpdateFlow(FollowsUpdate, CompiledFlow):
    """The modified equation of a smooth update on a loss or field on symbols.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.NormalizedGD(1), order=1).on(mq.losses.quadratic([[1]]))
    >>> flow.expressions()
    Matrix([[-x0/sqrt(x0**2 + 1)]])
    """

    equation: UpdateEquation


class _Along(Generic[T]):
    """A field along one path, degree by degree; see `series.slow_solution.FieldSeries`."""

    def __init__(self, series: TaylorSeries[T], dimension: int, zero: T) -> None:
        self._series, self._dimension, self._zero = series, dimension, zero

    def extend(self, coefficient: Vector[T] | None) -> Vector[T] | None:
        """Take the next coefficient of the path and return that of the field."""
        given = [None] * self._dimension if coefficient is None else spread(coefficient, self._dimension)
        values = self._series.extend(given)
        return None if all(value is None for value in values) else tuple(self._zero if value is None else value for value in values)


def spread(vector: Sequence[T], dimension: int) -> list[T]:
    """Return all entries of a vector that may stand as one."""
    return list(vector) * dimension if len(vector) == 1 else list(vector)


def modified_update(
    method: SmoothUpdate, order: int, field: SymbolicField, graph: Graph, algebra: Algebra[T], inputs: Mapping[str, T]
) -> list[list[T]]:
    """Compute the coefficients of h⁰ … h^(order − 1) of the modified field over any algebra; `graph` is a copy of the field's."""
    programs, zero, d = (
        [TaylorProgram(graph, part) for part in field_parts(field, method.fields, graph)],
        algebra.constant(0),
        field.dimension,
    )

    def series(colour: int) -> _Along[T]:
        return _Along(TaylorSeries(programs[colour], algebra, field.inputs, inputs), d, zero)

    point = tuple(inputs[name] for name in field.inputs)
    solution = SlowSolution(method, recurrences(method), Componentwise(algebra), series, point, order)
    return [[zero] * d if row is None else spread(row, d) for row in solution.modified_field()]


@bind.register(UpdateEquation, SymbolicField)
def _(equation: UpdateEquation, field: SymbolicField) -> Flow:
    method, order = equation.method, equation.order
    if method.per_array:  # products of matrices are those of arrays
        return on_arrays(equation, field)
    check_field(field, method.fields, method.name)
    method.require_numbers("a modified equation on a field")

    def build(graph: Graph) -> list[list[int]]:
        names = [*field.inputs, *(f"p{i}" for i in range(len(field.parameters)))]
        return modified_update(method, order, field, graph, graph, {name: graph.input(name) for name in names})

    def expand(algebra: PolynomialAlgebra, inputs: Mapping[str, Polynomial]) -> list[list[Polynomial]]:
        return modified_update(method, order, field, field.graph.copy(), algebra, inputs)

    return SymbolicUpdateFlow(equation, field, rows_code(equation, field, method.name, build, expand))

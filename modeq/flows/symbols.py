"""Fields on symbols as nodes of a graph: their parts, their derivatives, and their modified fields by powers of h."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TypeAlias, TypeVar

import sympy

from ..arithmetic import Algebra
from ..graph.differentiation import jvp
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram
from ..losses.symbolic_field import SymbolicField, total_field
from ..methods.general_linear import GeneralLinearMethod
from .power_series import modified_series

T = TypeVar("T")
Rows: TypeAlias = list[list[int]]  # rows[j][i]: the coefficient of h^j in component i, as a graph node


def field_parts(field: SymbolicField, colours: int, graph: Graph) -> list[list[int]]:
    """Return the field of each colour as nodes of `graph`; the sum of the parts where only one is asked for."""
    return [total_field(field, graph)] if colours == 1 else field.parts(graph)


def field_jacobian(field: SymbolicField, graph: Graph, f: Sequence[int]) -> list[int]:
    """Return f′ by rows; for a loss the lower triangle repeats the nodes of the upper one."""
    d, inputs = field.dimension, [graph.input(name) for name in field.inputs]
    columns = [jvp(graph, f, inputs, [graph.one if i == j else graph.zero for i in range(d)]) for j in range(d)]
    return [columns[max(i, j)][min(i, j)] if field.symmetric else columns[j][i] for i in range(d) for j in range(d)]


def tensor_derivative(graph: Graph, previous: Sequence[int], names: Sequence[str], order: int, symmetric: bool = False) -> list[int]:
    """Return the derivative of an order, shape (d, …, d), of a field in the inputs `names` from the one before.

    Entries that are equal are the same node; all indices can be exchanged if `symmetric`, as for gradients, else all but the first.
    """
    d, inputs = len(names), [graph.input(name) for name in names]
    rows = [jvp(graph, previous, inputs, [graph.one if k == j else graph.zero for j in range(d)]) for k in range(d)]
    found: dict[tuple[int, ...], int] = {}
    result = []
    for i, *rest in product(range(d), repeat=order + 1):
        alike = tuple(sorted((i, *rest))) if symmetric else (i, *sorted(rest))
        place = sum(index * d**power for power, index in enumerate(reversed((i, *rest[:-1]))))
        result.append(found.setdefault(alike, rows[rest[-1]][place]))
    return result


def modified_rows(method: GeneralLinearMethod, order: int, field: SymbolicField, graph: Graph) -> Rows:
    """Build the modified field by truncated power series on `graph`, a copy of the field's."""
    names = [*field.inputs, *(f"p{i}" for i in range(len(field.parameters)))]
    return modified_coefficients(method, order, field, graph, graph, {name: graph.input(name) for name in names})


def modified_coefficients(
    method: GeneralLinearMethod, order: int, field: SymbolicField, graph: Graph, algebra: Algebra[T], inputs: Mapping[str, T]
) -> list[list[T]]:
    """Compute the coefficients of the modified field over any algebra, zeros filled in."""
    programs = [TaylorProgram(graph, part) for part in field_parts(field, method.fields, graph)]
    point = [inputs[name] for name in field.inputs]
    series = modified_series(method, programs, algebra, point, field.inputs, inputs, order)
    return [[algebra.constant(0) if value is None else value for value in row] for row in series.field]


def horner(algebra: Algebra[T], rows: Sequence[Sequence[T]], h: T) -> list[T]:
    """Sum Σ h^j rows[j] by Horner's rule."""
    totals = list(rows[-1])
    for row in reversed(rows[:-1]):
        totals = [algebra.add(value, algebra.multiply(h, total)) for value, total in zip(row, totals, strict=True)]
    return totals


def input_symbols(field: SymbolicField) -> dict[str, sympy.Symbol]:
    """Return the symbol of each input of a field's graph, and of h."""
    parameters = {f"p{i}": sympy.Symbol(name) for i, name in enumerate(field.parameters)}
    return {"h": sympy.Symbol("h"), **dict(zip(field.inputs, field.variables, strict=True)), **parameters}

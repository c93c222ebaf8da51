"""How each kind of equation becomes a graph on a loss or vector field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias, TypeVar

import sympy

from ..codegen.source import assign, field_source, principal_source
from ..graph.algebra import Algebra, evaluate
from ..graph.differentiation import jvp
from ..graph.graph import Graph
from ..graph.polynomials import Polynomial, PolynomialAlgebra
from ..graph.taylor import TaylorProgram
from ..losses.field import Field
from ..losses.loss import ArrayLoss
from ..losses.symbolic_field import SymbolicField, total_field
from ..methods.general_linear import GeneralLinearMethod
from ..series.binding import bind
from ..series.bseries import FieldSeries
from ..series.equations import ModifiedEquation, ModifyingEquation
from ..series.principal import PrincipalFlow
from .array_flows import modified_flow, principal_flow
from .elementary import series_field
from .flow import Flow
from .power_series import modified_series
from .spectral import principal_title, spectral_functions

T = TypeVar("T")
_Rows: TypeAlias = list[list[int]]  # rows[j][i]: the coefficient of h^j in component i, as a graph node


@bind.register(ModifiedEquation)
def _(equation: ModifiedEquation, field: Any) -> Flow:
    check_field(field, equation.method.fields, equation.method.name)
    if isinstance(field, ArrayLoss):
        return modified_flow(equation, field)
    check_names(equation.method, field)

    def build(graph: Graph) -> _Rows:
        return modified_rows(equation.method, equation.order, field, graph)

    def expand(algebra: PolynomialAlgebra, inputs: Mapping[str, Polynomial]) -> list[list[Polynomial]]:
        return _modified(equation.method, equation.order, field, field.graph.copy(), algebra, inputs)

    return _rows_flow(equation, field, f"order {equation.order}", equation.method.name, build, expand)


@bind.register(ModifyingEquation)
def _(equation: ModifyingEquation, field: Any) -> Flow:
    title = f"modifying field of order {equation.order}"
    check_field(field, equation.method.fields, equation.method.name)
    if not isinstance(field, ArrayLoss):
        check_names(equation.method, field)
    return _tree_flow(equation, equation.series, field, title, equation.method.name)


@bind.register(FieldSeries)
def _(series: FieldSeries, field: Any) -> Flow:
    return _tree_flow(series, series, field, f"series of order {series.order}", "a given series")


def _tree_flow(equation: ModifyingEquation | FieldSeries, series: FieldSeries, field: Any, title: str, origin: str) -> Flow:
    """Make the flow of a series that no method generates, as the sum over its trees."""
    check_field(field, series.colours, origin)
    if isinstance(field, ArrayLoss):
        raise ValueError(
            f"a {title} is a sum over trees, which needs a loss on symbols; {field.name} is a loss on arrays, "
            "where modified equations and principal flows are computed without trees"
        )

    def build(graph: Graph) -> _Rows:
        inputs = [graph.input(name) for name in field.inputs]
        return series_field(graph, field_parts(field, series.colours, graph), inputs, series)

    def expand(algebra: PolynomialAlgebra, inputs: Mapping[str, Polynomial]) -> list[list[Polynomial]]:
        graph = field.graph.copy()
        rows = build(graph)
        values = iter(evaluate(graph, [node for row in rows for node in row], inputs, algebra))
        return [[next(values) for _ in row] for row in rows]

    return _rows_flow(equation, field, title, origin, build, expand)


@bind.register(PrincipalFlow)
def _(equation: PrincipalFlow, field: Any) -> Flow:
    check_field(field, equation.method.fields, equation.method.name)
    equation.method.require_numbers("binding a principal flow")
    if isinstance(field, ArrayLoss):
        return principal_flow(equation, field)
    title = principal_title(equation)

    def assemble() -> str:
        graph = field.graph.copy()
        h = graph.input("h")
        f = total_field(field, graph)
        derivatives = [field_jacobian(field, graph, f)]
        while len(derivatives) < equation.degree:
            derivatives.append(tensor_derivative(graph, derivatives[-1], field.inputs, len(derivatives) + 1, field.symmetric))
        outputs, factor = [*f], graph.one
        for n, derivative in enumerate(derivatives, 1):
            factor = graph.multiply(graph.multiply(graph.constant(Fraction(1, n)), h), factor)  # hⁿ/n!
            outputs += [graph.multiply(factor, entry) for entry in derivative]
            outputs += _completion(equation, field, graph) if n == 1 else []
        body = assign(graph, outputs, field.dimension, list(field.parameters))
        return principal_source(body, module_title(title, equation.method.name, field), spectral_functions(equation))

    def expand() -> sympy.Matrix:
        raise ValueError(
            "a principal flow is a function of the Hessian's eigenvalues and has no useful formula in the coordinates; "
            "see equation.symbol, or truncate it: modified_equation(method, order).on(E).expressions()"
        )

    return Flow(equation, field, title, True, assemble, expand)


def modified_rows(method: GeneralLinearMethod, order: int, field: SymbolicField, graph: Graph) -> _Rows:
    """Build the modified field by truncated power series on `graph`, a copy of the field's."""
    names = [*field.inputs, *(f"p{i}" for i in range(len(field.parameters)))]
    return _modified(method, order, field, graph, graph, {name: graph.input(name) for name in names})


def _modified(
    method: GeneralLinearMethod, order: int, field: SymbolicField, graph: Graph, algebra: Algebra[T], inputs: Mapping[str, T]
) -> list[list[T]]:
    """Compute the coefficients of the modified field over any algebra, zeros filled in."""
    programs = [TaylorProgram(graph, part) for part in field_parts(field, method.fields, graph)]
    point = [inputs[name] for name in field.inputs]
    series = modified_series(method, programs, algebra, point, field.inputs, inputs, order)
    return [[algebra.constant(0) if value is None else value for value in row] for row in series.field]


def check_names(method: GeneralLinearMethod, field: SymbolicField) -> None:
    """Raise if a symbolic parameter of the method has the name of a variable or parameter of the field."""
    known = {*(variable.name for variable in field.variables), *field.parameters}
    clash = sorted(known & set(method.parameters))
    if clash:
        raise ValueError(f"{clash[0]!r} is a parameter of {method.name} and a name in {field.name}; rename one of them")


def _rows_flow(
    equation: Any,
    field: SymbolicField,
    title: str,
    origin: str,
    build: Callable[[Graph], _Rows],
    expand: Callable[[PolynomialAlgebra, Mapping[str, Polynomial]], list[list[Polynomial]]],
) -> Flow:
    """Make the flow Σ h^j rows[j] from its rows over graphs and over polynomials."""

    def assemble() -> str:
        graph = field.graph.copy()
        rows = build(graph)
        h = graph.input("h")
        outputs = [graph.zero] * field.dimension
        for row in reversed(rows):  # Horner's rule
            outputs = [graph.add(node, graph.multiply(h, total)) for node, total in zip(row, outputs, strict=True)]
        body = assign(graph, outputs, field.dimension, list(field.parameters))
        return field_source(body, module_title(title, origin, field))

    def expressions() -> sympy.Matrix:
        algebra = PolynomialAlgebra()
        step = algebra.generator(sympy.Symbol("h"))
        inputs = {name: algebra.generator(symbol) for name, symbol in zip(field.inputs, field.variables, strict=True)}
        inputs |= {f"p{i}": algebra.generator(sympy.Symbol(name)) for i, name in enumerate(field.parameters)}
        totals, power = [algebra.constant(0)] * field.dimension, algebra.constant(1)
        for row in expand(algebra, inputs):
            totals = [algebra.add(total, algebra.multiply(power, value)) for total, value in zip(totals, row, strict=True)]
            power = algebra.multiply(power, step)
        return sympy.Matrix([algebra.expression(total) for total in totals])

    return Flow(equation, field, title, False, assemble, expressions)


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


def _completion(equation: PrincipalFlow, field: SymbolicField, graph: Graph) -> list[int]:
    """Return the truncated field that completes the flow; ψ and c leave their part of it out."""
    total = [graph.zero] * field.dimension
    truncated = equation.modified_equation()
    if truncated is None:
        return total
    h, power = graph.input("h"), graph.one
    if equation.degree > 2:  # ψ, c and the others sum everything themselves; trees with more leaves are few at small orders
        known = truncated.series
        others = (Fraction(0) if tree.leaves <= equation.degree else known[tree] for tree in known.trees)
        points = [graph.input(name) for name in field.inputs]
        rows = series_field(graph, [total_field(field, graph)], points, FieldSeries(known.order, 1, tuple(others)))
    else:
        rows = modified_rows(equation.method, truncated.order, field, graph)
    for row in rows:
        total = [graph.add(a, graph.multiply(power, b)) for a, b in zip(total, row, strict=True)]
        power = graph.multiply(power, h)
    return total


def field_parts(field: SymbolicField, colours: int, graph: Graph) -> list[list[int]]:
    """Return the field of each colour as nodes of `graph`; the sum of the parts where only one is asked for."""
    return [total_field(field, graph)] if colours == 1 else field.parts(graph)


def check_field(field: Any, colours: int, origin: str) -> None:
    """Raise unless `field` is a loss or vector field with one part, or as many as `origin` has colours."""
    if not isinstance(field, Field):
        hint = " (call it with its brackets)" if callable(field) else " (Loss.from_sympy makes one from a formula)" * isinstance(field, str)
        raise TypeError(f"expected a Loss or VectorField, got {type(field).__name__}{hint}")
    count = field.fields
    if colours not in (1, count):
        raise ValueError(
            f"{origin} evaluates {colours} fields, but {field.name} has {count}; build it with VectorField.split or VectorField.game"
        )


def module_title(title: str, origin: str, field: Field) -> str:
    """Return the first line of a module."""
    return f"{title[0].upper()}{title[1:]} of {origin} on {field.name}: generated by modeq."

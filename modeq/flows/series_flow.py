"""Series in powers of h on a field: modified equations, modifying equations and any series in trees.

On symbols the rows of a series – the coefficients of h⁰, h¹, … – become one graph. A modified equation gets them from truncated power
series, any other series from the sum over its trees. On arrays modified equations have `array_series`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
import sympy

from ..codegen.source import Source, assign, field_source
from ..extension_points import bind
from ..graph.algebra import evaluate
from ..graph.graph import Graph
from ..graph.polynomials import Polynomial, PolynomialAlgebra
from ..losses.field import Field
from ..losses.jet_field import JetField
from ..losses.symbolic_field import SymbolicField
from ..series.bseries import FieldSeries
from ..series.equation import Equation
from ..series.equations import ModifiedEquation, ModifyingEquation
from .array_series import modified_code
from .checks import check_field, check_names, module_title
from .compiled import Code, CompiledFlow
from .eigenvalues import eigenvalues, overtaking_root
from .elementary import series_field
from .flow import Array, Status
from .left_out import next_order
from .scheduled import AlongSchedule
from .steps import followed
from .symbols import Rows, field_parts, horner, input_symbols, modified_coefficients, modified_rows

_STIFF = 100.0  # hλ beyond which explicit solvers take tens of evaluations for a step of the method
_Build = Callable[[Graph], Rows]
_Expand = Callable[[PolynomialAlgebra, Mapping[str, Polynomial]], list[list[Polynomial]]]


@final
@dataclass(frozen=True, eq=False, repr=False)
class ModifiedFlow(AlongSchedule, CompiledFlow):
    """A modified equation on a loss or field.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(mq.losses.double_well())
    >>> flow([2.0], 0.1)  # −g − h/2 Hg with g = 6, H = 11
    array([-9.3])
    """

    equation: ModifiedEquation

    def error_estimate(self, states: Array, h: float | Array) -> Array | None:
        """Return the next term of the series that is not 0 for every field, h^p × its coefficient."""
        return next_order(self.equation, self.field, states, h)

    def follow(self, states: Array, h: float | Array, n: int = 0) -> Array | None:
        """Do one step of the method from many points; None with memory, and for implicit methods and those with several fields."""
        return followed(self.equation.method, self.field, states, h)

    def other_roots(self, hlambda: Array) -> float:
        """Return the largest root of the method that overtakes the one that the flow follows."""
        return overtaking_root(self.equation.method, hlambda)

    def diagnose(self, start: Array, last: Array, h: float, n: int, trouble: str) -> tuple[Status, str]:
        """Advise a lower order where there is one, and a stiff solver where the field is stiff."""
        stiff = np.abs(eigenvalues(self.field, last, h, digits=2)).max(initial=0.0) > _STIFF
        advice = ["a stiff solver ('LSODA', 'Radau' or 'BDF')"] * bool(stiff) + ["a lower order"] * (self.equation.order > 1)
        return "stalled", f"the solver gave up after step {n}: {trouble}; {' or '.join([*advice, 'a smaller h'])} may help"


@final
@dataclass(frozen=True, eq=False, repr=False)
class TreeFlow(CompiledFlow):
    """A series that no method generates, summed over its trees, on a loss or field on symbols.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modifying_equation(mq.GradientDescent(), order=2).on(mq.losses.double_well())
    >>> flow([2.0], 0.1)  # −g + h/2 Hg with g = 6, H = 11
    array([-2.7])
    """

    @property
    def remark(self) -> str:
        """Say what the field is."""
        return "a modifying field is what the method is given, not what it follows" * (self.equation.method is not None)


@bind.register(ModifiedEquation, JetField)
def _(equation: ModifiedEquation, loss: JetField) -> ModifiedFlow:
    check_field(loss, equation.method.fields, equation.method.name)
    return ModifiedFlow(equation, loss, modified_code(equation, loss))


@bind.register(ModifiedEquation, SymbolicField)
def _(equation: ModifiedEquation, field: SymbolicField) -> ModifiedFlow:
    check_field(field, equation.method.fields, equation.method.name)
    check_names(equation.method, field)

    def build(graph: Graph) -> Rows:
        return modified_rows(equation.method, equation.order, field, graph)

    def expand(algebra: PolynomialAlgebra, inputs: Mapping[str, Polynomial]) -> list[list[Polynomial]]:
        return modified_coefficients(equation.method, equation.order, field, field.graph.copy(), algebra, inputs)

    return ModifiedFlow(equation, field, rows_code(equation, field, equation.method.name, build, expand))


@bind.register(ModifyingEquation, SymbolicField)
def _(equation: ModifyingEquation, field: SymbolicField) -> TreeFlow:
    check_field(field, equation.method.fields, equation.method.name)
    check_names(equation.method, field)
    return _tree_flow(equation, equation.series, field, equation.method.name)


@bind.register(FieldSeries, SymbolicField)
def _(series: FieldSeries, field: SymbolicField) -> TreeFlow:
    return _tree_flow(series, series, field, "a given series")


@bind.register(ModifyingEquation, Field)
@bind.register(FieldSeries, Field)
def _(equation: Equation, field: Field) -> TreeFlow:
    raise ValueError(
        f"a {equation.title} is a sum over trees, which needs a loss on symbols; {field.name} is none, and "
        "only modified equations and principal flows are computed without trees"
    )


def _tree_flow(equation: Equation, series: FieldSeries, field: SymbolicField, origin: str) -> TreeFlow:
    """Make the flow of a series that no method generates, as the sum over its trees."""
    check_field(field, series.colours, origin)

    def build(graph: Graph) -> Rows:
        inputs = [graph.input(name) for name in field.inputs]
        return series_field(graph, field_parts(field, series.colours, graph), inputs, series)

    def expand(algebra: PolynomialAlgebra, inputs: Mapping[str, Polynomial]) -> list[list[Polynomial]]:
        graph = field.graph.copy()
        rows = build(graph)
        values = iter(evaluate(graph, [node for row in rows for node in row], inputs, algebra))
        return [[next(values) for _ in row] for row in rows]

    return TreeFlow(equation, field, rows_code(equation, field, origin, build, expand))


def rows_code(equation: Equation, field: SymbolicField, origin: str, build: _Build, expand: _Expand) -> Code:
    """Compute Σ h^j rows[j] from its rows over graphs and over polynomials."""

    def assemble() -> Source:
        graph = field.graph.copy()
        rows = build(graph)
        body = assign(graph, horner(graph, rows, graph.input("h")), field.dimension, list(field.parameters))
        return field_source(body, module_title(equation.title, origin, field))

    def expressions() -> sympy.Matrix:
        algebra = PolynomialAlgebra()
        inputs = algebra.inputs(input_symbols(field))
        totals = horner(algebra, expand(algebra, inputs), inputs["h"])
        return sympy.Matrix([algebra.expression(total) for total in totals])

    return Code(assemble, expressions)

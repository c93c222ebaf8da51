"""Losses and vector fields on symbols.

Both hold an expression graph. A loss E stands for the field f = −∇E; a vector field may have several parts (colours),
which methods with several fields evaluate one by one and all others as their sum.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..exact import exact, to_sympy
from ..expressions import parse_expression
from ..graph.algebra import NumpyAlgebra, evaluate
from ..graph.graph import Graph
from ..graph.lowering import lower
from ..graph.taylor import TaylorProgram, TaylorSeries
from .field import Array, Field


@dataclass(frozen=True, eq=False, repr=False)
class SymbolicField(Field):
    """What losses and vector fields share: variables, parameters and a graph.

    Attributes
    ----------
    variables
        The d coordinates, in the order of the entries of θ.
    parameters
        Default values of the parameters by name.

    See Also
    --------
    modeq.losses.SymbolicLoss, modeq.VectorField
    """

    variables: tuple[sympy.Symbol, ...]
    parameters: Mapping[str, float]
    graph: Graph = field(repr=False)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """All coordinates are scalars."""
        return {variable.name: () for variable in self.variables}

    @abstractmethod
    def parts(self, graph: Graph) -> list[list[int]]:
        """Return the field of each colour, d nodes each, in `graph`, a copy of this field's graph."""

    @property
    def inputs(self) -> list[str]:
        """Graph names of the coordinates."""
        return [f"y{i}" for i in range(self.dimension)]

    def parameter_vector(self, h: float) -> Array:
        """Return ``[h, parameters …]``, the last argument of kernels."""
        return np.array([h, *self.parameters.values()], dtype=float)

    def taylor(self, point: Array, given: Array, part: int | None = None) -> Array:
        """Return the coefficients of f along paths from `point`; ``given`` and the result have shape (Q, degrees, d)."""
        program = self._programs[part]
        fixed = {f"p{i}": np.asarray(value) for i, value in enumerate(self.parameters.values())}
        series = TaylorSeries(program, NumpyAlgebra(), self.inputs, fixed)
        result = np.zeros(given.shape, np.result_type(point, given))
        with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
            for degree in range(given.shape[1]):
                moving = list(point) if degree == 0 else list(given[:, degree].T)
                for i, value in enumerate(series.extend(moving)):
                    if value is not None:
                        result[:, degree, i] = value
        return result

    @cached_property
    def _programs(self) -> dict[int | None, TaylorProgram]:
        """The field, under None, and its parts, ready for Taylor arithmetic."""
        graph = self.graph.copy()
        parts: dict[int | None, list[int]] = dict(enumerate(self.parts(graph)))
        parts[None] = total_field(self, graph)
        return {number: TaylorProgram(graph, nodes) for number, nodes in parts.items()}

    def evaluate(
        self, outputs: Sequence[int], theta: ArrayLike, graph: Graph | None = None, others: Mapping[str, Array] | None = None
    ) -> list[Array]:
        """Compute nodes at points of shape (…, d); each result has shape (…), and so have the values of other inputs."""
        points = self.check_points(theta)
        values = {name: points[..., i] for i, name in enumerate(self.inputs)} | dict(others or {})
        values |= {f"p{i}": np.asarray(value) for i, value in enumerate(self.parameters.values())}
        with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
            results = evaluate(graph or self.graph, outputs, values, NumpyAlgebra())
        return [np.broadcast_to(np.asarray(result), points.shape[:-1]) for result in results]


def total_field(source: SymbolicField, graph: Graph) -> list[int]:
    """Return the sum of the parts of a field, d nodes of `graph`.

    Parameters
    ----------
    source
        A loss or vector field on symbols.
    graph
        A copy of its graph, to write into.

    Returns
    -------
    list[int]
        Numbers of the nodes, one for each coordinate.

    Examples
    --------
    >>> from modeq.losses import rosenbrock
    >>> E = rosenbrock()
    >>> len(total_field(E, E.graph.copy()))
    2
    """
    first, *others = source.parts(graph)
    for part in others:
        first = [graph.add(a, b) for a, b in zip(first, part, strict=True)]
    return first


def as_symbols(variables: Iterable[sympy.Symbol | str]) -> tuple[sympy.Symbol, ...]:
    """Return the variables as distinct symbols, or raise."""
    if isinstance(variables, (str, sympy.Symbol)):
        variables = [variables]
    if not isinstance(variables, Iterable) or isinstance(variables, (set, frozenset)):  # a set has no order
        raise TypeError(f"variables are a list of symbols or names, got {variables!r}")
    found = []
    for variable in variables:
        if isinstance(variable, str) and variable.isidentifier():
            found.append(sympy.Symbol(variable))
        elif isinstance(variable, sympy.Symbol):
            found.append(variable)
        else:
            raise TypeError(f"variables are a list of SymPy symbols or names, such as ['x', 'y'], got {variable!r}")
    if not found:
        raise ValueError("at least one variable is needed, such as variables=['x', 'y']")
    names = [symbol.name for symbol in found]
    if "h" in names:
        raise ValueError("a variable cannot be called 'h', which is the step size; choose another name")
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(f"the variable {repeated.pop()!r} is listed twice")
    return tuple(found)


def as_parameters(given: Mapping[sympy.Symbol | str, float] | None, variables: tuple[sympy.Symbol, ...]) -> dict[str, float]:
    """Return the values of the parameters by name, or raise."""
    values: dict[str, float] = {}
    if given is not None and not isinstance(given, Mapping):
        raise TypeError(f"parameters are given with their values, such as {{'a': 2.0}}, got {given!r}")
    for key, value in (given or {}).items():
        name = key.name if isinstance(key, sympy.Symbol) else key
        if name == "h":
            raise ValueError("a parameter cannot be called 'h', which is the step size; choose another name")
        if name in {variable.name for variable in variables}:
            raise ValueError(f"{name!r} is a variable and cannot be a parameter too")
        number = exact(value, what=f"the parameter {name}")
        if isinstance(number, sympy.Expr) and number.free_symbols:
            raise ValueError(f"the parameter {name} needs a number, got {value!r}")
        values[name] = float(to_sympy(number))
    return values


def as_scalar(expr: Any, variables: tuple[sympy.Symbol, ...], parameters: Mapping[str, float]) -> sympy.Expr:
    """Return one scalar expression, parsed if it is text, or raise."""
    if isinstance(expr, str):
        parsed = parse_expression(expr, [v.name for v in variables] + list(parameters))
        return parsed.xreplace({sympy.Symbol(v.name): v for v in variables})
    if isinstance(expr, bool) or not isinstance(expr, (int, float, sympy.Expr)) or getattr(expr, "is_Matrix", False):
        raise TypeError(f"expected one scalar SymPy expression, got {type(expr).__name__}; sum or average it to a single number")
    expression: sympy.Expr = sympy.sympify(expr)
    if not expression.is_commutative:
        raise TypeError(f"expected a scalar expression, but {expression} contains matrices or non-commuting symbols")
    return expression


def lowered(
    expressions: Sequence[sympy.Expr], graph: Graph, variables: tuple[sympy.Symbol, ...], parameters: Mapping[str, float]
) -> list[int]:
    """Translate expressions into nodes of `graph`, with inputs y0, y1, … for variables and p0, p1, … for parameters."""
    inputs = {variable.name: f"y{i}" for i, variable in enumerate(variables)} | {name: f"p{i}" for i, name in enumerate(parameters)}
    symbols = {symbol for expression in expressions for symbol in expression.free_symbols}
    ambiguous = {symbol.name for symbol in symbols if any(other.name == symbol.name and other != symbol for other in symbols)}
    if ambiguous:
        raise ValueError(f"the expression has two different symbols called {ambiguous.pop()!r} (with different assumptions)")
    names = {symbol: inputs[symbol.name] for symbol in symbols if symbol.name in inputs}
    for index in range(len(variables)):
        graph.input(f"y{index}")
    try:
        return lower(expressions, graph, names | {variable: inputs[variable.name] for variable in variables})
    except ZeroDivisionError:
        raise ValueError(f"the expression {expressions[0]} divides by zero") from None

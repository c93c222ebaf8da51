"""Losses and vector fields on symbols: what a method is run on.

Both hold an expression graph. A loss E stands for the field f = −∇E; a vector field may have several parts (colours),
which methods with several fields evaluate one by one and all others as their sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self, final

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray

from ..expressions import parse_expression
from ..graph.algebra import NumpyAlgebra, evaluate
from ..graph.differentiation import gradient, jacobian
from ..graph.graph import Graph
from ..graph.lowering import lower
from ..methods.exact import exact, to_sympy

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class _Field:
    """What losses and vector fields share: variables, parameters and a graph.

    Attributes
    ----------
    name
        For tables and messages.
    variables
        The d coordinates, in the order of the entries of θ.
    parameters
        Default values of the parameters by name.
    """

    name: str
    variables: tuple[sympy.Symbol, ...]
    parameters: Mapping[str, float]
    graph: Graph = field(repr=False)

    @property
    def dimension(self) -> int:
        """Number d of coordinates."""
        return len(self.variables)

    @property
    def inputs(self) -> list[str]:
        """Graph names of the coordinates."""
        return [f"y{i}" for i in range(self.dimension)]

    def parameter_vector(self, h: float) -> Array:
        """Return ``[h, parameters …]``, the last argument of kernels."""
        return np.array([h, *self.parameters.values()], dtype=float)

    def ravel(self, params: Mapping[str, float]) -> Array:
        """Collect coordinates given by name into θ, shape (d,)."""
        names = [variable.name for variable in self.variables]
        if set(params) != set(names):
            raise ValueError(f"expected the coordinates {', '.join(names)}, got {', '.join(params)}")
        return np.array([params[name] for name in names])

    def unravel(self, theta: ArrayLike) -> dict[str, Any]:
        """Split θ, shape (d,), into coordinates by name."""
        return {v.name: value for v, value in zip(self.variables, self.check_point(theta), strict=True)}

    def check_point(self, theta: ArrayLike, *, what: str = "theta") -> Array:
        """Return one point as a float or complex array of shape (d,), or raise."""
        point = self.check_points(theta, what=what)
        if point.ndim != 1:
            raise ValueError(f"{what} must be one point of shape ({self.dimension},) for {self.name}, got shape {point.shape}")
        return point

    def check_points(self, theta: ArrayLike, *, what: str = "theta") -> Array:
        """Return points as a float or complex array of shape (…, d), or raise."""
        try:
            points = np.asarray(theta)
            points = points.astype(complex if np.iscomplexobj(points) else float)
        except (TypeError, ValueError):
            raise TypeError(f"{what} must be numbers of shape ({self.dimension},), got {theta!r}") from None
        if points.ndim == 0 and self.dimension == 1:
            points = points[np.newaxis]
        if points.ndim == 0 or points.shape[-1] != self.dimension:
            raise ValueError(
                f"{what} must have {self.dimension} coordinate{'s' * (self.dimension > 1)} "
                f"({', '.join(v.name for v in self.variables[:6])}{', …' * (self.dimension > 6)}) for {self.name}, got shape {points.shape}"
            )
        return points

    def evaluate(self, outputs: Sequence[int], theta: ArrayLike, graph: Graph | None = None) -> list[Array]:
        """Compute nodes at points of shape (…, d); each result has shape (…)."""
        points = self.check_points(theta)
        values = {name: points[..., i] for i, name in enumerate(self.inputs)}
        values |= {f"p{i}": np.asarray(value) for i, value in enumerate(self.parameters.values())}
        with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
            results = evaluate(graph or self.graph, outputs, values, NumpyAlgebra())
        return [np.broadcast_to(np.asarray(result), points.shape[:-1]) for result in results]


@final
@dataclass(frozen=True, eq=False)
class Loss(_Field):
    """A scalar loss E(θ); methods follow f = −∇E.

    Build one with `Loss.from_sympy`, or take one from `modeq.losses`.

    Attributes
    ----------
    expression
        E in SymPy.
    minima
        Known global minimisers, shape (d,) each; empty if there are none or they are not isolated.
    box
        Region of interest for plots, one (low, high) for each coordinate; None if unknown.
    start
        A point to start a comparison from, shape (d,); None if there is no obvious one.
    reference
        Where the loss comes from.
    """

    expression: sympy.Expr
    value: int = field(repr=False)
    minima: tuple[tuple[float, ...], ...] = ()
    box: tuple[tuple[float, float], ...] | None = None
    start: tuple[float, ...] | None = None
    reference: str = ""

    @classmethod
    def from_sympy(
        cls,
        expr: sympy.Expr | str,
        variables: Iterable[sympy.Symbol | str],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "loss",
    ) -> Self:
        """Make a loss from a SymPy expression, or from text that is parsed, never evaluated.

        Parameters
        ----------
        expr
            Smooth and real in the variables.
        variables
            The coordinates of θ, in order.
        parameters
            Symbols that are no coordinates, with their values.
        name
            What tables and messages call it.

        Raises
        ------
        TypeError, ValueError
            If `expr` is no scalar, contains unknown symbols, kinks (|x|, max …) or functions that modeq cannot compile.

        Examples
        --------
        >>> E = Loss.from_sympy("x**4/4 - x**2/2", ["x"])
        >>> E([2.0]), E.gradient([2.0])
        (2.0, array([6.]))
        """
        symbols = _symbols(variables)
        values = _parameters(parameters, symbols)
        expression = _scalar(expr, symbols, values)
        graph = Graph()
        (value,) = _lowered([expression], graph, symbols, values)
        return cls(name, symbols, values, graph, expression, value)

    def described(self, **changes: Any) -> Self:
        """Return the same loss with another name, minima, box, start or reference."""
        return replace(self, **changes)

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian of the field is symmetric: true for a gradient."""
        return True

    @cached_property
    def _derivatives(self) -> tuple[Graph, list[int], list[list[int]]]:
        graph = self.graph.copy()
        inputs = [graph.input(name) for name in self.inputs]
        slope = gradient(graph, self.value, inputs)
        return graph, slope, jacobian(graph, slope, inputs)

    def parts(self, graph: Graph) -> list[list[int]]:
        """Return −∇E as the one part of the field, in a copy of this loss's graph."""
        inputs = [graph.input(name) for name in self.inputs]
        return [[graph.negate(node) for node in gradient(graph, self.value, inputs)]]

    def __call__(self, theta: ArrayLike) -> Any:
        """Return E at θ of shape (d,), or at many points of shape (…, d)."""
        (value,) = self.evaluate([self.value], theta)
        return value.item() if value.ndim == 0 else value.copy()

    def gradient(self, theta: ArrayLike) -> Array:
        """Return ∇E, shape (…, d)."""
        graph, slope, _ = self._derivatives
        return np.stack(self.evaluate(slope, theta, graph), axis=-1)

    def hessian(self, theta: ArrayLike) -> Array:
        """Return ∇²E, shape (…, d, d)."""
        graph, _, rows = self._derivatives
        return np.stack([np.stack(self.evaluate(row, theta, graph), axis=-1) for row in rows], axis=-2)

    def hvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇²E·v, shape (…, d)."""
        direction = self.check_points(v, what="v")
        return np.einsum("...ij,...j->...i", self.hessian(theta), direction)


@final
@dataclass(frozen=True, eq=False)
class VectorField(_Field):
    """Any smooth field f(θ), the sum of one or more parts.

    Attributes
    ----------
    expressions
        One tuple of d SymPy expressions for each part.
    """

    expressions: tuple[tuple[sympy.Expr, ...], ...]
    nodes: tuple[tuple[int, ...], ...] = field(repr=False)

    @classmethod
    def from_sympy(
        cls,
        exprs: Iterable[sympy.Expr | str],
        variables: Iterable[sympy.Symbol | str],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "vector field",
    ) -> Self:
        """Make a field from its d components.

        Raises
        ------
        TypeError, ValueError
            If there are not as many components as variables, or one of them is not smooth (see `Loss.from_sympy`).

        Examples
        --------
        >>> VectorField.from_sympy(["v", "-x"], ["x", "v"])([1.0, 0.0])
        array([ 0., -1.])
        """
        return cls.split([exprs], variables, parameters, name=name)

    @classmethod
    def split(
        cls,
        parts: Iterable[Iterable[sympy.Expr | str]],
        variables: Iterable[sympy.Symbol | str],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "vector field",
    ) -> Self:
        """Make a field f = f₁ + f₂ + … whose parts are the colours 0, 1, … of a method with several fields."""
        symbols = _symbols(variables)
        values = _parameters(parameters, symbols)
        rows = []
        for part in parts:
            if isinstance(part, (str, sympy.Expr)):
                raise TypeError(f"expected {len(symbols)} components for each part, got the single expression {part!r}")
            row = tuple(_scalar(expr, symbols, values) for expr in part)
            if len(row) != len(symbols):
                raise ValueError(f"a field in {len(symbols)} variables has {len(symbols)} components, got {len(row)}")
            rows.append(row)
        if not rows:
            raise ValueError("a vector field needs at least one part")
        graph = Graph()
        nodes = tuple(tuple(_lowered(row, graph, symbols, values)) for row in rows)
        return cls(name, symbols, values, graph, tuple(rows), nodes)

    @classmethod
    def game(
        cls,
        losses: Sequence[sympy.Expr | str],
        players: Sequence[Sequence[sympy.Symbol | str]],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "game",
    ) -> Self:
        """Make the field of a game: player c moves its own variables along −∇ of its own loss; each player is a part.

        Examples
        --------
        >>> bilinear = VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
        >>> bilinear([1.0, 2.0])
        array([-2.,  1.])
        """
        if len(losses) != len(players):
            raise ValueError(f"a game needs one loss for each player, got {len(losses)} losses and {len(players)} players")
        groups = [_symbols(group) for group in players]
        symbols = _symbols([symbol for group in groups for symbol in group])
        values = _parameters(parameters, symbols)
        zero = sympy.Integer(0)
        parts = []
        for loss, group in zip(losses, groups, strict=True):
            expression = _scalar(loss, symbols, values)
            _lowered([expression], Graph(), symbols, values)  # refuses kinks before SymPy differentiates them
            parts.append([-sympy.diff(expression, symbol) if symbol in group else zero for symbol in symbols])
        return cls.split(parts, symbols, parameters, name=name)

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian is known to be symmetric."""
        return False

    def parts(self, graph: Graph) -> list[list[int]]:
        """Return the components of each part, in a copy of this field's graph."""
        return [list(row) for row in self.nodes]

    def __call__(self, theta: ArrayLike) -> Array:
        """Return f at θ, shape (…, d)."""
        parts = [np.stack(self.evaluate(row, theta), axis=-1) for row in self.nodes]
        return np.sum(parts, axis=0)

    def jacobian(self, theta: ArrayLike) -> Array:
        """Return f′, shape (…, d, d)."""
        graph = self.graph.copy()
        total = total_field(self, graph)
        rows = jacobian(graph, total, [graph.input(name) for name in self.inputs])
        return np.stack([np.stack(self.evaluate(row, theta, graph), axis=-1) for row in rows], axis=-2)


def total_field(source: Loss | VectorField, graph: Graph) -> list[int]:
    """Return the sum of the parts of a field, d nodes of `graph`."""
    first, *others = source.parts(graph)
    for part in others:
        first = [graph.add(a, b) for a, b in zip(first, part, strict=True)]
    return first


def _symbols(variables: Iterable[sympy.Symbol | str]) -> tuple[sympy.Symbol, ...]:
    if isinstance(variables, (str, sympy.Symbol)):
        variables = [variables]
    found = []
    for variable in variables:
        if isinstance(variable, str) and variable.isidentifier():
            found.append(sympy.Symbol(variable))
        elif isinstance(variable, sympy.Symbol):
            found.append(variable)
        else:
            raise TypeError(f"a variable is a SymPy symbol or a name such as 'x', got {variable!r}")
    if not found:
        raise ValueError("at least one variable is needed, such as variables=['x', 'y']")
    names = [symbol.name for symbol in found]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(f"the variable {repeated.pop()!r} is listed twice")
    return tuple(found)


def _parameters(given: Mapping[sympy.Symbol | str, float] | None, variables: tuple[sympy.Symbol, ...]) -> dict[str, float]:
    values: dict[str, float] = {}
    for key, value in (given or {}).items():
        name = key.name if isinstance(key, sympy.Symbol) else key
        if name in {variable.name for variable in variables}:
            raise ValueError(f"{name!r} is a variable and cannot be a parameter too")
        number = exact(value, what=f"the parameter {name}")
        if isinstance(number, sympy.Expr) and number.free_symbols:
            raise ValueError(f"the parameter {name} needs a number, got {value!r}")
        values[name] = float(to_sympy(number))
    return values


def _scalar(expr: Any, variables: tuple[sympy.Symbol, ...], parameters: Mapping[str, float]) -> sympy.Expr:
    if isinstance(expr, str):
        parsed = parse_expression(expr, [v.name for v in variables] + list(parameters))
        return parsed.xreplace({sympy.Symbol(v.name): v for v in variables})
    if isinstance(expr, bool) or not isinstance(expr, (int, float, sympy.Expr)) or getattr(expr, "is_Matrix", False):
        raise TypeError(f"expected one scalar SymPy expression, got {type(expr).__name__}; sum or average it to a single number")
    expression: sympy.Expr = sympy.sympify(expr)
    if not expression.is_commutative:
        raise TypeError(f"expected a scalar expression, but {expression} contains matrices or non-commuting symbols")
    return expression


def _lowered(
    expressions: Sequence[sympy.Expr], graph: Graph, variables: tuple[sympy.Symbol, ...], parameters: Mapping[str, float]
) -> list[int]:
    names = {symbol: f"y{i}" for i, symbol in enumerate(variables)}
    positions = {name: f"p{i}" for i, name in enumerate(parameters)}
    for expression in expressions:
        for symbol in expression.free_symbols:
            if symbol.name in positions:
                names[symbol] = positions[symbol.name]
    for index in range(len(variables)):
        graph.input(f"y{index}")
    try:
        return lower(expressions, graph, names)
    except ZeroDivisionError:
        raise ValueError(f"the expression {expressions[0]} divides by zero") from None

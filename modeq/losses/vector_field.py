"""Vector fields on symbols: any f, with one or more parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self, final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..graph.differentiation import jacobian
from ..graph.graph import Graph
from .field import Array
from .symbolic_field import SymbolicField, as_parameters, as_scalar, as_symbols, lowered, total_field


@final
@dataclass(frozen=True, eq=False, repr=False)
class VectorField(SymbolicField):
    """Any smooth field f(θ), the sum of one or more parts.

    Attributes
    ----------
    expressions
        One tuple of d SymPy expressions for each part.

    Examples
    --------
    >>> VectorField.from_sympy(["v", "-sin(x)"], ["x", "v"]).jacobian([0.0, 1.0])
    array([[ 0.,  1.],
           [-1.,  0.]])
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
        """Make a field f = f₁ + f₂ + … whose parts are the colours 0, 1, … of a method with several fields.

        Examples
        --------
        >>> pendulum = VectorField.split([["v", 0], [0, "-sin(x)"]], ["x", "v"])  # for symplectic Euler
        >>> pendulum([0.0, 1.0])
        array([1., 0.])
        """
        symbols = as_symbols(variables)
        values = as_parameters(parameters, symbols)
        rows = []
        for part in parts:
            if isinstance(part, (str, sympy.Expr)):
                raise TypeError(f"expected {len(symbols)} components for each part, got the single expression {part!r}")
            row = tuple(as_scalar(expr, symbols, values) for expr in part)
            if len(row) != len(symbols):
                raise ValueError(f"a field in {len(symbols)} variables has {len(symbols)} components, got {len(row)}")
            rows.append(row)
        if not rows:
            raise ValueError("a vector field needs at least one part")
        graph = Graph()
        nodes = tuple(tuple(lowered(row, graph, symbols, values)) for row in rows)
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
        groups = [as_symbols(group) for group in players]
        symbols = as_symbols([symbol for group in groups for symbol in group])
        values = as_parameters(parameters, symbols)
        zero = sympy.Integer(0)
        parts = []
        for loss, group in zip(losses, groups, strict=True):
            expression = as_scalar(loss, symbols, values)
            lowered([expression], Graph(), symbols, values)  # refuses kinks before SymPy differentiates them
            parts.append([-sympy.diff(expression, symbol) if symbol in group else zero for symbol in symbols])
        return cls.split(parts, symbols, parameters, name=name)

    @property
    def fields(self) -> int:
        """Number of parts."""
        return len(self.nodes)

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian is known to be symmetric."""
        return False

    def parts(self, graph: Graph) -> list[list[int]]:
        """Return the components of each part, in a copy of this field's graph."""
        return [list(row) for row in self.nodes]

    def __call__(self, theta: ArrayLike) -> Array:
        """Return f at θ, shape (…, d)."""
        return self.value(theta)

    def value(self, theta: ArrayLike) -> Array:
        """Return f, the sum of its parts, shape (…, d)."""
        return np.sum([self.part(number, theta) for number in range(self.fields)], axis=0)

    def part(self, number: int, theta: ArrayLike) -> Array:
        """Return one part of f, shape (…, d)."""
        return np.stack(self.evaluate(self.nodes[number], theta), axis=-1)

    def jacobian(self, theta: ArrayLike) -> Array:
        """Return f′, shape (…, d, d)."""
        graph = self.graph.copy()
        total = total_field(self, graph)
        rows = jacobian(graph, total, [graph.input(name) for name in self.inputs])
        return np.stack([np.stack(self.evaluate(row, theta, graph), axis=-1) for row in rows], axis=-2)

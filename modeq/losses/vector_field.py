"""Vector fields on symbols: any f, with one or more parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, Self, final, overload

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..graph.differentiation import jacobian
from ..graph.graph import Graph
from .arguments import checked_data, checked_shapes
from .field import Array, Field
from .loss import Loss
from .parted import parted
from .symbolic_field import SymbolicField, as_parameters, as_scalar, as_symbols, lowered, total_field
from .symbolic_loss import SymbolicLoss
from .time_field import SymbolicTimeField
from .time_jets import ArrayTimeField, traced_time_field


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

    @overload
    @classmethod
    def from_sympy(
        cls,
        exprs: Iterable[sympy.Expr | str],
        variables: Iterable[sympy.Symbol | str],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "vector field",
        time: None = None,
    ) -> Self: ...

    @overload
    @classmethod
    def from_sympy(
        cls,
        exprs: Iterable[sympy.Expr | str],
        variables: Iterable[sympy.Symbol | str],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "vector field",
        time: sympy.Symbol | str,
    ) -> SymbolicTimeField: ...

    @classmethod
    def from_sympy(
        cls,
        exprs: Iterable[sympy.Expr | str],
        variables: Iterable[sympy.Symbol | str],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "vector field",
        time: sympy.Symbol | str | None = None,
    ) -> Self | SymbolicTimeField:
        """Make a field from its d components.

        Parameters
        ----------
        exprs
            The components, SymPy expressions or text.
        variables
            The d coordinates.
        parameters
            Values of other symbols.
        name
            For tables and messages.
        time
            The symbol s of a field f(x, s) that depends on time; a run begins at s = 0.

        Raises
        ------
        TypeError, ValueError
            If there are not as many components as variables, or one of them is not smooth (see `Loss.from_sympy`).

        Examples
        --------
        >>> VectorField.from_sympy(["v", "-x"], ["x", "v"])([1.0, 0.0])
        array([ 0., -1.])
        >>> VectorField.from_sympy(["-x + cos(s)"], ["x"], time="s")([1.0], 0.0)
        array([0.])
        """
        if time is None:
            return cls.split([exprs], variables, parameters, name=name)
        if isinstance(exprs, (str, sympy.Expr)):
            raise TypeError(f"expected a list of components, got the single expression {exprs!r}")
        components, symbols = list(exprs), as_symbols(variables)
        if len(components) != len(symbols):
            raise ValueError(f"a field in {len(symbols)} variables has {len(symbols)} components, got {len(components)}")
        (clock,) = as_symbols([time])
        if clock.name in {symbol.name for symbol in symbols}:
            raise ValueError(f"the time {clock.name!r} is a variable, too; choose another name")
        augmented = cls.split([[*components, sympy.Integer(1)]], [*symbols, clock], parameters, name=name)
        return SymbolicTimeField(name, clock, augmented)

    @staticmethod
    def from_numpy(
        function: Callable[..., Any],
        params: Mapping[str, int | tuple[int, ...]],
        data: Mapping[str, ArrayLike] | None = None,
        *,
        name: str | None = None,
    ) -> ArrayTimeField:
        """Make a field of arrays that depends on time from ordinary NumPy code.

        Parameters
        ----------
        function
            ``function(arrays, s, **data)`` returns the components, by name or, if there is one array, as one. It is run once, on
            stand-ins that record what is done to them; `graph.numpy_operations` lists what they know.
        params
            Name and shape of each array; θ holds them in this order, each row by row.
        data
            Fixed arrays by name, finite numbers.
        name
            What tables and messages call it; the name of the function when left out.

        Raises
        ------
        TypeError, ValueError
            If the function uses an operation outside the set, or returns other shapes.

        Examples
        --------
        >>> field = VectorField.from_numpy(lambda p, s: np.tanh(p["x"]) * s, {"x": (3,)}, name="ramp")
        >>> field.dimension, field(np.zeros(3), 0.5)
        (3, array([0., 0., 0.]))
        """
        title = name if name is not None else getattr(function, "__name__", "vector field")
        arrays = {key: np.asarray(value) for key, value in checked_data(data).items()}
        return traced_time_field(function, checked_shapes(params)[0], arrays, str(title))

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

    @staticmethod
    def from_losses(losses: Iterable[Loss], *, name: str = "losses") -> Field:
        """Make the field of several losses of the same parameters: each part is −∇ of one, such as a minibatch.

        Parameters
        ----------
        losses
            At least one; they need not be of one kind.

        Raises
        ------
        TypeError, ValueError
            If there is none, or parameters differ.

        Examples
        --------
        >>> first, second = (Loss.from_sympy(f"(x - {a})**2/2", ["x"]) for a in (1, 2))
        >>> f = VectorField.from_losses([first, second])
        >>> f.part(0, [0.0]), f.value([0.0])
        (array([1.]), array([3.]))
        """
        every = list(losses)
        return field_of_losses(every[0] if every else None, every, name)

    @classmethod
    def game(
        cls,
        losses: Sequence[sympy.Expr | str] | Sequence[Loss],
        players: Sequence[Sequence[sympy.Symbol | str]],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "game",
    ) -> Field:
        """Make the field of a game: player c moves its own variables along −∇ of its own loss; each player is a part.

        Parameters
        ----------
        losses
            One for each player: expressions in the variables, or losses – also networks – that all take the parameters of all players.
        players
            The variables, or the names of the parameters, that each player moves.
        parameters
            Of expressions: symbols that are no coordinates, with their values.

        Examples
        --------
        >>> bilinear = VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
        >>> bilinear([1.0, 2.0])
        array([-2.,  1.])
        """
        if len(losses) != len(players):
            raise ValueError(f"a game needs one loss for each player, got {len(losses)} losses and {len(players)} players")
        return game_of(losses[0] if losses else None, losses, players, parameters, name)

    @classmethod
    def _game(
        cls,
        losses: Sequence[sympy.Expr | str],
        players: Sequence[Sequence[sympy.Symbol | str]],
        parameters: Mapping[sympy.Symbol | str, float] | None,
        name: str,
    ) -> Self:
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
        return self._jacobian(graph, total_field(self, graph), theta)

    def part_jacobian(self, number: int, theta: ArrayLike) -> Array:
        """Return the Jacobian of one part, shape (…, d, d)."""
        return self._jacobian(self.graph.copy(), self.nodes[number], theta)

    def _jacobian(self, graph: Graph, components: Sequence[int], theta: ArrayLike) -> Array:
        rows = jacobian(graph, components, [graph.input(name) for name in self.inputs])
        return np.stack([np.stack(self.evaluate(row, theta, graph), axis=-1) for row in rows], axis=-2)


@singledispatch
def game_of(first: Any, losses: Any, players: Any, parameters: Any, name: str) -> Field:
    """Make the field of a game of losses of the kind of the first: here expressions."""
    return VectorField._game(losses, players, parameters, name)


@game_of.register
def _(first: Loss, losses: Any, players: Any, parameters: Any, name: str) -> Field:
    if parameters is not None:
        raise TypeError("losses have their own parameters; leave parameters out, which is for expressions")
    return parted(losses, players, name=name)


@singledispatch
def field_of_losses(first: Any, losses: list[Loss], name: str) -> Field:
    """Make the field of losses of the kind of the first."""
    return parted(losses, name=name)


@field_of_losses.register
def _(first: SymbolicLoss, losses: list[Any], name: str) -> Field:
    values: dict[str, float] = {}
    for loss in losses:
        if type(loss) is not type(first) or loss.variables != first.variables:
            return parted(losses, name=name)
        if any(values.setdefault(key, value) != value for key, value in loss.parameters.items()):
            return parted(losses, name=name)  # one name has two values
    rows = [[-sympy.diff(loss.expression, variable) for variable in first.variables] for loss in losses]
    return VectorField.split(rows, first.variables, values, name=name)

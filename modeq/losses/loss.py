"""Scalar losses on symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self, final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..graph.differentiation import gradient, jacobian
from ..graph.graph import Graph
from .field import Array, Field, as_parameters, as_scalar, as_symbols, lowered


@final
@dataclass(frozen=True, eq=False, repr=False)
class Loss(Field):
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

    Examples
    --------
    >>> E = Loss.from_sympy("a*x**2/2 + cos(y)", ["x", "y"], {"a": 3})
    >>> E.gradient([1.0, 0.0]), E.hessian([1.0, 0.0]).diagonal()
    (array([ 3., -0.]), array([ 3., -1.]))
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
        symbols = as_symbols(variables)
        values = as_parameters(parameters, symbols)
        expression = as_scalar(expr, symbols, values)
        graph = Graph()
        (value,) = lowered([expression], graph, symbols, values)
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

    def jacobian(self, theta: ArrayLike) -> Array:
        """Return f′ = −∇²E, shape (…, d, d)."""
        return -self.hessian(theta)

    def hvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇²E·v, shape (…, d)."""
        direction = self.check_points(v, what="v")
        return np.einsum("...ij,...j->...i", self.hessian(theta), direction)

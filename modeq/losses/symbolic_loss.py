"""Losses on symbols: a SymPy expression, its graph, and derivatives of any degree from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..graph.algebra import NumpyAlgebra
from ..graph.differentiation import gradient, jacobian
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram, TaylorSeries
from .field import Array
from .loss import Loss
from .symbolic_field import SymbolicField, as_parameters, as_scalar, as_symbols, lowered


@final
@dataclass(frozen=True, eq=False, repr=False)
class SymbolicLoss(Loss, SymbolicField):
    """A loss on symbols, made by `Loss.from_sympy`.

    Attributes
    ----------
    expression
        E in SymPy.

    See Also
    --------
    modeq.Loss.from_sympy : Makes it, with an example.
    """

    expression: sympy.Expr
    node: int = field(repr=False)

    @cached_property
    def _derivatives(self) -> tuple[Graph, list[int], list[list[int]]]:
        graph = self.graph.copy()
        inputs = [graph.input(name) for name in self.inputs]
        slope = gradient(graph, self.node, inputs)
        return graph, slope, jacobian(graph, slope, inputs)

    def parts(self, graph: Graph) -> list[list[int]]:
        """Return −∇E as the one part of the field, in a copy of this loss's graph."""
        inputs = [graph.input(name) for name in self.inputs]
        return [[graph.negate(node) for node in gradient(graph, self.node, inputs)]]

    def __call__(self, theta: ArrayLike) -> Any:
        """Return E at θ of shape (d,), or at many points of shape (…, d)."""
        (value,) = self.evaluate([self.node], theta)
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

    @cached_property
    def _taylor(self) -> TaylorProgram:
        graph, slope, _ = self._derivatives
        return TaylorProgram(graph.copy(), slope)

    def along(self, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of ∇E along a path, shape (degrees, d), like the path.

        Examples
        --------
        >>> Loss.from_sympy("x**3/3", ["x"]).along([[2.0], [1.0], [0.0]]).ravel()  # (2 + s)²
        array([4., 4., 1.])
        """
        coefficients = self.check_points(path, what="the path")
        fixed = {f"p{i}": value for i, value in enumerate(self.parameters.values())}
        series = TaylorSeries(self._taylor, NumpyAlgebra(), self.inputs, fixed)
        with np.errstate(all="ignore"):
            rows = [series.extend(list(row)) for row in coefficients]
        return np.array([[0.0 if entry is None else entry for entry in row] for row in rows], coefficients.dtype)

    @cached_property
    def _third(self) -> tuple[Graph, list[int]]:
        graph, _, rows = self._derivatives
        graph, form = graph.copy(), graph.zero
        for i, row in enumerate(rows):
            for j, entry in enumerate(row):
                form = graph.add(form, graph.multiply(entry, graph.multiply(graph.input(f"u{i}"), graph.input(f"v{j}"))))
        return graph, gradient(graph, form, [graph.input(name) for name in self.inputs])

    def third(self, theta: ArrayLike, u: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇³E[u, v], shape (d,), the gradient of uᵀ∇²E v.

        Examples
        --------
        >>> Loss.from_sympy("x**2*y", ["x", "y"]).third([3.0, 5.0], [1.0, 0.0], [1.0, 0.0])  # (0, ∂³E/∂x²∂y)
        array([0., 2.])
        """
        graph, outputs = self._third
        first, second = self.check_point(u, what="u"), self.check_point(v, what="v")
        others = {f"u{i}": value for i, value in enumerate(first)} | {f"v{i}": value for i, value in enumerate(second)}
        return np.stack(self.evaluate(outputs, self.check_point(theta), graph, others))


def symbolic_loss(
    expr: sympy.Expr | str, variables: Iterable[sympy.Symbol | str], parameters: Mapping[sympy.Symbol | str, float] | None, name: str
) -> SymbolicLoss:
    """Do what `Loss.from_sympy` says."""
    symbols = as_symbols(variables)
    values = as_parameters(parameters, symbols)
    expression = as_scalar(expr, symbols, values)
    graph = Graph()
    (value,) = lowered([expression], graph, symbols, values)
    return SymbolicLoss(name, symbols, values, graph, expression, value)

r"""Stochastic equations on fields: drift and diffusion at many points at once.

With the fields f_1 … f_m of equally likely batches, f their mean, the columns of a root of the covariance are the contrasts

.. math:: w_j = \frac{1}{\sqrt{m}}\,\frac{f_1+\dots+f_j-j\,f_{j+1}}{\sqrt{j(j+1)}},\qquad \sum_{j<m}w_jw_j^T=\Sigma

(the Helmert matrix): smooth where the f_k are, with one column less than there are batches. On symbols drift and columns are one
generated function of many points.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from ..codegen.source import Source, assign, field_source
from ..codegen.tiers import GeneratedModule, generated_module
from ..extension_points import bind
from ..graph.graph import Graph
from ..kernels.branches import log1p_ratios
from ..losses.field import Field
from ..losses.symbolic_field import SymbolicField, total_field
from ..series.stochastic import StochasticEquation
from .checks import check_field, module_title
from .flow import Array, Flow, Piece, check_step
from .symbols import field_jacobian


@dataclass(frozen=True, eq=False, repr=False)
class StochasticFlow(Flow):
    """A stochastic equation on a field. As a `Flow` it is its drift alone; `modeq.sample` draws paths.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[1, 0], [0, 2]])
    >>> flow = mq.stochastic_equation(2, covariance=[[1, 0], [0, 4]]).on(E)
    >>> drift, noise = flow.coefficients([[1.0, 1.0]], h=0.25)
    >>> drift, noise[0].T @ noise[0]  # −g − h/2 Hg, and hΣ
    (array([[-1.125, -2.5  ]]), array([[0.25, 0.  ],
           [0.  , 1.  ]]))
    """

    equation: StochasticEquation

    @property
    def remark(self) -> str:
        """Say what is integrated."""
        return "the drift alone; mq.sample draws paths"

    @property
    def noises(self) -> int:
        """Number k of independent Wiener processes."""
        return self.field.dimension if self.equation.covariance is not None or self.equation.order == 0 else self.field.fields - 1

    def coefficients(self, points: ArrayLike, h: float) -> tuple[Array, Array]:
        """Return drift and diffusion of dX = b dt + Σ_j B_j dW_j.

        Parameters
        ----------
        points
            Shape (n, d).
        h
            Step size.

        Returns
        -------
        tuple
            b, shape (n, d), and the columns B_j, shape (n, k, d).
        """
        given = np.atleast_2d(self.field.check_points(points))
        drift, columns = self.across(np.ascontiguousarray(given.T, dtype=float), check_step(h))
        return drift.T, np.moveaxis(columns, 2, 0)

    def across(self, y: Array, h: float) -> tuple[Array, Array]:
        """Return b, shape (d, n), and the columns B_j, shape (k, d, n), at points of shape (d, n): SciPy's layout of many points."""
        drift, columns = self._of_points(y.T, h)
        return drift.T, np.moveaxis(columns, 0, 2)

    def _of_points(self, points: Array, h: float) -> tuple[Array, Array]:
        values = self._parts(points)
        f = np.mean(values, axis=0)
        columns = self._columns(values, h)
        if self.equation.order == 1:
            return f, columns
        if self.equation.order == 2:
            return f - h / 2 * self._slope_of_mean(points, f), columns
        return self._hessian_aware(points, f, columns, h)

    def _parts(self, points: Array) -> Array:
        return np.stack([self.field.part(number, points) for number in range(self.field.fields)])

    def _columns(self, values: Array, h: float) -> Array:
        """Return the columns √h w_j, shape (n, k, d), from the fields of all batches, shape (m, n, d)."""
        if self.equation.covariance is not None:
            return np.broadcast_to(np.sqrt(h) * root(self.equation.covariance), (values.shape[1], *self.equation.covariance.shape))
        return np.moveaxis(np.sqrt(h) * np.einsum("jk,knd->jnd", contrasts(len(values)), values), 0, 1)

    def _slope_of_mean(self, points: Array, f: Array) -> Array:
        """Return f′f at points."""
        if not self.field.symmetric or self.field.fields > 1:
            pairs = [np.stack([point, move]) for point, move in zip(points, f, strict=True)]
            return np.mean([[self.field.part_along(k, path)[1] for path in pairs] for k in range(self.field.fields)], axis=0)
        return self.field.jvp(points, f)

    def _hessian_aware(self, points: Array, f: Array, columns: Array, h: float) -> tuple[Array, Array]:
        """Return Σ log(1 − hλ)/(hλ) (uᵀg) u, and a root of BBᵀ from the columns √h w_j of a root of hΣ."""
        jacobians = np.mean([self.field.part_jacobian(k, points) for k in range(self.field.fields)], axis=0)
        values, vectors = np.linalg.eigh(h * (jacobians + np.swapaxes(jacobians, -1, -2)) / 2)  # −hλ
        drift = np.einsum("nij,nj,nkj,nk->ni", vectors, log1p_ratios(values), vectors, f)
        inside = np.einsum("nji,nkj->nki", vectors, columns)  # in the eigenbasis
        pairs = values[:, :, np.newaxis] * values[:, np.newaxis] + values[:, :, np.newaxis] + values[:, np.newaxis]
        square = np.einsum("nki,nkj->nij", inside, inside) * log1p_ratios(pairs)
        rows = root(square)
        return drift, np.einsum("nij,nkj->nki", vectors, rows)

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the drift."""

        def right(t: float, theta: Array) -> Array:
            return self.across(theta[:, np.newaxis], h)[0][:, 0]

        return (Piece(right),)


@final
@dataclass(frozen=True, eq=False, repr=False)
class CompiledStochasticFlow(StochasticFlow):
    """Weak order 1 or 2 on symbols: drift and columns are generated as one function of many points."""

    field: SymbolicField

    @cached_property
    def module(self) -> GeneratedModule:
        """The generated module; its ``batch`` takes points of shape (d, n) and gives drift and columns one below the other."""
        return generated_module(self._source())

    def compile(self) -> None:
        """Compile drift and columns, see `modeq.compile`."""
        self.module.compile()
        self.across(np.zeros((self.field.dimension, 1)), 1.0)

    def _source(self) -> Source:
        field, graph = self.field, self.field.graph.copy()
        parts = field.parts(graph)
        share, h = graph.constant(Fraction(1, len(parts))), graph.input("h")
        f = [graph.multiply(share, node) for node in total_field(field, graph)]
        drift = f
        if self.equation.order == 2:
            drift, d, half = list(f), len(f), graph.multiply(graph.constant(Fraction(-1, 2)), h)
            rows = field_jacobian(field, graph, f)
            for i in range(d):
                for j in range(d):
                    drift[i] = graph.add(drift[i], graph.multiply(half, graph.multiply(rows[i * d + j], f[j])))
        columns = [] if self.equation.covariance is not None else _contrasts_on(graph, parts, h)
        body = assign(graph, [*drift, *(node for column in columns for node in column)], field.dimension, list(field.parameters))
        return field_source(body, module_title(self.title, self.equation.method.name, field))

    def across(self, y: Array, h: float) -> tuple[Array, Array]:
        """Return drift and columns at points of shape (d, n) from the generated module."""
        d, n = y.shape
        given = self.equation.covariance
        out = np.empty((d * (1 + (self.noises if given is None else 0)), n))
        self.module.batch(y, self.field.parameter_vector(h), out)
        if given is not None:
            return out, np.broadcast_to(np.sqrt(h) * root(given)[..., np.newaxis], (d, d, n))
        return out[:d], out[d:].reshape(self.noises, d, n)


@bind.register(StochasticEquation, Field)
def _(equation: StochasticEquation, field: Field) -> StochasticFlow:
    _check(equation, field)
    return StochasticFlow(equation, field)


@bind.register(StochasticEquation, SymbolicField)
def _(equation: StochasticEquation, field: SymbolicField) -> StochasticFlow:
    _check(equation, field)
    return CompiledStochasticFlow(equation, field) if equation.order else StochasticFlow(equation, field)


def _check(equation: StochasticEquation, field: Field) -> None:
    check_field(field, field.fields, equation.title)
    if equation.covariance is None and field.fields < 2:
        raise ValueError(
            f"{field.name} has one part, so no noise is known; put the equation on VectorField.from_losses(batches), or give "
            "stochastic_equation a covariance"
        )
    if equation.covariance is not None and len(equation.covariance) != field.dimension:
        raise ValueError(f"{field.name} has {field.dimension} coordinates, the covariance has the shape {equation.covariance.shape}")


def contrasts(count: int) -> Array:
    """Return the matrix that takes the fields of m batches to the columns w_j, shape (m − 1, m).

    >>> C = contrasts(3)
    >>> bool(np.allclose(C.T @ C, (np.eye(3) - 1 / 3) / 3))  # the covariance of one of three
    True
    """
    rows = np.zeros((count - 1, count))
    for j in range(1, count):
        rows[j - 1, :j] = 1
        rows[j - 1, j] = -j
        rows[j - 1] /= np.sqrt(j * (j + 1) * count)
    return rows


def root(covariance: Array) -> Array:
    """Return rows r_k with Σ_k r_k r_kᵀ = Σ for positive semidefinite matrices, shape (…, d, d)."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(np.sqrt(np.maximum(values, 0))[..., np.newaxis] * np.swapaxes(vectors, -1, -2))


def _contrasts_on(graph: Graph, parts: list[list[int]], h: int) -> list[list[int]]:
    """Build the columns √h w_j as nodes."""
    scale = graph.power(graph.multiply(h, graph.constant(Fraction(1, len(parts)))), Fraction(1, 2))
    running, columns = list(parts[0]), []
    for j in range(1, len(parts)):
        length = graph.multiply(scale, graph.power(graph.constant(Fraction(j * (j + 1))), Fraction(-1, 2)))
        last = [graph.multiply(graph.constant(Fraction(j)), node) for node in parts[j]]
        columns.append([graph.multiply(length, graph.subtract(a, b)) for a, b in zip(running, last, strict=True)])
        running = [graph.add(a, b) for a, b in zip(running, parts[j], strict=True)]
    return columns

"""The modified equation of the mean of a reshuffled epoch on a field with one part for each batch.

On symbols the sum over trees that share batches becomes one graph; elsewhere the elementary differentials are computed from Taylor
coefficients of the parts along straight lines, by polarisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from typing import final

import numpy as np
import sympy

from ..codegen.source import Source, assign, field_source
from ..extension_points import bind
from ..graph.algebra import as_float, evaluate
from ..graph.graph import Graph
from ..graph.polynomials import PolynomialAlgebra
from ..losses.field import Field
from ..losses.symbolic_field import SymbolicField
from ..series.epoch_equation import EpochEquation
from ..trees.batched import block_symmetry, recoloured
from ..trees.rooted import RootedTree
from .checks import check_field, check_names, module_title
from .compiled import Code, CompiledFlow
from .elementary import elementary_differentials
from .flow import Array, Flow, Piece
from .symbols import input_symbols


@final
@dataclass(frozen=True, eq=False, repr=False)
class EpochFlow(CompiledFlow):
    """The mean epoch on a field on symbols.

    Examples
    --------
    >>> import modeq as mq
    >>> batches = mq.VectorField.from_losses([mq.Loss.from_sympy(f"(x - {a})**2/2", ["x"]) for a in (0, 2)])
    >>> flow = mq.modified_equation(mq.reshuffled_epoch(mq.GradientDescent(), order=2)).on(batches)
    >>> flow([3.0], 0.1)  # −g − h/2 (Hg + ⟨H_k g_k⟩ of the deviations, here 0) with g = 2, H = 1
    array([-2.1])
    """

    equation: EpochEquation


@final
@dataclass(frozen=True, eq=False, repr=False)
class EpochJetFlow(Flow):
    """The mean epoch on a field of any other kind, such as minibatches of a network."""

    equation: EpochEquation

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the one field."""
        terms = [
            (tree, as_float(b / block_symmetry(tree)) * h ** (tree.order - 1)) for tree, b in self.equation.coefficients.items() if b != 0
        ]

        def right(t: float, theta: Array) -> Array:
            differentials = _Differentials(self.field, theta)
            return np.sum([weight * differentials.mean_over_batches(tree) for tree, weight in terms], axis=0)

        return (Piece(right),)


@bind.register(EpochEquation, SymbolicField)
def _(equation: EpochEquation, field: SymbolicField) -> EpochFlow:
    counted = _with_count(equation, field)
    check_names(counted.method, field)

    def build(graph: Graph) -> list[int]:
        return _symbolic_sum(counted, field, graph)

    def assemble() -> Source:
        graph = field.graph.copy()
        body = assign(graph, build(graph), field.dimension, list(field.parameters))
        return field_source(body, module_title(counted.title, counted.method.name, field))

    def expressions() -> sympy.Matrix:
        algebra, graph = PolynomialAlgebra(), field.graph.copy()
        nodes = build(graph)
        inputs = algebra.inputs(input_symbols(field))
        return sympy.Matrix([algebra.expression(value) for value in evaluate(graph, nodes, inputs, algebra)])

    return EpochFlow(counted, field, Code(assemble, expressions))


@bind.register(EpochEquation, Field)
def _(equation: EpochEquation, field: Field) -> EpochJetFlow:
    counted = _with_count(equation, field)
    counted.method.require_numbers("binding an equation to a loss on arrays")
    return EpochJetFlow(counted, field)


def _with_count(equation: EpochEquation, field: Field) -> EpochEquation:
    """Set the number of batches to that of the field, or raise if it has another one."""
    count = equation.series.batches
    if isinstance(count, Fraction):
        if count != field.fields:
            raise ValueError(f"the equation is for {count} batches, but {field.name} has {field.fields} part(s); leave the number out")
        return equation
    check_field(field, field.fields, equation.title)
    return equation.with_parameters(**{str(count): field.fields})


def _batches(tree: RootedTree, count: int) -> Iterator[RootedTree]:
    """Yield the tree with a batch for each block: colour 0 stays the mean, colour k + 1 is the deviation of batch k."""
    colours = tree.colour_sequence
    for chosen in product(range(1, count + 1), repeat=max(colours)):
        yield recoloured(tree, [chosen[colour - 1] if colour else 0 for colour in colours])


def _symbolic_sum(equation: EpochEquation, field: SymbolicField, graph: Graph) -> list[int]:
    parts, inputs, count = field.parts(graph), [graph.input(name) for name in field.inputs], field.fields
    share = graph.constant(Fraction(1, count))
    mean = [graph.zero] * field.dimension
    for part in parts:
        mean = [graph.add(total, graph.multiply(share, node)) for total, node in zip(mean, part, strict=True)]
    deviations = [[graph.subtract(node, middle) for node, middle in zip(part, mean, strict=True)] for part in parts]
    terms = [
        (one, b / block_symmetry(tree) / count ** max(tree.colour_sequence))
        for tree, b in equation.coefficients.items()
        if b != 0
        for one in _batches(tree, count)
    ]
    differentials = elementary_differentials(graph, [mean, *deviations], inputs, [tree for tree, _ in terms])
    rows = [[graph.zero] * field.dimension for _ in range(equation.order)]
    for tree, weight in terms:
        scaled = [graph.multiply(graph.constant(weight), node) for node in differentials[tree]]
        rows[tree.order - 1] = [graph.add(a, b) for a, b in zip(rows[tree.order - 1], scaled, strict=True)]
    h, outputs = graph.input("h"), [graph.zero] * field.dimension
    for row in reversed(rows):  # Horner's rule
        outputs = [graph.add(node, graph.multiply(h, total)) for node, total in zip(row, outputs, strict=True)]
    return outputs


class _Differentials:
    """Elementary differentials of the mean field (colour 0) and the deviations of batch k (colour k + 1) at one point."""

    def __init__(self, field: Field, theta: Array) -> None:
        self._field, self._theta = field, theta
        self._known: dict[RootedTree, Array] = {}
        self._derivatives: dict[tuple[RootedTree, ...], list[Array]] = {}

    def mean_over_batches(self, tree: RootedTree) -> Array:
        """Return ⟨F(T)⟩, shape (d,)."""
        return np.mean([self._differential(one) for one in _batches(tree, self._field.fields)], axis=0)

    def _differential(self, tree: RootedTree) -> Array:
        if tree not in self._known:
            of_parts = self._of_parts(tree.children)
            mean = np.mean(of_parts, axis=0)
            self._known[tree] = of_parts[tree.colour - 1] - mean if tree.colour else mean
        return self._known[tree]

    def _of_parts(self, children: tuple[RootedTree, ...]) -> list[Array]:
        """Return f_k^(q)[F(τ₁), …, F(τ_q)] of all parts k."""
        if children not in self._derivatives:
            directions = [self._differential(child) for child in children]
            self._derivatives[children] = [
                multilinear(partial(self._field.part_along, k), self._theta, directions) for k in range(self._field.fields)
            ]
        return self._derivatives[children]


def multilinear(along: Callable[[Array], Array], theta: Array, directions: list[Array]) -> Array:
    """Return D^q f[v₁, …, v_q] by polarisation: Σ_S (−1)^(q−|S|) times the coefficient of s^q along θ + s Σ_S v.

    Parameters
    ----------
    along
        Taylor coefficients of f along a path, both of shape (degrees, d).
    theta
        The point, shape (d,).
    directions
        v₁ … v_q, shape (d,) each.
    """
    q = len(directions)
    if q == 0:
        return along(theta[np.newaxis])[0]
    total = np.zeros_like(theta)
    for size in range(1, q + 1):
        for chosen in combinations(directions, size):
            path = np.zeros((q + 1, len(theta)), theta.dtype)
            path[0], path[1] = theta, np.sum(chosen, axis=0)
            total = total + (-1) ** (q - size) * along(path)[q]
    return total

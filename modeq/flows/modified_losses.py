r"""A modified loss on a concrete loss: contractions of the derivatives of E, as a graph of scalars or arrays.

Cutting one edge of a free tree t leaves two rooted trees u and v, and the contraction over that edge is an inner product,

.. math::  S_t = (-1)^{|t|} F(u) \cdot F(v),

with the elementary differentials F of f = −∇E: what sums over trees need is all that is needed here. The edge is the one from
the centroid to its largest branch, which keeps both halves small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import sympy

from ..codegen.array_program import ArrayProgram
from ..graph.algebra import as_float, evaluate
from ..graph.arrays import full, reduce_sum
from ..graph.differentiation import gradient
from ..graph.graph import Graph
from ..graph.polynomials import Polynomial, PolynomialAlgebra
from ..losses.loss import ArrayLoss, Loss, SymbolicLoss
from ..methods.exact import Scalar, exact, to_sympy
from ..series.binding import bind, loss_expression
from ..series.modified_loss import ModifiedLoss
from ..trees.rooted import RootedTree
from .binding import check_names
from .elementary import elementary_differentials
from .flow import check_step

_Terms: TypeAlias = Sequence[tuple[RootedTree, Scalar]]  # free trees, E first, with what multiplies their contractions


@bind.register(ModifiedLoss)
def _(modified: ModifiedLoss, loss: Any, h: Any) -> Loss:
    step = exact(check_step(h))
    if not isinstance(loss, (ArrayLoss, SymbolicLoss)):
        raise TypeError(_expected_a_loss(loss))
    modified.method.require_numbers("a modified loss with values")
    terms = [(tree, value * step ** (tree.order - 1)) for tree, value in modified.terms if value != 0]
    name = f"modified {loss.name}"
    if isinstance(loss, ArrayLoss):
        return ArrayLoss(name, loss.layout, _program(loss, terms), box=loss.box, start=loss.start, reference=loss.reference)
    graph = loss.graph.copy()
    value = graph.zero
    for node, (_, weight) in zip(_symbolic_contractions(loss, graph, terms), terms, strict=True):
        value = graph.add(value, graph.multiply(graph.constant(weight), node))
    return SymbolicLoss(
        name,
        loss.variables,
        loss.parameters,
        graph,
        _expanded(loss, terms, sympy.Integer(1)),
        value,
        box=loss.box,
        start=loss.start,
        reference=loss.reference,
    )


@loss_expression.register(ModifiedLoss)
def _(modified: ModifiedLoss, loss: Any) -> sympy.Expr:
    if isinstance(loss, ArrayLoss):
        raise ValueError(f"{loss.name} is a loss on arrays and has no formula in the coordinates; build it with Loss.from_sympy for one")
    if not isinstance(loss, SymbolicLoss):
        raise TypeError(_expected_a_loss(loss))
    check_names(modified.method, loss)
    return _expanded(loss, [(tree, value) for tree, value in modified.terms if value != 0], sympy.Symbol("h"))


def contractions(graph: Graph, value: int, inputs: Sequence[int], trees: Sequence[RootedTree]) -> list[int]:
    """Build S_t for free trees, each given by its rooting at the centroid; `value` is the node of E.

    Parameters
    ----------
    inputs
        The input nodes of the coordinates, scalars or arrays.

    Returns
    -------
    list[int]
        One node of shape ``()`` for each tree.
    """
    shapes = [graph.nodes[number].shape for number in inputs]
    slopes = gradient(graph, value, inputs)
    field = [full(graph, graph.negate(node), shape) for node, shape in zip(slopes, shapes, strict=True)]
    halves = [(RootedTree(tree.children[1:]), tree.children[0]) for tree in trees if tree.children]
    differentials = elementary_differentials(graph, [field], inputs, [half for pair in halves for half in pair])
    known = {RootedTree(): value}
    for first, second in halves:
        total = graph.zero
        for a, b, shape in zip(differentials[first], differentials[second], shapes, strict=True):
            product = full(graph, graph.multiply(a, b), shape)
            total = graph.add(total, reduce_sum(graph, product, range(len(shape))))
        tree = RootedTree((second, *first.children))
        known[tree] = total if tree.order % 2 == 0 else graph.negate(total)
    return [known[tree] for tree in trees]


def _program(loss: ArrayLoss, terms: _Terms) -> ArrayProgram:
    graph, inputs = loss.program.graph.copy(), loss.program.inputs
    total, *nodes = contractions(graph, loss.program.value, inputs, [tree for tree, _ in terms])
    for node, (_, weight) in zip(nodes, terms[1:], strict=True):
        # Data and no constants, so that the compiled module does not change with the method and the step size.
        total = graph.add(total, graph.multiply(graph.data(np.array(as_float(weight))), node))
    return ArrayProgram(graph, total, inputs)


def _symbolic_contractions(loss: SymbolicLoss, graph: Graph, terms: _Terms) -> list[int]:
    return contractions(graph, loss.value, [graph.input(name) for name in loss.inputs], [tree for tree, _ in terms])


def _expanded(loss: SymbolicLoss, terms: _Terms, step: sympy.Expr) -> sympy.Expr:
    """Write Σ weight·step^(|t|−1)·S_t as a polynomial in the coordinates and functions of them."""
    graph = loss.graph.copy()
    nodes = _symbolic_contractions(loss, graph, terms)
    algebra = PolynomialAlgebra()
    inputs: dict[str, Polynomial] = {
        name: algebra.generator(symbol) for name, symbol in zip(loss.inputs, loss.variables, strict=True)
    } | {f"p{i}": algebra.generator(sympy.Symbol(name)) for i, name in enumerate(loss.parameters)}
    weights = [algebra.constant(to_sympy(weight) * step ** (tree.order - 1)) for tree, weight in terms]
    total = algebra.constant(0)
    for weight, value in zip(weights, evaluate(graph, nodes, inputs, algebra), strict=True):
        total = algebra.add(total, algebra.multiply(weight, value))
    return algebra.expression(total)


def _expected_a_loss(value: Any) -> str:
    hint = " (Loss.from_sympy makes one from a formula)" if isinstance(value, (str, sympy.Expr)) else ""
    return f"a modified loss needs a Loss, whose values it corrects, got {type(value).__name__}{hint}"

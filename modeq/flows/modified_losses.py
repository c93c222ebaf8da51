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
from ..exact import Scalar
from ..extension_points import loss_expression, modified_loss_on
from ..graph.algebra import SympyAlgebra, as_float, evaluate
from ..graph.arrays import full, reduce_sum
from ..graph.differentiation import gradient
from ..graph.graph import Graph
from ..graph.polynomials import PolynomialAlgebra
from ..losses.array_loss import ArrayLoss
from ..losses.loss import Loss
from ..losses.symbolic_loss import SymbolicLoss
from ..series.modified_loss import ModifiedLoss
from ..trees.rooted import RootedTree
from .checks import check_names
from .elementary import elementary_differentials
from .flow import check_step

_Terms: TypeAlias = Sequence[tuple[RootedTree, Scalar]]  # free trees, E first, with what multiplies h^(|t|−1) S_t
_LARGEST = 400  # operations on arrays: with many more Numba's analysis, which recurses along a function, meets Python's limit


@modified_loss_on.register(ModifiedLoss, ArrayLoss)
def _(modified: ModifiedLoss, loss: ArrayLoss, h: Any) -> Loss:
    step = check_step(h)
    modified.method.require_numbers("a modified loss with values")
    return _described(_on_arrays(loss, _terms(modified), step), loss)


@modified_loss_on.register(ModifiedLoss, SymbolicLoss)
def _(modified: ModifiedLoss, loss: SymbolicLoss, h: Any) -> Loss:
    step = check_step(h)
    modified.method.require_numbers("a modified loss with values")
    return _described(_on_symbols(loss, _terms(modified), step), loss)


@modified_loss_on.register(ModifiedLoss, object)
@loss_expression.register(ModifiedLoss, object)
def _(modified: ModifiedLoss, value: Any, h: Any = None) -> Any:
    hint = " (Loss.from_sympy makes one from a formula)" if isinstance(value, (str, sympy.Expr)) else ""
    raise TypeError(f"a modified loss needs a Loss, whose values it corrects, got {type(value).__name__}{hint}")


@loss_expression.register(ModifiedLoss, ArrayLoss)
def _(modified: ModifiedLoss, loss: ArrayLoss) -> sympy.Expr:
    raise ValueError(f"{loss.name} is a loss on arrays and has no formula in the coordinates; build it with Loss.from_sympy for one")


@loss_expression.register(ModifiedLoss, SymbolicLoss)
def _(modified: ModifiedLoss, loss: SymbolicLoss) -> sympy.Expr:
    check_names(modified.method, loss)
    graph, value = _sum(loss, _terms(modified))
    algebra = PolynomialAlgebra()
    inputs = algebra.inputs(_symbols(loss, "h"))
    (total,) = evaluate(graph, [value], inputs, algebra)
    return algebra.expression(total)


def _described(corrected: Loss, loss: Loss) -> Loss:
    """Give a modified loss what is known of the loss that it corrects."""
    return corrected.described(name=f"modified {loss.name}", box=loss.box, start=loss.start, reference=loss.reference)


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


def _terms(modified: ModifiedLoss) -> _Terms:
    return [(tree, value) for tree, value in modified.terms if value != 0]


def _on_arrays(loss: ArrayLoss, terms: _Terms, step: float) -> ArrayLoss:
    graph, inputs = loss.program.graph.copy(), loss.program.inputs
    total, *nodes = contractions(graph, loss.program.value, inputs, [tree for tree, _ in terms])
    for node, (tree, weight) in zip(nodes, terms[1:], strict=True):
        # Data and no constants, so that the compiled module does not change with the method and the step size.
        factor = graph.data(np.array(as_float(weight) * step ** (tree.order - 1)))
        total = graph.add(total, graph.multiply(factor, node))
    program = ArrayProgram(graph, total, inputs)
    if nodes and program.length > _LARGEST:
        raise ValueError(
            f"this modified loss of {loss.name} takes {program.length} operations on arrays, more than the {_LARGEST} that compile in "
            "minutes; use a lower order, or the field itself, equation.on(loss), which does without trees"
        )
    return ArrayLoss("", loss.layout, program)


def _on_symbols(loss: SymbolicLoss, terms: _Terms, step: float) -> SymbolicLoss:
    """Make the step size one more parameter, so that the compiled modules of flows do not change with it."""
    name = "step"
    while name in {*loss.parameters, *(variable.name for variable in loss.variables)}:
        name += "_"
    graph, value = _sum(loss, terms)
    (formula,) = evaluate(graph, [value], _symbols(loss, name), SympyAlgebra())
    return SymbolicLoss("", loss.variables, {**loss.parameters, name: step}, graph, formula, value)


def _sum(loss: SymbolicLoss, terms: _Terms) -> tuple[Graph, int]:
    """Return a graph with the node of Σ weight·h^(|t|−1)·S_t, where h is an input after the parameters of the loss."""
    graph = loss.graph.copy()
    h = graph.input(f"p{len(loss.parameters)}")
    nodes = contractions(graph, loss.node, [graph.input(name) for name in loss.inputs], [tree for tree, _ in terms])
    total = graph.zero
    for node, (tree, weight) in zip(nodes, terms, strict=True):
        factor = graph.multiply(graph.constant(weight), graph.power(h, tree.order - 1))
        total = graph.add(total, graph.multiply(factor, node))
    return graph, total


def _symbols(loss: SymbolicLoss, step: str) -> dict[str, sympy.Symbol]:
    """Return the symbol of each input of such a graph."""
    parameters = [sympy.Symbol(name) for name in (*loss.parameters, step)]
    return dict(zip(loss.inputs, loss.variables, strict=True)) | {f"p{i}": symbol for i, symbol in enumerate(parameters)}

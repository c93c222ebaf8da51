"""Forward mode through the operations that change shapes: the tangent of a result from those of its arguments."""

from __future__ import annotations

from collections.abc import Sequence

from .arrays import STEADY, full, matmul, select
from .graph import Graph


def array_tangent(graph: Graph, number: int, tangents: Sequence[int]) -> int:
    """Return the tangent of an operation of `graph.arrays`; a tangent that is a constant stands for all entries."""
    node = graph.nodes[number]
    if node.op in STEADY or all(tangent == graph.zero for tangent in tangents):
        return graph.zero
    if node.op == "select":
        return select(graph, node.arguments[0], tangents[1], tangents[2])
    shaped = [full(graph, tangent, graph.nodes[a].shape) for a, tangent in zip(node.arguments, tangents, strict=True)]
    if node.op != "matmul":  # linear in its one argument
        return graph.intern(node.op, tuple(shaped), node.value, node.shape)
    (a, b), (da, db) = node.arguments, shaped
    first = graph.zero if tangents[0] == graph.zero else matmul(graph, da, b, node.value)
    second = graph.zero if tangents[1] == graph.zero else matmul(graph, a, db, node.value)
    return graph.add(first, second)

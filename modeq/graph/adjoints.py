"""Reverse mode through the operations that change shapes: what the adjoint of a result adds to those of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .arrays import STEADY, expand, full, gather, matmul, reshape, scatter, select, sum_over, transpose
from .graph import Graph, Node

_Contributions = list[tuple[int, int]]  # (argument, what is added to its adjoint)


def array_contributions(graph: Graph, number: int, adjoint: int) -> _Contributions:
    """Return what an operation of `graph.arrays` hands back; an adjoint that is a constant stands for all entries."""
    node = graph.nodes[number]
    if node.op in STEADY:
        return []
    if node.op == "sum" and graph.fixed(adjoint) is not None:
        return [(node.arguments[0], adjoint)]
    return _RULES[node.op](graph, node, full(graph, adjoint, node.shape))


def _reshape(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    (a,) = node.arguments
    return [(a, reshape(graph, adjoint, graph.nodes[a].shape))]


def _expand(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    (a,) = node.arguments
    outer, count, inner = node.value
    return [(a, sum_over(graph, adjoint, outer, count, inner, graph.nodes[a].shape))]


def _sum(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    (a,) = node.arguments
    outer, count, inner = node.value
    return [(a, expand(graph, adjoint, outer, count, inner, graph.nodes[a].shape))]


def _transpose(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    shape = graph.nodes[adjoint].shape
    return [(node.arguments[0], transpose(graph, adjoint, (*range(len(shape) - 2), len(shape) - 1, len(shape) - 2)))]


def _gather(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    (a,) = node.arguments
    return [(a, scatter(graph, adjoint, graph.arrays[node.value], graph.nodes[a].shape))]


def _scatter(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    (a,) = node.arguments
    return [(a, gather(graph, adjoint, graph.arrays[node.value], graph.nodes[a].shape))]


def _select(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    condition, a, b = node.arguments
    return [(a, select(graph, condition, adjoint, graph.zero)), (b, select(graph, condition, graph.zero, adjoint))]


def _matmul(graph: Graph, node: Node, adjoint: int) -> _Contributions:
    """For C = PQ: dP = C̄ Qᵀ, dQ = Pᵀ C̄, each transposed back where the factor was."""
    a, b = node.arguments
    ta, tb = node.value
    first = matmul(graph, b, adjoint, (tb, True)) if ta else matmul(graph, adjoint, b, (False, not tb))
    second = matmul(graph, adjoint, a, (True, ta)) if tb else matmul(graph, a, adjoint, (not ta, False))
    return [(a, first), (b, second)]


_RULES: Mapping[str, Callable[[Graph, Node, int], _Contributions]] = {
    "reshape": _reshape,
    "expand": _expand,
    "sum": _sum,
    "transpose": _transpose,
    "gather": _gather,
    "scatter": _scatter,
    "select": _select,
    "matmul": _matmul,
}

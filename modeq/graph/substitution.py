"""Putting nodes in the place of inputs, as a graph → graph pass, through scalars and arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .arrays import ARRAY_OPERATIONS, full
from .graph import ARITHMETIC, Graph


def substitute(graph: Graph, outputs: Iterable[int], values: Mapping[int, int]) -> list[int]:
    """Rebuild `outputs` with each key of `values`, an input, replaced by its node, which has the same shape or is a constant.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y = graph.input("x"), graph.input("y")
    >>> substitute(graph, [graph.multiply(x, y)], {y: graph.apply("sin", x)}) == [graph.multiply(x, graph.apply("sin", x))]
    True
    """
    wanted = list(outputs)
    known = dict(values)
    for number in graph.reachable(wanted):
        if number in known:
            continue
        node = graph.nodes[number]
        arguments = tuple(known[argument] for argument in node.arguments)
        if arguments == node.arguments:
            known[number] = number
        elif node.op in ARRAY_OPERATIONS:  # they read shapes, which constants do not have
            shaped = (full(graph, new, graph.nodes[old].shape) for new, old in zip(arguments, node.arguments, strict=True))
            known[number] = graph.intern(node.op, tuple(shaped), node.value, node.shape)
        elif node.op in ARITHMETIC:
            known[number] = getattr(graph, node.op)(*arguments)
        elif node.op == "power":
            known[number] = graph.power(arguments[0], node.value)
        else:
            known[number] = graph.apply(node.op, arguments[0])
    return [known[number] for number in wanted]

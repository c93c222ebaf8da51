"""What is known of the sign of a node, so that |x| and max(0, x) of what cannot be negative are x and stay analytic."""

from __future__ import annotations

from typing import Any

from .graph import Graph, Node

_KEEP = frozenset({"expand", "reshape", "sum", "gather", "scatter", "transpose", "sqrt"})


def is_nonnegative(graph: Graph, number: int) -> bool:
    """Whether every entry is ≥ 0 for all inputs, as far as the operations show it.

    Sums, products and quotients of exponentials, squares and the like; and the variance E[x²] − E[x]², a difference, as layer
    norms compute it.

    Examples
    --------
    >>> graph = Graph()
    >>> x = graph.input("x")
    >>> is_nonnegative(graph, graph.apply("exp", x)), is_nonnegative(graph, x)
    (True, False)
    """
    known: dict[int, bool] = {}
    for position in graph.reachable([number]):
        node = graph.nodes[position]
        below = [known[argument] for argument in node.arguments]
        known[position] = _follows(graph, node, below)
    return known[number]


def _follows(graph: Graph, node: Node, below: list[bool]) -> bool:
    match node.op:
        case "constant":
            return bool(node.value >= 0)
        case "data":
            return bool((graph.arrays[node.value] >= 0).all())
        case "exp" | "cosh" | "sigmoid" | "softplus" | "less":
            return True
        case "add" | "divide" | "matmul":
            return all(below)
        case "multiply":
            return all(below) or node.arguments[0] == node.arguments[1]
        case "select":
            return all(below[1:])
        case "subtract":
            return _is_variance(graph, *node.arguments)
        case op if op in _KEEP:
            return below[0]
    return False


def _is_variance(graph: Graph, first: int, second: int) -> bool:
    """Whether a Σx² − b (Σx)² has a ≥ b n, and so is ≥ 0 by Cauchy's inequality."""
    a, squares = _sum_of(graph, first)
    b, product = _scaled(graph, second)
    if squares is None or product.op != "multiply" or product.arguments[0] != product.arguments[1]:
        return False
    factor, total = _sum_of(graph, product.arguments[0])
    if total is None or total.value != squares.value or factor != 1:
        return False
    (inside,) = squares.arguments
    return graph.nodes[inside].op == "multiply" and graph.nodes[inside].arguments == total.arguments * 2 and a >= b * total.value[1]


def _scaled(graph: Graph, number: int) -> tuple[Any, Node]:
    """Split a node into a constant factor and the rest."""
    node = graph.nodes[number]
    if node.op == "multiply" and (factor := graph.fixed(node.arguments[0])) is not None:
        return factor, graph.nodes[node.arguments[1]]
    return 1, node


def _sum_of(graph: Graph, number: int) -> tuple[Any, Node | None]:
    """Return the constant factor and the sum that a node is, in whatever shape; None if it is none."""
    factor, node = _scaled(graph, number)
    while node.op == "reshape":
        node = graph.nodes[node.arguments[0]]
    return factor, node if node.op == "sum" else None

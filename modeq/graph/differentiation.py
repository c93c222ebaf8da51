"""Derivatives of graphs, as graphs.

One table holds the derivative of every function, written in the operations of the graph; forward mode, reverse mode and
Taylor arithmetic all read it. Both modes go through arrays too, by the rules of `graph.tangents` and `graph.adjoints`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..functions import DERIVATIVES
from .adjoints import array_contributions
from .arrays import ARRAY_OPERATIONS, moving_nodes
from .graph import Graph
from .tangents import array_tangent


def _reciprocal(graph: Graph, a: int) -> int:
    return graph.divide(graph.one, a)


def function_derivative(graph: Graph, number: int) -> int:
    """Return dy/du of a function or power node y of u, as a node."""
    node = graph.nodes[number]
    (u,) = node.arguments
    if node.op == "power":
        return graph.multiply(graph.constant(node.value), graph.power(u, node.value - 1))
    return DERIVATIVES[node.op](graph, u, number)


def partial_derivatives(graph: Graph, number: int) -> list[int]:
    """Return the derivative of a node by each of its arguments."""
    node = graph.nodes[number]
    match node.op:
        case "constant" | "input":
            return []
        case "add":
            return [graph.one, graph.one]
        case "subtract":
            return [graph.one, graph.negate(graph.one)]
        case "negate":
            return [graph.negate(graph.one)]
        case "multiply":
            return [node.arguments[1], node.arguments[0]]
        case "divide":
            below = node.arguments[1]
            return [_reciprocal(graph, below), graph.negate(graph.divide(number, below))]
        case _:
            return [function_derivative(graph, number)]


def gradient(graph: Graph, output: int, inputs: Sequence[int]) -> list[int]:
    """Return ∂output/∂inputs by reverse mode: a fixed multiple of the operations of `output`, for any number of inputs."""
    adjoints: dict[int, int] = {output: graph.one}
    moving = moving_nodes(graph, [output])
    for number in sorted(moving, reverse=True):
        adjoint = adjoints.get(number, graph.zero)
        if adjoint == graph.zero:
            continue
        node = graph.nodes[number]
        if node.op in ARRAY_OPERATIONS:
            contributions = array_contributions(graph, number, adjoint)
        elif node.op == "log":  # adjoint/u and not adjoint·(1/u), whose powers underflow first
            contributions = [(node.arguments[0], graph.divide(adjoint, node.arguments[0]))]
        elif node.op == "divide":  # −(adjoint/v)·y shares the quotient with the first argument's adjoint
            above, below = node.arguments
            share = graph.divide(adjoint, below)
            contributions = [(above, share), (below, graph.negate(graph.multiply(share, number)))]
        else:
            parts = partial_derivatives(graph, number)
            contributions = [(a, graph.multiply(adjoint, part)) for a, part in zip(node.arguments, parts, strict=True)]
        for argument, contribution in contributions:
            if argument in moving:
                adjoints[argument] = graph.add(adjoints.get(argument, graph.zero), contribution)
    return [adjoints.get(number, graph.zero) for number in inputs]


def jvp(graph: Graph, outputs: Sequence[int], inputs: Sequence[int], tangents: Sequence[int]) -> list[int]:
    """Return the derivative of `outputs` along `tangents` by forward mode; the tangents are treated as constants."""
    known: dict[int, int] = dict(zip(inputs, tangents, strict=True))
    for number in graph.reachable(outputs):
        if number in known:
            continue
        node = graph.nodes[number]
        total = graph.zero
        if node.op in ARRAY_OPERATIONS:
            total = array_tangent(graph, number, [known[argument] for argument in node.arguments])
        elif node.op == "divide":  # (u̇ − y v̇)/v: no power of v, which might overflow
            above, below = (known[argument] for argument in node.arguments)
            total = graph.divide(graph.subtract(above, graph.multiply(number, below)), node.arguments[1])
        elif node.op == "log":
            total = graph.divide(known[node.arguments[0]], node.arguments[0])
        elif any(known[argument] != graph.zero for argument in node.arguments):
            for argument, part in zip(node.arguments, partial_derivatives(graph, number), strict=True):
                total = graph.add(total, graph.multiply(part, known[argument]))
        known[number] = total
    return [known[number] for number in outputs]


def jacobian(graph: Graph, outputs: Sequence[int], inputs: Sequence[int]) -> list[list[int]]:
    """Return ∂outputs/∂inputs, rows by output."""
    columns = []
    for number in inputs:
        tangents = [graph.one if other == number else graph.zero for other in inputs]
        columns.append(jvp(graph, outputs, inputs, tangents))
    return [list(row) for row in zip(*columns, strict=True)]

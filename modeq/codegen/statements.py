"""Printing a graph as straight-line Python: one handler per operation, every value in a local variable.

Locals, never array-indexed temporaries: LLVM's time explodes on the latter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import sympy

from ..functions import FUNCTIONS, QUOTIENTS
from ..graph.algebra import as_float
from ..graph.graph import Graph, Node

_Handler: TypeAlias = Callable[[Node, list[str]], str]

SPECIAL = frozenset({"erf", "sigmoid", "softplus", *QUOTIENTS})  # defined in the generated module
_SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_NUMPY_NAMES = {name: "arc" + name[1:] for name in ["asin", "acos", "atan", "asinh", "acosh", "atanh"]}


def _binary(node: Node, arguments: list[str]) -> str:
    return f"{arguments[0]} {_SYMBOLS[node.op]} {arguments[1]}"


def _call(node: Node, arguments: list[str]) -> str:
    if node.op in SPECIAL:
        return f"{node.op}({arguments[0]})"
    return f"np.{_NUMPY_NAMES.get(node.op, node.op)}({arguments[0]})"


_HANDLERS: Mapping[str, _Handler] = {
    **dict.fromkeys(_SYMBOLS, _binary),
    **dict.fromkeys(FUNCTIONS, _call),
    "negate": lambda node, arguments: f"-{arguments[0]}",
    "power": lambda node, arguments: f"{arguments[0]} ** {as_float(node.value)!r}",
}


def literal(value: object) -> str:
    """Write an exact constant as the nearest float."""
    if isinstance(value, sympy.Expr) and value.free_symbols:
        names = ", ".join(sorted(symbol.name for symbol in value.free_symbols))
        raise ValueError(f"compiling needs numbers, but the parameter {names} is symbolic; use with_parameters({names.split(', ')[0]}=…)")
    number = as_float(value)
    return f"({number!r})" if number < 0 else repr(number)


def expression(node: Node, arguments: list[str]) -> str:
    """Print one operation on named values.

    Raises
    ------
    ValueError
        If it has no handler.
    """
    handler = _HANDLERS.get(node.op)
    if handler is None:
        raise ValueError(f"code generation does not know the operation {node.op!r}")
    return handler(node, arguments)


def statements(graph: Graph, outputs: Sequence[int], inputs: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Print what `outputs` need.

    Parameters
    ----------
    inputs
        The variable that holds each named input.

    Returns
    -------
    lines, results
        Assignments in order, and the name or literal that holds each output.

    Raises
    ------
    ValueError
        If a node has no handler, or a constant is symbolic.
    """
    names: dict[int, str] = {}
    lines: list[str] = []
    for number in graph.reachable(outputs):
        node = graph.nodes[number]
        if node.op == "constant":
            names[number] = literal(node.value)
        elif node.op == "input":
            names[number] = inputs[node.value]
        else:
            names[number] = f"v{len(lines)}"
            lines.append(f"v{len(lines)} = {expression(node, [names[argument] for argument in node.arguments])}")
    return lines, [names[output] for output in outputs]

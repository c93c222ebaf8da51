"""Printing ∇²E v along many directions v: tangents of the gradient, see `array_program`.

The values at y that tangents depend on are computed once for all directions, and nothing else: the gradient itself is not among them.
Tangents of elementwise operations are linear in those of their arguments, so all of them between two operations that are not
elementwise are one loop, where Taylor coefficients of higher degrees are sums of products. The tangent of a product of two matrices is a
sum of two products, each a call of BLAS into a row of its own where a loop reads the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..functions import FUNCTIONS
from ..graph.algebra import as_float
from .program_templates import PRODUCTS
from .program_text import ProgramText, call, elementwise


def products_text(text: ProgramText) -> str:
    """Return the text of ``products`` without ``def`` and its name."""
    graph, layout = text.graph, text.layout
    layout.begin()
    moving = [number for number in text.followed() if text.kinds[number] == "moving"]
    users, keep = text.users(moving), _read_whole(text, moving) | set(text.slopes)
    halves = {number for number in moving if _is_sum(text, number) and number not in keep}
    lines: list[str] = []

    def traffic(group: Sequence[int]) -> tuple[int, int]:
        tangents = [a for n in group for a in graph.nodes[n].arguments if a not in group and text.kinds[a] == "moving"]
        values = {value for n in group for value in _values_read(text, n) if graph.fixed(value) is None}
        return len(set(tangents)) + len(halves & set(tangents)) + len(values), len(text.stored(group, keep, users))

    for group in text.groups(moving, lambda number: elementwise(graph.nodes[number]), traffic):
        if elementwise(graph.nodes[group[0]]):
            lines += text.loop(group, text.stored(group, keep, users), "w", at="at_k + ", coefficient=_Tangent(text), halves=halves)
        else:
            lines += _array_tangent(text, group[0], halves)
    read = {value for number in moving for value in _values_read(text, number)}
    needed = text.needed(read)
    copy = call("copy", "y", "zero", "w", "zero", layout.entry(1))
    values = text.values(needed, _read_whole(text, needed) | read, "w")
    return layout.filled(PRODUCTS, leading=[copy, *values], extend=lines, collect_next=text.outputs("w", "at_k + "))


def _read_whole(text: ProgramText, numbers: list[int]) -> set[int]:
    """The nodes that operations on arrays read."""
    nodes = text.graph.nodes
    return {argument for number in numbers if not elementwise(nodes[number]) for argument in nodes[number].arguments}


def _values_read(text: ProgramText, number: int) -> list[int]:
    """The nodes whose values the tangent of a node needs."""
    node = text.graph.nodes[number]
    moving = [argument for argument in node.arguments if text.kinds[argument] == "moving"]
    match node.op:
        case "select":
            return [node.arguments[0]]
        case "multiply" | "matmul":
            return list(node.arguments) if len(moving) == 2 else [a for a in node.arguments if a not in moving]
        case "divide":
            return [number, node.arguments[1]] if node.arguments[1] in moving else [node.arguments[1]]
        case "power":
            return [number, node.arguments[0]]
    return [text.derivatives[number]] if node.op in FUNCTIONS else []


class _Tangent:
    """Writes the tangent of an elementwise node."""

    def __init__(self, text: ProgramText) -> None:
        self._text = text

    def __call__(self, number: int, operand: Callable[..., str]) -> str:
        """Return an expression in the operands, of which those with ``coefficient=True`` are tangents."""
        if self._text.is_linear(number):
            return self._text.linear_coefficient(number, operand)
        node = self._text.graph.nodes[number]

        def tangent(position: int) -> str:
            return operand(node.arguments[position], coefficient=True)

        def value(position: int) -> str:
            return operand(node.arguments[position], coefficient=False)

        match node.op:
            case "multiply" if node.arguments[0] == node.arguments[1]:
                return f"2.0 * {value(0)} * {tangent(0)}"
            case "multiply":
                return f"{value(0)} * {tangent(1)} + {tangent(0)} * {value(1)}"
            case "divide":
                return f"({tangent(0)} - {operand(number, coefficient=False)} * {tangent(1)}) / {value(1)}"
            case "power":
                return f"{as_float(node.value)!r} * {tangent(0)} * {operand(number, coefficient=False)} / {value(0)}"
        return f"{operand(self._text.derivatives[number], coefficient=False)} * {tangent(0)}"


def _is_sum(text: ProgramText, number: int) -> bool:
    """Whether a node is a product of matrices that both move: its tangent is a sum of two products."""
    node = text.graph.nodes[number]
    return node.op == "matmul" and all(text.kinds[argument] == "moving" for argument in node.arguments)


def _array_tangent(text: ProgramText, number: int, halves: set[int]) -> list[str]:
    node = text.graph.nodes[number]
    if not _is_sum(text, number):
        return text.array_coefficient(number, node)
    (x, a), (y, b) = (text.layout.place(argument) for argument in node.arguments)
    out = f"at_k + {text.layout.place(number)[1]}"
    first, second = [(x, f"at_k + {a}"), (y, b)], [(x, a), (y, f"at_k + {b}")]
    if number in halves:  # whose sum the next loop forms
        return [*text.array_operation(node, first, out), *text.array_operation(node, second, f"{text.layout.entry(0)} + {out}")]
    return [*text.array_operation(node, first, out), text.product(node, second, out)]

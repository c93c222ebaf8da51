"""Printing an array program: the statements of `loss` and `taylor`, see `array_program`."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import final

from ..functions import FUNCTIONS
from ..graph.algebra import as_float
from ..graph.arrays import ARRAY_OPERATIONS
from ..graph.graph import ARITHMETIC, Graph, Node
from ..kernels.special_functions import SPECIAL_FUNCTIONS
from .program_layout import Array, ProgramLayout
from .program_templates import LOSS, TAYLOR, TAYLOR_AT_ONCE
from .statements import expression

_BLAS_FROM = 2**14  # multiplications from which a product is worth a call of BLAS
_CHECKS = 8  # pairs of pointers that LLVM is willing to compare before a loop, to know that it may vectorise it


@final
class ProgramText:
    """The text of one program, with the numbers that it names.

    Attributes
    ----------
    loss
        The text of `loss`.
    taylor
        That of `taylor` without ``def`` and its name.
    at_once
        The text of `taylor` for all paths at once, of the same statements, for NumPy; see `kernels.whole_arrays`.
    layout
        Where arrays lie.
    """

    def __init__(
        self,
        graph: Graph,
        value: int,
        slopes: Sequence[int],
        inputs: Sequence[int],
        changing: Sequence[int],
        kinds: Mapping[int, str],
        derivatives: Mapping[int, int],
        fixed: Mapping[int, Array],
    ) -> None:
        self.graph, self.value, self.slopes, self.inputs = graph, value, slopes, inputs
        self.changing, self.kinds, self.derivatives = changing, kinds, derivatives
        self.layout = ProgramLayout(graph, inputs, changing, fixed)
        self.loss = self._loss()
        self.taylor, self.at_once = self._taylor()

    @property
    def numbers(self) -> list[int]:
        """The layout ``o``."""
        return self.layout.numbers

    @property
    def data_parts(self) -> list[Array]:
        """Fixed arrays and indices."""
        return self.layout.data_parts

    # The two functions

    def _loss(self) -> str:
        self.layout.begin()
        outputs = [self.value, *self.slopes]
        needed = self.needed(outputs)
        keep = {a for number in needed if not elementwise(self.graph.nodes[number]) for a in self.graph.nodes[number].arguments}
        value = self.graph.fixed(self.value)
        vector, place = ("", "") if value is not None else self.layout.place(self.value, "y")
        result = self.layout.constant(value) if value is not None else f"{vector}[{place}]"
        return self.layout.filled(
            LOSS,
            leading=self.values(needed, keep | set(outputs), "y"),
            collect=self.outputs("y"),
            result=[f"return {result}"],
        )

    def _taylor(self) -> tuple[str, str]:
        """Return the function for compilers and the one for NumPy, of the same statements."""
        self.layout.begin()
        changing = self.followed()
        copy = call("copy", "y", "zero", "w", "zero", self.layout.entry(1))
        parts = {
            "leading": [copy, *self.values(changing, set(changing), "w")],
            "collect": self.outputs("w"),
            "load": self._loads(),
            "extend": self._extend(),
            "collect_next": self.outputs("w", "at_k + "),
        }
        return self.layout.filled(TAYLOR, **parts), self.layout.filled(TAYLOR_AT_ONCE, **parts)

    def _loads(self) -> list[str]:
        """Statements that take the parameters from the coefficients of a path."""
        lines = []
        for number in self.inputs:
            theta, place = (
                self.layout.number("theta", self.layout.theta[number]),
                self.layout.number("place", self.layout.offsets[number]),
            )
            lines.append(call("copy", "path", theta, "w", f"at_k + {place}", self.layout.size(self.graph.nodes[number].size)))
        return lines

    def outputs(self, source: str, at: str = "") -> list[str]:
        """Statements that put the gradient together; at degrees above 0 what is fixed is 0."""
        lines = []
        for number, slope in zip(self.inputs, self.slopes, strict=True):
            where, size = self.layout.number("theta", self.layout.theta[number]), self.layout.size(self.graph.nodes[number].size)
            value = self.graph.fixed(slope)
            if value is not None or (at and self.kinds[slope] != "moving"):
                constant = "0.0" if at or value is None else self.layout.constant(value)
                lines.append(call("fill", "out", where, size, constant))
            else:
                vector, place = self.layout.place(slope, source)
                lines.append(call("copy", vector, at + place, "out", where, size))
        return lines

    def _extend(self) -> list[str]:
        """Statements for coefficient k of all nodes; those that only higher coefficients need are left out of the last."""
        moving = [number for number in self.followed() if self.kinds[number] == "moving"]
        now = set(self.needed(self.slopes))
        later = self._coefficients([number for number in moving if number not in now])
        return [*self._coefficients([n for n in moving if n in now]), *(["if degree + 1 < order:"] if later else []), *indented(later)]

    def _coefficients(self, moving: Sequence[int]) -> list[str]:
        lines = []
        for group in self.groups(moving, self.is_linear):
            node = self.graph.nodes[group[0]]
            if self.is_linear(group[0]):
                lines += self.loop(group, set(group), "w", at="at_k + ", coefficient=self.linear_coefficient)
            elif node.op in ARRAY_OPERATIONS:
                lines += self.array_coefficient(group[0], node)
            else:
                lines += self._nonlinear_coefficient(group[0], node)
        return lines

    def followed(self) -> list[int]:
        """The nodes whose coefficients the gradient needs; those of E itself are not among them."""
        needed = set(self.graph.reachable(self.slopes))
        while new := {self.derivatives[number] for number in needed if number in self.derivatives} - needed:
            needed.update(self.graph.reachable(new))
        return [number for number in self.changing if number in needed]

    def needed(self, outputs: Iterable[int]) -> list[int]:
        """The nodes to compute for these."""
        reachable = set(self.graph.reachable(outputs))
        return [number for number in self.changing if number in reachable]

    # Values

    def values(self, numbers: Sequence[int], keep: set[int], source: str) -> list[str]:
        """Statements that compute values, and store those in `keep` and what several loops need."""
        lines = []
        users = self.users(numbers)
        for group in self.groups(numbers, lambda number: elementwise(self.graph.nodes[number])):
            node = self.graph.nodes[group[0]]
            if elementwise(node):
                lines += self.loop(group, self.stored(group, keep, users), source)
            else:
                lines += self._array_value(group[0], node, source)
        return lines

    def users(self, numbers: Iterable[int]) -> dict[int, int]:
        """Count how often each node is an argument of these."""
        users: dict[int, int] = {}
        for number in numbers:
            for argument in self.graph.nodes[number].arguments:
                users[argument] = users.get(argument, 0) + 1
        return users

    def stored(self, group: Sequence[int], keep: set[int], users: Mapping[int, int]) -> set[int]:
        """The nodes of a loop that something outside of it reads."""
        inside = {n: sum(self.graph.nodes[m].arguments.count(n) for m in group) for n in group}
        return {n for n in group if n in keep or inside[n] < users.get(n, 0)}

    def groups(
        self, numbers: Sequence[int], joins: Callable[[int], bool], traffic: Callable[[Sequence[int]], tuple[int, int]] | None = None
    ) -> list[list[int]]:
        """Order the nodes so that elementwise ones of one size stand together, and put these into one loop each.

        A group ends where LLVM would give up on comparing its pointers; `traffic` counts those that a loop reads and writes.
        """
        waiting, known = list(numbers), set(numbers)
        done: set[int] = set()
        groups: list[list[int]] = []

        def ready(number: int, also: Iterable[int] = ()) -> bool:
            return all(a in done or a not in known or a in also for a in self.graph.nodes[number].arguments)

        while waiting:
            first = next((n for n in waiting if not joins(n) and ready(n)), None)
            if first is not None:
                group = [first]
            else:
                first = next(n for n in waiting if ready(n))
                size = self.graph.nodes[first].size
                group = []
                for number in waiting:
                    fits = joins(number) and self.graph.nodes[number].size == size and ready(number, group)
                    if fits and (not group or _checks(*(traffic or self._traffic)([*group, number])) <= _CHECKS):
                        group.append(number)
            groups.append(group)
            done.update(group)
            waiting = [n for n in waiting if n not in done]
        return groups

    def _traffic(self, group: Sequence[int]) -> tuple[int, int]:
        """Count the arrays that a loop over all nodes of a group reads and writes."""
        return len({a for n in group for a in self.graph.nodes[n].arguments if a not in group and self.graph.fixed(a) is None}), len(group)

    def loop(
        self,
        group: Sequence[int],
        stored: set[int],
        source: str,
        at: str = "",
        coefficient: Callable[..., str] | None = None,
        halves: Collection[int] = (),
    ) -> list[str]:
        """One loop over the entries of elementwise nodes; with `at`, over their coefficients, which `coefficient` writes.

        Of `halves` the coefficients are sums of what stands in the row `at` and in the next one.
        """
        names: dict[int, str] = {}
        loads: list[str] = []
        body: list[str] = []

        def operand(number: int, *, coefficient: bool) -> str:
            value = self.graph.fixed(number)
            if value is not None:
                return self.layout.constant(value) if not (at and coefficient) else "0.0"
            if number in names and (not at or coefficient):
                return names[number]
            if at and coefficient and self.kinds[number] != "moving":
                return "0.0"
            vector, place = self.layout.place(number, source)
            name = f"u{number}" if not at or coefficient else f"c{number}"
            line = f"{name} = {vector}[{at if coefficient else ''}{place} + e]"
            if coefficient and number in halves:
                line += f" + {vector}[{at}{self.layout.entry(0)} + {place} + e]"
            if line not in loads:
                loads.append(line)
            return name

        for number in group:
            node = self.graph.nodes[number]
            if coefficient is not None:
                text = coefficient(number, operand)
            elif node.op in ("less", "select"):
                a = [operand(argument, coefficient=True) for argument in node.arguments]
                text = f"1.0 if {a[0]}.real < {a[1]}.real else 0.0" if node.op == "less" else f"{a[1]} if {a[0]} != 0.0 else {a[2]}"
            else:
                arguments = [operand(argument, coefficient=True) for argument in node.arguments]
                text = f"{node.op}({arguments[0]})" if node.op in SPECIAL_FUNCTIONS else expression(node, arguments)
            names[number] = f"v{number}"
            body.append(f"v{number} = {text}")
        stores = [f"w[{at}{self.layout.place(n)[1]} + e] = v{n}" for n in group if n in stored]
        size = self.layout.size(self.graph.nodes[group[0]].size)
        return [f"for e in range({size}):", *(f"    {line}" for line in (*loads, *body, *stores))]

    def _array_value(self, number: int, node: Node, source: str) -> list[str]:
        if node.op == "reshape":
            return []
        places = [self.layout.place(argument, source) for argument in node.arguments]
        return self.array_operation(node, places, self.layout.place(number)[1])

    def array_operation(self, node: Node, places: Sequence[tuple[str, str]], out: str) -> list[str]:
        """Statements that compute an array from arrays at these places."""
        (x, a) = places[0]
        match node.op:
            case "expand" | "sum" | "maximum":
                name = {"expand": "expand", "sum": "sum_middle", "maximum": "maximum_middle"}[node.op]
                return [call(name, x, a, "w", out, *map(self.layout.size, node.value))]
            case "transpose":
                *batch, m, n = node.shape
                return [call("transpose", x, a, "w", out, *map(self.layout.size, (math.prod(batch), m, n)))]
            case "gather":
                size = self.layout.size(self.graph.nodes[node.arguments[0]].size)
                return [call("gather", x, a, "data", self.layout.index(node.value), "w", out, self.layout.size(node.size), size)]
            case "scatter":
                count = self.layout.size(self.graph.arrays[node.value].size)
                return [call("scatter", x, a, "data", self.layout.index(node.value), "w", out, count, self.layout.size(node.size))]
            case "matmul":
                product = self.product(node, places, out)
                if product.startswith("product_"):
                    return [f"write_{product}"]
                return [call("fill", "w", out, self.layout.size(node.size), "0.0"), product]
        raise ValueError(f"code generation does not know the operation {node.op!r}")

    def product(self, node: Node, places: Sequence[tuple[str, str]], out: str) -> str:
        """One call that adds a product to what is there."""
        (x, a), (y, b) = places
        first = self.graph.nodes[node.arguments[0]].shape
        k = first[-2] if node.value[0] else first[-1]
        *batch, m, n = node.shape
        if not batch and m * k * n >= _BLAS_FROM and node.value != (True, True):
            name = {(False, False): "product_nn", (True, False): "product_tn", (False, True): "product_nt"}[node.value]
            return call(name, x, a, y, b, "w", out, *map(self.layout.size, (m, k, n)))
        steps = ("one", self.layout.size(m)) if node.value[0] else (self.layout.size(k), "one")
        name = "multiply_columns" if node.value[1] else "multiply_rows"
        return call(name, x, a, *steps, y, b, "w", out, *map(self.layout.size, (math.prod(batch), m, k, n)))

    # Coefficients of degree k ≥ 1

    def is_linear(self, number: int) -> bool:
        """Whether coefficient k of an elementwise node depends on coefficients k of its arguments only."""
        node = self.graph.nodes[number]
        if node.op in ("add", "subtract", "negate", "select"):
            return True
        moving = [self.kinds[argument] == "moving" for argument in node.arguments]
        return (node.op == "multiply" and not all(moving)) or (node.op == "divide" and not moving[1])

    def linear_coefficient(self, number: int, operand: Callable[..., str]) -> str:
        """Write coefficient k of a node that is linear in those of its arguments."""
        node = self.graph.nodes[number]

        def coefficient(position: int) -> str:
            return operand(node.arguments[position], coefficient=True)

        def leading(position: int) -> str:
            return operand(node.arguments[position], coefficient=False)

        match node.op:
            case "select":
                return f"{coefficient(1)} if {leading(0)} != 0.0 else {coefficient(2)}"
            case "multiply":
                first = self.kinds[node.arguments[0]] == "moving"
                return f"{coefficient(0)} * {leading(1)}" if first else f"{leading(0)} * {coefficient(1)}"
            case "divide":
                return f"{coefficient(0)} / {leading(1)}"
            case _:
                return expression(node, [coefficient(i) for i in range(len(node.arguments))])

    def array_coefficient(self, number: int, node: Node) -> list[str]:
        """Statements that compute coefficient k of an array."""
        if node.op == "reshape":
            return []
        out = f"at_k + {self.layout.place(number)[1]}"
        places = [self.layout.place(argument) for argument in node.arguments]
        moving = [self.kinds[argument] == "moving" for argument in node.arguments]
        if not all(moving):
            return self.array_operation(node, [(x, f"at_k + {a}" if m else a) for (x, a), m in zip(places, moving, strict=True)], out)
        if node.op != "matmul":
            return self.array_operation(node, [(x, f"at_k + {a}") for x, a in places], out)
        terms = [("w", f"j * {self.layout.entry(0)} + {places[0][1]}"), ("w", f"(k - j) * {self.layout.entry(0)} + {places[1][1]}")]
        return [
            call("fill", "w", out, self.layout.size(node.size), "0.0"),
            "for j in range(k + one):",
            f"    {self.product(node, terms, out)}",
        ]

    def _nonlinear_coefficient(self, number: int, node: Node) -> list[str]:
        out, size = self.layout.place(number)[1], self.layout.size(node.size)
        tail = (out, size, "k", self.layout.entry(0), "one")
        places = [self.layout.place(argument)[1] for argument in node.arguments if self.kinds[argument] == "moving"]
        match node.op:
            case "multiply" if places[0] == places[1]:
                return [call("square", "w", places[0], *tail)]
            case "multiply":
                return [call("convolve", "w", *places, *tail)]
            case "divide":
                above = (
                    call("copy", "w", f"at_k + {places[0]}", "w", f"at_k + {out}", size)
                    if len(places) == 2
                    else call("fill", "w", f"at_k + {out}", size, "0.0")
                )
                return [above, call("divide_series", "w", places[-1], *tail)]
            case "power":
                return [call("power_series", "w", places[0], repr(as_float(node.value)), *tail)]
        slope = self.layout.place(self.derivatives[number])[1]
        return [call("function_series", "w", places[0], slope, *tail)]


def _checks(loads: int, stores: int) -> int:
    """Count the pairs of pointers to compare."""
    return stores * loads + stores * (stores - 1) // 2


def elementwise(node: Node) -> bool:
    """Whether each entry depends on the same entry of arguments only."""
    return node.op in ARITHMETIC | FUNCTIONS | {"power", "select", "less"}


def indented(lines: Iterable[str]) -> list[str]:
    """Put statements into a block."""
    return [f"    {line}" for line in lines]


def call(name: str, *arguments: str) -> str:
    """Write a call."""
    return f"{name}({', '.join(arguments)})"

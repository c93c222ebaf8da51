"""Printing an array program: the statements of `loss` and `taylor`, see `array_program`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, final

import numpy as np

from ..exact import Scalar
from ..functions import FUNCTIONS
from ..graph.algebra import as_float
from ..graph.arrays import ARRAY_OPERATIONS
from ..graph.graph import ARITHMETIC, Graph, Node
from ..kernels.special_functions import SPECIAL_FUNCTIONS
from .statements import expression, literal

Array = np.ndarray[Any, np.dtype[Any]]
_BLAS_FROM = 2**14  # multiplications from which a product is worth a call of BLAS
_PLAIN = 16  # largest constant that is written out
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
    numbers
        The layout ``o``.
    data_parts
        Fixed arrays and indices, in the order of ``data``.
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
        self.data_parts: list[Array] = []
        self._data_size = 0
        self._constants: dict[float, int] = {}
        self._used: set[int] = set()
        self._places: dict[tuple[str, int], int] = {}
        self._theta: dict[int, int] = {}
        position = 0
        for number in inputs:
            self._theta[number] = position
            position += self.graph.nodes[number].size
        self._offsets = dict(self._theta)
        for number in changing:
            node = self.graph.nodes[number]
            if node.op == "reshape":  # the same memory in another shape
                self._offsets[number] = self._offsets[node.arguments[0]]
            else:
                self._offsets[number] = position
                position += node.size
        self.numbers: list[int] = [position, sum(graph.nodes[number].size for number in inputs)]
        self._data_offsets = {number: self._store(array) for number, array in fixed.items()}
        self._index_offsets: dict[int, int] = {}
        self.loss = self._loss()
        self.taylor, self.at_once = self._taylor()

    # Names of numbers and places

    def _constant(self, value: Scalar) -> str:
        """Name a constant: small integers and halves as they are, others, such as 1/n, from the data, so that the text stays."""
        number = as_float(value)
        if (2 * number).is_integer() and abs(number) <= _PLAIN:
            return literal(value)
        if number not in self._constants:
            self._constants[number] = self._store(np.array([number]))
        return f"k{list(self._constants).index(number)}"

    def _store(self, array: Array) -> int:
        offset = self._data_size
        self.data_parts.append(np.asarray(array, dtype=float).ravel())
        self._data_size += array.size
        return offset

    def _number(self, role: str, value: int) -> str:
        """Name an entry of the layout; numbers of different roles are different entries, even if they happen to be equal."""
        if role == "size" and value == 1:
            return "one"
        key = (role, value)
        if key not in self._places:
            self._places[key] = len(self.numbers)
            self.numbers.append(value)
        return self._entry(self._places[key])

    def _entry(self, place: int) -> str:
        """Name the local variable for an entry of the layout; LLVM cannot know that no store to w changes the layout itself."""
        self._used.add(place)
        return f"o{place}"

    def _filled(self, template: str, **parts: Iterable[str]) -> str:
        """Put lines in the places ``<name>`` of a template, with the indentation of the place; load what they name first."""
        constants = [f"k{i} = data[{self._number('data', at)}].real" for i, at in enumerate(self._constants.values())]
        numbers = [f"o{place} = o[{place}]" for place in sorted(self._used)]
        given = {"loads": [*numbers, *constants], **parts}
        result = []
        for line in template.splitlines():
            place = line.strip()
            if place.startswith("<"):
                result += [line.replace(place, inner) for inner in given[place[1:-1]]]
            else:
                result.append(line)
        return "\n".join(result)

    def _size(self, value: int) -> str:
        return self._number("size", value)

    def _place(self, number: int, source: str = "w") -> tuple[str, str]:
        """(vector, offset) of the coefficient of degree 0 of a node."""
        if number in self._data_offsets:
            return "data", self._number("data", self._data_offsets[number])
        if self._root(number) in self._theta and source == "y":
            return "y", self._number("theta", self._offsets[number])
        return "w", self._number("place", self._offsets[number])

    def _root(self, number: int) -> int:
        node = self.graph.nodes[number]
        return self._root(node.arguments[0]) if node.op == "reshape" else number

    def _index(self, value: int) -> str:
        if value not in self._index_offsets:
            self._index_offsets[value] = self._store(self.graph.arrays[value])
        return self._number("data", self._index_offsets[value])

    def _call(self, name: str, *arguments: str) -> str:
        return f"{name}({', '.join(arguments)})"

    # The two functions

    def _loss(self) -> str:
        self._used = set()
        outputs = [self.value, *self.slopes]
        needed = self._needed(outputs)
        keep = {a for number in needed if not _elementwise(self.graph.nodes[number]) for a in self.graph.nodes[number].arguments}
        value = self.graph.fixed(self.value)
        vector, place = ("", "") if value is not None else self._place(self.value, "y")
        result = self._constant(value) if value is not None else f"{vector}[{place}]"
        return self._filled(
            _LOSS,
            leading=self._values(needed, keep | set(outputs), "y"),
            collect=self._outputs("y"),
            result=[f"return {result}"],
        )

    def _taylor(self) -> tuple[str, str]:
        """Return the function for compilers and the one for NumPy, of the same statements."""
        self._used = set()
        changing = self._followed()
        copy = self._call("copy", "y", "zero", "w", "zero", self._entry(1))
        parts = {
            "leading": [copy, *self._values(changing, set(changing), "w")],
            "collect": self._outputs("w"),
            "load": self._loads(),
            "extend": self._extend(),
            "collect_next": self._outputs("w", "at_k + "),
        }
        return self._filled(_TAYLOR, **parts), self._filled(_TAYLOR_AT_ONCE, **parts)

    def _loads(self) -> list[str]:
        """Statements that take the parameters from the coefficients of a path."""
        lines = []
        for number in self.inputs:
            theta, place = self._number("theta", self._theta[number]), self._number("place", self._offsets[number])
            lines.append(self._call("copy", "path", theta, "w", f"at_k + {place}", self._size(self.graph.nodes[number].size)))
        return lines

    def _outputs(self, source: str, at: str = "") -> list[str]:
        """Statements that put the gradient together; at degrees above 0 what is fixed is 0."""
        lines = []
        for number, slope in zip(self.inputs, self.slopes, strict=True):
            where, size = self._number("theta", self._theta[number]), self._size(self.graph.nodes[number].size)
            value = self.graph.fixed(slope)
            if value is not None or (at and self.kinds[slope] != "moving"):
                constant = "0.0" if at or value is None else self._constant(value)
                lines.append(self._call("fill", "out", where, size, constant))
            else:
                vector, place = self._place(slope, source)
                lines.append(self._call("copy", vector, at + place, "out", where, size))
        return lines

    def _extend(self) -> list[str]:
        moving = [number for number in self._followed() if self.kinds[number] == "moving"]
        lines = []
        for group in self._groups(moving, self._is_linear):
            node = self.graph.nodes[group[0]]
            if self._is_linear(group[0]):
                lines += self._loop(group, set(group), "w", at="at_k + ")
            elif node.op in ARRAY_OPERATIONS:
                lines += self._array_coefficient(group[0], node)
            else:
                lines += self._nonlinear_coefficient(group[0], node)
        return lines

    def _followed(self) -> list[int]:
        """The nodes whose coefficients the gradient needs; those of E itself are not among them."""
        needed = set(self.graph.reachable(self.slopes))
        while new := {self.derivatives[number] for number in needed if number in self.derivatives} - needed:
            needed.update(self.graph.reachable(new))
        return [number for number in self.changing if number in needed]

    def _needed(self, outputs: Iterable[int]) -> list[int]:
        reachable = set(self.graph.reachable(outputs))
        return [number for number in self.changing if number in reachable]

    # Values

    def _values(self, numbers: Sequence[int], keep: set[int], source: str) -> list[str]:
        lines = []
        users: dict[int, int] = {}
        for number in numbers:
            for argument in self.graph.nodes[number].arguments:
                users[argument] = users.get(argument, 0) + 1
        for group in self._groups(numbers, lambda number: _elementwise(self.graph.nodes[number])):
            node = self.graph.nodes[group[0]]
            if _elementwise(node):
                inside = {n: sum(self.graph.nodes[m].arguments.count(n) for m in group) for n in group}
                lines += self._loop(group, {n for n in group if n in keep or inside[n] < users.get(n, 0)}, source)
            else:
                lines += self._array_value(group[0], node, source)
        return lines

    def _groups(self, numbers: Sequence[int], joins: Callable[[int], bool]) -> list[list[int]]:
        """Order the nodes so that elementwise ones of one size stand together, and put these into one loop each.

        A group ends where LLVM would give up on comparing its pointers.
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
                    if fits and (not group or self._checks([*group, number]) <= _CHECKS):
                        group.append(number)
            groups.append(group)
            done.update(group)
            waiting = [n for n in waiting if n not in done]
        return groups

    def _checks(self, group: Sequence[int]) -> int:
        loads = {a for n in group for a in self.graph.nodes[n].arguments if a not in group and self.graph.fixed(a) is None}
        stores = len(group)
        return stores * len(loads) + stores * (stores - 1) // 2

    def _loop(self, group: Sequence[int], stored: set[int], source: str, at: str = "") -> list[str]:
        """One loop over the entries of elementwise nodes; with `at`, over their coefficients, in which they are linear."""
        names: dict[int, str] = {}
        loads: list[str] = []
        body: list[str] = []

        def operand(number: int, *, coefficient: bool) -> str:
            value = self.graph.fixed(number)
            if value is not None:
                return self._constant(value) if not (at and coefficient) else "0.0"
            if number in names and (not at or coefficient):
                return names[number]
            if at and coefficient and self.kinds[number] != "moving":
                return "0.0"
            vector, place = self._place(number, source)
            name = f"u{number}" if not at or coefficient else f"c{number}"
            line = f"{name} = {vector}[{at if coefficient else ''}{place} + e]"
            if line not in loads:
                loads.append(line)
            return name

        for number in group:
            node = self.graph.nodes[number]
            if at:
                text = self._linear_coefficient(node, operand)
            elif node.op in ("less", "select"):
                a = [operand(argument, coefficient=True) for argument in node.arguments]
                text = f"1.0 if {a[0]}.real < {a[1]}.real else 0.0" if node.op == "less" else f"{a[1]} if {a[0]} != 0.0 else {a[2]}"
            else:
                arguments = [operand(argument, coefficient=True) for argument in node.arguments]
                text = f"{node.op}({arguments[0]})" if node.op in SPECIAL_FUNCTIONS else expression(node, arguments)
            names[number] = f"v{number}"
            body.append(f"v{number} = {text}")
        stores = [f"w[{at}{self._place(n)[1]} + e] = v{n}" for n in group if n in stored]
        size = self._size(self.graph.nodes[group[0]].size)
        return [f"for e in range({size}):", *(f"    {line}" for line in (*loads, *body, *stores))]

    def _array_value(self, number: int, node: Node, source: str) -> list[str]:
        if node.op == "reshape":
            return []
        places = [self._place(argument, source) for argument in node.arguments]
        return self._array_operation(node, places, self._place(number)[1])

    def _array_operation(self, node: Node, places: Sequence[tuple[str, str]], out: str, *, clear: bool = True) -> list[str]:
        (x, a) = places[0]
        match node.op:
            case "expand" | "sum" | "maximum":
                name = {"expand": "expand", "sum": "sum_middle", "maximum": "maximum_middle"}[node.op]
                return [self._call(name, x, a, "w", out, *map(self._size, node.value))]
            case "transpose":
                *batch, m, n = node.shape
                return [self._call("transpose", x, a, "w", out, *map(self._size, (math.prod(batch), m, n)))]
            case "gather":
                size = self._size(self.graph.nodes[node.arguments[0]].size)
                return [self._call("gather", x, a, "data", self._index(node.value), "w", out, self._size(node.size), size)]
            case "scatter":
                count = self._size(self.graph.arrays[node.value].size)
                return [self._call("scatter", x, a, "data", self._index(node.value), "w", out, count, self._size(node.size))]
            case "matmul":
                lines = [self._call("fill", "w", out, self._size(node.size), "0.0")] if clear else []
                return [*lines, self._product(node, places, out)]
        raise ValueError(f"code generation does not know the operation {node.op!r}")

    def _product(self, node: Node, places: Sequence[tuple[str, str]], out: str) -> str:
        """One call that adds a product to what is there."""
        (x, a), (y, b) = places
        first = self.graph.nodes[node.arguments[0]].shape
        k = first[-2] if node.value[0] else first[-1]
        *batch, m, n = node.shape
        if not batch and m * k * n >= _BLAS_FROM and node.value != (True, True):
            name = {(False, False): "product_nn", (True, False): "product_tn", (False, True): "product_nt"}[node.value]
            return self._call(name, x, a, y, b, "w", out, *map(self._size, (m, k, n)))
        steps = ("one", self._size(m)) if node.value[0] else (self._size(k), "one")
        name = "multiply_columns" if node.value[1] else "multiply_rows"
        return self._call(name, x, a, *steps, y, b, "w", out, *map(self._size, (math.prod(batch), m, k, n)))

    # Coefficients of degree k ≥ 1

    def _is_linear(self, number: int) -> bool:
        """Whether coefficient k of an elementwise node depends on coefficients k of its arguments only."""
        node = self.graph.nodes[number]
        if node.op in ("add", "subtract", "negate", "select"):
            return True
        moving = [self.kinds[argument] == "moving" for argument in node.arguments]
        return (node.op == "multiply" and not all(moving)) or (node.op == "divide" and not moving[1])

    def _linear_coefficient(self, node: Node, operand: Callable[..., str]) -> str:
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

    def _array_coefficient(self, number: int, node: Node) -> list[str]:
        if node.op == "reshape":
            return []
        out = f"at_k + {self._place(number)[1]}"
        places = [self._place(argument) for argument in node.arguments]
        moving = [self.kinds[argument] == "moving" for argument in node.arguments]
        if not all(moving):
            return self._array_operation(node, [(x, f"at_k + {a}" if m else a) for (x, a), m in zip(places, moving, strict=True)], out)
        if node.op != "matmul":
            return self._array_operation(node, [(x, f"at_k + {a}") for x, a in places], out)
        terms = [("w", f"j * {self._entry(0)} + {places[0][1]}"), ("w", f"(k - j) * {self._entry(0)} + {places[1][1]}")]
        return [
            self._call("fill", "w", out, self._size(node.size), "0.0"),
            "for j in range(k + one):",
            f"    {self._product(node, terms, out)}",
        ]

    def _nonlinear_coefficient(self, number: int, node: Node) -> list[str]:
        out, size = self._place(number)[1], self._size(node.size)
        tail = (out, size, "k", self._entry(0), "one")
        places = [self._place(argument)[1] for argument in node.arguments if self.kinds[argument] == "moving"]
        match node.op:
            case "multiply" if places[0] == places[1]:
                return [self._call("square", "w", places[0], *tail)]
            case "multiply":
                return [self._call("convolve", "w", *places, *tail)]
            case "divide":
                above = (
                    self._call("copy", "w", f"at_k + {places[0]}", "w", f"at_k + {out}", size)
                    if len(places) == 2
                    else self._call("fill", "w", f"at_k + {out}", size, "0.0")
                )
                return [above, self._call("divide_series", "w", places[-1], *tail)]
            case "power":
                return [self._call("power_series", "w", places[0], repr(as_float(node.value)), *tail)]
        slope = self._place(self.derivatives[number])[1]
        return [self._call("function_series", "w", places[0], slope, *tail)]


def _elementwise(node: Node) -> bool:
    return node.op in ARITHMETIC | FUNCTIONS | {"power", "select", "less"}


_LOSS = """def loss(y, par, out):
    o = read_layout(par)
    data = read_data(par, y)
    zero = o[0] - o[0]
    one = zero + np.uint64(1)
    <loads>
    w = np.empty(int(o[0]), y.dtype)
    <leading>
    <collect>
    <result>"""

# One function and not several: LLVM optimises all that a compiled function calls anew, with every layer of calls.
_TAYLOR = """(y, given, par, at, F, work, known, rows):
    o = read_layout(par)
    data = read_data(par, y)
    zero = o[0] - o[0]
    one = zero + np.uint64(1)
    <loads>
    d, total = len(y), int(o[0])
    points, order = F.shape[:2]
    slot = order * total
    linked = par[at + 2] != 0.0
    if not known:
        w = work[:total]
        <leading>
        out = F[0, 0]
        <collect>
        negate(out)
        share_leading(work, slot, total, F)
    for path in range(1 if linked else points):
        for degree in range(1, order):
            k = np.uint64(degree)
            at_k = k * o[0]
            for q in range(0 if linked else path, points if linked else path + 1):
                w = work[q * slot : (q + 1) * slot] if linked else work[:slot]
                if linked and is_known(work, slot, total, par, at, q, degree, order, points, len(given)):
                    continue
                if not set_coefficient(w[degree * total : degree * total + d], given, par, at, F, q, degree):
                    continue
                <extend>
                out = F[q, degree]
                <collect_next>
                negate(out)
    combine(par, at, F, rows)"""

# All paths at once, where NumPy's calls cost more than what they do: rows of w are paths.
_TAYLOR_AT_ONCE = """def taylor(y, given, par, at, F, work, known, rows):
    o = read_layout(par)
    data = read_data(par, y)
    zero, one = 0, 1
    <loads>
    d, total = len(y), o[0]
    points, order = F.shape[:2]
    if not known:
        w = work[:total]
        <leading>
        out = F[0, 0]
        <collect>
        negate(out)
        F[1:, 0] = F[0, 0]
    for some in blocks(points, total * order * F.itemsize, len(given)):
        w = Paths.over(work, total, order, len(F[some]))
        for k in range(1, order):
            at_k = k * total
            path = path_coefficients(given[some], par, at, F[some], k)
            <load>
            <extend>
            out = F[some, k]
            <collect_next>
            negate(out)
        w.put_back()
    combine(par, at, F, rows)"""

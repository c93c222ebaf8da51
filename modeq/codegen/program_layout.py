"""Where the arrays of a program lie, and the names of these places in its text: all numbers that the text does not spell out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

import numpy as np

from ..exact import Scalar
from ..graph.algebra import as_float
from ..graph.graph import Graph
from .statements import literal

Array = np.ndarray[Any, np.dtype[Any]]
_PLAIN = 16  # largest constant that is written out


@final
class ProgramLayout:
    """The numbers that the text of a program names.

    Attributes
    ----------
    numbers
        The layout ``o``.
    data_parts
        Fixed arrays and indices, in the order of ``data``.
    theta, offsets
        Where each input begins in θ, and each array in ``w``.
    """

    def __init__(self, graph: Graph, inputs: Sequence[int], changing: Sequence[int], fixed: Mapping[int, Array]) -> None:
        self.graph = graph
        self.data_parts: list[Array] = []
        self._data_size = 0
        self._constants: dict[float, int] = {}
        self._used: set[int] = set()
        self._places: dict[tuple[str, int], int] = {}
        self.theta: dict[int, int] = {}
        position = 0
        for number in inputs:
            self.theta[number] = position
            position += self.graph.nodes[number].size
        self.offsets = dict(self.theta)
        for number in changing:
            node = self.graph.nodes[number]
            if node.op == "reshape":  # the same memory in another shape
                self.offsets[number] = self.offsets[node.arguments[0]]
            else:
                self.offsets[number] = position
                position += node.size
        self.numbers: list[int] = [position, sum(graph.nodes[number].size for number in inputs)]
        self._data_offsets = {number: self._store(array) for number, array in fixed.items()}
        self._index_offsets: dict[int, int] = {}

    def begin(self) -> None:
        """Begin the text of another function, which loads what it names itself."""
        self._used = set()

    def constant(self, value: Scalar) -> str:
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

    def number(self, role: str, value: int) -> str:
        """Name an entry of the layout; numbers of different roles are different entries, even if they happen to be equal."""
        if role == "size" and value == 1:
            return "one"
        key = (role, value)
        if key not in self._places:
            self._places[key] = len(self.numbers)
            self.numbers.append(value)
        return self.entry(self._places[key])

    def entry(self, place: int) -> str:
        """Name the local variable for an entry of the layout; LLVM cannot know that no store to w changes the layout itself."""
        self._used.add(place)
        return f"o{place}"

    def filled(self, template: str, **parts: Iterable[str]) -> str:
        """Put lines in the places ``<name>`` of a template, with the indentation of the place; load what they name first."""
        constants = [f"k{i} = data[{self.number('data', at)}].real" for i, at in enumerate(self._constants.values())]
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

    def size(self, value: int) -> str:
        """Name a size."""
        return self.number("size", value)

    def place(self, number: int, source: str = "w") -> tuple[str, str]:
        """(vector, offset) of the coefficient of degree 0 of a node."""
        if number in self._data_offsets:
            return "data", self.number("data", self._data_offsets[number])
        if self._root(number) in self.theta and source == "y":
            return "y", self.number("theta", self.offsets[number])
        return "w", self.number("place", self.offsets[number])

    def _root(self, number: int) -> int:
        node = self.graph.nodes[number]
        return self._root(node.arguments[0]) if node.op == "reshape" else number

    def index(self, value: int) -> str:
        """Name the place of a constant index array in the data, where it is put if it is not there."""
        if value not in self._index_offsets:
            self._index_offsets[value] = self._store(self.graph.arrays[value])
        return self.number("data", self._index_offsets[value])

"""Array graphs as loops and BLAS calls, on values and on Taylor coefficients.

A loss on arrays, with its gradient, becomes three functions of a generated module:

``loss(y, par, out)``
    returns E and writes ∇E, with elementwise operations fused;
``taylor(y, given, par, at, F, work, known, rows)``
    Taylor coefficients of f = −∇E along many paths, see `taylor_fields`. It computes all intermediate arrays at y, which are
    the coefficients of degree 0, once, and then those of degree k ≥ 1 from the ones of lower degree, path by path.

``products(y, directions, par, at, products, work)``
    ∇²E v for many v, shape (Q, d), see `tangent_text`. ``work`` has room for three rows; ``par`` ends, from `at` on, with the plan of Q
    paths of degree 1, by which plain Python has them from ``taylor``.

They are straight sequences of calls of `array_operations` and of small loops: the number of lines is that of the operations
in the user's function, whatever the widths, the number of samples and the degree. All sizes and offsets are numbers in the
layout ``o``; fixed arrays (X, y) are one vector ``data``; the coefficients of degree k of all arrays are one row of ``w``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, final

import numpy as np

from ..graph.algebra import NumpyAlgebra, evaluate
from ..graph.arrays import STEADY
from ..graph.differentiation import gradient
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram
from .program_templates import PRODUCTS_IN_PYTHON
from .program_text import ProgramText
from .routines import WITHIN, jit
from .tangent_text import products_text

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@final
@dataclass(frozen=True, eq=False)
class ArrayProgram:
    """A scalar function of named arrays, ready to be printed.

    Attributes
    ----------
    graph
        A graph of its own, which is extended.
    value
        The node of the scalar.
    inputs
        The input nodes, in the order in which they are raveled and joined to θ.
    """

    graph: Graph
    value: int
    inputs: tuple[int, ...]

    @cached_property
    def dimension(self) -> int:
        """Number d of parameters."""
        return sum(self.graph.nodes[number].size for number in self.inputs)

    @cached_property
    def slopes(self) -> list[int]:
        """The gradient with respect to each input."""
        return gradient(self.graph, self.value, self.inputs)

    @cached_property
    def taylor(self) -> TaylorProgram:
        """The nodes of the gradient and those that Taylor arithmetic needs."""
        return TaylorProgram(self.graph, [self.value, *self.slopes])

    @cached_property
    def _kinds(self) -> dict[int, str]:
        """``moving`` along a path, ``steady`` (depending on where the path starts), or ``fixed``."""
        kinds: dict[int, str] = {}
        for number in self.taylor.nodes:
            node = self.graph.nodes[number]
            below = {kinds[argument] for argument in node.arguments}
            if node.op == "input":
                kinds[number] = "moving"
            elif below <= {"fixed"}:
                kinds[number] = "fixed"
            else:
                kinds[number] = "moving" if "moving" in below and node.op not in STEADY else "steady"
        return kinds

    @cached_property
    def _fixed_arrays(self) -> dict[int, Array]:
        """What does not depend on θ, computed once: by node."""
        used = {a for number in self._changing for a in self.graph.nodes[number].arguments} | set(self.slopes) | {self.value}
        wanted = [n for n in sorted(used) if self._kinds[n] == "fixed" and self.graph.nodes[n].op != "constant"]
        values = evaluate(self.graph, wanted, {}, NumpyAlgebra())
        return {number: np.asarray(value, dtype=float) for number, value in zip(wanted, values, strict=True)}

    @cached_property
    def _changing(self) -> list[int]:
        """The nodes to compute, in order."""
        return [n for n in self.taylor.nodes if self._kinds[n] != "fixed" and self.graph.nodes[n].op != "input"]

    @cached_property
    def _texts(self) -> tuple[ProgramText, str]:
        """What is printed of the program, and ``products``, which names numbers of the same layout."""
        text = ProgramText(
            self.graph, self.value, self.slopes, self.inputs, self._changing, self._kinds, self.taylor.derivatives, self._fixed_arrays
        )
        return text, products_text(text)

    @property
    def _text(self) -> ProgramText:
        return self._texts[0]

    @property
    def parts(self) -> list[str]:
        """The text of `loss` and `taylor`."""
        return [f"{jit('loss')}\n{self._text.loss}", f"{jit('taylor')}\ndef taylor{self._text.taylor}"]

    def taylor_within(self, name: str) -> str:
        """Return the text of Taylor arithmetic under a name of choice, for modules whose own functions alone call it."""
        return f"{WITHIN}\ndef {name}{self._text.taylor}"

    @property
    def products(self) -> str:
        """The text of ``products``."""
        return f"{jit('products')}\ndef products{self._texts[1]}"

    @property
    def in_python(self) -> str:
        """The text of the functions for NumPy, all paths at once."""
        return "\n\n\n".join([self._text.loss, self._text.at_once, PRODUCTS_IN_PYTHON])

    @property
    def length(self) -> int:
        """Number of operations, with which the time to compile grows."""
        return len(self._changing)

    @property
    def row(self) -> int:
        """Number of entries of all arrays together: a row of w."""
        return self._text.numbers[0]

    @cached_property
    def layout(self) -> Array:
        """The numbers that ``o`` holds: size of a row of w, d, then all sizes and offsets that the code names."""
        return np.array(self._text.numbers, dtype=float)

    @cached_property
    def data(self) -> Array:
        """All fixed arrays and indices, joined."""
        return np.concatenate([np.empty(0), *self._text.data_parts])

"""The one intermediate form: a hash-consed expression graph.

Losses and vector fields are lowered to it, differentiation and Taylor arithmetic rewrite it, code generation prints it.
Equal nodes are one node: building an expression that exists returns the old number, so common subexpressions exist
once by construction. Numbers increase from arguments to results, which makes their order a topological one.

Elementwise operations, on real or complex scalars and arrays:

=============  ==================================================================================================
``constant``   an exact number: int, Fraction, or a SymPy number or expression in parameters of the method
``input``      a named argument: a coordinate of the state, the step size h, a parameter of the loss, an array
``data``       an array of numbers that stay as they are
arithmetic     ``add``, ``subtract``, ``multiply``, ``divide``, ``negate``
``power``      a constant exponent that is no integer; integer powers become products
functions      ``exp log sqrt sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh erf``
               ``log1p expm1 sigmoid softplus``
quotients      ``sinc exprel log1prel tanhrel atanrel asinhrel`` and their derivatives, ``sinc1 sinc2 …``, see `graph.quotients`
=============  ==================================================================================================

The operands of an elementwise operation have one shape, or are constants; everything that changes shapes is an operation
of its own, see `graph.arrays`.

What overflows in the far tails of a logistic curve is written with the function that does not: 1/(1 + e⁻ˣ), eˣ/(1 + eˣ) and 1 − σ(x) as
``sigmoid``, log(1 + eˣ) and log σ(x) as ``softplus``. What is 0/0 where it is
smooth, such as sin(x)/x, is written as a quotient.

Not supported in formulas, on purpose: piecewise and non-differentiable functions (|x|, max, sign) – modified equations
need derivatives of every order. (NumPy functions may use them, with the derivatives of the piece they are on.) Non-integer
powers, sqrt and log are smooth away from 0 only; at 0 their derivatives are NaN or infinite.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import numpy as np
import sympy

from ..exact import Scalar
from ..functions import FUNCTIONS, QUOTIENTS
from .quotients import at_zero, removable

if TYPE_CHECKING:
    import networkx as nx

ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "negate"})
_AT_ZERO = {"exp": 1, "cos": 1, "cosh": 1} | dict.fromkeys(["sqrt", "sin", "tan", "sinh", "tanh", "log1p", "expm1"], 0)
_LARGEST_EXPONENT = 2**20  # integer powers are products by repeated squaring


@final
@dataclass(frozen=True)
class Node:
    """One operation.

    Attributes
    ----------
    op
        Its name in the tables here and in `graph.arrays`.
    arguments
        Numbers of the argument nodes.
    value
        The number of a constant, the name of an input, the exponent of a power, what else an operation depends on.
    shape
        Shape of the result, ``()`` for scalars; its entries are real or complex, as the state is.
    """

    op: str
    arguments: tuple[int, ...] = ()
    value: Any = None
    shape: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)


@final
class Graph:
    """A growing, hash-consed expression graph; nodes are referred to by number.

    Its methods are the operations of an `Algebra`: code that is written for any algebra builds graphs when given one.

    Attributes
    ----------
    nodes
        By number.
    arrays
        What ``data`` nodes hold.
    origins
        The line of the user's code that a node stems from, for those that messages name.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.arrays: list[np.ndarray] = []
        self.origins: dict[int, str] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}
        self.zero = self.constant(Fraction(0))
        self.one = self.constant(Fraction(1))

    def intern(self, op: str, arguments: tuple[int, ...] = (), value: Any = None, shape: tuple[int, ...] = ()) -> int:
        """Return the node with this content; passes use the operations below and those of `graph.arrays` instead."""
        key = (op, arguments, type(value), value, shape)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.nodes)
            self.nodes.append(Node(op, arguments, value, shape))
        return number

    def _intern(self, op: str, arguments: tuple[int, ...], value: Any = None) -> int:
        """Return an elementwise node: its operands have one shape, or are constants."""
        shapes = {self.nodes[argument].shape for argument in arguments if self.nodes[argument].op != "constant"}
        if len(shapes) > 1:
            raise ValueError(f"{op} takes operands of one shape, got {' and '.join(map(str, sorted(shapes)))}")
        return self.intern(op, arguments, value, shapes.pop() if shapes else ())

    def input(self, name: str, shape: tuple[int, ...] = ()) -> int:
        """Return the input called `name`."""
        return self.intern("input", (), name, shape)

    def data(self, array: np.ndarray) -> int:
        """Return an array of fixed numbers; arrays with equal entries are one node."""
        key = ("data", array.shape, array.dtype.str, array.tobytes())
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.nodes)
            self.nodes.append(Node("data", (), len(self.arrays), array.shape))
            self.arrays.append(np.array(array, order="C"))  # a copy: the graph must not change with the user's array
        return number

    def constant(self, value: Scalar | int) -> int:
        """Return an exact constant."""
        if isinstance(value, int):
            value = Fraction(value)
        elif isinstance(value, sympy.Rational):
            value = Fraction(int(value.p), int(value.q))
        return self.intern("constant", (), value)

    def fixed(self, number: int) -> Scalar | None:
        """Return the value of a constant node, None for any other."""
        node = self.nodes[number]
        return node.value if node.op == "constant" else None

    def add(self, a: int, b: int) -> int:
        """A + b."""
        if a == self.zero:
            return b
        if b == self.zero:
            return a
        x, y = self.fixed(a), self.fixed(b)
        if x is not None and y is not None:
            return self.constant(x + y)
        if self.nodes[b].op == "negate":
            return self.subtract(a, self.nodes[b].arguments[0])
        if self.nodes[a].op == "negate":
            return self.subtract(b, self.nodes[a].arguments[0])
        merged = self._merged(a, b, 1)
        if merged is not None:
            return merged
        return self._intern("add", (a, b) if a <= b else (b, a))

    def _merged(self, a: int, b: int, sign: int) -> int | None:
        """Write r·u ± s·u as (r ± s)·u and r·u ± r·v as r·(u ± v); None where neither form fits."""
        (r, u), (s, v) = self._scaled(a), self._scaled(b)
        if u == v:
            return self.multiply(self.constant(r + sign * s), u)
        if r != 1 and r in (s, -s):
            same = sign == 1 if r == s else sign == -1
            return self.multiply(self.constant(r), self.add(u, v) if same else self.subtract(u, v))
        return None

    def _scaled(self, a: int) -> tuple[Scalar, int]:
        """Split a node into a constant factor and the rest."""
        node = self.nodes[a]
        if node.op == "multiply" and (factor := self.fixed(node.arguments[0])) is not None:
            return factor, node.arguments[1]
        return Fraction(1), a

    def subtract(self, a: int, b: int) -> int:
        """A − b."""
        if b == self.zero:
            return a
        if a == b:
            return self.zero
        if a == self.zero:
            return self.negate(b)
        x, y = self.fixed(a), self.fixed(b)
        if x is not None and y is not None:
            return self.constant(x - y)
        if a == self.one and self.nodes[b].op == "sigmoid":  # 1 − σ(u), which cancels for large u
            return self.apply("sigmoid", self.negate(self.nodes[b].arguments[0]))
        if self.nodes[b].op == "negate":
            return self.add(a, self.nodes[b].arguments[0])
        merged = self._merged(a, b, -1)
        return self._intern("subtract", (a, b)) if merged is None else merged

    def negate(self, a: int) -> int:
        """−a."""
        node = self.nodes[a]
        if node.op == "constant":
            return self.constant(-node.value)
        if node.op == "negate":
            return node.arguments[0]
        if node.op == "subtract":
            return self._intern("subtract", node.arguments[::-1])
        if node.op == "multiply" and self.nodes[node.arguments[0]].op == "constant":
            return self.multiply(self.negate(node.arguments[0]), node.arguments[1])
        return self._intern("negate", (a,))

    def multiply(self, a: int, b: int) -> int:
        """A · b; a constant factor is kept in front."""
        if self.zero in (a, b):
            return self.zero
        if a == self.one:
            return b
        if b == self.one:
            return a
        x, y = self.fixed(a), self.fixed(b)
        if y is not None and x is None:
            a, b, x, y = b, a, y, x
        if x is not None:
            if y is not None:
                return self.constant(x * y)
            if x == -1:
                return self.negate(b)
            node = self.nodes[b]
            if node.op == "negate":
                return self.multiply(self.constant(-x), node.arguments[0])
            if node.op == "multiply" and (inner := self.fixed(node.arguments[0])) is not None:
                return self.multiply(self.constant(x * inner), node.arguments[1])
            return self._intern("multiply", (a, b))
        for this, other in ((a, b), (b, a)):
            node = self.nodes[this]
            if node.op == "negate":
                return self.negate(self.multiply(node.arguments[0], other))
            if node.op == "multiply" and self.fixed(node.arguments[0]) is not None:
                return self.multiply(node.arguments[0], self.multiply(node.arguments[1], other))
        return self._intern("multiply", (a, b) if a <= b else (b, a))

    def divide(self, a: int, b: int) -> int:
        """A / b; division by a constant becomes multiplication."""
        divisor = self.fixed(b)
        if divisor is not None:
            if divisor == 0:
                raise ZeroDivisionError("the expression divides by zero")
            return self.multiply(self.constant(1 / divisor), a)
        if a == self.zero:
            return a
        if a == b:
            return self.one
        if (u := self._logistic(b)) is not None:  # a/(1 + eᵘ), where eᵘ may overflow
            if self.nodes[a].op == "exp" and self.nodes[a].arguments[0] == u:
                return self.apply("sigmoid", u)
            return self.multiply(a, self.apply("sigmoid", self.negate(u)))
        limit = removable(self, a, b)
        return self._intern("divide", (a, b)) if limit is None else limit

    def _logistic(self, a: int) -> int | None:
        """Return u of a node 1 + eᵘ, None for any other."""
        node = self.nodes[a]
        if node.op != "add" or node.arguments[0] != self.one:
            return None
        other = self.nodes[node.arguments[1]]
        return other.arguments[0] if other.op == "exp" else None

    def power(self, a: int, exponent: Scalar | int) -> int:
        """A ** exponent for a constant exponent."""
        if isinstance(exponent, int) or (isinstance(exponent, Fraction) and exponent.denominator == 1):
            count = int(exponent)
            if count < 0:
                return self.divide(self.one, self.power(a, -count))
            if count <= _LARGEST_EXPONENT:
                return self._product(a, count)
        if exponent == Fraction(1, 2):
            return self.apply("sqrt", a)
        return self._intern("power", (a,), exponent)

    def _product(self, a: int, count: int) -> int:
        if count == 0:
            return self.one
        half = self._product(a, count // 2)
        square = self.multiply(half, half)
        return self.multiply(square, a) if count % 2 else square

    def apply(self, function: str, a: int) -> int:
        """Apply one of `FUNCTIONS`."""
        if function not in FUNCTIONS:
            raise ValueError(f"the expression graph has no function {function!r}; it knows {', '.join(sorted(FUNCTIONS))}")
        if a == self.zero and function in _AT_ZERO:
            return self.constant(_AT_ZERO[function])
        if a == self.zero and function in QUOTIENTS:
            return self.constant(at_zero(function))
        if a == self.one and function == "log":
            return self.zero
        if function == "log" and (u := self._logistic(a)) is not None:
            return self.apply("softplus", u)
        if function == "log" and self.nodes[a].op == "sigmoid":
            return self.negate(self.apply("softplus", self.negate(self.nodes[a].arguments[0])))
        if function == "log1p" and self.nodes[a].op == "exp":
            return self.apply("softplus", self.nodes[a].arguments[0])
        return self._intern(function, (a,))

    def reachable(self, outputs: Iterable[int]) -> list[int]:
        """List the nodes that `outputs` depend on, arguments first."""
        seen: set[int] = set()
        stack = list(outputs)
        while stack:
            number = stack.pop()
            if number not in seen:
                seen.add(number)
                stack.extend(self.nodes[number].arguments)
        return sorted(seen)

    def to_networkx(self, outputs: Iterable[int]) -> nx.DiGraph:
        """Return the part that `outputs` depend on, edges from argument to result, attributes ``op`` and ``value``."""
        import networkx as nx  # deferred: only drawing needs it

        result = nx.DiGraph()
        for number in self.reachable(outputs):
            node = self.nodes[number]
            result.add_node(number, op=node.op, value=node.value)
            result.add_edges_from((argument, number) for argument in node.arguments)
        return result

    def copy(self) -> Graph:
        """Return an independent graph with the same nodes, so that passes leave the original as it was."""
        other = Graph.__new__(Graph)
        other.nodes, other._numbers, other.arrays = self.nodes.copy(), self._numbers.copy(), self.arrays.copy()
        other.origins = self.origins.copy()
        other.zero, other.one = self.zero, self.one
        return other

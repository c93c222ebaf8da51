r"""Taylor arithmetic: truncated power series through a graph, over any algebra.

Given the coefficients of the inputs as series in one variable, the coefficients of every node follow degree by degree.
Products are convolutions; a function y = φ(u) obeys y' = φ'(u) u', hence

.. math::  k\,y_k = \sum_{j=1}^{k} j\,u_j\,(\varphi'(u))_{k-j},

where φ′(u) is itself a node of the graph; powers obey u y' = a u' y. Coefficients that are structurally zero are None and
cost nothing. Graphs with arrays run over the algebras of numbers: what changes shapes is linear, products of matrices are
convolutions too, and what is piecewise stays on its piece.

Reference: A. Griewank, A. Walther, *Evaluating Derivatives* (2008), chapter 13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Generic, TypeVar, cast, final

from ..arithmetic import Algebra
from ..exact import Scalar
from ..functions import FUNCTIONS
from .arrays import ARRAY_OPERATIONS, LINEAR, STEADY, compute
from .differentiation import function_derivative
from .graph import ARITHMETIC, Graph, Node

T = TypeVar("T")


@final
class TaylorProgram:
    """The nodes of `outputs`, in order, together with the derivative nodes that their functions need."""

    def __init__(self, graph: Graph, outputs: Sequence[int]) -> None:
        self.graph = graph
        self.outputs = list(outputs)
        self.derivatives: dict[int, int] = {}
        needed = set(graph.reachable(outputs))
        while True:
            functions = [n for n in needed if self._is_function(n) and n not in self.derivatives]
            if not functions:
                break
            for number in functions:
                self.derivatives[number] = function_derivative(graph, number)
            needed.update(graph.reachable(self.derivatives[number] for number in functions))
        self.nodes = sorted(needed)

    def _is_function(self, number: int) -> bool:
        return self.graph.nodes[number].op in FUNCTIONS


@final
class TaylorSeries(Generic[T]):
    """The coefficients of all nodes of a program along one path; each `extend` adds one degree.

    Parameters
    ----------
    program
        What to evaluate.
    algebra
        Where coefficients live.
    path
        Names of the inputs that move; all others are constants, given by `fixed`.
    """

    def __init__(self, program: TaylorProgram, algebra: Algebra[T], path: Sequence[str], fixed: Mapping[str, T]) -> None:
        self._program = program
        self._algebra = algebra
        self._path = {name: position for position, name in enumerate(path)}
        self._fixed = fixed
        self._coefficients: dict[int, list[T | None]] = {number: [] for number in program.nodes}
        self._fractions: dict[Scalar, T] = {}
        self.degree = -1

    def extend(self, inputs: Sequence[T | None]) -> list[T | None]:
        """Take the next coefficient of each moving input, return that of each output."""
        self.degree += 1
        graph = self._program.graph
        for number in self._program.nodes:
            node = graph.nodes[number]
            if node.op == "input" and node.value in self._path:
                value = inputs[self._path[node.value]]
            elif self.degree == 0:
                value = self._leading(number)
            elif node.op in ("constant", "input", "data") or node.op in STEADY:
                value = None
            else:
                value = self._next(number)
            self._coefficients[number].append(value)
        return [self._coefficients[number][-1] for number in self._program.outputs]

    def _leading(self, number: int) -> T:
        algebra, node = self._algebra, self._program.graph.nodes[number]
        if node.op == "constant":
            return algebra.constant(node.value)
        if node.op == "input":
            return self._fixed[node.value]
        if node.op == "data":
            return cast("T", self._program.graph.arrays[node.value])
        arguments = [self._coefficients[argument][0] for argument in node.arguments]
        if node.op in ARITHMETIC:
            result: T = getattr(algebra, node.op)(*arguments)
            return result
        if node.op in ARRAY_OPERATIONS:
            return cast("T", compute(self._program.graph, node, arguments))
        (argument,) = arguments
        assert argument is not None
        return algebra.power(argument, node.value) if node.op == "power" else algebra.apply(node.op, argument)

    def _next(self, number: int) -> T | None:
        node, k = self._program.graph.nodes[number], self.degree
        arguments = [self._coefficients[argument] for argument in node.arguments]
        match node.op:
            case "add":
                return self._sum(arguments[0][k], arguments[1][k])
            case "subtract":
                return self._sum(arguments[0][k], self._negative(arguments[1][k]))
            case "negate":
                return self._negative(arguments[0][k])
            case "multiply":
                return self._convolution(arguments[0], arguments[1])
            case "divide":
                u, v = arguments
                own = self._coefficients[number]
                total = u[k]
                for j in range(1, k + 1):
                    total = self._sum(total, self._negative(self._product(v[j], own[k - j])))
                return self._quotient(total, v[0])
            case "power":  # u y' = a u' y
                u, own, exponent = arguments[0], self._coefficients[number], node.value
                total = None
                for j in range(1, k + 1):
                    weight = (exponent * j - (k - j)) / Fraction(k)
                    total = self._sum(total, self._scaled(weight, self._product(u[j], own[k - j])))
                return self._quotient(total, u[0])
            case "matmul":
                return self._matmul(node, arguments)
            case "select":
                if arguments[1][k] is None and arguments[2][k] is None:
                    return None
                pieces = [arguments[0][0], *(0.0 if piece[k] is None else piece[k] for piece in arguments[1:])]
                return cast("T", compute(self._program.graph, node, pieces))
            case op if op in LINEAR:
                return None if arguments[0][k] is None else cast("T", compute(self._program.graph, node, [arguments[0][k]]))
            case _:
                u, slope = arguments[0], self._coefficients[self._program.derivatives[number]]
                total = None
                for j in range(1, k + 1):
                    total = self._sum(total, self._scaled(Fraction(j, k), self._product(u[j], slope[k - j])))
                return total

    def _matmul(self, node: Node, arguments: list[list[T | None]]) -> T | None:
        total: T | None = None
        for a, b in zip(arguments[0], reversed(arguments[1]), strict=True):
            if a is not None and b is not None:
                total = self._sum(total, cast("T", compute(self._program.graph, node, [a, b])))
        return total

    def _convolution(self, u: list[T | None], v: list[T | None]) -> T | None:
        k = self.degree
        total: T | None = None
        if u is not v:
            for j in range(k + 1):
                total = self._sum(total, self._product(u[j], v[k - j]))
            return total
        for j in range((k + 1) // 2):
            total = self._sum(total, self._product(u[j], u[k - j]))
        total = self._scaled(Fraction(2), total)
        return self._sum(total, self._product(u[k // 2], u[k // 2])) if k % 2 == 0 else total

    def _sum(self, a: T | None, b: T | None) -> T | None:
        return b if a is None else a if b is None else self._algebra.add(a, b)

    def _negative(self, a: T | None) -> T | None:
        return None if a is None else self._algebra.negate(a)

    def _product(self, a: T | None, b: T | None) -> T | None:
        return None if a is None or b is None else self._algebra.multiply(a, b)

    def _quotient(self, a: T | None, leading: T | None) -> T | None:
        assert leading is not None  # the coefficient of degree 0 is never a structural zero
        return None if a is None else self._algebra.divide(a, leading)

    def _scaled(self, factor: Scalar, a: T | None) -> T | None:
        if a is None or factor == 1:
            return a
        scale = self._fractions.get(factor)
        if scale is None:
            scale = self._fractions[factor] = self._algebra.constant(factor)
        return self._algebra.multiply(scale, a)

"""What a graph can be evaluated over: anything with the operations of an algebra.

A `Graph` is one (evaluation rewrites expressions), numbers are one (evaluation computes), truncated polynomials are
one (evaluation expands).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar, final

import mpmath
import numpy as np
import sympy

from ..arithmetic import Algebra, Arithmetic
from ..exact import Scalar, to_sympy
from ..functions import QUOTIENTS
from .arrays import ARRAY_OPERATIONS, compute
from .graph import Graph
from .quotients import numeric, precise, symbolic

T = TypeVar("T")


def as_float(value: Scalar | int) -> float:
    """Round an exact number to the nearest float.

    Raises
    ------
    ValueError
        If it is too large for one.
    """
    try:
        return float(sympy.N(value, 30)) if isinstance(value, sympy.Expr) else float(value)
    except OverflowError:
        raise ValueError("a constant is too large for a floating-point number; rescale the expression") from None


def _sigmoid(x: Any) -> Any:
    positive = np.real(x) >= 0
    e = np.exp(np.where(positive, -x, x))  # never overflows
    return np.where(positive, 1.0, e) / (1.0 + e)


def _softplus(x: Any) -> Any:
    positive = np.real(x) >= 0
    return np.where(positive, x, 0.0) + np.log1p(np.exp(np.where(positive, -x, x)))


class NumpyAlgebra(Arithmetic):
    """Floating point, elementwise on arrays of any shape, real or complex."""

    _NAMES = {name: getattr(np, name) for name in ["exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"]} | {
        name: getattr(np, "arc" + name[1:]) for name in ["asin", "acos", "atan", "asinh", "acosh", "atanh"]
    }
    _NAMES |= {"log1p": np.log1p, "expm1": np.expm1, "sigmoid": _sigmoid, "softplus": _softplus, "sign": np.sign, "abs": np.abs}

    def constant(self, value: Scalar | int) -> Any:
        return as_float(value)

    def power(self, a: Any, exponent: Scalar | int) -> Any:
        return np.power(a, as_float(exponent))

    def total(self, a: Any) -> Any:
        """Sum over the last axis, which stays as one entry."""
        return np.sum(a, axis=-1, keepdims=True)

    def maximum(self, a: Any, b: Any) -> Any:
        return np.maximum(a, b)

    def minimum(self, a: Any, b: Any) -> Any:
        return np.minimum(a, b)

    def apply(self, function: str, a: Any) -> Any:
        if function == "erf":
            from scipy.special import erf  # deferred: SciPy costs as much to import as all the rest

            return erf(a)
        return numeric(function, a) if function in QUOTIENTS else self._NAMES[function](a)


@final
class NumpyMatrices(NumpyAlgebra):
    """Floating point, on arrays of shape (…, rows, columns)."""

    def total(self, a: Any) -> Any:
        """Sum over the last two axes, which stay with one entry each."""
        return np.sum(a, axis=(-2, -1), keepdims=True)

    def matmul(self, a: Any, b: Any) -> Any:
        return np.matmul(a, b)

    def transpose(self, a: Any) -> Any:
        return np.swapaxes(a, -1, -2)


# Functions of the graph that the other libraries do not have under this name.
_MPMATH: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
}
_SYMPY: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "log1p": lambda x: sympy.log(1 + x),
    "expm1": lambda x: sympy.exp(x) - 1,
}


@final
class MpmathAlgebra(Arithmetic):
    """mpmath numbers at the working precision of `mpmath.mp`, and arrays of them."""

    def constant(self, value: Scalar | int) -> Any:
        if isinstance(value, sympy.Expr):
            return mpmath.mpmathify(sympy.N(value, mpmath.mp.dps + 5))
        exact = Fraction(value)
        return mpmath.mpf(exact.numerator) / exact.denominator

    def power(self, a: Any, exponent: Scalar | int) -> Any:
        return a ** self.constant(exponent)

    def apply(self, function: str, a: Any) -> Any:
        rule = partial(precise, function) if function in QUOTIENTS else _MPMATH.get(function) or getattr(mpmath, function)
        return np.frompyfunc(rule, 1, 1)(a) if isinstance(a, np.ndarray) else rule(a)


@final
class SympyAlgebra(Arithmetic):
    """SymPy expressions, as they come."""

    def constant(self, value: Scalar | int) -> Any:
        return to_sympy(Fraction(value) if isinstance(value, int) else value)

    def power(self, a: Any, exponent: Scalar | int) -> Any:
        return a ** self.constant(exponent)

    def apply(self, function: str, a: Any) -> Any:
        if function in QUOTIENTS:
            return symbolic(function, a)
        return _SYMPY[function](a) if function in _SYMPY else getattr(sympy, function)(a)


def evaluate(graph: Graph, outputs: Iterable[int], inputs: Mapping[str, T], algebra: Algebra[T]) -> list[T]:
    """Compute `outputs` over an algebra; graphs with arrays over those of numbers only.

    Parameters
    ----------
    inputs
        Value of each named input.

    Raises
    ------
    ValueError
        If an input that the outputs depend on has no value.
    """
    wanted = list(outputs)
    values: dict[int, T] = {}
    for number in graph.reachable(wanted):
        node = graph.nodes[number]
        arguments = [values[argument] for argument in node.arguments]
        if node.op == "constant":
            values[number] = algebra.constant(node.value)
        elif node.op == "input":
            if node.value not in inputs:
                raise ValueError(f"the input {node.value!r} has no value; given are {', '.join(inputs)}")
            values[number] = inputs[node.value]
        elif node.op == "data":
            values[number] = graph.arrays[node.value]
        elif node.op in ARRAY_OPERATIONS:
            values[number] = compute(graph, node, arguments)
        elif node.op == "power":
            values[number] = algebra.power(arguments[0], node.value)
        elif node.op in ("add", "subtract", "multiply", "divide", "negate"):
            values[number] = getattr(algebra, node.op)(*arguments)
        else:
            values[number] = algebra.apply(node.op, arguments[0])
    return [values[number] for number in wanted]

"""NumPy's ufuncs and what else acts entry by entry, with NumPy's broadcasting.

What is piecewise has the derivatives of the piece that each entry is on: |x| and maximum(x, 0) that of x at x = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from ..functions import FUNCTIONS as GRAPH_FUNCTIONS
from ..functions import QUOTIENTS
from . import arrays
from .graph import Graph
from .numpy_arguments import Handler
from .traced_array import TracedArray, Tracing
from .tracing_errors import user_line

_MOST_EXPONENTS = 64  # different ones in a fixed array of exponents, each of which becomes a power of its own


def spread(*operands: TracedArray) -> tuple[list[int], arrays.Shape]:
    """Return the nodes of operands broadcast to their common shape, and this shape."""
    shapes = [operand.shape for operand in operands]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        listed = " and ".join(map(str, shapes))
        raise ValueError(f"operands of shapes {listed} do not fit: from the last axis on, lengths must be equal or 1") from None
    graph = operands[0].tracing.graph
    return [arrays.broadcast(graph, operand.node, shape) for operand in operands], shape


def _entrywise(operation: Callable[..., int]) -> Handler:
    """Return the handler of an elementwise operation of the graph."""

    def handler(tracing: Tracing, *operands: TracedArray) -> TracedArray:
        nodes, shape = spread(*operands)
        if 0 in shape:
            return tracing.array(tracing.graph.zero, shape)
        return tracing.array(operation(tracing.graph, *nodes), shape)

    return handler


def _function(name: str) -> Handler:
    return _entrywise(lambda graph, a: graph.apply(name, a))


_ADD, _MULTIPLY = _entrywise(Graph.add), _entrywise(Graph.multiply)


def _add(tracing: Tracing, a: TracedArray, b: TracedArray) -> TracedArray:
    if a.condition and b.condition:  # NumPy's bool: True + True is True
        return _logical_or(tracing, a, b)
    return _ADD(tracing, a, b)


def _multiply(tracing: Tracing, a: TracedArray, b: TracedArray) -> TracedArray:
    result: TracedArray = _MULTIPLY(tracing, a, b)
    result.condition = a.condition and b.condition
    return result


def _numbers_only(handler: Handler) -> Handler:
    """Refuse what NumPy refuses: −x and a − b of arrays of bool."""

    def checked(tracing: Tracing, *operands: TracedArray) -> Any:
        if all(operand.condition for operand in operands):
            raise TypeError("conditions have no difference; write ~x, x ^ y, or 1.0 * x to count with them")
        return handler(tracing, *operands)

    return checked


def _constant(tracing: Tracing, value: sympy.Expr) -> TracedArray:
    return tracing.array(tracing.graph.constant(value), ())


def _scaled(factor: sympy.Expr, handler: Handler | None = None) -> Handler:
    """Return the handler of a function times an exact factor."""
    return lambda tracing, a: _constant(tracing, factor) * (a if handler is None else handler(tracing, a))


def _power(tracing: Tracing, a: TracedArray, b: TracedArray) -> Any:
    graph = tracing.graph
    if b.fixed == Fraction(1, 2):
        return _square_root(tracing, a)
    if b.fixed is not None:
        return _entrywise(lambda graph, x, _: graph.power(x, b.fixed))(tracing, a, b)
    if graph.nodes[b.node].op == "data":
        exponents = graph.arrays[graph.nodes[b.node].value].reshape(b.shape)
        different = np.unique(exponents)
        if different.size <= _MOST_EXPONENTS:
            return _powers(tracing, a, exponents, different)
    if a.fixed is not None:
        if a.fixed <= 0:
            raise ValueError(f"the base must be positive where the exponent depends on parameters, got {float(a.fixed):g}")
        return np.exp(b * _constant(tracing, sympy.log(sympy.Rational(Fraction(a.fixed)) if isinstance(a.fixed, Fraction) else a.fixed)))
    return np.exp(b * np.log(a))


def _powers(tracing: Tracing, a: TracedArray, exponents: np.ndarray, different: np.ndarray) -> TracedArray:
    """Take the entries with each exponent to their power, so that negative numbers have integer powers too."""
    graph = tracing.graph
    shape = np.broadcast_shapes(a.shape, exponents.shape)
    base: Any = np.broadcast_to(a, shape)
    exponents = np.broadcast_to(exponents, shape)
    total = graph.zero
    for exponent in different:
        places = np.flatnonzero(exponents == exponent)
        entries = base.ravel()[places] ** float(exponent)
        total = graph.add(total, arrays.scatter(graph, entries.whole, places, shape))
    return tracing.array(total, shape)


# Conditions: 1 where they hold, 0 elsewhere.


def _compare(operation: Callable[[Graph, int, int], int], exact: Callable[[Any, Any], bool]) -> Handler:
    """Return the handler of a comparison; `exact` decides it for constants."""

    def handler(tracing: Tracing, a: TracedArray, b: TracedArray) -> TracedArray:
        graph = tracing.graph
        nodes, shape = spread(a, b)
        if a.fixed is not None and b.fixed is not None:
            node = graph.constant(int(exact(a.fixed, b.fixed)))
        else:
            node = operation(graph, *nodes)
        return tracing.array(node, shape, condition=True)

    return handler


def _less(graph: Graph, a: int, b: int) -> int:
    if a == b:
        return graph.zero
    number = arrays.less(graph, a, b)
    graph.origins.setdefault(number, user_line())
    return number


def _not(graph: Graph, a: int) -> int:
    return graph.subtract(graph.one, a)


def _equal(graph: Graph, a: int, b: int) -> int:
    return graph.multiply(_not(graph, _less(graph, a, b)), _not(graph, _less(graph, b, a)))


_NOT_EQUAL = _compare(lambda graph, a, b: _not(graph, _equal(graph, a, b)), lambda a, b: bool(a != b))


def truth(tracing: Tracing, a: TracedArray) -> TracedArray:
    """Return the condition that `a` is not 0."""
    return a if a.condition else _NOT_EQUAL(tracing, a, tracing.lift(0))


def _logical(operation: Callable[..., int], *, strict: bool = False) -> Handler:
    """Return the handler of an operation on conditions; the strict ones, &, | and ~, take no numbers."""

    def handler(tracing: Tracing, *operands: TracedArray) -> TracedArray:
        if strict and not all(operand.condition for operand in operands):
            raise TypeError("&, |, ^ and ~ combine conditions, such as (x > 0) & (y > 0), in parentheses; they take no numbers")
        result: TracedArray = _entrywise(operation)(tracing, *(truth(tracing, operand) for operand in operands))
        result.condition = True
        return result

    return handler


def _and(graph: Graph, a: int, b: int) -> int:
    return graph.multiply(a, b)


def _or(graph: Graph, a: int, b: int) -> int:
    return _not(graph, graph.multiply(_not(graph, a), _not(graph, b)))


def _xor(graph: Graph, a: int, b: int) -> int:
    return graph.subtract(graph.add(a, b), graph.multiply(graph.constant(2), graph.multiply(a, b)))


_logical_or = _logical(_or)


def choose(tracing: Tracing, condition: TracedArray, a: TracedArray, b: TracedArray) -> TracedArray:
    """Return a where the condition holds, b elsewhere."""
    condition = truth(tracing, condition)
    (c, x, y), shape = spread(condition, a, b)
    if condition.fixed is not None:
        node = x if condition.fixed != 0 else y
    else:
        node = arrays.select(tracing.graph, c, x, y)
    return tracing.array(node, shape, condition=a.condition and b.condition)


def _absolute(tracing: Tracing, a: TracedArray) -> Any:
    return a if a.condition else choose(tracing, a < 0, -a, a)


def _square_root(tracing: Tracing, a: TracedArray) -> Any:
    node = tracing.graph.nodes[a.node]
    if node.op == "multiply" and node.arguments[0] == node.arguments[1]:  # √(x²) is |x|
        return _absolute(tracing, tracing.array(node.arguments[0], a.shape))
    return _function("sqrt")(tracing, a)


def _maximum(tracing: Tracing, a: TracedArray, b: TracedArray) -> TracedArray:
    return choose(tracing, a < b, b, a)


def _minimum(tracing: Tracing, a: TracedArray, b: TracedArray) -> TracedArray:
    return choose(tracing, b < a, b, a)


def _softplus_difference(tracing: Tracing, a: TracedArray, b: TracedArray) -> Any:
    """log(eᵃ + eᵇ) = b + log(1 + exp(a − b)); a constant is b, so that log(1 + eˣ) has no cancellation."""
    if a.fixed is not None:
        a, b = b, a
    return b + _function("softplus")(tracing, a - b)


def _logaddexp2(tracing: Tracing, a: TracedArray, b: TracedArray) -> Any:
    log2 = _constant(tracing, sympy.log(2))
    return _softplus_difference(tracing, log2 * a, log2 * b) / log2


def _xlogy(tracing: Tracing, a: TracedArray, b: TracedArray) -> Any:
    # The logarithm of 1 where its factor is 0: 0·log(0) would leave NaN in the derivative.
    zero = a == 0
    return choose(tracing, zero, tracing.lift(0), a * np.log(choose(tracing, zero, tracing.lift(1), b)))


UFUNCS: Mapping[str, Handler] = {
    "add": _add,
    "subtract": _numbers_only(_entrywise(Graph.subtract)),
    "multiply": _multiply,
    "divide": _entrywise(Graph.divide),
    "negative": _numbers_only(_entrywise(Graph.negate)),
    "positive": _numbers_only(_entrywise(lambda graph, a: a)),
    "power": _power,
    "float_power": _power,
    "square": _entrywise(lambda graph, a: graph.multiply(a, a)),
    "reciprocal": _entrywise(lambda graph, a: graph.divide(graph.one, a)),
    **{name: _function(name) for name in (GRAPH_FUNCTIONS - set(QUOTIENTS)) & set(dir(np)) if not name.startswith("a")},
    **{f"arc{name[1:]}": _function(name) for name in GRAPH_FUNCTIONS - set(QUOTIENTS) if name.startswith("a")},
    "sqrt": _square_root,
    "exp2": lambda tracing, a: np.exp(_constant(tracing, sympy.log(2)) * a),
    "log2": _scaled(1 / sympy.log(2), _function("log")),
    "log10": _scaled(1 / sympy.log(10), _function("log")),
    "deg2rad": _scaled(sympy.pi / 180),
    "radians": _scaled(sympy.pi / 180),
    "rad2deg": _scaled(180 / sympy.pi),
    "degrees": _scaled(180 / sympy.pi),
    "hypot": lambda tracing, a, b: np.sqrt(a * a + b * b),
    "absolute": _absolute,
    "fabs": _absolute,
    "maximum": _maximum,
    "minimum": _minimum,
    "fmax": _maximum,
    "fmin": _minimum,
    "clip": lambda tracing, a, low, high: np.minimum(np.maximum(a, low), high),
    "logaddexp": _softplus_difference,
    "logaddexp2": _logaddexp2,
    "less": _compare(_less, lambda a, b: bool(a < b)),
    "less_equal": _compare(lambda graph, a, b: _not(graph, _less(graph, b, a)), lambda a, b: bool(a <= b)),
    "greater": _compare(lambda graph, a, b: _less(graph, b, a), lambda a, b: bool(a > b)),
    "greater_equal": _compare(lambda graph, a, b: _not(graph, _less(graph, a, b)), lambda a, b: bool(a >= b)),
    "equal": _compare(_equal, lambda a, b: bool(a == b)),
    "not_equal": _NOT_EQUAL,
    "logical_and": _logical(_and),
    "logical_or": _logical_or,
    "logical_xor": _logical(_xor),
    "logical_not": _logical(_not),
    "bitwise_and": _logical(_and, strict=True),
    "bitwise_or": _logical(_or, strict=True),
    "bitwise_xor": _logical(_xor, strict=True),
    "invert": _logical(_not, strict=True),
    # Of scipy.special.
    "erf": _function("erf"),
    "exprel": _function("exprel"),
    "erfc": lambda tracing, a: 1 - _function("erf")(tracing, a),
    "expit": _function("sigmoid"),
    "log_expit": lambda tracing, a: -_function("softplus")(tracing, -a),
    "logit": lambda tracing, a: np.log(a) - np.log1p(-a),
    "ndtr": lambda tracing, a: Fraction(1, 2) * (1 + _function("erf")(tracing, _constant(tracing, 1 / sympy.sqrt(2)) * a)),
    "xlogy": _xlogy,
}
"""By the names of the ufuncs."""


def _where(tracing: Tracing, condition: Any, x: Any = None, y: Any = None) -> TracedArray:
    if x is None or y is None:
        raise TypeError("np.where(condition) has a shape that depends on values; give the two values: np.where(condition, a, b)")
    return choose(tracing, tracing.lift(condition), tracing.lift(x), tracing.lift(y))


def _clip(tracing: Tracing, a: Any, a_min: Any = None, a_max: Any = None, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - NumPy's names
    result: Any = tracing.lift(a)
    for bound in (a_min, min):
        result = result if bound is None or bound is np._NoValue else np.maximum(result, bound)
    for bound in (a_max, max):
        result = result if bound is None or bound is np._NoValue else np.minimum(result, bound)
    return result


def _polyval(tracing: Tracing, p: Any, x: Any) -> Any:
    """Horner's rule, the highest power first."""
    result: Any = 0
    for coefficient in tracing.lift(p):
        result = result * tracing.lift(x) + coefficient
    return result


def _sinc(tracing: Tracing, x: Any) -> Any:
    """Take sin(πx)/(πx), smooth at 0 too."""
    return _function("sinc")(tracing, _constant(tracing, sympy.pi) * tracing.lift(x))


FUNCTIONS: Mapping[Callable[..., Any], Handler] = {np.where: _where, np.clip: _clip, np.polyval: _polyval, np.sinc: _sinc}
"""Functions that are no ufuncs."""

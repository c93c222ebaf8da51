"""Operations of the graph that change shapes, beside the elementwise ones of `graph.graph`.

Layouts are row-major. *Outer, count, inner* name the view of an array as (outer, count, inner) around the axes that an
operation spreads or sums: a run of adjacent axes.

================  ===============================================================================================
``reshape``       the same entries in another shape
``expand``        repeat: (outer, inner) → (outer, count, inner); broadcasting is made of these
``sum``           (outer, count, inner) → (outer, inner)
``maximum``       the same with the largest real part; **constant** for differentiation, see `logsumexp`
``transpose``     swap the last two of (batch, m, n)
``matmul``        (batch, m, k)·(batch, k, n), each factor possibly transposed
``gather``        entries picked by a fixed index: slices, permutations, rows by label
``scatter``       its adjoint: entries added up at a fixed index
``select``        where(condition, a, b), entry by entry
``less``          a < b as 1.0 and 0.0; **constant** for differentiation, and for real values only
================  ===============================================================================================

What is piecewise (maximum, |x|, relu, where) is a ``select``; its derivatives are those of the piece that each entry is on.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .graph import Graph, Node

Shape = tuple[int, ...]
LINEAR = frozenset({"reshape", "expand", "sum", "transpose", "gather", "scatter"})  # in their one argument
STEADY = frozenset({"maximum", "less"})  # locally constant as far as derivatives go
ARRAY_OPERATIONS = LINEAR | STEADY | {"matmul", "select"}


def reshape(graph: Graph, a: int, shape: Shape) -> int:
    """Return the same entries in another shape."""
    node = graph.nodes[a]
    if node.shape == shape:
        return a
    if node.op == "reshape":
        return reshape(graph, node.arguments[0], shape)
    return graph.intern("reshape", (a,), None, shape)


def expand(graph: Graph, a: int, outer: int, count: int, inner: int, shape: Shape) -> int:
    """Repeat: view as (outer, inner), spread to (outer, count, inner), give it `shape`."""
    if graph.fixed(a) is not None:
        return a  # elementwise operations take constants as they are
    if count == 1:
        return reshape(graph, a, shape)
    return graph.intern("expand", (a,), (outer, count, inner), shape)


def sum_over(graph: Graph, a: int, outer: int, count: int, inner: int, shape: Shape) -> int:
    """Sum the middle of (outer, count, inner), give the result `shape`."""
    if count == 1:
        return reshape(graph, a, shape)
    return graph.intern("sum", (a,), (outer, count, inner), shape)


def full(graph: Graph, a: int, shape: Shape) -> int:
    """Give a constant a shape; other nodes have theirs."""
    value = graph.fixed(a)
    return a if value is None or shape == () else graph.data(np.full(shape, float(value)))


def broadcast(graph: Graph, a: int, shape: Shape) -> int:
    """Broadcast by NumPy's rules; constants stay as they are."""
    if graph.fixed(a) is not None or graph.nodes[a].shape == shape:
        return a
    source = graph.nodes[a].shape
    source = (1,) * (len(shape) - len(source)) + source
    spread = [have != want for have, want in zip(source, shape, strict=True)]
    for start, stop in _runs(spread):
        target = source[:start] + shape[start:stop] + source[stop:]
        count = math.prod(shape[start:stop])
        a = expand(graph, a, math.prod(source[:start]), count, math.prod(source[stop:]), target)
        source = target
    return reshape(graph, a, shape)


def reduce_sum(graph: Graph, a: int, axes: Iterable[int]) -> int:
    """Sum over `axes` (not negative), which disappear."""
    chosen = set(axes)
    shape = graph.nodes[a].shape
    for start, stop in reversed(_runs([axis in chosen for axis in range(len(shape))])):
        outer, count, inner = math.prod(shape[:start]), math.prod(shape[start:stop]), math.prod(shape[stop:])
        shape = shape[:start] + shape[stop:]
        a = sum_over(graph, a, outer, count, inner, shape)
    return a


def transpose(graph: Graph, a: int, axes: Sequence[int] | None = None) -> int:
    """Permute axes, by default reverse them."""
    shape = graph.nodes[a].shape
    order = tuple(range(len(shape)))[::-1] if axes is None else tuple(axes)
    target = tuple(shape[axis] for axis in order)
    if [axis for axis in order if shape[axis] > 1] == [axis for axis in range(len(shape)) if shape[axis] > 1]:
        return reshape(graph, a, target)
    node = graph.nodes[a]
    if node.op == "data":  # once, not in each product
        return graph.data(graph.arrays[node.value].transpose(order))
    if order == (*range(len(shape) - 2), len(shape) - 1, len(shape) - 2):
        return node.arguments[0] if node.op == "transpose" else graph.intern("transpose", (a,), None, target)
    index = np.arange(math.prod(shape)).reshape(shape).transpose(order)
    return gather(graph, a, index, target)


def matmul(graph: Graph, a: int, b: int, transposed: tuple[bool, bool] = (False, False)) -> int:
    """Multiply matrices (m, k)·(k, n), or equally many of them (batch, m, k)·(batch, k, n)."""
    for position in range(2):
        node = graph.nodes[(a, b)[position]]
        if node.op == "transpose":
            a, b = (node.arguments[0], b) if position == 0 else (a, node.arguments[0])
            transposed = (not transposed[0], transposed[1]) if position == 0 else (transposed[0], not transposed[1])
    first, second = graph.nodes[a].shape, graph.nodes[b].shape
    m, k = first[-2:][::-1] if transposed[0] else first[-2:]
    inner, n = second[-2:][::-1] if transposed[1] else second[-2:]
    if k != inner or first[:-2] != second[:-2]:
        raise ValueError(f"matmul takes (…, m, k) and (…, k, n), got {first} and {second}")
    return graph.intern("matmul", (a, b), transposed, (*first[:-2], m, n))


def gather(graph: Graph, a: int, index: np.ndarray, shape: Shape) -> int:
    """Pick entries of the raveled argument by a fixed index."""
    flat = np.ascontiguousarray(index, dtype=np.int64).ravel()
    if flat.size == graph.nodes[a].size and np.array_equal(flat, np.arange(flat.size)):
        return reshape(graph, a, shape)
    return graph.intern("gather", (a,), graph.nodes[graph.data(flat)].value, shape)


def scatter(graph: Graph, a: int, index: np.ndarray, shape: Shape) -> int:
    """Add entries up at a fixed index of the raveled result."""
    flat = np.ascontiguousarray(index, dtype=np.int64).ravel()
    return graph.intern("scatter", (a,), graph.nodes[graph.data(flat)].value, shape)


def less(graph: Graph, a: int, b: int) -> int:
    """A < b as 1.0 and 0.0."""
    shape = graph.nodes[a].shape or graph.nodes[b].shape
    return graph.intern("less", (a, b), None, shape)


def select(graph: Graph, condition: int, a: int, b: int) -> int:
    """A where the condition is not 0, b elsewhere."""
    shapes = {shape for number in (condition, a, b) if (shape := graph.nodes[number].shape)}
    if len(shapes) > 1:
        raise ValueError(f"select takes operands of one shape, got {shapes}")
    return a if a == b else graph.intern("select", (condition, a, b), None, shapes.pop() if shapes else ())


def logsumexp(graph: Graph, a: int, outer: int, count: int, inner: int, shape: Shape) -> int:
    """Log Σ exp over the middle of (outer, count, inner), without overflow.

    log Σ exp(a − m) + m does not depend on m, so m, the largest entry, may count as constant for every derivative.
    """
    largest = graph.intern("maximum", (a,), (outer, count, inner), shape)
    shifted = graph.subtract(a, expand(graph, largest, outer, count, inner, graph.nodes[a].shape))
    return graph.add(graph.apply("log", sum_over(graph, graph.apply("exp", shifted), outer, count, inner, shape)), largest)


def depends_on_sign(graph: Graph, outputs: Iterable[int]) -> bool:
    """Whether an output is piecewise in the inputs, so that it has no meaning at complex points."""
    return bool(kinks(graph, outputs))


def kinks(graph: Graph, outputs: Iterable[int]) -> list[int]:
    """Return the comparisons that decide which piece of an output holds."""
    moving = moving_nodes(graph, outputs)
    return [number for number in sorted(moving) if graph.nodes[number].op == "less" and moving & set(graph.nodes[number].arguments)]


def moving_nodes(graph: Graph, outputs: Iterable[int]) -> set[int]:
    """Return the nodes that depend on inputs."""
    moving: set[int] = set()
    for number in graph.reachable(outputs):
        node = graph.nodes[number]
        if node.op == "input" or not moving.isdisjoint(node.arguments):
            moving.add(number)
    return moving


def compute(graph: Graph, node: Node, arguments: Sequence[Any]) -> Any:
    """Evaluate one operation of this module on NumPy arrays, of numbers or of objects that act like numbers."""
    a = np.asarray(arguments[0])
    match node.op:
        case "reshape":
            return a.reshape(node.shape)
        case "expand":
            outer, count, inner = node.value
            return np.repeat(a.reshape(outer, 1, inner), count, axis=1).reshape(node.shape)
        case "sum":
            return a.reshape(node.value).sum(axis=1).reshape(node.shape)
        case "maximum":
            parts = np.real(a) if a.dtype != object else np.frompyfunc(lambda x: getattr(x, "real", x), 1, 1)(a)
            return parts.reshape(node.value).max(axis=1).reshape(node.shape)
        case "transpose":
            return np.swapaxes(a, -1, -2)
        case "matmul":
            b = np.asarray(arguments[1])
            return (np.swapaxes(a, -1, -2) if node.value[0] else a) @ (np.swapaxes(b, -1, -2) if node.value[1] else b)
        case "gather":
            return a.ravel()[graph.arrays[node.value]].reshape(node.shape)
        case "scatter":
            result = np.zeros(node.size, a.dtype)
            np.add.at(result, graph.arrays[node.value], a.ravel())
            return result.reshape(node.shape)
        case "less":
            return np.where(np.less(np.real(a), np.real(arguments[1])), 1.0, 0.0)
        case "select":
            return np.where(a != 0, arguments[1], arguments[2])
    raise ValueError(f"unknown array operation {node.op!r}")


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Return (start, stop) of each maximal run of True."""
    runs, start = [], 0
    for flag, group in itertools.groupby(flags):
        stop = start + len(list(group))
        if flag:
            runs.append((start, stop))
        start = stop
    return runs

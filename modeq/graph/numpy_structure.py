"""NumPy functions that move entries: indexing, shapes, joining and splitting.

Each runs NumPy's own function once, on the numbers 1, 2, … of the entries in place of the entries, and reads from the
result where each entry goes; 0 marks an entry that the function fills with zero. So all of NumPy's rules hold as they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import arrays
from .numpy_arguments import Handler
from .traced_array import TracedArray, Tracing


def picked(x: TracedArray, numbers: Any) -> TracedArray:
    """Return the array whose entries are those of `x` with these numbers, from 1 on; 0 stands for a zero."""
    graph = x.tracing.graph
    numbers = np.asarray(numbers)
    flat = numbers.ravel()
    used = np.flatnonzero(flat)
    if used.size == flat.size:
        node = x.node if x.fixed is not None else arrays.gather(graph, x.node, flat - 1, numbers.shape)
    else:
        entries = arrays.gather(graph, x.whole, flat[used] - 1, used.shape)
        node = arrays.scatter(graph, entries, used, numbers.shape) if used.size else graph.zero
    return x.tracing.array(node, numbers.shape, condition=x.condition)


def rearranged(x: TracedArray, function: Callable[[Any], Any]) -> Any:
    """Apply a NumPy function that moves entries; it may return several arrays."""
    numbers = np.arange(1, x.size + 1).reshape(x.shape)

    def part(result: Any) -> TracedArray:
        if result is numbers:
            return x
        array = picked(x, result)
        # What NumPy returns as a view must not be written to, see `TracedArray.view`.
        return x.view(array) if isinstance(result, np.ndarray) and np.may_share_memory(result, numbers) else array

    result = function(numbers)
    return type(result)(map(part, result)) if isinstance(result, (list, tuple)) else part(result)


def permuted(x: TracedArray, function: Callable[[Any], Any]) -> TracedArray:
    """Apply a NumPy function that permutes axes; the graph has an operation of its own for that."""
    # Axes are told apart by their lengths; no entry of this array takes memory.
    order = [length - 2 for length in function(np.broadcast_to(np.int8(0), range(2, x.ndim + 2))).shape]
    shape = tuple(x.shape[axis] for axis in order)
    node = x.node if x.fixed is not None else arrays.transpose(x.tracing.graph, x.node, order)
    return x.view(x.tracing.array(node, shape, condition=x.condition))


def joined(tracing: Tracing, parts: Sequence[Any], function: Callable[[list[Any]], Any]) -> TracedArray:
    """Apply a NumPy function that puts all entries of several arrays into one: the sum of what each one fills."""
    graph = tracing.graph
    operands = [tracing.lift(part) for part in parts]
    stops = np.cumsum([operand.size for operand in operands])
    numbers = [np.arange(stop - x.size, stop).reshape(x.shape) for x, stop in zip(operands, stops, strict=True)]
    result = np.asarray(function(numbers))
    target = np.argsort(result, axis=None)  # entry number i goes to target[i]
    condition = all(operand.condition for operand in operands)
    if len(operands) == 1:
        return picked(operands[0], result + 1)
    fixed, total = np.zeros(result.size), graph.zero
    for operand, own in zip(operands, numbers, strict=True):
        places, node = target[own.ravel()], graph.nodes[operand.whole]
        if operand.fixed is not None:
            fixed[places] = float(operand.fixed)
        elif node.op == "data":
            fixed[places] = graph.arrays[node.value].ravel()
        elif operand.size:
            total = graph.add(total, arrays.scatter(graph, operand.node, places, result.shape))
    if fixed.any():
        total = graph.add(total, graph.data(fixed.reshape(result.shape)))
    return tracing.array(total, result.shape, condition=condition)


def getitem(tracing: Tracing, x: TracedArray, key: Any) -> TracedArray:
    """x[key], for any key of fixed integers, slices and masks."""
    parts = key if isinstance(key, tuple) else (key,)
    if any(isinstance(part, TracedArray) for part in parts):
        raise TypeError(
            "the index depends on the parameters; it must be fixed. In place of x[x > 0] = a or np.sum(x[x > 0]) "
            "write np.where(x > 0, a, x) or np.sum(np.where(x > 0, x, 0))"
        )
    return rearranged(x, lambda numbers: numbers[key])


def _first_name(function: Callable[..., Any]) -> str:
    try:
        return next(iter(inspect.signature(function).parameters))
    except ValueError:  # older NumPy: written in C, with arguments by position
        return ""


def _first_argument(function: Callable[..., Any], change: Callable[[TracedArray, Callable[[Any], Any]], Any]) -> Handler:
    """Return the handler of a NumPy function whose first argument is the array and whose others are fixed."""
    name = _first_name(function)

    def handler(tracing: Tracing, *args: Any, **options: Any) -> Any:
        array, rest = (args[0], args[1:]) if args else (options.pop(name), ())
        if any(isinstance(other, TracedArray) for other in [*rest, *options.values()]):
            raise TypeError("all arguments but the first must be fixed numbers, which do not depend on the parameters")
        return change(tracing.lift(array), lambda numbers: function(numbers, *rest, **options))

    return handler


def _sequence(function: Callable[..., Any]) -> Handler:
    """Return the handler of a NumPy function that joins a sequence of arrays."""
    name = _first_name(function)

    def handler(tracing: Tracing, *args: Any, **options: Any) -> TracedArray:
        parts, rest = (args[0], args[1:]) if args else (options.pop(name), ())
        return joined(tracing, parts, lambda numbers: function(numbers, *rest, **options))

    return handler


def _append(tracing: Tracing, arr: Any, values: Any, axis: Any = None) -> TracedArray:
    return joined(tracing, [arr, values], lambda numbers: np.append(numbers[0], numbers[1], axis=axis))


def _broadcast_to(tracing: Tracing, array: Any, shape: Any) -> TracedArray:
    x = tracing.lift(array)
    target = np.broadcast_to(np.broadcast_to(np.int8(0), x.shape), shape).shape  # NumPy's rules and errors
    return x.view(tracing.array(arrays.broadcast(tracing.graph, x.node, target), target, condition=x.condition))


def _broadcast_arrays(tracing: Tracing, *args: Any) -> tuple[TracedArray, ...]:
    operands = [tracing.lift(array) for array in args]
    shape = np.broadcast_shapes(*(operand.shape for operand in operands))
    return tuple(_broadcast_to(tracing, operand, shape) for operand in operands)


def _copy(tracing: Tracing, a: Any) -> TracedArray:
    x = tracing.lift(a)
    return tracing.array(x.node, x.shape, condition=x.condition)


def _pad(tracing: Tracing, array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    if mode == "constant" and np.any(np.asarray(constant_values) != 0):
        raise TypeError("constant_values must be 0; join other constants with np.concatenate")
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        raise TypeError(f"the mode {mode!r} is not supported; supported are constant, edge, reflect, symmetric and wrap")
    pad: Callable[..., Any] = np.pad  # its type is for literal modes only
    return rearranged(tracing.lift(array), lambda numbers: pad(numbers, pad_width, mode=mode))


def _like(value: float) -> Handler:
    """Return the handler of zeros_like and ones_like: plain arrays, which depend on no parameter."""
    return lambda tracing, a, shape=None: np.full(np.shape(a) if shape is None else shape, value)


def _full_like(tracing: Tracing, a: Any, fill_value: Any, shape: Any = None) -> Any:
    target = np.shape(a) if shape is None else shape
    filled = _broadcast_to(tracing, fill_value, target)
    return filled if isinstance(fill_value, TracedArray) else np.full(target, fill_value, dtype=float)


def _size(tracing: Tracing, a: Any, axis: Any = None) -> int:
    return int(np.size(np.broadcast_to(np.int8(0), np.shape(a)), axis))


_MOVED: tuple[Callable[..., Any], ...] = (
    *(np.reshape, np.ravel, np.squeeze, np.expand_dims, np.flip, np.fliplr, np.flipud, np.rot90, np.roll, np.tile, np.repeat),
    *(np.take, np.diagonal, np.diag, np.diagflat, np.triu, np.tril, np.split, np.array_split, np.hsplit, np.vsplit, np.delete),
)
_JOINED = (np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack, np.dstack)


def _at_least(function: Callable[..., Any]) -> Handler:
    def handler(tracing: Tracing, *arys: Any) -> Any:
        results = tuple(rearranged(tracing.lift(array), function) for array in arys)
        return results[0] if len(results) == 1 else results

    return handler


FUNCTIONS: Mapping[Callable[..., Any], Handler] = {
    **{function: _first_argument(function, rearranged) for function in _MOVED},
    **{function: _first_argument(function, permuted) for function in (np.transpose, np.swapaxes, np.moveaxis, np.matrix_transpose)},
    **{function: _sequence(function) for function in _JOINED},
    **{function: _at_least(function) for function in (np.atleast_1d, np.atleast_2d, np.atleast_3d)},
    np.append: _append,
    np.broadcast_to: _broadcast_to,
    np.broadcast_arrays: _broadcast_arrays,
    np.copy: _copy,
    np.pad: _pad,
    np.zeros_like: _like(0.0),
    np.ones_like: _like(1.0),
    np.full_like: _full_like,
    np.shape: lambda tracing, a: a.shape,
    np.ndim: lambda tracing, a: a.ndim,
    np.size: _size,
    np.iscomplexobj: lambda tracing, x: False,
    np.isrealobj: lambda tracing, x: True,
}
"""The functions of this module's theme."""

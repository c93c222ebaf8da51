"""PyTorch's operators that move entries, and those that combine them along axes.

An operator that moves entries is run by PyTorch once, on the numbers 1, 2, … of the entries in place of the entries; the result
says where each entry goes. So all of PyTorch's rules for indices hold as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import arrays
from .aten import Handler, Operation
from .entry_numbers import numbers_of, places_in, pool, require_fixed
from .numpy_structure import joined, permuted, picked
from .prefix_scans import scanned
from .traced_array import TracedArray


def _tensor(array: Any) -> Any:
    import torch  # deferred: optional; an exported graph comes from it

    return torch.as_tensor(array)


def moved(operation: Operation, x: Any, *rest: Any, **options: Any) -> Any:
    """Move the entries of the first operand; the others are fixed."""
    require_fixed([*rest, *options.values()])
    value = operation.lift(x)
    results = operation.run(_tensor(numbers_of([value])[0]), *rest, **options)
    if isinstance(results, (list, tuple)):
        return [picked(value, places_in(result)) for result in results]
    return picked(value, places_in(results))


def _joined(operation: Operation, tensors: Any, dim: int = 0) -> Any:
    parts = [operation.lift(x) for x in tensors]
    name = np.stack if operation.name == "stack" else np.concatenate
    return joined(operation.tracing, parts, lambda numbers: name(numbers, axis=dim))


def _written(operation: Operation, x: Any, *rest: Any, **options: Any) -> Any:
    """Write values over entries at fixed indices: the last tensor is what is written."""
    *others, values = rest
    require_fixed(others)
    pair = [operation.lift(x), operation.lift(values)]
    numbers = [_tensor(part) for part in numbers_of(pair)]
    written = float(numbers[1]) if isinstance(values, (int, float)) else numbers[1]
    return picked(pool(pair), places_in(operation.run(numbers[0], *others, written, **options)))


def _part_written(operation: Operation, x: Any, values: Any, *rest: Any, **options: Any) -> Any:
    """Write a part of an array."""
    pair = [operation.lift(x), operation.lift(values)]
    numbers = [_tensor(part) for part in numbers_of(pair)]
    return picked(pool(pair), places_in(operation.run(*numbers, *rest, **options)))


def _put(operation: Operation, x: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """Write or add values at fixed indices."""
    if not accumulate:
        return _written(operation, x, indices, values)
    require_fixed([indices])
    target = operation.lift(x)
    places: np.ndarray = numbers_of([target])[0][tuple(slice(None) if index is None else np.asarray(index) for index in indices)]
    return _added_there(operation, target, places, operation.lift(values))


def _scatter_add(operation: Operation, x: Any, dim: int, index: Any, values: Any) -> Any:
    """Add values at fixed indices along one axis."""
    require_fixed([index])
    target, positions = operation.lift(x), np.asarray(index)
    places = np.take_along_axis(
        numbers_of([target])[0][tuple(slice(None) if axis == dim % target.ndim else slice(n) for axis, n in enumerate(positions.shape))],
        positions,
        axis=dim,
    )
    return _added_there(operation, target, places, operation.lift(values)[tuple(map(slice, positions.shape))])


def _added_there(operation: Operation, target: TracedArray, places: np.ndarray, values: TracedArray) -> Any:
    graph, added = operation.tracing.graph, operation.lift(np.broadcast_to(values, places.shape)).ravel()
    node = arrays.scatter(graph, added.whole, places.astype(int).ravel() - 1, target.shape)
    return target + operation.tracing.array(node, target.shape)


def _copied(operation: Operation, x: Any, values: Any, *rest: Any) -> Any:
    return np.broadcast_to(operation.lift(values), tuple(x.shape))


def _filled_like(operation: Operation, x: TracedArray, *rest: Any, **options: Any) -> Any:
    """Return a plain tensor, of which the operand gives the shape only."""
    return operation.run(_tensor(np.empty(x.shape)), *rest, **options)


def _size(operation: Operation, x: TracedArray, dim: int) -> int:
    return x.shape[dim]


def _resampled(operation: Operation, x: TracedArray, *rest: Any, **options: Any) -> Any:
    """Average or interpolate over the last axes: a matrix, which PyTorch's results for each unit image are the rows of."""
    places = x.shape[-int(operation.name[-2]) :]
    size = math.prod(places)
    rows = np.asarray(operation.run(_tensor(np.eye(size).reshape(size, 1, *places)), *rest, **options))
    result = x.reshape(-1, size) @ rows.reshape(size, -1)
    return result.reshape(*x.shape[: -len(places)], *rows.shape[2:])


def _reshaped(operation: Operation, x: TracedArray, *rest: Any, **options: Any) -> Any:
    return x.reshape(tuple(operation.run(_tensor(np.empty(x.shape)), *rest, **options).shape))


def _permuted(operation: Operation, x: TracedArray, *rest: Any, **options: Any) -> Any:
    return permuted(x, lambda a: np.asarray(operation.run(_tensor(np.array(a)), *rest, **options)))


def _expanded(operation: Operation, x: TracedArray, *rest: Any, **options: Any) -> Any:
    sizes = [np.empty(0).reshape(()) if isinstance(other, TracedArray) else other for other in rest]
    if operation.name == "expand_as":
        return np.broadcast_to(x, tuple(rest[0].shape))
    return np.broadcast_to(x, tuple(operation.run(_tensor(np.empty(x.shape)), *sizes, **options).shape))


def _broadcast(operation: Operation, tensors: Any) -> Any:
    shape = np.broadcast_shapes(*(tuple(x.shape) for x in tensors))
    return [np.broadcast_to(operation.lift(x), shape) for x in tensors]


def _item(operation: Operation, sequence: Any, index: Any) -> Any:
    return sequence[index]


# What combines entries.


def axes_of(dim: Any) -> Any:
    """Return NumPy's axis for PyTorch's dim: none, or no axes at all, are all of them."""
    if dim is None or (isinstance(dim, (list, tuple)) and not dim):
        return None
    return tuple(dim) if isinstance(dim, (list, tuple)) else int(dim)


def _sum(operation: Operation, x: TracedArray, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    return np.sum(x, axis=axes_of(dim), keepdims=keepdim)


def _mean(operation: Operation, x: TracedArray, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    return np.mean(x, axis=axes_of(dim), keepdims=keepdim)


def _product(operation: Operation, x: TracedArray, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    return np.prod(x, axis=axes_of(dim), keepdims=keepdim)


def _variance(
    operation: Operation, x: TracedArray, dim: Any = None, unbiased: Any = True, keepdim: bool = False, *, correction: Any = 1
) -> Any:
    if isinstance(dim, bool):  # var(x, unbiased)
        dim, unbiased = None, dim
    freedom = 0 if unbiased is False else 1 if correction is None else correction
    return np.var(x, axis=axes_of(dim), ddof=freedom, keepdims=keepdim)


def _deviation(operation: Operation, x: TracedArray, *rest: Any, **options: Any) -> Any:
    return np.sqrt(_variance(operation, x, *rest, **options))


def _largest(operation: Operation, x: TracedArray, dim: Any = None, keepdim: bool = False) -> Any:
    result = np.max(x, axis=axes_of(dim), keepdims=keepdim)
    return [result, None] if operation.name == "max" and dim is not None else result  # the second is where it is


def _smallest(operation: Operation, x: TracedArray, dim: Any = None, keepdim: bool = False) -> Any:
    result = np.min(x, axis=axes_of(dim), keepdims=keepdim)
    return [result, None] if operation.name == "min" and dim is not None else result


def logsumexp(operation: Operation, x: TracedArray, dim: Any, keepdim: bool = False) -> Any:
    """Log Σ exp without overflow."""
    reduce: Any = np.logaddexp.reduce  # its type is for NumPy's arrays
    return reduce(x, axis=axes_of(dim), keepdims=keepdim)


def _any(operation: Operation, x: TracedArray, dim: Any = None, keepdim: bool = False) -> Any:
    return np.sum(x, axis=axes_of(dim), keepdims=keepdim) > 0.5


def _variance_and_mean(
    operation: Operation, x: TracedArray, dim: Any = None, unbiased: Any = True, keepdim: bool = False, *, correction: Any = 1
) -> Any:
    variance = _variance(operation, x, dim, unbiased, keepdim, correction=correction)
    return [variance, _mean(operation, x, None if isinstance(dim, bool) else dim, keepdim)]


def _cumulative_sum(operation: Operation, x: TracedArray, dim: int, *, dtype: Any = None) -> Any:
    return np.cumsum(x, axis=dim)


def _prefixes(operate: Callable[[Any, Any], Any]) -> Handler:
    """Return the handler that combines each entry with those before it."""
    return lambda operation, x, dim, *, dtype=None: scanned(operate, x, dim)


def _norm(operation: Operation, x: TracedArray, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:  # noqa: A002 - PyTorch's names
    if dim is None and not keepdim:
        return np.linalg.norm(x.ravel(), ord)
    return np.linalg.norm(x, ord, axis=axes_of(dim), keepdims=keepdim)


OPERATORS: Mapping[str, Handler] = {
    **dict.fromkeys(["select", "slice", "index", "index_select", "gather", "narrow", "flip", "roll", "tril", "triu", "diagonal"], moved),
    **dict.fromkeys(["split", "split_with_sizes", "chunk", "unbind", "tensor_split", "repeat", "repeat_interleave", "tile"], moved),
    **dict.fromkeys(["unfold", "take", "constant_pad_nd", "pad"], moved),
    **dict.fromkeys(["cat", "stack"], _joined),
    "scatter": _written,
    **dict.fromkeys(["select_scatter", "slice_scatter"], _part_written),
    "index_put": _put,
    "scatter_add": _scatter_add,
    "copy": _copied,
    **dict.fromkeys(["full_like", "zeros_like", "ones_like", "empty_like"], _filled_like),
    **dict.fromkeys(["new_zeros", "new_ones", "new_full", "new_empty"], _filled_like),
    "sym_size": _size,
    **dict.fromkeys([f"avg_pool{n}d" for n in (1, 2, 3)], _resampled),
    **dict.fromkeys([f"{name}adaptive_avg_pool{n}d" for name in ("", "_") for n in (1, 2, 3)], _resampled),
    **dict.fromkeys([f"upsample_nearest{n}d" for n in (1, 2, 3)], _resampled),
    **dict.fromkeys(["upsample_linear1d", "upsample_bilinear2d", "upsample_bicubic2d", "upsample_trilinear3d"], _resampled),
    **dict.fromkeys(["view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "_unsafe_view", "view_as"], _reshaped),
    **dict.fromkeys(["transpose", "permute", "t", "mT", "numpy_T", "movedim", "swapaxes"], _permuted),
    **dict.fromkeys(["expand", "expand_as", "broadcast_to"], _expanded),
    "broadcast_tensors": _broadcast,
    "getitem": _item,
    "sum": _sum,
    "mean": _mean,
    "prod": _product,
    "var": _variance,
    "std": _deviation,
    **dict.fromkeys(["amax", "max"], _largest),
    **dict.fromkeys(["amin", "min"], _smallest),
    "logsumexp": logsumexp,
    "any": _any,
    "var_mean": _variance_and_mean,
    "cumsum": _cumulative_sum,
    "cumprod": _prefixes(np.multiply),
    "logcumsumexp": _prefixes(np.logaddexp),
    "linalg_vector_norm": _norm,
}
"""By PyTorch's names, without overloads."""

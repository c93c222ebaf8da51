"""NumPy functions that combine the entries along axes: sums, means, products, largest entries, norms.

The derivative of a largest entry is that of the entry; of several equal ones, the mean of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from . import arrays
from .numpy_arguments import Handler
from .numpy_elementwise import choose
from .traced_array import TracedArray, Tracing

_Axes = tuple[int, ...]


def _axes(x: TracedArray, axis: Any) -> _Axes:
    if axis is None or (x.ndim == 0 and axis in (0, -1)):  # NumPy takes axis 0 of a number too
        return tuple(range(x.ndim))
    return normalize_axis_tuple(axis, x.ndim)


def _reduction(reduce: Callable[[TracedArray, _Axes], TracedArray], default: Any = None) -> Handler:
    """Return the handler of a reduction, which sees axes from 0 on; `keepdims` puts them back with length 1."""

    def handler(tracing: Tracing, a: Any, axis: Any = default, keepdims: Any = False) -> TracedArray:
        x = tracing.lift(a)
        axes = _axes(x, axis)
        result = reduce(x, axes)
        if keepdims is np._NoValue or not keepdims:
            return result
        shape = tuple(1 if position in axes else length for position, length in enumerate(x.shape))
        node = result.node if result.fixed is not None else arrays.reshape(tracing.graph, result.node, shape)
        return tracing.array(node, shape)

    return handler


def _moved(x: Any, axes: Any, to: Any) -> Any:
    return np.moveaxis(x, axes, to)  # one untyped call: NumPy's own type is for its arrays only


def _kept(x: TracedArray, axes: _Axes) -> arrays.Shape:
    return tuple(length for position, length in enumerate(x.shape) if position not in axes)


def _count(x: TracedArray, axes: _Axes) -> int:
    return math.prod(x.shape[axis] for axis in axes)


def _sum(x: TracedArray, axes: _Axes) -> TracedArray:
    graph = x.tracing.graph
    if x.fixed is not None:
        return x.tracing.array(graph.multiply(graph.constant(_count(x, axes)), x.node), _kept(x, axes))
    return x.tracing.array(arrays.reduce_sum(graph, x.node, axes), _kept(x, axes))


def _mean(x: TracedArray, axes: _Axes) -> Any:
    if not _count(x, axes):
        raise ValueError(f"an array of shape {x.shape} has no entries to take the mean of")
    return _sum(x, axes) / _count(x, axes)


def _variance(tracing: Tracing, a: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False, correction: Any = np._NoValue) -> Any:
    x = tracing.lift(a)
    freedom = _count(x, _axes(x, axis)) - (ddof if correction is np._NoValue else correction)
    if freedom <= 0:
        raise ValueError(f"the variance of {_count(x, _axes(x, axis))} entries with ddof={ddof} is not defined; give more entries")
    centred = x - _MEAN(tracing, x, axis, True)
    return _SUM(tracing, centred * centred, axis, keepdims) / freedom


def _deviation(tracing: Tracing, a: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False, correction: Any = np._NoValue) -> Any:
    return np.sqrt(_variance(tracing, a, axis, ddof, keepdims, correction))


def _product(x: TracedArray, axes: _Axes) -> Any:
    """The product by halves, whose derivative needs no division by entries that may be 0."""
    rest: Any = x.tracing.array(x.tracing.graph.one, _kept(x, axes))
    front: Any = _moved(x, axes, range(len(axes))).reshape(_count(x, axes), *rest.shape)
    while len(front) > 1:
        half = len(front) // 2
        if len(front) % 2:
            rest = rest * front[-1]
        front = front[:half] * front[half : 2 * half]
    return rest * front[0] if len(front) else rest


def _window(x: TracedArray, axes: _Axes) -> tuple[TracedArray, int, int, int]:
    """Return an array with the entries of `x` seen as (outer, count, inner), with `count` over the axes."""
    start, stop = axes[0], axes[-1] + 1
    if axes == tuple(range(start, stop)):
        return x, math.prod(x.shape[:start]), _count(x, axes), math.prod(x.shape[stop:])
    last = _moved(x, axes, range(-len(axes), 0))
    return last, math.prod(_kept(x, axes)), _count(x, axes), 1


def _single(x: TracedArray, axes: _Axes) -> TracedArray | None:
    """Return the one number that the entries to reduce are known to be, None if there are different ones."""
    if _count(x, axes) == 0:
        raise ValueError(f"an array of shape {x.shape} has no largest entry: it has none at all along these axes")
    if x.fixed is not None:
        return x.tracing.array(x.node, _kept(x, axes))
    return x.reshape(_kept(x, axes)) if _count(x, axes) == 1 else None


def _largest(x: TracedArray, axes: _Axes) -> Any:
    tracing, axes = x.tracing, tuple(sorted(axes))
    if (single := _single(x, axes)) is not None:
        return single
    graph = tracing.graph
    whole, outer, count, inner = _window(x, axes)
    largest = graph.intern("maximum", (whole.node,), (outer, count, inner), _kept(x, axes))
    smaller = whole < tracing.array(arrays.expand(graph, largest, outer, count, inner, whole.shape), whole.shape)

    def total(a: TracedArray) -> TracedArray:
        return tracing.array(arrays.sum_over(graph, a.whole, outer, count, inner, _kept(x, axes)), _kept(x, axes))

    # The mean of the largest entries, and not `largest`, which counts as a constant for derivatives.
    result: Any = total(choose(tracing, smaller, tracing.lift(0), whole)) / total(1 - smaller)
    tracing.largest[result.node] = largest
    return result


def _smallest(x: TracedArray, axes: _Axes) -> Any:
    return -_largest(-x, axes)


def _logsumexp(x: TracedArray, axes: _Axes) -> Any:
    axes = tuple(sorted(axes))
    if (single := _single(x, axes)) is not None:
        return single if _count(x, axes) == 1 else single + math.log(_count(x, axes))
    whole, outer, count, inner = _window(x, axes)
    return x.tracing.array(arrays.logsumexp(x.tracing.graph, whole.node, outer, count, inner, _kept(x, axes)), _kept(x, axes))


def _average(tracing: Tracing, a: Any, axis: Any = None, weights: Any = None, keepdims: Any = False) -> Any:
    x = tracing.lift(a)
    if weights is None:
        return _MEAN(tracing, x, axis, keepdims)
    w: Any = tracing.lift(weights)
    if w.shape != x.shape:
        if not isinstance(axis, (int, np.integer)) or w.shape != (x.shape[axis],):
            raise ValueError(f"weights have the shape {x.shape} of the array, or the length of one axis that is given, got {w.shape}")
        position = normalize_axis_index(int(axis), x.ndim)
        w = w.reshape([-1 if other == position else 1 for other in range(x.ndim)])
    w = np.broadcast_to(w, x.shape)
    return _SUM(tracing, w * x, axis, keepdims) / _SUM(tracing, w, axis, keepdims)


def _range(tracing: Tracing, a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _MAX(tracing, a, axis, keepdims) - _MIN(tracing, a, axis, keepdims)


def _cumulative_sum(tracing: Tracing, a: Any, axis: Any = None) -> Any:
    """A product with the matrix of ones on and above the diagonal."""
    x: Any = tracing.lift(a)
    if axis is None:
        x, axis = x.ravel(), 0
    last = _moved(x, axis, -1)
    return _moved(last @ np.triu(np.ones((last.shape[-1],) * 2)), -1, axis)


def _difference(tracing: Tracing, a: Any, n: Any = 1, axis: Any = -1) -> Any:
    x: Any = tracing.lift(a)
    if n < 0:
        raise ValueError(f"n is the number of differences, at least 0, got {n}")
    for _ in range(n):
        moved = _moved(x, axis, 0)
        x = _moved(moved[1:] - moved[:-1], 0, axis)
    return x


def _trapezoid(tracing: Tracing, y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    values = _moved(tracing.lift(y), axis, -1)
    if x is not None:
        at = tracing.lift(x)
        at = at if at.ndim == 1 else _moved(at, axis, -1)
        dx = at[..., 1:] - at[..., :-1]
    return np.sum(dx * (values[..., 1:] + values[..., :-1]) / 2, axis=-1)


def _norm(tracing: Tracing, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:  # noqa: A002 - NumPy's names
    a: Any = tracing.lift(x)
    axes = _axes(a, axis)
    if ord is None or (ord == 2 and len(axes) == 1) or (ord == "fro" and len(axes) == 2):
        return np.sqrt(_SUM(tracing, a * a, axes, keepdims))
    if len(axes) == 1 and isinstance(ord, (int, float, np.number)) and ord != 0:
        if np.isinf(ord):
            return (_MAX if ord > 0 else _MIN)(tracing, abs(a), axes, keepdims)
        return _SUM(tracing, abs(a) if ord == 1 else abs(a) ** ord, axes, keepdims) ** (1 / Fraction(float(ord)))
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        rows, columns = axes if abs(ord) == 1 else axes[::-1]  # 1: the largest sum down a column
        sums = _SUM(tracing, abs(a), rows, True)
        result = (_MAX if ord > 0 else _MIN)(tracing, sums, columns, True)
        return result if keepdims else np.squeeze(result, axis=axes)
    kinds = "None, 1, 2, inf and other numbers but 0" if len(axes) == 1 else "None, 'fro', 1 and inf; the others need singular values"
    raise TypeError(f"ord={ord!r} of {len(axes)} axes is not supported; supported are {kinds}")


def _vector_norm(tracing: Tracing, x: Any, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:  # noqa: A002 - NumPy's names
    a: Any = tracing.lift(x)
    if axis is None and not keepdims:
        return _norm(tracing, a.ravel(), ord)
    if len(_axes(a, axis)) != 1:
        raise TypeError("the norm over several axes is np.linalg.vector_norm(x.ravel())")
    return _norm(tracing, a, ord, axis, keepdims)


def _matrix_norm(tracing: Tracing, x: Any, keepdims: Any = False, ord: Any = "fro") -> Any:  # noqa: A002 - NumPy's names
    return _norm(tracing, x, ord, (-2, -1), keepdims)


_SUM, _MEAN, _MAX, _MIN = map(_reduction, (_sum, _mean, _largest, _smallest))

FUNCTIONS: Mapping[Callable[..., Any], Handler] = {
    np.sum: _SUM,
    np.mean: _MEAN,
    np.prod: _reduction(_product),
    np.max: _MAX,
    np.amax: _MAX,  # the same function by name only
    np.min: _MIN,
    np.amin: _MIN,
    np.ptp: _range,
    np.var: _variance,
    np.std: _deviation,
    np.average: _average,
    np.cumsum: _cumulative_sum,
    np.diff: _difference,
    np.trapezoid: _trapezoid,
    np.linalg.norm: _norm,
    np.linalg.vector_norm: _vector_norm,
    np.linalg.matrix_norm: _matrix_norm,
}
"""By NumPy's functions."""

METHODS: Mapping[tuple[str, str], Handler] = {
    (name, "reduce"): _reduction(reduce, default=0)
    for name, reduce in {
        "add": _sum,
        "multiply": _product,
        "maximum": _largest,
        "minimum": _smallest,
        "fmax": _largest,
        "fmin": _smallest,
        "logaddexp": _logsumexp,
    }.items()
}
"""By the names of the ufunc and of its method; NumPy reduces the first axis where none is given."""

"""NumPy functions that multiply and sum: products of matrices, tensor contractions, `einsum`, `outer`."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from . import arrays
from .numpy_arguments import Handler
from .numpy_elementwise import UFUNCS
from .traced_array import TracedArray, Tracing


def _product_of_matrices(tracing: Tracing, a: TracedArray, b: TracedArray) -> TracedArray:
    """(…, m, k)·(…, k, n) with equal leading axes."""
    shape = (*a.shape[:-1], b.shape[-1])
    if a.fixed == 0 or b.fixed == 0 or 0 in (*a.shape, *b.shape):
        return tracing.array(tracing.graph.zero, shape)
    batch = shape[:-2]
    pair = [a, b]
    if len(batch) > 1:  # the graph knows one leading axis
        pair = [x.reshape(math.prod(batch), *x.shape[-2:]) for x in pair]
    node = arrays.matmul(tracing.graph, pair[0].whole, pair[1].whole)
    return tracing.array(arrays.reshape(tracing.graph, node, shape), shape)


def _matmul(tracing: Tracing, a: TracedArray, b: TracedArray) -> Any:
    if 0 in (a.ndim, b.ndim):
        raise ValueError(f"operands of shapes {a.shape} and {b.shape} are multiplied with *, since one is a number")
    left: Any = a if a.ndim > 1 else a.reshape(1, -1)
    right: Any = b if b.ndim > 1 else b.reshape(-1, 1)
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(
            f"operands of shapes {a.shape} and {b.shape} do not fit: "
            f"the last axis of the first has length {left.shape[-1]}, the axis of the second that it is summed with {right.shape[-2]}"
        )
    if right.ndim == 2 and left.ndim > 2:  # one product instead of many with the same matrix
        rows = _product_of_matrices(tracing, left.reshape(-1, left.shape[-1]) if left.size else left[..., 0, :], right)
        result: Any = rows.reshape(*left.shape[:-1], right.shape[-1]) if left.size else None
        if result is None:
            result = tracing.array(tracing.graph.zero, (*left.shape[:-1], right.shape[-1]))
    else:
        try:
            batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        except ValueError:
            raise ValueError(f"operands of shapes {a.shape} and {b.shape} do not fit: their leading axes differ") from None
        pair: Any = (np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (left, right))
        result = _product_of_matrices(tracing, *pair)
    if a.ndim == 1:
        result = result[..., 0, :]
    return result[..., 0] if b.ndim == 1 else result


def _dot(tracing: Tracing, a: Any, b: Any) -> Any:
    x, y = tracing.lift(a), tracing.lift(b)
    if 0 in (x.ndim, y.ndim):
        return x * y
    if x.ndim <= 2 and y.ndim <= 2:
        return _matmul(tracing, x, y)
    return _tensordot(tracing, x, y, ((x.ndim - 1,), (max(y.ndim - 2, 0),)))


def _inner(tracing: Tracing, a: Any, b: Any) -> Any:
    x, y = tracing.lift(a), tracing.lift(b)
    return x * y if 0 in (x.ndim, y.ndim) else _tensordot(tracing, x, y, ((x.ndim - 1,), (y.ndim - 1,)))


def _vdot(tracing: Tracing, a: Any, b: Any) -> Any:
    return _matmul(tracing, tracing.lift(a).ravel(), tracing.lift(b).ravel())


def _vecdot(tracing: Tracing, a: TracedArray, b: TracedArray) -> Any:
    if a.shape[-1:] != b.shape[-1:] or 0 in (a.ndim, b.ndim):
        raise ValueError(f"operands of shapes {a.shape} and {b.shape} do not fit: their last axes must have one length")
    return np.sum(a * b, axis=-1)


def _outer(tracing: Tracing, a: Any, b: Any) -> Any:
    return tracing.lift(a).reshape(-1, 1) * tracing.lift(b).reshape(1, -1)


def _outer_method(handler: Handler) -> Handler:
    """Return the handler of ``ufunc.outer``: every entry of the first with every entry of the second."""

    def outer(tracing: Tracing, a: Any, b: Any) -> Any:
        x, y = tracing.lift(a), tracing.lift(b)
        return handler(tracing, x.reshape(*x.shape, *(1,) * y.ndim), y)

    return outer


def _tensordot(tracing: Tracing, a: Any, b: Any, axes: Any = 2) -> Any:
    x, y = tracing.lift(a), tracing.lift(b)
    if isinstance(axes, (int, np.integer)):
        axes = range(x.ndim - int(axes), x.ndim), range(int(axes))
    first, second = ([int(axis) for axis in np.atleast_1d(list(side) if np.iterable(side) else side)] for side in axes)
    first, second = ([range(z.ndim)[axis] for axis in side] for z, side in ((x, first), (y, second)))
    if [x.shape[axis] for axis in first] != [y.shape[axis] for axis in second]:
        raise ValueError(f"operands of shapes {x.shape} and {y.shape} do not fit along the axes {first} and {second}")
    kept = [axis for axis in range(x.ndim) if axis not in first], [axis for axis in range(y.ndim) if axis not in second]
    shape = tuple(x.shape[axis] for axis in kept[0]) + tuple(y.shape[axis] for axis in kept[1])
    count = math.prod(x.shape[axis] for axis in first)
    left = x.transpose(kept[0] + first).reshape(x.size // count if count else 0, count)
    right = y.transpose(second + kept[1]).reshape(count, y.size // count if count else 0)
    return tracing.array(tracing.graph.zero, shape) if count == 0 else _matmul(tracing, left, right).reshape(shape)


def _trace(tracing: Tracing, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    return np.sum(np.diagonal(tracing.lift(a), offset, axis1, axis2), axis=-1)


def _kron(tracing: Tracing, a: Any, b: Any) -> Any:
    x, y = tracing.lift(a), tracing.lift(b)
    ndim = max(x.ndim, y.ndim)
    first, second = ((1,) * (ndim - z.ndim) + z.shape for z in (x, y))
    pairs = x.reshape([n for length in first for n in (length, 1)]) * y.reshape([n for length in second for n in (1, length)])
    return pairs.reshape([m * n for m, n in zip(first, second, strict=True)])


def _matrix_power(tracing: Tracing, a: Any, n: Any) -> Any:
    x = tracing.lift(a)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"a square matrix has a power, got shape {x.shape}")
    if not isinstance(n, (int, np.integer)) or n < 0:
        raise TypeError(f"the exponent is an integer, at least 0, since matrices are not inverted; got {n!r}")
    if n == 0:
        return np.broadcast_to(np.eye(x.shape[-1]), x.shape)
    half = x if n == 1 else _matrix_power(tracing, x, int(n) // 2)
    square = x if n == 1 else half @ half
    return square @ x if n % 2 and n > 1 else square


def _multi_dot(tracing: Tracing, arrays: Sequence[Any]) -> Any:
    return reduce(lambda x, y: _dot(tracing, x, y), arrays)


# einsum: each operand has a tuple of labels, one for each axis. The axes of an ellipsis are labelled −1, −2, … from the right.

_Labels = tuple[Any, ...]


def _einsum(tracing: Tracing, subscripts: Any, *operands: Any) -> Any:
    """Multiply from left to right; each label is summed as soon as no later operand and not the result has it."""
    if not isinstance(subscripts, str):
        raise TypeError("the subscripts are text, such as np.einsum('ij,jk->ik', A, B)")
    factors = [tracing.lift(operand) for operand in operands]
    labels, output = _labels(subscripts, factors)
    _check_lengths(subscripts, [pair for x, own in zip(factors, labels, strict=True) for pair in zip(own, x.shape, strict=True)])
    terms = [_diagonals(factor, own) for factor, own in zip(factors, labels, strict=True)]
    (result, own), rest = terms[0], terms[1:]
    for position, (factor, other) in enumerate(rest):
        needed = {*output, *itertools.chain(*(later for _, later in rest[position + 1 :]))}
        result, own = contracted((result, own), (factor, other), needed)
    result, own = _summed(result, own, set(output))
    return result.transpose([own.index(label) for label in output])


def _check_lengths(subscripts: str, pairs: Sequence[tuple[Any, int]]) -> None:
    """Raise unless the axes with one label have one length, or length 1."""
    lengths: dict[Any, int] = {}
    for label, length in pairs:
        known = lengths.setdefault(label, length)
        if 1 not in (known, length) and known != length:
            raise ValueError(f"the axes {label!r} of {subscripts!r} have the lengths {known} and {length}")
        lengths[label] = max(known, length)


def _labels(subscripts: str, operands: Sequence[TracedArray]) -> tuple[list[_Labels], _Labels]:
    """Return the labels of each operand and of the result."""
    before, arrow, after = subscripts.replace(" ", "").partition("->")
    terms = before.split(",")
    if len(terms) != len(operands):
        raise ValueError(f"{subscripts!r} is for {len(terms)} operands, got {len(operands)}")
    labels = []
    for term, operand in zip(terms, operands, strict=True):
        letters = term.replace("...", "", 1)
        spread = operand.ndim - len(letters)
        if spread < 0 or (spread and "..." not in term) or not re.fullmatch("[A-Za-z]*", letters):
            raise ValueError(f"{term!r} in {subscripts!r} does not label the axes of an operand of shape {operand.shape}")
        head, _, tail = term.partition("...")
        labels.append((*head, *(range(-spread, 0) if "..." in term else ()), *tail))
    widest = tuple(sorted({label for own in labels for label in own if isinstance(label, int)}))
    if arrow:
        head, dots, tail = after.partition("...")
        output: _Labels = (*head, *(widest if dots else ()), *tail)
    else:
        counts = Counter(label for own in labels for label in own if isinstance(label, str))
        output = (*widest, *sorted(label for label, count in counts.items() if count == 1))
    known = set(itertools.chain(*labels))
    if len(set(output)) < len(output) or not set(output) <= known:
        raise ValueError(f"the result of {subscripts!r} must have labels of the operands, each once")
    return labels, output


def _diagonals(x: Any, labels: _Labels) -> tuple[Any, _Labels]:
    """Take the diagonal of axes with the same label."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            if x.shape[first] != x.shape[second]:
                raise ValueError(f"axes with the same label {label!r} have the lengths {x.shape[first]} and {x.shape[second]}")
            x = np.diagonal(x, axis1=first, axis2=second)  # it becomes the last axis
            labels = (*(other for position, other in enumerate(labels) if position not in (first, second)), label)
    return x, labels


def _summed(x: Any, labels: _Labels, needed: set[Any]) -> tuple[Any, _Labels]:
    axes = tuple(position for position, label in enumerate(labels) if label not in needed)
    return (np.sum(x, axis=axes) if axes else x), tuple(label for label in labels if label in needed)


def contracted(left: tuple[Any, _Labels], right: tuple[Any, _Labels], needed: set[Any]) -> tuple[Any, _Labels]:
    """Multiply two terms and sum what only they have: batch axes, then axes of one, then those that are summed."""
    x, first = _summed(*left, needed | set(right[1]))
    y, second = _summed(*right, needed | set(left[1]))
    shared = [label for label in first if label in second]
    lengths = {
        **dict(zip(second, y.shape, strict=True)),
        **{k: n for k, n in zip(first, x.shape, strict=True) if n != 1 or k not in second},
    }
    batch, sums = [k for k in shared if k in needed], [k for k in shared if k not in needed]
    rows, columns = [k for k in first if k not in second], [k for k in second if k not in first]

    def ordered(z: Any, own: _Labels, *groups: list[Any]) -> Any:
        """Give the axes this order, one axis for each group, and length 1 axes the length that they have elsewhere."""
        order = list(itertools.chain(*groups))
        z = z.transpose([own.index(k) for k in order])
        z = np.broadcast_to(z, [lengths[k] for k in order])
        return z.reshape([math.prod(lengths[k] for k in group) for group in groups])

    result_labels = (*batch, *rows, *columns)
    if sums:
        leading = [batch] if batch else []  # a batch of one is no batch: plain products may be left to BLAS
        product = ordered(x, first, *leading, rows, sums) @ ordered(y, second, *leading, sums, columns)
    else:
        product = ordered(x, first, batch, rows)[:, :, np.newaxis] * ordered(y, second, batch, columns)[:, np.newaxis]
    return product.reshape([lengths[k] for k in result_labels]), result_labels


MATRIX_UFUNCS: Mapping[str, Handler] = {
    "matmul": _matmul,
    "vecdot": _vecdot,
    "matvec": lambda tracing, a, b: _matmul(tracing, a, b[..., np.newaxis])[..., 0],
    "vecmat": lambda tracing, a, b: _matmul(tracing, a[..., np.newaxis, :], b)[..., 0, :],
}
"""By the names of the ufuncs."""

METHODS: Mapping[tuple[str, str], Handler] = {
    (name, "outer"): _outer_method(UFUNCS[name])
    for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "less", "greater", "logaddexp", "hypot")
}
"""By the names of the ufunc and of its method."""

FUNCTIONS: Mapping[Callable[..., Any], Handler] = {
    np.dot: _dot,
    np.vdot: _vdot,
    np.inner: _inner,
    np.outer: _outer,
    np.tensordot: _tensordot,
    np.einsum: _einsum,
    np.trace: _trace,
    np.kron: _kron,
    np.linalg.matrix_power: _matrix_power,
    np.linalg.multi_dot: _multi_dot,
    np.linalg.matmul: lambda tracing, x1, x2: _matmul(tracing, tracing.lift(x1), tracing.lift(x2)),
    np.linalg.outer: _outer,
    np.linalg.tensordot: lambda tracing, x1, x2, axes=2: _tensordot(tracing, x1, x2, axes),
    np.linalg.trace: lambda tracing, x, offset=0: _trace(tracing, x, offset, -2, -1),
}
"""By NumPy's functions."""

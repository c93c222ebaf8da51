"""JAX's primitives that move entries, and those that combine them along axes.

A primitive that moves entries is run by JAX once, on the numbers 1, 2, … of the entries in place of the entries; the result
says where each entry goes, and 0 marks a zero that is filled in. So all of JAX's rules for indices hold as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from . import arrays
from .entry_numbers import numbers_of, places_in, pool, require_fixed
from .jaxpr import Equation, Handler
from .numpy_products import contracted
from .numpy_structure import joined, permuted, picked
from .prefix_scans import scanned
from .traced_array import TracedArray
from .tracing_errors import ORDER


def moved(equation: Equation, x: Any, *rest: Any) -> Any:
    """Move the entries of the first operand; the others are fixed."""
    require_fixed(rest)
    value = equation.lift(x)
    results = equation.bind(*numbers_of([value]), *rest)
    if isinstance(results, (list, tuple)):
        return [picked(value, places_in(result)) for result in results]
    return picked(value, places_in(results))


def _stack(equation: Equation, *operands: Any) -> Any:
    return joined(equation.tracing, [equation.lift(x) for x in operands], lambda parts: np.stack(parts, equation.params["axis"]))


def _concatenate(equation: Equation, *operands: Any) -> Any:
    return joined(equation.tracing, [equation.lift(x) for x in operands], lambda parts: np.concatenate(parts, equation.params["dimension"]))


def written(equation: Equation, x: Any, *rest: Any) -> Any:
    """Write updates over entries of the first operand at fixed indices."""
    position = 0 if equation.name == "dynamic_update_slice" else 1
    require_fixed([other for number, other in enumerate(rest) if number != position])
    pair = [equation.lift(x), equation.lift(rest[position])]
    numbers = numbers_of(pair)
    others = [numbers[1] if number == position else other for number, other in enumerate(rest)]
    return picked(pool(pair), places_in(equation.bind(numbers[0], *others)))


def _targets(equation: Equation, target: TracedArray, indices: Any, added: TracedArray) -> np.ndarray:
    """Return the number of the entry that each update goes to, from 1 on and 0 for none; the adjoint of an addition says it."""
    import jax  # deferred: optional; a jaxpr to lower comes from it

    require_fixed([indices])
    (numbers,) = numbers_of([target])
    addition = partial(
        jax.lax.scatter_add,
        np.zeros(target.shape),
        indices,
        dimension_numbers=equation.params["dimension_numbers"],
        mode=equation.params["mode"],
    )
    _, adjoint = jax.vjp(addition, np.zeros(added.shape))
    return places_in(adjoint(jax.numpy.asarray(numbers))[0]).ravel()


def _scatter_add(equation: Equation, x: Any, indices: Any, updates: Any) -> Any:
    """Add updates to entries at fixed indices, or subtract them."""
    target, added = equation.lift(x), equation.lift(updates)
    places = _targets(equation, target, indices, added)
    kept = np.flatnonzero(places)  # updates out of bounds are dropped
    graph = equation.tracing.graph
    entries = arrays.gather(graph, added.whole, kept, kept.shape)
    node = arrays.scatter(graph, entries, places[kept] - 1, target.shape) if kept.size else graph.zero
    total = equation.tracing.array(node, target.shape)
    return target - total if equation.name == "scatter-sub" else target + total


def _combined_there(operation: Callable[[Any, Any], Any]) -> Handler:
    """Return the handler that combines updates with entries at fixed indices, each of which occurs once."""

    def handler(equation: Equation, x: Any, indices: Any, updates: Any) -> Any:
        target, given = equation.lift(x), equation.lift(updates)
        places = _targets(equation, target, indices, given)
        kept = np.flatnonzero(places)
        if len(np.unique(places[kept])) < kept.size:
            raise TypeError("an index occurs twice; combine the updates of the same entry beforehand")
        changed = operation(picked(target, places[kept]), picked(given, kept + 1))
        numbers = np.arange(1, target.size + 1)
        numbers[places[kept] - 1] = target.size + 1 + np.arange(kept.size)
        return picked(pool([target, changed]), numbers.reshape(target.shape))

    return handler


def _pad(equation: Equation, x: Any, value: Any) -> Any:
    pair = [equation.lift(x), equation.lift(value)]
    numbers = numbers_of(pair)
    if pair[1].fixed == 0:
        return picked(pair[0], places_in(equation.bind(numbers[0], 0.0)))
    return picked(pool(pair), places_in(equation.bind(*numbers)))


def _reshape(equation: Equation, x: TracedArray, *rest: Any) -> Any:
    return x.reshape(equation.shapes[0])


def _transpose(equation: Equation, x: TracedArray) -> Any:
    return permuted(x, lambda a: np.transpose(a, equation.params["permutation"]))


def _broadcast(equation: Equation, x: TracedArray, *rest: Any) -> Any:
    shape, axes = equation.shapes[0], equation.params["broadcast_dimensions"]
    lengths = [1] * len(shape)
    for axis, length in zip(axes, x.shape, strict=True):
        lengths[axis] = length
    return np.broadcast_to(x.reshape(lengths), shape)


# What combines entries.


def _axes(equation: Equation) -> tuple[int, ...]:
    return tuple(int(axis) for axis in equation.params["axes"])


def _cumulative_sum(equation: Equation, x: TracedArray) -> Any:
    axis = equation.params["axis"]
    if not equation.params.get("reverse", False):
        return np.cumsum(x, axis=axis)
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis)


def _prefixes(operation: Callable[[Any, Any], Any]) -> Handler:
    """Return the handler that combines each entry with those before it."""

    def handler(equation: Equation, x: TracedArray) -> Any:
        return scanned(operation, x, equation.params["axis"], reverse=equation.params.get("reverse", False))

    return handler


def _all(equation: Equation, x: TracedArray) -> Any:
    axes = _axes(equation)
    return np.sum(x, axis=axes) > math.prod(x.shape[axis] for axis in axes) - 0.5


def _largest_count(equation: Equation, x: TracedArray) -> Any:
    """Return the position of the first largest of conditions or of numbers of them, as `jnp.select` and `jnp.piecewise` ask for it."""
    if not set(equation.kinds) <= set("biu"):
        raise TypeError(ORDER)
    (axis,) = _axes(equation)
    rows = np.moveaxis(1.0 * x, axis, 0)
    result: Any = np.zeros(rows.shape[1:])
    for position in range(1, len(rows)):
        result = np.where(rows[position] - np.maximum.reduce(rows[:position]) > 0.5, float(position), result)
    return result


def _sum_over_mapped_axes(equation: Equation, *operands: Any) -> Any:
    """Sum over axes that `jax.vmap` has put there; those over devices have names."""
    axes = equation.params["axes"]
    if any(isinstance(axis, str) for axis in axes):
        raise TypeError("what several devices share is not lowered; write the loss for one")
    results = [np.sum(equation.lift(x), axis=axes) for x in operands]
    return results if equation.multiple_results else results[0]


def dot_general(equation: Equation, a: Any, b: Any, *rest: Any) -> Any:
    """Multiply and sum over pairs of axes, for each entry of pairs of batch axes."""
    (sums_a, sums_b), (batch_a, batch_b) = equation.params["dimension_numbers"]
    x, y = equation.lift(a), equation.lift(b)
    pairs = {**dict(zip(batch_a, batch_b, strict=True)), **dict(zip(sums_a, sums_b, strict=True))}
    partner = {second: first for first, second in pairs.items()}
    first = tuple(range(x.ndim))
    second = tuple(partner.get(axis, x.ndim + axis) for axis in range(y.ndim))
    result, labels = contracted((x, first), (y, second), (set(first) | set(second)) - set(sums_a))
    order = [*batch_a, *(k for k in first if k not in pairs), *(k for k in second if k >= x.ndim)]
    return result if list(labels) == order else result.transpose([labels.index(k) for k in order])


def convolution(equation: Equation, x: Any, kernel: Any) -> Any:
    """Multiply the patches under the kernel, which are gathered, by the kernel as a matrix; one product for each group."""
    from jax import lax  # deferred: optional; a jaxpr to lower comes from it

    params = equation.params
    if params["batch_group_count"] != 1:
        raise TypeError("convolutions with batch_group_count are not supported; convolve group by group and join the results")
    numbers = params["dimension_numbers"]
    image, filters = equation.lift(x).transpose(numbers.lhs_spec), equation.lift(kernel).transpose(numbers.rhs_spec)
    (entries,) = numbers_of([image])
    patches = places_in(
        lax.conv_general_dilated_patches(
            entries,
            filters.shape[2:],
            params["window_strides"],
            params["padding"],
            lhs_dilation=params["lhs_dilation"],
            rhs_dilation=params["rhs_dilation"],
            precision=lax.Precision.HIGHEST,
        )
    )
    (n, channels), places, groups = image.shape[:2], patches.shape[2:], params["feature_group_count"]
    columns = picked(image, np.moveaxis(patches, 1, -1).reshape(n * math.prod(places), groups, -1))  # (positions, groups, entries)
    outputs = filters.shape[0] // groups
    matrices = filters.reshape(groups, outputs, (channels // groups) * math.prod(filters.shape[2:]))
    parts = [columns[:, group] @ matrices[group].T for group in range(groups)]
    rows = parts[0] if groups == 1 else np.concatenate(parts, axis=1)
    whole = np.moveaxis(rows.reshape(n, *places, filters.shape[0]), -1, 1)
    return np.transpose(whole, np.argsort(numbers.out_spec))


def _window_sum(equation: Equation, x: TracedArray) -> Any:
    """Add up the entries in each window; a convolution with a single 1 says which entry is at each place of it."""
    import jax  # deferred: optional; a jaxpr to lower comes from it

    params = equation.params
    size, shape = math.prod(params["window_dimensions"]), equation.shapes[0]
    (numbers,) = numbers_of([x])
    parts = []
    for place in np.ndindex(*params["window_dimensions"]):
        one = np.zeros(params["window_dimensions"])
        one[place] = 1.0
        parts.append(
            jax.lax.conv_general_dilated(
                numbers[np.newaxis, np.newaxis],
                one[np.newaxis, np.newaxis],
                params["window_strides"],
                params["padding"],
                lhs_dilation=params["base_dilation"],
                rhs_dilation=params["window_dilation"],
                precision=jax.lax.Precision.HIGHEST,
            )[0, 0]
        )
    return np.sum(picked(x, places_in(np.stack(parts)).reshape(size, *shape)), axis=0)


PRIMITIVES: Mapping[str, Handler] = {
    **dict.fromkeys(["slice", "dynamic_slice", "gather", "rev", "split", "tile", "unstack"], moved),
    **dict.fromkeys(["dynamic_update_slice", "scatter"], written),
    **dict.fromkeys(["scatter-add", "scatter-sub"], _scatter_add),
    "scatter-mul": _combined_there(np.multiply),
    "scatter-max": _combined_there(np.maximum),
    "scatter-min": _combined_there(np.minimum),
    "stack": _stack,
    "concatenate": _concatenate,
    "pad": _pad,
    **dict.fromkeys(["reshape", "squeeze"], _reshape),
    "transpose": _transpose,
    "broadcast_in_dim": _broadcast,
    "reduce_sum": lambda equation, x: np.sum(x, axis=_axes(equation)),
    "reduce_prod": lambda equation, x: np.prod(x, axis=_axes(equation)),
    "reduce_max": lambda equation, x: np.max(x, axis=_axes(equation)),
    "reduce_min": lambda equation, x: np.min(x, axis=_axes(equation)),
    "reduce_and": _all,
    "reduce_or": lambda equation, x: np.sum(x, axis=_axes(equation)) > 0.5,
    "argmax": _largest_count,
    "psum": _sum_over_mapped_axes,
    "cumsum": _cumulative_sum,
    "cumprod": _prefixes(np.multiply),
    "cumlogsumexp": _prefixes(np.logaddexp),
    "cummax": _prefixes(np.maximum),
    "cummin": _prefixes(np.minimum),
    "dot_general": dot_general,
    "conv_general_dilated": convolution,
    "reduce_window_sum": _window_sum,
}
"""By JAX's names."""

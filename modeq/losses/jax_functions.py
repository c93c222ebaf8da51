"""The functions of a loss that stays in JAX: value, gradient, products and Taylor coefficients, compiled by `jax.jit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce, wraps
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..graph.tracing import check_call, function_name
from .arguments import checked_data
from .pytree import PyTree, require_jax


def jax_functions(function: Callable[..., Any], params: Any, data: Mapping[str, ArrayLike] | None = None) -> dict[str, Any]:
    """Make the arguments of `Loss.from_functions` for a loss in JAX, which stays in JAX, on its device.

    Parameters
    ----------
    function
        ``function(params, **data)`` returns the loss, a scalar.
    params
        A pytree; its leaves of floats are the parameters, in double precision.
    data
        Fixed arrays by name, of any shape.

    Returns
    -------
    dict
        ``dimension``, ``value``, ``gradient``, ``hvp`` and ``along`` of θ as one vector, and ``start``, ``shapes`` and ``packing``.
        Taylor coefficients are those of `jax.experimental.jet`; where it has no rule for a primitive, of nested `jax.jvp`, whose
        cost doubles with each degree.

    Raises
    ------
    ImportError
        If JAX is not installed.
    TypeError, ValueError
        If the function cannot be called like this or in double precision, or returns no scalar.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from modeq import Loss
    >>> E = Loss.from_functions(**jax_functions(lambda p: jnp.sum(jnp.cos(p["w"])), {"w": jnp.zeros(2)}))
    >>> E.hvp([0.0, 1.0], [1.0, 1.0]).round(4)
    array([-1.    , -0.5403])
    """
    require_jax("jax_functions")
    import jax  # deferred: optional

    tree, leaves = PyTree.of(params)
    shapes = {name: leaf.shape for name, leaf in leaves.items()}
    ends = np.cumsum([leaf.size for leaf in leaves.values()])[:-1].tolist()
    arrays = checked_data(data)

    def value(theta: Any) -> Any:
        parts = jax.numpy.split(theta, ends)
        return function(tree.assembled([part.reshape(shape) for part, shape in zip(parts, shapes.values(), strict=True)]), **arrays)

    gradient = jax.grad(value)

    def product(theta: Any, v: Any) -> Any:
        return jax.jvp(gradient, (theta,), (v,))[1]

    def along(path: Any) -> Any:
        return _coefficients(gradient, path)

    start = np.concatenate([leaf.ravel() for leaf in leaves.values()])
    with jax.enable_x64(True):
        check_call(function, arrays)
        try:
            results = jax.tree.leaves(jax.eval_shape(value, start))
        except TypeError as problem:
            raise TypeError(
                f"JAX cannot trace {function_name(function)} in double precision: {problem}. Where a layer asks for float32, such as "
                "the recurrent cells of flax, give it param_dtype=jnp.float64"
            ) from problem
    if [result.shape for result in results] != [()]:
        shapes_found = ", ".join(str(result.shape) for result in results)
        raise ValueError(f"{function_name(function)} returned shape {shapes_found}; sum or average it to a single number")
    return {
        "dimension": start.size,
        "value": _in_double_precision(jax.jit(value)),
        "gradient": _in_double_precision(jax.jit(gradient)),
        "hvp": _in_double_precision(jax.jit(product)),
        "along": _in_double_precision(jax.jit(along)),
        "shapes": shapes,
        "packing": tree,
        "start": tuple(start.tolist()),
        "name": getattr(function, "__name__", "loss"),
    }


def _in_double_precision(compiled: Callable[..., Any]) -> Callable[..., Any]:
    import jax  # deferred: optional

    @wraps(compiled)
    def function(*arguments: Any) -> Any:
        with jax.enable_x64(True):
            return np.asarray(compiled(*arguments))

    return function


def _coefficients(function: Callable[[Any], Any], path: Any) -> Any:
    """Return the Taylor coefficients of a function along a path; those of JAX are derivatives, k! times as large."""
    import jax  # deferred: optional
    from jax.experimental import jet

    degree = len(path) - 1
    scale = [float(factorial(k)) for k in range(degree + 1)]
    if degree == 0:
        return function(path[0])[np.newaxis]
    try:
        first, others = jet.jet(function, (path[0],), ([factor * row for factor, row in zip(scale[1:], path[1:], strict=True)],))
        derivatives = [first, *others]
    except Exception:

        def moved(s: Any) -> Any:
            return function(reduce(lambda total, row: total * s + row, path[::-1]))  # Horner's rule

        functions: list[Callable[[Any], Any]] = [moved]
        for _ in range(degree):
            functions.append(_slope(functions[-1]))
        derivatives = [derivative(0.0) for derivative in functions]
    return jax.numpy.stack([derivative / factor for derivative, factor in zip(derivatives, scale, strict=True)])


def _slope(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    import jax  # deferred: optional

    return lambda s: jax.jvp(function, (s,), (1.0,))[1]

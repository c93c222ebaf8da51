"""A user's JAX function as a graph: traced by JAX to a jaxpr in double precision, which is lowered equation by equation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .given_gradients import gradient_difference
from .graph import Graph
from .jax_primitives import PRIMITIVES, REFUSED, STRUCTURAL
from .jaxpr import Lowering, user_place
from .numpy_operations import OPERATIONS
from .shifts import without_shifts
from .traced_array import TracedArray, Tracing
from .tracing import check_call, function_name, scalar_result

_INSTEAD = {
    "TracerBoolConversionError": "in place of if, while, and, or write jnp.where(condition, a, b)",
    "TracerArrayConversionError": "in place of a function of NumPy or SciPy take that of jax.numpy or jax.scipy",
    "TracerIntegerConversionError": "an index or a length must be fixed",
    "NonConcreteBooleanIndexError": "in place of jnp.sum(x[x > 0]) write jnp.sum(jnp.where(x > 0, x, 0))",
    "ConcretizationTypeError": "leave float(…), int(…) and .item() out; a length must be fixed",
}
"""What to write instead, by JAX's errors for parameters that are used as numbers."""


def trace_jax(
    function: Callable[..., Any],
    leaves: Mapping[str, np.ndarray],
    rebuild: Callable[[Sequence[Any]], Any],
    data: Mapping[str, np.ndarray],
) -> tuple[Graph, int]:
    """Record a loss that is written in JAX, ``function(params, **data)``, as a graph.

    Parameters
    ----------
    function
        Called once, by JAX with tracers for the parameters; `jax_primitives` lists what it may use on them.
    leaves
        The parameters by name, in the order in which they become inputs of the graph.
    rebuild
        Makes what the function takes of the leaves in their order.
    data
        Fixed arrays; the function sees arrays of JAX, floats in double precision.

    Returns
    -------
    tuple[Graph, int]
        The graph, whose inputs are the parameters by name, and the node of the result, of shape ``()``.

    Raises
    ------
    TypeError
        If the function cannot be called like this or uses a primitive that is not supported; the message names its line.
    ValueError
        If the result is no scalar, or if derivatives are not those of the function: because of stop_gradient, custom_jvp or
        custom_vjp.
    """
    import jax  # deferred: optional

    check_call(function, data)
    graph = Graph()
    tracing = Tracing(graph, OPERATIONS, {name: leaf.shape for name, leaf in leaves.items()}, place=lambda: "")

    def prepared() -> Callable[..., Any]:
        fixed = {name: jax.numpy.asarray(array) for name, array in data.items()}
        return lambda *values: function(rebuild(values), **fixed)

    name = function_name(function)
    try:
        closed, loss, double = _traced(prepared, leaves)
    except _concrete_errors() as problem:
        raise TypeError(
            f"{name} is traced for every value of its parameters at once, so they are no numbers yet: {_INSTEAD[type(problem).__name__]}"
            f"{user_place(problem)}"
        ) from problem
    with jax.enable_x64(True):
        if len(closed.out_avals) != 1:
            raise TypeError(f"{name} returned {len(closed.out_avals)} arrays; return the loss alone, a scalar")
        inputs = [TracedArray(tracing, graph.input(key, leaf.shape), leaf.shape, parameter=key) for key, leaf in leaves.items()]
        lowering = Lowering(tracing, PRIMITIVES, STRUCTURAL, REFUSED)
        (result,) = lowering.run(closed.jaxpr, closed.consts, inputs)
        value = scalar_result(result if isinstance(result, TracedArray) else np.asarray(result), tracing, name)
        value = without_shifts(graph, value, tracing.largest)
        used = set(graph.reachable([value]))
        rules = [*lowering.rules, *(label for node, label in lowering.shifts.items() if node in used)]
        if rules:
            slopes = jax.grad(loss, argnums=tuple(range(len(leaves))))

            def theirs(point: Mapping[str, np.ndarray]) -> Sequence[Any]:
                with jax.enable_x64(double):
                    return slopes(*map(jax.numpy.asarray, point.values()))

            if difference := gradient_difference(graph, value, leaves, theirs, lowering.rounding):
                raise ValueError(
                    f"{name} is told derivatives that are not those of its values, by {'; '.join(dict.fromkeys(rules))}: JAX's gradient is "
                    f"another one, {difference}. A loss is a function, and its field −∇E; leave the rule out, or give the field itself "
                    "with Loss.from_functions"
                )
    return graph, value


def _concrete_errors() -> tuple[type[Exception], ...]:
    import jax  # deferred: optional

    return tuple(getattr(jax.errors, name) for name in _INSTEAD)


def _traced(prepared: Callable[[], Callable[..., Any]], leaves: Mapping[str, np.ndarray]) -> tuple[Any, Callable[..., Any], bool]:
    """Return the jaxpr of a loss, the loss with its data, and whether they are in double precision.

    A few models insist on single precision, such as the recurrent cells of flax, whose states begin as zeros of float32: what a loop
    carries may not change its type. These are traced in single precision, to which their constants and data are rounded.
    """
    import jax  # deferred: optional

    try:
        with jax.enable_x64(True):
            loss = prepared()
            return jax.make_jaxpr(loss)(*leaves.values()), loss, True
    except _concrete_errors():
        raise
    except (TypeError, ValueError) as problem:
        try:
            with jax.enable_x64(False):
                loss = prepared()
                return jax.make_jaxpr(loss)(*(np.asarray(leaf, np.float32) for leaf in leaves.values())), loss, False
        except Exception:
            raise problem from None

"""A user's JAX function as a graph: traced by JAX to a jaxpr in double precision, which is lowered equation by equation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .algebra import NumpyAlgebra, evaluate
from .differentiation import gradient
from .graph import Graph
from .jax_primitives import PRIMITIVES, REFUSED, STRUCTURAL
from .jaxpr import Lowering
from .numpy_operations import OPERATIONS
from .shifts import without_shifts
from .traced_array import TracedArray, Tracing
from .tracing import check_call, function_name, scalar_result

_TOLERANCE = 1e-6  # of the largest entry of the gradient
_NEARBY = 0.05  # how far from the given parameters, so that no entry is at a kink by chance


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
    with jax.enable_x64(True):
        fixed = {name: jax.numpy.asarray(array) for name, array in data.items()}

        def loss(*values: Any) -> Any:
            return function(rebuild(values), **fixed)

        closed = jax.make_jaxpr(loss)(*leaves.values())
        name = function_name(function)
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
            _check_derivative(loss, graph, value, leaves, rules, name)
    return graph, value


def _check_derivative(
    loss: Callable[..., Any], graph: Graph, value: int, leaves: Mapping[str, np.ndarray], rules: Sequence[str], name: str
) -> None:
    """Raise unless JAX's derivative near the parameters is that of the graph, where all rules are left out."""
    import jax  # deferred: optional

    random = np.random.default_rng(0)
    scale = {key: 1 + _NEARBY * random.normal(size=leaf.shape) for key, leaf in leaves.items()}
    point = {key: leaf * scale[key] + _NEARBY * random.normal(size=leaf.shape) for key, leaf in leaves.items()}
    slopes = gradient(graph, value, [graph.input(key, leaf.shape) for key, leaf in leaves.items()])
    with np.errstate(all="ignore"):
        ours = evaluate(graph, slopes, point, NumpyAlgebra())
    theirs = jax.grad(loss, argnums=tuple(range(len(point))))(*map(jax.numpy.asarray, point.values()))
    difference, size = 0.0, 0.0
    for own, other in zip(ours, theirs, strict=True):
        difference = max(difference, float(np.max(np.abs(own - np.asarray(other)))))
        size = max(size, float(np.max(np.abs(own))), float(np.max(np.abs(other))))
    if not difference <= _TOLERANCE * size:
        raise ValueError(
            f"{name} is told derivatives that are not those of its values, by {'; '.join(dict.fromkeys(rules))}: the gradient differs "
            f"by {difference:.1e}, of {size:.1e}. A loss is a function, and its field −∇E; leave the rule out, or give the field itself "
            "with Loss.from_functions"
        )

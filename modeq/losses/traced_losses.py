"""Losses on arrays from the code that people have: NumPy, JAX, PyTorch. Each is run once, on what records it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..codegen.array_program import ArrayProgram
from ..graph.graph import Graph
from ..graph.jax_tracing import trace_jax
from ..graph.torch_tracing import trace_torch
from ..graph.tracing import trace
from .arguments import checked_data, checked_shapes
from .array_loss import ArrayLoss
from .field import Array
from .minibatches import Samples
from .pytree import PyTree, require_jax
from .state_dict import StateDict, require_torch


def numpy_loss(
    function: Callable[..., Any], params: Mapping[str, int | tuple[int, ...]], data: Mapping[str, ArrayLike] | None, name: str | None
) -> ArrayLoss:
    """Do what `Loss.from_numpy` says."""
    shapes, packing = checked_shapes(params)

    def made(arrays: Mapping[str, Array], title: str) -> ArrayLoss:
        graph, value = trace(function, shapes, arrays)
        return ArrayLoss(title, shapes, _program(graph, value, shapes), packing=packing, origin=Samples(arrays, made))

    return made(checked_data(data), _title(function, name))


def jax_loss(function: Callable[..., Any], params: Any, data: Mapping[str, ArrayLike] | None, name: str | None) -> ArrayLoss:
    """Do what `Loss.from_jax` says."""
    require_jax("Loss.from_jax")
    tree, leaves = PyTree.of(params)
    shapes, start = _shapes_and_start(leaves)

    def made(arrays: Mapping[str, Array], title: str) -> ArrayLoss:
        graph, value = trace_jax(function, leaves, tree.assembled, arrays)
        return ArrayLoss(title, shapes, _program(graph, value, shapes), tree, Samples(arrays, made), start=start)

    return made(checked_data(data), _title(function, name))


def torch_loss(module: Any, objective: Callable[..., Any], inputs: Any, targets: Any, name: str | None) -> ArrayLoss:
    """Do what `Loss.from_torch` says."""
    require_torch("Loss.from_torch")
    state, leaves = StateDict.of(module)
    shapes, start = _shapes_and_start(leaves)
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    data = {f"input {n}": value for n, value in enumerate(given)} | ({} if targets is None else {"targets": targets})

    def made(arrays: Mapping[str, Any], title: str) -> ArrayLoss:
        values = list(arrays.values())
        graph, value = trace_torch(module, objective, values[: len(given)], values[len(given) :], leaves)
        return ArrayLoss(title, shapes, _program(graph, value, shapes), state, Samples(arrays, made), start=start)

    return made(data, _title(type(module), name))


def _title(made_from: Any, name: str | None) -> str:
    return str(getattr(made_from, "__name__", "loss") if name is None else name)


def _program(graph: Graph, value: int, shapes: Mapping[str, tuple[int, ...]]) -> ArrayProgram:
    """Return the program of a graph whose inputs are the parameters."""
    return ArrayProgram(graph, value, tuple(graph.input(key, shape) for key, shape in shapes.items()))


def _shapes_and_start(leaves: Mapping[str, Array]) -> tuple[dict[str, tuple[int, ...]], tuple[float, ...]]:
    shapes = {key: leaf.shape for key, leaf in leaves.items()}
    return shapes, tuple(np.concatenate([leaf.ravel() for leaf in leaves.values()]).tolist())

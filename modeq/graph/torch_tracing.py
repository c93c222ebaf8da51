"""A PyTorch module with its objective as a graph: exported by torch.export in double precision, without decompositions, and lowered."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .aten import lower_exported
from .aten_operators import OPERATORS, REFUSED
from .given_gradients import gradient_difference
from .graph import Graph
from .numpy_operations import OPERATIONS
from .shifts import without_shifts
from .traced_array import TracedArray, Tracing
from .tracing import scalar_result


def trace_torch(
    module: Any, objective: Callable[..., Any], inputs: Sequence[Any], targets: Sequence[Any], leaves: Mapping[str, np.ndarray]
) -> tuple[Graph, int]:
    """Record ``objective(module(*inputs), *targets)`` as a graph.

    Parameters
    ----------
    module
        A `torch.nn.Module`; a copy in double precision is exported.
    objective
        Called with the outputs, and the targets if there are any; a function or a module.
    inputs, targets
        Tensors or arrays; none or one for the targets.
    leaves
        The parameters by name, in the order in which they become inputs of the graph; others are fixed.

    Returns
    -------
    tuple[Graph, int]
        The graph, whose inputs are the parameters by name, and the node of the result, of shape ``()``.

    Raises
    ------
    TypeError
        If an operator is not supported; the message names the line.
    ValueError
        If the result is no scalar, or if PyTorch's gradient is not that of the values (detach, autograd.Function).
    """
    import torch  # deferred: optional

    class Whole(torch.nn.Module):  # type: ignore[misc]  # the base is not typed
        def __init__(self) -> None:
            super().__init__()
            self.model = copy.deepcopy(module).double()
            self.objective = copy.deepcopy(objective).double() if isinstance(objective, torch.nn.Module) else objective

        def forward(self, *arguments: Any) -> Any:
            count = len(inputs)
            return self.objective(self.model(*arguments[:count]), *arguments[count:])

    whole = Whole()
    whole.training = module.training  # the parts keep their own modes
    given = tuple(_double(value) for value in (*inputs, *targets))
    exported = torch.export.export(whole, given, strict=False)
    graph = Graph()
    tracing = Tracing(graph, OPERATIONS, {name: leaf.shape for name, leaf in leaves.items()}, place=lambda: "")
    traced = {name: TracedArray(tracing, graph.input(name, leaf.shape), leaf.shape, parameter=name) for name, leaf in leaves.items()}
    names = {id(parameter): name for name, parameter in whole.model.named_parameters()}
    values, position = {}, 0
    stored = {**exported.constants, **exported.state_dict}
    own = dict(whole.named_parameters(remove_duplicate=False))
    for specification in exported.graph_signature.input_specs:
        key, name = specification.target, specification.arg.name
        if key is None:
            values[name], position = given[position], position + 1
        else:
            owner = names.get(id(own.get(key)), "")
            values[name] = traced[owner] if owner in traced else stored[key].detach()
    title = type(module).__name__
    result = lower_exported(list(exported.graph.nodes), values, tracing, OPERATORS, REFUSED)
    value = scalar_result(result if isinstance(result, TracedArray) else np.asarray(result), tracing, title)
    value = without_shifts(graph, value, tracing.largest)
    parameters = dict(whole.model.named_parameters())

    def theirs(point: Mapping[str, np.ndarray]) -> Sequence[Any]:
        with torch.no_grad():
            for key, array in point.items():
                parameters[key].copy_(torch.as_tensor(array))
        slopes = torch.autograd.grad(whole(*given), [parameters[key] for key in leaves], allow_unused=True)
        return [np.zeros(()) if slope is None else slope.numpy() for slope in slopes]

    rounding = max((_rounding(node.meta.get("val")) for node in exported.graph.nodes), default=0.0)
    if difference := gradient_difference(graph, value, leaves, theirs, rounding):
        raise ValueError(
            f"PyTorch's gradient of {title} is not that of its values, as detach or a torch.autograd.Function make it: {difference}. "
            "A loss is a function, and its field −∇E; leave them out, or give the field itself with Loss.from_functions"
        )
    return graph, value


def _double(value: Any) -> Any:
    import torch  # deferred: optional

    tensor = torch.as_tensor(value).detach().cpu()
    return tensor.double() if tensor.is_floating_point() else tensor


def _rounding(value: Any) -> float:
    """Return the unit roundoff of a tensor of floats, 0 for anything else."""
    import torch  # deferred: optional

    return float(torch.finfo(value.dtype).eps) if isinstance(value, torch.Tensor) and value.is_floating_point() else 0.0

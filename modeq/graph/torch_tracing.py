"""A PyTorch module with its objective as a graph: exported by torch.export in double precision, without decompositions, and lowered."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from .aten import lower_exported, operator_name
from .aten_operators import OPERATORS, REFUSED
from .given_gradients import gradient_difference
from .graph import Graph
from .jaxpr import user_place
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
        A `torch.nn.Module`; a copy in double precision is exported, or as it is if it insists on single precision.
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
        def __init__(self, precise: bool) -> None:
            super().__init__()
            self.model, self.objective = copy.deepcopy(module), objective
            if isinstance(objective, torch.nn.Module):
                self.objective = copy.deepcopy(objective)
            if precise:
                self.double()
            self.training = module.training  # the parts keep their own modes

        def forward(self, *arguments: Any) -> Any:
            count = len(inputs)
            return self.objective(self.model(*arguments[:count]), *arguments[count:])

    title = type(module).__name__
    whole, given, exported = _exported(Whole, (*inputs, *targets), title)
    graph = Graph()
    tracing = Tracing(graph, OPERATIONS, {name: leaf.shape for name, leaf in leaves.items()}, place=lambda: "")
    traced = {name: TracedArray(tracing, graph.input(name, leaf.shape), leaf.shape, parameter=name) for name, leaf in leaves.items()}
    names = {id(parameter): name for name, parameter in whole.model.named_parameters()}
    values: dict[str, Any] = {}
    position = 0
    stored = {**exported.constants, **exported.state_dict}
    own = dict(whole.named_parameters(remove_duplicate=False))
    for specification in exported.graph_signature.input_specs:
        key, name = specification.target, specification.arg.name
        if specification.kind.name == "TOKEN":  # orders checks at run time
            values[name] = None
        elif key is None:
            values[name], position = given[position], position + 1
        else:
            owner = names.get(id(own.get(key)), "")
            values[name] = traced[owner] if owner in traced else stored[key].detach()
    kinds = [(specification.kind.name, specification.target) for specification in exported.graph_signature.output_specs]
    if changed := [target for kind, target in kinds if kind == "BUFFER_MUTATION"]:
        raise TypeError(
            f"{title} changes {', '.join(changed)} in each call, as batch norm in training mode changes its running averages; "
            "call module.eval() before"
        )
    results = lower_exported(list(exported.graph.nodes), values, tracing, OPERATORS, REFUSED)
    result = next(result for (kind, _), result in zip(kinds, results, strict=True) if kind == "USER_OUTPUT")
    value = scalar_result(result if isinstance(result, TracedArray) else np.asarray(result), tracing, title)
    value = without_shifts(graph, value, tracing.largest)
    parameters = dict(whole.model.named_parameters())

    def theirs(point: Mapping[str, np.ndarray]) -> Sequence[Any]:
        with torch.no_grad():
            for key, array in point.items():
                parameters[key].copy_(torch.as_tensor(array))
        slopes = torch.autograd.grad(whole(*_copies(given)), [parameters[key] for key in leaves], allow_unused=True)
        return [np.zeros(()) if slope is None else slope.numpy() for slope in slopes]

    rounding = max((_rounding(node.meta.get("val")) for node in exported.graph.nodes), default=0.0)
    if difference := gradient_difference(graph, value, leaves, theirs, rounding):
        with torch.no_grad():
            first, *others = (whole(*_copies(given)) for _ in range(8))
        if not all(torch.equal(first, other) for other in others):
            raise TypeError(
                f"{title} draws other numbers in each call, as dropout in training mode does; call module.eval() before, "
                "or pass them as inputs"
            )
        raise ValueError(
            f"PyTorch's gradient of {title} is not that of its values, as detach or a torch.autograd.Function make it: {difference}. "
            "A loss is a function, and its field −∇E; leave them out, or give the field itself with Loss.from_functions"
        )
    return graph, value


def _exported(whole: Callable[[bool], Any], arguments: Sequence[Any], title: str) -> tuple[Any, tuple[Any, ...], Any]:
    """Return a module, its arguments and the exported graph, in double precision.

    A module that insists on single precision, by ``x.float()`` before a layer, say, is exported as it is; its buffers and inputs are
    then those that single precision has.
    """
    import torch  # deferred: optional
    from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

    tensors = [torch.as_tensor(value).detach().cpu() for value in arguments]

    def exported(precise: bool) -> tuple[Any, tuple[Any, ...], Any]:
        dtype = torch.float64 if precise else torch.get_default_dtype()
        module, given = whole(precise), tuple(x.to(dtype) if x.is_floating_point() else x for x in tensors)
        with torch.no_grad():
            module(*_copies(given))  # the export lets some types that do not fit pass
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # PyTorch's own, about its own classes
            warnings.filterwarnings("ignore", "The tensor attributes", UserWarning)  # nn.LSTM keeps its weights in a list
            return module, given, torch.export.export(module, tuple(_copies(given)), strict=False).run_decompositions(_decompositions())

    try:
        return exported(True)
    except (GuardOnDataDependentSymNode, torch._subclasses.fake_tensor.DataDependentOutputException) as problem:
        raise TypeError(
            f"{title} is traced for every value of its parameters at once, so they are no numbers yet: in place of if write "
            f"torch.where(condition, a, b){user_place(problem)}"
        ) from problem
    except RuntimeError as problem:
        try:
            return exported(False)
        except Exception:
            raise problem from None


def _copies(tensors: Sequence[Any]) -> list[Any]:
    """Return tensors that a module may write to."""
    return [tensor.clone() for tensor in tensors]


def _rounding(value: Any) -> float:
    """Return the unit roundoff of a tensor of floats, 0 for anything else."""
    import torch  # deferred: optional

    return float(torch.finfo(value.dtype).eps) if isinstance(value, torch.Tensor) and value.is_floating_point() else 0.0


@cache
def _decompositions() -> Any:
    """Return PyTorch's formulas for the operators that are not lowered themselves; writing in place becomes writing to copies."""
    import torch  # deferred: optional

    table = torch.export.default_decompositions()
    for operator in [operator for operator in table if operator_name(operator) in OPERATORS]:
        table.pop(operator)
    return table

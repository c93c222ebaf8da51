"""Graphs of torch.export lowered to the array graph: operator after operator, with NumPy's functions on traced arrays.

What does not depend on the parameters is PyTorch's own business: such operators are run by PyTorch itself. Every other one has a
handler in `aten_operators`, or is an error that names it and the line of the user's code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, final

import numpy as np

from ..nearest import near_names, nearest_supported
from .entry_numbers import depends
from .jaxpr import is_installed
from .traced_array import TracedArray, Tracing


@final
class Operation:
    """One call of an operator, as handlers see it.

    Attributes
    ----------
    tracing
        Where arrays are recorded.
    name
        Name of the operator, without its overload.
    """

    def __init__(self, tracing: Tracing, target: Callable[..., Any]) -> None:
        self.tracing = tracing
        self.name = operator_name(target)
        self._target = target

    def lift(self, value: Any) -> Any:
        """Return an operand as a traced array."""
        return self.tracing.lift(value if isinstance(value, (TracedArray, int, float)) else np.asarray(value))

    def run(self, *arguments: Any, **options: Any) -> Any:
        """Run the operator by PyTorch."""
        return self._target(*arguments, **options)


Handler = Callable[..., Any]
"""Takes an `Operation` and the operator's arguments, by PyTorch's order and names; traced arrays in the place of tensors."""


def operator_name(target: Any) -> str:
    """Return ``linear`` for ``torch.ops.aten.linear.default``, ``getitem`` for the function of that name."""
    parts = str(target).split(".")
    return parts[1] if len(parts) == 3 else getattr(target, "__name__", str(target))


def lower_exported(
    nodes: Sequence[Any], given: Mapping[str, Any], tracing: Tracing, handlers: Mapping[str, Handler], refused: Mapping[str, str]
) -> Any:
    """Lower the nodes of an exported graph, return its results.

    Parameters
    ----------
    nodes
        In order: placeholders, calls, and the output.
    given
        Values of placeholders by name: traced arrays for parameters, tensors for what is fixed.
    handlers, refused
        By the names of operators: how they are lowered, and what to write instead.
    """
    known: dict[Any, Any] = {}

    def read(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(map(read, value)) if type(value) in (list, tuple) else [read(part) for part in value]
        if isinstance(value, slice):
            return slice(read(value.start), read(value.stop), read(value.step))
        return known[value] if hasattr(value, "op") and hasattr(value, "users") else value

    for node in nodes:
        match node.op:
            case "placeholder":
                known[node] = given[node.name]
            case "output":
                return read(node.args[0])
            case "call_function":
                arguments, options = read(node.args), {name: read(value) for name, value in node.kwargs.items()}
                known[node] = _result(node, arguments, options, tracing, handlers, refused)
            case other:
                raise TypeError(f"the exported graph holds a {other}, which is not supported; export the model without control flow")
    raise TypeError("the exported graph has no output")


def _result(
    node: Any,
    arguments: Sequence[Any],
    options: Mapping[str, Any],
    tracing: Tracing,
    handlers: Mapping[str, Handler],
    refused: Mapping[str, str],
) -> Any:
    operation = Operation(tracing, node.target)
    handler = handlers.get(operation.name)
    place = _place(node.meta.get("stack_trace") or "")
    draws = any(tag.name == "nondeterministic_seeded" for tag in getattr(node.target, "tags", ()))
    if draws and handler is None:
        raise TypeError(f"the operator {operation.name} of PyTorch draws other numbers in each call; pass them as inputs{place}")
    if not draws and not any(map(depends, [*arguments, *options.values()])):
        return node.target(*arguments, **options)
    if handler is None:
        usual = nearest_supported(near_names(operation.name, handlers), "see the page on losses from PyTorch")
        advice = refused.get(operation.name, usual)
        raise TypeError(f"the operator {operation.name} of PyTorch is not supported on what depends on the parameters: {advice}{place}")
    tracing.place = lambda: place
    return tracing.call(operation.name, handler, operation, *arguments, **options)


def _place(trace: str) -> str:
    """Return the innermost line of the user's in a stack trace, ``" (model.py, line 12: h = x + 1)"``, or nothing."""
    for file, line, text in reversed(re.findall(r'File "([^"]+)", line (\d+), in [^\n]*\n([^\n]*)', trace)):
        if not is_installed(file):
            return f" ({Path(file).name}, line {line}: {text.strip()[:120]})"
    return ""

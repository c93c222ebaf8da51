"""A user's NumPy function as a graph: it is called once, with arrays that record what happens to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from .arrays import Shape, moving_nodes
from .graph import Graph
from .numpy_operations import OPERATIONS
from .shifts import without_shifts
from .traced_array import TracedArray, Tracing
from .tracing_errors import NoNumber, user_line


def trace(function: Callable[..., Any], shapes: Mapping[str, Shape], data: Mapping[str, np.ndarray]) -> tuple[Graph, int]:
    """Record a loss that is written in NumPy, ``function(params, **data)``, as a graph.

    Parameters
    ----------
    function
        Takes a dict of parameters and the data by name, returns one number. It is called once, so what it decides by
        other means than np.where is decided for good; what it may use is listed in `graph.numpy_operations`.
    shapes
        Shape of each parameter, in the order in which they become inputs of the graph.
    data
        Fixed arrays; the function sees copies that are read-only.

    Returns
    -------
    tuple[Graph, int]
        The graph, whose inputs are the parameters by name, and the node of the result, of shape ``()``.

    Raises
    ------
    TypeError
        If `function` cannot be called like this, returns no number, or uses a parameter as a Python number or in a
        function that is not supported.
    ValueError
        If the result is no scalar or does not depend on the parameters, if shapes do not fit, or if the function asks for
        an unknown parameter. Both name the line of the function. Its own exceptions pass as they are.

    Examples
    --------
    >>> graph, loss = trace(lambda p, X, y: np.mean((X @ p["w"] - y) ** 2), {"w": (2,)}, {"X": np.eye(2), "y": np.ones(2)})
    >>> sorted({graph.nodes[number].op for number in graph.reachable([loss])})
    ['constant', 'data', 'input', 'matmul', 'multiply', 'reshape', 'subtract', 'sum']
    """
    check_call(function, data)
    graph = Graph()
    tracing = Tracing(graph, OPERATIONS, {name: tuple(shape) for name, shape in shapes.items()})
    inputs = {name: TracedArray(tracing, graph.input(name, shape), shape, parameter=name) for name, shape in tracing.shapes.items()}
    copies = {name: _read_only(array) for name, array in data.items()}
    try:
        result = function(_nested(inputs), **copies)
    except ValueError as error:
        if isinstance(error.__cause__, NoNumber):  # `plain[0] = p["w"]`, where NumPy hides the reason
            raise error.__cause__ from None
        raise
    return graph, without_shifts(graph, scalar_result(result, tracing, function_name(function)), tracing.largest)


class UnknownParameter(ValueError, KeyError):  # KeyError, so that `try: p["b"] except KeyError` works as with any dict
    """A name that no parameter has."""

    __str__ = ValueError.__str__


@final
class _Parameters(dict[str, Any]):
    """The parameters, or dicts of them, by name; an unknown name is an error that lists the known ones."""

    def __missing__(self, name: str) -> TracedArray:
        raise UnknownParameter(f"there is no parameter {name!r}; the parameters are {', '.join(self) or 'none'}{user_line()}")


def _nested(inputs: Mapping[str, TracedArray]) -> _Parameters:
    """Return the parameters as the function sees them: ``encoder.W`` as an entry of a dict in a dict."""
    whole = _Parameters()
    for path, array in inputs.items():
        *groups, name = path.split(".")
        place: Any = whole
        for group in groups:
            place = place.setdefault(group, _Parameters())
        place[name] = array
    return whole


def _read_only(array: np.ndarray) -> np.ndarray:
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError("masked arrays are not supported as data; leave out what is masked, or multiply by an array of zeros and ones")
    copy = np.array(array)
    copy.flags.writeable = False
    return copy


def function_name(function: Callable[..., Any]) -> str:
    """Return what messages call a user's function."""
    return getattr(function, "__name__", type(function).__name__)


def check_call(function: Any, data: Mapping[str, Any]) -> None:
    """Raise unless the function can be called with the parameters and the data by name."""
    if not callable(function):
        raise TypeError(
            f"the loss is a function of the parameters and the data, such as def loss(p, X, y), got {type(function).__name__}; "
            "pass the function itself, without calling it"
        )
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # built-in, without a signature: the call itself will tell
        return
    try:
        signature.bind(None, **data)
    except TypeError as error:
        parameters = list(signature.parameters.values())
        names = [p.name for p in parameters[1:] if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        needed = [p.name for p in parameters[1:] if p.name in names and p.default is p.empty]
        missing = [name for name in needed if name not in data]
        surplus = [name for name in data if name not in names] if not any(p.kind is p.VAR_KEYWORD for p in parameters) else []
        problems = [f"its argument{'s' * (len(missing) > 1)} {', '.join(missing)} got no data"] if missing else []
        problems += [f"it has no argument {', '.join(surplus)}, of which there is data"] if surplus else []
        name = function_name(function)
        call = ", ".join(["params", *(f"{name}=…" for name in data)])
        raise TypeError(
            f"{name}{signature} cannot be called as {name}({call}): {' and '.join(problems) or error}. "
            "The first argument is the dict of parameters, the others are the data, by their names"
        ) from None


def scalar_result(result: Any, tracing: Tracing, name: str) -> int:
    """Return the node of the result, or raise unless it is one number that depends on the parameters."""
    if result is None:
        raise TypeError(f"{name} returned nothing; return the loss")
    if not isinstance(result, TracedArray):
        if isinstance(result, (bool, int, float, np.number, np.ndarray)):
            shape = f"an array of shape {np.shape(result)}" if np.ndim(result) else f"the number {result}"
            raise ValueError(f"{name} returned {shape}, which does not depend on the parameters {_listed(tracing)}; use them as p['name']")
        raise TypeError(f"{name} returned {type(result).__name__}; return one number, computed from the parameters {_listed(tracing)}")
    if result.shape != ():
        raise ValueError(f"{name} returned an array of shape {result.shape}; sum or average it to a single number")
    node = tracing.lift(result).node
    if node not in moving_nodes(tracing.graph, [node]):
        raise ValueError(f"what {name} returned does not depend on the parameters {_listed(tracing)}: they cancel, or are multiplied by 0")
    return node


def _listed(tracing: Tracing) -> str:
    return ", ".join(tracing.shapes)

"""Largest entries that are subtracted against overflow and cancel: ``z − z.max(axis)`` in a softmax.

What such a loss is does not depend on the largest entry, so it may count as constant for derivatives and the loss is analytic. Whether
it cancels is decided by numbers: with the largest entries as variables of their own, the derivative of the loss by each of them is a
sum over the places where it is used, and this sum is 0 to rounding, at random points, although its parts are not.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .algebra import NumpyAlgebra, evaluate
from .arrays import moving_nodes
from .differentiation import gradient
from .graph import Graph
from .substitution import substitute

_SPREADING = frozenset({"reshape", "expand"})
_SIZES = (0.3, 1.0, 3.0)  # of the entries of random parameters
_ROUNDING = 1e-10  # of the largest sum of moduli


def without_shifts(graph: Graph, output: int, largest: Mapping[int, int]) -> int:
    """Return the output with those largest entries held constant that cancel.

    Parameters
    ----------
    graph
        Is extended.
    output
        A scalar node.
    largest
        For each node of largest entries one with the same values that counts as constant for derivatives.

    Returns
    -------
    int
        The new output; the same if nothing cancels.

    Examples
    --------
    >>> from modeq.graph.arrays import depends_on_sign
    >>> from modeq.graph.tracing import trace
    >>> graph, loss = trace(lambda p: np.log(np.sum(np.exp(p["z"] - p["z"].max()))) + p["z"].max(), {"z": (3,)}, {})
    >>> depends_on_sign(graph, [loss])
    False
    """
    used = set(graph.reachable([output]))
    replaced: dict[int, int] = {}
    for exact in sorted(used & set(largest)):
        if _cancels(graph, output, exact):  # one softmax may be inside another
            (replaced[exact],) = substitute(graph, [largest[exact]], replaced)
    return substitute(graph, [output], replaced)[0] if replaced else output


def made_of(graph: Graph, number: int, largest: Mapping[int, int]) -> bool:
    """Whether a node depends on the inputs through largest entries only."""
    moving: set[int] = set()
    for position in graph.reachable([number]):
        node = graph.nodes[position]
        if position not in largest and (node.op == "input" or not moving.isdisjoint(node.arguments)):
            moving.add(position)
    return number not in moving


def _cancels(graph: Graph, output: int, node: int) -> bool:
    """Whether the output does not depend on a node, seen as a variable."""
    test = graph.copy()
    shape = test.nodes[node].shape
    variable = test.input("largest entries", shape)
    (changed,) = substitute(test, [output], {node: variable})
    places = _places(test, changed, variable)
    copies = {place: test.input(f"largest entries at {place}", test.nodes[place].shape) for place in places}
    (parted,) = substitute(test, [changed], copies)
    inputs = [number for number in sorted(moving_nodes(graph, [output])) if graph.nodes[number].op == "input"]
    used = list(copies.values())
    slopes = gradient(test, parted, used)
    entries = np.arange(test.nodes[variable].size, dtype=float).reshape(shape)
    owners = evaluate(test, places, {"largest entries": entries}, NumpyAlgebra())
    scale = 0.0
    random = np.random.default_rng(0)
    for size in _SIZES:
        point = {graph.nodes[number].value: size * random.standard_normal(graph.nodes[number].shape) for number in inputs}
        with np.errstate(all="ignore"):
            values = np.ravel(np.broadcast_to(evaluate(test, [node], point, NumpyAlgebra())[0], shape))
            point |= {test.nodes[copy].value: values[np.asarray(owner, int)] for copy, owner in zip(used, owners, strict=True)}
            parts = evaluate(test, slopes, point, NumpyAlgebra())
        total, moduli = np.zeros(entries.size), np.zeros(entries.size)
        for part, copy, owner in zip(parts, used, owners, strict=True):
            contributions = np.broadcast_to(part, test.nodes[copy].shape).ravel()
            np.add.at(total, np.asarray(owner, int).ravel(), contributions)
            np.add.at(moduli, np.asarray(owner, int).ravel(), np.abs(contributions))
        if np.isfinite(moduli).all():
            scale = scale or float(moduli.max())  # where a softmax saturates, its parts are rounding
            if (np.abs(total) > _ROUNDING * max(scale, moduli.max())).any():
                return False
    return scale > 0


def _places(graph: Graph, output: int, variable: int) -> list[int]:
    """Return the forms in which a variable is used by operations that do more than reshape or repeat it."""
    forms: set[int] = {variable}
    places: dict[int, None] = {}
    for number in graph.reachable([output]):
        node = graph.nodes[number]
        if node.op in _SPREADING and node.arguments[0] in forms:
            forms.add(number)
        else:
            places |= dict.fromkeys(argument for argument in node.arguments if argument in forms)
    return list(places)

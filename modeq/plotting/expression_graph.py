"""The expression graph of a loss, a vector field or a flow, from its inputs on the left to its results on the right."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import singledispatch
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy

from ..flows.compiled import CompiledFlow
from ..graph.graph import Graph, Node
from ..graph.lowering import lower
from ..losses.array_loss import ArrayLoss
from ..losses.field import Field
from ..losses.symbolic_field import SymbolicField
from ..losses.symbolic_loss import SymbolicLoss
from ..losses.vector_field import VectorField
from .figures import axes_or_new, coordinate_label, plain

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

Source: TypeAlias = CompiledFlow | Field
_Drawn: TypeAlias = tuple[Graph, Sequence[int], dict[str, str]]
_Place: TypeAlias = tuple[float, float]
_SIGNS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negate": "−( )", "sqrt": "√", "matmul": "@"}
_FILLS = {"input": "#56B4E9", "constant": "#DDDDDD", "data": "#F5D9A8"}  # others are white, results have a thick edge
_MOST = 150  # nodes
_SWEEPS = 8


def plot_graph(source: Source, *, ax: Axes | None = None) -> Axes:
    """Draw the expression graph of a loss, a vector field, or a flow on symbols; equal subexpressions are one node.

    Inputs are blue, constants grey; nodes with a thick edge are the results. A dashed arrow is what is subtracted, or divided by. A
    product with one arrow is a square.

    Parameters
    ----------
    source
        A loss; a vector field; or the flow of a truncated equation, whose expanded formula is drawn, one result for each coordinate.
    ax
        Where to draw; a new figure of the size that it takes when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `source` is something else, a flow without formula (principal flows), or its graph has more than 150 nodes.

    Examples
    --------
    >>> import modeq as mq
    >>> ax = mq.plotting.plot_graph(mq.Loss.from_sympy("x**2 + exp(x**2)", ["x"]))
    >>> sorted(text.get_text() for text in ax.texts)  # x·x is there once
    ['$x$', '+', 'exp', '×']
    """
    graph, outputs, names = _graph_of(source)
    network = graph.to_networkx(outputs)
    if len(network) > _MOST:
        raise ValueError(f"the graph has {len(network)} nodes, too many for one picture (at most {_MOST}); take a smaller one")
    places, bends = _layers(network)
    width, height = (max(place[i] for place in places.values()) - min(place[i] for place in places.values()) for i in (0, 1))
    axes = axes_or_new(ax, max(3.0, 0.85 * width + 1.2), max(2.0, 0.62 * height + 1.2))
    from matplotlib.patches import FancyArrowPatch  # deferred, as matplotlib is

    for start, end in network.edges:
        node = graph.nodes[end]
        second = node.op in ("subtract", "divide") and start == node.arguments[1]
        look: dict[str, Any] = {"color": "0.55", "linewidth": 0.9, "linestyle": (0, (4, 2)) if second else "-"}
        way = [places[start], *bends[start, end], places[end]]
        if len(way) > 2:
            axes.plot(*zip(*way[:-1], strict=True), **look, zorder=1)
        trim: dict[str, Any] = {"shrinkA": 11 if len(way) == 2 else 0, "shrinkB": 11}
        axes.add_patch(FancyArrowPatch(way[-2], way[-1], arrowstyle="-|>", mutation_scale=9, **trim, **look))
    for number, (x, y) in places.items():
        node = graph.nodes[number]
        box = {
            "boxstyle": "round,pad=0.3",
            "facecolor": _FILLS.get(node.op, "#FFFFFF"),
            "edgecolor": "#000000",
            "linewidth": 2.0 if number in outputs else 0.7,
        }
        axes.text(x, y, _label(node, names), ha="center", va="center", fontsize=9, bbox=box, zorder=3)
    horizontal, vertical = zip(*places.values(), strict=True)
    axes.set_xlim(min(horizontal) - 0.6, max(horizontal) + 0.6)
    axes.set_ylim(min(vertical) - 0.6, max(vertical) + 0.6)
    axes.set_axis_off()
    return axes


@singledispatch
def _graph_of(source: Any) -> _Drawn:
    """Return the graph, its results, and the names of its inputs for the picture."""
    raise TypeError(f"expected a loss, a vector field or a flow on symbols, got {type(source).__name__}")


@_graph_of.register
def _(source: SymbolicLoss) -> _Drawn:
    return source.graph, [source.node], _names(source)


@_graph_of.register
def _(source: ArrayLoss) -> _Drawn:
    return source.program.graph, [source.program.value], {}


@_graph_of.register
def _(source: VectorField) -> _Drawn:
    return source.graph, [node for row in source.nodes for node in row], _names(source)


@_graph_of.register
def _(source: CompiledFlow) -> _Drawn:
    graph, formula = Graph(), source.expressions()
    symbols = sorted(formula.free_symbols, key=str)
    return graph, lower(list(formula), graph, {symbol: symbol.name for symbol in symbols}), {}


def _names(field: SymbolicField) -> dict[str, str]:
    parameters = {f"p{i}": name for i, name in enumerate(field.parameters)}
    return dict(zip(field.inputs, field.coordinates, strict=True)) | parameters


def _label(node: Node, names: dict[str, str]) -> str:
    if node.op == "input":
        return coordinate_label(names.get(node.value, node.value))
    if node.op == "constant":
        value = node.value
        text = str(value) if isinstance(value, Fraction) else sympy.sstr(value)
        return plain(text if len(text) <= 12 else f"{float(value):.5g}")
    if node.op == "data":
        return "data " + "×".join(map(str, node.shape))
    return f"power {node.value}" if node.op == "power" else _SIGNS.get(node.op, node.op)


def _layers(network: nx.DiGraph) -> tuple[dict[int, _Place], dict[tuple[int, int], list[_Place]]]:
    """Place nodes in layers from left to right, each next to its neighbours, and long edges between the nodes that they pass.

    Reference: K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. Syst. Man Cybern. 11 (1981) 109–125, doi:10.1109/TSMC.1981.4308636.
    """
    import networkx as nx  # deferred, as in the graph

    order = list(nx.topological_sort(network))
    layer: dict[Any, int] = {}
    for number in order:
        layer[number] = 1 + max((layer[argument] for argument in network.predecessors(number)), default=-1)
    for number in reversed(order):  # inputs and constants stand just before their first use
        if not network.in_degree(number) and network.out_degree(number):
            layer[number] = min(layer[user] for user in network.successors(number)) - 1
    chains = nx.DiGraph()  # with a point for each layer that an edge passes
    chains.add_nodes_from(order)
    for start, end in network.edges:
        passed = [(start, end, depth) for depth in range(layer[start] + 1, layer[end])]
        layer |= {point: point[2] for point in passed}
        nx.add_path(chains, [start, *passed, end])
    columns: list[list[Any]] = [[] for _ in range(1 + max(layer.values()))]
    for point in chains:
        columns[layer[point]].append(point)
    height: dict[Any, float] = {}
    for column in columns:
        height |= _spread(column)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else reversed(columns):
            near = {point: list(chains.predecessors(point) if forward else chains.successors(point)) for point in column}
            wanted = {p: sum(height[q] for q in others) / len(others) if others else height[p] for p, others in near.items()}
            column.sort(key=wanted.__getitem__)
            height |= _spread(column)
    bends = {
        (start, end): [(float(depth), height[start, end, depth]) for depth in range(layer[start] + 1, layer[end])]
        for start, end in network.edges
    }
    return {number: (float(layer[number]), height[number]) for number in order}, bends


def _spread(column: Sequence[Any]) -> dict[Any, float]:
    """Return heights at distance 1 around 0."""
    return {point: i - (len(column) - 1) / 2 for i, point in enumerate(column)}

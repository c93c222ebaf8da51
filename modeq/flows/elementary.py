"""A field series on a concrete field by its elementary differentials: the sum over trees, as a graph of scalars or arrays.

F([τ₁…τ_m]) = f^(m)[F(τ₁), …, F(τ_m)]. The m-th derivative is built once as a template with placeholder directions, by
differentiating m times in forward mode, and the directions are put in for each tree. This is the only way to evaluate a
series that no method generates, such as a modifying equation; modified equations have `power_series`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..graph.differentiation import jvp
from ..graph.graph import Graph
from ..graph.substitution import substitute
from ..series.bseries import FieldSeries
from ..trees.rooted import RootedTree


def elementary_differentials(
    graph: Graph, parts: Sequence[Sequence[int]], inputs: Sequence[int], trees: Sequence[RootedTree]
) -> dict[RootedTree, list[int]]:
    """Build F(τ) for `trees` and all their subtrees; `parts` holds the field of each colour, in the shapes of `inputs`."""
    known: dict[RootedTree, list[int]] = {}
    templates: dict[tuple[int, int], list[int]] = {}

    def directions(number: int) -> list[int]:
        nodes = [graph.nodes[place] for place in inputs]
        return [graph.input(f"{node.value} direction {number}", node.shape) for node in nodes]

    def template(colour: int, arity: int) -> list[int]:
        if arity == 0:
            return list(parts[colour])
        if (colour, arity) not in templates:
            templates[colour, arity] = jvp(graph, template(colour, arity - 1), inputs, directions(arity))
        return templates[colour, arity]

    def build(tree: RootedTree) -> list[int]:
        if tree not in known:
            values: dict[int, int] = {}
            for number, child in enumerate(tree.children, start=1):
                values |= dict(zip(directions(number), build(child), strict=True))
            known[tree] = substitute(graph, template(tree.colour, len(tree.children)), values)
        return known[tree]

    for tree in trees:
        build(tree)
    return known


def series_field(graph: Graph, parts: Sequence[Sequence[int]], inputs: Sequence[int], series: FieldSeries) -> list[list[int]]:
    """Sum b(τ)/σ(τ) F(τ) by powers of h: ``result[j]`` holds the nodes of the trees with j + 1 nodes, in the shapes of `inputs`."""
    differentials = elementary_differentials(graph, parts, inputs, [tree for tree in series.trees if series[tree] != 0])
    rows = [[graph.zero] * len(inputs) for _ in range(series.order)]
    for tree in series.trees:
        weight = series[tree] / tree.symmetry
        if weight != 0:
            scaled = (graph.multiply(graph.constant(weight), node) for node in differentials[tree])
            rows[tree.order - 1] = [graph.add(a, b) for a, b in zip(rows[tree.order - 1], scaled, strict=True)]
    return rows

"""A field series on a concrete field by its elementary differentials: the sum over trees, as a graph.

F([τ₁…τ_m]) = f^(m)[F(τ₁), …, F(τ_m)]. The m-th derivative is built once as a template with placeholder directions, by
differentiating m times in forward mode, and the directions are put in for each tree. This is the only way to evaluate a
series that no method generates, such as a modifying equation; modified equations have `power_series`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..graph.algebra import evaluate
from ..graph.differentiation import jvp
from ..graph.graph import Graph
from ..series.bseries import FieldSeries
from ..trees.rooted import RootedTree


def elementary_differentials(
    graph: Graph, parts: Sequence[Sequence[int]], names: Sequence[str], trees: Sequence[RootedTree]
) -> dict[RootedTree, list[int]]:
    """Build F(τ) for `trees` and all their subtrees; `parts` holds the field of each colour, `names` the coordinates."""
    known: dict[RootedTree, list[int]] = {}
    templates: dict[tuple[int, int], list[int]] = {}
    inputs = [graph.input(name) for name in names]
    others = _inputs(graph)

    def template(colour: int, arity: int) -> list[int]:
        if arity == 0:
            return list(parts[colour])
        if (colour, arity) not in templates:
            directions = [graph.input(f"{name} direction {arity}") for name in names]
            templates[colour, arity] = jvp(graph, template(colour, arity - 1), inputs, directions)
        return templates[colour, arity]

    def build(tree: RootedTree) -> list[int]:
        if tree not in known:
            branches = [build(child) for child in tree.children]
            values = dict(others)
            for number, branch in enumerate(branches, start=1):
                values |= {f"{name} direction {number}": node for name, node in zip(names, branch, strict=True)}
            known[tree] = evaluate(graph, template(tree.colour, len(branches)), values, graph)
        return known[tree]

    for tree in trees:
        build(tree)
    return known


def series_field(graph: Graph, parts: Sequence[Sequence[int]], names: Sequence[str], series: FieldSeries) -> list[list[int]]:
    """Sum b(τ)/σ(τ) F(τ) by powers of h: ``result[j]`` holds the d nodes of the trees with j + 1 nodes."""
    differentials = elementary_differentials(graph, parts, names, [tree for tree in series.trees if series[tree] != 0])
    rows = [[graph.zero] * len(names) for _ in range(series.order)]
    for tree in series.trees:
        weight = series[tree] / tree.symmetry
        if weight != 0:
            scaled = (graph.multiply(graph.constant(weight), node) for node in differentials[tree])
            rows[tree.order - 1] = [graph.add(a, b) for a, b in zip(rows[tree.order - 1], scaled, strict=True)]
    return rows


def _inputs(graph: Graph) -> Mapping[str, int]:
    return {node.value: number for number, node in enumerate(graph.nodes) if node.op == "input"}

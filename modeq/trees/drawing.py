"""Rooted trees as networkx graphs, for drawing and for graph algorithms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rooted import RootedTree

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(tree: RootedTree) -> nx.DiGraph:
    """Convert a tree to a directed graph with edges from parent to child.

    Parameters
    ----------
    tree
        Any rooted tree.

    Returns
    -------
    networkx.DiGraph
        Nodes are numbered in preorder from 0, the root, and carry the attributes ``colour`` and ``level``.

    Examples
    --------
    >>> graph = to_networkx(RootedTree.parse("[[],[]]"))
    >>> list(graph.edges), graph.nodes[1]["level"]
    ([(0, 1), (0, 2)], 1)
    """
    import networkx as nx  # deferred: most of what modeq does needs no networkx

    graph = nx.DiGraph()
    path: list[int] = []
    for number, (level, colour) in enumerate(zip(tree.level_sequence, tree.colour_sequence, strict=True)):
        graph.add_node(number, colour=colour, level=level)
        if level:
            graph.add_edge(path[level - 1], number)
        path[level:] = [number]
    return graph


def from_networkx(graph: nx.DiGraph) -> RootedTree:
    """Convert an arborescence to a tree.

    Parameters
    ----------
    graph
        Edges point from parent to child; nodes may have the attribute ``colour``.

    Returns
    -------
    RootedTree
        The order of children is forgotten.

    Raises
    ------
    ValueError
        If the graph is not one rooted tree with edges pointing away from the root.

    Examples
    --------
    >>> import networkx
    >>> from_networkx(networkx.DiGraph([("a", "b"), ("a", "c"), ("c", "d")]))
    RootedTree('[[[]],[]]')
    """
    import networkx as nx

    if not graph or not graph.is_directed() or not nx.is_arborescence(graph):
        raise ValueError("expected one rooted tree with edges from parent to child")
    (root,) = (node for node, degree in graph.in_degree() if degree == 0)
    built: dict[object, RootedTree] = {}
    for node in nx.dfs_postorder_nodes(graph, root):
        children = [built[child] for child in graph.successors(node)]
        built[node] = RootedTree(children, graph.nodes[node].get("colour", 0))
    return built[root]

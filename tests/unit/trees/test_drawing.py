"""Trees as networkx graphs."""

import networkx as nx
import pytest

from modeq.trees import RootedTree, from_networkx, rooted_trees, to_networkx


@pytest.mark.parametrize("tree", [*rooted_trees(5), *rooted_trees(3, colours=2)])
def test_a_tree_survives_the_way_to_networkx_and_back(tree):
    assert from_networkx(to_networkx(tree)) is tree


def test_edges_point_from_parent_to_child():
    graph = to_networkx(RootedTree.parse("[[[]],[]]"))
    assert sorted(graph.edges) == [(0, 1), (0, 3), (1, 2)]


def test_colours_become_node_attributes():
    graph = to_networkx(RootedTree.parse("2[1[]]"))
    assert [graph.nodes[n]["colour"] for n in graph] == [2, 1]


def test_arborescences_with_any_node_names_are_read():
    assert from_networkx(nx.DiGraph([("root", "a"), ("root", "b"), ("a", "c")])) is RootedTree.parse("[[[]],[]]")


def test_nodes_of_networkx_rooted_trees_are_counted_the_same():
    for free in nx.nonisomorphic_trees(6):
        rooted = from_networkx(nx.bfs_tree(free, 0))
        assert rooted.order == 6


@pytest.mark.parametrize(
    "graph", [nx.DiGraph(), nx.DiGraph([(0, 1), (1, 0)]), nx.DiGraph([(0, 2), (1, 2)]), nx.DiGraph([(0, 1), (2, 3)]), nx.Graph([(0, 1)])]
)
def test_graphs_that_are_no_rooted_tree_are_refused(graph):
    with pytest.raises(ValueError, match="rooted tree"):
        from_networkx(graph)

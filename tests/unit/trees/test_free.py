"""Free trees: rooted trees without their root."""

import networkx as nx
import pytest
from networkx.algorithms.isomorphism import GraphMatcher

from modeq.trees import RootedTree, centred, free_symmetry, from_networkx, rooted_trees, rootings, to_networkx

A000055 = [1, 1, 1, 2, 3, 6, 11, 23, 47]  # OEIS: free trees with n = 1, 2, … nodes
TREES = [tree for order in range(1, 8) for tree in rooted_trees(order)]


def free(tree):
    return to_networkx(tree).to_undirected()


@pytest.mark.parametrize(("order", "count"), list(enumerate(A000055, start=1)))
def test_free_trees_are_counted_by_oeis(order, count):
    assert len({centred(tree) for tree in rooted_trees(order)}) == count


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_the_rootings_are_the_trees_that_networkx_hangs_up_at_each_node(tree):
    graph = free(tree)
    found = rootings(tree)
    assert len(found) == len(set(found))
    assert set(found) == {from_networkx(nx.bfs_tree(graph, node)) for node in graph}


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_the_symmetry_is_the_number_of_automorphisms_that_networkx_finds(tree):
    graph = free(tree)
    assert free_symmetry(tree) == sum(1 for _ in GraphMatcher(graph, graph).isomorphisms_iter())


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_the_root_of_the_representative_is_a_centroid(tree):
    representative = centred(tree)
    assert all(2 * child.order <= tree.order for child in representative.children)
    assert all(centred(rooted) is representative for rooted in rootings(tree))


def test_rootings_with_many_branches_at_the_root_come_first():
    counts = [len(rooted.children) for rooted in rootings(RootedTree.parse("[[[],[],[]],[]]"))]
    assert counts == sorted(counts, reverse=True) == [4, 2, 1, 1]


def test_coloured_nodes_keep_their_colour_when_the_root_moves():
    assert {str(tree) for tree in rootings(RootedTree.parse("1[[]]"))} == {"1[[]]", "[1[]]"}

"""Cutting trees: subtrees at the root (composition) and partitions (substitution)."""

from collections import Counter

import pytest

from modeq.trees import RootedTree, chain, partitions, root_subtrees, rooted_trees


@pytest.mark.parametrize("tree", rooted_trees(6))
def test_a_tree_with_n_nodes_has_two_to_the_n_minus_one_partitions(tree):
    assert sum(1 for _ in partitions(tree)) == 2**5


@pytest.mark.parametrize("tree", rooted_trees(5))
def test_parts_share_out_the_nodes_and_the_skeleton_has_one_node_for_each(tree):
    for skeleton, parts in partitions(tree):
        assert sum(part.order for part in parts) == tree.order
        assert skeleton.order == len(parts)


@pytest.mark.parametrize("tree", rooted_trees(5))
def test_subtrees_at_the_root_and_what_falls_off_share_out_the_nodes(tree):
    for kept, cut in root_subtrees(tree):
        assert kept.order + sum(branch.order for branch in cut) == tree.order


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_bush_with_n_leaves_has_two_to_the_n_subtrees_at_its_root(n):
    bush = RootedTree([RootedTree()] * n)
    assert sum(1 for _ in root_subtrees(bush)) == 2**n


def test_a_chain_has_one_subtree_at_the_root_for_each_length():
    kept = [tree for tree, _ in root_subtrees(chain(5))]
    assert sorted(kept) == [chain(k) for k in range(1, 6)]


def test_partitions_of_the_cherry():
    # Chartier, Hairer, Vilmart 2010, Table 3: a(•)b([•,•]) + 2a([•])b(•)b([•]) + a([•,•])b(•)³.
    found = Counter((str(skeleton), *sorted(map(str, parts))) for skeleton, parts in partitions(RootedTree.parse("[[],[]]")))
    assert found == {("[]", "[[],[]]"): 1, ("[[]]", "[[]]", "[]"): 2, ("[[],[]]", "[]", "[]", "[]"): 1}


def test_skeleton_nodes_take_the_colour_of_their_part_root():
    skeletons = {str(skeleton) for skeleton, parts in partitions(RootedTree.parse("1[2[],3[[]]]")) if len(parts) == 3}
    assert skeletons == {"1[3[],2[]]", "1[2[],[]]", "1[3[[]]]"}

"""Rooted trees as values: order, symmetry, density and shape (Butcher 2016, section 300, Table 300(I))."""

import pickle

import pytest

from modeq.trees import RootedTree, as_tree, chain

# order, σ and γ of all trees with up to 4 nodes and some with 5: Hairer, Lubich, Wanner 2006, III.1, Table 1.1;
# Butcher 2016, Table 300(I).
TABLE = [
    ("[]", 1, 1, 1),
    ("[[]]", 2, 1, 2),
    ("[[],[]]", 3, 2, 3),
    ("[[[]]]", 3, 1, 6),
    ("[[],[],[]]", 4, 6, 4),
    ("[[[]],[]]", 4, 1, 8),
    ("[[[],[]]]", 4, 2, 12),
    ("[[[[]]]]", 4, 1, 24),
    ("[[],[],[],[]]", 5, 24, 5),
    ("[[[]],[],[]]", 5, 2, 10),
    ("[[[],[]],[]]", 5, 2, 15),
    ("[[[[]]],[]]", 5, 1, 30),
    ("[[[]],[[]]]", 5, 2, 20),
    ("[[[],[],[]]]", 5, 6, 20),
    ("[[[[]],[]]]", 5, 1, 40),
    ("[[[[],[]]]]", 5, 2, 60),
    ("[[[[[]]]]]", 5, 1, 120),
]


@pytest.mark.parametrize(("text", "order", "symmetry", "density"), TABLE)
def test_order_symmetry_and_density_are_those_of_the_tables(text, order, symmetry, density):
    tree = RootedTree.parse(text)
    assert (tree.order, tree.symmetry, tree.density) == (order, symmetry, density)


def test_equal_trees_are_one_object_whatever_the_order_of_the_children():
    leaf, chain2 = RootedTree(), RootedTree([RootedTree()])
    assert RootedTree([leaf, chain2]) is RootedTree([chain2, leaf])


def test_trees_that_differ_in_one_colour_are_different():
    assert RootedTree.parse("[[],[]]") != RootedTree.parse("[[],1[]]")


def test_equal_branches_of_different_colour_do_not_count_as_symmetric():
    assert RootedTree.parse("[[],1[]]").symmetry == 1
    assert RootedTree.parse("[1[],1[]]").symmetry == 2


def test_a_pickled_tree_comes_back_as_the_same_object():
    tree = RootedTree.parse("1[[],2[[]]]")
    assert pickle.loads(pickle.dumps(tree)) is tree


def test_leaves_counts_nodes_without_children():
    assert [RootedTree.parse(text).leaves for text in ("[]", "[[[]]]", "[[[],[]],[]]")] == [1, 1, 3]


def test_only_trees_without_branching_are_chains():
    assert [RootedTree.parse(text).is_chain for text in ("[]", "[[[]]]", "[[],[]]", "[[[],[]]]")] == [True, True, False, False]


def test_chain_of_order_four_is_four_nested_brackets():
    assert chain(4) is RootedTree.parse("[[[[]]]]")


def test_coloured_chain_has_one_colour_everywhere():
    assert chain(3, 2).colour_sequence == (2, 2, 2)


def test_colours_is_one_more_than_the_largest_colour():
    assert [RootedTree.parse(text).colours for text in ("[]", "[1[]]", "3[[]]")] == [1, 2, 4]


def test_level_sequence_is_the_lexicographically_greatest_one():
    assert RootedTree.parse("[[],[[]]]").level_sequence == (0, 1, 2, 1)


def test_level_and_colour_sequences_rebuild_the_tree():
    tree = RootedTree.parse("1[[2[]],3[],[]]")
    assert RootedTree.from_level_sequence(tree.level_sequence, tree.colour_sequence) is tree


def test_level_sequence_may_start_anywhere():
    assert RootedTree.from_level_sequence([3, 4, 5, 4]) is RootedTree.parse("[[[]],[]]")


def test_smaller_trees_sort_first():
    texts = ["[[],[]]", "[]", "[[[[]]]]", "[[]]"]
    assert [str(tree) for tree in sorted(map(RootedTree.parse, texts))] == ["[]", "[[]]", "[[],[]]", "[[[[]]]]"]


def test_as_tree_passes_trees_through_and_reads_text():
    tree = RootedTree.parse("[[]]")
    assert as_tree(tree) is tree
    assert as_tree("[ [] ]") is tree


def test_deep_chain_of_two_hundred_nodes_has_a_density():
    tree = chain(200)
    assert tree.density == _factorial(200)


def _factorial(n):
    result = 1
    for k in range(2, n + 1):
        result *= k
    return result

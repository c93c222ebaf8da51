"""Bad trees are refused with the remedy."""

import pytest

from modeq.trees import RootedTree, as_tree, chain, rooted_trees


@pytest.mark.parametrize(
    "text", ["", "[", "]", "[]]", "[][]", "[[],]", "[,[]]", "[[] []]", "x", "[[]]1", "1", "[-1[]]", "1 [[]]", "[[]],[]", "()", "²[]"]
)
def test_text_that_is_not_one_tree_is_refused(text):
    with pytest.raises(ValueError, match=r"write one node as \[\]"):
        RootedTree.parse(text)


def test_the_message_says_where_the_text_goes_wrong():
    with pytest.raises(ValueError, match=r"unexpected 'x' at position 1"):
        RootedTree.parse("[x]")


@pytest.mark.parametrize("colour", [-1, -7])
def test_a_negative_colour_is_refused(colour):
    with pytest.raises(ValueError, match="colour"):
        RootedTree((), colour)


@pytest.mark.parametrize("levels", [[], [0, 2], [0, 1, 0], [0, 0], [1, 2, 0], [0, 1, 3]])
def test_a_sequence_that_is_no_level_sequence_is_refused(levels):
    with pytest.raises(ValueError, match="level sequence"):
        RootedTree.from_level_sequence(levels)


def test_each_node_needs_a_colour_once_colours_are_given():
    with pytest.raises(ValueError, match="one colour per node"):
        RootedTree.from_level_sequence([0, 1], [0])


@pytest.mark.parametrize("value", [None, 3, ["[]"], b"[]"])
def test_as_tree_takes_trees_and_text_only(value):
    with pytest.raises(TypeError, match="bracket notation"):
        as_tree(value)


@pytest.mark.parametrize("order", [0, -1])
def test_there_are_no_trees_without_nodes(order):
    with pytest.raises(ValueError, match="at least 1 node"):
        rooted_trees(order)


def test_there_are_no_trees_without_colours():
    with pytest.raises(ValueError, match="at least 1 colour"):
        rooted_trees(3, colours=0)


@pytest.mark.parametrize("order", [0, -3])
def test_a_chain_has_at_least_one_node(order):
    with pytest.raises(ValueError, match="node"):
        chain(order)


@pytest.mark.parametrize("order", [2.5, "3", None])
def test_the_number_of_nodes_is_an_integer(order):
    with pytest.raises(TypeError):
        rooted_trees(order)


@pytest.mark.parametrize("colour", [41.0, 42.5, "1", None])
def test_a_colour_that_is_no_integer_is_refused(colour):
    with pytest.raises((TypeError, ValueError), match="colour"):
        RootedTree((), colour)


@pytest.mark.parametrize("children", [["[]"], [None], [1]])
def test_children_are_trees(children):
    with pytest.raises(TypeError, match="RootedTree"):
        RootedTree(children)

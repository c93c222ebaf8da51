"""The numbering of trees: a tree is an integer, split into base and last child."""

import numpy as np
import pytest

from modeq.trees import RootedTree, TreeTable, rooted_trees, tree_table


@pytest.mark.parametrize("colours", [1, 2, 3])
def test_every_tree_is_listed_once(colours):
    trees = tree_table(colours).trees(5)
    assert len(set(trees)) == len(trees)


@pytest.mark.parametrize("colours", [1, 2])
def test_number_is_the_position_in_the_list(colours):
    table = tree_table(colours)
    assert [table.number(tree) for tree in table.trees(5)] == list(range(table.size(5)))


def test_a_tree_is_its_base_with_the_last_child_grafted_on_the_root():
    table = tree_table(2)
    trees = table.trees(5)
    for number in range(2, len(trees)):
        base, last = trees[table.base[number]], trees[table.last[number]]
        assert RootedTree([*base.children, last], base.colour) is trees[number]


def test_multiplicity_counts_equal_last_children():
    table = tree_table(1)
    trees = table.trees(6)
    for number in range(1, len(trees)):
        assert table.multiplicity[number] == trees[number].children.count(trees[table.last[number]])


def test_single_nodes_have_no_factors():
    table = TreeTable(3)
    assert list(table.base) == list(table.last) == [-1, -1, -1]


def test_numbers_never_change_when_the_table_grows():
    table = TreeTable(2)
    before = list(table.trees(3))
    table.size(6)
    assert table.trees(3) == before


def test_order_slices_hold_trees_of_that_order():
    table = tree_table(1)
    orders = np.array([tree.order for tree in table.trees(6)])
    assert all((orders[table.of_order(p)] == p).all() for p in range(1, 7))


def test_rooted_trees_come_with_the_largest_level_sequence_first():
    levels = [tree.level_sequence for tree in rooted_trees(6)]
    assert levels == sorted(levels, reverse=True)


def test_a_table_refuses_colours_that_it_does_not_have():
    with pytest.raises(ValueError, match="uses 2 colours"):
        tree_table(1).number(RootedTree.parse("[1[]]"))

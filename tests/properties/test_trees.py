"""Properties of rooted trees of any shape and colouring."""

from collections import Counter

import networkx as nx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modeq.trees import RootedTree, from_networkx, partitions, root_subtrees, to_networkx, tree_table

SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def trees(draw, largest=9, colours=3):
    """A tree by its parents: node i hangs from an earlier node."""
    size = draw(st.integers(1, largest))
    parents = [draw(st.integers(0, i - 1)) for i in range(1, size)]
    hues = [draw(st.integers(0, colours - 1)) for _ in range(size)]
    children = [[] for _ in range(size)]
    for node in range(size - 1, 0, -1):
        children[parents[node - 1]].append(RootedTree(children[node], hues[node]))
    return RootedTree(children[0], hues[0])


@SETTINGS
@given(trees())
def test_text_reads_back_as_the_same_tree(tree):
    assert RootedTree.parse(str(tree)) is tree


@SETTINGS
@given(trees())
def test_level_sequence_reads_back_as_the_same_tree(tree):
    assert RootedTree.from_level_sequence(tree.level_sequence, tree.colour_sequence) is tree


@SETTINGS
@given(trees())
def test_networkx_reads_back_as_the_same_tree(tree):
    assert from_networkx(to_networkx(tree)) is tree


@SETTINGS
@given(trees(), st.randoms(use_true_random=False))
def test_the_order_of_children_does_not_matter(tree, random):
    def shuffled(node):
        children = [shuffled(child) for child in node.children]
        random.shuffle(children)
        return f"{node.colour}[{','.join(children)}]"

    assert RootedTree.parse(shuffled(tree)) is tree


@SETTINGS
@given(trees())
def test_order_is_one_more_than_the_orders_of_the_children(tree):
    assert tree.order == 1 + sum(child.order for child in tree.children)


@SETTINGS
@given(trees(largest=7))
def test_symmetry_counts_the_automorphisms(tree):
    graph = to_networkx(tree)
    matcher = nx.isomorphism.DiGraphMatcher(graph, graph, node_match=lambda a, b: a["colour"] == b["colour"])
    assert tree.symmetry == sum(1 for _ in matcher.isomorphisms_iter())


@SETTINGS
@given(trees())
def test_density_is_the_product_of_the_subtree_sizes(tree):
    graph, product = to_networkx(tree), 1
    for node in graph:
        product *= 1 + len(nx.descendants(graph, node))
    assert tree.density == product


@SETTINGS
@given(trees())
def test_leaves_have_no_successors(tree):
    graph = to_networkx(tree)
    assert tree.leaves == sum(1 for node in graph if graph.out_degree(node) == 0)


@SETTINGS
@given(trees(), trees())
def test_trees_are_ordered_by_size_first(left, right):
    if left.order < right.order:
        assert left < right
    assert (left < right) + (right < left) + (left is right) == 1


@SETTINGS
@given(trees(largest=7))
def test_cutting_edges_keeps_every_node_with_its_colour(tree):
    hues = Counter(tree.colour_sequence)
    for skeleton, parts in partitions(tree):
        assert sum((Counter(part.colour_sequence) for part in parts), Counter()) == hues
        assert sorted(skeleton.colour_sequence) == sorted(part.colour for part in parts)


@SETTINGS
@given(trees(largest=7))
def test_cutting_branches_keeps_every_node_with_its_colour(tree):
    for kept, fallen in root_subtrees(tree):
        assert sum((Counter(branch.colour_sequence) for branch in fallen), Counter(kept.colour_sequence)) == Counter(tree.colour_sequence)


@SETTINGS
@given(trees(largest=6))
def test_every_tree_is_in_the_table_of_its_colours(tree):
    table = tree_table(tree.colours)
    assert table.trees(tree.order)[table.number(tree)] is tree

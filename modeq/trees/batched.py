"""Trees of an average over batches: plain nodes stand for the mean field, nodes that share a batch are in one block.

A node of colour 0 is f, the mean of the fields f₁ … f_m. The nodes of a colour c ≥ 1 are a *block*: all are deviations f_k − f
of one batch k, and the tree is averaged over k, for each block on its own. Deviations have the mean 0, so a block has at least two nodes;
and which number a block has does not matter, so the numbering with the greatest tree stands for all.

The same device pairs the nodes of a tree where noise is averaged: exotic trees, A. Laurent, G. Vilmart, Math. Comp. 89 (2020) 169–202,
doi:10.1090/mcom/3455, where blocks are pairs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations

from .rooted import RootedTree
from .table import tree_table

Blocks = tuple[tuple[int, ...], ...]


def set_partitions(size: int) -> Iterator[Blocks]:
    """Yield the partitions of 0 … size − 1 into blocks, 1, 2, 5, 15, 52, … of them.

    >>> list(set_partitions(2))
    [((0, 1),), ((0,), (1,))]
    """
    if size == 0:
        yield ()
        return
    last = size - 1
    for blocks in set_partitions(last):
        for place, block in enumerate(blocks):
            yield (*blocks[:place], (*block, last), *blocks[place + 1 :])
        yield (*blocks, (last,))


def recoloured(tree: RootedTree, colours: Sequence[int]) -> RootedTree:
    """Return the same tree with other colours, given in preorder."""
    return RootedTree.from_level_sequence(tree.level_sequence, colours)


def numberings(tree: RootedTree) -> list[RootedTree]:
    """List the tree under all numberings of its blocks, with repetitions where two of them agree."""
    blocks = sorted({*tree.colour_sequence} - {0})
    found = []
    for numbers in permutations(range(1, len(blocks) + 1)):
        name = dict(zip(blocks, numbers, strict=True)) | {0: 0}
        found.append(recoloured(tree, [name[colour] for colour in tree.colour_sequence]))
    return found


@cache
def numbered(tree: RootedTree) -> RootedTree:
    """Return the tree that stands for all numberings of its blocks.

    Examples
    --------
    >>> numbered(RootedTree.parse("5[5[],7[7[]]]")) is numbered(RootedTree.parse("2[1[1[]],2[]]"))
    True
    """
    return max(numberings(tree))


@cache
def block_symmetry(tree: RootedTree) -> int:
    """Count the automorphisms of the tree that map blocks to blocks.

    Examples
    --------
    >>> block_symmetry(RootedTree.parse("[1[],1[]]")), block_symmetry(RootedTree.parse("[1[2[]],2[1[]]]"))
    (2, 2)
    """
    return tree.symmetry * sum(other is tree for other in numberings(tree))


@cache
def batched_trees(order: int) -> tuple[RootedTree, ...]:
    """List the trees of exactly `order` nodes with blocks of two or more, each in the numbering that stands for it.

    Examples
    --------
    >>> [str(tree) for tree in batched_trees(2)]
    ['1[1[]]', '[[]]']
    """
    found = set()
    table = tree_table()
    for tree in table.trees(order)[table.of_order(order)]:
        for blocks in set_partitions(order):
            colours, next_colour = [0] * order, 1
            for block in blocks:
                if len(block) > 1:
                    for node in block:
                        colours[node] = next_colour
                    next_colour += 1
            found.add(numbered(recoloured(tree, colours)))
    return tuple(sorted(found, reverse=True))


def splits(tree: RootedTree, parts: Sequence[RootedTree]) -> bool:
    """Whether a block of the tree lies in more than one of the parts that it was cut into."""
    return sum(len({*part.colour_sequence} - {0}) for part in parts) > len({*tree.colour_sequence} - {0})


def holds(blocks: Blocks, colours: Sequence[int]) -> bool:
    """Whether each set of nodes of one colour ≥ 1 lies in a block of its own, perhaps with nodes of colour 0."""
    hues = [{colours[node] for node in block} - {0} for block in blocks]
    return all(len(hue) <= 1 for hue in hues) and sum(map(len, hues)) == len({*colours} - {0})


def refines(fine: Blocks, coarse: Blocks) -> bool:
    """Whether each block of the fine partition lies in one of the coarse."""
    owner = {node: number for number, block in enumerate(coarse) for node in block}
    return all(len({owner[node] for node in block}) == 1 for block in fine)


def moebius(fine: Blocks, coarse: Blocks) -> int:
    """Return μ = Π (−1)^(r−1) (r − 1)! over the blocks of `coarse`, r being how many of `fine` it joins.

    >>> moebius(((0,), (1,), (2,)), ((0, 1, 2),))
    2
    """
    owner = {node: number for number, block in enumerate(fine) for node in block}
    joined = [len({owner[node] for node in block}) for block in coarse]
    return math.prod((-1) ** (r - 1) * math.factorial(r - 1) for r in joined)


def parents(levels: Sequence[int]) -> tuple[int, ...]:
    """Return the parent of each node in preorder from the levels, −1 for the root."""
    path: list[int] = []
    result = []
    for node, level in enumerate(levels):
        del path[level:]
        result.append(path[-1] if path else -1)
        path.append(node)
    return tuple(result)

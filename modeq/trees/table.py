"""All trees of a number of colours, numbered by increasing order: a tree is an integer.

A tree with more than one node is split in one way as ``base ∘ last``: `last` is its child with the
largest number, `base` is what remains (the Butcher product). Every quantity that is multiplicative
over children then needs one product per tree, and a whole order is one vectorised operation.
Enumeration follows: every base is combined with every child whose number is not below the base's own
last child, so each tree appears exactly once.
"""

from __future__ import annotations

from functools import cache
from typing import final

import numpy as np
from numpy.typing import NDArray

from .rooted import RootedTree

IntArray = NDArray[np.int64]


@final
class TreeTable:
    """Trees with nodes of `colours` colours, numbered 0, 1, … by order; grows on demand, numbers never change.

    Attributes
    ----------
    base, last
        Numbers of the two factors, shape ``(size,)``; −1 for single nodes.
    multiplicity
        How often the last child occurs among the children, shape ``(size,)``; 0 for single nodes.
    starts
        ``starts[p]`` is the number of the first tree of order p, ``starts[p+1]`` one past the last.

    Examples
    --------
    >>> table = tree_table()
    >>> table.size(4)  # trees with at most four nodes: 1 + 1 + 2 + 4
    8
    >>> [str(tree) for tree in table.trees(3)[table.of_order(3)]]
    ['[[],[]]', '[[[]]]']
    """

    def __init__(self, colours: int) -> None:
        self.colours = colours
        single = np.full(colours, -1, dtype=np.int64)
        self.base: IntArray = single
        self.last: IntArray = single.copy()
        self.multiplicity: IntArray = np.zeros(colours, dtype=np.int64)
        self.starts: list[int] = [0, 0, colours]
        self._trees: list[RootedTree] = []
        self._numbers: dict[RootedTree, int] = {}

    def size(self, order: int) -> int:
        """Count the trees with at most `order` nodes, enumerating them if that was not done yet."""
        while len(self.starts) < order + 2:
            self._grow()
        return self.starts[order + 1]

    def of_order(self, order: int) -> slice:
        """Give the range of numbers of the trees with exactly `order` nodes."""
        self.size(order)
        return slice(self.starts[order], self.starts[order + 1])

    def _grow(self) -> None:
        order = len(self.starts) - 1
        bases, lasts = [], []
        for child_order in range(1, order):
            base = np.arange(self.starts[order - child_order], self.starts[order - child_order + 1])
            first = np.maximum(self.last[base], self.starts[child_order])
            counts = np.maximum(self.starts[child_order + 1] - first, 0)
            bases.append(np.repeat(base, counts))
            offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            lasts.append(np.repeat(first, counts) + offsets)
        base, last = np.concatenate(bases), np.concatenate(lasts)
        repeated = self.last[base] == last
        self.multiplicity = np.concatenate([self.multiplicity, 1 + repeated * self.multiplicity[base]])
        self.base = np.concatenate([self.base, base])
        self.last = np.concatenate([self.last, last])
        self.starts.append(len(self.base))

    def trees(self, order: int) -> list[RootedTree]:
        """List the trees with at most `order` nodes as `RootedTree`, position = number."""
        size = self.size(order)
        for number in range(len(self._trees), size):
            base, last = int(self.base[number]), int(self.last[number])
            if base < 0:
                tree = RootedTree((), number)
            else:
                tree = RootedTree((*self._trees[base].children, self._trees[last]), self._trees[base].colour)
            self._trees.append(tree)
            self._numbers[tree] = number
        return self._trees[:size]

    def number(self, tree: RootedTree) -> int:
        """Return the number of `tree`.

        Raises
        ------
        ValueError
            If the tree uses a colour that this table does not have.
        """
        if tree.colours > self.colours:
            raise ValueError(f"{tree} uses {tree.colours} colours, this series has {self.colours}")
        self.trees(tree.order)
        return self._numbers[tree]


@cache
def tree_table(colours: int = 1) -> TreeTable:
    """Return the one table of trees with `colours` colours.

    Parameters
    ----------
    colours
        Number of colours, ≥ 1.

    Returns
    -------
    TreeTable
        The same object for the same number.

    Raises
    ------
    ValueError
        If there is no colour.

    Examples
    --------
    >>> tree_table(2) is tree_table(2)
    True
    """
    if colours < 1:
        raise ValueError(f"trees need at least 1 colour, got {colours}")
    return TreeTable(colours)


def count_trees(order: int, *, colours: int = 1) -> int:
    """Count the trees with at most `order` nodes without enumerating them.

    Reference: R. Otter, Ann. Math. 49 (1948) 583–599: p·a(p+1) = Σ_k a(p−k+1) Σ_(d|k) d·a(d), here times the colours.

    >>> count_trees(14)
    53272
    """
    counts = [0, colours]
    for p in range(1, order):
        divisors = [sum(d * counts[d] for d in range(1, k + 1) if k % d == 0) for k in range(1, p + 1)]
        counts.append(colours * sum(divisors[k - 1] * (counts[p - k + 1] // colours) for k in range(1, p + 1)) // p)
    return sum(counts[: order + 1])


def rooted_trees(order: int, *, colours: int = 1) -> list[RootedTree]:
    """List all rooted trees with exactly `order` nodes, smallest level sequence last.

    Parameters
    ----------
    order
        Number of nodes, ≥ 1.
    colours
        Number of colours that nodes may have, ≥ 1.

    Returns
    -------
    list[RootedTree]
        1, 1, 2, 4, 9, 20, 48, … of them for one colour.

    Raises
    ------
    ValueError
        If the order or the number of colours is below 1.

    References
    ----------
    The numbers: R. Otter, Ann. Math. 49 (1948) 583–599; https://oeis.org/A000081.

    Examples
    --------
    >>> [str(tree) for tree in rooted_trees(3)]
    ['[[[]]]', '[[],[]]']
    >>> len(rooted_trees(8)), len(rooted_trees(3, colours=2))
    (115, 14)
    """
    if order < 1:
        raise ValueError(f"a rooted tree has at least 1 node, got order {order}")
    table = tree_table(colours)
    return sorted(table.trees(order)[table.of_order(order)], reverse=True)

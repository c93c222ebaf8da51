"""The two ways of taking a tree apart: by cutting branches off (composition) and by edges (substitution).

References: Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), III.1.4; Chartier, Hairer, Vilmart 2010,
doi:10.1007/s10208-010-9065-1, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from .rooted import RootedTree

Forest = tuple[RootedTree, ...]


def root_subtrees(tree: RootedTree) -> Iterator[tuple[RootedTree, Forest]]:
    """Yield each subtree that contains the root, with the forest that falls off when it is cut out.

    Equal branches count separately, so the terms of a composition can be summed as they come.

    Parameters
    ----------
    tree
        Any rooted tree.

    Yields
    ------
    (RootedTree, tuple of RootedTree)
        What is kept, never empty, and what falls off.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), section III.1.4.

    Examples
    --------
    >>> [(str(kept), len(cut)) for kept, cut in root_subtrees(RootedTree.parse("[[],[]]"))]
    [('[]', 2), ('[[]]', 1), ('[[]]', 1), ('[[],[]]', 0)]
    """
    options = [[(None, (child,)), *root_subtrees(child)] for child in tree.children]
    for choice in product(*options):
        kept = RootedTree([branch for branch, _ in choice if branch is not None], tree.colour)
        yield kept, tuple(fallen for _, forest in choice for fallen in forest)


def partitions(tree: RootedTree) -> Iterator[tuple[RootedTree, Forest]]:
    """Yield (skeleton, parts) for each of the 2^(n−1) ways to cut edges of a tree with n nodes.

    Parameters
    ----------
    tree
        Any rooted tree.

    Yields
    ------
    (RootedTree, tuple of RootedTree)
        The parts are what remains connected; the skeleton has one node for each part, in the colour of the part's root.

    References
    ----------
    Chartier, Hairer, Vilmart 2010, doi:10.1007/s10208-010-9065-1, section 3.

    Examples
    --------
    >>> [(str(skeleton), [str(part) for part in parts]) for skeleton, parts in partitions(RootedTree.parse("[[]]"))]
    [('[]', ['[[]]']), ('[[]]', ['[]', '[]'])]
    """
    for root_part, below, others in _rooted_partitions(tree):
        yield RootedTree(below, tree.colour), (root_part, *others)


def _rooted_partitions(tree: RootedTree) -> Iterator[tuple[RootedTree, Forest, Forest]]:
    """Yield (part with the root, skeletons hanging from that part, all other parts)."""
    options = []
    for child in tree.children:
        kept_or_cut: list[tuple[Forest, Forest, Forest]] = []
        for part, below, others in _rooted_partitions(child):
            kept_or_cut.append(((part,), below, others))
            kept_or_cut.append(((), (RootedTree(below, child.colour),), (part, *others)))
        options.append(kept_or_cut)
    for choice in product(*options):
        root_part = RootedTree([part for kept, _, _ in choice for part in kept], tree.colour)
        below = tuple(skeleton for _, skeletons, _ in choice for skeleton in skeletons)
        yield root_part, below, tuple(part for _, _, parts in choice for part in parts)

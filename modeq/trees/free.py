"""Free trees: rooted trees without their root, as the class of their rootings.

A free tree stands for a scalar, the derivatives of a function contracted along its edges; its rootings are the terms of the
gradient of that scalar. It is represented by one of them, rooted at a centroid.

Reference: E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), section IX.9.2 (there for Hamiltonians).
"""

from __future__ import annotations

from fractions import Fraction

from .rooted import RootedTree


def rootings(tree: RootedTree) -> list[RootedTree]:
    """List the distinct rooted trees that differ from `tree` in the root alone, those with many branches at the root first.

    Parameters
    ----------
    tree
        Any rooting of the free tree.

    Returns
    -------
    list[RootedTree]
        `tree` is one of them.

    References
    ----------
    E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), section IX.9.2.

    Examples
    --------
    >>> [str(rooted) for rooted in rootings(RootedTree.parse("[[[[]]]]"))]
    ['[[[]],[]]', '[[[[]]]]']
    """
    found, waiting = {tree}, [tree]
    while waiting:  # every rooting is reached by moving the root along edges
        current = waiting.pop()
        for place, child in enumerate(current.children):
            others = current.children[:place] + current.children[place + 1 :]
            moved = RootedTree((*child.children, RootedTree(others, current.colour)), child.colour)
            if moved not in found:
                found.add(moved)
                waiting.append(moved)
    return sorted(found, key=_bushiness)


def free_symmetry(tree: RootedTree) -> int:
    """Count the automorphisms of the free tree of which `tree` is a rooting.

    A rooting τ is the root of σ(t)/σ(τ) nodes, its orbit, and the orbits make up all |t| nodes: σ(t) Σ 1/σ(τ) = |t|.

    Parameters
    ----------
    tree
        Any rooting of the free tree.

    Returns
    -------
    int
        The symmetry of the free tree, ≥ 1.

    References
    ----------
    E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), section IX.9.2.

    Examples
    --------
    >>> [free_symmetry(RootedTree.parse(tree)) for tree in ("[]", "[[]]", "[[[]]]", "[[],[],[]]")]
    [1, 2, 2, 6]
    """
    return int(tree.order / sum(Fraction(1, rooted.symmetry) for rooted in rootings(tree)))


def centred(tree: RootedTree) -> RootedTree:
    """Return the rooting that represents the free tree: at a centroid, whose largest branch is as small as possible.

    Parameters
    ----------
    tree
        Any rooting of the free tree.

    Returns
    -------
    RootedTree
        The same for all rootings of one free tree.

    References
    ----------
    E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), section IX.9.2.

    Examples
    --------
    >>> centred(RootedTree.parse("[[[[[]]]]]"))
    RootedTree('[[[]],[[]]]')
    """
    return min(rootings(tree), key=lambda rooted: rooted.children[0].order if rooted.children else 0)


def _bushiness(tree: RootedTree) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    return -len(tree.children), tuple(-level for level in tree.level_sequence), tree.colour_sequence

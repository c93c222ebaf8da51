"""Rooted trees with coloured nodes, as interned values.

A tree is its root colour and the multiset of its children. Equal trees are one object, so ``==`` is
identity and a tree can be a dictionary key at no cost. Children are kept in descending canonical
order (larger trees first), which makes the level sequence the lexicographically greatest one.

Reference: J. C. Butcher, *Numerical Methods for Ordinary Differential Equations* (2016), section 300.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import final

_LevelKey = tuple[int, tuple[tuple[int, int], ...]]


@final
class RootedTree:
    """A rooted tree whose nodes carry colours ``0, 1, …`` (colour 0 alone is the ordinary case).

    Parameters
    ----------
    children
        Subtrees attached to the root, in any order.
    colour
        Colour of the root.

    Examples
    --------
    >>> leaf = RootedTree()
    >>> cherry = RootedTree([leaf, leaf])
    >>> cherry, cherry.order, cherry.symmetry, cherry.density
    (RootedTree('[[],[]]'), 3, 2, 3)
    >>> cherry is RootedTree.parse("[[], []]")
    True
    """

    colour: int
    children: tuple[RootedTree, ...]
    order: int
    _key: _LevelKey

    _interned: dict[tuple[int, tuple[RootedTree, ...]], RootedTree] = {}  # noqa: RUF012 - one table for all

    def __new__(cls, children: Iterable[RootedTree] = (), colour: int = 0) -> RootedTree:
        """Return the one tree with these children and this colour of the root."""
        branches = list(children)
        if not all(isinstance(child, RootedTree) for child in branches):
            raise TypeError(f"the children of a tree are trees, got {branches!r}; RootedTree.parse reads bracket notation")
        if isinstance(colour, bool) or not hasattr(colour, "__index__") or colour < 0:
            raise ValueError(f"a colour is an integer ≥ 0, got {colour!r}")
        colour = operator.index(colour)
        ordered = tuple(sorted(branches, key=lambda child: child._key, reverse=True))
        found = cls._interned.get((colour, ordered))
        if found is not None:
            return found
        tree = super().__new__(cls)
        tree.colour = colour
        tree.children = ordered
        tree.order = 1 + sum(child.order for child in ordered)
        levels = [(0, colour)]
        for child in ordered:
            levels += [(level + 1, hue) for level, hue in child._key[1]]
        tree._key = (tree.order, tuple(levels))
        return cls._interned.setdefault((colour, ordered), tree)

    def __reduce__(self) -> tuple[type[RootedTree], tuple[tuple[RootedTree, ...], int]]:
        return RootedTree, (self.children, self.colour)

    def __repr__(self) -> str:
        return f"RootedTree({str(self)!r})"

    def __str__(self) -> str:
        hue = str(self.colour) if self.colour else ""
        return hue + "[" + ",".join(map(str, self.children)) + "]"

    def __lt__(self, other: RootedTree) -> bool:
        """Compare by number of nodes, then by level sequence: the order in which series are printed."""
        return self._key < other._key

    @cached_property
    def symmetry(self) -> int:
        """Number of automorphisms σ(τ) = Π σ(τ_j) Π m_k! over multiplicities m_k of equal children."""
        repeats = Counter(self.children).values()
        return math.prod(child.symmetry for child in self.children) * math.prod(map(math.factorial, repeats))

    @cached_property
    def density(self) -> int:
        """γ(τ) = |τ| Π γ(τ_j); the exact flow has the B-series coefficients 1/γ."""
        return self.order * math.prod(child.density for child in self.children)

    @property
    def leaves(self) -> int:
        """Number of nodes without children: the degree in the gradient once f′ is frozen."""
        return sum(child.leaves for child in self.children) if self.children else 1

    @property
    def is_chain(self) -> bool:
        """Whether no node has more than one child (the tall trees, which the principal flow sums)."""
        return not self.children or (len(self.children) == 1 and self.children[0].is_chain)

    @property
    def colours(self) -> int:
        """Smallest number of colours that this tree needs."""
        return 1 + max(hue for _, hue in self._key[1])

    @property
    def level_sequence(self) -> tuple[int, ...]:
        """Distance of each node from the root, in preorder.

        >>> RootedTree.parse("[[],[[]]]").level_sequence
        (0, 1, 2, 1)
        """
        return tuple(level for level, _ in self._key[1])

    @property
    def colour_sequence(self) -> tuple[int, ...]:
        """Colour of each node, in the same preorder as `level_sequence`."""
        return tuple(hue for _, hue in self._key[1])

    @classmethod
    def from_level_sequence(cls, levels: Sequence[int], colours: Sequence[int] | None = None) -> RootedTree:
        """Build a tree from node depths in preorder (any order of the children).

        Parameters
        ----------
        levels
            Depths; the first is the root's and need not be 0, no step up exceeds 1.
        colours
            One colour per node; all 0 when left out.

        Raises
        ------
        ValueError
            If the sequence is empty, returns to the root's level or skips a level.

        Examples
        --------
        >>> RootedTree.from_level_sequence([0, 1, 1])
        RootedTree('[[],[]]')
        """
        hues = [0] * len(levels) if colours is None else list(colours)
        if not levels or len(hues) != len(levels):
            raise ValueError(f"expected a non-empty level sequence and one colour per node, got {levels!r}, {colours!r}")
        path: list[tuple[int, int, list[RootedTree]]] = []  # (level, colour, finished children) up to the root

        def close() -> RootedTree:
            _, hue, children = path.pop()
            return cls(children, hue)

        for level, hue in zip(levels, hues, strict=True):
            if path and not path[0][0] < level <= path[-1][0] + 1:
                raise ValueError(f"{list(levels)} is no level sequence: {level} cannot follow {path[-1][0]}")
            while path and path[-1][0] >= level:
                done = close()
                path[-1][2].append(done)
            path.append((level, hue, []))
        while len(path) > 1:
            done = close()
            path[-1][2].append(done)
        return close()

    @classmethod
    def parse(cls, text: str) -> RootedTree:
        """Read bracket notation: ``[]`` is one node, ``[[],[]]`` the cherry, ``1[[]]`` has a root of colour 1.

        Raises
        ------
        ValueError
            If the brackets do not describe exactly one tree.

        Examples
        --------
        >>> RootedTree.parse("1[ [], 1[] ]")
        RootedTree('1[1[],[]]')
        """
        path: list[tuple[int, list[RootedTree]]] = []
        done: RootedTree | None = None
        hue, expects_tree = "", True
        for position, symbol in enumerate(text):
            if symbol.isspace() and not hue:
                continue
            if symbol.isascii() and symbol.isdigit() and expects_tree and done is None:
                hue += symbol
            elif symbol == "[" and expects_tree and done is None:
                path.append((int(hue or 0), []))
                hue = ""
            elif symbol == "]" and path and not hue and (not expects_tree or not path[-1][1]):
                colour, children = path.pop()
                tree = cls(children, colour)
                if path:
                    path[-1][1].append(tree)
                else:
                    done = tree
                expects_tree = False
                continue
            elif symbol == "," and path and not expects_tree:
                expects_tree = True
                continue
            else:
                raise ValueError(f"unexpected {symbol!r} at position {position} of the tree {text!r}; {_GRAMMAR}")
            expects_tree = True
        if done is None or hue:
            raise ValueError(f"{text!r} is no complete tree; {_GRAMMAR}")
        return done


_GRAMMAR = "write one node as [], children inside separated by commas, a colour before the bracket: 1[[],[]]"


def as_tree(tree: RootedTree | str) -> RootedTree:
    """Return `tree` itself, or parse its bracket notation.

    Parameters
    ----------
    tree
        A tree, or a text such as ``"[[],[]]"``.

    Returns
    -------
    RootedTree
        Equal trees are one object.

    Raises
    ------
    TypeError
        If it is neither a tree nor a text.
    ValueError
        If the text is no tree.

    Examples
    --------
    >>> as_tree("[[],[[]]]")
    RootedTree('[[[]],[]]')
    """
    if isinstance(tree, RootedTree):
        return tree
    if isinstance(tree, str):
        return RootedTree.parse(tree)
    raise TypeError(f"expected a RootedTree or its bracket notation such as '[[],[]]', got {tree!r}")


def chain(order: int, colour: int = 0) -> RootedTree:
    """Return the tall tree [[…[•]…]] of `order` nodes, whose elementary differential is f′…f′f.

    Parameters
    ----------
    order
        Number of nodes, ≥ 1.
    colour
        Colour of all nodes.

    Returns
    -------
    RootedTree
        One leaf.

    Raises
    ------
    ValueError
        If there is no node.

    Examples
    --------
    >>> chain(3)
    RootedTree('[[[]]]')
    """
    if order < 1:
        raise ValueError(f"a chain has at least 1 node, got {order}")
    tree = RootedTree((), colour)
    for _ in range(order - 1):
        tree = RootedTree((tree,), colour)
    return tree

r"""Equations on fields that depend on time, f(x, s), written with ∂ₛ.

The field (f, 1) of the point (x, s) is autonomous, and the derivatives of its second part are 0. So in an elementary differential each
leaf that hangs on another node is either f or the direction of s, where it is a derivative ∂ₛ of the node that it hangs on: trees whose
leaves have two colours, with b(τ) of the tree without colours and the symmetry of the coloured one.

Reference: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), II.2, for the step from autonomous
fields to others.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from ..exact import Scalar
from ..trees.rooted import RootedTree
from .latex import coefficient_latex
from .text import join_terms, superscript, term_text

_TIME = RootedTree((), 1)


def time_trees(tree: RootedTree) -> list[RootedTree]:
    """Return the trees with each leaf below the root in one of two colours, 0 for f and 1 for time, each once.

    Examples
    --------
    >>> [str(found) for found in time_trees(RootedTree.parse("[[],[]]"))]
    ['[[],[]]', '[1[],[]]', '[1[],1[]]']
    """
    choices = [time_trees(child) if child.children else [child, _TIME] for child in tree.children]
    return list(dict.fromkeys(RootedTree(children) for children in product(*choices)))


def time_text(terms: Iterable[tuple[RootedTree, Scalar]], order: int, time: str = "s") -> str:
    """Write x' = f − h/2 (…) with ∂ of the time.

    Examples
    --------
    >>> from fractions import Fraction
    >>> time_text([(RootedTree(), Fraction(1)), (RootedTree.parse("[[]]"), Fraction(-1, 2))], 2)
    "x' = f - h/2 f′f - h/2 ∂ₛf + O(h²)"
    """
    name = f"∂{_SUBSCRIPTS.get(time, '_' + time)}"
    parts = [term_text(b / tree.symmetry, tree.order - 1, _text(tree, name)) for tree, b in _split(terms)]
    return f"x' = {join_terms(parts, continued=False) or 0} + O(h{superscript(order)})"


def time_latex(terms: Iterable[tuple[RootedTree, Scalar]], order: int, time: str = "s") -> str:
    r"""Write the same as LaTeX: \dot x = f - \frac{h}{2} f'f - \frac{h}{2} \partial_{s} f.

    Examples
    --------
    >>> from fractions import Fraction
    >>> print(time_latex([(RootedTree.parse("[[]]"), Fraction(-1, 2))], 2))
    \dot{x} = -\frac{h}{2} f'f - \frac{h}{2} \partial_{s} f + O(h^{2})
    """
    parts = []
    for tree, b in _split(terms):
        negative, factor = coefficient_latex(b / tree.symmetry, tree.order - 1)
        parts.append((negative, f"{factor} {_latex(tree, time)}".strip()))
    remainder = "O(h)" if order == 1 else f"O(h^{{{order}}})"
    return rf"\dot{{x}} = {join_terms(parts, continued=False) or 0} + {remainder}"


_SUBSCRIPTS = {"s": "ₛ", "t": "ₜ", "x": "ₓ"}
_PRIMES = ("", "′", "″", "‴")


def _split(terms: Iterable[tuple[RootedTree, Scalar]]) -> list[tuple[RootedTree, Scalar]]:
    return [(found, b) for tree, b in terms if b != 0 for found in time_trees(tree)]


def _parts(tree: RootedTree) -> tuple[int, list[RootedTree]]:
    """Return the number of time leaves of the root, and its other children."""
    others = [child for child in tree.children if child is not _TIME]
    return len(tree.children) - len(others), others


def _text(tree: RootedTree, partial: str) -> str:
    times, others = _parts(tree)
    front = f"{partial}{superscript(times)}" if times else ""
    mark = _PRIMES[len(others)] if len(others) < len(_PRIMES) else f"⁽{superscript(len(others))}⁾"
    arguments = [_text(child, partial) for child in others]
    if not arguments:
        return f"{front}f"
    if len(others) == 1 and len(_parts(others[0])[1]) <= 1:
        return f"{front}f{mark}{arguments[0]}"
    return f"{front}f{mark}({','.join(arguments)})"


def _latex(tree: RootedTree, time: str) -> str:
    times, others = _parts(tree)
    power = f"^{{{times}}}" if times > 1 else ""
    front = rf"\partial_{{{time}}}{power} " if times else ""
    operator = front + "f" + ("'" * len(others) if len(others) < 4 else f"^{{({len(others)})}}")
    arguments = [_latex(child, time) for child in others]
    return operator if not arguments else f"{operator}{arguments[0]}" if len(arguments) == 1 else f"{operator}({','.join(arguments)})"

"""Trees that share batches as text and LaTeX: ⟨∇²Dₖ∇Dₖ⟩, the mean over batches k of a term in the deviations Dₖ = Eₖ − E."""

from __future__ import annotations

from itertools import groupby

from ..trees.rooted import RootedTree
from .text import mirrored_half, superscript

_INDICES = ("", "ₖ", "ₗ", "ₘ", "ₙ")


def differential_text(tree: RootedTree) -> str:
    """Write an elementary differential of ∇E and the deviations ∇Dₖ."""
    return _averaged(tree, _text(tree))


def differential_latex(tree: RootedTree) -> str:
    """Write it as LaTeX."""
    return _averaged_latex(tree, _latex(tree))


def contraction_text(tree: RootedTree) -> str:
    """Write the scalar of a free tree, rooted at a centroid."""
    if not tree.children:
        return "E"
    if (half := mirrored_half(tree)) is not None:
        return _averaged(tree, f"‖{_text(half)}‖²")
    return _averaged(tree, f"∇{superscript(len(tree.children))}{_name(tree.colour)}[{','.join(map(_text, tree.children))}]")


def contraction_latex(tree: RootedTree) -> str:
    """Write the scalar of a free tree, rooted at a centroid, as LaTeX."""
    if not tree.children:
        return "E"
    if (half := mirrored_half(tree)) is not None:
        return _averaged_latex(tree, rf"\left\|{_latex(half)}\right\|^{{2}}")
    arguments = ",".join(map(_latex, tree.children))
    return _averaged_latex(tree, rf"\nabla^{{{len(tree.children)}}} {_latex_name(tree.colour)}[{arguments}]")


def _averaged(tree: RootedTree, body: str) -> str:
    return f"⟨{body}⟩" if any(tree.colour_sequence) else body


def _averaged_latex(tree: RootedTree, body: str) -> str:
    return rf"\langle {body} \rangle" if any(tree.colour_sequence) else body


def _name(colour: int) -> str:
    return f"D{_INDICES[colour]}" if colour else "E"


def _latex_name(colour: int) -> str:
    return f"D_{{{' klmn'[colour]}}}" if colour else "E"


def _text(tree: RootedTree) -> str:
    path = [tree]  # the nodes with one child at the top, then the first node that branches or ends
    while len(path[-1].children) == 1:
        path.append(path[-1].children[0])
    factors = [f"∇²{_name(node.colour)}" for node in path[:-1]]
    text = "".join(name * count if (count := len(list(run))) == 1 else f"({name}){superscript(count)}" for name, run in groupby(factors))
    end = path[-1]
    arguments = ",".join(map(_text, end.children))
    return text + (f"∇{superscript(len(end.children) + 1)}{_name(end.colour)}[{arguments}]" if arguments else f"∇{_name(end.colour)}")


def _latex(tree: RootedTree) -> str:
    count, name = len(tree.children), _latex_name(tree.colour)
    if count == 0:
        return rf"\nabla {name}"
    arguments = ",".join(map(_latex, tree.children))
    return rf"\nabla^{{{count + 1}}} {name}" + (rf"\,{arguments}" if count == 1 else f"[{arguments}]")

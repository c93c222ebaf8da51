"""Equations as LaTeX."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import sympy

from ..exact import Scalar
from ..trees.rooted import RootedTree
from .text import check_notation, join_terms, mirrored_half, signed


def _hue(colour: int, colours: int) -> str:
    return f"_{{{colour + 1}}}" if colours > 1 else ""


def differential_latex(tree: RootedTree, notation: str, colours: int = 1) -> str:
    """Write an elementary differential as LaTeX."""
    if notation == "trees":
        return rf"F\left({tree_latex(tree)}\right)"
    arguments = [differential_latex(child, notation, colours) for child in tree.children]
    count, hue = len(arguments), _hue(tree.colour, colours)
    if notation == "loss":
        operator = rf"\nabla E{hue}" if count == 0 else rf"\nabla^{{{count + 1}}} E{hue}"
        return operator if count == 0 else f"{operator}\\,{arguments[0]}" if count == 1 else f"{operator}[{','.join(arguments)}]"
    operator = f"f{hue}" + ("'" * count if count < 4 else f"^{{({count})}}")
    return operator if count == 0 else f"{operator}{arguments[0]}" if count == 1 else f"{operator}({','.join(arguments)})"


def contraction_latex(tree: RootedTree) -> str:
    """Write the scalar of a free tree, rooted at a centroid, as LaTeX."""
    if not tree.children:
        return "E"
    if (half := mirrored_half(tree)) is not None:
        return rf"\left\|{differential_latex(half, 'loss')}\right\|^{{2}}"
    arguments = ",".join(differential_latex(child, "loss") for child in tree.children)
    return rf"\nabla^{{{len(tree.children)}}} E[{arguments}]"


def tree_latex(tree: RootedTree) -> str:
    r"""Write a tree in bracket notation with bullets: [\bullet,\bullet]; colours are indices."""
    hue = f"_{{{tree.colour}}}" if tree.colour else ""
    if not tree.children:
        return rf"\bullet{hue}"
    return "[" + ",".join(map(tree_latex, tree.children)) + "]" + hue


def coefficient_latex(value: Scalar, power: int) -> tuple[bool, str]:
    """Write |value|·h^power as (is negative, LaTeX)."""
    expression = sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value
    negative = bool(expression.could_extract_minus_sign())
    top, bottom = sympy.fraction(-expression if negative else expression)
    step = "" if power == 0 else "h" if power == 1 else f"h^{{{power}}}"
    numerator = "" if top == 1 else sympy.latex(top, order="rev-lex")
    if top.is_Add and (step or bottom == 1):
        numerator = rf"\left({numerator}\right)"
    numerator = (numerator + " " + step).strip()
    if bottom == 1:
        return negative, numerator
    return negative, rf"\frac{{{numerator or 1}}}{{{sympy.latex(bottom, order='rev-lex')}}}"


def sum_latex(terms: Iterable[tuple[RootedTree, Scalar]], *, notation: str = "loss", colours: int = 1, continued: bool = False) -> str:
    """Write Σ h^(|τ|−1) b(τ)/σ(τ) F(τ) from trees and their coefficients b, zeros left out."""
    check_notation(notation)
    parts = []
    for tree, b in terms:
        if b != 0:
            negative, factor = coefficient_latex(signed(tree, b, notation), tree.order - 1)
            parts.append((negative, f"{factor} {differential_latex(tree, notation, colours)}".strip()))
    return join_terms(parts, continued=continued)


def equation_latex(terms: Iterable[tuple[RootedTree, Scalar]], order: int, notation: str = "loss", colours: int = 1) -> str:
    r"""Write \dot\theta = … + O(h^order)."""
    remainder = "O(h)" if order == 1 else f"O(h^{{{order}}})"
    return rf"\dot{{\theta}} = {sum_latex(terms, notation=notation, colours=colours)} + {remainder}"

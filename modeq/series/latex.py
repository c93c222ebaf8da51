"""Equations as LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction

import sympy

from ..exact import Scalar
from ..trees.rooted import RootedTree
from .text import check_notation, join_terms, long_decimal, mirrored_half, signed


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


def expression_latex(expression: sympy.Expr) -> str:
    r"""Write an expression as LaTeX; parameters with Greek letters in their names by commands, \beta_{1} for β₁ and \rho_{max} for ρmax.

    Examples
    --------
    >>> expression_latex(1 - sympy.Symbol("β"))
    '1 - \\beta'
    """
    names = {symbol: _name_latex(symbol.name) for symbol in expression.free_symbols if not symbol.name.isascii()}
    return str(sympy.latex(expression, order="rev-lex", symbol_names=names))


def _name_latex(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)  # ϵ as ε, ₁ as 1
    letters = re.match(r"[\u0370-\u03ff]*", plain)[0]  # type: ignore[index]  # matches the empty text as well
    rest = "".join(_letter_latex(letter) for letter in plain[len(letters) :].strip("_"))
    base = "".join(map(_letter_latex, letters))
    base = f"{{{base}}}" if len(letters) > 1 else base
    return base + (rf"_{{{rest}}}" if letters and rest else rest)


def _letter_latex(letter: str) -> str:
    words = unicodedata.name(letter, "").split()
    if words[:1] != ["GREEK"]:
        return unicodedata.normalize("NFKD", letter)[0]  # é as e
    word = "sigma" if "FINAL" in words else words[-1].lower().replace("lamda", "lambda")
    return str(sympy.latex(sympy.Symbol(word.capitalize() if "CAPITAL" in words else word)))


def coefficient_latex(value: Scalar, power: int) -> tuple[bool, str]:
    """Write |value|·h^power as (is negative, LaTeX)."""
    if (digits := long_decimal(value)) is not None:
        return value < 0, f"{digits} {_step(power)}".strip()
    expression = sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value
    negative = bool(expression.could_extract_minus_sign())
    top, bottom = sympy.fraction(-expression if negative else expression)
    step = _step(power)
    numerator = "" if top == 1 else expression_latex(top)
    if top.is_Add and (step or bottom == 1):
        numerator = rf"\left({numerator}\right)"
    numerator = (numerator + " " + step).strip()
    if bottom == 1:
        return negative, numerator
    return negative, rf"\frac{{{numerator or 1}}}{{{expression_latex(bottom)}}}"


def _step(power: int) -> str:
    return "" if power == 0 else "h" if power == 1 else f"h^{{{power}}}"


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
    return rf"\dot{{\theta}} = {sum_latex(terms, notation=notation, colours=colours) or 0} + {remainder}"

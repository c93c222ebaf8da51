"""Equations as one line of text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby
from typing import Literal, TypeAlias, get_args

import sympy

from ..exact import Scalar
from ..trees.rooted import RootedTree

Notation: TypeAlias = Literal["loss", "field", "trees"]

_LONG = 10**12  # a denominator such as that of -1/20000000000000000, which rounding left
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


_LETTERS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lamda mu nu xi omicron pi rho _ sigma tau upsilon phi chi psi omega"
GREEK = {name: chr(ord("α") + place) for place, name in enumerate(_LETTERS.split(" "))}  # _ stands for ς
"""Greek letters by the names that SymPy gives them."""


def check_notation(notation: str) -> None:
    """Raise unless `notation` is one of loss, field and trees."""
    if notation not in get_args(Notation):
        raise ValueError(f"notation must be one of {', '.join(map(repr, get_args(Notation)))}, got {notation!r}")


def superscript(number: int) -> str:
    """Write an exponent, nothing for 1."""
    return "" if number == 1 else str(number).translate(_SUPERSCRIPTS)


def _hue(colour: int, colours: int) -> str:
    return str(colour + 1).translate(_SUBSCRIPTS) if colours > 1 else ""


def signed(tree: RootedTree, coefficient: Scalar, notation: str) -> Scalar:
    """Return b/σ with the sign that f = −∇E brings: −1 for every node in loss notation."""
    value = coefficient / tree.symmetry
    return -value if notation == "loss" and tree.order % 2 else value


def differential_text(tree: RootedTree, notation: str, colours: int = 1) -> str:
    """Write an elementary differential: ∇³E[∇E,∇E], f″(f,f) or F([[],[]])."""
    if notation == "trees":
        return f"F({tree})"
    if notation == "loss":
        return _loss(tree, colours)
    return _field(tree, colours)


def contraction_text(tree: RootedTree) -> str:
    """Write the scalar of a free tree, rooted at a centroid: E, ‖∇E‖², ∇²E[∇E,∇E], ∇³E[∇E,∇E,∇E]."""
    if not tree.children:
        return "E"
    if (half := mirrored_half(tree)) is not None:
        return f"‖{_loss(half, 1)}‖²"
    return f"∇{superscript(len(tree.children))}E[{','.join(_loss(child, 1) for child in tree.children)}]"


def mirrored_half(tree: RootedTree) -> RootedTree | None:
    """Return u if the tree, rooted at a centroid, is two copies of u joined at their roots: its scalar is ‖F(u)‖²."""
    largest, *others = tree.children
    return largest if largest is RootedTree(others, tree.colour) else None


def _loss(tree: RootedTree, colours: int) -> str:
    path = [tree]  # the nodes with one child at the top, then the first node that branches or ends
    while len(path[-1].children) == 1:
        path.append(path[-1].children[0])
    factors = [f"∇²E{_hue(node.colour, colours)}" for node in path[:-1]]
    text = "".join(name * count if (count := len(list(run))) == 1 else f"({name}){superscript(count)}" for name, run in groupby(factors))
    end = path[-1]
    arguments = ",".join(_loss(child, colours) for child in end.children)
    hue = _hue(end.colour, colours)
    return text + (f"∇{superscript(len(end.children) + 1)}E{hue}[{arguments}]" if arguments else f"∇E{hue}")


def _field(tree: RootedTree, colours: int) -> str:
    count = len(tree.children)
    primes = ("", "′", "″", "‴")
    mark = _hue(tree.colour, colours) + (primes[count] if count < len(primes) else f"⁽{superscript(count)}⁾")
    arguments = [_field(child, colours) for child in tree.children]
    if not arguments:
        return f"f{mark}"
    if count == 1 and len(tree.children[0].children) <= 1:
        return f"f{mark}{arguments[0]}"
    return f"f{mark}({','.join(arguments)})"


def scalar_text(expression: sympy.Expr) -> str:
    """Write a symbolic coefficient with Greek letters and raised exponents: (1 + β)³."""
    text = sympy.sstr(expression, order="rev-lex")
    text = re.sub(r"\*\*(\d+)", lambda match: match[1].translate(_SUPERSCRIPTS), text)
    text = re.sub(r"([^\W\d]\w*)\*(?=[^\W\d])", r"\1·", text.replace(" ", ""))  # between two names
    text = re.sub(r"[A-Za-z_]+[0-9]*", lambda match: _greek(match[0]), text.replace("*", ""))
    return re.sub(r"(?<=[α-ω])·(?=[α-ω])", "", text)


def _greek(name: str) -> str:
    """Write beta as β and beta1 as β₁; other names as they are."""
    letters = name.rstrip("0123456789")
    if letters not in GREEK:
        return name
    return GREEK[letters] + name[len(letters) :].translate(_SUBSCRIPTS)


def coefficient_parts(value: Scalar) -> tuple[bool, str, str]:
    """Split a coefficient into (is negative, numerator, denominator); empty texts stand for 1."""
    if (digits := long_decimal(value)) is not None:
        return value < 0, digits, ""
    if isinstance(value, Fraction):
        numerator, denominator = abs(value.numerator), value.denominator
        return value < 0, "" if numerator == 1 else str(numerator), "" if denominator == 1 else str(denominator)
    negative = value.could_extract_minus_sign()
    top, bottom = sympy.fraction(-value if negative else value)
    texts = []
    for part in (top, bottom):
        text = "" if part == 1 else scalar_text(part)
        texts.append(f"({text})" if part.is_Add or (part is bottom and part.is_Mul) else text)
    return negative, texts[0], texts[1]


def long_decimal(value: Scalar) -> str | None:
    """Return |value| with six digits if it is a fraction with many, such as those of a tableau in floats; None for others."""
    if not isinstance(value, Fraction) or (len(str(value)) <= 20 and value.denominator <= _LONG):
        return None
    return f"{abs(float(value)):.6g}"


def value_text(value: Scalar) -> str:
    """Write a number by itself: -1/2, (1+β)/(2(1-β)³)."""
    negative, text = term_text(value, 0, "")
    return f"{'-' if negative else ''}{text or '1'}"


def term_text(value: Scalar, power: int, body: str) -> tuple[bool, str]:
    """Write |value|·h^power·body as (is negative, text): h²/12 ∇³E[∇E,∇E]."""
    negative, top, bottom = coefficient_parts(value)
    step = f"h{superscript(power)}" if power else ""
    factor = (step + top if top.startswith("(") else top + step) or ("1" if bottom else "")
    if bottom:
        factor += f"/{bottom}"
    return negative, f"{factor} {body}".strip()


def join_terms(terms: Iterable[tuple[bool, str]], *, continued: bool) -> str:
    """Join (is negative, text) pairs with their signs; a continued sum starts with a sign in any case."""
    text = ""
    for negative, term in terms:
        if text or continued:
            text += f" {'-' if negative else '+'} {term}"
        else:
            text += f"{'-' if negative else ''}{term}"
    return text


def sum_text(terms: Iterable[tuple[RootedTree, Scalar]], *, notation: str = "loss", colours: int = 1, continued: bool = False) -> str:
    """Write Σ h^(|τ|−1) b(τ)/σ(τ) F(τ) from trees and their coefficients b, zeros left out."""
    check_notation(notation)
    parts = (
        term_text(signed(tree, b, notation), tree.order - 1, differential_text(tree, notation, colours)) for tree, b in terms if b != 0
    )
    return join_terms(parts, continued=continued)


def equation_text(terms: Iterable[tuple[RootedTree, Scalar]], order: int, notation: str = "loss", colours: int = 1) -> str:
    """Write θ' = … + O(h^order)."""
    return f"θ' = {sum_text(terms, notation=notation, colours=colours) or 0} + O(h{superscript(order)})"


def equation_lines(terms: Iterable[tuple[RootedTree, Scalar]], order: int, notation: str = "loss", colours: int = 1) -> list[str]:
    """Write θ' = … + O(h^order) with one line for each power of h that has terms."""
    groups = [list(group) for _, group in groupby(terms, key=lambda pair: pair[0].order)]
    lines: list[str] = []
    for group in groups:
        text = sum_text(group, notation=notation, colours=colours, continued=bool(lines)).strip()
        lines += [("     " if lines else "θ' = ") + text] if text else []
    return [*(lines or ["θ' = 0"]), f"     + O(h{superscript(order)})"]

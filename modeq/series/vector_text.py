"""Vector expressions as text and as LaTeX: ∇²E[∇E/R]/R, ∇E⊙(∇²E[∇E/R])²."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import sympy

from .latex import expression_latex
from .text import scalar_text, superscript
from .vector_expressions import GRADIENT, MODULUS, NORM, POINT, ROOT, D, Memory, is_vector, terms, total


@final
@dataclass(frozen=True)
class Notation:
    """How the symbols of vector expressions are written.

    Attributes
    ----------
    is_latex
        LaTeX instead of text.
    """

    is_latex: bool

    def body(self, body: sympy.Expr) -> str:
        """Write a product of vectors, entry by entry; empty for the number 1."""
        above, below = [], []
        for factor in sympy.Mul.make_args(body):
            base, exponent = factor.as_base_exp()
            if exponent.could_extract_minus_sign():
                below.append(base**-exponent)
            elif factor != 1:
                above.append(factor)
        above.sort(key=lambda factor: (factor.has(D), sympy.default_sort_key(factor)))
        top = (r" \odot " if self.is_latex else "⊙").join(self._factor(factor, len(above) + len(below) > 1) for factor in above)
        if not below:
            return top
        bottom = ("\\, " if self.is_latex else "·").join(self._factor(factor, len(below) > 1) for factor in below)
        if self.is_latex:
            return rf"\frac{{{top or 1}}}{{{bottom}}}"
        return f"{top or 1}/{bottom if len(below) == 1 and not below[0].is_Add else f'({bottom})'}"

    def root(self, expression: sympy.Expr) -> str:
        """Write what R stands for."""
        return f"R = {self._sum(expression)}"

    def _factor(self, factor: sympy.Expr, among: bool) -> str:
        named = self._named(factor)
        if named is not None:
            return named
        if factor.is_Pow and factor.exp == sympy.Rational(1, 2):
            return rf"\sqrt{{{self._sum(factor.base)}}}" if self.is_latex else f"√{self._under_root(factor.base)}"
        if factor.is_Pow and factor.exp.is_Integer:
            base = self._factor(factor.base, True)
            wrapped = base if factor.base in (ROOT, MODULUS, NORM) or factor.base.is_Add else f"({base})"
            return f"{wrapped}^{{{factor.exp}}}" if self.is_latex else f"{wrapped}{superscript(int(factor.exp))}"
        if factor.func is D:
            return self._derivative(factor)
        if factor.func is total:
            return rf"\langle {self._pair(factor.args[0])} \rangle" if self.is_latex else f"⟨{self._pair(factor.args[0])}⟩"
        text = self._sum(factor)
        return f"({text})" if among and factor.is_Add else text

    def _under_root(self, base: sympy.Expr) -> str:
        return str(base.name) if base.func is Memory else f"({self._sum(base)})"

    def _named(self, factor: sympy.Expr) -> str | None:
        names = {GRADIENT: r"\nabla E", MODULUS: r"|\nabla E|", NORM: r"\|\nabla E\|", POINT: r"\theta", ROOT: "R"}
        if factor in names:
            return names[factor] if self.is_latex else str(factor.name)
        if factor.func is Memory:
            return str(factor.name)
        return None

    def _derivative(self, factor: sympy.Expr) -> str:
        point, *along = factor.args
        order = len(along) + 1
        nabla = (r"\nabla" if self.is_latex else "∇") + ("" if order == 1 else f"^{{{order}}}" if self.is_latex else superscript(order))
        name = f"{nabla} E" if self.is_latex else f"{nabla}E"
        at = "" if point == POINT else f"({self._sum(point)})"
        if not along:
            return name + at
        if len(along) == 1 and (along[0] == GRADIENT or along[0].func is D):
            return f"{name}{at}\\,{self.body(along[0])}" if self.is_latex else f"{name}{at}{self.body(along[0])}"
        return f"{name}{at}[{','.join(self._sum(v) for v in along)}]"

    def _pair(self, inside: sympy.Expr) -> str:
        factors = list(sympy.Mul.make_args(inside))
        if len(factors) == 2:
            factors.sort(key=lambda factor: factor.has(D))
            return ",".join(self._factor(factor, False) for factor in factors)
        return self.body(inside)

    def _sum(self, expression: sympy.Expr) -> str:
        """Write any expression; sums term by term, vectors first."""
        if expression.is_Pow and expression.exp == sympy.Rational(1, 2):
            return self._factor(expression, False)
        parts: list[str] = []
        pairs = sorted(terms(expression).items(), key=lambda pair: (pair[0] == 1, sympy.default_sort_key(pair[0])))
        for body, weight in pairs:
            negative = weight.could_extract_minus_sign()
            size = -weight if negative else weight
            number = "" if size == 1 else self._number(size)
            text = number + self.body(body) if body != 1 else number or "1"
            parts.append(f"{'-' if negative else '+' if parts else ''}{text}")
        return "".join(parts) or "0"

    def _number(self, weight: sympy.Expr) -> str:
        if any(is_vector(argument) or argument.has(total) or argument.has(NORM) for argument in weight.args) or weight.has(total, NORM):
            return self.body(weight)
        return expression_latex(weight) if self.is_latex else scalar_text(weight)

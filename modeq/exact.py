"""Exact numbers: what a method's parameters and a series' coefficients are made of.

A scalar is a `fractions.Fraction` or, with symbols or roots in it, a SymPy expression. A float is read as
the decimal number that it prints as: 0.9 means 9/10, which is what its author wrote, and not the binary
fraction nearest to it.
"""

from __future__ import annotations

import keyword
import math
import numbers
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias, final

import sympy
from sympy.polys.constructor import construct_domain

from .expressions import CONSTANTS, FUNCTIONS

Scalar: TypeAlias = Fraction | sympy.Expr
ScalarLike: TypeAlias = int | float | Fraction | str | sympy.Expr
Matrix: TypeAlias = tuple[tuple[Scalar, ...], ...]
DomainMatrix: TypeAlias = list[list[Any]]

RESERVED = frozenset({"nan", "inf", "infinity", "h", "z", "lamda", "ρ", "ζ", *CONSTANTS, *FUNCTIONS})
"""Names that a parameter cannot have."""


def exact(value: ScalarLike, *, what: str = "a parameter") -> Scalar:
    """Read one number or parameter name exactly.

    Parameters
    ----------
    value
        int, Fraction, finite float (its shortest decimal), a name such as ``"beta"`` that stays symbolic,
        a ratio in text such as ``"1/3"``, or a SymPy expression.
    what
        Names the number in error messages.

    Raises
    ------
    TypeError
        If `value` is none of these.
    ValueError
        If it is infinite, NaN, or a text that is neither a name nor a number.

    Examples
    --------
    >>> exact(0.9), exact("beta"), exact("1/3")
    (Fraction(9, 10), beta, Fraction(1, 3))
    """
    if isinstance(value, bool):
        raise TypeError(f"{what} must be a number or a name, got {value!r}")
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real) and not isinstance(value, sympy.Basic):
        if not math.isfinite(value):
            raise ValueError(f"{what} must be finite, got {value!r}")
        return Fraction(str(value))  # the shortest decimal, in the precision of its own type
    if isinstance(value, str):
        return _exact_text(value, what)
    if isinstance(value, sympy.Expr):
        if value.has(sympy.zoo, sympy.oo, sympy.nan) or value.is_real is False:
            raise ValueError(f"{what} must be real and finite, got {value}")
        for symbol in value.free_symbols:
            _check_name(symbol.name, what)
        plain = {symbol: sympy.Symbol(symbol.name) for symbol in value.free_symbols}  # a parameter is known by its name
        floats = {inexact: to_sympy(decimal(inexact)) for inexact in value.atoms(sympy.Float)}
        value = value.xreplace({**plain, **floats})
        return Fraction(int(value.p), int(value.q)) if isinstance(value, sympy.Rational) else value
    raise TypeError(f"{what} must be an int, Fraction, float, name or SymPy expression, got {type(value).__name__}")


def decimal(inexact: sympy.Float) -> Fraction:
    """Read a SymPy Float as the shortest decimal that rounds to it, or exactly where it has more than double precision."""
    if inexact._prec <= 53:
        return Fraction(repr(float(inexact)))
    ratio = sympy.Rational(inexact)
    return Fraction(int(ratio.p), int(ratio.q))


def _exact_text(text: str, what: str) -> Scalar:
    name = text.strip()
    if re.search(r"[eE][+-]?\d{4,}", name):
        raise ValueError(f"{what} has an exponent out of range, got {_shortened(text)!r}")
    if name.isidentifier() and not keyword.iskeyword(name):
        _check_name(name, what)
        return sympy.Symbol(name)
    try:
        return Fraction(name)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{what} must be a number such as 0.9 or '1/3', or a name such as 'beta', got {text!r}") from None


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _check_name(name: str, what: str) -> None:
    if name in RESERVED or name.lower() in RESERVED or name.startswith("__"):
        raise ValueError(
            f"{what} cannot be called {name!r}, which stands for the step size, hλ, λ, a constant or a function; choose another name"
        )


def to_sympy(value: Scalar) -> sympy.Expr:
    """Convert an exact scalar to SymPy without rounding."""
    return sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def free_parameters(values: Iterable[Scalar]) -> tuple[str, ...]:
    """List the names of the symbols in `values`, sorted."""
    found = {symbol.name for value in values if isinstance(value, sympy.Expr) for symbol in value.free_symbols}
    return tuple(sorted(found))


def _factored(numerator: Any, denominator: Any) -> Scalar:
    """Factor numerator and denominator."""
    number = numerator.ring.domain.to_sympy
    constant, factors = numerator.factor_list()
    divisor, divisors = denominator.factor_list()
    return assembled(number(constant) / number(divisor), factors, divisors)


def assembled(constant: sympy.Expr, factors: Iterable[tuple[Any, int]], divisors: Iterable[tuple[Any, int]]) -> Scalar:
    """Return constant · Π factor**exponent / Π divisor**exponent from irreducible polynomials; a `Fraction` where none are left.

    Denominators are positive at 0: 1/(1 − β) and not −1/(β − 1), as the literature writes it.
    """
    result = constant
    powers = [factor.as_expr() ** exponent for factor, exponent in factors]
    for factor, exponent in divisors:
        base = factor.as_expr()
        if base.is_Add and factor.coeff(1) < 0:  # the coefficient of the monomial 1
            base, result = -base, result * (-1) ** exponent
        powers.append(base**-exponent)
    expression = sympy.Mul(result, *powers)
    return Fraction(int(expression.p), int(expression.q)) if expression.is_Rational else expression


@final
@dataclass(frozen=True)
class CoefficientField:
    """The smallest field that holds some scalars: the rationals, rational functions, or with roots adjoined.

    Arithmetic on its elements is exact and canonical, so a zero is recognised as a zero.
    """

    domain: Any  # a SymPy Domain; SymPy ships no types for its polys module

    @classmethod
    def containing(cls, values: Iterable[Scalar]) -> CoefficientField:
        """Find the field of `values`."""
        symbolic = [value for value in values if isinstance(value, sympy.Expr)]
        if not symbolic:
            return cls(sympy.QQ)
        symbols = sorted({symbol for value in symbolic for symbol in value.free_symbols}, key=str)
        roots = {power for value in symbolic for power in value.atoms(sympy.Pow) if power.is_number and not power.exp.is_Integer}
        if symbols and roots:  # SymPy would fall back to expressions, where a zero is not always seen
            numbers, _ = construct_domain(list(roots), field=True, extension=True)
            return cls(numbers.frac_field(*symbols))
        domain, _ = construct_domain(symbolic, field=True, extension=True)
        return cls(domain.get_field())

    @property
    def is_rational(self) -> bool:
        """Whether no symbols or roots are involved."""
        return bool(self.domain.is_QQ)

    def element(self, value: Scalar | int) -> Any:
        """Convert a scalar into an element."""
        if self.is_rational:
            return self.domain(value.numerator, value.denominator)
        return self.domain.from_sympy(to_sympy(Fraction(value) if isinstance(value, int) else value))

    def scalar(self, element: Any) -> Scalar:
        """Convert an element back; symbolic results come factored."""
        if self.is_rational:
            return Fraction(int(element.numerator), int(element.denominator))
        if self.domain.is_FractionField and self.domain.domain in (sympy.QQ, sympy.ZZ) and element:
            return _factored(element.numer, element.denom)
        expression = self.domain.to_sympy(element)
        if expression.free_symbols:
            expression = sympy.factor(expression, extension=True) if not self.domain.is_EX else sympy.factor(expression)
        if expression.is_Rational:
            return Fraction(int(expression.p), int(expression.q))
        return expression

    def matrix(self, rows: Sequence[Sequence[Scalar]]) -> DomainMatrix:
        """Convert a matrix of scalars entry by entry."""
        return [[self.element(entry) for entry in row] for row in rows]

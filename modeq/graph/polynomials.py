"""Expanding graphs into polynomials: the algebra that gives readable SymPy expressions.

Coordinates, parameters and every function value of them are generators: cos θ and sin θ, 1/(1 + x²), tanh(w₁x) … All
derivatives of elementary functions are polynomials in such generators, so Taylor arithmetic over this algebra is exact
and expands as it goes.

A polynomial is a dictionary from monomials to integers over one common denominator. A monomial is one integer with
the exponents in fields of 24 bits, so that multiplying monomials is adding integers. SymPy's own sparse polynomials do
the same with tuples and rationals and take several times longer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from functools import cmp_to_key
from typing import Any, final

import sympy

from ..exact import Scalar, to_sympy
from .algebra import SympyAlgebra

_FIELD = 24
_MASK = (1 << _FIELD) - 1


@final
class Polynomial:
    """Σ terms[m]/denominator · (monomial m), no zero coefficients."""

    __slots__ = ("denominator", "terms")

    def __init__(self, terms: dict[int, int], denominator: int = 1) -> None:
        if denominator != 1:
            common = math.gcd(denominator, *terms.values())
            if common != 1:
                terms = {monomial: coefficient // common for monomial, coefficient in terms.items()}
                denominator //= common
        self.terms = terms
        self.denominator = denominator

    def key(self) -> tuple[frozenset[tuple[int, int]], int]:
        """Hashable form; equal polynomials have equal keys."""
        return frozenset(self.terms.items()), self.denominator


@final
class PolynomialAlgebra:
    """Polynomials in generators that are added as functions appear."""

    def __init__(self) -> None:
        self.generators: list[sympy.Expr] = []
        self._numbers: dict[object, int] = {}
        self._symbolic = SympyAlgebra()

    def generator(self, expression: sympy.Expr) -> Polynomial:
        """Return `expression` as a generator."""
        return self._generator(expression, expression)

    def _generator(self, key: object, expression: sympy.Expr) -> Polynomial:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.generators)
            self.generators.append(expression)
        return Polynomial({1 << (_FIELD * number): 1})

    def constant(self, value: Scalar | int) -> Polynomial:
        if isinstance(value, sympy.Expr):
            return self.generator(value)
        return Polynomial({0: value.numerator} if value else {}, value.denominator)

    def add(self, a: Polynomial, b: Polynomial) -> Polynomial:
        return self._sum(a, b, 1)

    def subtract(self, a: Polynomial, b: Polynomial) -> Polynomial:
        return self._sum(a, b, -1)

    def _sum(self, a: Polynomial, b: Polynomial, sign: int) -> Polynomial:
        denominator = math.lcm(a.denominator, b.denominator)
        left, right = denominator // a.denominator, sign * (denominator // b.denominator)
        terms = {m: c * left for m, c in a.terms.items()} if left != 1 else a.terms.copy()
        for monomial, coefficient in b.terms.items():
            total = terms.get(monomial, 0) + coefficient * right
            if total:
                terms[monomial] = total
            else:
                del terms[monomial]
        return Polynomial(terms, denominator)

    def negate(self, a: Polynomial) -> Polynomial:
        return Polynomial({m: -c for m, c in a.terms.items()}, a.denominator)

    def multiply(self, a: Polynomial, b: Polynomial) -> Polynomial:
        if len(a.terms) > len(b.terms):
            a, b = b, a
        denominator = a.denominator * b.denominator
        if len(a.terms) == 1:
            ((m, c),) = a.terms.items()
            return Polynomial({m + n: c * d for n, d in b.terms.items()}, denominator)
        terms: defaultdict[int, int] = defaultdict(int)
        others = list(b.terms.items())
        for m, c in a.terms.items():
            for n, d in others:
                terms[m + n] += c * d
        return Polynomial({m: c for m, c in terms.items() if c}, denominator)

    def divide(self, a: Polynomial, b: Polynomial) -> Polynomial:
        if b.terms.keys() == {0}:
            return self.multiply(a, self.constant(Fraction(b.denominator, b.terms[0])))
        return self.multiply(a, self._generator(("reciprocal", b.key()), 1 / self.expression(b)))

    def power(self, a: Polynomial, exponent: Scalar | int) -> Polynomial:
        power = self._symbolic.constant(exponent)
        return self._generator(("power", a.key(), power), self.expression(a) ** power)

    def apply(self, function: str, a: Polynomial) -> Polynomial:
        return self._generator((function, a.key()), self._symbolic.apply(function, self.expression(a)))

    def expression(self, a: Polynomial) -> sympy.Expr:
        """Convert to SymPy, expanded."""
        exponents = [self._exponents(monomial) for monomial in a.terms]
        powers = {pair: self.generators[pair[0]] ** pair[1] for pair in {pair for pairs in exponents for pair in pairs}}
        # Products of powers of symbols need no simplification, only SymPy's order of factors: building them directly is
        # several times faster. Functions may combine (exp x · exp y) and go the usual way.
        atomic = all(self.generators[number].is_Symbol for number, _ in powers)
        rank = {pair: place for place, (pair, _) in enumerate(sorted(powers.items(), key=_canonical))}
        terms = []
        for coefficient, pairs in zip(a.terms.values(), exponents, strict=True):
            number = to_sympy(Fraction(coefficient, a.denominator))
            factors = [powers[pair] for pair in sorted(pairs, key=rank.__getitem__)]
            if not atomic or not factors or (number == 1 and len(factors) == 1):
                terms.append(sympy.Mul(number, *factors))
            else:
                terms.append(sympy.Mul._from_args(factors if number == 1 else [number, *factors]))
        return sympy.Add(*terms)

    def _exponents(self, monomial: int) -> list[tuple[int, int]]:
        """List (generator, exponent) for the factors of a monomial."""
        pairs = ((number, monomial >> _FIELD * number & _MASK) for number in range(len(self.generators)))
        return [(number, exponent) for number, exponent in pairs if exponent]


def _canonical(item: tuple[tuple[int, int], sympy.Expr]) -> Any:
    return cmp_to_key(sympy.Basic.compare)(item[1])

"""Polynomials as dictionaries from monomials to integers over one common denominator, in plain Python.

A monomial is one integer with the exponents in fields of 24 bits, so that multiplying monomials is adding integers. SymPy's own
sparse polynomials do the same with tuples and rationals and take several times longer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import TypeAlias, final

Term: TypeAlias = tuple[tuple[int, ...], int, int]  # the exponent of each generator, numerator, denominator

_FIELD = 24
_MASK = (1 << _FIELD) - 1


@final
class PackedPolynomial:
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


@final
class PackedRing:
    """The ring of packed polynomials; generators can be added at any time."""

    def __init__(self) -> None:
        self._count = 0

    def generators(self, count: int) -> list[PackedPolynomial]:
        """Add generators."""
        first, self._count = self._count, self._count + count
        return [PackedPolynomial({1 << (_FIELD * number): 1}) for number in range(first, self._count)]

    def constant(self, value: Fraction | int) -> PackedPolynomial:
        """Convert a number."""
        return PackedPolynomial({0: value.numerator} if value else {}, value.denominator)

    def add(self, a: PackedPolynomial, b: PackedPolynomial) -> PackedPolynomial:
        """A + b."""
        return self._sum(a, b, 1)

    def subtract(self, a: PackedPolynomial, b: PackedPolynomial) -> PackedPolynomial:
        """A − b."""
        return self._sum(a, b, -1)

    def _sum(self, a: PackedPolynomial, b: PackedPolynomial, sign: int) -> PackedPolynomial:
        denominator = math.lcm(a.denominator, b.denominator)
        left, right = denominator // a.denominator, sign * (denominator // b.denominator)
        terms = {m: c * left for m, c in a.terms.items()} if left != 1 else a.terms.copy()
        for monomial, coefficient in b.terms.items():
            total = terms.get(monomial, 0) + coefficient * right
            if total:
                terms[monomial] = total
            else:
                del terms[monomial]
        return PackedPolynomial(terms, denominator)

    def negate(self, a: PackedPolynomial) -> PackedPolynomial:
        """−a."""
        return PackedPolynomial({m: -c for m, c in a.terms.items()}, a.denominator)

    def multiply(self, a: PackedPolynomial, b: PackedPolynomial) -> PackedPolynomial:
        """A · b."""
        if len(a.terms) > len(b.terms):
            a, b = b, a
        denominator = a.denominator * b.denominator
        if len(a.terms) == 1:
            ((m, c),) = a.terms.items()
            return PackedPolynomial({m + n: c * d for n, d in b.terms.items()}, denominator)
        terms: defaultdict[int, int] = defaultdict(int)
        others = list(b.terms.items())
        for m, c in a.terms.items():
            for n, d in others:
                terms[m + n] += c * d
        return PackedPolynomial({m: c for m, c in terms.items() if c}, denominator)

    def terms(self, a: PackedPolynomial) -> list[Term]:
        """List the terms, coefficients in lowest terms."""
        shifts = range(0, _FIELD * self._count, _FIELD)
        result: list[Term] = []
        for monomial, coefficient in a.terms.items():
            exponents = tuple([monomial >> shift & _MASK for shift in shifts])
            common = math.gcd(coefficient, a.denominator)
            result.append((exponents, coefficient // common, a.denominator // common))
        return result

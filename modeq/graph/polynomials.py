"""Expanding graphs into polynomials: the algebra that gives readable SymPy expressions.

Coordinates, parameters and every function value of them are generators: cos θ and sin θ, 1/(1 + x²), tanh(w₁x) … All
derivatives of elementary functions are polynomials in such generators, so Taylor arithmetic over this algebra is exact
and expands as it goes. The polynomials are those of FLINT where python-flint is installed, else our own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, TypeVar, final

import sympy

from ..exact import Scalar
from .algebra import SympyAlgebra
from .expanded_sums import SymbolPowers, expanded_sum, products
from .packed_polynomials import PackedRing, Term

P = TypeVar("P")
Polynomial: TypeAlias = Any  # of the ring that the algebra has chosen


class PolynomialRing(Protocol[P]):
    """Polynomials with rational coefficients in generators that are added as they appear."""

    def generators(self, count: int) -> list[P]:
        """Add generators."""

    def constant(self, value: Fraction | int) -> P:
        """Convert a number."""

    def add(self, a: P, b: P) -> P:
        """A + b."""

    def subtract(self, a: P, b: P) -> P:
        """A − b."""

    def multiply(self, a: P, b: P) -> P:
        """A · b."""

    def negate(self, a: P) -> P:
        """−a."""

    def terms(self, a: P) -> list[Term]:
        """List the terms, coefficients in lowest terms; empty for 0."""


fastest_ring: Callable[[], PolynomialRing[Any]] = PackedRing
try:
    from .flint_polynomials import FlintRing
except ImportError:  # python-flint is not installed, or older than 0.7
    pass
else:
    fastest_ring = FlintRing  # up to ten times faster


@final
class PolynomialAlgebra:
    """Polynomials in generators that are added as functions appear.

    Parameters
    ----------
    ring
        Where to compute; None for the fastest that is installed.
    """

    def __init__(self, ring: PolynomialRing[Any] | None = None) -> None:
        self.ring = ring or fastest_ring()
        self._generators: list[sympy.Expr] = []
        self._known: dict[object, Polynomial] = {}
        self._symbolic = SympyAlgebra()
        self._powers: tuple[int, SymbolPowers] | None = None  # of so many generators

    def inputs(self, symbols: Mapping[str, sympy.Symbol]) -> dict[str, Polynomial]:
        """Return different symbols as generators, under the names of a graph's inputs."""
        found = self.ring.generators(len(symbols))
        self._generators += symbols.values()
        self._known |= zip(symbols.values(), found, strict=True)
        return dict(zip(symbols, found, strict=True))

    def generator(self, expression: sympy.Expr) -> Polynomial:
        """Return `expression` as a generator."""
        return self._generator(expression, lambda: expression)

    def _generator(self, key: object, expression: Callable[[], sympy.Expr]) -> Polynomial:
        if key not in self._known:
            self._generators.append(expression())
            (self._known[key],) = self.ring.generators(1)
        return self._known[key]

    def key(self, a: Polynomial) -> frozenset[object]:
        """Hashable form; equal polynomials have equal keys, also when generators are added in between."""
        return frozenset((tuple(_factors(exponents)), p, q) for exponents, p, q in self.ring.terms(a))

    def constant(self, value: Scalar | int) -> Polynomial:
        return self.generator(value) if isinstance(value, sympy.Expr) else self.ring.constant(value)

    def add(self, a: Polynomial, b: Polynomial) -> Polynomial:
        return self.ring.add(a, b)

    def subtract(self, a: Polynomial, b: Polynomial) -> Polynomial:
        return self.ring.subtract(a, b)

    def negate(self, a: Polynomial) -> Polynomial:
        return self.ring.negate(a)

    def multiply(self, a: Polynomial, b: Polynomial) -> Polynomial:
        return self.ring.multiply(a, b)

    def divide(self, a: Polynomial, b: Polynomial) -> Polynomial:
        match self.ring.terms(b):
            case [(exponents, numerator, denominator)] if not any(exponents):
                return self.multiply(a, self.constant(Fraction(denominator, numerator)))
            case _:
                return self.multiply(a, self._generator(("reciprocal", self.key(b)), lambda: 1 / self.expression(b)))

    def power(self, a: Polynomial, exponent: Scalar | int) -> Polynomial:
        power = self._symbolic.constant(exponent)
        return self._generator(("power", self.key(a), power), lambda: self.expression(a) ** power)

    def apply(self, function: str, a: Polynomial) -> Polynomial:
        return self._generator((function, self.key(a)), lambda: self._symbolic.apply(function, self.expression(a)))

    def expression(self, a: Polynomial) -> sympy.Expr:
        """Convert to SymPy, expanded."""
        terms = self.ring.terms(a)
        others = [number for number, generator in enumerate(self._generators) if not generator.is_Symbol]
        if not any(exponents[number] for number in others for exponents, _, _ in terms if number < len(exponents)):
            if self._powers is None or self._powers[0] != len(self._generators):
                self._powers = len(self._generators), SymbolPowers(self._generators)
            return expanded_sum(terms, self._powers[1])
        return sympy.Add(*products([(_factors(exponents), p, q) for exponents, p, q in terms], self._generators))


def _factors(exponents: Sequence[int]) -> list[tuple[int, int]]:
    """List (generator, exponent) for the factors of a monomial."""
    return [(number, exponent) for number, exponent in enumerate(exponents) if exponent]

"""Rational functions with a known denominator: polynomials over powers of one polynomial.

The recursion of `time_polynomials` divides only by what divides V's spectral data: for heavy ball every number in it
is a polynomial in β over a power of 1 − β. Keeping the numerator and the power apart needs no greatest common
divisors on the way; they are taken once per coefficient, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any, final


@final
class Localisation:
    """The ring Z[parameters][1/d], with d the least common denominator of some rational functions."""

    def __init__(self, domain: Any, elements: Iterable[Any]) -> None:
        self.domain = domain
        self.ring = domain.field.ring.to_ring() if domain.field.ring.domain.is_Field else domain.field.ring
        denominators = [self._cleared(element)[1] for element in elements]
        self.denominator = reduce(lambda a, b: a.lcm(b), denominators, self.ring.one)
        self._powers = [self.ring.one]

    def power(self, exponent: int) -> Any:
        """Return d**exponent, remembered."""
        while len(self._powers) <= exponent:
            self._powers.append(self._powers[-1] * self.denominator)
        return self._powers[exponent]

    def element(self, fraction: Any) -> Localised:
        """Convert an element of the field whose denominator divides d."""
        numerator, denominator = self._cleared(fraction)
        if denominator == self.ring.one:
            return Localised(self, numerator, 0)
        return Localised(self, numerator * self.denominator.exquo(denominator), 1)

    def fraction(self, element: Localised) -> Any:
        """Convert back; this takes the greatest common divisor."""
        field = self.domain.field
        return field(element.numerator.set_ring(field.ring)) / field(self.power(element.exponent).set_ring(field.ring))

    def _cleared(self, fraction: Any) -> tuple[Any, Any]:
        numerator_factor, numerator = fraction.numer.clear_denoms()
        denominator_factor, denominator = fraction.denom.clear_denoms()
        return (
            numerator.set_ring(self.ring) * int(denominator_factor),
            denominator.set_ring(self.ring) * int(numerator_factor),
        )


@final
class Localised:
    """numerator / d**exponent; equal values may have different exponents."""

    __slots__ = ("exponent", "numerator", "owner")

    def __init__(self, owner: Localisation, numerator: Any, exponent: int) -> None:
        self.owner = owner
        self.numerator = numerator
        self.exponent = exponent if numerator else 0

    def __bool__(self) -> bool:
        return bool(self.numerator)

    def __add__(self, other: Any) -> Localised:
        if isinstance(other, int):
            other = Localised(self.owner, self.owner.ring(other), 0)
        if not other.numerator:
            return self
        if not self.numerator:
            return other
        low, high = (self, other) if self.exponent <= other.exponent else (other, self)
        gap = high.exponent - low.exponent
        lifted = low.numerator * self.owner.power(gap) if gap else low.numerator
        return Localised(self.owner, lifted + high.numerator, high.exponent)

    __radd__ = __add__

    def __neg__(self) -> Localised:
        return Localised(self.owner, -self.numerator, self.exponent)

    def __sub__(self, other: Any) -> Localised:
        return self + (-other)

    def __rsub__(self, other: Any) -> Localised:
        return -self + other

    def __mul__(self, other: Any) -> Localised:
        if isinstance(other, int):
            return Localised(self.owner, self.numerator * other, self.exponent)
        return Localised(self.owner, self.numerator * other.numerator, self.exponent + other.exponent)

    __rmul__ = __mul__

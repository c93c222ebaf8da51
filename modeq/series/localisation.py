"""Rational functions with a known denominator, computed as integers.

The recursion of `time_polynomials` divides only by what divides V's spectral data: for heavy ball every number in it is a polynomial
in β over a power of 1 − β. Numerator and power are kept apart, so that no greatest common divisors are taken on the way. And a
polynomial with integer coefficients is known from its value at one integer beyond twice its largest coefficient, so numerators are
plain integers, values at a large power of 2 (Kronecker's substitution; one power for each parameter), from which the coefficients are
read off at the end. How large: the same recursion on majorants, the sums of the moduli of coefficients, and degrees.

Reference: D. Harvey, Faster polynomial multiplication via multipoint Kronecker substitution, J. Symb. Comput. 44 (2009) 1502–1510,
doi:10.1016/j.jsc.2009.05.004, section 1, for the substitution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from typing import Any, final

import sympy

from ..exact import Scalar, assembled


@final
class Localisation:
    """The ring Z[parameters][1/d], with d the product of the different factors in some denominators.

    Where d is 1 − β, numerators are written as polynomials in d itself. Bringing two fractions to one denominator is a shift then,
    and does not make coefficients grow.
    """

    def __init__(self, domain: Any, elements: Iterable[Any]) -> None:
        self.ring = domain.field.ring.to_ring() if domain.field.ring.domain.is_Field else domain.field.ring
        denominators = [self._cleared(element)[1] for element in elements]
        self.content = math.lcm(*(int(denominator.content()) for denominator in denominators))
        self.factors = list(dict.fromkeys(factor for one in denominators for factor, _ in one.factor_list()[1]))
        d = reduce(lambda a, b: a * b, self.factors, self.ring.one)
        self._own = len(self.ring.gens) == 1 and d.degree() == 1 and abs(d.LC) == 1
        self._d = d
        self.denominator = self.content * (self.ring.gens[0] if self._own else d)

    def numerator(self, fraction: Any) -> tuple[Any, int]:
        """Return an element of the field, whose denominator divides a power of d, as a polynomial over a power of d."""
        numerator, denominator = self._cleared(fraction)
        exponent = max((power for _, power in denominator.factor_list()[1]), default=int(abs(denominator.content()) != 1))
        numerator *= ((self.content * self._d) ** exponent).exquo(denominator)
        if self._own:  # the parameter is ±(d − d(0))
            x = self.ring.gens[0]
            numerator = numerator.compose(x, (x - self._d.coeff(1)) * self._d.LC)
        return numerator, exponent

    def scalar(self, numerator: Any, exponent: int, divisor: int) -> Scalar:
        """Return numerator / (d**exponent · divisor), factored; what cancels is found among the factors of d."""
        below = []
        if self._own and numerator:
            lowest = min(power for (power,) in numerator.monoms())
            numerator = self.ring.from_dict({(k - lowest,): c for (k,), c in numerator.terms()})
            numerator = numerator.compose(self.ring.gens[0], self._d)
            below = [(self._d, exponent - lowest)]
        elif numerator:
            for factor in self.factors:
                left = exponent
                while left:
                    quotient, rest = numerator.div(factor)
                    if rest:
                        break
                    numerator, left = quotient, left - 1
                below.append((factor, left))
        constant, factors = numerator.factor_list()
        return assembled(sympy.Rational(int(constant), self.content**exponent * divisor), factors, below)

    def _cleared(self, fraction: Any) -> tuple[Any, Any]:
        numerator_factor, numerator = fraction.numer.clear_denoms()
        denominator_factor, denominator = fraction.denom.clear_denoms()
        return (
            numerator.set_ring(self.ring) * int(denominator_factor),
            denominator.set_ring(self.ring) * int(numerator_factor),
        )


@final
class Majorant:
    """What is known of a polynomial: the sum of the moduli of its coefficients is at most `size`, its degrees at most `degrees`."""

    __slots__ = ("degrees", "size")

    def __init__(self, size: int, degrees: tuple[int, ...]) -> None:
        self.size = size
        self.degrees = degrees

    @classmethod
    def of(cls, polynomial: Any) -> Majorant:
        """Read it off."""
        return cls(sum(abs(int(c)) for c in polynomial.coeffs()), tuple(max(0, degree) for degree in polynomial.degrees()))

    def __bool__(self) -> bool:
        return self.size > 0

    def __neg__(self) -> Majorant:
        return self

    def __add__(self, other: Majorant) -> Majorant:
        return Majorant(self.size + other.size, tuple(map(max, self.degrees, other.degrees)))

    def __mul__(self, other: Any) -> Majorant:
        if isinstance(other, int):
            return Majorant(self.size * abs(other), self.degrees)
        return Majorant(self.size * other.size, tuple(a + b for a, b in zip(self.degrees, other.degrees, strict=True)))


@final
class Kronecker:
    """Polynomials as integers: the i-th parameter is 2**shifts[i]."""

    def __init__(self, ring: Any, bounds: Majorant) -> None:
        self.ring = ring
        self.width = bounds.size.bit_length() // 8 + 1  # bytes for a coefficient with its sign
        self.lengths = [degree + 1 for degree in bounds.degrees]
        self.shifts = []
        bits = 8 * self.width
        for length in self.lengths:
            self.shifts.append(bits)
            bits *= length
        self._length = bits // (8 * self.width)  # coefficients in all
        half = 1 << (8 * self.width - 1)
        self._half = half
        self._offset = half * ((1 << bits) - 1) // ((1 << 8 * self.width) - 1)  # half for each coefficient: none is negative

    def value(self, polynomial: Any) -> int:
        """Evaluate."""
        total = 0
        for powers, coefficient in polynomial.terms():
            total += int(coefficient) << sum(shift * power for shift, power in zip(self.shifts, powers, strict=True))
        return total

    def polynomial(self, value: int) -> Any:
        """Read off the polynomial."""
        data = (value + self._offset).to_bytes(self._length * self.width, "little")
        terms = {}
        for place in range(self._length):
            coefficient = int.from_bytes(data[place * self.width : (place + 1) * self.width], "little") - self._half
            if coefficient:
                powers, rest = [], place
                for length in self.lengths:
                    rest, power = divmod(rest, length)
                    powers.append(power)
                terms[tuple(powers)] = self.ring.domain(coefficient)
        return self.ring.from_dict(terms)


class _Powers:
    """The powers of d in the form that numerators have, remembered."""

    def __init__(self, one: Any, d: Any) -> None:
        self._powers = [one, d]

    def __getitem__(self, exponent: int) -> Any:
        while len(self._powers) <= exponent:
            self._powers.append(self._powers[-1] * self._powers[1])
        return self._powers[exponent]


@final
class Majorants(_Powers):
    """Majorants of the elements of a localisation."""

    def __init__(self, local: Localisation) -> None:
        super().__init__(Majorant.of(local.ring.one), Majorant.of(local.denominator))
        self._local = local

    def element(self, fraction: Any) -> Localised:
        """Convert an element of the field whose denominator divides d."""
        numerator, exponent = self._local.numerator(fraction)
        return Localised(self, Majorant.of(numerator), exponent)


@final
class RationalFunctions(_Powers):
    """Elements of a localisation with numerators as integers, from which polynomials up to some bounds can be read off."""

    def __init__(self, local: Localisation, bounds: Majorant) -> None:
        self._integers = Kronecker(local.ring, bounds)
        super().__init__(1, self._integers.value(local.denominator))
        self._local = local

    def element(self, fraction: Any) -> Localised:
        """Convert an element of the field whose denominator divides d."""
        numerator, exponent = self._local.numerator(fraction)
        return Localised(self, self._integers.value(numerator), exponent)

    def scalar(self, value: Localised, divisor: int) -> Scalar:
        """Return value / divisor, factored."""
        return self._local.scalar(self._integers.polynomial(value.numerator), value.exponent, divisor)


@final
class Localised:
    """numerator / d**exponent; equal values may have different exponents, which depend on the operations and not on the numbers."""

    __slots__ = ("exponent", "numerator", "powers")

    def __init__(self, powers: Any, numerator: Any, exponent: int) -> None:
        self.powers = powers
        self.numerator = numerator
        self.exponent = exponent

    def __bool__(self) -> bool:
        return bool(self.numerator)

    def __add__(self, other: Localised) -> Localised:
        gap = self.exponent - other.exponent
        if gap == 0:
            return Localised(self.powers, self.numerator + other.numerator, self.exponent)
        if gap > 0:
            return Localised(self.powers, self.numerator + other.numerator * self.powers[gap], self.exponent)
        return Localised(self.powers, self.numerator * self.powers[-gap] + other.numerator, other.exponent)

    def __radd__(self, other: int) -> Localised:
        """Start a sum at 0."""
        return self

    def __neg__(self) -> Localised:
        return Localised(self.powers, -self.numerator, self.exponent)

    def __sub__(self, other: Localised) -> Localised:
        return self + (-other)

    def __mul__(self, other: Any) -> Localised:
        if isinstance(other, int):
            return Localised(self.powers, self.numerator * other, self.exponent)
        return Localised(self.powers, self.numerator * other.numerator, self.exponent + other.exponent)

    __rmul__ = __mul__


def largest(values: Iterable[Localised], parameters: int) -> Majorant:
    """Return a majorant of all numerators."""
    size, degrees = 0, [0] * parameters
    for value in values:
        size = max(size, value.numerator.size)
        degrees = list(map(max, degrees, value.numerator.degrees))
    return Majorant(size, tuple(degrees))

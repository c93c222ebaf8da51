"""Writing expanded polynomials in symbols as SymPy expressions, as SymPy would write them, without simplification.

Products of powers of symbols that are all different need none: only the order of factors and terms has to be SymPy's, so that the
results equal what SymPy builds itself. `Basic.compare` orders by class, then by the number of arguments, then argument by argument;
among numbers 1/2 and −1 are classes of their own. Keys that are sorted alike take a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cmp_to_key, lru_cache
from typing import final

import sympy

from .packed_polynomials import Term

_KEPT = 4096  # numbers

_HALF, _MINUS_ONE, _INTEGER, _RATIONAL, _NO_NUMBER = range(5)  # in SymPy's order


@final
class SymbolPowers:
    """The symbols among some generators in SymPy's order, and their powers, made once for all sums in them."""

    def __init__(self, generators: Sequence[sympy.Expr]) -> None:
        self._generators = generators
        numbers = [number for number, generator in enumerate(generators) if generator.is_Symbol]
        self.numbers = sorted(numbers, key=lambda number: cmp_to_key(sympy.Basic.compare)(generators[number]))
        self._known: dict[tuple[int, int], sympy.Expr] = {}

    def __call__(self, number: int, exponent: int) -> sympy.Expr:
        """Return a power with an exponent ≥ 1."""
        power = self._known.get((number, exponent))
        if power is None:
            power = self._known[number, exponent] = _power(self._generators[number], exponent)
        return power


def expanded_sum(terms: Sequence[Term], powers: SymbolPowers) -> sympy.Expr:
    """Return Σ numerator/denominator · Π symbols[generator]**exponent over different monomials."""
    columns = list(zip(*(monomial for monomial, _, _ in terms), strict=True))
    exponents = {number: sorted({*columns[number]} - {0}) for number in powers.numbers if number < len(columns)}
    # symbols come before powers, and powers are ordered by symbols first
    pairs = [(n, 1) for n, some in exponents.items() if 1 in some] + [(n, e) for n, some in exponents.items() for e in some if e != 1]
    factors = [powers(number, exponent) for number, exponent in pairs]
    ranks: dict[int, dict[int, int]] = {number: {} for number, some in exponents.items() if some}
    for rank, (number, exponent) in enumerate(pairs):
        ranks[number][exponent] = rank
    used, product = list(ranks.items()), sympy.Mul._from_args
    found: list[tuple[int, tuple[int, ...], list[int], sympy.Expr]] = []
    for monomial, numerator, denominator in terms:
        places = [rank[exponent] for number, rank in used if (exponent := monomial[number])]
        places.sort()
        parts = [factors[place] for place in places]
        if numerator == denominator and parts:  # 1
            found.append((len(parts), (_NO_NUMBER,), places, product(parts, True)))
        else:
            key, number = _number(numerator, denominator)
            found.append((len(parts) + 1, key, places, product([number, *parts], True)))
    found.sort()  # never compares products, as all monomials differ
    return sympy.Add._from_args([term for _, _, _, term in found], True)


def products(terms: Sequence[tuple[Sequence[tuple[int, int]], int, int]], generators: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """Return numerator/denominator · Π generators[number]**exponent, factors as (number, exponent), for generators of any kind.

    Functions may combine, exp x · exp y, which is SymPy's to do: once for all terms that have the same, to which different symbols are then
    multiplied.
    """

    @cache
    def power(factor: tuple[int, int]) -> sympy.Expr:
        return _power(generators[factor[0]], factor[1])

    groups: dict[tuple[tuple[int, int], ...], list[tuple[list[sympy.Expr], sympy.Rational]]] = {}
    for factors, numerator, denominator in terms:
        others = tuple(factor for factor in factors if not generators[factor[0]].is_Symbol)
        symbols = [power(factor) for factor in factors if generators[factor[0]].is_Symbol]
        groups.setdefault(others, []).append((symbols, sympy.Rational.from_coprime_ints(numerator, denominator)))
    joined = {others: sympy.Mul(*(generators[number] ** exponent for number, exponent in others)) for others in groups}
    parts = {others: (scale, sympy.Mul.make_args(rest)) for others, one in joined.items() for scale, rest in [one.as_coeff_Mul()]}
    kinds = {arg for _, args in parts.values() for arg in args} | {
        factor for group in groups.values() for symbols, _ in group for factor in symbols
    }
    ranks = {factor: rank for rank, factor in enumerate(sorted(kinds, key=cmp_to_key(sympy.Basic.compare)))}
    moving = {symbol for symbol in generators if symbol.is_Symbol}
    result = []
    for others, group in groups.items():
        scale, args = parts[others]
        apart = scale.is_Rational and all(arg.free_symbols and arg.as_base_exp()[0] not in moving for arg in args)
        for symbols, number in group:
            if not (apart and symbols):  # SymPy joins powers of one base, and multiplies numbers into a sum that stands alone
                result.append(sympy.Mul(number, joined[others], *symbols))
                continue
            coefficient = number * scale
            inside = sorted([*symbols, *args], key=ranks.__getitem__)
            result.append(sympy.Mul._from_args(inside if coefficient == 1 else [coefficient, *inside], True))
    return result


def _power(symbol: sympy.Symbol, exponent: int) -> sympy.Expr:
    # not symbol**exponent: SymPy asks for the assumptions of every new power, which is most of the time of a first call
    return symbol if exponent == 1 else sympy.Pow(symbol, sympy.Integer(exponent), evaluate=False)


@lru_cache(_KEPT)
def _number(numerator: int, denominator: int) -> tuple[tuple[int, ...], sympy.Rational]:
    """Return a rational number after what sorts it; few different ones make up most sums."""
    if denominator == 1:
        kind = _MINUS_ONE if numerator == -1 else _INTEGER
    else:
        kind = _HALF if (numerator, denominator) == (1, 2) else _RATIONAL
    return (kind, numerator, denominator), sympy.Rational.from_coprime_ints(numerator, denominator)

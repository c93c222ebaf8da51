"""Writing expanded polynomials in symbols as SymPy expressions, as SymPy would write them, without simplification.

Products of powers of symbols that are all different need none: only the order of factors and terms has to be SymPy's, so that the
results equal what SymPy builds itself. `Basic.compare` orders by class, then by the number of arguments, then argument by argument;
among numbers 1/2 and −1 are classes of their own. Keys that are sorted alike take a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cmp_to_key

import sympy

from .packed_polynomials import Term

_HALF, _MINUS_ONE, _INTEGER, _RATIONAL, _NO_NUMBER = range(5)  # in SymPy's order


def expanded_sum(terms: Sequence[Term], symbols: Sequence[sympy.Symbol]) -> sympy.Expr:
    """Return Σ numerator/denominator · Π symbols[generator]**exponent over different monomials."""
    exponents = [sorted(set(column) - {0}) for column in zip(*(monomial for monomial, _, _ in terms), strict=True)]
    used = [number for number, found in enumerate(exponents) if found]
    used.sort(key=lambda number: cmp_to_key(sympy.Basic.compare)(symbols[number]))
    # symbols come before powers, and powers are ordered by symbols first
    pairs = [(n, 1) for n in used if 1 in exponents[n]] + [(n, e) for n in used for e in exponents[n] if e != 1]
    factors = [_power(symbols[number], exponent) for number, exponent in pairs]
    ranks: list[dict[int, int]] = [{} for _ in exponents]
    for rank, (number, exponent) in enumerate(pairs):
        ranks[number][exponent] = rank
    rational, product = sympy.Rational.from_coprime_ints, sympy.Mul._from_args
    found: list[tuple[int, tuple[int, ...], list[int], sympy.Expr]] = []
    for monomial, numerator, denominator in terms:
        places = sorted([places[exponent] for places, exponent in zip(ranks, monomial, strict=True) if exponent])
        parts = [factors[place] for place in places]
        if numerator == denominator and parts:  # 1
            found.append((len(parts), (_NO_NUMBER,), places, product(parts, True)))
        else:
            parts.insert(0, rational(numerator, denominator))
            found.append((len(parts), _number_key(numerator, denominator), places, product(parts, True)))
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


def _number_key(numerator: int, denominator: int) -> tuple[int, ...]:
    if denominator == 1:
        return (_MINUS_ONE if numerator == -1 else _INTEGER, numerator, 1)
    return (_HALF if (numerator, denominator) == (1, 2) else _RATIONAL, numerator, denominator)

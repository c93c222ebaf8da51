"""Writing expanded polynomials in symbols as SymPy expressions, as SymPy would write them, without simplification.

Products of powers of symbols that are all different need none: only the order of factors and terms has to be SymPy's, so that the
results equal what SymPy builds itself. `Basic.compare` orders by class, then by the number of arguments, then argument by argument;
among numbers 1/2 and −1 are classes of their own. Keys that are sorted alike take a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key

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


def _power(symbol: sympy.Symbol, exponent: int) -> sympy.Expr:
    # not symbol**exponent: SymPy asks for the assumptions of every new power, which is most of the time of a first call
    return symbol if exponent == 1 else sympy.Pow(symbol, sympy.Integer(exponent), evaluate=False)


def _number_key(numerator: int, denominator: int) -> tuple[int, ...]:
    if denominator == 1:
        return (_MINUS_ONE if numerator == -1 else _INTEGER, numerator, 1)
    return (_HALF if (numerator, denominator) == (1, 2) else _RATIONAL, numerator, denominator)

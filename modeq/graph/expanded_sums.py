"""Writing expanded polynomials in symbols as SymPy expressions, as SymPy would write them, without simplification.

Products of powers of symbols that are all different need none: only the order of factors and terms has to be SymPy's, so that the
results equal what SymPy builds itself. `Basic.compare` orders by class, then by the number of arguments, then argument by argument;
among numbers 1/2 and −1 are classes of their own. Keys that are sorted alike take a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import TypeAlias

import sympy

from .packed_polynomials import Term

_Key: TypeAlias = tuple[int, int, int]

_HALF, _MINUS_ONE, _INTEGER, _RATIONAL, _SYMBOL, _POWER, _PRODUCT = range(7)  # in SymPy's order


def expanded_sum(terms: Sequence[Term], symbols: Sequence[sympy.Symbol]) -> sympy.Expr:
    """Return Σ numerator/denominator · Π symbols[generator]**exponent over different monomials."""
    used = {pair for monomial, _, _ in terms for pair in monomial}
    generators = sorted({number for number, _ in used}, key=lambda number: cmp_to_key(sympy.Basic.compare)(symbols[number]))
    place = {number: position for position, number in enumerate(generators)}
    # not symbol**exponent: SymPy asks for the assumptions of every new power, which is most of the time of a first call
    factors = {(n, e): ((_SYMBOL, place[n], 0) if e == 1 else (_POWER, place[n], e), _power(symbols[n], e)) for n, e in used}
    rational, product = sympy.Rational.from_coprime_ints, sympy.Mul._from_args
    found: list[tuple[tuple[_Key, ...], sympy.Expr]] = []
    for monomial, numerator, denominator in terms:
        parts = [factors[pair] for pair in monomial]
        if numerator != denominator or not parts:  # not 1
            parts.append((_number_key(numerator, denominator), rational(numerator, denominator)))
        if len(parts) == 1:
            ((key, factor),) = parts
            found.append(((key,), factor))
        else:
            parts.sort()  # keys differ
            keys, values = zip(*parts, strict=True)
            found.append((((_PRODUCT, len(parts), 0), *keys), product(values, True)))
    found.sort(key=lambda pair: pair[0])
    return sympy.Add._from_args([term for _, term in found], True)


def _power(symbol: sympy.Symbol, exponent: int) -> sympy.Expr:
    return symbol if exponent == 1 else sympy.Pow(symbol, sympy.Integer(exponent), evaluate=False)


def _number_key(numerator: int, denominator: int) -> _Key:
    if denominator == 1:
        return (_MINUS_ONE if numerator == -1 else _INTEGER, numerator, 1)
    return (_HALF if (numerator, denominator) == (1, 2) else _RATIONAL, numerator, denominator)

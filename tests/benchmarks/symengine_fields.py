"""The modified field of gradient descent in SymEngine, two ways, each a plain transcription of its formula.

`by_iterates` is the logarithm of the map, h f̃ = Σ (−1)^(k+1)/k Δᵏ x₀ over truncated power series in h. `by_derivatives`
solves exp(h f̃) = id + h f for the coefficients of f̃ with Lie derivatives (Hairer, Lubich, Wanner 2006, IX.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import symengine
import sympy

Column = list[Any]


class Series:
    """A power series in h as its coefficients, truncated after h^order, every coefficient expanded."""

    def __init__(self, coefficients: list[Any], order: int) -> None:
        self.order = order
        self.coefficients = (coefficients + [symengine.Integer(0)] * (order + 1))[: order + 1]

    def _of(self, other: Any) -> Series:
        return other if isinstance(other, Series) else Series([symengine.sympify(other)], self.order)

    def __add__(self, other: Any) -> Series:
        pairs = zip(self.coefficients, self._of(other).coefficients, strict=True)
        return Series([symengine.expand(a + b) for a, b in pairs], self.order)

    def __mul__(self, other: Any) -> Series:
        a, b = self.coefficients, self._of(other).coefficients
        return Series([symengine.expand(sum(a[i] * b[j - i] for i in range(j + 1))) for j in range(self.order + 1)], self.order)

    def __pow__(self, exponent: int) -> Series:
        return self if exponent == 1 else self * self ** (exponent - 1)

    def __neg__(self) -> Series:
        return self * -1

    def __sub__(self, other: Any) -> Series:
        return self + self._of(other) * -1

    def __rsub__(self, other: Any) -> Series:
        return self._of(other) - self

    __radd__, __rmul__ = __add__, __mul__

    def delayed(self) -> Series:
        """Multiply by h."""
        return Series([symengine.Integer(0), *self.coefficients], self.order)


def by_iterates(field: Callable[..., Column], symbols: Column, order: int) -> list[Column]:
    """Return f̃ as ``rows[j][i]``, the coefficient of h^j in component i; `field` is Python arithmetic."""
    x = [Series([symbol], order) for symbol in symbols]
    iterates = [x]
    for _ in range(order):
        x = [a + b.delayed() for a, b in zip(x, field(*x), strict=True)]
        iterates.append(x)
    rows: list[Column] = [[] for _ in range(order)]
    for component in range(len(symbols)):
        total = Series([], order)
        for k in range(1, order + 1):
            for n in range(k + 1):
                weight = symengine.Rational((-1) ** (k + 1) * (-1) ** (k - n) * math.comb(k, n), k)
                total = total + iterates[n][component] * weight
        for j in range(order):
            rows[j].append(total.coefficients[j + 1])
    return rows


def by_derivatives(f: Column, symbols: Column, order: int) -> list[Column]:
    """Return f̃ as ``rows[j][i]``, the coefficient of h^j in component i."""
    # powers[i][m][c]: coefficient of h^(m+i) in (h f̃·∇)^i x_c, filled as f̃_m becomes known
    rows: list[Column] = []
    powers: list[list[Column]] = [[] for _ in range(order + 1)]
    for m in range(order):
        known = list(f) if m == 0 else [symengine.Integer(0)] * len(f)
        for i in range(2, m + 2):
            level = [
                symengine.expand(
                    sum(rows[k][v] * powers[i - 1][m - i + 1 - k][c].diff(symbols[v]) for k in range(m - i + 2) for v in range(len(f)))
                )
                for c in range(len(f))
            ]
            powers[i].append(level)
            known = [a - b / math.factorial(i) for a, b in zip(known, level, strict=True)]
        rows.append([symengine.expand(entry) for entry in known])
        powers[1].append(rows[-1])
    return rows


def routes(expression: sympy.Expr, variables: tuple[sympy.Symbol, ...], order: int) -> dict[str, Callable[[], list[Column]]]:
    """Return both routes for f = −∇E as functions without arguments; what they prepare is not timed."""
    slope = [-sympy.expand(sympy.diff(expression, variable)) for variable in variables]
    field = sympy.lambdify(variables, slope, "math", cse=True)
    symbols = [symengine.Symbol(variable.name) for variable in variables]
    f = [symengine.sympify(entry) for entry in slope]
    return {
        "SymEngine, iterates": lambda: by_iterates(field, symbols, order),
        "SymEngine, Lie derivatives": lambda: by_derivatives(f, symbols, order),
    }

r"""Truncated Taylor series of arrays, as values of an algebra: a step of a method on them gives the derivatives of its map.

A value is a tuple of coefficients :math:`c_0 \dots c_K` of one variable, arrays of NumPy, None where they are 0. Functions obey
:math:`k\,y_k = \sum_{j=1}^k j\,u_j\,(\varphi'(u))_{k-j}`, quotients and powers the recurrences of `graph.taylor`.

Reference: A. Griewank, A. Walther, *Evaluating Derivatives* (2008), chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias, final

import numpy as np

from ..exact import Scalar, exact, to_sympy
from ..functions import DERIVATIVES
from .algebra import NumpyAlgebra, as_float

Coefficients: TypeAlias = tuple[Any, ...]


@final
class TaylorArrays:
    """The algebra of Taylor series of a degree.

    Parameters
    ----------
    degree
        Largest power K that is kept.
    base
        Algebra of the coefficients.

    Examples
    --------
    >>> series = TaylorArrays(2, NumpyAlgebra())
    >>> series.apply("exp", (0.0, 1.0, None))
    (np.float64(1.0), np.float64(1.0), np.float64(0.5))
    """

    def __init__(self, degree: int, base: NumpyAlgebra) -> None:
        self._degree, self._base = degree, base

    def constant(self, value: Scalar | int) -> Coefficients:
        """Return a number that does not move."""
        return (self._base.constant(value), *(None,) * self._degree)

    def add(self, a: Coefficients, b: Coefficients) -> Coefficients:
        """A + b."""
        return tuple(map(_plus, a, b))

    def subtract(self, a: Coefficients, b: Coefficients) -> Coefficients:
        """A − b."""
        return self.add(a, self.negate(b))

    def negate(self, a: Coefficients) -> Coefficients:
        """−a."""
        return tuple(None if x is None else -x for x in a)

    def multiply(self, a: Coefficients, b: Coefficients) -> Coefficients:
        """A · b, entry by entry."""
        return self._convolved(self._base.multiply, a, b)

    def matmul(self, a: Coefficients, b: Coefficients) -> Coefficients:
        """The product of matrices."""
        return self._convolved(self._base.matmul, a, b)  # type: ignore[attr-defined]  # an algebra of matrices has it

    def divide(self, a: Coefficients, b: Coefficients) -> Coefficients:
        """A / b, entry by entry."""
        own: list[Any] = []
        for k in range(len(a)):
            total = a[k]
            for j in range(1, k + 1):
                if b[j] is not None and own[k - j] is not None:
                    total = _plus(total, -(b[j] * own[k - j]))
            own.append(None if total is None else total / b[0])
        return tuple(own)

    def power(self, a: Coefficients, exponent: Scalar | int) -> Coefficients:
        """A ** exponent, entry by entry."""
        own = [self._base.power(a[0], exponent)]
        for k in range(1, len(a)):
            total = None
            for j in range(1, k + 1):  # u y' = a u' y
                if a[j] is not None and own[k - j] is not None:
                    weight = as_float(exact((to_sympy(Fraction(exponent) if isinstance(exponent, int) else exponent) * j - (k - j)) / k))
                    total = _plus(total, weight * (a[j] * own[k - j]))
            own.append(None if total is None else total / a[0])
        return tuple(own)

    def apply(self, function: str, a: Coefficients) -> Coefficients:
        """Apply a function entry by entry."""
        own: Coefficients = (self._base.apply(function, a[0]),)
        for k in range(1, len(a)):
            total = None
            if any(x is not None for x in a[1 : k + 1]):
                slope = DERIVATIVES[function](TaylorArrays(k - 1, self._base), a[:k], own)  # type: ignore[arg-type]  # series for numbers
                for j in range(1, k + 1):
                    if a[j] is not None and slope[k - j] is not None:  # type: ignore[index]
                        total = _plus(total, (j / k) * _product(a[j], slope[k - j]))  # type: ignore[index]
            own = (*own, total)
        return own

    def total(self, a: Coefficients) -> Coefficients:
        """The sum of all entries."""
        return tuple(None if x is None else self._base.total(x) for x in a)

    def transpose(self, a: Coefficients) -> Coefficients:
        """The transposed matrix."""
        return tuple(None if x is None else self._base.transpose(x) for x in a)  # type: ignore[attr-defined]  # as for matmul

    def _convolved(self, product: Callable[[Any, Any], Any], a: Coefficients, b: Coefficients) -> Coefficients:
        result = []
        for k in range(len(a)):
            total = None
            for j in range(k + 1):
                if a[j] is not None and b[k - j] is not None:
                    total = _plus(total, product(a[j], b[k - j]))
            result.append(total)
        return tuple(result)


def _product(change: Any, slope: Any) -> Any:
    """Multiply; what does not change at a branch point, such as √v of a parameter that never moves, stays."""
    return np.where(change == 0, 0.0, change * slope)


def _plus(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b

"""Elementary functions: their names, and the derivative of each, in one table for everything that differentiates.

A rule is written in the operations of whatever holds expressions, a graph or the program of an update: it takes that holder, the
argument u and the result y = φ(u), and gives φ′(u).

Quotients φ(x)/x with φ(0) = 0 are entire at 0 where the division is not, and so is each of their derivatives, which no finite set of
functions is closed under: ``sinc`` is sin(x)/x, ``exprel`` is (eˣ − 1)/x, ``log1prel`` is log(1 + x)/x, ``tanhrel``, ``atanrel`` and
``asinhrel`` are tanh(x)/x and so on, and ``sinc3`` is the third derivative of the first. The derivative of the highest, of order
`HIGHEST`, is again a division.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import factorial
from typing import Any, Protocol

import sympy

from .exact import Scalar


class Expressions(Protocol):
    """What holds expressions and refers to them by number."""

    def constant(self, value: Scalar | int) -> int:
        """Return an exact number."""

    def add(self, a: int, b: int) -> int:
        """A + b."""

    def subtract(self, a: int, b: int) -> int:
        """A − b."""

    def multiply(self, a: int, b: int) -> int:
        """A · b."""

    def divide(self, a: int, b: int) -> int:
        """A / b."""

    def negate(self, a: int) -> int:
        """−a."""

    def power(self, a: int, exponent: Scalar | int) -> int:
        """A ** exponent."""

    def apply(self, function: str, a: int) -> int:
        """Apply one of `FUNCTIONS`."""


Rule = Callable[[Any, int, int], int]


def _reciprocal(e: Expressions, a: int) -> int:
    return e.divide(e.constant(1), a)


def _square(e: Expressions, a: int) -> int:
    return e.multiply(a, a)


HIGHEST = 12
"""The order up to which derivatives of quotients φ(x)/x are known at 0."""

QUOTIENTS: Mapping[str, tuple[str, int]] = {
    f"{name}{n or ''}": (name, n) for name in ("sinc", "exprel", "log1prel", "tanhrel", "atanrel", "asinhrel") for n in range(HIGHEST + 1)
}
"""The quotient and the order of its derivative, by name."""


def _derivative_of_tanh(e: Any, u: int) -> int:
    """Write derivative number HIGHEST + 1 from the Taylor series of y″ = −2 y y′; the polynomial in y that it is would cancel."""
    c = [e.apply("tanh", u), _reciprocal(e, _square(e, e.apply("cosh", u)))]
    for k in range(1, HIGHEST + 1):
        total = e.constant(0)
        for i in range(k):
            total = e.add(total, e.multiply(e.constant(k - i), e.multiply(c[i], c[k - i])))
        c.append(e.multiply(e.constant(Fraction(-2, k * (k + 1))), total))
    return e.multiply(e.constant(factorial(HIGHEST + 1)), c[-1])


def _derivative_by_recursion(e: Any, u: int, w: int, factors: Callable[[int], tuple[Fraction, Fraction]]) -> int:
    """Write HIGHEST! times coefficient HIGHEST of the Taylor series of a function from w, that of order 0.

    (1 + x²) w_k = a x w_(k−1) + b w_(k−2), with the (a, b) that `factors` gives for k.
    """
    below, last = e.add(e.constant(1), _square(e, u)), e.constant(0)
    for k in range(1, HIGHEST + 1):
        a, b = (e.constant(factor) for factor in factors(k))
        w, last = e.divide(e.add(e.multiply(e.multiply(a, u), w), e.multiply(b, last)), below), w
    return e.multiply(e.constant(factorial(HIGHEST)), w)


def _derivative_of_atan(e: Any, u: int) -> int:
    slope = DERIVATIVES["atan"](e, u, u)
    return _derivative_by_recursion(e, u, slope, lambda k: (Fraction(-2), Fraction(-1)))


def _derivative_of_asinh(e: Any, u: int) -> int:
    slope = DERIVATIVES["asinh"](e, u, u)
    return _derivative_by_recursion(e, u, slope, lambda k: (Fraction(1 - 2 * k, k), Fraction(1 - k, k)))


# The derivatives of sin x, eˣ − 1, log(1 + x), tanh x, arctan x and arsinh x of order HIGHEST + 1.
_BEYOND: Mapping[str, Callable[[Any, int], int]] = {
    "sinc": lambda e, u: e.apply("cos", u),
    "exprel": lambda e, u: e.apply("exp", u),
    "tanhrel": _derivative_of_tanh,
    "atanrel": _derivative_of_atan,
    "asinhrel": _derivative_of_asinh,
    "log1prel": lambda e, u: e.divide(e.constant(factorial(HIGHEST)), e.power(e.add(e.constant(1), u), HIGHEST + 1)),
}


def _quotient_rule(name: str, n: int) -> Rule:
    """Differentiate x y⁽ⁿ⁾ + n y⁽ⁿ⁻¹⁾ = φ⁽ⁿ⁾ where the next derivative has no name."""
    if n < HIGHEST:
        return lambda e, u, y: e.apply(f"{name}{n + 1}", u)
    return lambda e, u, y: e.divide(e.subtract(_BEYOND[name](e, u), e.multiply(e.constant(HIGHEST + 1), y)), u)


DERIVATIVES: Mapping[str, Rule] = {
    "exp": lambda e, u, y: y,
    "log": lambda e, u, y: _reciprocal(e, u),
    "sqrt": lambda e, u, y: e.divide(e.constant(Fraction(1, 2)), y),
    "sin": lambda e, u, y: e.apply("cos", u),
    "cos": lambda e, u, y: e.negate(e.apply("sin", u)),
    "tan": lambda e, u, y: e.add(e.constant(1), _square(e, y)),
    "sinh": lambda e, u, y: e.apply("cosh", u),
    "cosh": lambda e, u, y: e.apply("sinh", u),
    "tanh": lambda e, u, y: e.subtract(e.constant(1), _square(e, y)),
    "asin": lambda e, u, y: _reciprocal(e, e.apply("sqrt", e.subtract(e.constant(1), _square(e, u)))),
    "acos": lambda e, u, y: e.negate(_reciprocal(e, e.apply("sqrt", e.subtract(e.constant(1), _square(e, u))))),
    "atan": lambda e, u, y: _reciprocal(e, e.add(e.constant(1), _square(e, u))),
    "asinh": lambda e, u, y: _reciprocal(e, e.apply("sqrt", e.add(e.constant(1), _square(e, u)))),
    "acosh": lambda e, u, y: _reciprocal(
        e, e.multiply(e.apply("sqrt", e.subtract(u, e.constant(1))), e.apply("sqrt", e.add(u, e.constant(1))))
    ),
    "atanh": lambda e, u, y: _reciprocal(e, e.subtract(e.constant(1), _square(e, u))),
    "log1p": lambda e, u, y: _reciprocal(e, e.add(e.constant(1), u)),
    "expm1": lambda e, u, y: e.add(e.constant(1), y),
    "sigmoid": lambda e, u, y: e.multiply(y, e.subtract(e.constant(1), y)),
    "softplus": lambda e, u, y: e.apply("sigmoid", u),
    "erf": lambda e, u, y: e.multiply(e.constant(2 / sympy.sqrt(sympy.pi)), e.apply("exp", e.negate(_square(e, u)))),
    **{name: _quotient_rule(*quotient) for name, quotient in QUOTIENTS.items()},
}
FUNCTIONS = frozenset(DERIVATIVES)

"""Elementary functions: their names, and the derivative of each, in one table for everything that differentiates.

A rule is written in the operations of whatever holds expressions, a graph or the program of an update: it takes that holder, the
argument u and the result y = φ(u), and gives φ′(u).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
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
}
FUNCTIONS = frozenset(DERIVATIVES)

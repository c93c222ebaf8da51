"""What steps of methods and expression graphs are computed with: the operations of an algebra."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from .exact import Scalar

T = TypeVar("T")


class Algebra(Protocol[T]):
    """The operations that steps and graphs are made of; a value is a whole vector of Rᵈ, or one number for all its entries.

    The algebras of `modeq.graph.algebra` are of this kind: numbers and arrays, SymPy expressions, graphs.
    """

    def constant(self, value: Scalar | int) -> T:
        """Convert an exact number."""

    def add(self, a: T, b: T) -> T:
        """A + b."""

    def subtract(self, a: T, b: T) -> T:
        """A − b."""

    def multiply(self, a: T, b: T) -> T:
        """A · b, entry by entry."""

    def divide(self, a: T, b: T) -> T:
        """A / b, entry by entry."""

    def negate(self, a: T) -> T:
        """−a."""

    def power(self, a: T, exponent: Scalar | int) -> T:
        """A ** exponent, entry by entry."""

    def apply(self, function: str, a: T) -> T:
        """Apply a function of `graph.FUNCTIONS`, entry by entry."""


class Arithmetic:
    """Python's operators, for values that have them."""

    def add(self, a: Any, b: Any) -> Any:
        """A + b."""
        return a + b

    def subtract(self, a: Any, b: Any) -> Any:
        """A − b."""
        return a - b

    def multiply(self, a: Any, b: Any) -> Any:
        """A · b."""
        return a * b

    def divide(self, a: Any, b: Any) -> Any:
        """A / b."""
        return a / b

    def negate(self, a: Any) -> Any:
        """−a."""
        return -a

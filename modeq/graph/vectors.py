"""Vectors over any algebra: d values each, or one value that stands for all entries."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Generic, TypeAlias, TypeVar, final

from ..arithmetic import Algebra
from ..exact import Scalar

T = TypeVar("T")
Vector: TypeAlias = tuple[T, ...]


@final
class Componentwise(Generic[T]):
    """The algebra of vectors with entries in another algebra: what a step of a method is computed with on a graph.

    Examples
    --------
    >>> from modeq.graph.algebra import SympyAlgebra
    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> vectors = Componentwise(SympyAlgebra())
    >>> vectors.add((x, y), vectors.constant(1))
    (x + 1, y + 1)
    """

    def __init__(self, base: Algebra[T]) -> None:
        self._base = base

    def constant(self, value: Scalar | int) -> Vector[T]:
        """Return one number for all entries."""
        return (self._base.constant(value),)

    def add(self, a: Vector[T], b: Vector[T]) -> Vector[T]:
        """A + b."""
        return self._both(self._base.add, a, b)

    def subtract(self, a: Vector[T], b: Vector[T]) -> Vector[T]:
        """A − b."""
        return self._both(self._base.subtract, a, b)

    def multiply(self, a: Vector[T], b: Vector[T]) -> Vector[T]:
        """A · b, entry by entry."""
        return self._both(self._base.multiply, a, b)

    def divide(self, a: Vector[T], b: Vector[T]) -> Vector[T]:
        """A / b, entry by entry."""
        return self._both(self._base.divide, a, b)

    def negate(self, a: Vector[T]) -> Vector[T]:
        """−a."""
        return tuple(map(self._base.negate, a))

    def power(self, a: Vector[T], exponent: Scalar | int) -> Vector[T]:
        """A ** exponent, entry by entry."""
        return tuple(self._base.power(x, exponent) for x in a)

    def apply(self, function: str, a: Vector[T]) -> Vector[T]:
        """Apply a function of the graph entry by entry."""
        return tuple(self._base.apply(function, x) for x in a)

    def total(self, a: Vector[T]) -> Vector[T]:
        """Return the sum of the entries, one number."""
        return (reduce(self._base.add, a),)

    def _both(self, operation: Callable[[T, T], T], a: Vector[T], b: Vector[T]) -> Vector[T]:
        if len(a) == 1 < len(b):
            a = a * len(b)
        elif len(b) == 1 < len(a):
            b = b * len(a)
        return tuple(operation(x, y) for x, y in zip(a, b, strict=True))

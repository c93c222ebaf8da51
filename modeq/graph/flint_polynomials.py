"""The ring of polynomials of FLINT, through python-flint, which is optional: the extra `fast`.

Reference: The FLINT team, *FLINT: Fast Library for Number Theory*, https://flintlib.org; its sparse multivariate polynomials follow
M. Monagan, R. Pearce, Sparse polynomial division using a heap, J. Symb. Comput. 46 (2011) 807–822, doi:10.1016/j.jsc.2010.08.014.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from operator import add, mul, sub
from typing import Any, final

from flint import Ordering, fmpq, fmpq_mpoly_ctx
from flint.utils.flint_exceptions import IncompatibleContextError

from .packed_polynomials import Term


@final
class FlintRing:
    """Polynomials over the rationals in FLINT, whose number of generators is fixed: it is doubled when more are added.

    Polynomials from before stay valid; they are brought to the larger ring where they meet one of it.
    """

    def __init__(self) -> None:
        self._count = 0
        self._context: Any = None
        self._room(0)

    def _room(self, count: int) -> None:
        self._context = fmpq_mpoly_ctx.get([f"x{number}" for number in range(count)], Ordering.lex)

    def generators(self, count: int) -> list[Any]:
        """Add generators; those that are added together first leave no room for others, which would cost time."""
        first, self._count = self._count, self._count + count
        if self._count > self._context.nvars():
            self._room(max(self._count, 2 * first))
        return [self._context.gen(number) for number in range(first, self._count)]

    def constant(self, value: Fraction | int) -> Any:
        """Convert a number; FLINT takes no `Fraction`."""
        return self._context.constant(fmpq(value.numerator, value.denominator))

    def add(self, a: Any, b: Any) -> Any:
        """A + b."""
        return self._combine(add, a, b)

    def subtract(self, a: Any, b: Any) -> Any:
        """A − b."""
        return self._combine(sub, a, b)

    def multiply(self, a: Any, b: Any) -> Any:
        """A · b."""
        return self._combine(mul, a, b)

    def _combine(self, operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        try:
            return operation(a, b)
        except IncompatibleContextError:
            return operation(a.project_to_context(self._context), b.project_to_context(self._context))

    def negate(self, a: Any) -> Any:
        """−a."""
        return -a

    def terms(self, a: Any) -> list[Term]:
        """List the terms, coefficients in lowest terms."""
        return [(exponents, int(c.p), int(c.q)) for exponents, c in zip(a.monoms(), a.coeffs(), strict=True)]

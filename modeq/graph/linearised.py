"""Numbers that remember how they were computed, to first order: a map is run once, and its derivative applied to many directions.

A value is (value, place), the place being where the tape has what its change is made of; None for what does not change. One product with
the derivative then costs a pass over the tape, without the functions of the map and without their slopes.

Reference: A. Griewank, A. Walther, *Evaluating Derivatives* (2008), chapter 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, final

import numpy as np

from ..exact import Scalar
from ..functions import DERIVATIVES
from .algebra import NumpyAlgebra, as_float

Known: TypeAlias = tuple[Any, int | None]
_Change: TypeAlias = Callable[[list[Any]], Any]


@final
class Linearised:
    """The algebra of such numbers.

    Parameters
    ----------
    base
        Algebra of the values.

    Examples
    --------
    >>> import numpy as np
    >>> tape = Linearised(NumpyAlgebra())
    >>> x, y = tape.variable(np.array([2.0])), tape.variable(np.array([3.0]))
    >>> tape.change(tape.multiply(x, y), [np.array([1.0]), np.array([10.0])])  # y dx + x dy
    array([23.])
    """

    def __init__(self, base: NumpyAlgebra) -> None:
        self._base = base
        self._variables = 0
        self._tape: list[_Change] = []

    def variable(self, value: Any) -> Known:
        """Return a value whose change is given; all variables come before anything is computed from them."""
        self._variables += 1
        return value, self._variables - 1

    def constant(self, value: Scalar | int) -> Known:
        """Return a number that does not change."""
        return self._base.constant(value), None

    def through(self, value: Any, a: Known, change: Callable[[Any], Any]) -> Known:
        """Return the value of a function of one argument with the given derivative."""
        place = a[1]
        return self._kept(value, None if place is None else lambda known: change(known[place]))

    def add(self, a: Known, b: Known) -> Known:
        """A + b."""
        return self._sum(a[0] + b[0], a[1], b[1], lambda x: x, lambda y: y)

    def subtract(self, a: Known, b: Known) -> Known:
        """A − b."""
        return self._sum(a[0] - b[0], a[1], b[1], lambda x: x, lambda y: -y)

    def negate(self, a: Known) -> Known:
        """−a."""
        return self.through(-a[0], a, lambda x: -x)

    def multiply(self, a: Known, b: Known) -> Known:
        """A · b, entry by entry."""
        left, right = a[0], b[0]
        return self._sum(self._base.multiply(left, right), a[1], b[1], lambda x: x * right, lambda y: left * y)

    def divide(self, a: Known, b: Known) -> Known:
        """A / b, entry by entry."""
        quotient, inverse = a[0] / b[0], 1 / np.asarray(b[0])
        slope = -quotient * inverse
        return self._sum(quotient, a[1], b[1], lambda x: x * inverse, lambda y: slope * y)

    def power(self, a: Known, exponent: Scalar | int) -> Known:
        """A ** exponent, entry by entry."""
        value = self._base.power(a[0], exponent)
        slope = as_float(exponent) * value / a[0] if a[1] is not None else None
        return self.through(value, a, lambda x: slope * x)

    def apply(self, function: str, a: Known) -> Known:
        """Apply a function entry by entry; what does not change at a branch point stays."""
        value = self._base.apply(function, a[0])
        slope: Any = DERIVATIVES[function](self._base, a[0], value) if a[1] is not None else None
        return self.through(value, a, lambda x: np.where(x == 0, 0.0, slope * x))

    def total(self, a: Known) -> Known:
        """The sum of all entries."""
        return self.through(self._base.total(a[0]), a, self._base.total)

    def change(self, result: Known, directions: Sequence[Any]) -> Any:
        """Return the change of a result, or None, along one direction, which has a part for each variable."""
        return self.changes([result], directions)[0]

    def changes(self, results: Sequence[Known], directions: Sequence[Any]) -> list[Any]:
        """Return the changes of several results along one direction."""
        known = list(directions)
        for step in self._tape:
            known.append(step(known))
        return [None if place is None else known[place] for _, place in results]

    def _sum(self, value: Any, left: int | None, right: int | None, first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Known:
        if left is None or right is None:
            return self.through(value, (None, right), second) if left is None else self.through(value, (None, left), first)
        return self._kept(value, lambda known: first(known[left]) + second(known[right]))

    def _kept(self, value: Any, change: _Change | None) -> Known:
        if change is None:
            return value, None
        self._tape.append(change)
        return value, self._variables + len(self._tape) - 1

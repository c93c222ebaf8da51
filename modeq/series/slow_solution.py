r"""The slow solution of a smooth update, as power series in h whose coefficients are polynomials in the number of the step.

Every quantity q of the update, followed along the slow solution, is :math:`q(n) = \sum_j h^j q_j(n)` with polynomials
:math:`q_j` of degree ≤ j, kept by their values at n = 0 … p. Sums, products, quotients, functions and the field act point by point in n,
by Taylor arithmetic in h. A memory y⁺ = λy + F solves :math:`(\Delta + 1 - \lambda) y_j = F_j`, from the highest difference down:

.. math::  (1-\lambda)\,\Delta^k y_j(0) = \Delta^k F_j(0) - \Delta^{k+1} y_j(0),

and θ is a running sum with θ(0) given. The modified field is :math:`\tilde f = \frac1h \frac{d\theta}{dn}` at n = 0. Powers βⁿ of bias
corrections have died out on the slow solution. It works over every algebra: numbers, arrays, and vector expressions.

A memory whose 1 − λ is of the size of h, 1 − λ = c h, may be kept as a coordinate beside θ: its increments c h (F/(1 − λ) − y) are one
power of h higher, and it is a running sum with y(0) given.

Reference: M. D. Cattaneo, J. M. Klusowski, B. Shigida, On the implicit bias of Adam, ICML 2024, arXiv 2309.00079, for order 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, final

import sympy

from ..arithmetic import Algebra
from ..exact import Scalar, exact, to_sympy
from ..functions import DERIVATIVES, FUNCTIONS
from ..methods.recurrences import Recurrences
from ..methods.smooth_update import SmoothUpdate
from ..sizes import KEPT_RESULTS

T = TypeVar("T")
Values: TypeAlias = list[Any]  # of a polynomial in n, at n = 0 … p; None is a structural zero


class FieldSeries(Protocol[T]):
    """A field along one path of points, a power series in h."""

    def extend(self, coefficient: T | None) -> T | None:
        """Take the next coefficient of the path and return that of the field."""


@final
class SlowSolution(Generic[T]):
    """Coefficients of everything in an update along its slow solution.

    Parameters
    ----------
    method
        The update.
    parts
        Its recurrences.
    algebra
        Where coefficients live.
    new_series
        Starts the series of the field of a colour.
    theta
        The point θ(0).
    order
        Largest power p of h.
    kept
        For the number of each memory that is a coordinate: its value y(0), and c.
    rates
        1, c₁, c₂, … of a schedule h(1 + c₁hn + c₂h²n² + …) of step sizes.
    """

    def __init__(
        self,
        method: SmoothUpdate,
        parts: Recurrences,
        algebra: Algebra[T],
        new_series: Callable[[int], FieldSeries[T]],
        theta: T,
        order: int,
        kept: Mapping[int, tuple[T, Scalar]] | None = None,
        rates: Sequence[Scalar] = (Fraction(1),),
    ) -> None:
        self._rates = rates
        self._kept = dict(kept or {})
        self._new = {method.program.outputs[number]: number for number in self._kept}
        self._method, self._parts, self._algebra, self._theta, self._order = method, parts, algebra, theta, order
        self._new_series = new_series
        self._known: dict[tuple[int, int], Values] = {}
        self._fields: dict[tuple[int, int], FieldSeries[T]] = {}
        self._slopes: dict[int, int] = {}
        self._states: dict[tuple[int, int], Values] = {}
        self._solving: set[tuple[int, int]] = set()
        self._numbers: dict[Scalar, T] = {}
        self._powers: dict[int, int] = {}

    def modified_field(self, number: int = 0) -> list[T | None]:
        """Return the coefficients of h⁰ … h^(p−1) of f̃, for θ or for a memory that is a coordinate."""
        return [self._combination(_derivative(j + 1), self.state(number, j + 1)) for j in range(self._order)]

    def start(self, number: int) -> list[T | None]:
        """Return the coefficients of h⁰ … h^(p−1) of a memory at n = 0."""
        return [self.state(number, j)[0] for j in range(self._order)]

    def state(self, number: int, j: int) -> Values:
        """Return the values of coefficient j of a state."""
        key = (number, j)
        if key not in self._states:
            if key in self._solving:
                raise ValueError(self._circular(number))
            self._solving.add(key)
            self._states[key] = self._running_sum(number, j) if number == 0 or number in self._kept else self._memory(number, j)
            self._solving.discard(key)
        return self._states[key]

    def _circular(self, number: int) -> str:
        name = self._method.state_names[number]
        what = (
            "θ moves by what shows no factor h; write it as θ + h·(…)"
            if number == 0
            else f"its memory {name} comes back to itself in a way that is not linear"
        )
        return (
            f"{self._method.name} has no modified equation: {what}; its flows are 'map', 'map2' and 'two-step', which carry the whole state"
        )

    def _running_sum(self, number: int, j: int) -> Values:
        if j == 0:
            return [self._theta if number == 0 else self._kept[number][0]] * (self._order + 1)
        moved = self._increment(number, j) if number else self.coefficient(self._parts.driving[0], j)
        total: list[T | None] = [None]
        for value in moved[:-1]:
            total.append(self._sum(total[-1], value))
        return total

    def _increment(self, number: int, j: int) -> Values:
        """Return coefficient j of c h (F/(1 − λ) − y) for a memory that is a coordinate."""
        if j == 0:
            return [None] * (self._order + 1)
        rate, share = self._kept[number][1], exact(1 / (1 - to_sympy(self._parts.factors[number])))
        pairs = zip(self.coefficient(self._parts.driving[number], j - 1), self.state(number, j - 1), strict=True)
        return [self._scaled(rate, self._sum(self._scaled(share, forcing), self._negative(value))) for forcing, value in pairs]

    def _memory(self, number: int, j: int) -> Values:
        driving = self.coefficient(self._parts.driving[number], j)
        if all(value is None for value in driving):
            return driving
        rows = _solution(self._parts.factors[number], j, self._order)
        return [self._combination(row, driving) for row in rows]

    def coefficient(self, place: int, j: int) -> Values:
        """Return the values at n = 0 … p of coefficient j of an instruction's result."""
        key = (place, j)
        if place in self._new:
            number = self._new[place]
            return [self._sum(a, b) for a, b in zip(self.state(number, j), self._increment(number, j), strict=True)]
        if key not in self._known:
            self._known[key] = [None] * (self._order + 1) if j < self._lowest(place) else self._computed(place, j)
        return self._known[key]

    def _lowest(self, place: int) -> int:
        """Return a power of h below which the coefficients of a result are known to be 0."""
        if place not in self._powers:
            instruction = self._parts.builder.instructions[place]
            below = [self._lowest(argument) for argument in instruction.arguments]
            match instruction.op:
                case "h":
                    power = 1
                case "add" | "subtract" | "maximum" | "minimum":
                    power = min(below)
                case "multiply" | "matmul":
                    power = sum(below)
                case "negate" | "total" | "transpose" | "divide":
                    power = below[0]
                case _:
                    power = 0
            self._powers[place] = power
        return self._powers[place]

    def _computed(self, place: int, j: int) -> Values:
        instruction, count = self._parts.builder.instructions[place], self._order + 1
        arguments = instruction.arguments
        match instruction.op:
            case "state":
                return self.state(instruction.value, j)
            case "h":
                rate = self._rates[j - 1] if 1 <= j <= len(self._rates) else 0
                return [self._number(rate * n ** (j - 1)) if rate != 0 and n ** (j - 1) else None for n in range(count)]
            case "number":
                return [self._number(instruction.value) if j == 0 and instruction.value != 0 else None] * count
            case "geometric":
                return [None] * count  # has died out
            case "n":
                raise ValueError(
                    f"the update of {self._method.name} depends on the number n of the step in a way that does not die out, so it has no "
                    "modified equation; give h as a schedule instead, or take 'map'"
                )
            case "field":
                return self._field(place, instruction.value, arguments[0], j)
            case "add":
                return self._each(self._sum, arguments, j)
            case "subtract":
                return self._each(lambda a, b: self._sum(a, self._negative(b)), arguments, j)
            case "negate" | "total" | "transpose" as op:
                act = getattr(self._algebra, op)
                return [None if value is None else act(value) for value in self.coefficient(arguments[0], j)]
            case "multiply" | "matmul" as op:
                return [self._convolution(op, arguments, j, n) for n in range(count)]
            case "divide":
                return [self._quotient(place, arguments, j, n) for n in range(count)]
            case "power":
                return [self._power(place, arguments[0], instruction.value, j, n) for n in range(count)]
            case op if op in FUNCTIONS:
                return [self._function(place, op, arguments[0], j, n) for n in range(count)]
        raise ValueError(f"{self._method.name} uses {instruction.op}, which is not smooth; it has no modified equation")

    def _each(self, operation: Callable[[Any, Any], Any], arguments: Sequence[int], j: int) -> Values:
        pairs = zip(self.coefficient(arguments[0], j), self.coefficient(arguments[1], j), strict=True)
        return [operation(a, b) for a, b in pairs]

    def _field(self, place: int, colour: int, point: int, j: int) -> Values:
        if j > 0:
            self.coefficient(place, j - 1)  # a series grows from degree to degree
        result = []
        for n, value in enumerate(self.coefficient(point, j)):
            if j == 0:
                self._fields[place, n] = self._new_series(colour)
            result.append(self._fields[place, n].extend(value))
        return result

    def _convolution(self, op: str, arguments: Sequence[int], j: int, n: int) -> Any:
        a, b = arguments
        total = None
        for i in range(self._lowest(a), j - self._lowest(b) + 1):
            left, right = self.coefficient(a, i)[n], self.coefficient(b, j - i)[n]
            if left is not None and right is not None:
                total = self._sum(total, getattr(self._algebra, op)(left, right))
        return total

    def _quotient(self, place: int, arguments: Sequence[int], j: int, n: int) -> Any:
        above, below = arguments
        total = self.coefficient(above, j)[n]
        for i in range(1, j - self._lowest(place) + 1):
            total = self._sum(total, self._negative(self._product(self.coefficient(below, i)[n], self.coefficient(place, j - i)[n])))
        return None if total is None else self._algebra.divide(total, self._leading(below, n))

    def _power(self, place: int, base: int, exponent: Scalar, j: int, n: int) -> Any:
        if j == 0:
            return self._algebra.power(self._leading(base, n), exponent)
        total = None
        for i in range(1, j + 1):  # u y' = a u' y
            weight = exact((to_sympy(exponent) * i - (j - i)) / j)
            total = self._sum(total, self._scaled(weight, self._product(self.coefficient(base, i)[n], self.coefficient(place, j - i)[n])))
        return None if total is None else self._algebra.divide(total, self._leading(base, n))

    def _function(self, place: int, name: str, argument: int, j: int, n: int) -> Any:
        if j == 0:
            return self._algebra.apply(name, self._leading(argument, n))
        if place not in self._slopes:
            self._slopes[place] = DERIVATIVES[name](self._parts.builder, argument, place)
        slope, total = self._slopes[place], None
        for i in range(1, j + 1):  # j y_j = Σ i u_i φ'(u)_(j−i)
            change = self.coefficient(argument, i)[n]
            if change is not None:
                total = self._sum(total, self._scaled(Fraction(i, j), self._product(change, self.coefficient(slope, j - i)[n])))
        return total

    def _leading(self, place: int, n: int) -> Any:
        value = self.coefficient(place, 0)[n]
        return self._number(Fraction(0)) if value is None else value

    def _number(self, value: Scalar) -> Any:
        if value not in self._numbers:
            self._numbers[value] = self._algebra.constant(value)
        return self._numbers[value]

    def _combination(self, weights: Sequence[Scalar], values: Values) -> Any:
        total = None
        for weight, value in zip(weights, values, strict=False):  # the values beyond the degree say nothing new
            if weight != 0:
                total = self._sum(total, self._scaled(weight, value))
        return total

    def _sum(self, a: Any, b: Any) -> Any:
        return b if a is None else a if b is None else self._algebra.add(a, b)

    def _negative(self, a: Any) -> Any:
        return None if a is None else self._algebra.negate(a)

    def _product(self, a: Any, b: Any) -> Any:
        return None if a is None or b is None else self._algebra.multiply(a, b)

    def _scaled(self, factor: Scalar, a: Any) -> Any:
        return a if a is None or factor == 1 else self._algebra.multiply(self._number(factor), a)


def _differences(n: int, degree: int) -> list[int]:
    """Return what the value at n contributes to Δ⁰ … Δ^degree at 0."""
    return [(-1) ** (k - n) * math.comb(k, n) if k >= n else 0 for k in range(degree + 1)]


@cache
def _derivative(degree: int) -> list[Fraction]:
    """Return the weights of the values at n = 0 … degree in the derivative at 0: Σ (−1)^(k+1)/k Δᵏ."""
    return [
        sum((Fraction((-1) ** (k + 1), k) * _differences(n, degree)[k] for k in range(1, degree + 1)), Fraction(0))
        for n in range(degree + 1)
    ]


@lru_cache(KEPT_RESULTS)
def _solution(factor: Scalar, degree: int, order: int) -> list[list[Scalar]]:
    """Return the matrix from values of F at n = 0 … degree to those at 0 … order of the polynomial y with y(n + 1) = λ y(n) + F(n).

    Differences above the degree are 0 and must not be computed from rounded values: each division by 1 − λ magnifies them.
    """
    size, gap = degree + 1, 1 - to_sympy(factor)
    into = [_differences(n, degree) for n in range(size)]  # into[n][k]
    solved: list[list[Any]] = [[0] * size for _ in range(size + 1)]  # solved[k][n]: Δᵏ y from the value of F at n
    for k in reversed(range(size)):
        solved[k] = [sympy.cancel((into[n][k] - solved[k + 1][n]) / gap) for n in range(size)]
    return [[exact(sum(math.comb(m, k) * solved[k][n] for k in range(size))) for n in range(size)] for m in range(order + 1)]

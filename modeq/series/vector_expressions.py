r"""Vector expressions without coordinates: ∇E, ∇²E[·], ∇³E[·,·], functions and products entry by entry.

Products entry by entry commute, so a vector is a SymPy symbol and everything else a SymPy expression. ``D(θ, v, w)`` stands for
∇³E[v, w] at θ, linear in v and w and symmetric, ``total(v)`` for the sum of the entries of v, one number. ∇E itself is the real symbol
`GRADIENT`, its modulus entry by entry the positive symbol `MODULUS`, so that √(∇E²) is simple; even powers of ∇E are those of its modulus.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, final

import sympy

from ..exact import Scalar, to_sympy

POINT = sympy.Symbol("θ", real=True)
GRADIENT = sympy.Symbol("∇E", real=True)
MODULUS = sympy.Symbol("|∇E|", positive=True)
NORM = sympy.Symbol("‖∇E‖", positive=True)
ROOT = sympy.Symbol("R", positive=True)


class Memory(sympy.Symbol):  # type: ignore[misc]  # SymPy has no types
    """A memory that is a coordinate beside θ, a vector."""


D, total = sympy.Function("D"), sympy.Function("total")


@final
class VectorExpressions:
    """The algebra of vector expressions."""

    def constant(self, value: Scalar | int) -> sympy.Expr:
        """Return a number for all entries."""
        return to_sympy(Fraction(value) if isinstance(value, int) else value)

    def add(self, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
        """A + b."""
        return collected(a + b)

    def subtract(self, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
        """A − b."""
        return collected(a - b)

    def multiply(self, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
        """A · b, entry by entry."""
        return collected(a * b)

    def divide(self, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
        """A / b, entry by entry."""
        return collected(a / b)

    def negate(self, a: sympy.Expr) -> sympy.Expr:
        """−a."""
        return -a

    def power(self, a: sympy.Expr, exponent: Scalar | int) -> sympy.Expr:
        """A ** exponent, entry by entry."""
        return collected(a ** self.constant(exponent))

    def apply(self, function: str, a: sympy.Expr) -> sympy.Expr:
        """Apply a function entry by entry."""
        known = {"sigmoid": lambda x: 1 / (1 + sympy.exp(-x)), "softplus": lambda x: sympy.log(1 + sympy.exp(x))}
        known |= {"log1p": lambda x: sympy.log(1 + x), "expm1": lambda x: sympy.exp(x) - 1}
        return collected(known[function](a) if function in known else getattr(sympy, function)(a))

    def total(self, a: sympy.Expr) -> sympy.Expr:
        """Return the sum of the entries; that of ∇E² is ‖∇E‖²."""
        return _linear(lambda v: NORM**2 if v == MODULUS**2 else total(v), [a])

    def matmul(self, a: Any, b: Any) -> Any:
        """Refuse: matrices have no formula of this kind."""
        raise ValueError("an update with products of matrices has no formula entry by entry; put the equation on a loss")

    transpose = matmul


def terms(expression: sympy.Expr) -> dict[sympy.Expr, sympy.Expr]:
    """Return Σ coefficient · body as {body: coefficient}: bodies have entries, coefficients are numbers, cancelled; like terms are one."""
    found: dict[sympy.Expr, list[sympy.Expr]] = {}
    for term in _spread(_with_even_powers(expression)):
        numbers: list[sympy.Expr] = []
        vectors: list[sympy.Expr] = []
        for factor in sympy.Mul.make_args(_with_even_powers(term)):
            (vectors if is_vector(factor) else numbers).append(factor)
        found.setdefault(sympy.Mul(*vectors), []).append(sympy.Mul(*numbers))
    sums = {
        body: sympy.factor(sympy.Add(*weights)) if len(weights) > 1 or not weights[0].is_number else weights[0]
        for body, weights in found.items()
    }
    return {body: weight for body, weight in sums.items() if weight != 0}


def collected(expression: sympy.Expr) -> sympy.Expr:
    """Write an expression with like terms as one."""
    return sympy.Add(*(weight * body for body, weight in terms(expression).items()))


def _with_even_powers(expression: sympy.Expr) -> sympy.Expr:
    """Write even powers of ∇E as those of its modulus."""

    def put(power: sympy.Pow) -> sympy.Expr:
        odd = power.exp % 2
        return MODULUS ** (power.exp - odd) * GRADIENT**odd

    return expression.replace(lambda e: e.is_Pow and e.base == GRADIENT and e.exp.is_Integer and e.exp != 1, put)


def is_vector(expression: sympy.Expr) -> bool:
    """Whether a factor has entries; totals and parameters are numbers."""
    if expression.func is total or expression == NORM:
        return False
    if expression in (POINT, GRADIENT, MODULUS, ROOT) or expression.func in (D, Memory):
        return True
    return any(map(is_vector, expression.args))


def _linear(make: Any, arguments: Sequence[sympy.Expr]) -> sympy.Expr:
    """Apply a multilinear function: sums are taken apart, numbers pulled out."""
    parts = [[(weight, body) for body, weight in terms(argument).items()] for argument in arguments]
    sums: list[tuple[sympy.Expr, list[sympy.Expr]]] = [(sympy.Integer(1), [])]
    for pieces in parts:
        sums = [(weight * w, [*bodies, body]) for weight, bodies in sums for w, body in pieces if w != 0]
    result = [weight * make(*bodies) for weight, bodies in sums]
    return sympy.Add(*result)


@final
class FieldOfLoss:
    """f = −∇E along a path θ₀ + h θ₁ + …, by the multilinear chain rule; see `slow_solution.FieldSeries`."""

    def __init__(self) -> None:
        self._path: list[sympy.Expr | None] = []

    def extend(self, coefficient: sympy.Expr | None) -> sympy.Expr | None:
        """Take the next coefficient of the path and return that of the field."""
        self._path.append(coefficient)
        degree = len(self._path) - 1
        point = self._path[0]
        if degree == 0:
            return -GRADIENT if point == POINT else -D(point)
        total_of_degree = sympy.Integer(0)
        for parts in _partitions(degree, degree):
            arguments = [self._path[part] for part in parts]
            if any(argument is None for argument in arguments):
                continue
            symmetry = math.prod(math.factorial(parts.count(part)) for part in set(parts))
            total_of_degree += (
                _linear(lambda *v: D(point, *sorted(v, key=sympy.default_sort_key)), [a for a in arguments if a is not None]) / symmetry
            )
        return None if total_of_degree == 0 else -total_of_degree


def _partitions(number: int, largest: int) -> Iterator[tuple[int, ...]]:
    if number == 0:
        yield ()
    for first in range(min(number, largest), 0, -1):
        for rest in _partitions(number - first, first):
            yield (first, *rest)


def _spread(expression: sympy.Expr) -> list[sympy.Expr]:
    """Return the summands of an expression, products of sums multiplied out, denominators left as they are."""
    if expression.is_Add:
        return [term for part in expression.args for term in _spread(part)]
    if expression.is_Mul:
        return [sympy.Mul(*factors) for factors in product(*map(_spread, expression.args))]
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0 and expression.base.is_Add:
        return [sympy.Mul(*factors) for factors in product(_spread(expression.base), repeat=int(expression.exp))]
    return [expression]


def with_common_root(rows: Sequence[sympy.Expr]) -> tuple[list[sympy.Expr], sympy.Expr | None]:
    """Write the one sum that all denominators are powers of as R, or its root; return the rows and what R stands for, if there is one."""
    powers = {
        p
        for row in rows
        for p in row.atoms(sympy.Pow)
        if p.base.is_Add and p.base.has(MODULUS, NORM) and not (p.exp.is_Integer and p.exp > 0)
    }
    bases = {power.base for power in powers}
    if len(bases) != 1:
        return list(rows), None
    (base,) = bases
    rooted = any(not power.exp.is_Integer for power in powers)
    size = MODULUS if base.has(MODULUS) else NORM
    (solved,) = (
        sympy.solve(base.subs(size, sympy.sqrt(sympy.Symbol("s"))) - ROOT**2, sympy.Symbol("s"))
        if rooted
        else sympy.solve(base - ROOT, size)
    )

    def put(expression: sympy.Expr) -> sympy.Expr:
        replaced = expression.replace(lambda e: e.is_Pow and e.base == base, lambda e: ROOT ** (2 * e.exp if rooted else e.exp))
        return (
            replaced.replace(
                lambda e: e.is_Pow and e.base == size and e.exp.is_Integer and e.exp > 0 and (not rooted or e.exp % 2 == 0),
                lambda e: solved ** (e.exp // 2 if rooted else e.exp),
            )
            if rooted
            else replaced.subs(size, solved)
        )

    def rebuilt(expression: sympy.Expr) -> sympy.Expr:
        inside = put(expression)
        return inside.replace(
            lambda e: e.func is D,
            lambda e: _linear(lambda *v: D(e.args[0], *sorted(v, key=sympy.default_sort_key)), e.args[1:]) if len(e.args) > 1 else e,
        )

    return [collected(rebuilt(row)) for row in rows], sympy.sqrt(base) if rooted else base

r"""The modified field of a concrete vector field by truncated power series in h, without trees.

Along the smooth solution the state is :math:`y(t) = \sum_j h^j y_j(t)` with coefficients that are polynomials of degree ≤ j
in the number of steps t. By increasing j, Taylor arithmetic over polynomials in t gives the coefficient :math:`F_j(t)` of
f at the stages, and

.. math::  y_{j+1}(t+1) - V y_{j+1}(t) = B F_j(t), \qquad c^T y_{j+1}(0) = 0, \qquad Y_{j+1} = A F_j + U y_{j+1}

is solved as for trees (`series.time_polynomials`), here in powers of t. The modified field is the derivative
:math:`\tilde f = \frac1h \frac{d}{dt} c^T y(t)` at t = 0, that is, the coefficients of t. It works over every algebra:
numbers, graphs, polynomials. The cost is polynomial in the order, where trees grow like 2.96^p.

Reference: E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), IX.1 and XV.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar, final

from ..arithmetic import Algebra
from ..exact import Matrix, Scalar
from ..graph.taylor import TaylorProgram, TaylorSeries
from ..methods.general_linear import GeneralLinearMethod
from ..methods.linear_algebra import apply
from ..methods.smooth import smooth_parts
from ..sizes import KEPT_RESULTS

T = TypeVar("T")
InTime = tuple[T | None, ...]  # a polynomial in t by powers; None is a structural zero


@final
@dataclass(frozen=True)
class ModifiedSeries(Generic[T]):
    """Coefficients by powers of h; None stands for a structural zero.

    Attributes
    ----------
    field
        ``field[j][i]``: coefficient of h^j in component i of the modified field.
    start
        ``start[j][r][i]``: coefficient of h^(j+1) in the smooth start, state vector r, component i, without u ⊗ x.
    """

    field: list[list[T | None]]
    start: list[list[list[T | None]]]


@final
class InTimeAlgebra(Generic[T]):
    """Polynomials in the number of steps t with coefficients in another algebra."""

    def __init__(self, base: Algebra[T]) -> None:
        self._base = base
        self._constants: dict[Scalar, T] = {}

    def constant(self, value: Scalar | int) -> InTime[T]:
        return (self._base.constant(value),)

    def add(self, a: InTime[T], b: InTime[T]) -> InTime[T]:
        short, long = (a, b) if len(a) < len(b) else (b, a)
        return tuple(self._plus(x, y) for x, y in zip(long, short, strict=False)) + long[len(short) :]

    def subtract(self, a: InTime[T], b: InTime[T]) -> InTime[T]:
        return self.add(a, self.negate(b))

    def negate(self, a: InTime[T]) -> InTime[T]:
        return tuple(None if x is None else self._base.negate(x) for x in a)

    def multiply(self, a: InTime[T], b: InTime[T]) -> InTime[T]:
        result: list[T | None] = [None] * (len(a) + len(b) - 1)
        for i, x in enumerate(a):
            for j, y in enumerate(b):
                if x is not None and y is not None:
                    result[i + j] = self._plus(result[i + j], self._base.multiply(x, y))
        return tuple(result)

    def divide(self, a: InTime[T], b: InTime[T]) -> InTime[T]:
        divisor = self._leading(b)
        return tuple(None if x is None else self._base.divide(x, divisor) for x in a)

    def power(self, a: InTime[T], exponent: Scalar | int) -> InTime[T]:
        return (self._base.power(self._leading(a), exponent),)

    def apply(self, function: str, a: InTime[T]) -> InTime[T]:
        return (self._base.apply(function, self._leading(a)),)

    def combination(self, weights: Sequence[Scalar], values: Sequence[T | None]) -> T | None:
        """Σ weight · value over the base algebra."""
        total: T | None = None
        for weight, value in zip(weights, values, strict=True):
            if weight != 0 and value is not None:
                total = self._plus(total, self._scaled(weight, value))
        return total

    def _scaled(self, weight: Scalar, value: T) -> T:
        if weight == 1:
            return value
        if weight == -1:
            return self._base.negate(value)
        factor = self._constants.get(weight)  # once: the hash of a fraction takes as long as a small product
        if factor is None:
            factor = self._constants[weight] = self._base.constant(weight)
        return self._base.multiply(factor, value)

    def _plus(self, x: T | None, y: T | None) -> T | None:
        return y if x is None else x if y is None else self._base.add(x, y)

    def _leading(self, a: InTime[T]) -> T:
        (value,) = a  # the coefficient of h⁰ is the point itself, which does not depend on t
        assert value is not None
        return value


def modified_series(
    method: GeneralLinearMethod,
    programs: Sequence[TaylorProgram],
    algebra: Algebra[T],
    point: Sequence[T],
    names: Sequence[str],
    fixed: Mapping[str, T],
    order: int,
) -> ModifiedSeries[T]:
    """Compute the modified field up to h^(order − 1) and the smooth start up to h^order.

    Parameters
    ----------
    programs
        The field of each colour, d outputs each.
    algebra
        Where the coefficients live.
    point
        The d coordinates of the point, in the algebra.
    names
        Their input names in the programs.
    fixed
        Values of the other inputs.
    """
    in_time = InTimeAlgebra(algebra)
    constants = {name: (value,) for name, value in fixed.items()}
    series: list[TaylorSeries[InTime[T]]] = [TaylorSeries(programs[colour], in_time, names, constants) for colour in method.colours]
    stages: list[list[InTime[T] | None]] = [[(x,) for x in point] for _ in series]
    result = ModifiedSeries[T]([], [])
    response: list[tuple[Matrix, ...]] = []
    for j in range(order):
        response.append(smooth_response(method, j))
        F = [one.extend(Y) for one, Y in zip(series, stages, strict=True)]
        state = _respond(response, F, in_time)
        result.start.append([[component[0] for component in vector] for vector in state])
        outputs = [in_time.combination(method.output, [vector[i][1] for vector in state]) for i in range(len(point))]
        result.field.append(outputs)
        stages = [_stage(method.A[i], F, method.U[i], state, in_time) for i in range(method.stages)]
    return result


@lru_cache(KEPT_RESULTS)
def smooth_response(method: GeneralLinearMethod, k: int) -> tuple[Matrix, ...]:
    """Solve y(t+1) − V y(t) = B tᵏ with cᵀy(0) = 0; ``result[m]`` is the coefficient of t^m, shape (r, s), m = 0 … k + 1.

    With y = u s + w, comparing powers: Σ_(l>m) C(l, m) s_l = g_m fixes s from the top down,
    (I − V) w_m = g_m − Σ_(l>m) C(l, m) w_l fixes w.
    """
    field, parts = method.coefficient_field, smooth_parts(method)
    r, s, zero = range(method.states), range(method.stages), field.element(0)
    slow = [[zero for _ in s] for _ in range(k + 2)]
    fast = [[[zero for _ in s] for _ in r] for _ in range(k + 2)]
    for m in reversed(range(k + 1)):
        for j in s:
            above = sum((math.comb(n, m) * slow[n][j] for n in range(m + 2, k + 2)), start=zero)
            slow[m + 1][j] = ((parts.slow[j] if m == k else zero) - above) / (m + 1)
            higher = [sum((math.comb(n, m) * fast[n][i][j] for n in range(m + 1, k + 1)), start=zero) for i in r]
            carried = apply(parts.fundamental, higher)
            for i in r:
                fast[m][i][j] = (parts.fast[i][j] if m == k else zero) - carried[i]
    slow[0] = [-sum((parts.c[i] * fast[0][i][j] for i in r), start=zero) for j in s]
    levels = [[[parts.u[i] * slow[m][j] + fast[m][i][j] for j in s] for i in r] for m in range(k + 2)]
    return tuple(tuple(tuple(map(field.scalar, row)) for row in level) for level in levels)


def _respond(response: Sequence[tuple[Matrix, ...]], F: list[list[InTime[T] | None]], in_time: InTimeAlgebra[T]) -> list[list[InTime[T]]]:
    """State vectors y[r][i] as polynomials in t, from the stages' F[s][i] and the responses to the powers of t."""
    states, dimension = len(response[0][0]), len(F[0])
    result: list[list[InTime[T]]] = []
    for r in range(states):
        row = []
        for i in range(dimension):
            terms = [(k, s, value) for s, stage in enumerate(F) for k, value in enumerate(stage[i] or ()) if value is not None]
            powers = []
            for m in range(len(response) + 1):
                driving = [(k, s, value) for k, s, value in terms if k + 1 >= m]
                powers.append(in_time.combination([response[k][m][r][s] for k, s, _ in driving], [value for _, _, value in driving]))
            row.append(tuple(powers))
        result.append(row)
    return result


def _stage(
    a: Sequence[Scalar],
    F: list[list[InTime[T] | None]],
    u: Sequence[Scalar],
    state: list[list[InTime[T]]],
    in_time: InTimeAlgebra[T],
) -> list[InTime[T] | None]:
    """One stage's Y = A F + U y, for each component, by powers of t."""
    result: list[InTime[T] | None] = []
    for i in range(len(state[0])):
        parts: list[tuple[Any, ...]] = [stage[i] or () for stage in F] + [vector[i] for vector in state]
        powers = max(map(len, parts))
        padded = [part + (None,) * (powers - len(part)) for part in parts]
        values = tuple(in_time.combination((*a, *u), [part[m] for part in padded]) for m in range(powers))
        result.append(values if any(value is not None for value in values) else None)
    return result

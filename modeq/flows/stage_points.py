r"""Where the smooth solution of a method is followed, so that Taylor arithmetic on numbers gives its modified field.

Along the smooth solution the coefficient :math:`F_j(t)` of :math:`h^j` of the field at a stage is a polynomial of degree ≤ j
in the number of steps t, so its values at j + 1 points determine it, and with it the next coefficient of all stages at all
points (see `power_series`, which works with the polynomials themselves): linear maps from values to values, computed exactly
once for each method and order. What is left for each evaluation is Taylor arithmetic at p points, of degree p − 1: p³
operations for order p, where trees would take 2.96^p. The same holds for all intermediate arrays, so at point number q the
coefficients of degree below q follow from those at earlier points, by sums instead of convolutions.

The points are t = 0, 1, −1, 2, −2, … in units of the method's memory: near 0, where the derivative is taken, interpolation loses no digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import as_float
from ..kernels.layout import PATHS
from ..methods.general_linear import GeneralLinearMethod
from ..methods.smooth import smooth_parts
from ..sizes import KEPT_RESULTS
from .power_series import smooth_response

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class StagePoints:
    """Linear maps between coefficients at the Q = stages × order points.

    Attributes
    ----------
    advance
        ``advance[j, q, r]``: how coefficient j of the field at point r enters coefficient j + 1 of the state at point q;
        shape (order, Q, Q), the last one unused.
    known
        ``known[k, q, r]``: how the coefficients of degree k of all intermediate arrays at point q follow from those at earlier
        points r; 0 where they have to be computed. Shape (order, Q, Q). They are polynomials of degree ≤ k in t, too.
    field
        ``field[j, r]``: how coefficient j of the field enters that of h^j of the modified field, shape (order, Q).
    start
        ``start[i, j, r]``: the same for coefficient j + 1 of state vector i at t = 0, shape (states, order, Q).
    """

    advance: Array
    known: Array
    field: Array
    start: Array

    @property
    def sequential(self) -> bool:
        """Whether each point depends on itself and earlier ones only, as for explicit methods without memory."""
        return not np.triu(self.advance, 1).any()

    def plan(self, rows: Array, *, linked: bool = True) -> Array:
        """Return what `kernels.taylor_fields` reads, with ``rows`` of shape (rows, order, Q) as its weights.

        With ``linked`` false the points are done one after the other in the memory of one, and nothing is taken from others.
        """
        order, size = self.field.shape
        then = np.concatenate([self.advance.ravel(), self.known.ravel(), rows.ravel()])
        return PATHS.pack({"order": order, "paths": size, "linked": linked}, then)


@lru_cache(KEPT_RESULTS)
def stage_points(method: GeneralLinearMethod, order: int) -> StagePoints:
    """Compute the maps for a method with numeric parameters."""
    apart = _memory(method)
    times = [apart * ((n + 1) // 2) * (1 if n % 2 else -1) for n in range(order)]
    s, r = method.stages, method.states
    size = s * order
    advance, known = np.zeros((order, size, size)), np.zeros((order, size, size))
    field, start = np.zeros((order, size)), np.zeros((r, order, size))
    exact = method.coefficient_field
    A, U, c = exact.matrix(method.A), exact.matrix(method.U), [exact.element(entry) for entry in method.output]
    for j in range(order):
        basis = _lagrange(times[: j + 1])
        for q, t in enumerate(times):
            for n in range(j + 1) if q > j else ():
                for i in range(s):
                    known[j, q * s + i, n * s + i] = float(sum(c * Fraction(t) ** k for k, c in enumerate(basis[n])))
        response = [[exact.matrix(level) for level in smooth_response(method, k)] for k in range(j + 1)]

        def state(i: int, m: int, n: int, power: int, basis: Any = basis, response: Any = response) -> Any:
            """Coefficient of t^power of state i, driven by stage m with the value 1 at point n and 0 at the others."""
            total = exact.element(0)
            for k, row in enumerate(response):
                if basis[n][k] and power < len(row):
                    total = total + exact.element(basis[n][k]) * row[power][i][m]
            return total

        for m in range(s):
            for n in range(j + 1):
                column = n * s + m
                powers = [[state(i, m, n, power) for power in range(j + 2)] for i in range(r)]
                field[j, column] = _number(exact, sum((c[i] * powers[i][1] for i in range(r)), start=exact.element(0)))
                for i in range(r):
                    start[i, j, column] = _number(exact, powers[i][0])
                for q, t in enumerate(times):
                    at_t = [sum((p * exact.element(Fraction(t) ** e) for e, p in enumerate(row)), start=exact.element(0)) for row in powers]
                    own = exact.element(sum((Fraction(t) ** k * basis[n][k] for k in range(j + 1)), start=Fraction(0)))
                    for i in range(s):
                        value = A[i][m] * own + sum((U[i][k] * at_t[k] for k in range(r)), start=exact.element(0))
                        advance[j, q * s + i, column] = _number(exact, value)
    resting = ~advance.any(axis=(0, 2))  # stages that stay at θ, as that of gradient descent at t = 0: all their coefficients are 0
    known[:, resting] = known[:, :, resting] = 0.0
    return StagePoints(advance, known, field, start)


def _memory(method: GeneralLinearMethod) -> int:
    """Return the number of steps that the method remembers, about 1/(1 − β) for momentum: the natural unit of time.

    With points closer than that, what they differ by would drown in rounding errors.
    """
    field = method.coefficient_field
    entries = [abs(as_float(field.scalar(entry))) for row in smooth_parts(method).fundamental for entry in row]
    return max(1, round(max(entries)))


def _number(exact: Any, value: Any) -> float:
    return as_float(exact.scalar(value))


def _lagrange(times: list[int]) -> list[list[Fraction]]:
    """Coefficients by powers of the polynomials that are 1 at one of the times and 0 at the others."""
    result = []
    for own in times:
        polynomial = [Fraction(1)]
        for other in times:
            if other != own:
                shifted = [Fraction(0), *polynomial]
                lowered = [-other * entry for entry in polynomial] + [Fraction(0)]
                polynomial = [(a + b) / (own - other) for a, b in zip(shifted, lowered, strict=True)]
        result.append(polynomial)
    return result

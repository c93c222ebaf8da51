"""From the exact stability polynomial to the floating-point form of (R(ζ) − 1)/ζ that kernels evaluate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, final

import sympy

from ..kernels.branches import PRINCIPAL, increment_quadratic, increment_rational, increment_tracked
from ..methods.general_linear import GeneralLinearMethod
from ..sizes import KEPT_RESULTS
from .stability import RHO, ZETA, StabilityFunction, stability_function

DIGITS = 30


@final
@dataclass(frozen=True)
class Increment:
    """A function of `branches` with its numbers: (R(ζ) − 1)/ζ is ``function(ζ, *arguments)``.

    ``singular`` lists the points ζ where log R is not analytic: R is 0 or ∞ there, or two roots meet.
    """

    function: Callable[..., complex]
    arguments: tuple[Any, ...]
    singular: tuple[complex, ...]

    def __call__(self, z: complex) -> complex:
        """Evaluate at ζ = z."""
        return self.function(complex(z), *self.arguments)

    def distance(self, z: complex) -> float:
        """Return the distance from z to the nearest singular point, at most 1."""
        return min(1.0, *(abs(z - point) for point in self.singular)) if self.singular else 1.0

    def source(self, variable: str) -> str:
        """Return the call as Python text."""
        return f"{self.function.__name__}({variable}, {', '.join(map(repr, self.arguments))})"


@lru_cache(KEPT_RESULTS)
def increment(method: GeneralLinearMethod, sheet: int) -> Increment:
    """Choose the form by the degree of the stability polynomial in ρ; all numbers are rounded once, here.

    Where roots meet on the real axis they are continued on the side of the rotated branch, but for the principal one.
    """
    method.require_numbers("evaluating a principal flow")
    stability = stability_function(method)
    p = stability.shifted
    rotated = sheet != PRINCIPAL
    constant = sympy.Poly(sympy.cancel(p[0].as_expr() / ZETA), ZETA)  # p₀ = ζ q₀
    if stability.degree == 1:
        return Increment(increment_rational, (_floats(-constant), _floats(p[1])), _singular(stability))
    if stability.degree == 2:
        simple, double = _branch_points(stability)
        slope = float(p[1].eval(0))
        numbers = (_floats(constant), _floats(p[1]), _floats(p[2]), slope, simple, double, rotated)
        return Increment(increment_quadratic, numbers, _singular(stability))
    width = max(len(_floats(row)) for row in p)
    rows = tuple(_floats(row) + (0.0,) * (width - len(_floats(row))) for row in p)
    meeting = [zero for factor, _ in stability.discriminant.sqf_list()[1] for zero in _zeros(factor)]
    real = [zero for zero in meeting if zero.imag == 0.0]
    radii = [min(abs(zero - other) for other in [0.0, *meeting] if other != zero) / 8 for zero in real]
    points = tuple(zero.real for zero in real) or (0.0,)
    return Increment(increment_tracked, (rows, points, tuple(radii) or (0.0,), rotated), _singular(stability))


def _floats(polynomial: sympy.Poly) -> tuple[float, ...]:
    """Coefficients by increasing power."""
    return tuple(float(sympy.N(coefficient, DIGITS)) for coefficient in reversed(polynomial.all_coeffs()))


def _singular(stability: StabilityFunction) -> tuple[complex, ...]:
    ends = sympy.Poly(stability.polynomial.as_expr(), RHO).all_coeffs()
    polynomials = [sympy.Poly(ends[0], ZETA), sympy.Poly(ends[-1], ZETA)]
    if stability.degree > 1:
        polynomials.append(stability.discriminant)
    zeros = [zero for one in polynomials if one.degree() > 0 for factor, _ in one.sqf_list()[1] for zero in _zeros(factor)]
    return tuple(zeros)


def _zeros(factor: sympy.Poly) -> list[complex]:
    """Return the zeros; those that are real up to rounding become exactly real."""
    zeros = [complex(zero) for zero in factor.nroots(n=DIGITS, maxsteps=200)]
    return [complex(zero.real, 0.0) if abs(zero.imag) < 1e-20 * abs(zero) else zero for zero in zeros]


def _branch_points(stability: StabilityFunction) -> tuple[tuple[complex, ...], tuple[complex, ...]]:
    """Reciprocals 1/ζ_k of the zeros of the discriminant: those of odd multiplicity, and one for every pair.

    An empty list becomes a single 0, the point at infinity, because compiled code cannot loop over an empty tuple.
    """
    simple: list[complex] = []
    double: list[complex] = []
    for factor, multiplicity in stability.discriminant.sqf_list()[1]:
        for reciprocal in (1 / zero for zero in _zeros(factor)):
            simple += [reciprocal] * (multiplicity % 2)
            double += [reciprocal] * (multiplicity // 2)
    return tuple(simple) or (0j,), tuple(double) or (0j,)

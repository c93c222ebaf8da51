r"""What the principal flow of a method means, by hλ: which of the method's roots it follows, and which one runs follow.

Along an eigenvector with eigenvalue λ > 0 of the Hessian a run is :math:`\sum_k a_k R_k^n`, see `roots`; the principal flow,
taken from t = 0 to nh, is :math:`R_1^n`, exactly. So what it has to do with runs is a matter of the moduli of the roots.

``smooth``
    The principal root is real, positive and the largest. The flow is the slow solution (the slow manifold): a run that starts at
    rest reaches it after a transient that shrinks by |R₂/R₁| per step, from the shifted initial point a₁θ₀.
``oscillating``
    The principal root is the largest, but negative. Runs reach :math:`R_1^n` in the same way; the flow between the steps is complex.
``ringing``
    The principal root is one of a pair of complex conjugates, and no other is larger. No real smooth flow exists: the complex flow
    follows one of the two, real runs contain both with conjugate amplitudes, and so are the real part of the flow from 2a₁θ₀.
``overtaken``
    Another root is larger than the principal one. The flow follows a solution that iterates leave, by |R₂/R₁| per step.
``unstable``
    Some root is larger than 1: runs diverge. The flow diverges with them only where that root is its own.

Boundaries are the points where roots meet, vanish, are infinite, opposite to each other, or on the unit circle. They are exact as
far as SymPy can solve for them. With three and more roots a real one may be as large as a pair of others; such a boundary is
found by bisection, to 12 digits, on a grid that may miss a regime narrower than its spacing.

Reference: B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1–17, doi:10.1016/0041-5553(64)90137-5, for heavy ball.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import final

import numpy as np
import sympy

from ..methods.general_linear import GeneralLinearMethod
from ..sizes import KEPT_RESULTS
from .roots import CharacteristicRoots, characteristic_roots, exact_points
from .stability import RHO, ZETA

MEANINGS = {
    "smooth": "the flow is the slow solution, which runs reach",
    "oscillating": "complex flow of the alternating solution that runs reach",
    "ringing": "complex flow of one root of a pair; runs contain both",
    "overtaken": "the flow is a solution that runs leave",
    "unstable": "runs diverge",
}
_GRID = 24
_ROUNDING = 1e-9  # relative; moduli closer than this are equal


@final
@dataclass(frozen=True)
class Regime:
    """An interval of hλ.

    Attributes
    ----------
    name
        A key of `MEANINGS`.
    lower, upper
        SymPy numbers; the upper end may be ∞.
    """

    name: str
    lower: sympy.Expr
    upper: sympy.Expr

    @property
    def meaning(self) -> str:
        """What the principal flow is here, in a few words."""
        return MEANINGS[self.name]


@final
@dataclass(frozen=True, repr=False)
class Regimes:
    """The regimes of a method on 0 < hλ < ∞, in order.

    Examples
    --------
    >>> from modeq.methods import HeavyBall
    >>> print(regimes(HeavyBall("1/4")))
    heavy ball: roots and principal flow by hλ
    from  to    regime       meaning
    ────  ────  ───────────  ────────────────────────────────────────────────────────
    0     0.25  smooth       the flow is the slow solution, which runs reach
    0.25  2.25  ringing      complex flow of one root of a pair; runs contain both
    2.25  2.5   oscillating  complex flow of the alternating solution that runs reach
    2.5   ∞     unstable     runs diverge
    """

    roots: CharacteristicRoots
    intervals: tuple[Regime, ...]

    def at(self, z: float) -> Regime:
        """Return the regime of hλ = z > 0; a boundary belongs to the interval that ends there."""
        if not 0 < z < math.inf:
            raise ValueError(f"regimes are intervals of hλ > 0, got {z}; along negative curvature runs and flows both escape")
        return next(regime for regime in self.intervals if z <= float(regime.upper))

    def table(self) -> str:
        """Return the intervals as aligned text; below it, the boundaries with square roots in them."""
        rows = [("from", "to", "regime", "meaning")]
        notes = []
        ends = _distinct_texts([float(regime.upper) for regime in self.intervals])
        for regime, lower, upper in zip(self.intervals, ["0", *ends], ends, strict=False):
            rows.append((lower, upper, regime.name, regime.meaning))
            if exact := _radicals_text(regime.upper):
                notes.append(f"{upper} = {exact}")
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        lines.insert(1, "  ".join("─" * width for width in widths))
        return "\n".join([f"{self.roots.method.name}: roots and principal flow by hλ", *lines, *notes])

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<Regimes of {self.roots.method.name}: {', '.join(regime.name for regime in self.intervals)}>"


@lru_cache(KEPT_RESULTS)
def regimes(method: GeneralLinearMethod) -> Regimes:
    """Find the regimes of a method with numeric parameters.

    Raises
    ------
    ValueError
        If the method has symbolic parameters or evaluates several fields.

    Examples
    --------
    >>> from modeq.methods import Nesterov
    >>> [(str(regime.upper), regime.name) for regime in regimes(Nesterov(0.9)).intervals]
    [('1/361', 'smooth'), ('1', 'ringing'), ('19/14', 'oscillating'), ('oo', 'unstable')]
    """
    method.require_numbers("finding regimes")
    roots = characteristic_roots(method)
    return Regimes(roots, tuple(Regime(*part) for part in intervals(roots, lambda z: classify(roots, z))))


@lru_cache(KEPT_RESULTS)
def oscillation(method: GeneralLinearMethod) -> sympy.Expr:
    """Return the hλ from which the largest root is not real and positive, so that iterates oscillate in the long run; ∞ if it always is."""
    roots = characteristic_roots(method)
    parts = intervals(roots, lambda z: "oscillating" if oscillates(roots, z) else "monotone")
    return next((lower for name, lower, _ in parts if name == "oscillating"), sympy.oo)


def intervals(roots: CharacteristicRoots, label: Callable[[float], str]) -> list[tuple[str, sympy.Expr, sympy.Expr]]:
    """Return (label, lower, upper) on 0 < hλ < ∞ for a label that changes only where the order of the roots, or their kind, does."""
    ends = _boundaries(roots)
    points = [0.0, *(float(end) for end in ends)]
    stretch = 2 * max(1.0, points[-1])
    points.append(stretch if roots.degree < 3 else 8 * stretch)
    found: list[tuple[str, sympy.Expr, sympy.Expr]] = []

    def close(name: str, upper: sympy.Expr) -> None:
        lower = found[-1][2] if found else sympy.Integer(0)
        if found and found[-1][0] == name:
            lower = found.pop()[1]
        found.append((name, lower, upper))

    for i, (low, high) in enumerate(pairwise(points)):
        inside = [low + (high - low) * (1 - math.cos(math.pi * (k + 0.5) / _GRID)) / 2 for k in range(_GRID)]
        samples = inside if roots.degree >= 3 else [(low + high) / 2]
        names = [label(z) for z in samples]
        for k in range(len(samples) - 1):
            if names[k] != names[k + 1]:
                close(names[k], _bisect(label, samples[k], samples[k + 1]))
        close(names[-1], ends[i] if i < len(ends) else sympy.oo)
    return found


def oscillates(roots: CharacteristicRoots, z: float) -> bool:
    """Whether the largest root at hλ = z is negative or one of a pair."""
    values = roots(z)
    largest = values[np.argmax(np.abs(values))]
    return bool(largest.real < 0 or abs(largest.imag) > _ROUNDING * abs(largest))


def classify(roots: CharacteristicRoots, z: float) -> str:
    """Name the regime at hλ = z from the values of the roots; at a boundary rounding decides."""
    values = roots(z)
    principal, largest = values[0], float(np.abs(values).max())
    if largest > 1 + _ROUNDING:
        return "unstable"
    if largest > abs(principal) * (1 + _ROUNDING):
        return "overtaken"
    if abs(principal.imag) > _ROUNDING * abs(principal):
        return "ringing"
    return "smooth" if principal.real > 0 else "oscillating"


def _boundaries(roots: CharacteristicRoots) -> list[sympy.Expr]:
    """Candidates hλ > 0 by size: among them are all boundaries but those where a pair is as large as a third root."""
    polynomial, degree = roots.polynomial.as_expr(), roots.degree
    candidates = [roots.coefficients[0].as_expr(), roots.coefficients[-1].as_expr()]  # a root is ∞ or 0
    candidates += [polynomial.subs(RHO, end) for end in (1, -1)]
    if degree > 1:
        inverted = sympy.expand(sum(entry.as_expr() * RHO**k for k, entry in enumerate(roots.coefficients)))
        candidates.append(sympy.discriminant(polynomial, RHO))
        candidates.append(sympy.resultant(polynomial, polynomial.subs(RHO, -RHO), RHO))  # two roots ρ and −ρ
        candidates.append(sympy.resultant(polynomial, inverted, RHO))  # two roots with the product 1
    points: dict[sympy.Expr, float] = {}
    for candidate in candidates:
        in_zeta = sympy.Poly(sympy.expand(candidate), ZETA)
        for point in exact_points(in_zeta) if in_zeta.degree() > 0 else []:
            value = complex(point)
            if value.real > 0 and abs(value.imag) < 1e-13 * value.real and point.is_real is not False:
                points[point] = value.real
    ordered = sorted(points, key=lambda point: points[point])
    return [point for k, point in enumerate(ordered) if k == 0 or points[point] > points[ordered[k - 1]] * (1 + 1e-12)]


def _bisect(label: Callable[[float], str], low: float, high: float) -> sympy.Expr:
    name = label(low)
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if label(middle) == name else (low, middle)
    return sympy.Float(high, 12)


def _distinct_texts(values: list[float]) -> list[str]:
    """Write numbers with the same number of digits, as many as it takes to tell them apart and at least six."""
    for digits in range(6, 18):
        texts = ["∞" if math.isinf(value) else f"{value:.{digits}g}" for value in values]
        if len(set(texts)) == len(texts):
            break
    return texts


def _radicals_text(value: sympy.Expr) -> str:
    """Write 19/10 - 3*sqrt(10)/5 as 19/10 - 3√10/5; nothing for rational numbers and what is no sum of square roots."""
    text = re.sub(r"sqrt\((\d+)\)", r"√\1", sympy.sstr(value))
    return text.replace("*", "") if "√" in text and not re.search(r"\*\*|[A-Za-z]", text) else ""

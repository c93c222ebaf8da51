r"""The function ψ(ζ) = log R(ζ)/ζ in floating point: accurate near 0, on the chosen branch.

R is the principal root of a method's stability polynomial and ζ an eigenvalue of h f′; the principal flow is
ψ(h f′) f, and α(z) = −ψ(−z). These are plain scalar functions: Python calls them as they stand, and the code
generator copies their text into compiled kernels, so both give the same numbers.

Branches of the logarithm. With hλ > 1 the real axis lies on the cut of the principal logarithm, because R is negative
there. The rotated branch takes arg R ∈ (−π/2, 3π/2]: its cut leaves along the negative imaginary axis of the R-plane, away
from real R. A root R that winds further around 0 than that, as over several steps with momentum, still meets the cut.
The real branch is the principal one but for log |R| where R is real and negative: real matrices have real logarithms, whose
exponentials have lost the signs of negative eigenvalues.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

PRINCIPAL = 0
ROTATED = 1
REAL = 2


def log_branch(w: complex, sheet: int) -> complex:
    """Return log w with arg w in (−π, π] (sheet 0) or (−π/2, 3π/2] (1), or with log |w| on the negative axis (2); −∞ at 0."""
    if w == 0:
        return complex(-math.inf, 0.0)
    if sheet == 2 and w.real < 0.0 and abs(w.imag) <= 1e-13 - 1e-8 * w.real:  # real but for rounding
        return complex(math.log(-w.real), 0.0)
    value = cmath.log(complex(w.real, w.imag + 0.0))  # + 0.0 turns −0.0, the other side of the cut, into 0.0
    if sheet == 1 and value.imag <= -0.5 * math.pi:
        return complex(value.real, value.imag + 2.0 * math.pi)
    return value


def sqrt_branch(w: complex, rotated: bool) -> complex:
    """Return √w = exp(½ log w) on the rotated or the principal branch."""
    value = cmath.sqrt(complex(w.real, w.imag + 0.0))
    if rotated and w.imag < 0.0 and w.real <= 0.0:
        return -value
    return value


def log1p_near(w: complex) -> complex:
    """Return the principal log(1 + w) for |w| < 1, with the digits that 1 + w would lose."""
    x = w.real
    y = w.imag
    return complex(0.5 * math.log1p(x * (2.0 + x) + y * y), math.atan2(y, 1.0 + x))


def log1p_ratio(w: complex, sheet: int) -> complex:
    """Return log(1 + w)/w: 1 at w = 0; w = −1 is left to the caller."""
    if w == 0:
        return complex(1.0, 0.0)
    if w.real * w.real + w.imag * w.imag < 0.25:
        return log1p_near(w) / w
    return log_branch(1.0 + w, sheet) / w


def log1p_ratios(x: Any) -> Any:
    """Do what `log1p_ratio` does on the principal branch for arrays; real ones stay real, with NaN for x < −1."""
    with np.errstate(all="ignore"):
        if not np.iscomplexobj(x):
            log = np.log1p(x)
        else:
            far = np.abs(x) >= 0.5
            log = 0.5 * np.log1p(x.real * (2.0 + x.real) + x.imag * x.imag) + 1j * np.arctan2(x.imag, 1.0 + x.real)
            log[far] = np.log(1.0 + x[far])
        return np.where(x == 0, 1.0, log / x)


def polynomial(coefficients: tuple[float, ...], z: complex) -> complex:
    """Evaluate Σ coefficients[k] zᵏ by Horner's rule."""
    value = complex(0.0, 0.0)
    for k in range(len(coefficients) - 1, -1, -1):
        value = value * z + coefficients[k]
    return value


def psi_from_increment(increment: complex, z: complex, sheet: int) -> complex:
    """Return log(R)/ζ from (R − 1)/ζ; ±∞ where R is 0 or ∞, with the sign that the limit on the real axis has."""
    if math.isinf(increment.real):
        return complex(math.copysign(math.inf, z.real), 0.0)
    w = z * increment
    if w == -1:
        return complex(-math.copysign(math.inf, z.real), 0.0)
    return increment * log1p_ratio(w, sheet)


def psi_of_reals(x: Any, numerator: tuple[float, ...], denominator: tuple[float, ...]) -> Any:
    """Return log(R)/ζ at real ζ = x, an array, for a method with rational R; NaN unless 0 < R < ∞, where it is one number on all sheets."""
    with np.errstate(all="ignore"):
        increments = np.real(polynomial(numerator, x) / polynomial(denominator, x))
        w = x * increments
        return np.where((w > -1.0) & np.isfinite(w), increments * log1p_ratios(w), np.nan)


def increment_rational(z: complex, numerator: tuple[float, ...], denominator: tuple[float, ...]) -> complex:
    """(R − 1)/ζ of a method with rational R."""
    below = polynomial(denominator, z)
    if below == 0:
        return complex(math.inf, 0.0)
    return polynomial(numerator, z) / below


def increment_quadratic(
    z: complex,
    constant: tuple[float, ...],
    linear: tuple[float, ...],
    square: tuple[float, ...],
    slope: float,
    branch_points: tuple[complex, ...],
    double_points: tuple[complex, ...],
    rotated: bool,
) -> complex:
    """(R − 1)/ζ where w = R − 1 solves p₂w² + p₁w + ζ q₀ = 0.

    It is −2q₀/(p₁ + S) = (S − p₁)/(2 p₂ ζ), whichever does not cancel, with S² = p₁² − 4p₂ζq₀ and S(0) = p₁(0).

    S is p₁(0)·Π √(1 − ζ/ζ_k) over the simple zeros of S² and Π (1 − ζ/ζ_k) over pairs of them, so that the root is
    continued from ζ = 0 past every branch point on the real axis, on the side that the rotated cut leaves open. The
    points are given as reciprocals 1/ζ_k.
    """
    root = complex(slope, 0.0)
    for k in range(len(branch_points)):
        on_axis = branch_points[k].imag == 0.0
        root *= sqrt_branch(1.0 - z * branch_points[k], rotated and on_axis)
    for k in range(len(double_points)):
        root *= 1.0 - z * double_points[k]
    middle = polynomial(linear, z)
    if abs(middle + root) >= abs(middle - root):
        return -2.0 * polynomial(constant, z) / (middle + root)
    leading = polynomial(square, z)
    if leading == 0:
        return complex(math.inf, 0.0)
    return (root - middle) / (2.0 * z * leading)


def detour(z: complex, s: float, real_points: tuple[float, ...], radii: tuple[float, ...]) -> complex:
    """Point s ∈ [0, 1] of a path from 0 to z: the straight line, with a bump to Im hλ < 0 before each real branch point on it."""
    length = abs(z)
    direction = z / length
    position = z * s
    for k in range(len(real_points)):
        across = real_points[k] * direction.conjugate()
        if across.real > 0.0 and abs(across.imag) < radii[k]:
            radius = min(radii[k], abs(length - across.real))
            distance = s * length - across.real
            if abs(distance) < radius:
                position += 2j * radius * (1.0 - (distance / radius) ** 2)
    return position


def increment_tracked(
    z: complex,
    rows: tuple[tuple[float, ...], ...],
    real_points: tuple[float, ...],
    radii: tuple[float, ...],
    rotated: bool,
) -> complex:
    """(R − 1)/ζ of a polynomial χ = Σ_j p_j(ζ) wʲ of any degree in w = R − 1, followed from w(0) = 0 to ζ.

    The path is the straight line, with a small detour around each real branch point, so that cuts leave complex branch
    points radially and never lie on the real axis. Each step takes the tangent and is halved until Newton's method is sure
    to stay with the same root: |χ χ''| ≤ |χ'|²/20 there, well within the bound ½ of Kantorovich's theorem.
    """
    if z == 0:
        z = complex(1e-150, 0.0)
    w = complex(0.0, 0.0)
    here = complex(0.0, 0.0)
    tangent = complex(-rows[0][1] / rows[1][0], 0.0)  # −χ_ζ/χ_w at the start
    apart = abs(rows[1][0] / rows[2][0]) if rows[2][0] != 0.0 else 1e300  # |χ'/χ''|, half the distance to the next root
    s = 0.0
    step = 1.0 / 64.0
    for _ in range(20000):
        if s >= 1.0:
            return w / z
        ahead = min(1.0, s + step)
        position = detour(z, ahead, real_points, radii) if rotated else z * ahead
        guess = w + tangent * (position - here)
        if not abs(guess - w) <= 0.2 * apart:
            step *= 0.5
            if step < 1e-15:
                return complex(math.nan, math.nan)
            continue
        for iteration in range(8):
            value = complex(0.0, 0.0)
            by_w = complex(0.0, 0.0)
            by_ww = complex(0.0, 0.0)
            by_z = complex(0.0, 0.0)
            for j in range(len(rows) - 1, -1, -1):
                p = complex(0.0, 0.0)
                dp = complex(0.0, 0.0)
                for k in range(len(rows[j]) - 1, -1, -1):
                    dp = dp * position + p
                    p = p * position + rows[j][k]
                by_ww = by_ww * guess + 2.0 * by_w
                by_w = by_w * guess + value
                value = value * guess + p
                by_z = by_z * guess + dp
            if iteration == 0 and not abs(value * by_ww) <= 0.05 * abs(by_w) ** 2:
                break
            if by_w == 0:
                break
            if iteration == 7:
                w = guess
                here = position
                tangent = -by_z / by_w
                apart = abs(by_w / by_ww) if by_ww != 0 else 1e300
                s = ahead
                step = min(2.0 * step, 1.0 / 16.0)
            guess -= value / by_w
        if s != ahead:
            step *= 0.5
            if step < 1e-15:
                return complex(math.nan, math.nan)
    return complex(math.nan, math.nan)

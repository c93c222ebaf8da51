r"""The function ψ(ζ) = log R(ζ)/ζ in floating point: accurate near 0, on the chosen branch.

R is the principal root of a method's stability polynomial and ζ an eigenvalue of h f′; the principal flow is
ψ(h f′) f, and α(z) = −ψ(−z). These are plain scalar functions: Python calls them as they stand, and the code
generator copies their text into compiled kernels, so both give the same numbers.

Branches of the logarithm. With hλ > 1 the real axis lies on the cut of the principal logarithm. The rotated branch
takes arg ∈ (−π/2, 3π/2): its cut leaves along the negative imaginary axis, so the whole real axis is inside the
domain of analyticity, except at R = 0.
"""

from __future__ import annotations

import cmath
import math


def log_branch(w: complex, rotated: bool) -> complex:
    """Return log w with arg w in (−π/2, 3π/2] if `rotated`, else in (−π, π]; −∞ at 0."""
    if w == 0:
        return complex(-math.inf, 0.0)
    value = cmath.log(w)
    if rotated and value.imag <= -0.5 * math.pi:
        return complex(value.real, value.imag + 2.0 * math.pi)
    return value


def sqrt_branch(w: complex, rotated: bool) -> complex:
    """Return √w = exp(½ log w) on the same branch."""
    value = cmath.sqrt(w)
    if rotated and w.imag < 0.0 and w.real <= 0.0:
        return -value
    return value


def log1p_ratio(w: complex, rotated: bool) -> complex:
    """Return log(1 + w)/w: 1 at w = 0, +∞ at w = −1."""
    x = w.real
    y = w.imag
    if w == 0:
        return complex(1.0, 0.0)
    if w == -1:
        return complex(math.inf, 0.0)
    if x * x + y * y < 0.25:  # log1p keeps the digits that 1 + w would lose
        return complex(0.5 * math.log1p(x * (2.0 + x) + y * y), math.atan2(y, 1.0 + x)) / w
    return log_branch(1.0 + w, rotated) / w


def polynomial(coefficients: tuple[float, ...], z: complex) -> complex:
    """Evaluate Σ coefficients[k] zᵏ by Horner's rule."""
    value = complex(0.0, 0.0)
    for k in range(len(coefficients) - 1, -1, -1):
        value = value * z + coefficients[k]
    return value


def psi_from_increment(increment: complex, z: complex, rotated: bool) -> complex:
    """Return log(R)/ζ from (R − 1)/ζ."""
    ratio = log1p_ratio(z * increment, rotated)
    if math.isinf(ratio.real):  # R = 0: the product below would turn its imaginary part into NaN
        return ratio
    return increment * ratio


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
    slope: float,
    branch_points: tuple[complex, ...],
    double_points: tuple[complex, ...],
    rotated: bool,
) -> complex:
    """(R − 1)/ζ where w = R − 1 solves p₂w² + p₁w + ζ q₀ = 0: −2q₀/(p₁ + S), S² = p₁² − 4p₂ζq₀, S(0) = p₁(0).

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
    below = polynomial(linear, z) + root
    if below == 0:
        return complex(math.inf, 0.0)
    return -2.0 * polynomial(constant, z) / below


def increment_tracked(z: complex, rows: tuple[tuple[float, ...], ...], rotated: bool) -> complex:
    """(R − 1)/ζ of a polynomial Σ_j p_j(ζ) wʲ of any degree in w = R − 1, followed from w(0) = 0 to ζ.

    The path bends below the straight line from 0 to −ζ = hλ, around branch points on the real axis. Each step takes
    the tangent and corrects it with Newton's method.
    """
    if z == 0:
        z = complex(1e-150, 0.0)
    bend = 0.5j if rotated else 0.0j
    w = complex(0.0, 0.0)
    steps = 256
    previous = complex(0.0, 0.0)
    for n in range(1, steps + 1):
        s = n / steps
        position = z * s + bend * abs(z) * s * (1.0 - s)
        for iteration in range(6):
            at = previous if iteration == 0 else position
            value = complex(0.0, 0.0)
            by_w = complex(0.0, 0.0)
            by_z = complex(0.0, 0.0)
            for j in range(len(rows) - 1, -1, -1):
                p = complex(0.0, 0.0)
                dp = complex(0.0, 0.0)
                for k in range(len(rows[j]) - 1, -1, -1):
                    dp = dp * at + p
                    p = p * at + rows[j][k]
                by_w = by_w * w + value
                value = value * w + p
                by_z = by_z * w + dp
            if by_w == 0:
                return complex(math.nan, math.nan)
            if iteration == 0:
                w -= by_z / by_w * (position - previous)
            else:
                w -= value / by_w
        previous = position
    return w / z

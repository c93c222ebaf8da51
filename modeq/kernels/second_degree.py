r"""The coefficient c(ζ_i; ζ_j, ζ_k) of the principal flow of degree 2 in floating point: no digits lost at removable singularities.

With T = f″ and f in the eigenbasis of f′ the correction to ψ(h f′)f is (h²/2) Σ T_ijk f_j f_k c,

.. math::  c = \frac{1}{\zeta_j\zeta_k}\sum_\mu \pm(\log\mu-\log R_i)\,c^T(\mu I-M(\zeta_i))^{-1}B(I-\zeta_iA)^{-1}\varphi_\mu

over μ = R_jR_k, R_j, R_k, 1 with φ = s_j∘s_k, s_j, s_k, 1 and signs +, −, −, +: a second difference over a 2 × 2 grid, of the product
of the *logarithmic mean* ℓ(μ) = (log μ − log R_i)/(μ − R_i) and a rational function K of μ and φ. Differences obey Leibniz' rule,
those of K are exact divisions, and those of ℓ come from

- the values themselves, where the two points are far apart;
- the quotient ℓ = (log μ − log R_i)/(μ − R_i) by the rule for quotients, where R_i is far away;
- else ℓ = ∫ ds/((1 − s)R_i + sμ) over 0 ≤ s ≤ 1, by Gauss' formula: differences of the integrand are rational and exact.

log(R_jR_k) is log R_j + log R_k: on the solution of the flow the exponentials multiply, and with another sheet one step of the flow
would miss that of the method by O(1) in f² wherever two hλ > 1 meet.

As in `branches`, these are plain functions, copied into kernels. A *mode* is what they need to know about one eigenvalue ζ, a row of
complex numbers: ζ, R, log R, (R − 1)/ζ, ψ, then P = Rᵏs, (P − 1)/ζ, E = Rᵏ, (E − 1)/ζ, and the coefficients of μᵏ in the numerators
and in the denominator over μ − R of the transfer function; see `transfer`.
"""

from __future__ import annotations

from typing import Any

from .branches import log1p_ratio, polynomial
from .gauss import gauss_node, gauss_weight


def fill_mode(
    row: Any,
    z: complex,
    increment: complex,
    log_ratio: complex,
    numerators: tuple[tuple[float, ...], ...],
    denominator: tuple[tuple[float, ...], ...],
    slopes: tuple[tuple[tuple[float, ...], ...], ...],
    scale: tuple[tuple[float, ...], ...],
) -> None:
    """Write the mode of the eigenvalue z.

    Parameters
    ----------
    increment, log_ratio
        (R − 1)/ζ and log R/ζ at z.
    numerators
        Polynomials in ζ, one for each pair (k, stage), k slower.
    denominator
        Coefficient of μᵏ, k = 0 …, as polynomials in ζ.
    slopes, scale
        (s − 1)/ζ for each stage is slopes/scale; coefficients of (R − 1)/ζ to the power m, m = 0 …, as polynomials in ζ.
    """
    R = 1.0 + z * increment
    row[0] = z
    row[1] = R
    row[2] = z * log_ratio
    row[3] = increment
    row[4] = log_ratio
    stages = len(slopes)
    size = len(numerators)
    powers = len(denominator) - 1
    below = complex(0.0, 0.0)
    for m in range(len(scale) - 1, -1, -1):
        below = below * increment + polynomial(scale[m], z)
    for stage in range(stages):
        above = complex(0.0, 0.0)
        for m in range(len(slopes[stage]) - 1, -1, -1):
            above = above * increment + polynomial(slopes[stage][m], z)
        slope = above / below
        for k in range(size // stages):
            row[5 + k * stages + stage] = 1.0 + z * slope
            row[5 + size + k * stages + stage] = slope
            slope = R * slope + increment
    slope = complex(0.0, 0.0)
    for k in range(powers):
        row[5 + 2 * size + k] = 1.0 + z * slope
        row[5 + 2 * size + powers + k] = slope
        slope = R * slope + increment
    for n in range(size):
        row[5 + 2 * size + 2 * powers + n] = polynomial(numerators[n], z)
    quotient = complex(0.0, 0.0)
    for k in range(powers, 0, -1):  # synthetic division by μ − R
        quotient = quotient * R + polynomial(denominator[k], z)
        row[5 + 3 * size + 2 * powers + k - 1] = quotient


def log_mean(mu: complex, log_mu: complex, R: complex, log_R: complex) -> complex:
    """Return (log μ − log R)/(μ − R), 1/R where the two meet on one sheet of the logarithm."""
    w = (mu - R) / R
    if abs(w) < 0.5 and abs((log_mu - log_R).imag) < 3.0:
        return log1p_ratio(w, 0) / R
    return (log_mu - log_R) / (mu - R)


def reciprocal(w: complex, above: float) -> complex:
    """Return above/w; twice as fast as a division, which takes care of overflow that cannot come up here."""
    scale = above / (w.real * w.real + w.imag * w.imag)
    return complex(w.real * scale, -w.imag * scale)


def log_mean_pair(
    mu: complex, log_mu: complex, R: complex, log_R: complex, factor: complex, increment: complex, log_ratio: complex, z: complex
) -> tuple[complex, complex]:
    """Return ℓ(μ) and (ℓ(μ·factor) − ℓ(μ))/z, factor = 1 + z·increment near 1, log factor = z·ψ."""
    value = log_mean(mu, log_mu, R, log_R)
    if abs(log_mu - log_R) >= 0.8 or (mu * R.conjugate()).real <= 0.0:  # log |R| forgets a sign
        return value, (log_ratio - value * mu * increment) / (mu * factor - R)
    total = complex(0.0, 0.0)
    for n in range(17, 33):
        s = gauss_node(n)
        p = (1.0 - s) * R
        total += reciprocal((p + s * mu) * (p + s * mu * factor), gauss_weight(n) * s)
    return value, -mu * increment * total


def log_mean_differences(i: Any, j: Any, k: Any) -> tuple[complex, complex, complex, complex]:
    """Return ℓ(1), (ℓ(R_j) − ℓ(1))/ζ_j, (ℓ(R_k) − ℓ(1))/ζ_k and the second difference of ℓ over ζ_jζ_k, ℓ that of mode i."""
    R = i[1]
    log_R = i[2]
    zero = complex(0.0, 0.0)
    one = complex(1.0, 0.0)
    near_j = abs(j[2]) < 0.15
    near_k = abs(k[2]) < 0.15
    if near_j and near_k and abs(log_R) < 0.8 and R.real > 0.0:
        product = j[1] * k[1]
        by_j = zero
        by_k = zero
        by_both = zero
        spread = abs(log_R) + abs(j[2]) + abs(k[2])  # n points err by about (spread/4)^(2n)
        for n in range(7) if spread < 0.2 else range(7, 17) if spread < 0.5 else range(17, 33):
            s = gauss_node(n)
            p = (1.0 - s) * R
            at_j = p + s * j[1]
            at_k = p + s * k[1]
            at_both = p + s * product
            inverse = reciprocal((p + s) * at_j * at_k * at_both, gauss_weight(n) * s)
            by_j += at_k * at_both * inverse
            by_k += at_j * at_both * inverse
            by_both += (p * p - s * s * product) * inverse
        return log_mean(one, zero, R, log_R), -j[3] * by_j, -k[3] * by_k, -j[3] * k[3] * by_both
    if near_j and near_k:
        value = log_mean(one, zero, R, log_R)
        by_j = (j[4] - value * j[3]) / (j[1] - R)
        by_k = (k[4] - value * k[3]) / (k[1] - R)
        by_both = -(by_k * j[3] * k[1] + by_j * k[3] * j[1] + value * j[3] * k[3]) / (j[1] * k[1] - R)
        return value, by_j, by_k, by_both
    if near_k:
        value, by_k = log_mean_pair(one, zero, R, log_R, k[1], k[3], k[4], k[0])
        other, other_by_k = log_mean_pair(j[1], j[2], R, log_R, k[1], k[3], k[4], k[0])
        return value, (other - value) / j[0], by_k, (other_by_k - by_k) / j[0]
    if near_j:
        value, by_j = log_mean_pair(one, zero, R, log_R, j[1], j[3], j[4], j[0])
        other, other_by_j = log_mean_pair(k[1], k[2], R, log_R, j[1], j[3], j[4], j[0])
        return value, by_j, (other - value) / k[0], (other_by_j - by_j) / k[0]
    value = log_mean(one, zero, R, log_R)
    at_j = log_mean(j[1], j[2], R, log_R)
    at_k = log_mean(k[1], k[2], R, log_R)
    at_both = log_mean(j[1] * k[1], j[2] + k[2], R, log_R)
    return value, (at_j - value) / j[0], (at_k - value) / k[0], (at_both - at_j - at_k + value) / (j[0] * k[0])


def second_degree(i: Any, j: Any, k: Any, size: int, powers: int) -> complex:
    """Return c for three modes with `size` = stages × powers in the numerators and `powers` of μ in the denominators."""
    value, by_j, by_k, by_both = log_mean_differences(i, j, k)
    at = 5 + 2 * size + 2 * powers
    n00 = n10 = n01 = n11 = nj0 = nj1 = n0k = n1k = njk = complex(0.0, 0.0)
    for n in range(size):
        weight = i[at + n]
        Pj = j[5 + n]
        Pk = k[5 + n]
        Dj = j[5 + size + n]
        Dk = k[5 + size + n]
        n00 += weight
        n10 += weight * Pj
        n01 += weight * Pk
        n11 += weight * Pj * Pk
        nj0 += weight * Dj
        nj1 += weight * Dj * Pk
        n0k += weight * Dk
        n1k += weight * Pj * Dk
        njk += weight * Dj * Dk
    at += size
    if powers == 1:  # without memory the denominator does not depend on μ
        return (by_both * n11 + by_k * nj1 + by_j * n1k + value * njk) / i[at]
    q00 = q10 = q01 = q11 = qj0 = qj1 = q0k = q1k = qjk = complex(0.0, 0.0)
    for n in range(powers):
        weight = i[at + n]
        Ej = j[5 + 2 * size + n]
        Ek = k[5 + 2 * size + n]
        ej = j[5 + 2 * size + powers + n]
        ek = k[5 + 2 * size + powers + n]
        q00 += weight
        q10 += weight * Ej
        q01 += weight * Ek
        q11 += weight * Ej * Ek
        qj0 += weight * ej
        qj1 += weight * ej * Ek
        q0k += weight * ek
        q1k += weight * Ej * ek
        qjk += weight * ej * ek
    K00 = n00 / q00
    Kj0 = (nj0 - K00 * qj0) / q10
    K0k = (n0k - K00 * q0k) / q01
    Kj1 = (nj1 - n01 / q01 * qj1) / q11
    K1k = (n1k - n10 / q10 * q1k) / q11
    Kjk = (njk - K0k * qj1 - Kj0 * q1k - K00 * qjk) / q11
    return by_both * n11 / q11 + by_k * Kj1 + by_j * K1k + value * Kjk


def polynomial_3(coefficients: tuple[float, ...], count: int, x: complex, y: complex, z: complex) -> complex:
    """Evaluate Σ xᵃ yᵇ zᶜ over a + b + c < count, the coefficients in the order of three nested loops, c fastest."""
    value = complex(0.0, 0.0)
    at = 0
    x_power = complex(1.0, 0.0)
    for a in range(count):
        y_power = x_power
        for b in range(count - a):
            power = y_power
            for _ in range(count - a - b):
                value = value + coefficients[at] * power  # not in place: numbers here may be arrays
                power = power * z
                at += 1
            y_power = y_power * y
        x_power = x_power * x
    return value

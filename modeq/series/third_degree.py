r"""The coefficients of the principal flow of degree 3 in floating point: no digits lost at removable singularities.

With T = f″, Q = f‴ and f in the eigenbasis of f′ the correction beyond degree 2 is

.. math::  \frac{h^3}{6}\sum Q_{ijkl}f_jf_kf_l\,c_\star(\zeta_i;\zeta_j,\zeta_k,\zeta_l)
           + \frac{h^4}{2}\sum T_{iml}T_{mjk}f_jf_kf_l\,c_\circ(\zeta_i;\zeta_m;\zeta_j,\zeta_k;\zeta_l) .

Let g_i(ν, φ) be the output and Y_m(μ, φ) the stage values that answer a drive φμⁿ, see `transfer`, s_j the stage values on the
principal eigenvector, and ± φ_μ one of the four drives s_j∘s_k, −s_j, −s_k, 1 with μ = R_jR_k, R_j, R_k, 1. Then

.. math::  \zeta_j\zeta_k\zeta_l\,c_\star = \sum_\mu \pm(F_i(\mu R_l, \varphi_\mu\circ s_l) - F_i(\mu, \varphi_\mu)), \qquad
           F_i(\nu, \varphi) = (\log\nu - \log R_i)\,g_i(\nu, \varphi),

and for c∘ the drives φ_μμⁿ are replaced by the answers Y_m(μ, φ_μ)μⁿ − g_m(μ, φ_μ) s_m R_mⁿ to them, two exponentials each.
The logarithm of a product is the sum of the logarithms, as in `second_degree`.

Three kinds of singularities are removable:

- ν = R_i: g_i = K_i/(ν − R_i), so F_i = ℓ_i K_i with the logarithmic mean ℓ_i of `second_degree` and a rational K_i;
- μ = R_m: g_m = K_m/(μ − R_m) again, and W = Y_m − g_m s_m has no pole, its numerator is divided exactly. What is left is K_m times
  the divided difference of ν ↦ F_i(νR_l, s_m∘s_l) between μ and R_m: Leibniz' rule, and the second divided difference of log;
- ζ_j, ζ_k, ζ_l = 0: such a *leaf* is replaced by points on a circle around it, and c by its mean. Only leaves that are close to 0,
  compared with the nearest singular point, are moved, so that the circle stays away from 0 as well.

Measured against 60 digits, relative to c, for random real and complex ζ with |ζ| ≤ 0.9 that may be equal or 0: see `CIRCLE`.

These are plain functions like those of `second_degree`, and *mode* means the same row of numbers, with the middle part that
`fill_middle` appends. `one` is the mode of ζ = 0: R = 1, log R = 0, s = 1.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

from .branches import polynomial
from .second_degree import gauss_node, gauss_weight, log_mean

CIRCLE = 24  # points


def fill_middle(
    row: Any,
    at: int,
    stages: int,
    answers: tuple[tuple[float, ...], ...],
    seen: tuple[tuple[float, ...], ...],
    determinant: tuple[tuple[float, ...], ...],
) -> None:
    """Append to a mode what the node m between i and j, k needs: W from row[at] on.

    Parameters
    ----------
    answers
        Numerators of the stage values as polynomials in ζ, one for each (answering stage, driven stage, power of μ), last fastest.
    seen
        Numerators of the output over the same denominator, one for each (driven stage, power of μ).
    determinant
        Coefficient of μᵏ in that denominator, k = 0 …, as polynomials in ζ.
    """
    z = row[0]
    R = row[1]
    powers = len(seen) // stages
    quotient = complex(0.0, 0.0)
    for k in range(len(determinant) - 1, 0, -1):  # synthetic division by μ − R, here and below
        quotient = quotient * R + polynomial(determinant[k], z)
        row[at + k - 1] = quotient
    place = at + len(determinant) - 1
    for stage in range(stages):
        for driven in range(stages):
            quotient = complex(0.0, 0.0)
            for k in range(powers - 1, 0, -1):
                answer = polynomial(answers[(stage * stages + driven) * powers + k], z)
                quotient = quotient * R + answer - row[5 + stage] * polynomial(seen[driven * powers + k], z)
                row[place + k - 1] = quotient
            place += powers - 1


def moved_leaf(z: complex, reach: float, n: int, count: int) -> complex:
    """Return ζ, or the n-th of `count` points on the circle that replaces it close to 0; `reach` is how far 0 is from singularities."""
    if abs(z) >= 0.08 * reach:
        return z
    return z + 0.2 * reach * cmath.exp(2j * math.pi * (n + 0.5) / count)


def second_log_difference(a: complex, log_a: complex, b: complex, log_b: complex, c: complex, log_c: complex) -> complex:
    """Return the second divided difference of log at a, b and c, each with its own logarithm."""
    ab = abs(log_a - log_b)
    bc = abs(log_b - log_c)
    ca = abs(log_c - log_a)
    if max(ab, bc, ca) < 0.8:  # ℓ = ∫ ds/((1 − s)c + sμ), by Gauss' formula
        few = max(ab, bc, ca) < 0.35
        total = complex(0.0, 0.0)
        for n in range(0 if few else 7, 7 if few else 23):
            s = gauss_node(n)
            p = (1.0 - s) * c
            total -= gauss_weight(n) * s / ((p + s * a) * (p + s * b))
        return total
    if ca >= ab and ca >= bc:
        return (log_mean(a, log_a, b, log_b) - log_mean(b, log_b, c, log_c)) / (a - c)
    if ab >= bc:
        return (log_mean(a, log_a, c, log_c) - log_mean(c, log_c, b, log_b)) / (a - b)
    return (log_mean(b, log_b, a, log_a) - log_mean(a, log_a, c, log_c)) / (b - c)


def answer(i: Any, mu: complex, first: Any, at: int, second: Any, stages: int, size: int, degree: int) -> complex:
    """Return K_i(μ, φ), φ the product of the numbers first[at …] and the stage values of the mode `second`."""
    place = 5 + 2 * (size + degree)
    above = complex(0.0, 0.0)
    for k in range(size // stages - 1, -1, -1):
        above *= mu
        for stage in range(stages):
            above += i[place + k * stages + stage] * first[at + stage] * second[5 + stage]
    place += size
    below = complex(0.0, 0.0)
    for k in range(degree - 1, -1, -1):
        below = below * mu + i[place + k]
    return above / below


def answer_difference(
    i: Any, a: complex, b: complex, first: Any, at: int, second: Any, stages: int, size: int, degree: int
) -> tuple[complex, complex]:
    """Return K_i(a, φ) and (K_i(a, φ) − K_i(b, φ))/(a − b); φ as in `answer`."""
    place = 5 + 2 * (size + degree)
    above = slope = complex(0.0, 0.0)
    for k in range(size // stages - 1, -1, -1):
        slope = slope * a + above  # Horner's values at b are the coefficients of the divided difference
        above *= b
        for stage in range(stages):
            above += i[place + k * stages + stage] * first[at + stage] * second[5 + stage]
    place += size
    below = below_slope = complex(0.0, 0.0)
    for k in range(degree - 1, -1, -1):
        below_slope = below_slope * a + below
        below = below * b + i[place + k]
    value = above / below
    difference = (slope - value * below_slope) / (below + (a - b) * below_slope)
    return value + (a - b) * difference, difference


def fill_products(drives: Any, j: Any, k: Any, one: Any, stages: int) -> None:
    """Write the four drives of the modes j and k, 2 + stages numbers each: μ, log μ, ± φ_μ."""
    for n in range(4):
        first = j if n < 2 else one
        second = k if n % 2 == 0 else one
        sign = 1.0 if n == 0 or n == 3 else -1.0
        at = n * (2 + stages)
        drives[at] = first[1] * second[1]
        drives[at + 1] = first[2] + second[2]
        for stage in range(stages):
            drives[at + 2 + stage] = sign * first[5 + stage] * second[5 + stage]


def fill_answers(answers: Any, m: Any, drives: Any, one: Any, stages: int, size: int, degree: int, memory: int, powers: int) -> None:
    """Write how the mode m answers to the four drives, 3 + stages numbers each: μ, log μ, K_m, W.

    Parameters
    ----------
    memory, powers
        Powers of μ in the denominator and in the numerators of W.
    """
    width = 5 + 3 * (size + degree)
    for n in range(4):
        drive = n * (2 + stages)
        at = n * (3 + stages)
        mu = drives[drive]
        answers[at] = mu
        answers[at + 1] = drives[drive + 1]
        answers[at + 2] = answer(m, mu, drives, drive + 2, one, stages, size, degree)
        below = complex(0.0, 0.0)
        for k in range(memory - 1, -1, -1):
            below = below * mu + m[width + k]
        place = width + memory
        for stage in range(stages):
            total = complex(0.0, 0.0)
            for driven in range(stages):
                above = complex(0.0, 0.0)
                for k in range(powers - 1, -1, -1):
                    above = above * mu + m[place + k]
                place += powers
                total += above * drives[drive + 2 + driven]
            answers[at + 3 + stage] = total / below


def star_sum(i: Any, l: Any, drives: Any, stages: int, size: int, degree: int) -> complex:
    """Return Σ ± F_i(μR_l, φ_μ∘s_l) over the four drives."""
    total = complex(0.0, 0.0)
    for n in range(4):
        at = n * (2 + stages)
        mu = drives[at] * l[1]
        mean = log_mean(mu, drives[at + 1] + l[2], i[1], i[2])
        total += mean * answer(i, mu, drives, at + 2, l, stages, size, degree)
    return total


def nested_sum(i: Any, m: Any, l: Any, answers: Any, stages: int, size: int, degree: int) -> complex:
    """Return Σ ± F_i of the answers of the mode m to the four drives, times those of the mode l."""
    R = m[1] * l[1]
    log_R = m[2] + l[2]
    at_R = log_mean(R, log_R, i[1], i[2])
    total = complex(0.0, 0.0)
    for n in range(4):
        at = n * (3 + stages)
        mu = answers[at] * l[1]
        log_mu = answers[at + 1] + l[2]
        total += log_mean(mu, log_mu, i[1], i[2]) * answer(i, mu, answers, at + 3, l, stages, size, degree)
        value, difference = answer_difference(i, mu, R, m, 5, l, stages, size, degree)
        bend = second_log_difference(mu, log_mu, R, log_R, i[1], i[2])
        total += answers[at + 2] * l[1] * (bend * value + at_R * difference)
    return total

r"""The coefficients of the principal flow of degree 3 in floating point: no digits lost at removable singularities.

With T = f″, Q = f‴ and f in the eigenbasis of f′ the correction beyond degree 2 is

.. math::  \frac{h^3}{6}\sum Q_{ijkl}f_jf_kf_l\,c_\star(\zeta_i;\zeta_j,\zeta_k,\zeta_l)
           + \frac{h^4}{2}\sum T_{iml}T_{mjk}f_jf_kf_l\,c_\circ(\zeta_i;\zeta_m;\zeta_j,\zeta_k;\zeta_l) .

Let g_i(ν, φ) be the output and Y_m(μ, φ) the stage values that answer a drive φμⁿ, see `transfer`, s_j the stage values on the
principal eigenvector, and F_i(ν, φ) = (log ν − log R_i) g_i(ν, φ). Then

.. math::  \zeta_j\zeta_k\zeta_l\,c_\star = \sum_{S\subseteq\{j,k,l\}} (-1)^{3-|S|} F_i(R_S, s_S)

with products R_S and s_S of R and s over S, log R_S being the sum of the logarithms as in `second_degree`: a third difference over
a grid of 2 × 2 × 2 points. In c∘ the drives s_S μⁿ of the node m, S ⊆ {j, k}, μ = R_S, are replaced by its answers
Y_m(μ, s_S)μⁿ − g_m(μ, s_S) s_m R_mⁿ, two exponentials each.

Three kinds of singularities are removable.

- ν = R_i: g_i = K_i/(ν − R_i), so F_i = ℓ_i K_i with the logarithmic mean ℓ_i of ν and R_i and a rational K_i.
- μ = R_m: W = Y_m − g_m s_m has no pole, its numerator is divided exactly. What is left is K_m times the divided difference of
  ν ↦ F_i(νR_l, s_m∘s_l) between μ and R_m, by Leibniz' rule; it contains a second divided difference of the logarithm.
- ζ_j, ζ_k, ζ_l = 0. In the direction of a *leaf* with log R near 0 differences are exact, with R = 1 + wx, w = (R − 1)/ζ, and
  log R = ψx, see `grid_numbers`. For leaves that are far from 0 the differences of the values do.

These are plain functions like those of `second_degree`, and *mode* means the same row of numbers, with the middle part that
`fill_middle` appends. A *drive* is an array with rows for μ, log μ, the powers μᵏ of the denominator of K, and μᵏφ for its
numerator, each a number of `grid_numbers` in as many directions as there are near leaves. What the node m makes of a drive are four such
arrays, `Answers`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from .branches import polynomial
from .grid_numbers import bend_number, divide, log_mean_number, multiplied

Array = Any
Answers: TypeAlias = Any
"""Shape (4, rows, 8): W at the exponentials μ, s_m at μ, s_m at R_m, and divided differences between μ and R_m, the first row K_m."""
Shape: TypeAlias = tuple[int, int, int, int]
"""Stages, numbers in the numerator of K, powers in its denominator and powers of μ in that of W; see `third_modes.ThirdModes`."""


def fill_middle(
    row: Array,
    at: int,
    stages: int,
    answers: tuple[tuple[float, ...], ...],
    seen: tuple[tuple[float, ...], ...],
    determinant: tuple[tuple[float, ...], ...],
) -> None:
    """Append to a mode what the node m needs: W, from row[at] on.

    Parameters
    ----------
    answers
        Numerators of the stage values as polynomials in ζ, one for each (answering stage, power of μ, driven stage), last fastest.
    seen
        Numerators of the output over the same denominator, one for each (power of μ, driven stage).
    determinant
        Coefficient of μᵏ in that denominator, k = 0 …, as polynomials in ζ.
    """
    z = row[0]
    R = row[1]
    size = len(seen)
    quotient = complex(0.0, 0.0)
    for k in range(len(determinant) - 1, 0, -1):  # synthetic division by μ − R, here and below
        quotient = quotient * R + polynomial(determinant[k], z)
        row[at + k - 1] = quotient
    place = at + len(determinant) - 1
    for stage in range(stages):
        for driven in range(stages):
            quotient = complex(0.0, 0.0)
            for n in range(size - stages + driven, driven, -stages):
                answer = polynomial(answers[stage * size + n], z)
                quotient = quotient * R + answer - row[5 + stage] * polynomial(seen[n], z)
                row[place + n - stages] = quotient
        place += size - stages


def is_near(mode: Array) -> bool:
    """Whether differences in the direction of a leaf are taken exactly."""
    return bool(abs(mode[2]) < 0.3)


def begin(drive: Array, weights: Array) -> int:
    """Write the drive 1 and return how many coefficients a number has."""
    for row in range(len(drive)):
        drive[row, 0] = 1.0
    drive[1, 0] = 0.0
    weights[0] = 1.0
    return 1


def near(drive: Array, weights: Array, count: int, mode: Array, size: int, powers: int) -> int:
    """Multiply a drive by a near leaf, in a new direction, and return how many coefficients a number has now."""
    for S in range(count):
        weights[count + S] = weights[S] * mode[0]
        drive[0, count + S] = drive[0, S] * mode[3]
        drive[1, count + S] = 0.0
        for k in range(powers):
            drive[2 + k, count + S] = drive[2 + k, S] * mode[5 + 2 * size + powers + k]
        for n in range(size):
            drive[2 + powers + n, count + S] = drive[2 + powers + n, S] * mode[5 + size + n]
    drive[1, count] = mode[4]
    return 2 * count


def far(drive: Array, count: int, mode: Array, size: int, powers: int) -> int:
    """Multiply a drive by the values of a mode."""
    drive[1, 0] += mode[2]
    for S in range(count):
        drive[0, S] *= mode[1]
        for k in range(powers):
            drive[2 + k, S] *= mode[5 + 2 * size + k]
        for n in range(size):
            drive[2 + powers + n, S] *= mode[5 + n]
    return count


def multiply(drive: Array, weights: Array, count: int, mode: Array, role: int, size: int, powers: int) -> int:
    """Multiply a drive by a leaf in one of its roles: 0 left out, as at ζ = 0, 1 `far`, 2 `near`."""
    if role == 2:
        return near(drive, weights, count, mode, size, powers)
    return far(drive, count, mode, size, powers) if role == 1 else count


def contract(i: Array, drive: Array, count: int, size: int, powers: int, above: Array, below: Array) -> None:
    """Write the numerator and the denominator of K_i."""
    at = 5 + 2 * (size + powers)
    for S in range(count):
        total = complex(0.0, 0.0)
        for n in range(size):
            total += i[at + n] * drive[2 + powers + n, S]
        above[S] = total
        total = complex(0.0, 0.0)
        for k in range(powers):
            total += i[at + size + k] * drive[2 + k, S]
        below[S] = total


def star_number(i: Array, drive: Array, weights: Array, count: int, size: int, powers: int, work: Array) -> complex:
    """Return the last coefficient of F_i of a drive."""
    for S in range(count):
        work[5, S] = 0.0
        work[6, S] = 0.0
    work[5, 0] = i[1]
    work[6, 0] = i[2]
    log_mean_number(drive, work[5:7], weights, count, work[7], work)
    contract(i, drive, count, size, powers, work[0], work[1])
    divide(work[0], work[1], weights, count, work[2])
    return multiplied(work[7], work[2], weights, count - 1)


def fill_answers(m: Array, drive: Array, weights: Array, count: int, shape: Shape, made: Answers, work: Array) -> None:
    """Write what the mode m makes of a drive, but for the divided differences."""
    stages, size, powers, middle = shape
    answers, free, root, differ = made[0], made[1], made[2], made[3]
    contract(m, drive, count, size, powers, work[0], work[1])
    divide(work[0], work[1], weights, count, differ[0])
    begin(root, weights)
    far(root, 1, m, size, powers)
    at = 5 + 3 * (size + powers)
    for S in range(count):
        for row in range(2 + powers):
            answers[row, S] = free[row, S] = drive[row, S]
        for row in range(2 + powers + size if S > 0 else 0):
            root[row, S] = 0.0
        differ[1, S] = 0.0
        below = complex(0.0, 0.0)
        for k in range(middle):
            below += m[at + k] * drive[2 + k, S]
        work[1, S] = below
    at += middle
    inside = (len(m) - at) // stages  # numbers in a numerator
    for stage in range(stages):
        for S in range(count):
            above = complex(0.0, 0.0)
            for n in range(inside):
                above += m[at + n] * drive[2 + powers + n, S]
            work[0, S] = above
        at += inside
        divide(work[0], work[1], weights, count, work[2])
        for k in range(size // stages):
            row = 2 + powers + k * stages + stage
            for S in range(count):
                answers[row, S] = multiplied(drive[2 + k], work[2], weights, S)
                free[row, S] = drive[2 + k, S] * m[5 + stage]


def fill_differences(made: Answers, weights: Array, count: int, shape: Shape) -> None:
    """Write the divided differences between μ and R_m of the powers νᵏ and νᵏφ, once s_m at both has all its leaves."""
    stages, size, powers, _ = shape
    free, root, differ = made[1], made[2], made[3]
    for S in range(count):
        for row in range(2, 2 + powers + size):
            differ[row, S] = 0.0
    for k in range(powers - 1):  # νᵏ⁺¹ = ν νᵏ
        for S in range(count):
            differ[3 + k, S] = multiplied(free[0], differ[2 + k], weights, S) + root[2 + k, S]
    for k in range(1, size // stages):
        for stage in range(stages):
            for S in range(count):
                differ[2 + powers + k * stages + stage, S] = multiplied(differ[2 + k], root[2 + powers + stage], weights, S)


def nested_number(i: Array, made: Answers, mean: Array, weights: Array, count: int, shape: Shape, work: Array) -> complex:
    """Return the last coefficient of F_i of the answers of m; `mean` is the logarithmic mean of μ and R_m, times R_l both."""
    _, size, powers, _ = shape
    answers, free, root, differ = made[0], made[1], made[2], made[3]
    for S in range(count):
        work[5, S] = 0.0
        work[6, S] = 0.0
    work[5, 0] = i[1]
    work[6, 0] = i[2]
    log_mean_number(free, work[5:7], weights, count, work[7], work)
    log_mean_number(root, work[5:7], weights, count, work[8], work)
    bend_number(free, root, work[5:7], (mean, work[8], work[7]), weights, count, work[9], work)
    contract(i, answers, count, size, powers, work[0], work[1])
    divide(work[0], work[1], weights, count, work[2])
    total = multiplied(work[7], work[2], weights, count - 1)
    contract(i, free, count, size, powers, work[0], work[1])
    divide(work[0], work[1], weights, count, work[2])
    for S in range(count):
        work[3, S] = multiplied(work[9], work[2], weights, S)
    if powers > 1:  # without memory K_i does not depend on ν
        contract(i, root, count, size, powers, work[0], work[4])
        divide(work[0], work[4], weights, count, work[2])
        contract(i, differ, count, size, powers, work[0], work[4])
        for S in range(count):
            work[0, S] -= multiplied(work[2], work[4], weights, S)
        divide(work[0], work[1], weights, count, work[2])
        for S in range(count):
            work[3, S] += multiplied(work[8], work[2], weights, S)
    return total + multiplied(differ[0], work[3], weights, count - 1)

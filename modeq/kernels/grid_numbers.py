r"""Exact differences over a grid: sums, products, quotients and logarithms without loss of digits.

A function on the points 0 and ζ is the number f = f₀ + f₁x with x² = ζx: its value at 0 and its divided difference. Products and
quotients of functions are products and quotients of such numbers, in which nothing cancels as ζ → 0. On a grid of several
directions a number is Σ f_S x_S over sets S of directions, bits; ``weights[S]`` is the product of the ζ in S.

Plain functions, as in `branches`, on arrays of 2ⁿ complex numbers, n ≤ 3. Where logarithms are divided, a point is an array of two rows, it
and its logarithm, of which rows behind these are no part.
"""

from __future__ import annotations

from typing import Any

from .gauss import gauss_node, gauss_weight
from .second_degree import log_mean, reciprocal

Array = Any


def multiplied(a: Array, b: Array, weights: Array, S: int) -> complex:
    """Return the coefficient of x_S in the product."""
    total = complex(0.0, 0.0)
    A = S
    while True:  # A runs over the subsets of S, B over those that contain what A leaves out
        C = A
        part = complex(0.0, 0.0)
        while True:
            part += b[(S & ~A) | C] * weights[C]
            if C == 0:
                break
            C = (C - 1) & A
        total += a[A] * part
        if A == 0:
            return total
        A = (A - 1) & S


def divide(a: Array, b: Array, weights: Array, count: int, out: Array) -> None:
    """Write a/b: out b = a is solved coefficient by coefficient, that of x_S having the value of b at the point S."""
    for S in range(count):
        out[S] = 0.0
        value = complex(0.0, 0.0)
        A = S
        while True:
            value += b[A] * weights[A]
            if A == 0:
                break
            A = (A - 1) & S
        out[S] = (a[S] - multiplied(out, b, weights, S)) * reciprocal(value, 1.0)


def spread(log_a: Array, weights: Array, count: int) -> float:
    """Return how far a logarithm, which has no products of x, is from its first coefficient on the grid, at most."""
    total = 0.0
    S = 1
    while count > S:
        total += abs(log_a[S] * weights[S])
        S *= 2
    return total


def first_node(reach: float) -> int:
    """Return where `gauss_node` begins for arguments whose logarithms differ by at most `reach`: 7, 10 or 16 points."""
    return 0 if reach < 0.15 else 7 if reach < 0.4 else 17


def last_node(reach: float) -> int:
    """Return where the nodes end: 16 more for the second half of [0, 1] if it has to be halved."""
    return 7 if reach < 0.15 else 17 if reach < 0.4 else 33 if reach < 1.2 else 49


def panel_node(n: int, reach: float) -> float:
    """Return a node of Gauss' formula, on each half of [0, 1] if it has to be halved."""
    if reach < 1.2:
        return gauss_node(n)
    return 0.5 * gauss_node(n) if n < 33 else 0.5 + 0.5 * gauss_node(n - 16)


def panel_weight(n: int, reach: float) -> float:
    """Return the weight that belongs to `panel_node`."""
    if reach < 1.2:
        return gauss_weight(n)
    return 0.5 * gauss_weight(n if n < 33 else n - 16)


def log_mean_number(a: Array, b: Array, weights: Array, count: int, out: Array, work: Array) -> None:
    """Write (log a − log b)/(a − b); on the grid a and b are products, so their logarithms are linear in every x."""
    if count == 1:
        out[0] = log_mean(a[0, 0], a[1, 0], b[0, 0], b[1, 0])
        return
    apart = abs(a[1, 0] - b[1, 0])
    width = spread(a[1], weights, count) + spread(b[1], weights, count)
    if apart >= 0.4 + width:  # they do not meet
        for S in range(count):
            work[0, S] = a[1, S] - b[1, S]
            work[1, S] = a[0, S] - b[0, S]
        divide(work[0], work[1], weights, count, out)
        return
    for S in range(count):
        out[S] = 0.0
        work[0, S] = 0.0
    reach = apart + width
    for n in range(first_node(reach), last_node(reach)):  # ∫ ds/((1 − s)b + sa)
        s = panel_node(n, reach)
        work[0, 0] = panel_weight(n, reach)
        for S in range(count):
            work[1, S] = (1.0 - s) * b[0, S] + s * a[0, S]
        divide(work[0], work[1], weights, count, work[2])
        for S in range(count):
            out[S] += work[2, S]


def bend_number(
    a: Array, b: Array, c: Array, first: tuple[Array, Array, Array], weights: Array, count: int, out: Array, work: Array
) -> None:
    """Write the second divided difference of log at a, b and c, given the first ones, of ab, bc and ca; c is constant on the grid."""
    ab, bc, ca = first
    apart_ab = abs(a[1, 0] - b[1, 0])
    apart_bc = abs(b[1, 0] - c[1, 0])
    apart_ca = abs(c[1, 0] - a[1, 0])
    apart = max(apart_ab, apart_bc, apart_ca)
    width = spread(a[1], weights, count) + spread(b[1], weights, count)
    if apart >= 0.4 + width:  # divide by the difference of those that are farthest apart
        for S in range(count):
            if apart == apart_ca:
                work[0, S] = ab[S] - bc[S]
                work[1, S] = a[0, S] - c[0, S]
            elif apart == apart_ab:
                work[0, S] = ca[S] - bc[S]
                work[1, S] = a[0, S] - b[0, S]
            else:
                work[0, S] = ab[S] - ca[S]
                work[1, S] = b[0, S] - c[0, S]
        divide(work[0], work[1], weights, count, out)
        return
    for S in range(count):
        out[S] = 0.0
        work[0, S] = 0.0
    reach = apart + width
    for n in range(first_node(reach), last_node(reach)):  # −∫ s ds/(((1 − s)c + sa)((1 − s)c + sb))
        s = panel_node(n, reach)
        work[0, 0] = -panel_weight(n, reach) * s
        for S in range(count):
            work[1, S] = (1.0 - s) * c[0, S] + s * a[0, S]
            work[2, S] = (1.0 - s) * c[0, S] + s * b[0, S]
        divide(work[0], work[1], weights, count, work[3])
        divide(work[3], work[2], weights, count, work[4])
        for S in range(count):
            out[S] += work[4, S]

"""ψ(A) f for the small matrices A = h f′ of the principal flow, in the subset of Python that Numba compiles.

The Jacobian of a loss is symmetric, but at complex points it is complex symmetric, where transposed or conjugated
eigenvectors are no inverse; and the Jacobian of a game is not symmetric at all. So eigenvectors V are always inverted as a
linear system. Where they are nearly dependent, Cauchy integrals over circles around the eigenvalues take their place;
``distance(z)`` is the distance from z to the nearest point where ψ is not analytic, at most 1, and bounds their radius.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

import numpy as np
import scipy.linalg

from .injected import Injected


def same_sheet(value: complex, z: complex, reference: complex, apart: float) -> complex:
    """Return ψ(z) = log(R)/z with the logarithm on the sheet nearest to `reference`, a logarithm at a point nearby.

    Sheets are iπ·apart from each other: apart is 2, or 1 if `reference` can be log |R| for a negative R.
    """
    log = value * z
    turns = math.floor((reference.imag - log.imag) / (math.pi * apart) + 0.5)
    return value if turns == 0.0 else (log + 1j * math.pi * apart * turns) / z


def apply_2(
    psi: Injected, distance: Injected, a: complex, b: complex, c: complex, d: complex, first: complex, second: complex
) -> tuple[complex, complex]:
    """ψ([[a, b], [c, d]]) (first, second) from the two eigenvalues m ± δ."""
    if first == 0.0 and second == 0.0:
        return first, second
    m = 0.5 * (a + d)
    half = 0.5 * (a - d)
    delta = cmath.sqrt(half * half + b * c)
    if m.real * delta.real + m.imag * delta.imag < 0.0:
        delta = -delta
    larger = m + delta
    smaller = (a * d - b * c) / larger if larger != 0.0 else larger  # m − δ would cancel
    upper = psi(larger)
    lower = psi(smaller)
    if math.isinf(upper.real) or math.isinf(lower.real):
        other, value = (smaller, lower) if math.isinf(upper.real) else (larger, upper)
        along = max(abs((a - other) * first + b * second), abs(c * first + (d - other) * second))
        if along <= 1e-14 * abs(delta) * max(abs(first), abs(second)):  # nothing along the singular direction
            return value * first, value * second
    size = max(abs(half), abs(b), abs(c))
    reach = distance(m)
    if size == 0.0:
        return upper * first, upper * second
    if abs(delta) >= 0.01 * size or abs(delta) >= 0.1 * reach:
        # ψ(A) = [ψ(larger)(A − smaller) − ψ(smaller)(A − larger)]/2δ, with entries half ± δ that do not cancel
        plus = half + delta
        minus = half - delta
        if abs(plus) >= abs(minus):
            minus = -b * c / plus
        else:
            plus = -b * c / minus
        return (
            (upper * (plus * first + b * second) - lower * (minus * first + b * second)) / (2.0 * delta),
            (upper * (c * first - minus * second) - lower * (c * first - plus * second)) / (2.0 * delta),
        )
    # Nearly defective: mean of ψ plus divided difference times A − m, the latter (1/2πi) ∮ ψ(s)/((s − m)² − δ²) ds.
    radius = math.sqrt(0.1) * reach
    reference = psi(m) * m
    apart = 1.0 if abs(reference.imag) < 1e-9 else 2.0
    slope = complex(0.0, 0.0)
    for k in range(40):
        offset = radius * cmath.exp(2j * math.pi * (k + 0.5) / 40)
        value = same_sheet(psi(m + offset), m + offset, reference, apart)
        slope += value * offset / (offset * offset - delta * delta) / 40
    mean = 0.5 * (upper + lower)
    return (
        mean * first + slope * (half * first + b * second),
        mean * second + slope * (c * first - half * second),
    )


def largest_only(sizes: np.ndarray, kept: int) -> float:
    """Return the size from which on an eigenvalue is one of the ``kept`` largest, equal ones counting once.

    A Krylov space has one eigenvector of each eigenspace, and which of several equal ones is taken from a whole matrix is arbitrary.
    """
    if kept >= len(sizes):
        return 0.0
    ordered = np.sort(sizes)
    last = ordered[-1]
    found = 1
    for i in range(len(ordered) - 1, -1, -1):
        if ordered[i] < last * (1.0 - 1e-8):
            found += 1
            if found > kept:
                return last * (1.0 - 1e-8)
            last = ordered[i]
    return 0.0


def apply_symmetric(psis: Callable[[np.ndarray], np.ndarray], matrix: np.ndarray, vector: np.ndarray, kept: int, out: np.ndarray) -> None:
    """ψ(matrix) vector in NumPy for a real symmetric matrix and a real vector; `psis` takes an array, ``kept`` is as in `apply_n`."""
    out[:] = complex(math.nan, math.nan)
    if not np.isfinite(matrix).all():
        return
    # With the threads of compiled code, see `krylov.combined`; by divide and conquer, which takes two thirds of the time at d = 61.
    eigenvalues, V = scipy.linalg.eigh(matrix, driver="evd", check_finite=False)
    sizes = np.abs(eigenvalues)
    coordinates = (V * vector.reshape(-1, 1)).sum(axis=0)
    along = np.flatnonzero(coordinates)  # ∞·0 is 0 here: nothing moves along other directions
    moved = np.zeros(len(vector), np.complex128)
    moved[along] = psis(np.where(sizes >= largest_only(sizes, kept), eigenvalues, 0.0)[along]) * coordinates[along]
    out[:] = (V * moved).sum(axis=1)


def apply_n(psi: Injected, distance: Injected, matrix: np.ndarray, vector: np.ndarray, kept: int, out: np.ndarray) -> None:
    """ψ(matrix) vector for any d by eigenvectors, or by Cauchy integrals where these are nearly dependent.

    With ``kept`` < d, ψ acts on so many eigenvalues of largest modulus, on the others it is ψ(0); Cauchy integrals keep all.
    """
    d = len(vector)
    out[:] = complex(math.nan, math.nan)
    if not np.isfinite(matrix).all():
        return
    eigenvalues, V = np.linalg.eig(matrix)
    if np.linalg.det(V) != 0.0:
        inverse = np.linalg.inv(V)
        if np.abs(inverse).sum(axis=1).max() < 1e4:  # the columns of V have length 1: this is its condition number
            cut = largest_only(np.abs(eigenvalues), kept)
            coordinates = (inverse * vector).sum(axis=1)
            moved = np.zeros(d, np.complex128)
            for along in np.flatnonzero(coordinates):  # ∞·0 is 0 here: nothing moves along other directions
                moved[along] = psi(eigenvalues[along] if abs(eigenvalues[along]) >= cut else complex(0.0, 0.0)) * coordinates[along]
            out[:] = (V * moved).sum(axis=1)
            return
    cluster = np.arange(d)  # eigenvalues that are close, compared with the nearest singularity, share a circle
    for _ in range(d):
        for i in range(d):
            for j in range(d):
                if abs(eigenvalues[i] - eigenvalues[j]) < 0.05 * distance(eigenvalues[i]):
                    cluster[i] = min(cluster[i], cluster[j])
    for i in range(d):
        out[i] = 0.0
    shifted = np.empty((d, d), np.complex128)
    for label in range(d):
        members = 0
        centre = complex(0.0, 0.0)
        for i in range(d):
            if cluster[i] == label:
                members += 1
                centre += eigenvalues[i]
        if members == 0:
            continue
        centre /= members
        spread = 0.0
        reach = distance(centre)
        for i in range(d):
            if cluster[i] == label:
                spread = max(spread, abs(eigenvalues[i] - centre))
            else:
                reach = min(reach, abs(eigenvalues[i] - centre))
        radius = math.sqrt(max(spread, 0.06 * reach) * reach)
        reference = psi(centre) * centre
        apart = 1.0 if abs(reference.imag) < 1e-9 else 2.0
        for k in range(96):
            offset = radius * cmath.exp(2j * math.pi * (k + 0.5) / 96)
            for i in range(d):
                for j in range(d):
                    shifted[i, j] = -matrix[i, j]
                shifted[i, i] += centre + offset
            solution = np.linalg.solve(shifted, vector)
            weight = same_sheet(psi(centre + offset), centre + offset, reference, apart) * offset / 96
            for i in range(d):
                out[i] += weight * solution[i]

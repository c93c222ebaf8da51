"""ψ(A) f for the small matrices A = h f′ of the principal flow, in the subset of Python that Numba compiles.

The Jacobian of a loss is symmetric, but at complex points it is complex symmetric, where transposed or conjugated
eigenvectors are no inverse; and the Jacobian of a game is not symmetric at all. So eigenvectors V are always inverted
as a linear system. Where V is nearly singular the Cauchy integral over a circle around the spectrum takes its place.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np


def apply_2(psi: Any, a: complex, b: complex, c: complex, d: complex, first: complex, second: complex) -> tuple[complex, complex]:
    """ψ([[a, b], [c, d]]) (first, second) from the two eigenvalues m ± δ: mean of ψ plus divided difference times A − m."""
    m = 0.5 * (a + d)
    half = 0.5 * (a - d)
    delta = cmath.sqrt(half * half + b * c)
    upper = psi(m + delta)
    lower = psi(m - delta)
    if abs(delta) > 1e-3:
        slope = (upper - lower) / (2.0 * delta)
    else:  # (1/2πi) ∮ ψ(s)/((s − m)² − δ²) ds: the difference above would lose its digits
        radius = 0.02
        slope = complex(0.0, 0.0)
        for k in range(16):
            offset = radius * cmath.exp(2j * math.pi * (k + 0.5) / 16)
            slope += psi(m + offset) * offset / (offset * offset - delta * delta) / 16
    mean = 0.5 * (upper + lower)
    return (
        mean * first + slope * (half * first + b * second),
        mean * second + slope * (c * first - half * second),
    )


def apply_n(psi: Any, matrix: np.ndarray, vector: np.ndarray, out: np.ndarray) -> None:
    """ψ(matrix) vector for d ≥ 3 by eigenvectors, or by the Cauchy integral where these are nearly dependent."""
    d = len(vector)
    for i in range(d):
        for j in range(d):
            if not (math.isfinite(matrix[i, j].real) and math.isfinite(matrix[i, j].imag)):
                for k in range(d):
                    out[k] = complex(math.nan, math.nan)
                return
    eigenvalues, V = np.linalg.eig(matrix)
    centre = eigenvalues.sum() / d
    spread = np.abs(eigenvalues - centre).max()
    if abs(np.linalg.det(V)) < 1e-10 and spread < 0.25:
        for i in range(d):
            out[i] = 0.0
        radius = 2.0 * spread + 0.02
        shifted = np.empty((d, d), np.complex128)
        for k in range(64):
            offset = radius * cmath.exp(2j * math.pi * (k + 0.5) / 64)
            for i in range(d):
                for j in range(d):
                    shifted[i, j] = -matrix[i, j]
                shifted[i, i] += centre + offset
            solution = np.linalg.solve(shifted, vector)
            weight = psi(centre + offset) * offset / 64
            for i in range(d):
                out[i] += weight * solution[i]
        return
    coordinates = np.linalg.solve(V, vector)
    for k in range(d):
        coordinates[k] *= psi(eigenvalues[k])
    for i in range(d):
        total = complex(0.0, 0.0)
        for k in range(d):
            total += V[i, k] * coordinates[k]
        out[i] = total

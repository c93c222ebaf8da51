r"""Degree 2 of the principal flow on small systems, in the subset of Python that Numba compiles.

With the eigenvectors V of A = h f′, f = Σ f_j V_j and T = f″ the correction is Σ c(ζ_i; ζ_j, ζ_k) f_j f_k V_i (V⁻¹ T[V_j, V_k])_i
up to h²/2. The generated module defines ``write_mode(row, z)``, which writes the mode of an eigenvalue, and ``coefficient(i, j, k)``,
which returns c of three modes; see `second_degree`.

Where eigenvectors are nearly dependent the correction is still an analytic function of the matrix. There it is its mean over a
circle of matrices A + r e^{iφ} D, whose eigenvectors are independent.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from .injected import Injected

Array = Any


def eigen_1(matrix: Array, z: Array, V: Array, W: Array) -> float:
    """Do what `eigen_n` does for a number."""
    z[0] = matrix[0, 0]
    V[0, 0] = 1.0
    W[0, 0] = 1.0
    return 1.0


def eigen_2(matrix: Array, z: Array, V: Array, W: Array) -> float:
    """Do what `eigen_n` does for two rows, in closed form: the eigenvalues are m ± δ."""
    a = matrix[0, 0]
    b = matrix[0, 1]
    c = matrix[1, 0]
    d = matrix[1, 1]
    m = 0.5 * (a + d)
    half = 0.5 * (a - d)
    delta = cmath.sqrt(half * half + b * c)
    if m.real * delta.real + m.imag * delta.imag < 0.0:
        delta = -delta
    z[0] = m + delta
    z[1] = (a * d - b * c) / z[0] if z[0] != 0.0 else z[0]  # m − δ would cancel
    size = abs(half) + abs(b) + abs(c)
    if size == 0.0:
        V[0, 0] = V[1, 1] = W[0, 0] = W[1, 1] = 1.0
        V[0, 1] = V[1, 0] = W[0, 1] = W[1, 0] = 0.0
        return 1.0
    if delta == 0.0:
        return math.inf
    plus = half + delta
    minus = half - delta
    if abs(plus) >= abs(minus):  # entries of A − z, those that do not cancel
        V[0, 0] = plus
        V[1, 0] = c
        V[0, 1] = b
        V[1, 1] = -plus
        inverse = -0.5 / (plus * delta)
    else:
        V[0, 0] = b
        V[1, 0] = -minus
        V[0, 1] = minus
        V[1, 1] = c
        inverse = -0.5 / (minus * delta)
    W[0, 0] = V[1, 1] * inverse
    W[0, 1] = -V[0, 1] * inverse
    W[1, 0] = -V[1, 0] * inverse
    W[1, 1] = V[0, 0] * inverse
    return size / abs(delta)


def eigen_n(matrix: Array, z: Array, V: Array, W: Array) -> float:
    """Write eigenvalues, eigenvectors (columns of V) and W = V⁻¹; return about the condition of V, ∞ if there is no W."""
    values, vectors = np.linalg.eig(matrix)
    if np.linalg.det(vectors) == 0.0:
        return math.inf
    inverse = np.linalg.inv(vectors)
    for i in range(len(z)):
        z[i] = values[i]
        for j in range(len(z)):
            V[i, j] = vectors[i, j]
            W[i, j] = inverse[i, j]
    return float(np.abs(inverse).sum(axis=1).max())  # the columns of V have length 1


def bent_by(given: Array, at: int, V: Array, k: int, sheet: Array) -> None:
    """Write T[·, V_k] as a matrix; T is in the rows of `given` from `at` on."""
    d = len(V)
    for a in range(d):
        for b in range(d):
            sheet[a, b] = 0.0
            for e in range(d):
                sheet[a, b] += given[at + a * d + b, e] * V[e, k]


def add_second_degree(
    write_mode: Injected, coefficient: Injected, given: Array, space: Array, width: int, factor: float, out: Array
) -> None:
    """Add factor · Σ c(ζ_i; ζ_j, ζ_k) f_j f_k V_i (V⁻¹ T[V_j, V_k])_i to `out`; rows of `given` and `space` as in `by_degree`."""
    d = len(out)
    z = space[0]
    parts = space[1]
    bent = space[2]
    V = space[3 : 3 + d]
    W = space[3 + d : 3 + 2 * d]
    sheet = space[3 + 2 * d : 3 + 3 * d]
    rows = np.empty((d, width), np.complex128)
    for i in range(d):
        write_mode(rows[i], z[i])
        parts[i] = 0.0
        for a in range(d):
            parts[i] += W[i, a] * given[0, a]
    for k in range(d):
        if parts[k] == 0.0:  # nothing moves along this direction, whatever c is
            continue
        bent_by(given, 1 + d, V, k, sheet)
        for j in range(k + 1):
            if parts[j] == 0.0:
                continue
            both = parts[j] * parts[k] * (factor if j == k else 2.0 * factor)
            for a in range(d):
                bent[a] = 0.0
                for b in range(d):
                    bent[a] += sheet[a, b] * V[b, j]
            for i in range(d):
                along = complex(0.0, 0.0)
                for a in range(d):
                    along += W[i, a] * bent[a]
                if along != 0.0:
                    along *= both * coefficient(rows[i], rows[j], rows[k])
                    for a in range(d):
                        out[a] += V[a, i] * along


def add_up_to_third(
    write_mode: Injected, coefficient: Injected, third: Injected, given: Array, space: Array, width: int, factor: float, out: Array
) -> None:
    """Do what `add_second_degree` does, and add factor times the correction of degree 3."""
    add_second_degree(write_mode, coefficient, given, space, width, factor, out)
    d = len(out)
    V = space[3 : 3 + d].copy()
    W = space[3 + d : 3 + 2 * d].copy()
    T = np.empty((d, d, d), np.complex128)
    Q = np.empty((d, d, d, d), np.complex128)
    sheet = np.empty((d, d), np.complex128)
    rows = np.empty((d, width), np.complex128)
    for i in range(d):
        write_mode(rows[i], space[0, i])
    for k in range(d):
        bent_by(given, 1 + d, V, k, sheet)
        T[:, :, k] = W @ sheet @ V
    slab = np.empty((d * d, d), np.complex128)
    for l in range(d):
        for a in range(d):  # T[·, ·, V_l] for each component of f‴
            bent_by(given, 1 + d + d * d + a * d * d, V, l, sheet)
            slab[a * d : (a + 1) * d] = sheet
        for k in range(d):
            bent_by(slab, 0, V, k, sheet)
            Q[:, :, k, l] = W @ sheet @ V
    added = np.zeros(d, np.complex128)
    third(rows, space[1], T, Q, added)
    for i in range(d):
        for a in range(d):
            out[a] += factor * V[a, i] * added[i]


def by_degree(add_corrections: Injected, distance: Injected, eigen: Injected, given: Array, width: int, out: Array) -> None:
    """Add the corrections to `out`, directly or as a mean over a circle around A; `add_corrections` is one of the two above.

    Rows of `given`: f, then A, T and, for degree 3, Q; of the workspace: ζ, f in the eigenbasis, a vector, V, V⁻¹, a matrix.
    """
    d = len(out)
    space = np.empty((3 + 3 * d, d), np.complex128)
    size = 0.0
    for i in range(d):
        for j in range(d):
            size += abs(given[1 + i, j])
    if not math.isfinite(size):
        out[:] = math.nan
        return
    worst = 50.0 if len(given) == 1 + d + d * d else 20.0  # degree 2 loses the third power of the condition, degree 3 the fifth
    if eigen(given[1 : 1 + d], space[0], space[3 : 3 + d], space[3 + d : 3 + 2 * d]) < worst:
        add_corrections(given, space, width, 1.0, out)
        return
    matrix = given[1 : 1 + d].copy()
    values = np.linalg.eigvals(matrix)
    reach = 1.0
    for i in range(d):
        reach = min(reach, distance(values[i]))
    direction = np.empty((d, d), np.complex128)
    for i in range(d):
        for j in range(d):
            direction[i, j] = math.cos(1.0 + 3.0 * i + 7.0 * j) / d
    radius = 0.2 * reach
    for _ in range(60):  # until eigenvalues move by half of the way to the nearest singularity at most
        moved = np.linalg.eigvals(matrix + radius * direction)
        furthest = 0.0
        for i in range(d):
            furthest = max(furthest, np.abs(moved[i] - values).min())
        if furthest <= 0.5 * reach:
            break
        radius *= 0.5
    for n in range(32):
        nearby = matrix + radius * cmath.exp(2j * math.pi * (n + 0.5) / 32) * direction
        eigen(nearby, space[0], space[3 : 3 + d], space[3 + d : 3 + 2 * d])
        add_corrections(given, space, width, 1.0 / 32, out)

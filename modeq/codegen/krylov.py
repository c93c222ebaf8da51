r"""The principal flow ψ(h f′) f on losses with many parameters, in the subset of Python that Numba compiles.

With few parameters the Hessian is built from d products with unit vectors. With many, f and its first products with h f′ span
a Krylov space; h f′ restricted to it is a small matrix, on which ψ is computed by eigenvectors. The process is Arnoldi's with
full orthogonalisation, done twice: for real symmetric matrices it is Lanczos' with full reorthogonalisation, and at complex
points, where the Hessian is complex symmetric, it cannot break down as the unsymmetric Lanczos process can.

From ``par[par[2]]`` on: a plan for one path of degree 1 (3 numbers), how many eigenvalues ψ acts on (all others: ψ(0)), the
largest dimension, the tolerance, the order of completion (0: none), the weights b of its chains, and the plan of the modified
field (see `taylor_fields`).

Reference: Y. Saad, Analysis of some Krylov subspace approximations to the matrix exponential operator, SIAM J. Numer. Anal. 29
(1992) 209–228, doi:10.1137/0729014.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .taylor_fields import series, workspace_size

Array = Any


def by_krylov_space(taylor: Any, spectral: Any, y: Array, f: Array, par: Array, given: Array, F: Array, work: Array, out: Array) -> int:
    """Add ψ(h f′) f; return the number of products, and add NaN if the tolerance was not reached.

    The result counts as converged when four more products change it by less than the tolerance, relative to its size.
    """
    at = int(par[2])
    limit = int(par[at + 4])
    size = math.sqrt(np.sum(np.abs(f) ** 2))
    if size == 0.0:
        return 0
    V = np.zeros((limit + 1, len(y)), y.dtype)
    H = np.zeros((limit + 1, limit), y.dtype)
    before = np.zeros(limit, np.complex128)
    V[0] += f / size
    for m in range(limit):
        given[0, 1] = V[m]
        taylor(y, given, par, at, F, work, True, F[:0])
        V[m + 1] += par[0] * F[0, 1]
        length = math.sqrt(np.sum(np.abs(V[m + 1]) ** 2))
        for _ in range(2):
            for i in range(m + 1):
                overlap = np.sum(np.conj(V[i]) * V[m + 1])
                H[i, m] += overlap
                V[m + 1] -= overlap * V[i]
        rest = math.sqrt(np.sum(np.abs(V[m + 1]) ** 2))
        if not math.isfinite(rest):
            break
        exact = rest <= 1e-14 * length or m + 1 == len(y)  # the space is invariant
        if exact or m % 4 == 3 or m + 1 == limit:
            coordinates = np.zeros(m + 1, np.complex128)
            vector = np.zeros(m + 1, y.dtype)
            vector[0] = size
            spectral(H[: m + 1, : m + 1].copy(), vector, int(par[at + 3]), coordinates)
            change = np.sum(np.abs(coordinates - before[: m + 1]) ** 2)
            if exact or change <= par[at + 5] ** 2 * np.sum(np.abs(coordinates) ** 2):
                for i in range(m + 1):
                    out += coordinates[i] * V[i]
                return m + 1
            before[: m + 1] = coordinates
        H[m + 1, m] = rest
        V[m + 1] /= rest
    out += math.nan
    return limit


def by_eigenvectors(taylor: Any, spectral: Any, y: Array, f: Array, par: Array, given: Array, F: Array, work: Array, out: Array) -> int:
    """Add ψ(h f′) f from the whole matrix; return the number of products."""
    at = int(par[2])
    d = len(y)
    matrix = np.empty((d, d), y.dtype)
    for i in range(d):
        given[0, 1, i] = 1.0
        taylor(y, given, par, at, F, work, True, F[:0])
        given[0, 1, i] = 0.0
        matrix[:, i] = par[0] * F[0, 1]
    moved = np.zeros(d, np.complex128)
    spectral(matrix, f, int(par[at + 3]), moved)
    out += moved
    return d


def complete(taylor: Any, y: Array, f: Array, par: Array, given: Array, F: Array, work: Array, out: Array) -> int:
    """Add the trees that are no chains, up to the order of completion: modified field less chains b_j h^j f′^j f."""
    at = int(par[2])
    order = int(par[at + 6])
    if order < 3:
        return 0
    coefficients = series(taylor, y, par, at + 7 + order, 1)[0]
    power = 1.0
    given[0, 1] = f
    for j in range(1, order):
        taylor(y, given, par, at, F, work, True, F[:0])
        power *= par[0]
        given[0, 1] = F[0, 1]
        if j >= 2:
            out += power * (coefficients[j] - par[at + 7 + j] * F[0, 1])
    return order - 1


def principal_field(taylor: Any, spectral: Any, action: Any, y: Array, par: Array, out: Array) -> int:
    """Add the principal flow, completed if that is asked for, to `out`; return the number of Hessian–vector products."""
    given = np.zeros((1, 2, len(y)), y.dtype)
    F = np.zeros((1, 2, len(y)), y.dtype)
    work = np.empty(workspace_size(par, int(par[2])), y.dtype)
    taylor(y, given, par, int(par[2]), F, work, False, F[:0])
    f = F[0, 0].copy()
    count = action(taylor, spectral, y, f, par, given, F, work, out)
    return int(count) + complete(taylor, y, f, par, given, F, work, out)

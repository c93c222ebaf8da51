r"""The principal flow ψ(h f′) f on losses with many parameters, in the subset of Python that Numba compiles.

With few parameters the Hessian is built from d products with unit vectors. With many, f and its first products with h f′ span
a Krylov space; h f′ restricted to it is a small matrix, on which ψ is computed by eigenvectors. The process is Arnoldi's with
full orthogonalisation, done twice: for real symmetric matrices it is Lanczos' with full reorthogonalisation, and at complex
points, where the Hessian is complex symmetric, it cannot break down as the unsymmetric Lanczos process can.

From ``par[par[2]]`` on: a plan for one path of degree 1 (3 numbers), how many eigenvalues ψ acts on (all others: ψ(0)), the
largest dimension, the tolerance, the slack, the order of completion (0: none), a plan for one path of degree 2, and the plan of the
modified field (see `taylor_fields`), whose part that ψ sums ψ leaves out.

Besides ψ, ``spectral(matrix, vector, inner, weights, kept, out)`` can be a function made of the coefficients of degree 2, that
with the values `inner` and `weights` of `separable`; it is ψ where there are none.

Reference: Y. Saad, Analysis of some Krylov subspace approximations to the matrix exponential operator, SIAM J. Numer. Anal. 29
(1992) 209–228, doi:10.1137/0729014.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from .injected import Injected
from .layout import PAR, PRINCIPAL
from .taylor_fields import series, workspace_size

Array = Any
Space: TypeAlias = tuple[Array, Array, Array, Array, Array]
"""What a Krylov space takes, as a tuple, which compiled code knows: given, shape (1, 2, d), F, the same, and work of Taylor arithmetic
along a path; then the rows V of an orthonormal basis, shape (dimension + 1, d), and the matrix H in it, (dimension + 1, dimension)."""


def combined(weights: Array, rows: Array) -> Array:
    """Return Σ weights[i] rows[i].

    Not by BLAS: NumPy's and that of compiled code, SciPy's, each have threads of their own, which wait for work at full speed and so
    take the cores from the other for many times as long as this takes.
    """
    return (weights.reshape(-1, 1) * rows).sum(axis=0)


def orthogonalise(V: Array, H: Array, m: int) -> tuple[float, bool]:
    """Move what row m + 1 of V has in the rows before it to column m of H; return the length that is left, and whether it is nothing."""
    length = math.sqrt(np.sum(np.abs(V[m + 1]) ** 2))
    for _ in range(2):
        overlaps = (np.conj(V[: m + 1]) * V[m + 1]).sum(axis=1)
        H[: m + 1, m] += overlaps
        V[m + 1] -= combined(overlaps, V[: m + 1])
    rest = math.sqrt(np.sum(np.abs(V[m + 1]) ** 2))
    H[m + 1, m] = rest
    return rest, rest <= 1e-14 * length


def by_krylov_space(
    taylor: Injected, spectral: Injected, y: Array, start: Array, inner: Array, weights: Array, par: Array, space: Space, out: Array
) -> int:
    """Add ψ(h f′) start; return the number of products, and add NaN if the tolerance was not reached.

    The result counts as converged when four or more products, a quarter of those before, change it by less than the tolerance, relative
    to its size; where a slack is given, a quarter of them alone, by less than the slack relative to y, times h. A solver whose
    tolerance is above the slack has no use for more. The rows of V become an orthonormal basis and H the matrix in it.
    """
    given, F, work, V, H = space
    at = int(par[PAR.end])
    limit = len(V) - 1
    size = math.sqrt(np.sum(np.abs(start) ** 2))
    if size == 0.0:
        return 0
    before = np.zeros(limit, np.complex128)
    slack = par[at + PRINCIPAL.slack] * math.sqrt(np.sum(np.abs(y) ** 2)) / par[PAR.step]
    fewest = 1 if slack > 0.0 else 4
    due = max(fewest, 2)
    V[0] = start / size  # row by row, since most of V is never reached
    for m in range(limit):
        given[0, 1] = V[m]
        taylor(y, given, par, at, F, work, 1.0, F[:0])
        V[m + 1] = par[PAR.step] * F[0, 1]
        H[:, m] = 0.0
        rest, invariant = orthogonalise(V, H, m)
        if not math.isfinite(rest):
            break
        exact = invariant or m + 1 == len(y)
        if exact or m + 1 == due or m + 1 == limit:
            due += max(fewest, due // (4 if len(inner) == 0 else 2))  # all eigenvectors at every check; functions with many terms are dear
            coordinates = np.zeros(m + 1, np.complex128)
            vector = np.zeros(m + 1, y.dtype)
            vector[0] = size
            spectral(H[: m + 1, : m + 1].copy(), vector, inner, weights, int(par[at + PRINCIPAL.kept]), coordinates)
            change = np.sum(np.abs(coordinates - before[: m + 1]) ** 2)
            allowed = max(slack**2, par[at + PRINCIPAL.tolerance] ** 2 * np.sum(np.abs(coordinates) ** 2))
            if exact or change <= allowed:
                out += combined(coordinates, V[: m + 1])
                return m + 1
            before[: m + 1] = coordinates
        V[m + 1] /= rest
    out += math.nan
    return limit


def by_eigenvectors(
    taylor: Injected, spectral: Injected, y: Array, start: Array, inner: Array, weights: Array, par: Array, space: Space, out: Array
) -> int:
    """Add ψ(h f′) start from the whole matrix; return the number of products."""
    d = len(y)
    matrix = np.empty((d, d), y.dtype)
    whole_matrix(taylor, y, par, space[2], matrix)
    moved = np.zeros(d, np.complex128)
    spectral(matrix, start, inner, weights, int(par[int(par[PAR.end]) + PRINCIPAL.kept]), moved)
    out += moved
    return d


def by_krylov_space_or_eigenvectors(
    taylor: Injected, spectral: Injected, y: Array, start: Array, inner: Array, weights: Array, par: Array, space: Space, out: Array
) -> int:
    """Do what `by_krylov_space` does, and take the whole matrix where many eigenvalues are so near a singularity that it fails."""
    moved = np.zeros(len(y), np.complex128)
    count = by_krylov_space(taylor, spectral, y, start, inner, weights, par, space, moved)
    if not math.isfinite(np.abs(moved).sum()) and math.isfinite(np.abs(start).sum()):
        moved[:] = 0.0
        count += by_eigenvectors(taylor, spectral, y, start, inner, weights, par, space, moved)
    out += moved
    return count


def whole_matrix(taylor: Injected, y: Array, par: Array, work: Array, matrix: Array) -> None:
    """Write h f′ by products along all coordinates, at once."""
    d = len(y)
    along = np.zeros((d, 2, d), y.dtype)
    slopes = np.empty((d, 2, d), y.dtype)
    for i in range(d):
        along[i, 1, i] = 1.0
    taylor(y, along, par, int(par[PAR.end]), slopes, work, 1.0, slopes[:0])
    matrix[:] = par[PAR.step] * slopes[:, 1].T


def no_bends(y: Array, f: Array, par: Array, space: Space, count: int, out: Array) -> int:
    """Add nothing: degree 1."""
    return 0


def complete(taylor: Injected, y: Array, par: Array, out: Array) -> None:
    """Add the modified field of the order of completion; ψ and c leave out what they share with it."""
    at = int(par[PAR.end])
    if par[at + PRINCIPAL.completion] == 0.0:
        return
    coefficients = series(taylor, y, par, at + PRINCIPAL.size, 1)[0]
    power = 1.0
    for j in range(len(coefficients)):
        out += power * coefficients[j]
        power *= par[PAR.step]


def principal_field(taylor: Injected, action: Injected, bends: Injected, y: Array, par: Array, out: Array) -> int:
    """Add the principal flow, completed if that is asked for, to `out`; return the number of Hessian–vector products.

    ``action(y, start, inner, weights, par, space, out)`` adds a function of h f′ on a vector: ψ, or one of degree 2.
    ``bends(y, f, par, space, count, out)`` adds the correction of degree 2.
    """
    at = int(par[PAR.end])
    limit = int(par[at + PRINCIPAL.limit])
    given = np.zeros((1, 2, len(y)), y.dtype)
    F = np.zeros((1, 2, len(y)), y.dtype)
    work = np.empty(workspace_size(par, at), y.dtype)
    V = np.empty((limit + 1, len(y)), y.dtype)
    H = np.empty((limit + 1, limit), y.dtype)
    value = np.zeros((1, 1, len(y)), y.dtype)
    taylor(y, value, par, at, value, work, 0.0, value[:0])  # degree 0 only, of no path
    f = value[0, 0]
    none = np.empty(0, np.complex128)
    space = (given, F, work, V, H)
    count = int(action(y, f, none, np.empty((0, 0), np.complex128), par, space, out))
    count += int(bends(y, f, par, space, count, out))
    complete(taylor, y, par, out)
    return count


INLINED = frozenset({complete, principal_field})  # written into the kernel, their only caller: Numba optimises every layer of calls anew

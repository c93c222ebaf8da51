r"""Degree 2 of the principal flow on losses with many parameters, in the subset of Python that Numba compiles.

f lies in a Krylov space of A = h f′: f = Σ φ_j x_j with the eigenpairs (ζ_j, x_j) of A in it. For each value ζ of A on the outside,
Σ c(ζ; ζ_j, ζ_k) φ_j φ_k f″(x_j, x_k) is a quadratic form in the x_j. c is nearly separable, so that few combinations w_s of the x_j
span all these forms, those of a singular value decomposition. f″(w_s, w_t) comes from the second degree of Taylor arithmetic along
w_s, w_t and w_s + w_t, and the functions of A on the outside are applied

- with eigenvectors of the whole matrix where there are few parameters;
- where A is real, exactly along the eigenvectors that the Krylov space has found, and as Chebyshev series, summed by Clenshaw's
  recurrence, on the rest of the spectrum, if that is far enough from singularities;
- else in a Krylov space for each of few combinations of the f″(w_s, w_t).

Reference: L. De Lathauwer, B. De Moor, J. Vandewalle, A multilinear singular value decomposition, SIAM J. Matrix Anal. Appl. 21 (2000)
1253–1278, doi:10.1137/S0895479896305696; L. N. Trefethen, *Approximation Theory and Approximation Practice* (2013), chapter 8.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import scipy.linalg

from .injected import Injected
from .krylov import Space, combined, whole_matrix
from .layout import PAR, PRINCIPAL
from .taylor_fields import workspace_size

Array = Any
Pairs: TypeAlias = tuple[Array, Array, Array]
"""ζ_j, φ_jφ_k and x_j as rows, see `inner_pairs`."""


def coefficient_table(write_mode: Injected, coefficient: Injected, outer: Array, inner: Array, width: int) -> Array:
    """Return c(outer_o; inner_j, inner_k), shape (len(outer), n, n)."""
    n = len(inner)
    rows = np.empty((n, width), np.complex128)
    row = np.empty(width, np.complex128)
    table = np.empty((len(outer), n, n), np.complex128)
    for j in range(n):
        write_mode(rows[j], inner[j])
    for o in range(len(outer)):
        write_mode(row, outer[o])
        for j in range(n):
            for k in range(j + 1):
                table[o, j, k] = coefficient(row, rows[j], rows[k])
                table[o, k, j] = table[o, j, k]
    return table


def eigenpairs(matrix: Array) -> tuple[Array, Array, Array]:
    """Return eigenvalues, eigenvectors as columns, and the inverse of these."""
    values, vectors = np.linalg.eig(matrix)
    return values, vectors, np.linalg.inv(vectors)


def symmetric_eigenpairs(matrix: Array) -> tuple[Array, Array, Array]:
    """Do what `eigenpairs` does for a real matrix that is symmetric up to rounding."""
    values, vectors = scipy.linalg.eigh(0.5 * (matrix + matrix.T))
    return values.astype(np.complex128), vectors, vectors.T


def unfold(table: Array) -> Array:
    """Return matrices next to each other."""
    count, rows, columns = table.shape
    flat = np.empty((rows, count * columns), np.complex128)
    for o in range(count):
        flat[:, o * columns : (o + 1) * columns] = table[o]
    return flat


def leading(table: Array, tolerance: float) -> Array:
    """Return the left singular vectors of `unfold` as columns whose singular values are above the tolerance, relative to the first."""
    _, small = np.linalg.qr(np.ascontiguousarray(unfold(table).T))  # its rows are much longer than its columns
    left, sizes, _ = np.linalg.svd(np.ascontiguousarray(small.T), False)
    return np.ascontiguousarray(left[:, : rank_of(sizes, tolerance)])


def rank_of(sizes: Array, tolerance: float) -> int:
    """Count the singular values above the tolerance, relative to the first."""
    rank = 0
    while rank < len(sizes) and sizes[rank] > tolerance * sizes[0]:
        rank += 1
    return rank


def leading_real(table: Array, tolerance: float) -> Array:
    """Do what `leading` does with real and imaginary parts as matrices of their own, so that combinations of real vectors are real."""
    flat = np.concatenate([unfold(table.real).real, unfold(table.imag).real], axis=1)
    small = scipy.linalg.qr(flat.T, mode="r")[0][: len(flat)]
    left, sizes, _ = scipy.linalg.svd(small.T)
    return np.ascontiguousarray(left[:, : rank_of(sizes, tolerance)])


def form_weights(table: Array, U: Array) -> Array:
    """Write the forms on the columns of U in squares: Σ G_st f″(w_s, w_t) = Σ_p weights[o, p] f″(x_p, x_p).

    The x_p are w_s, and for s > t w_s + w_t, in the order of two nested loops.
    """
    rank = U.shape[1]
    left = np.conj(U).T.astype(np.complex128)
    weights = np.zeros((len(table), rank * (rank + 1) // 2), np.complex128)
    for o in range(len(table)):
        G = left @ table[o] @ left.T
        p = 0
        for s in range(rank):
            for t in range(s + 1):
                weights[o, p] = G[s, t] if s != t else 2.0 * G[s, s] - np.sum(G[s])
                p += 1
    return weights


def weights_by_pair(column: Array, U: Array) -> Array:
    """Return N with Σ_p column[p] weights[o, p] = Σ_jk N[j, k] table[o, j, k]; the transpose of `form_weights`."""
    rank = U.shape[1]
    M = np.zeros((rank, rank), np.complex128)
    p = 0
    for s in range(rank):
        for t in range(s + 1):
            M[s, t] = column[p] if s == t else 0.5 * column[p]
            M[t, s] = M[s, t]
            p += 1
    squares = np.diag(M).copy()
    for s in range(rank):
        for t in range(rank):
            if s != t:
                M[s, t] -= 0.5 * (squares[s] + squares[t])
    left = np.conj(U).astype(np.complex128)
    return left @ M @ left.T


def squares(taylor: Injected, y: Array, par: Array, W: Array) -> Array:
    """Return f″(x_p, x_p) for the sums of the rows of W, by row."""
    at = int(par[PAR.end]) + PRINCIPAL.second
    rank, d = W.shape
    result = np.empty((rank * (rank + 1) // 2, d), W.dtype)
    given = np.zeros((1, 3, d), y.dtype)
    F = np.zeros((1, 3, d), y.dtype)
    work = np.empty(workspace_size(par, at), y.dtype)
    p = 0
    for s in range(rank):
        for t in range(s + 1):
            given[0, 1] = W[s] if s == t else W[s] + W[t]
            taylor(y, given, par, at, F, work, 1.0 if p > 0 else 0.0, F[:0])
            result[p] = 2.0 * F[0, 2]
            p += 1
    return result


def responses(couplings: Injected, eigenpairs: Injected, matrix: Array, vector: Array, inner: Array, weights: Array, out: Array) -> None:
    """Add p(matrix) vector, p(ζ) = Σ weights[j, k] c(ζ; inner_j, inner_k)."""
    z, S, T = eigenpairs(matrix)
    table = couplings(z, inner)
    for i in range(len(z)):
        out += S[:, i] * (np.sum(T[i] * vector) * np.sum(weights * table[i]))


def combinations(weights: Array, rows: Array) -> Array:
    """Return Σ_j weights[i, j] rows[j] for each i, without BLAS as in `combined`."""
    first = combined(weights[0].copy(), rows) if len(weights) > 0 else np.zeros(rows.shape[1], rows.dtype)
    result = np.empty((len(weights), rows.shape[1]), first.dtype)
    for i in range(len(weights)):
        result[i] = combined(weights[i].copy(), rows)
    return result


def inner_pairs(eigenpairs: Injected, f: Array, space: Space, count: int) -> Pairs:
    """Return ζ_j, φ_jφ_k and x_j as rows with f = Σ φ_j x_j, from the Krylov space of f that the first `count` rows of V span."""
    V, H = space[3], space[4]
    z, S, T = eigenpairs(H[:count, :count].copy())
    parts = T[:, 0] * math.sqrt(np.sum(np.abs(f) ** 2))
    return z, np.outer(parts, parts), combinations(S.T, V[:count])


def is_eigenpair(eigenpairs: Injected, H: Array, count: int) -> Array:
    """Tell which pairs in a Krylov space are those of the whole symmetric matrix, to nine digits."""
    z, S, _ = eigenpairs(H[:count, :count].copy())
    return np.abs(H[count, count - 1] * S[count - 1]) <= 1e-9 * np.abs(z).max()


def bends_dense(
    taylor: Injected,
    y: Array,
    f: Array,
    par: Array,
    space: Space,
    count: int,
    out: Array,
    couplings: Injected,
    eigenpairs: Injected,
    leading: Injected,
) -> int:
    """Add the correction of degree 2 with eigenvectors of the whole matrix on the outside; return the number of products."""
    if count == 0 or not math.isfinite(np.abs(out).sum()):
        return 0
    matrix = np.empty((len(y), len(y)), y.dtype)
    whole_matrix(taylor, y, par, space[2], matrix)
    outer, S, T = eigenpairs(matrix)
    inner, both, directions = inner_pairs(eigenpairs, f, space, count)
    table = couplings(outer, inner)
    for o in range(len(outer)):
        table[o] *= both
    U = leading(table, 100.0 * par[int(par[PAR.end]) + PRINCIPAL.tolerance])
    weights = form_weights(table, U)
    along = T @ squares(taylor, y, par, combinations(U.T, directions)).T
    for i in range(len(y)):
        out += S[:, i] * (0.5 * par[PAR.step] ** 2 * np.sum(along[i] * weights[i]))
    return len(y)


def bends_sparse(
    taylor: Injected,
    y: Array,
    f: Array,
    par: Array,
    space: Space,
    count: int,
    out: Array,
    couplings: Injected,
    eigenpairs: Injected,
    leading: Injected,
    action: Injected,
) -> int:
    """Add the correction of degree 2 without matrices of size d; return the number of products."""
    if count == 0 or not math.isfinite(np.abs(out).sum()):
        return 0
    tolerance = 100.0 * par[int(par[PAR.end]) + PRINCIPAL.tolerance]
    inner, both, directions = pairs = inner_pairs(eigenpairs, f, space, count)
    real = np.abs(y.imag).sum() == 0.0
    known = is_eigenpair(eigenpairs, space[4], count) if real else np.zeros(count, np.bool_)
    rest = inner.real if known.all() else inner.real[~known]
    centre = 0.5 * (rest.max() + rest.min())
    half = max(0.51 * (rest.max() - rest.min()), 1e-3)
    nodes = 9 if real else 129
    while nodes < 100:
        angles = (np.arange(nodes) + 0.5) * (math.pi / nodes)
        table = couplings(np.concatenate((centre + half * np.cos(angles) + 0j, inner[known])), inner)
        if not math.isfinite(np.abs(table).sum()):
            break
        for o in range(len(table)):
            table[o] *= both
        U = leading(table, tolerance)
        weights = form_weights(table, U)
        cosines = np.cos(np.outer(np.arange(nodes), angles)) * (2.0 / nodes)
        cosines[0] *= 0.5
        terms = cosines.astype(np.complex128) @ weights[:nodes]
        sizes = np.sqrt(np.sum(np.abs(terms) ** 2, axis=1))
        last = nodes - 1
        while sizes[last] <= 0.1 * tolerance * np.abs(weights).max() and last > 0:
            last -= 1
        if last < nodes - 2:
            bent = squares(taylor, y, par, combinations(U.T, directions))
            frame = directions[known]
            along = np.empty((len(frame), len(bent)), frame.dtype)
            for i in range(len(frame)):
                along[i] = (np.conj(frame[i]) * bent).sum(axis=1)
            response = np.sum(along * weights[nodes:], axis=1)
            bent = bent - combinations(along.T, frame)
            series = clenshaw(taylor, y, par, space, combinations(terms[: last + 1], bent), centre, half)
            out += 0.5 * par[PAR.step] ** 2 * (series + combined(response, frame))
            return last
        nodes = 2 * nodes - 1
    return bends_by_combination(taylor, y, par, space, pairs, out, couplings, leading, action)


def bends_unsymmetric(
    taylor: Injected,
    y: Array,
    f: Array,
    par: Array,
    space: Space,
    count: int,
    out: Array,
    couplings: Injected,
    eigenpairs: Injected,
    leading: Injected,
    action: Injected,
) -> int:
    """Do what `bends_sparse` does for a matrix that is not symmetric."""
    if count == 0 or not math.isfinite(np.abs(out).sum()):
        return 0
    pairs = inner_pairs(eigenpairs, f, space, count)
    return bends_by_combination(taylor, y, par, space, pairs, out, couplings, leading, action)


def bends_by_combination(
    taylor: Injected,
    y: Array,
    par: Array,
    space: Space,
    pairs: Pairs,
    out: Array,
    couplings: Injected,
    leading: Injected,
    action: Injected,
) -> int:
    """Add the correction of degree 2 from a Krylov space for each combination of the f″(w_s, w_t); return the number of products."""
    given, F, work, V, H = space
    inner, both, directions = pairs
    tolerance = 100.0 * par[int(par[PAR.end]) + PRINCIPAL.tolerance]
    table = couplings(inner, inner)
    if not math.isfinite(np.abs(table).sum()):
        out += math.nan
        return 0
    for o in range(len(inner)):
        table[o] *= both
    U = leading(table, tolerance)
    weights = form_weights(table, U)
    bent = squares(taylor, y, par, combinations(U.T, directions))
    lengths = np.sqrt(np.sum(np.abs(bent) ** 2, axis=1))
    R = leading((weights * lengths).T.copy().reshape(1, len(lengths), len(inner)), tolerance)
    other = (given, F, work, np.empty_like(V), np.empty_like(H))
    products = 0
    for r in range(R.shape[1]):
        along = np.conj(R[:, r]) * lengths
        start = combined(R[:, r] / lengths, bent)
        moved = np.zeros(len(y), np.complex128)
        by_pair = weights_by_pair(along.astype(np.complex128), U) * both
        products += action(y, start, inner, by_pair, par, other, moved)
        out += 0.5 * par[PAR.step] ** 2 * moved
    return products


def clenshaw(taylor: Injected, y: Array, par: Array, space: Space, terms: Array, centre: float, half: float) -> Array:
    """Return Σ T_n(X) terms[n], X = (h f′ − centre)/half; real and imaginary parts take a product each."""
    given, F, work = space[:3]
    after = np.zeros(len(y), np.complex128)
    value = terms[len(terms) - 1].astype(np.complex128)
    for n in range(len(terms) - 2, -1, -1):
        moved = np.zeros(len(y), np.complex128)
        given[0, 1] = value.real
        taylor(y, given, par, int(par[PAR.end]), F, work, 1.0, F[:0])
        moved += F[0, 1]
        if np.abs(value.imag).sum() > 0.0:
            given[0, 1] = value.imag
            taylor(y, given, par, int(par[PAR.end]), F, work, 1.0, F[:0])
            moved += 1j * F[0, 1]
        moved = (par[PAR.step] * moved - centre * value) / half
        following = terms[n] + (2.0 if n > 0 else 1.0) * moved - after
        after = value
        value = following
    return value


INLINED = frozenset({bends_sparse, bends_by_combination})  # as those of `krylov`

r"""ψ(M − 1) F with ψ(x) = log(1 + x)/x for a matrix M that is not symmetric, in NumPy: what principal flows of maps are made of.

The logarithm of a negative eigenvalue is that of its modulus, see `series.map_flow`; pairs of complex ones have their principal
logarithms. Where eigenvectors are nearly dependent, log of the matrix with F as one more column has ψ(M − 1) F in its corner:

.. math::  \log\begin{pmatrix} M & F \\ 0 & 1 \end{pmatrix} = \begin{pmatrix} \log M & \psi(M - 1) F \\ 0 & 0 \end{pmatrix}.

References: N. J. Higham, *Functions of Matrices* (2008), theorem 3.6 and chapter 11; Y. Saad, SIAM J. Numer. Anal. 29 (1992) 209–228,
doi:10.1137/0729014, for Krylov spaces.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from ..kernels.branches import log1p_ratios
from ..kernels.krylov import orthogonalise
from .flow import Array

_DEPENDENT = 1e7  # condition number of the eigenvectors from which on they are not used
_LOOK = 4  # products between two looks at whether a Krylov space is large enough


def psi_of(x: Array) -> Array:
    """Return log(1 + x)/x, log |1 + x| for real x < −1; x complex, shape (n,)."""
    turned = (x.imag == 0) & (x.real < -1)
    value = np.where(turned, -2 - x, x)  # 1 + x becomes |1 + x|
    return np.asarray(log1p_ratios(value) * np.where(turned, value / np.where(turned, x, 1.0), 1.0))


def real_psi(matrix: Array, moved: Array) -> Array:
    """Return ψ(M − 1) F for a real matrix M, shape (N, N), and a real F, shape (N,)."""
    if not moved.any():
        return np.zeros(len(moved))
    values, vectors = np.linalg.eig(matrix - np.eye(len(matrix)))
    if np.linalg.cond(vectors) < _DEPENDENT:
        coordinates = np.linalg.solve(vectors, moved.astype(vectors.dtype))
        return np.asarray((vectors @ (psi_of(values.astype(complex)) * coordinates)).real)
    import scipy.linalg  # deferred: SciPy costs as much to import as all the rest

    scale = np.linalg.norm(moved)
    augmented = np.zeros((len(moved) + 1,) * 2)
    augmented[:-1, :-1], augmented[:-1, -1], augmented[-1, -1] = matrix, moved / scale, 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where eigenvalues are negative, logm finds its own result inaccurate
        try:
            return np.asarray(scipy.linalg.logm(augmented)[:-1, -1].real * scale)
        except ValueError:  # its own intermediate results overflowed
            return np.full(len(moved), np.nan)


def in_krylov_space(product: Callable[[Array], Array], moved: Array, limit: int, tolerance: float) -> Array:
    """Return ψ(M − 1) F from products M v, by Arnoldi's method; NaN if `limit` products are not enough."""
    size = float(np.linalg.norm(moved))
    if size == 0 or not np.isfinite(size):
        return moved * size
    V, H = np.zeros((limit + 1, len(moved))), np.zeros((limit + 1, limit))
    V[0] = moved / size
    before = np.zeros(0)
    for m in range(limit):
        V[m + 1] = product(V[m]) - V[m]
        rest, invariant = orthogonalise(V, H, m)
        if not np.isfinite(rest):
            break
        exact = invariant or m + 1 == len(moved)
        V[m + 1] /= rest if rest > 0 else 1.0
        if not exact and (m + 1) % _LOOK:
            continue
        first = np.zeros(m + 1)
        first[0] = size
        coordinates = real_psi(H[: m + 1, : m + 1] + np.eye(m + 1), first)
        change = np.linalg.norm(coordinates - np.pad(before, (0, m + 1 - len(before))))
        if exact or change <= tolerance * np.linalg.norm(coordinates):
            return coordinates @ V[: m + 1]
        before = coordinates
    return np.full(len(moved), np.nan)


def of_degree_two(matrix: Array, moved: Array, squares: Callable[[Array], Array]) -> Array:
    r"""Return ½ Σ c(m_i; m_j, m_k) u_i (v_i D²Φ[u_j, u_k]) F_j F_k, what is quadratic in F.

    `squares` gives ½ D²Φ[w, w] for directions w, shape (Q, N).
    """
    values, vectors = np.linalg.eig(matrix)
    left = np.linalg.inv(vectors)
    parts = left @ moved
    j, k = np.triu_indices(len(values))
    squared = squares(vectors.T[j] + np.where(j == k, 0.0, 1.0)[:, np.newaxis] * vectors.T[k])
    own = squared[j == k]
    bent = np.where((j == k)[:, np.newaxis], 2 * squared, squared - own[j] - own[k])  # D²Φ[u_j, u_k]
    weights = np.where(j == k, 0.5, 1.0) * parts[j] * parts[k]
    table = couplings(values.astype(complex), values[j].astype(complex), values[k].astype(complex))
    return np.asarray((vectors @ (table * (left @ bent.T) @ weights)).real)


def couplings(outer: Array, first: Array, second: Array) -> Array:
    r"""Return c(m_i; m_j, m_k) = [ℓ(m_j m_k) − ℓ(m_j) − ℓ(m_k) + ℓ(1)]/((m_j − 1)(m_k − 1)), shape (outer, pairs).

    ℓ(μ) = (log μ − log m_i)/(μ − m_i) is the divided difference of log at μ and m_i, an integral of 1/x over the segment between them;
    so c is the mean of the mixed derivative of ℓ((1 + s(m_j − 1))(1 + t(m_k − 1))) over s and t in [0, 1], which Gauss's rule
    integrates without any of the removable singularities.
    """
    spread = max(float(np.abs(np.log(np.maximum(np.abs(values), 1e-300))).max(initial=0.0)) for values in (outer, first, second))
    s, weights = _NARROW if spread < 0.3 else _WIDE
    u = 1 + np.multiply.outer(first - 1, s)  # (pairs, s)
    v = 1 + np.multiply.outer(second - 1, s)
    mu = u[:, :, np.newaxis] * v[:, np.newaxis, :]
    both = np.outer(weights, weights)
    result = np.empty((len(outer), len(first)), complex)
    for i, m in enumerate(outer):  # ∂²/∂x∂y of ℓ((1 + x)(1 + y)) = ℓ'(μ) + μ ℓ''(μ), derivatives of 1/x over the segment from m to μ
        x = m + np.multiply.outer(s, mu - m)
        ramp = (weights * s).reshape(-1, 1, 1, 1)
        mixed = np.sum(ramp * (2 * mu * s.reshape(-1, 1, 1, 1) - x) / x**3, axis=0)
        result[i] = np.sum(both * mixed, axis=(1, 2))
    return result


def _rule(count: int) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2


_NARROW, _WIDE = _rule(6), _rule(16)

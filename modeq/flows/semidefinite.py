r"""Semidefinite complementarity over small symmetric matrices.

Find X ⪰ 0 with S = G + A(X) ⪰ 0 and ⟨X, S⟩ = 0, where A is symmetric and positive semidefinite: the minimum of ½⟨X, A(X)⟩ + ⟨G, X⟩
over X ⪰ 0. Matrices of size k are vectors of their k(k+1)/2 entries on and above the diagonal, those above it times √2, so that inner
products are those of the matrices.

Where the solution of A(X) = −G is positive semidefinite it is the one wanted. Elsewhere a primal–dual interior point method follows the
central path X S = μ I to μ → 0, in the scaling W of Nesterov and Todd, W S W = X, and the semismooth Newton method on X = (X − S)₊ adds
the last digits. Each step is a dense system of k(k+1)/2 unknowns; it is meant for k up to ten or so.

Reference: Y. Nesterov, M. Todd, Primal–dual interior-point methods for self-scaled cones, SIAM J. Optim. 8 (1998) 324–364,
doi:10.1137/S1052623495290209; D. Sun, J. Sun, Semismooth matrix-valued functions, Math. Oper. Res. 27 (2002) 150–169,
doi:10.1287/moor.27.1.150.342.
"""

from __future__ import annotations

import numpy as np

from ..losses.field import Array

_RANK = 1e-12  # singular values of A below this part of the largest count as 0
_STEPS = 60
_NEWTON = 12
_SHRINK = 0.1  # of μ in a step
_CLOSE = 0.99  # of the way to the boundary
_GAP = 1e-11  # of μ where Newton's method takes over


def packed(matrix: Array) -> Array:
    """Return the k(k+1)/2 entries of symmetric matrices, shape (…, k, k), as vectors."""
    rows, columns = np.triu_indices(matrix.shape[-1])
    entries: Array = matrix[..., rows, columns] * np.where(rows == columns, 1.0, np.sqrt(2))
    return entries


def unpacked(vector: Array) -> Array:
    """Return the symmetric matrix of a vector of k(k+1)/2 entries."""
    k = round((np.sqrt(8 * len(vector) + 1) - 1) / 2)
    rows, columns = np.triu_indices(k)
    matrix = np.empty((k, k))
    matrix[rows, columns] = matrix[columns, rows] = vector / np.where(rows == columns, 1.0, np.sqrt(2))
    return matrix


def balanced(operator: Array, offset: Array) -> Array:
    """Return the X of least length with A(X) = −G, of any signature, as a vector."""
    solution: Array = np.linalg.lstsq(operator, -offset, rcond=_RANK)[0]
    return solution


def complementary(operator: Array, offset: Array) -> Array:
    """Solve a semidefinite complementarity problem.

    Parameters
    ----------
    operator
        A, shape (m, m), m = k(k+1)/2, symmetric and positive semidefinite.
    offset
        G, shape (m,), with ⟨G, X⟩ = 0 for all X ⪰ 0 that A maps to 0; else there is no solution.

    Returns
    -------
    ndarray
        X, shape (m,); 0 where G ⪰ 0.

    Examples
    --------
    >>> unpacked(complementary(np.eye(3), packed(np.array([[1.0, 2.0], [2.0, 1.0]])))).round(9)  # G has the eigenvalues 3 and −1
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    solution = balanced(operator, offset)
    if np.linalg.eigvalsh(unpacked(solution))[0] >= 0:
        return solution
    if np.linalg.eigvalsh(unpacked(offset))[0] >= 0:
        return np.zeros_like(offset)
    size, strength = float(np.linalg.norm(offset)), float(np.linalg.norm(operator, 2))
    return size / strength * _interior(operator / strength, offset / size)


def _interior(operator: Array, offset: Array) -> Array:
    """Follow the central path for ‖A‖ = ‖G‖ = 1, and end by Newton's method."""
    G, k = unpacked(offset), len(unpacked(offset))
    basis = np.array([unpacked(unit) for unit in np.eye(len(offset))])
    X, S = np.eye(k), np.eye(k)
    for _ in range(_STEPS):
        gap = float(np.vdot(X, S)) / k
        if gap < _GAP:
            break
        excess = G + unpacked(operator @ packed(X)) - S
        root = _power(X, 0.5)
        half = _power(root @ _power(root @ S @ root, -0.5) @ root, 0.5)  # W½; with dX = W½ Y W½ the system is I + a positive one
        scaled = packed(half @ basis @ half)
        inverse = _power(half, -1.0)
        wanted = packed(inverse @ (_SHRINK * gap * _power(S, -1.0) - X) @ inverse - half @ excess @ half)
        dX = half @ unpacked(np.linalg.solve(np.eye(len(offset)) + scaled @ operator @ scaled.T, wanted)) @ half
        dS = unpacked(operator @ packed(dX)) + excess
        step = min(_way(X, dX), _way(S, dS))
        X, S = X + step * dX, S + step * dS
    return _polished(operator, offset, packed(X), basis)


def _polished(operator: Array, offset: Array, x: Array, basis: Array) -> Array:
    """Solve X = (X − S)₊ by Newton's method with the derivative of Z ↦ Z₊ at Z = X − S; of several it takes the best."""
    best, found = np.inf, x
    for _ in range(_NEWTON):
        z, Q = np.linalg.eigh(unpacked(x - offset - operator @ x))
        residual = x - packed((Q * np.fmax(z, 0.0)) @ Q.T)
        error = float(np.linalg.norm(residual))
        if error >= best:
            break
        best, found = error, x - residual
        apart = np.abs(z)[:, np.newaxis] + np.abs(z)
        share = np.where(apart > 0, (np.fmax(z, 0.0)[:, np.newaxis] + np.fmax(z, 0.0)) / np.where(apart > 0, apart, 1.0), 0.5)
        slope = packed(Q @ (share * (Q.T @ basis @ Q)) @ Q.T).T
        x = x - np.linalg.lstsq(np.eye(len(x)) - slope @ (np.eye(len(x)) - operator), residual, rcond=None)[0]
    return found


def _power(matrix: Array, exponent: float) -> Array:
    """Return a power of a positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    power: Array = (vectors * np.fmax(values, np.finfo(float).tiny) ** exponent) @ vectors.T
    return power


def _way(matrix: Array, change: Array) -> float:
    """Return how much of a change keeps a matrix positive definite, at most 1."""
    root = _power(matrix, -0.5)
    lowest = float(np.linalg.eigvalsh(root @ change @ root)[0])
    return min(1.0, -_CLOSE / lowest) if lowest < 0 else 1.0

r"""A few eigenpairs of a large symmetric matrix from its products with vectors, multiple eigenvalues included.

Lanczos' method with full orthogonalisation and thick restarts. A Krylov space holds one eigenvector of each eigenspace, and none of
those that its start is orthogonal to; so once the wanted pairs have converged, the space goes on from a random vector orthogonal to
it, until the next pair is too far below the last wanted one to take its place, or takes it.

Reference: K. Wu, H. Simon, Thick-restart Lanczos method for large symmetric eigenvalue problems, SIAM J. Matrix Anal. Appl. 22 (2000)
602–616, doi:10.1137/S0895479898334605.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from .field import Array

Product = Callable[[Array], Array]
Which = Literal["modulus", "value"]
_INVARIANT = 1e-13  # of a product: what is left of it after orthogonalisation is rounding
_SAME = 1e-9  # of the largest modulus: eigenvalues closer than this count as equal, so no further copy is looked for
_EVERY = 4  # products between two looks at the small matrix


class _Space:
    """An orthonormal basis as rows of V, the products A V and the matrix V A Vᵀ."""

    def __init__(self, product: Product, dimension: int, size: int) -> None:
        self.product = product
        self.V = np.zeros((size, dimension))
        self.AV = np.zeros((size, dimension))
        self.T = np.zeros((size, size))
        self.count = 0
        self.random = np.random.default_rng(0)  # results repeat

    @property
    def full(self) -> bool:
        """Whether there is no room for another vector."""
        return self.count == len(self.V)

    def orthogonal(self, vector: Array) -> tuple[Array, float]:
        """Return the part of a vector orthogonal to the space, of length 1, and its length; twice is enough (Kahan, Parlett)."""
        V = self.V[: self.count]
        for _ in range(2):
            vector = vector - V.T @ (V @ vector)
        length = float(np.linalg.norm(vector))
        return vector / (length or 1.0), length

    def extend(self, vector: Array) -> None:
        """Add a vector's direction, a random one where it lies in the space already."""
        size = float(np.linalg.norm(vector))
        direction, length = self.orthogonal(vector)
        while not length > _INVARIANT * size:  # NaN is caught by `append`
            if np.isnan(length):
                break
            direction, length = self.orthogonal(self.random.standard_normal(len(vector)))
            size = 1.0
        self.append(self.orthogonal(direction)[0])

    def append(self, direction: Array) -> None:
        """Add a vector of length 1 that is orthogonal to the space."""
        m = self.count
        self.V[m], self.AV[m] = direction, self.product(direction)
        self.T[m, : m + 1] = self.T[: m + 1, m] = self.V[: m + 1] @ self.AV[m]
        self.count = m + 1

    def ritz_pairs(self, count: int, which: Which) -> tuple[Array, Array, Array]:
        """Return Ritz values, most wanted first, with coordinates of their vectors as columns, and the first residuals as rows."""
        m = self.count
        values, basis = np.linalg.eigh(self.T[:m, :m])
        order = np.argsort(-(np.abs(values) if which == "modulus" else values), kind="stable")
        values, basis = values[order], basis[:, order]
        first = basis[:, :count]
        return values, basis, first.T @ self.AV[:m] - values[:count, np.newaxis] * (first.T @ self.V[:m])

    def rotate(self, basis: Array) -> None:
        """Keep the combinations of basis vectors that are the columns of `basis`, orthonormal."""
        m, kept = basis.shape
        self.V[:kept], self.AV[:kept] = basis.T @ self.V[:m], basis.T @ self.AV[:m]
        self.T[:kept, :kept] = basis.T @ self.T[:m, :m] @ basis
        self.count = kept


def extreme_eigenpairs(
    product: Product, dimension: int, k: int, *, which: Which, start: Array | None = None, tolerance: float = 1e-12, copies: bool = True
) -> tuple[Array, Array]:
    """Find the k eigenvalues of largest modulus or value of a symmetric matrix, with their eigenvectors.

    Parameters
    ----------
    product
        v ↦ A v, both of shape (d,).
    dimension
        d.
    k
        Number of eigenvalues, each counted as often as it occurs.
    which
        By ``"modulus"`` or by ``"value"``.
    start
        First vector of the space, random by default.
    tolerance
        Of the residuals ‖A u − λ u‖, relative to the largest |λ|.
    copies
        Whether to look for further eigenvectors of multiple eigenvalues, and for what the start is orthogonal to.

    Returns
    -------
    values : ndarray
        Shape (k,), the most wanted first; NaN if a product was not finite.
    vectors : ndarray
        Shape (d, k), as columns of length 1.

    Raises
    ------
    ArithmeticError
        If they have not converged after 20 d products.

    References
    ----------
    Wu, Simon 2000, doi:10.1137/S0895479898334605.

    Examples
    --------
    >>> diagonal = np.array([5.0] * 4 + [1.0] * 300)
    >>> extreme_eigenpairs(lambda v: diagonal * v, 304, 5, which="value")[0].round(9)
    array([5., 5., 5., 5., 1.])
    """
    space = _Space(product, dimension, min(dimension, 2 * k + 20))
    space.extend(space.random.standard_normal(dimension) if start is None or not np.any(start) else np.asarray(start, float))
    since = 0  # products since a random vector was drawn to search for copies; 0: not searching
    for used in range(1, 20 * dimension):
        m = space.count
        if not np.isfinite(space.T[m - 1, m - 1]):
            return np.full(k, np.nan), np.full((dimension, k), np.nan)
        since += since > 0
        if m < k or (used % _EVERY and not space.full):
            space.extend(space.AV[m - 1])
            continue
        values, basis, residuals = space.ritz_pairs(k + 1, which)
        scale = float(np.abs(values).max())
        open_pairs = np.flatnonzero(np.linalg.norm(residuals[:k], axis=1) > tolerance * scale)
        if m == dimension or (not len(open_pairs) and (not copies or (since > 3 and _is_below(values, residuals, scale, k, which)))):
            vectors = space.V[:m].T @ basis[:, :k]
            return values[:k], vectors / np.linalg.norm(vectors, axis=0)
        kept = min(k + (m - k) // 2, m - 1)
        if not len(open_pairs) and not since:
            space.rotate(basis[:, :kept])
            space.extend(space.random.standard_normal(dimension))
            since = 1
            continue
        since *= not len(open_pairs)  # a copy was found: search again once it has converged
        if space.full:
            space.rotate(basis[:, :kept])
            space.extend(residuals[open_pairs[0] if len(open_pairs) else k])
        else:
            space.extend(space.AV[m - 1])
    raise ArithmeticError(f"Lanczos' method did not find {k} eigenvalues in {20 * dimension} products; ask for fewer")


def _is_below(values: Array, residuals: Array, scale: float, k: int, which: Which) -> bool:
    """Whether pair k + 1 cannot become more wanted than pair k."""
    sizes = np.abs(values) if which == "modulus" else values
    return bool(sizes[k] + np.linalg.norm(residuals[k]) < sizes[k - 1] or sizes[k - 1] - sizes[k] <= _SAME * scale)

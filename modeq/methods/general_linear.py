"""Any general linear method from its matrices.

Reference: J. C. Butcher, General linear methods, Acta Numerica 15 (2006), doi:10.1017/S0962492906220014.
"""

from __future__ import annotations

from collections.abc import Sequence

from .exact import Matrix, ScalarLike, exact
from .method import Method

MatrixLike = Sequence[Sequence[ScalarLike]]


def exact_matrix(rows: MatrixLike, what: str) -> Matrix:
    """Read a matrix given as nested sequences (NumPy arrays and SymPy matrices too)."""
    if hasattr(rows, "tolist"):
        rows = rows.tolist()
    if isinstance(rows, str) or not isinstance(rows, Sequence) or any(isinstance(r, str) or not isinstance(r, Sequence) for r in rows):
        raise TypeError(f"{what} must be a matrix, given as a sequence of rows, got {rows!r}")
    return tuple(tuple(exact(entry, what=f"an entry of {what}") for entry in row) for row in rows)


def GeneralLinearMethod(
    *,
    A: MatrixLike,
    U: MatrixLike,
    B: MatrixLike,
    V: MatrixLike,
    output: Sequence[ScalarLike],
    colours: Sequence[int] | None = None,
    name: str = "general linear method",
) -> Method:
    """Build a method from the matrices of Y = A·h f(Y) + U·y, y⁺ = B·h f(Y) + V·y, x = cᵀy.

    Parameters
    ----------
    A, U, B, V
        Matrices of shapes (s, s), (s, r), (r, s), (r, r); entries exact, floats or parameter names.
    output
        The row c, length r.
    colours
        Which field each stage evaluates, length s; all 0 when left out.
    name
        What messages and tables call it.

    Raises
    ------
    ValueError
        If the shapes do not match, or if the method is inconsistent or unstable at h = 0.

    Examples
    --------
    Heavy ball with state (x, v):

    >>> GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [1]], V=[[1, "b"], [0, "b"]], output=[1, 0]).parameters
    ('b',)
    """
    stages = len(A)
    return Method(
        name,
        exact_matrix(A, "A"),
        exact_matrix(U, "U"),
        exact_matrix(B, "B"),
        exact_matrix(V, "V"),
        tuple(exact(entry, what="an entry of the output") for entry in output),
        (0,) * stages if colours is None else tuple(int(c) for c in colours),
    )

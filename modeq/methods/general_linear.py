"""Any general linear method from its matrices.

Reference: J. C. Butcher, General linear methods, Acta Numerica 15 (2006), doi:10.1017/S0962492906220014.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

from ..exact import Matrix, Scalar, ScalarLike, exact
from .method import Method

MatrixLike = Sequence[Sequence[ScalarLike]]


def exact_matrix(rows: MatrixLike, what: str) -> Matrix:
    """Read a matrix given as nested sequences (NumPy arrays and SymPy matrices too)."""
    if hasattr(rows, "tolist"):
        rows = rows.tolist()
    if isinstance(rows, str) or not isinstance(rows, Sequence) or any(isinstance(r, str) or not isinstance(r, Sequence) for r in rows):
        raise TypeError(f"{what} must be a matrix, given as a sequence of rows, got {rows!r}")
    return tuple(tuple(exact(entry, what=f"an entry of {what}") for entry in row) for row in rows)


def exact_vector(entries: Sequence[ScalarLike], what: str) -> tuple[Scalar, ...]:
    """Read a vector given as a sequence or NumPy array."""
    if hasattr(entries, "tolist"):
        entries = entries.tolist()
    if isinstance(entries, str) or not isinstance(entries, Sequence):
        raise TypeError(f"{what} must be a sequence of numbers or names, got {entries!r}")
    return tuple(exact(entry, what=f"an entry of {what}") for entry in entries)


def stage_colours(colours: Sequence[int] | None, stages: int) -> tuple[int, ...]:
    """Return the colour of each stage, all 0 when left out."""
    if colours is None:
        return (0,) * stages
    if isinstance(colours, str) or len(colours) != stages:
        raise ValueError(f"{stages} stage(s) need {stages} colour(s), got {colours!r}")
    try:
        return tuple(operator.index(colour) for colour in colours)
    except TypeError:
        raise TypeError(f"colours are integers ≥ 0, one for each stage, got {colours!r}") from None


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

    Returns
    -------
    Method
        With s stages Y and r vectors y that it carries from step to step.

    Raises
    ------
    ValueError
        If the shapes do not match, or if the method is inconsistent or unstable at h = 0.

    References
    ----------
    J. C. Butcher, *General linear methods*, Acta Numerica 15 (2006), doi:10.1017/S0962492906220014.

    Examples
    --------
    Heavy ball with state (x, v):

    >>> GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [1]], V=[[1, "b"], [0, "b"]], output=[1, 0]).parameters
    ('b',)
    """
    tableau = exact_matrix(A, "A")
    return Method(
        name,
        tableau,
        exact_matrix(U, "U"),
        exact_matrix(B, "B"),
        exact_matrix(V, "V"),
        exact_vector(output, "the output"),
        stage_colours(colours, len(tableau)),
    )

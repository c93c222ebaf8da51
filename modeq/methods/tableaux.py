"""Reading the matrices of a method: rows and colours as people give them, made exact."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, final

from ..exact import Matrix, Scalar, ScalarLike, exact, to_sympy

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


@final
class OutputRow(tuple[Scalar, ...]):
    """The row c of a method, and the linear map x = cᵀy that it is.

    Examples
    --------
    >>> OutputRow((1, 0))([3.0, 4.0])
    3.0
    """

    __slots__ = ()

    def __call__(self, state: Sequence[Any]) -> Any:
        """Return Σ c_q y_q for the vectors y_q of a state."""
        terms = [value if c == 1 else float(to_sympy(c)) * value for c, value in zip(self, state, strict=True) if c != 0]
        return sum(terms[1:], start=terms[0])

"""Runge–Kutta methods from their tableau.

Reference: J. C. Butcher, *Numerical Methods for Ordinary Differential Equations* (2016), chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..exact import ScalarLike
from .general_linear import GeneralLinearMethod
from .tableaux import MatrixLike, exact_matrix, exact_vector


def RungeKutta(
    A: MatrixLike, b: Sequence[ScalarLike], *, colours: Sequence[int] | None = None, name: str = "Runge–Kutta method"
) -> GeneralLinearMethod:
    """Build the Runge–Kutta method with the tableau A, b (the nodes c are the row sums of A).

    Parameters
    ----------
    A
        Shape (s, s); implicit methods have entries on or above the diagonal.
    b
        Weights, length s.
    colours
        Field of each stage, for additive methods; all 0 when left out.
    name
        What messages and tables call it.

    Returns
    -------
    GeneralLinearMethod
        One stage for each row of A, no memory.

    Raises
    ------
    ValueError
        If A is not square or b has another length.

    References
    ----------
    J. C. Butcher, *Numerical Methods for Ordinary Differential Equations* (2016), chapter 3.

    Examples
    --------
    >>> midpoint = RungeKutta([[0, 0], ["1/2", 0]], [0, 1])
    >>> midpoint.stages, midpoint.is_explicit
    (2, True)
    """
    weights = exact_vector(b, "the weights b")
    tableau = exact_matrix(A, "A")
    stages = len(weights)
    if len(tableau) != stages or any(len(row) != stages for row in tableau):
        shape = (len(tableau), *sorted({len(row) for row in tableau}))
        raise ValueError(f"a tableau with {stages} weights b needs A of shape ({stages}, {stages}), got {shape}")
    return GeneralLinearMethod(A=tableau, U=[[1]] * stages, B=[weights], V=[[1]], output=[1], colours=colours, name=name)

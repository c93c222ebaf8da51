"""Analytic losses with their references and known minima.

Every function returns a `Loss`; sizes and constants are its parameters, exact where exact numbers are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy

from ..exact import ScalarLike, exact, to_sympy
from .loss import Loss

_X, _Y = sympy.symbols("x y")


def quadratic(matrix: Sequence[Sequence[ScalarLike]] | Any = ((1, 0), (0, "1/100"))) -> Loss:
    """½ xᵀAx for any square matrix A (its symmetric part counts); the minimum is 0 if A is positive definite.

    Parameters
    ----------
    matrix
        A by rows, shape (d, d); exact where its entries are.

    Returns
    -------
    Loss
        With as many coordinates as the matrix has rows.

    Raises
    ------
    ValueError
        If the matrix is not square.

    Examples
    --------
    >>> quadratic([[2, 0], [0, 1]]).hessian([0, 0])
    array([[2., 0.],
           [0., 1.]])
    """
    rows = matrix.tolist() if hasattr(matrix, "tolist") else matrix
    if not isinstance(rows, Sequence) or any(not isinstance(row, Sequence) or len(row) != len(rows) for row in rows):
        raise ValueError(f"a quadratic loss needs a square matrix, given by rows, got {matrix!r}")
    A = sympy.Matrix([[to_sympy(exact(entry, what="an entry of the matrix")) for entry in row] for row in rows])
    symbols = _coordinates(len(rows))
    # each pair of coordinates once: ½(a_ij + a_ji) x_i x_j + ½ a_ii x_i²
    terms = [A[i, i] * symbols[i] ** 2 / 2 for i in range(len(rows))]
    terms += [(A[i, j] + A[j, i]) / 2 * symbols[i] * symbols[j] for i in range(len(rows)) for j in range(i)]
    numbers = np.array(((A + A.T) / 2).tolist(), dtype=float)
    definite = bool(np.linalg.eigvalsh(numbers).min() > 0)
    minima = ((0.0,) * len(rows),) if definite else ()
    return _loss(sympy.Add(*terms), symbols, "quadratic", minima, ((-1.5, 1.5),) * len(rows), (1.0,) * len(rows), "")


def rosenbrock(dimension: int = 2, *, a: ScalarLike = 1, b: ScalarLike = 100) -> Loss:
    """Σ (a − x_i)² + b (x_{i+1} − x_i²)², a curved valley; chained for more than two coordinates.

    For a = 1 the minimum is 0 at (1, …, 1).

    Parameters
    ----------
    dimension
        Number of coordinates, ≥ 2.
    a, b
        Constants, exact.

    Returns
    -------
    Loss
        With `dimension` coordinates.

    Raises
    ------
    ValueError
        If `dimension` is no integer ≥ 2.

    References
    ----------
    H. H. Rosenbrock, Comput. J. 3 (1960) 175–184, doi:10.1093/comjnl/3.3.175; the chained form: P. L. Toint 1978.

    Examples
    --------
    >>> rosenbrock()([1.0, 1.0]), rosenbrock(10).dimension
    (0.0, 10)
    """
    _at_least(dimension, 2, "rosenbrock")
    symbols = (_X, _Y) if dimension == 2 else _coordinates(dimension)
    first, second = (to_sympy(exact(value, what=name)) for name, value in (("a", a), ("b", b)))
    terms = [(first - u) ** 2 + second * (v - u**2) ** 2 for u, v in pairwise(symbols)]
    corner = float(first)
    minima = ((corner, corner**2),) if dimension == 2 else ((1.0,) * dimension,) if first == 1 else ()
    box = ((-1.5, 1.5), (-0.5, 2.0)) if dimension == 2 else ((-1.5, 1.5),) * dimension
    return _loss(
        sympy.Add(*terms),
        symbols,
        "rosenbrock",
        minima,
        box,
        (0.6, 0.5) if dimension == 2 else (0.6,) * dimension,
        "doi:10.1093/comjnl/3.3.175",
    )


def himmelblau() -> Loss:
    """(x² + y − 11)² + (x + y² − 7)², with four minima of value 0.

    Returns
    -------
    Loss
        With two coordinates x, y.

    References
    ----------
    D. M. Himmelblau, *Applied Nonlinear Programming* (1972).

    Examples
    --------
    >>> himmelblau()([3.0, 2.0])
    0.0
    """
    minima = (
        (3.0, 2.0),
        (-2.805118086952745, 3.1313125182505730),
        (-3.779310253377747, -3.2831859912861694),
        (3.584428340330492, -1.8481265269644036),
    )
    expression = (_X**2 + _Y - 11) ** 2 + (_X + _Y**2 - 7) ** 2
    return _loss(expression, (_X, _Y), "himmelblau", minima, ((-5.0, 5.0), (-5.0, 5.0)), (1.0, 1.5), "Himmelblau 1972")


def beale() -> Loss:
    """(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²; the minimum is 0 at (3, ½).

    Returns
    -------
    Loss
        With two coordinates x, y.

    References
    ----------
    E. M. L. Beale, Technical Report 25, Statistical Techniques Research Group, Princeton (1958).

    Examples
    --------
    >>> beale()([3.0, 0.5])
    0.0
    """
    offsets = (sympy.Rational(3, 2), sympy.Rational(9, 4), sympy.Rational(21, 8))
    terms = [(offset - _X + _X * _Y**power) ** 2 for power, offset in enumerate(offsets, start=1)]
    return _loss(sympy.Add(*terms), (_X, _Y), "beale", ((3.0, 0.5),), ((-1.0, 4.5), (-1.5, 1.5)), (2.0, 0.3), "Beale 1958")


def booth() -> Loss:
    """(x + 2y − 7)² + (2x + y − 5)², a quadratic bowl; the minimum is 0 at (1, 3).

    Returns
    -------
    Loss
        With two coordinates x, y.

    References
    ----------
    M. Jamil, X.-S. Yang, Int. J. Math. Model. Numer. Optim. 4 (2013) 150–194, arXiv 1308.4008.

    Examples
    --------
    >>> booth()([1.0, 3.0])
    0.0
    """
    expression = (_X + 2 * _Y - 7) ** 2 + (2 * _X + _Y - 5) ** 2
    return _loss(expression, (_X, _Y), "booth", ((1.0, 3.0),), ((-4.0, 6.0), (-2.0, 8.0)), (-2.0, 0.0), "arXiv 1308.4008")


def saddle() -> Loss:
    """½(x² − y²), the simplest saddle; unbounded below.

    Returns
    -------
    Loss
        With two coordinates x, y.

    Examples
    --------
    >>> saddle()([1.0, 1.0])
    0.0
    """
    return _loss((_X**2 - _Y**2) / 2, (_X, _Y), "saddle", (), ((-1.5, 1.5), (-1.5, 1.5)), (1.0, 0.1), "")


def monkey_saddle() -> Loss:
    """x³ − 3xy², a degenerate saddle with three ways down; the Hessian vanishes at 0.

    Returns
    -------
    Loss
        With two coordinates x, y.

    References
    ----------
    D. Hilbert, S. Cohn-Vossen, *Anschauliche Geometrie* (1932), §28.

    Examples
    --------
    >>> monkey_saddle()([1.0, 1.0])
    -2.0
    """
    return _loss(_X**3 - 3 * _X * _Y**2, (_X, _Y), "monkey-saddle", (), ((-1.0, 1.0), (-1.0, 1.0)), (0.6, 0.3), "Hilbert, Cohn-Vossen 1932")


def cosine() -> Loss:
    """Cos x in one dimension; minima of value −1 at odd multiples of π, maxima between them.

    Returns
    -------
    Loss
        With one coordinate x.

    Examples
    --------
    >>> round(float(cosine()(0.0)), 3)
    1.0
    """
    return _loss(sympy.cos(_X), (_X,), "cosine", ((-float(np.pi),), (float(np.pi),)), ((-7.0, 7.0),), (2.0,), "")


def double_well() -> Loss:
    """x⁴/4 − x²/2, the quartic double well; minima of value −¼ at ±1.

    Returns
    -------
    Loss
        With one coordinate x.

    Examples
    --------
    >>> double_well()([1.0])
    -0.25
    """
    return _loss(_X**4 / 4 - _X**2 / 2, (_X,), "double-well", ((-1.0,), (1.0,)), ((-1.8, 1.8),), (1.4,), "")


def banana(bend: ScalarLike = "3/100") -> Loss:
    """x²/200 + ½(y + b x² − 100 b)², the negative logarithm of a bent Gaussian; the minimum is 0 at (0, 100 b).

    Parameters
    ----------
    bend
        b, the curvature of the valley; exact.

    Returns
    -------
    Loss
        With two coordinates x, y.

    References
    ----------
    H. Haario, E. Saksman, J. Tamminen, Comput. Stat. 14 (1999) 375–395, doi:10.1007/s001800050022.

    Examples
    --------
    >>> banana()([0.0, 3.0])
    0.0
    """
    b = to_sympy(exact(bend, what="bend"))
    expression = _X**2 / 200 + (_Y + b * _X**2 - 100 * b) ** 2 / 2
    box = ((-20.0, 20.0), (-10.0, 7.0))
    return _loss(expression, (_X, _Y), "banana", ((0.0, 100 * float(b)),), box, (12.0, -2.0), "doi:10.1007/s001800050022")


def styblinski_tang(dimension: int = 2) -> Loss:
    """½ Σ (x_i⁴ − 16x_i² + 5x_i); the minimum is −39.166 d at x_i = −2.9035, a root of 4x³ − 32x + 5.

    Parameters
    ----------
    dimension
        Number of coordinates, ≥ 1.

    Returns
    -------
    Loss
        With `dimension` coordinates.

    Raises
    ------
    ValueError
        If `dimension` is no integer ≥ 1.

    References
    ----------
    M. A. Styblinski, T.-S. Tang, Neural Networks 3 (1990) 467–483, doi:10.1016/0893-6080(90)90029-K.

    Examples
    --------
    >>> round(styblinski_tang(1)([-2.903534027771177]), 6)
    -39.166166
    """
    _at_least(dimension, 1, "styblinski_tang")
    symbols = (_X, _Y)[:dimension] if dimension <= 2 else _coordinates(dimension)
    expression = sympy.Add(*(x**4 - 16 * x**2 + 5 * x for x in symbols)) / 2
    minimum = ((-2.903534027771177,) * dimension,)
    reference = "doi:10.1016/0893-6080(90)90029-K"
    return _loss(expression, symbols, "styblinski-tang", minimum, ((-4.5, 4.5),) * dimension, (-1.0,) * dimension, reference)


def deep_chain(depth: int = 3) -> Loss:
    """½(w₁⋯w_n − 1)², a deep linear network with one unit in each layer; the minima, of value 0, fill Πw = 1.

    Parameters
    ----------
    depth
        Number n of layers, ≥ 1.

    Returns
    -------
    Loss
        With `depth` coordinates.

    Raises
    ------
    ValueError
        If `depth` is no integer ≥ 1.

    References
    ----------
    A. M. Saxe, J. L. McClelland, S. Ganguli, ICLR 2014, arXiv 1312.6120.

    Examples
    --------
    >>> deep_chain(4)([1.0, 1.0, 2.0, 0.5])
    0.0
    """
    _at_least(depth, 1, "deep_chain")
    symbols = _coordinates(depth, "w", first=1)
    expression = (sympy.Mul(*symbols) - 1) ** 2 / 2
    return _loss(
        expression,
        symbols,
        "deep-chain",
        ((1.0,) * depth,),
        ((-0.5, 2.5),) * depth,
        (1.2, 0.7, 0.9) if depth == 3 else (0.9,) * depth,
        "arXiv 1312.6120",
    )


CATALOGUE: Mapping[str, Callable[[], Loss]] = MappingProxyType(
    {
        "quadratic": quadratic,
        "rosenbrock": rosenbrock,
        "himmelblau": himmelblau,
        "beale": beale,
        "booth": booth,
        "saddle": saddle,
        "monkey-saddle": monkey_saddle,
        "cosine": cosine,
        "double-well": double_well,
        "banana": banana,
        "styblinski-tang": styblinski_tang,
        "deep-chain": deep_chain,
    }
)
"""The losses by the names that the command line knows."""


def _coordinates(count: int, letter: str = "x", *, first: int = 0) -> tuple[sympy.Symbol, ...]:
    return tuple(sympy.Symbol(f"{letter}{i}") for i in range(first, first + count))


def _at_least(dimension: int, least: int, name: str) -> None:
    if isinstance(dimension, bool) or not isinstance(dimension, int) or dimension < least:
        raise ValueError(f"{name} needs an integer number of coordinates ≥ {least}, got {dimension!r}")


def _loss(
    expression: sympy.Expr,
    symbols: Sequence[sympy.Symbol],
    name: str,
    minima: tuple[tuple[float, ...], ...],
    box: tuple[tuple[float, float], ...],
    start: tuple[float, ...],
    reference: str,
) -> Loss:
    return Loss.from_sympy(expression, symbols, name=name).described(minima=minima, box=box, start=start, reference=reference)

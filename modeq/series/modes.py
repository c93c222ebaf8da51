"""From exact transfer functions to the numbers with which `second_degree` evaluates c, and the calls of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
import sympy
from numpy.typing import NDArray

from ..kernels import second_degree
from ..kernels.branches import psi_from_increment
from ..methods.general_linear import GeneralLinearMethod
from ..sizes import KEPT_RESULTS
from .increment import DIGITS, Increment, increment
from .stability import RHO, ZETA
from .transfer import transfer_functions

Numbers = tuple[tuple[float, ...], ...]


@final
@dataclass(frozen=True)
class Modes:
    """What `second_degree.fill_mode` and `second_degree.second_degree` get besides eigenvalues.

    Attributes
    ----------
    increment
        The principal root.
    sheet
        The branch of the logarithm as a number of `branches`.
    numerators, denominator, slopes, scale
        See `second_degree.fill_mode`.
    """

    increment: Increment
    sheet: int
    numerators: Numbers
    denominator: Numbers
    slopes: tuple[Numbers, ...]
    scale: Numbers

    @property
    def size(self) -> int:
        """Coefficients in the numerators: stages × powers of μ."""
        return len(self.numerators)

    @property
    def powers(self) -> int:
        """Powers of μ in the denominator over μ − R."""
        return len(self.denominator) - 1

    @property
    def width(self) -> int:
        """Numbers in a mode."""
        return 5 + 3 * self.size + 3 * self.powers

    def mode(self, z: complex) -> NDArray[np.complex128]:
        """Return the mode of the eigenvalue ζ = z."""
        row = np.zeros(self.width, complex)
        slope = self.increment(z)
        psi = psi_from_increment(slope, z, self.sheet)
        second_degree.fill_mode(row, z, slope, psi, self.numerators, self.denominator, self.slopes, self.scale)
        return row

    def __call__(self, z: complex, first: complex, second: complex) -> complex:
        """Evaluate c(ζ_i; ζ_j, ζ_k)."""
        i, j, k = (self.mode(value).tolist() for value in (z, first, second))
        return complex(second_degree.second_degree(i, j, k, self.size, self.powers))

    def source(self) -> str:
        """Return the arguments of `fill_mode` after the first four as Python text."""
        return ", ".join(map(repr, (self.numerators, self.denominator, self.slopes, self.scale)))


@lru_cache(KEPT_RESULTS)
def modes(method: GeneralLinearMethod, sheet: int) -> Modes:
    """Round the transfer functions of a method with numeric parameters, once."""
    form = increment(method, sheet)  # refuses symbolic parameters
    functions = transfer_functions(method)
    powers = max(entry.degree(RHO) for entry in functions.output) + 1
    numerators = [by_power(entry, powers) for entry in functions.output]
    steepest = max(1, *(entry.degree() + 1 for entry in functions.slopes))
    slopes = of_one_width(row for entry in functions.slopes for row in by_power(entry, steepest))
    return Modes(
        form,
        sheet,
        of_one_width(numerators[stage][k] for k in range(powers) for stage in range(method.stages)),
        by_power(functions.denominator, functions.denominator.degree(RHO) + 1),
        tuple(slopes[stage * steepest : (stage + 1) * steepest] for stage in range(method.stages)),
        _in_increments(functions.scale),
    )


def of_one_width(rows: Iterable[tuple[float, ...]]) -> Numbers:
    """Pad with zeros: compiled code loops over a tuple only if its entries are of one type."""
    listed = list(rows)
    width = max(map(len, listed))
    return tuple(row + (0.0,) * (width - len(row)) for row in listed)


def by_power(polynomial: sympy.Poly, count: int) -> Numbers:
    """Coefficients of the first generator's powers, as polynomials in ζ by increasing power, of one length."""
    rows: list[list[float]] = [[] for _ in range(max(1, count))]
    for (power, exponent), value in polynomial.terms():
        row = rows[power]
        row.extend([0.0] * (exponent + 1 - len(row)))
        row[exponent] = float(sympy.N(value, DIGITS))
    width = max(1, *(len(row) for row in rows))
    return tuple(tuple(row + [0.0] * (width - len(row))) for row in rows)


def _in_increments(polynomial: sympy.Poly) -> Numbers:
    """Rewrite a polynomial in ρ and ζ in w = (ρ − 1)/ζ and ζ."""
    w = sympy.Symbol("w")
    moved = sympy.Poly(sympy.expand(polynomial.as_expr().subs(RHO, 1 + ZETA * w)), w, ZETA)
    return by_power(moved, moved.degree(w) + 1)

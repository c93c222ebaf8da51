"""From exact transfer functions to the numbers with which `third_degree` evaluates its coefficients, and the calls of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import final

import numpy as np
import sympy
from numpy.typing import NDArray

from ..kernels import grid_numbers, third_degree
from ..methods.general_linear import GeneralLinearMethod
from ..sizes import KEPT_RESULTS
from .modes import Modes, Numbers, by_power, modes, of_one_width
from .stability import RHO
from .transfer import transfer_functions

Row = NDArray[np.complex128]
LEFT_OUT, FAR, NEAR = range(3)  # roles of a leaf, see `third_degree.multiply`
WORK = 11  # rows of scratch space


@final
@dataclass(frozen=True)
class ThirdModes:
    """The coefficients of the principal flow of degree 3: ``star`` belongs to f‴, ``nested`` to f″ in f″.

    Attributes
    ----------
    modes
        The coefficient of degree 2, and the modes.
    answers, seen, determinant
        See `third_degree.fill_middle`.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> coefficients = third_modes(GradientDescent(), 1)
    >>> abs(coefficients.star(0, 0, 0, 0)) < 1e-15  # b([•, •, •]) = 0
    True
    >>> f"{coefficients.nested(0, 0, 0, 0, 0).real:.10f}"  # b([[•, •], •]) = 1/60
    '0.0166666667'
    """

    modes: Modes
    answers: Numbers
    seen: Numbers
    determinant: Numbers

    @property
    def stages(self) -> int:
        """Number of stages."""
        return len(self.modes.slopes)

    @property
    def middle_powers(self) -> int:
        """Powers of μ in the denominator of W."""
        return len(self.determinant) - 1

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Stages, numbers in the numerator of K, powers in its denominator, `middle_powers`."""
        return self.stages, self.modes.size, self.modes.powers, self.middle_powers

    @property
    def width(self) -> int:
        """Numbers in a mode with its middle part."""
        return self.modes.width + self.middle_powers + self.stages * (len(self.seen) - self.stages)

    def mode(self, z: complex) -> Row:
        """Return the mode of the eigenvalue ζ = z with its middle part."""
        row = np.zeros(self.width, complex)
        row[: self.modes.width] = self.modes.mode(z)
        third_degree.fill_middle(row, self.modes.width, self.stages, self.answers, self.seen, self.determinant)
        return row

    def star(self, z: complex, first: complex, second: complex, third: complex) -> complex:
        """Evaluate c(ζ_i; ζ_j, ζ_k, ζ_l), symmetric in the last three."""
        size, powers = self.modes.size, self.modes.powers
        i = self.mode(z)
        weights, work = np.zeros(8, complex), np.zeros((WORK, 8), complex)
        total = 0j
        for factor, leaves in _differences(*map(self.mode, (first, second, third))):
            drive = np.zeros((2 + powers + size, 8), complex)
            count = third_degree.begin(drive, weights)
            for leaf in leaves:
                count = third_degree.multiply(drive, weights, count, *leaf, size, powers)
            total += factor * third_degree.star_number(i, drive, weights, count, size, powers, work)
        return complex(total)

    def nested(self, z: complex, middle: complex, first: complex, second: complex, third: complex) -> complex:
        """Evaluate c(ζ_i; ζ_m; ζ_j, ζ_k; ζ_l), symmetric in ζ_j and ζ_k: leaves j and k on the node m, m and the leaf l on i."""
        size, powers = self.modes.size, self.modes.powers
        i, m = self.mode(z), self.mode(middle)
        weights, work = np.zeros(8, complex), np.zeros((WORK, 8), complex)
        total = 0j
        for factor, leaves in _differences(*map(self.mode, (first, second, third))):
            drive, made = np.zeros((2 + powers + size, 8), complex), np.zeros((4, 2 + powers + size, 8), complex)
            count = third_degree.begin(drive, weights)
            for leaf in leaves[:2]:
                count = third_degree.multiply(drive, weights, count, *leaf, size, powers)
            third_degree.fill_answers(m, drive, weights, count, self.shape, made, work)
            _, _, _, count = (third_degree.multiply(row, weights, count, *leaves[2], size, powers) for row in made)
            third_degree.fill_differences(made, weights, count, self.shape)
            mean = work[WORK - 1]
            grid_numbers.log_mean_number(made[1], made[2], weights, count, mean, work)
            total += factor * third_degree.nested_number(i, made, mean, weights, count, self.shape, work)
        return complex(total)

    def source(self) -> str:
        """Return the arguments of `fill_middle` after the first two as Python text."""
        return ", ".join(map(repr, (self.stages, self.answers, self.seen, self.determinant)))


def _differences(*leaves: Row) -> Iterator[tuple[complex, list[tuple[Row, int]]]]:
    """List the terms of the difference over the far leaves: factor and the roles of all leaves, see `third_degree.multiply`."""
    roles = [(NEAR,) if third_degree.is_near(leaf) else (LEFT_OUT, FAR) for leaf in leaves]
    for choice in product(*roles):
        factor = 1.0 + 0j
        for leaf, role in zip(leaves, choice, strict=True):
            if role != NEAR:
                factor *= (1.0 if role == FAR else -1.0) / leaf[0]
        yield factor, list(zip(leaves, choice, strict=True))


@lru_cache(KEPT_RESULTS)
def third_modes(method: GeneralLinearMethod, sheet: int) -> ThirdModes:
    """Round what degree 3 needs of a method with numeric parameters, once."""
    second = modes(method, sheet)  # refuses symbolic parameters
    functions = transfer_functions(method)
    inside = [entry for row in functions.stages for entry in row]
    above = max(entry.degree(RHO) for entry in (*inside, *functions.seen)) + 1
    determinant = by_power(functions.determinant, functions.determinant.degree(RHO) + 1)
    # one set of powers of μ does for all: zeros are appended to the shorter polynomials
    size = max(second.size, (above - 1) * method.stages)
    powers = max(second.powers, len(determinant) - 1, size // method.stages)
    return ThirdModes(
        replace(
            second,
            numerators=of_one_width((*second.numerators, *[(0.0,)] * (size - second.size))),
            denominator=of_one_width((*second.denominator, *[(0.0,)] * (powers - second.powers))),
        ),
        of_one_width(row for stage in functions.stages for row in _by_power_and_stage(stage, above)),
        of_one_width(_by_power_and_stage(functions.seen, above)),
        determinant,
    )


def _by_power_and_stage(entries: Sequence[sympy.Poly], powers: int) -> list[tuple[float, ...]]:
    rows = [by_power(entry, powers) for entry in entries]
    return [row[k] for k in range(powers) for row in rows]

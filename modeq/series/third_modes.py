"""From exact transfer functions to the numbers with which `third_degree` evaluates its coefficients, and the calls of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..methods.method import Method
from . import third_degree
from .modes import Modes, Numbers, by_power, modes, of_one_width
from .stability import RHO
from .third_degree import CIRCLE
from .transfer import transfer_functions


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
    >>> coefficients = third_modes(GradientDescent(), True)
    >>> abs(coefficients.star(0, 0, 0, 0)) < 1e-12  # b([•, •, •]) = 0
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
    def memory(self) -> int:
        """Powers of μ in the denominator of W."""
        return len(self.determinant) - 1

    @property
    def powers(self) -> int:
        """Powers of μ in the numerators of W."""
        return len(self.seen) // self.stages - 1

    @property
    def width(self) -> int:
        """Numbers in a mode with its middle part."""
        return self.modes.width + self.memory + self.stages**2 * self.powers

    @property
    def reach(self) -> float:
        """How far ζ = 0 is from the singular points, at most 1."""
        return self.modes.increment.distance(0.0)

    def mode(self, z: complex) -> NDArray[np.complex128]:
        """Return the mode of the eigenvalue ζ = z with its middle part."""
        row = np.zeros(self.width, complex)
        row[: self.modes.width] = self.modes.mode(z)
        third_degree.fill_middle(row, self.modes.width, self.stages, self.answers, self.seen, self.determinant)
        return row

    def star(self, z: complex, first: complex, second: complex, third: complex) -> complex:
        """Evaluate c(ζ_i; ζ_j, ζ_k, ζ_l), symmetric in the last three."""
        shape = (self.stages, self.modes.size, self.modes.degree)
        i, one = self._rows(z, 0.0)
        drives = [0j] * (4 * (2 + self.stages))
        total = 0j
        for n in range(CIRCLE):
            leaves = [third_degree.moved_leaf(complex(leaf), self.reach, n, CIRCLE) for leaf in (first, second, third)]
            j, k, l = self._rows(*leaves)
            third_degree.fill_products(drives, j, k, one, self.stages)
            sums = [third_degree.star_sum(i, row, drives, *shape) for row in (l, one)]
            total += (sums[0] - sums[1]) / (leaves[0] * leaves[1] * leaves[2])
        return total / CIRCLE

    def nested(self, z: complex, middle: complex, first: complex, second: complex, third: complex) -> complex:
        """Evaluate c(ζ_i; ζ_m; ζ_j, ζ_k; ζ_l), symmetric in ζ_j and ζ_k: leaves j and k on the node m, m and the leaf l on i."""
        shape = (self.stages, self.modes.size, self.modes.degree)
        i, m, one = self._rows(z, middle, 0.0)
        drives = [0j] * (4 * (2 + self.stages))
        answers = [0j] * (4 * (3 + self.stages))
        total = 0j
        for n in range(CIRCLE):
            leaves = [third_degree.moved_leaf(complex(leaf), self.reach, n, CIRCLE) for leaf in (first, second, third)]
            j, k, l = self._rows(*leaves)
            third_degree.fill_products(drives, j, k, one, self.stages)
            third_degree.fill_answers(answers, m, drives, one, *shape, self.memory, self.powers)
            sums = [third_degree.nested_sum(i, m, row, answers, *shape) for row in (l, one)]
            total += (sums[0] - sums[1]) / (leaves[0] * leaves[1] * leaves[2])
        return total / CIRCLE

    def source(self) -> str:
        """Return the arguments of `fill_middle` after the first two as Python text."""
        return ", ".join(map(repr, (self.stages, self.answers, self.seen, self.determinant)))

    def _rows(self, *values: complex) -> list[list[complex]]:
        return [self.mode(value).tolist() for value in values]


def third_helpers() -> list[Callable[..., Any]]:
    """Return the functions of degree 3, callees first, for code generation to copy (those of degree 2 come before)."""
    t = third_degree
    rows = [t.fill_middle, t.moved_leaf, t.second_log_difference, t.answer, t.answer_difference]
    return [*rows, t.fill_products, t.fill_answers, t.star_sum, t.nested_sum]


@cache
def third_modes(method: Method, rotated: bool) -> ThirdModes:
    """Round what degree 3 needs of a method with numeric parameters, once."""
    functions = transfer_functions(method)
    inside = [entry for row in functions.stages for entry in row]
    powers = max(entry.degree(RHO) for entry in (*inside, *functions.seen)) + 1
    return ThirdModes(
        modes(method, rotated),
        of_one_width(row for entry in inside for row in by_power(entry, powers)),
        of_one_width(row for entry in functions.seen for row in by_power(entry, powers)),
        by_power(functions.determinant, functions.determinant.degree(RHO) + 1),
    )

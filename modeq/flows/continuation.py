"""The principal flow along one run, its logarithms followed continuously along the path instead of being cut.

An evaluation at y has no history of its own: each eigenvalue of h f′ takes the sheet of its logarithm nearest to the logarithm of
the nearest eigenvalue at the last accepted step. Those references belong to the run, not to the flow, which by itself is that of the
rotated branch. What is followed is the logarithm; the root R of a method with memory keeps its own branch.
"""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..kernels.branches import ROTATED, psi_from_increment
from ..kernels.matrix_functions import apply_n, same_sheet
from ..losses.field import Field
from ..series.increment import increment
from ..series.principal import PrincipalFlow

Array = NDArray[Any]


@final
class Continuation:
    """The right-hand side f(t, y) of a run that starts on the rotated branch; call `accept` after each accepted step."""

    def __init__(self, equation: PrincipalFlow, field: Field, h: float) -> None:
        self._form = increment(equation.method, ROTATED)
        self._field = field
        self._h = h
        self._values: list[complex] = []
        self._logs: list[complex] = []

    def accept(self, point: Array) -> None:
        """Make the eigenvalues at `point` and their logarithms the new references."""
        jacobian = self._jacobian(point)
        if np.isfinite(jacobian).all():
            values = [complex(value) for value in np.linalg.eigvals(jacobian)]
            logs = [self._psi(value) * value for value in values]
            self._values, self._logs = values, logs

    def __call__(self, t: float, y: Array) -> Array:
        """Return ψ(h f′) f at y."""
        f = self._field.value(y)
        out = np.empty(len(y), complex)
        apply_n(self._psi, self._form.distance, self._jacobian(y), np.asarray(f, complex), len(y), out)
        return out

    def _jacobian(self, y: Array) -> Array:
        return (self._h * self._field.jacobian(y)).astype(complex)

    def _psi(self, z: complex) -> complex:
        z = complex(z)
        value = psi_from_increment(self._form(z), z, ROTATED)
        if not self._values or z == 0 or not math.isfinite(abs(value)):
            return value
        nearest = min(range(len(self._values)), key=lambda k: abs(self._values[k] - z))
        reference = self._logs[nearest]
        return same_sheet(value, z, reference, 2.0) if math.isfinite(abs(reference)) else value

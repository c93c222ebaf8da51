"""The slow solution of a smooth update on a field with Taylor arithmetic, through one point; see `series.slow_solution`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exact import exact
from ..graph.algebra import NumpyAlgebra, NumpyMatrices
from ..graph.per_array import PerArray, join, split
from ..losses.field import Field
from ..methods.recurrences import Recurrences
from ..methods.smooth_update import SmoothUpdate
from ..series.slow_solution import SlowSolution
from .flow import Array


class _Along:
    """A field along one path, degree by degree; see `series.slow_solution.FieldSeries`."""

    def __init__(self, field: Field, part: int | None, zero: Array) -> None:
        self._field, self._part, self._zero = field, part, zero
        self._path: list[Any] = []

    def extend(self, coefficient: Any) -> Any:
        """Take the next coefficient of the path and return that of the field."""
        self._path.append(self._zero if coefficient is None else coefficient)
        if coefficient is None and len(self._path) > 1 and all(c is self._zero for c in self._path[1:]):
            return None
        given = np.array(self._path)[np.newaxis]
        return self._field.taylor(self._path[0], given, self._part)[0, -1]


class _AlongMatrices:
    """The same for updates of whole arrays."""

    def __init__(self, along: _Along, shapes: Any) -> None:
        self._along, self._shapes = along, shapes

    def extend(self, coefficient: Any) -> Any:
        """Take the next coefficient of the path and return that of the field."""
        value = self._along.extend(None if coefficient is None else join(coefficient))
        return None if value is None else split(value, self._shapes)


class _Joined:
    """A slow solution over matrices, with vectors as its results."""

    def __init__(self, solution: SlowSolution[Any]) -> None:
        self._solution = solution

    def modified_field(self) -> list[Any]:
        """Return the coefficients of the modified field."""
        return [None if row is None else join(row) for row in self._solution.modified_field()]

    def start(self, number: int) -> list[Any]:
        """Return the coefficients of a memory at n = 0."""
        return [None if row is None else join(row) for row in self._solution.start(number)]


def slow_solution(
    method: SmoothUpdate, parts: Recurrences, field: Field, theta: Array, order: int, kept: Any = None, rates: Sequence[float] = (1.0,)
) -> Any:
    """Return the slow solution through a point, shape (d,), up to a power of h.

    `kept` are coordinates besides θ, of entries; `rates` are those of a schedule.
    """
    schedule = [exact(rate) for rate in rates]
    zero = np.zeros_like(theta)
    several = method.fields > 1

    def series(colour: int) -> _Along:
        return _Along(field, colour if several else None, zero)

    def matrices(colour: int) -> Any:
        return _AlongMatrices(series(colour), field.shapes)

    if not method.per_array:
        return SlowSolution(method, parts, NumpyAlgebra(), series, theta, order, kept, schedule)
    algebra: Any = PerArray(NumpyMatrices())
    return _Joined(SlowSolution(method, parts, algebra, matrices, split(theta, field.shapes), order, None, schedule))

"""Fields that depend on time, f(x, s), and those on symbols; `time_jets` has those in NumPy.

Methods and equations see the field (f, 1) of the point (x, s), which does not depend on time; the user sees x and s.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from .field import Array, Field
from .symbolic_field import SymbolicField


@dataclass(frozen=True, eq=False, repr=False)
class TimeField(Field):
    """A field f(x, s) that depends on time; at the beginning of a run s = 0.

    See Also
    --------
    modeq.VectorField.from_sympy, modeq.VectorField.from_numpy
    """

    @property
    def fields(self) -> int:
        """One: time-dependent fields have no parts."""
        return 1

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian is known to be symmetric."""
        return False

    @abstractmethod
    def value(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return f at x = θ, shape (d,), and time s."""

    def __call__(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return f at x = θ, shape (d,), and time s."""
        return self.value(theta, s)

    def part(self, number: int, theta: ArrayLike) -> Array:
        """Return f at s = 0: the one part."""
        return self.value(theta)

    @abstractmethod
    def jacobian(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return ∂f/∂x, shape (d, d)."""


@final
@dataclass(frozen=True, eq=False, repr=False)
class SymbolicTimeField(TimeField):
    """A time-dependent field on symbols.

    Attributes
    ----------
    time
        The symbol s.
    augmented
        The field (f, 1) in the variables and s.

    See Also
    --------
    modeq.VectorField.from_sympy : Makes it, with an example.
    """

    time: sympy.Symbol
    augmented: SymbolicField = field(repr=False)

    @property
    def autonomous(self) -> Field:
        """(f, 1) of the point (x, s)."""
        return self.augmented

    @property
    def variables(self) -> tuple[sympy.Symbol, ...]:
        """The d coordinates."""
        return self.augmented.variables[:-1]

    @property
    def parameters(self) -> Mapping[str, float]:
        """Default values of the parameters by name."""
        return self.augmented.parameters

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """All coordinates are scalars."""
        return {variable.name: () for variable in self.variables}

    def parameter_vector(self, h: float) -> Array:
        """Return ``[h, parameters …]``, the last argument of kernels."""
        return self.augmented.parameter_vector(h)

    def value(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return f at x = θ, shape (d,), and time s."""
        graph = self.augmented.graph.copy()
        (part,) = self.augmented.parts(graph)
        return np.array(self.augmented.evaluate(part[:-1], np.append(self.check_point(theta), s), graph))

    def jacobian(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return ∂f/∂x, shape (d, d)."""
        return np.asarray(self.augmented.jacobian(np.append(self.check_point(theta), s))[:-1, :-1])

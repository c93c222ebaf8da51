"""Fields that are known by jets: Taylor coefficients of each part along paths, whoever computes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..codegen.array_program import ArrayProgram
from ..codegen.source import Source
from ..kernels.layout import PAR, PATHS
from ..kernels.taylor_fields import combine
from .field import Array, Field

TaylorKernel: TypeAlias = Callable[[Array, Array, Array, int, Array, Array, float, Array], None]
"""``taylor(y, given, par, at, F, work, known, rows)``, see `kernels.taylor_fields`."""
FieldKernel: TypeAlias = Callable[[Array, Array], Array]
"""``f(y, par)``, shape (d,)."""


@dataclass(frozen=True, eq=False, repr=False)
class JetField(Field):
    """A field whose parts have Taylor coefficients along paths.

    What flows need of it they take from the two kernels: by default they call `part_along`, compiled losses have their own.

    See Also
    --------
    modeq.losses.ArrayLoss, modeq.losses.FunctionLoss, modeq.losses.PartedField
    """

    @property
    def row(self) -> int:
        """Number of entries that a path keeps for each degree in the workspace of the kernel, at least d."""
        return self.dimension

    @property
    def pieces(self) -> tuple[str, ...]:
        """Where the field is decided piece by piece: lines of the user's code; empty where that is not known."""
        return ()

    @property
    def has_kernels(self) -> bool:
        """Methods run on it in NumPy, step by step; compiled losses have kernels."""
        return False

    def jet(self, path: Array) -> Array:
        """Return the Taylor coefficients of f, the sum of its parts, along Σ_j path[j] sʲ, shape (degrees, d), like the path."""
        return np.asarray(np.sum([self.part_along(number, path) for number in range(self.fields)], axis=0))

    def taylor(self, point: Array, given: Array, part: int | None = None) -> Array:
        """Return the coefficients of f along paths from `point`; ``given`` and the result have shape (Q, degrees, d)."""
        paths = np.array(given)
        paths[:, 0] = point
        return np.array([self.jet(path) if part is None else self.part_along(part, path) for path in paths])

    def require(self, degree: int, purpose: str) -> None:
        """Raise unless jets up to this degree can be computed."""

    def parameter_vector(self, h: float) -> Array:
        """Return h, how many sizes follow and where they end; the sizes are the row of the workspace and d, and there are no data."""
        sizes = [self.row, self.dimension]
        return PAR.pack({"step": h, "numbers": len(sizes), "end": PAR.size + len(sizes)}, sizes)

    def field_kernel(self) -> FieldKernel:
        """Return f(y, par) without checks of the point."""
        return lambda y, par: self.value(y)

    def taylor_kernel(self, colours: tuple[int, ...] = ()) -> TaylorKernel:
        """Return Taylor arithmetic in the form that kernels have.

        Parameters
        ----------
        colours
            The part that each stage of a method evaluates, for linked paths; path number q belongs to stage q modulo their number.
            Left out, and for given paths, it is the whole field.
        """

        def taylor(y: Array, given: Array, par: Array, at: int, F: Array, work: Array, known: float, rows: Array) -> None:
            points, order = F.shape[:2]
            if len(given):
                for q in range(points):
                    F[q] = self.jet(np.concatenate([y[np.newaxis], given[q, 1:]]))
                return
            size = order * points * points
            maps = par[at + PATHS.size :]
            advance, follows = (maps[n * size : (n + 1) * size].real.reshape(order, points, points) for n in range(2))
            paths = np.zeros((points, order, len(y)), F.dtype)
            paths[:, 0] = y
            for degree in range(order):
                for q in range(points):
                    first = q % max(len(colours), 1)
                    if degree == 0 and q != first:
                        F[q, 0] = F[first, 0]
                    elif follows[degree, q].any():
                        F[q, degree] = follows[degree, q] @ F[:, degree]
                    elif degree == 0 or paths[q, 1 : degree + 1].any():
                        path = paths[q, : degree + 1]
                        F[q, degree] = (self.part_along(colours[first], path) if len(set(colours)) > 1 else self.jet(path))[degree]
                if degree + 1 < order:
                    paths[:, degree + 1] = advance[degree] @ F[:, degree]
            combine(par, at, F, rows)

        return taylor

    def written(self, write: Callable[[ArrayProgram], Source]) -> Source:
        """Return what `write` makes of the field's program; raise a `ValueError` if modeq does not have it."""
        raise ValueError(
            f"the functions of {self.name} stay where they are, and no module can be written of them; for that make the loss with "
            "Loss.from_jax, Loss.from_torch or Loss.from_numpy"
        )

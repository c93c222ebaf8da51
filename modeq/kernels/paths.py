"""The coefficients of many paths at once, in which what is 0 along all of them is known to be."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final, final

import numpy as np

_IDLE = 4  # workspaces that are kept


@final
class Nought:
    """The array that is 0 everywhere: what is added to it stays as it is, what is multiplied by it is 0.

    In this arithmetic 0·∞ is 0: the coefficient does not depend on the path.
    """

    __array_ufunc__ = None  # NumPy leaves sums and products with it to the methods here

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return -other

    def __rsub__(self, other: Any) -> Any:
        return self if isinstance(other, float) and other == 0.0 else other  # 0.0 - x in generated code is -x

    def __mul__(self, other: Any) -> Nought:
        return self

    __rmul__ = __truediv__ = __mul__

    def __neg__(self) -> Nought:
        return self


NOUGHT: Final = Nought()


@final
class Paths:
    """The coefficients of all arrays along many paths from one point: those of degree 0 for all, then those of each path.

    Each array of each degree is a contiguous block, shape (paths, …), where BLAS finds it; ``a`` counts as in the vector ``w``
    of compiled code, `total` numbers for each degree.
    """

    _idle: ClassVar[list[Paths]] = []  # used again: memory that the system has just given is slow

    def __init__(self, total: int, order: int, count: int, dtype: np.dtype[Any]) -> None:
        self.total, self.order, self.count, self.dtype = total, order, count, dtype
        self.first = np.empty(total, dtype)
        self._rest = np.empty(count * total * (order - 1), dtype)
        self._views: dict[tuple[int, tuple[int, ...]], Any] = {}
        self._cleared: set[int] = set()

    @staticmethod
    def over(work: Any, total: int, order: int, count: int, before: Paths | None) -> Paths:
        """Return coefficients whose degree 0 is a copy of the beginning of `work`: those `before`, if so many paths came from it too."""
        if before is not None:
            if before.count == count:
                return before
            before.put_back()
        wanted = (total, order, count, work.dtype)
        paths = next((one for one in Paths._idle if (one.total, one.order, one.count, one.dtype) == wanted), None)
        if paths is None:
            paths = Paths(total, order, count, work.dtype)
        else:
            Paths._idle.remove(paths)
        paths.first[:] = work[:total]
        return paths

    def put_back(self) -> None:
        """Leave the memory to the next who needs as much."""
        Paths._idle.insert(0, self)
        del Paths._idle[_IDLE:]

    def read(self, a: int, shape: tuple[int, ...]) -> Any:
        """Return the array that begins at a for reading; `NOUGHT` if it was cleared."""
        if a in self._cleared:
            return NOUGHT
        try:
            return self._views[a, shape]
        except KeyError:
            return self._view(a, shape)

    def part(self, a: int, shape: tuple[int, ...], *, fresh: bool = False) -> Any:
        """Return the view of an array that begins at a; `fresh` if all of it is going to be written."""
        view = self._views.get((a, shape))
        if view is None:
            view = self._view(a, shape)
        if a in self._cleared:
            self._cleared.remove(a)
            if not fresh:
                view[...] = 0.0
        return view

    def _view(self, a: int, shape: tuple[int, ...]) -> Any:
        """Make a view, once: it takes as long as adding up a small array."""
        size = math.prod(shape)
        if a < self.total:
            view = self.first[a : a + size].reshape(shape)
        else:
            start = (a - self.total) * self.count
            view = self._rest[start : start + size * self.count].reshape(self.count, *shape)
        self._views[a, shape] = view
        return view

    def clear(self, a: int) -> None:
        """Make an array 0 before it is read."""
        self._cleared.add(a)

    def is_cleared(self, a: int) -> bool:
        """Tell whether an array is 0 because it was cleared."""
        return a in self._cleared

"""Names for the places of numbers in the vectors that kernels get: a struct of floats, since compiled code takes arrays of one type.

Kernels write ``par[PAR.step]`` and ``par[at + PRINCIPAL.tolerance]``; code generation copies the numbers in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray


@final
class Layout:
    """Slots with names, one after the other, and behind them whatever follows.

    Parameters
    ----------
    sizes
        Numbers in each slot, in order.

    Examples
    --------
    >>> plan = Layout(order=1, weights=2)
    >>> plan.weights, plan.size
    (1, 3)
    >>> par = plan.pack({"order": 4, "weights": [0.5, 0.25]}, then=[7.0])
    >>> print(plan.described(par))
    order = 4, weights = [0.5, 0.25], then 1 more
    """

    def __init__(self, **sizes: int) -> None:
        self._sizes = sizes
        ends = np.cumsum([0, *sizes.values()]).tolist()
        self._places: dict[str, int] = dict(zip(sizes, ends, strict=False))
        self.size: int = ends[-1]

    def __getattr__(self, name: str) -> int:
        try:
            return self.__dict__["_places"][name]
        except KeyError:
            raise AttributeError(f"the layout has no slot {name!r}; it has {', '.join(self.__dict__.get('_places', ()))}") from None

    def pack(self, values: Mapping[str, Any], then: Any = ()) -> NDArray[np.float64]:
        """Return the numbers of all slots, and what follows them.

        Raises
        ------
        ValueError
            If a slot is missing or unknown, or has another size.
        """
        if values.keys() != self._sizes.keys():
            raise ValueError(f"expected values for {', '.join(self._sizes)}, got {', '.join(values)}")
        parts = [np.ravel(np.asarray(values[name], dtype=float)) for name in self._sizes]
        for part, (name, size) in zip(parts, self._sizes.items(), strict=True):
            if len(part) != size:
                raise ValueError(f"the slot {name!r} takes {size} numbers, got {len(part)}")
        return np.concatenate([*parts, np.ravel(np.asarray(then, dtype=float))])

    def read(self, par: NDArray[np.float64], at: int = 0) -> dict[str, NDArray[np.float64]]:
        """Return the numbers in each slot of a vector whose slots begin at `at`."""
        return {name: par[at + place : at + place + self._sizes[name]] for name, place in self._places.items()}

    def described(self, par: NDArray[np.float64], at: int = 0) -> str:
        """Write the slots of a vector in one line."""
        slots = [f"{name} = {numbers.tolist() if len(numbers) > 1 else f'{numbers[0]:g}'}" for name, numbers in self.read(par, at).items()]
        rest = len(par) - at - self.size
        return ", ".join([*slots, *([f"then {rest} more"] if rest else [])])


PAR = Layout(step=1, numbers=1, end=1)
"""par of a loss on arrays: h, how many numbers the layout ``o`` has, where the plan of the flow begins; then ``o`` and the data."""

PATHS = Layout(order=1, paths=1, linked=1)
"""A plan of `taylor_fields`: coefficients of each path, how many paths, whether they are linked; then the maps between them."""

PRINCIPAL = Layout(first=PATHS.size, kept=1, limit=1, tolerance=1, slack=1, completion=1, second=PATHS.size)
"""A plan of `krylov`: one path of degree 1, on how many eigenvalues ψ acts, the largest Krylov space, its tolerance, the error of h times
the field that is allowed besides, relative to the state (0: none), the order of completion (0: none), one path of degree 2; then the plan
of the modified field, or the scheme of a method."""

SCHEME = Layout(steps=1, stages=1, states=1)
"""A method in `map_taylor`: k, s and r; then the matrices A, U, B and V."""

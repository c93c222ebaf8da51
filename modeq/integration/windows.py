"""Integrating a flow window by window, and jumping by the method's own steps where the flow does not follow them.

The solver is not stopped at the ends of windows: it goes on over them as long as the flow follows. A hybrid system with flows and jumps:
R. Goebel, R. G. Sanfelice, A. R. Teel, *Hybrid Dynamical Systems* (2012).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..flows.flow import Right, Windows

if TYPE_CHECKING:
    from scipy.integrate import OdeSolver

Array: TypeAlias = NDArray[Any]
Make: TypeAlias = Callable[[Right, float, Array], "OdeSolver"]
Join: TypeAlias = Callable[[Array], Array]
_PATIENCE = 300  # evaluations in one window, besides those for a Jacobian; a solver crawls where the field gets infinite


@final
class WindowedSolver:
    """Steps through windows; has the interface of a SciPy solver.

    Parameters
    ----------
    make
        Gives the solver for a field from a time and a state.
    join
        Makes a state of what that solver calls one.
    right
        The field.
    windows
        Their length, what the method does in one, and how far a flow may be off.
    t, y, end
        Where to start, and when to end; a last window that is shorter than the others is not judged.
    jumped
        Called with the time from which the run jumps.
    """

    def __init__(
        self, make: Make, join: Join, right: Right, windows: Windows, t: float, y: Array, end: float, jumped: Callable[[float], None]
    ) -> None:
        self._make, self._join, self._right, self._windows, self._end, self._jumped = make, join, right, windows, end, jumped
        self.t, self.y, self.status = t, y, "running"
        self._solver: OdeSolver | None = None
        self._passed: list[tuple[float, Callable[[float], Array]]] = []  # ends of the solver's steps with what it says of them

    def step(self) -> str | None:
        """Advance to the end of the window; return what went wrong, if anything did."""
        begin, length = self.t, self._windows.length
        end = min(begin + length, self._end)
        whole = end - begin > length * (1 - 1e-9)
        if end > self._end - 1e-9 * length:
            end = self._end
        arrived, message = self._flow_to(end)
        if whole:
            target = self._windows.advance(self.y)
            allowed = self._windows.tolerance * np.linalg.norm(target - self.y)
            if arrived is None or not np.linalg.norm(arrived - target) <= allowed:
                self._solver, arrived, message = None, target, None
                self._jumped(begin)
                start, change = self.y, (target - self.y) / (end - begin)
                self._passed = [(end, lambda t: start + (t - begin) * change)]
        if arrived is None:
            return message or "the field is not finite"
        known = self._passed
        self.dense_output = lambda: lambda t: next((dense for until, dense in known if t <= until), known[-1][1])(t)
        self._passed = [known[-1]] if self._solver is not None else []
        self.t, self.y = end, arrived
        self.status = "finished" if end >= self._end else "running"
        return None

    def _flow_to(self, end: float) -> tuple[Array | None, str | None]:
        """Return the state at the end of the window, or None with the reason why the solver did not get there."""
        if self._solver is None:
            if not np.isfinite(self._right(self.t, self.y)).all():  # a solver would look for a step size for ever
                return None, "the field is not finite"
            self._solver, self._passed = self._make(self._right, self.t, self.y), []
        limit = self._solver.nfev + _PATIENCE + len(self.y)
        while self._solver.t < end:
            message = self._solver.step()
            if message is None and not np.isfinite(self._solver.y).all():
                message = "the state is no longer finite"
            if message is None and self._solver.nfev > limit:
                message = f"{_PATIENCE} evaluations were not enough for {self._windows.length:g}"
            if message:
                return None, message
            self._passed.append((float(self._solver.t), self._joined(self._solver.dense_output())))
        return self._passed[-1][1](end), None

    def _joined(self, dense: Callable[[float], Array]) -> Callable[[float], Array]:
        return lambda t: self._join(dense(t))

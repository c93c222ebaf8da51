r"""Spectral deferred corrections with steps of the method itself as the first guess.

A flow that describes k steps of a method is near them already: from their k-fold iterates :math:`y_0, y_1, \dots` it parts by its own
error. Over a block of m such maps :math:`\Phi` let p interpolate the field at the iterates; then one sweep

.. math:: y_{j+1} \leftarrow \Phi(y_j) - \Phi(y_j^{\text{before}}) + y_j^{\text{before}} + \int_{t_j}^{t_{j+1}} p(t)\,dt

takes the integral for what the flow moves and the method for how errors spread. A field for each map is all that it costs, where a
Runge–Kutta method, whose stages know nothing of the method, needs ten. States are good as long as the sweep moved them by less than the
tolerance, and as the last node changes the integral by less; the next block begins at the last of them. Where none is, as in transients
or below the flow's own error, another solver takes the block. One sweep is all: a second one enlarges what is stiff.

Reference: A. Dutt, L. Greengard, V. Rokhlin, Spectral deferred correction methods for ordinary differential equations, BIT 40 (2000)
241–266, doi:10.1023/A:1022338906936.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, final

import numpy as np

from ..flows.flow import Array, Right

if TYPE_CHECKING:
    from scipy.integrate import OdeSolver

_LONGEST = 8  # maps in a block; the weights of longer ones change sign


@final
class DeferredCorrection:
    """Steps through blocks of maps, with the interface of a SciPy solver.

    Parameters
    ----------
    right
        The field f(t, y).
    advance
        Φ(y): what the method makes of a state in the time `apart`.
    otherwise
        Gives a solver from a time and a state to a time, for blocks that do not converge.
    apart
        Time kh > 0 of a map.
    t, y, end
        Where to start, and the time at which to end.
    """

    def __init__(
        self,
        right: Right,
        advance: Callable[[Array], Array],
        otherwise: Callable[[float, Array, float], OdeSolver],
        apart: float,
        t: float,
        y: Array,
        end: float,
        rtol: float,
        atol: float,
    ) -> None:
        self._right, self._advance, self._otherwise, self._apart = right, advance, otherwise, apart
        self._end, self._rtol, self._atol = end, rtol, atol
        self._inner: Any = None
        self._count = 4
        self.dense_output: Callable[[], Callable[[float], Array]]
        self.t, self.y, self.status, self.nfev = t, y, "running", 0

    def step(self) -> str | None:
        """Do one block, or one step of the other solver; return what went wrong, if anything did."""
        if self._inner is None:
            left = int((self._end - self.t) / self._apart + 1e-9)  # whole maps
            count = min(self._count, left)
            done = self._block(count) if count > 1 else 0
            self._count = min(_LONGEST, done + 2)
            if done:
                return None
            self._inner = self._otherwise(self.t, self.y, self._after(count or np.inf))
            self.nfev += self._inner.nfev
        before = self._inner.nfev
        message: str | None = self._inner.step()
        self.nfev += self._inner.nfev - before
        self.t, self.y, self.dense_output = float(self._inner.t), self._inner.y, self._inner.dense_output
        if self._inner.status != "running":
            self.status = "failed" if self._inner.status == "failed" else "finished" if self.t == self._end else "running"
            self._inner = None
        return message

    def _after(self, count: float) -> float:
        """Return the time after so many maps, the end itself where it is there."""
        return self._end if self.t + (count + 1e-9) * self._apart >= self._end else self.t + count * self._apart

    def _block(self, count: int) -> int:
        """Try a block of so many maps; go on to the state after the last of them that is good to the tolerance, and return its number."""
        H = self._apart
        y = [self.y]
        for _ in range(count):
            y.append(self._advance(y[-1]))
        slopes = np.array([self._right(self.t + j * H, y[j]) for j in range(count + 1)])
        self.nfev += count + 1
        if not np.isfinite(slopes).all():
            return 0
        ends = np.arange(count + 1.0)
        moved = H * (integrals(ends, count) @ slopes)
        doubt = moved - H * (integrals(ends, count - 1) @ slopes[:-1])  # what the last node adds
        corrected = [y[0]]
        for j in range(count):
            ahead = self._advance(corrected[j]) if j else y[1]
            after = ahead - y[j + 1] + y[j] + moved[j + 1] - moved[j]
            scale = self._atol + self._rtol * np.abs(after)
            if not max(size(after - y[j + 1], scale), size(doubt[j + 1], scale)) <= 1:
                break
            corrected.append(after)
        done = len(corrected) - 1
        if done:
            self._keep(np.array(corrected), slopes)
            self.y, self.t = corrected[-1], self._after(done)
            self.status = "finished" if self.t == self._end else "running"
        return done

    def _keep(self, y: Array, slopes: Array) -> None:
        """Remember the integral of the interpolant from each state to the next, with what it misses the next by spread over the way."""
        begin, H, degree = self.t, self._apart, len(slopes) - 1
        whole = H * (integrals(np.arange(float(len(y))), degree) @ slopes)

        def between(t: float) -> Array:
            x = (t - begin) / H
            j = min(max(int(x), 0), len(y) - 2)
            missed = y[j + 1] - y[j] - whole[j + 1] + whole[j]
            return np.asarray(y[j] + H * (integrals(np.array([x]), degree) @ slopes)[0] - whole[j] + (x - j) * missed)

        self.dense_output = lambda: between


def integrals(ends: Array, degree: int) -> Array:
    """Return ∫₀ˣ of each Lagrange polynomial on the nodes 0, 1, …, `degree`, for the x of `ends`, shape (ends, degree + 1)."""
    powers = np.arange(degree + 1)
    coefficients = np.linalg.inv(np.vander(powers.astype(float), increasing=True))
    return np.asarray((ends[:, np.newaxis] ** (powers + 1) / (powers + 1)) @ coefficients)


def size(error: Array, scale: Array) -> float:
    """Return the root mean square of an error in units of the tolerance, SciPy's norm; ∞ where it is not finite."""
    value = float(np.sqrt(np.mean(np.abs(error / scale) ** 2)))
    return value if np.isfinite(value) else np.inf

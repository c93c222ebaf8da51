r"""Rod flow: the centre and the spread of two consecutive iterates of gradient descent.

With w₊ and w₋ = w̄ ± δ two consecutive iterates, w̄ their midpoint and Σ = δδᵀ, one step moves w̄ by −(h/2)(g₊ + g₋) and makes
δ = (h/2)g₋. Rod flow is the modified equation of order 2 of the first map together with a relaxation of Σ, in time n counted in steps:

.. math::
   \frac{d\bar w}{dn} = -\frac h2 (g_+ + g_-) - \frac{h^2}8 (H_+ + H_-)(g_+ + g_-), \qquad
   \frac{d\Sigma}{dn} = \frac{h^2}4 (g_+ g_+^T + g_- g_-^T) - 2\Sigma,

with gradients g± and Hessians H± at w̄ ± δ, δδᵀ the leading part of Σ. In modeq's time t = nh all is divided by h.

Reference: E. Regis, S. Chewi, *Rod Flow: A Continuous-Time Model for Gradient Descent at the Edge of Stability* (2026),
arXiv 2602.01480.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..losses.loss import Loss
from ..losses.spectra import largest_pair
from ..sizes import WHOLE_SPREAD
from .centre import CentreEquation
from .flow import Piece, Right

Array: TypeAlias = NDArray[Any]
_KEPT = 100  # up to this d a trajectory has Σ at each step


@final
@dataclass(frozen=True)
class RodFlow(CentreEquation):
    """Rod flow, ``"rod"`` in `compare`: θ is the centre w̄ of two consecutive iterates of gradient descent.

    The rod lies between θ₀ and θ₁ first: at t = h/2, w̄ = θ₀ − (h/2)∇E(θ₀) and Σ = (h²/4)∇E∇Eᵀ, both exact; so at t = nh the centre is
    that of the oscillation around θ_n. Before, from t = 0, the centre goes from θ₀ to there. With a constant gradient this Σ is the
    one that stays.

    Only the leading part δδᵀ of Σ has an influence on w̄. Up to 1000 coordinates all of Σ is integrated, at the price of d² numbers and
    its leading eigenvector for each field. Beyond, Σ is kept at rank one: δ alone, with dΣ/dn projected to the matrices that are of
    rank one too (Koch, Lubich 2007, doi:10.1137/050639703). That is exact in one dimension and where one direction oscillates.

    Attributes
    ----------
    full
        Whether to keep all of Σ; None for up to 1000 coordinates.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("1.01*x**2 - x**4/4", ["x"])  # sharpness 2.02 at its minimum, beyond 2/h: a two-cycle of ±√0.02
    >>> path = mq.integrate(mq.RodFlow().on(E), [0.05], h=1.0, steps=600)
    >>> bool(abs(path.theta[-1, 0]) < 1e-9), path.extras["delta"][-1].round(6)
    (True, array([0.141421]))
    """

    hint: ClassVar[str] = "a smaller h may help"
    full: bool | None = None

    @property
    def title(self) -> str:
        """Two words for tables and legends."""
        return "rod flow"

    def text(self) -> str:
        """Write the equations of the centre w and the spread Σ, with δδᵀ its leading part."""
        return "w' = -1/2 (∇E₊+∇E₋) - h/8 (∇²E₊+∇²E₋)(∇E₊+∇E₋)\nΣ' = h/4 (∇E₊∇E₊ᵀ+∇E₋∇E₋ᵀ) - 2/h Σ, ± at w ± δ, δδᵀ the leading part of Σ"

    def latex(self) -> str:
        r"""Write the equations as LaTeX."""
        return (
            r"\dot{w} = -\tfrac12 (g_+ + g_-) - \tfrac{h}{8} (H_+ + H_-)(g_+ + g_-), \qquad "
            r"\dot{\Sigma} = \tfrac{h}{4} (g_+ g_+^T + g_- g_-^T) - \tfrac{2}{h} \Sigma"
        )

    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return (θ₀, Σ) with Σ = (h²/4)∇E∇Eᵀ, shape (d + d²,), or (θ₀, δ) at rank one, shape (2d,)."""
        half = h / 2 * loss.gradient(theta0)
        return np.concatenate([theta0, np.outer(half, half).ravel() if self._keeps_all(loss) else half])

    def launch(self, loss: Loss, theta0: Array, h: float) -> tuple[float, Array]:
        """Return h/2 and the state there, the rod from θ₀ to θ₁."""
        state = self.start(loss, theta0, h)
        state[: loss.dimension] -= h / 2 * loss.gradient(theta0)
        return h / 2, state

    def pieces(self, loss: Loss, h: float) -> tuple[Piece, ...]:
        """Return the one field."""
        return (Piece((_full if self._keeps_all(loss) else _rank_one)(loss, h)),)

    def extras(self, loss: Loss, states: Array, h: float) -> Mapping[str, Array]:
        """Return ``"delta"``, the rod w̄ ± δ up to its sign, shape (n, d), and up to 100 coordinates ``"spread"``, Σ, shape (n, d, d)."""
        d = loss.dimension
        if not self._keeps_all(loss):
            return {"delta": states[:, d:]}
        spreads = states[:, d:].reshape(-1, d, d)
        extras = {"delta": np.array([leading_part(spread) for spread in spreads])}
        return extras | {"spread": spreads} if d <= _KEPT else extras

    def _keeps_all(self, loss: Loss) -> bool:
        return loss.dimension <= WHOLE_SPREAD if self.full is None else self.full


def leading_part(spread: Array) -> Array:
    """Return δ, shape (d,), with δδᵀ the leading part of Σ; its largest entry is positive."""
    value, vector = largest_pair(spread)
    largest = vector[np.argmax(np.abs(vector))]
    return np.copysign(1.0, largest) * np.sqrt(np.fmax(value, 0.0)) * vector  # rounding makes values below 0


def _slopes(loss: Loss, centre: Array, delta: Array, h: float) -> tuple[Array, Array]:
    """Return dw̄/dn, shape (d,), and G = (h/2)(g₊, g₋), shape (2, d)."""
    ends = np.stack([centre + delta, centre - delta])
    scaled = h / 2 * loss.gradient(ends)
    step = scaled.sum(axis=0)
    return -step - h / 4 * loss.hvp(ends, step).sum(axis=0), scaled


def _full(loss: Loss, h: float) -> Right:
    d = loss.dimension

    def right(t: float, state: Array) -> Array:
        centre, spread = state[:d], state[d:].reshape(d, d)
        moved, scaled = _slopes(loss, centre, leading_part(spread), h)
        return np.concatenate([moved, (scaled.T @ scaled - 2 * spread).ravel()]) / h

    return right


def _rank_one(loss: Loss, h: float) -> Right:
    r"""With F = GᵀG − 2Σ and u = δ/‖δ‖ the projected slope of δδᵀ is uuᵀF + Fuuᵀ − uuᵀFuuᵀ, so that of δ is (I − ½uuᵀ)Fu/‖δ‖."""
    d = loss.dimension

    def right(t: float, state: Array) -> Array:
        centre, delta = state[:d], state[d:]
        moved, scaled = _slopes(loss, centre, delta, h)
        square = delta @ delta
        if square == 0:  # at a stationary point, where it stays
            return np.concatenate([moved, np.zeros(d)]) / h
        pushed = scaled.T @ (scaled @ delta) / square
        return np.concatenate([moved, pushed - delta * (pushed @ delta) / (2 * square) - delta]) / h

    return right

r"""Rod flow: the centre and the spread of two consecutive states of a method, at and beyond its edge of stability.

With s₊ and s₋ = s ± D two consecutive states, of θ and the memory, s their midpoint and Φ a step of the method, the next midpoint is
s + F, F = ½(Φ(s₊) + Φ(s₋)) − s, and D = ½(s₊ − Φ(s₊)), up to its sign, which changes from step to step. Σ = DDᵀ does not see the sign. Rod
flow is the modified equation of order 2 of the first map together with a relaxation of Σ, in time n counted in steps:

.. math::
   \frac{ds}{dn} = F - \tfrac12 F' F, \qquad
   \frac{d\Sigma}{dn} = \tfrac14 \sum_\pm (s_\pm - \Phi(s_\pm)) (s_\pm - \Phi(s_\pm))^T - 2\Sigma,

with F′ the derivative along s, the mean of DΦ − 1 over both ends. In modeq's time t = nh all is divided by h. For gradient descent,
Φ(w) = w − h∇E(w), these are the published equations

.. math::
   \frac{d\bar w}{dn} = -\frac h2 (g_+ + g_-) - \frac{h^2}8 (H_+ + H_-)(g_+ + g_-), \qquad
   \frac{d\Sigma}{dn} = \frac{h^2}4 (g_+ g_+^T + g_- g_-^T) - 2\Sigma.

The rod D has the part δ = Du/√λ of θ, λ and u the leading eigenpair of the block Σ_θθ, and memory goes with it: D = Σ_{sθ}u/√λ. So units of
memory do not matter, and a memory that the step does not read changes nothing. Where small oscillations are multiplied by μ < 0 in a step,
Σ changes at the rate ½(1 − μ)² − 2. It is 0 at μ = −1 only and has the slope of log μ² there: the edge of the flow is that of the method.

References: E. Regis, S. Chewi, *Rod Flow: A Continuous-Time Model for Gradient Descent at the Edge of Stability* (2026), arXiv 2602.01480.
For methods with memory the construction above is derived from the same ansatz, not taken from their *A Rod Flow Model for Adam at the Edge
of Stability* (2026), arXiv 2605.06821, of which only the abstract was at hand: there the rod lies in the space of θ and the first moment,
and the second moment is smooth; here the whole state oscillates, and the mean of the second moment over two steps is its centre.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..losses.loss import Loss
from ..losses.spectra import largest_pair
from ..methods.gradient_descent import GradientDescent
from ..methods.method import Method
from ..sizes import WHOLE_SPREAD
from .centre import CentreEquation, same_rule
from .ends import step_from_ends
from .flow import Piece, Right
from .steps import advanced

Array: TypeAlias = NDArray[Any]
_PLAIN = GradientDescent()
_KEPT = 100  # up to this d a trajectory has Σ at each step


@final
@dataclass(frozen=True)
class RodFlow(CentreEquation):
    """Rod flow of any explicit method, ``"rod"`` in `compare`: its state is the centre of two consecutive states of the method.

    The rod lies between s₀, at rest, and s₁ first: at t = h/2 the centre is (s₀ + s₁)/2 and Σ = ¼(s₀ − s₁)(s₀ − s₁)ᵀ, both exact; so at
    t = nh the centre is that of the oscillation around θ_n. Before, from t = 0, it goes from s₀ to there. With a constant step this Σ is
    the one that stays. Where the rule counts steps, as with bias correction, the field at time t has n = t/h.

    Only the leading part of Σ has an influence on the centre. Up to a million numbers its columns of θ are integrated, r·d² for r vectors
    of d numbers. Beyond, Σ is kept at rank one: D alone, with dΣ/dn projected to the matrices that are of
    rank one too (Koch, Lubich 2007, doi:10.1137/050639703). That is exact in one dimension and where one direction oscillates.

    Attributes
    ----------
    method
        An explicit, smooth method of one field with numbers for parameters; gradient descent when left out.
    full
        Whether to keep all of Σ; None for up to a million numbers.

    Raises
    ------
    ValueError
        If `method` is implicit, has several fields, kinks or free parameters, or acts on whole arrays.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("1.01*x**2 - x**4/4", ["x"])  # sharpness 2.02 at its minimum, beyond 2/h: a two-cycle of ±√0.02
    >>> path = mq.integrate(mq.RodFlow().on(E), [0.05], h=1.0, steps=600)
    >>> bool(abs(path.theta[-1, 0]) < 1e-9), path.extras["delta"][-1].round(6)
    (True, array([0.141421]))
    """

    method: Method = _PLAIN
    full: bool | None = None
    hint: ClassVar[str] = "a smaller h may help"

    def __post_init__(self) -> None:
        method = self.method
        if not method.is_explicit:
            raise ValueError(f"a rod flow needs an explicit method; {method.name} is implicit, use 'principal', which exists for it")
        if method.fields > 1 or method.per_array:
            acts = f"asks for {method.fields} fields" if method.fields > 1 else "acts on whole arrays"
            raise ValueError(f"a rod flow needs a method that acts on vectors with one field; {method.name} {acts}, use 'two-step'")
        method.require_smooth("the rod flow")
        method.require_numbers("the rod flow")

    @property
    def title(self) -> str:
        """Two words for tables and legends."""
        return "rod flow"

    def text(self) -> str:
        """Write the equations of the centre and the spread Σ, with δδᵀ or DDᵀ its leading part."""
        if same_rule(self.method, _PLAIN):
            return (
                "w' = -1/2 (∇E₊+∇E₋) - h/8 (∇²E₊+∇²E₋)(∇E₊+∇E₋)\nΣ' = h/4 (∇E₊∇E₊ᵀ+∇E₋∇E₋ᵀ) - 2/h Σ, ± at w ± δ, δδᵀ the leading part of Σ"
            )
        return (
            "s' = 1/h (F - 1/2 F'F), F = 1/2 (Φ(s₊)+Φ(s₋)) - s\n"
            "Σ' = 1/(4h) Σ_± (s±-Φ(s±))(s±-Φ(s±))ᵀ - 2/h Σ, s± = s ± D, DDᵀ the leading part of Σ"
        )

    def latex(self) -> str:
        r"""Write the equations as LaTeX."""
        if same_rule(self.method, _PLAIN):
            return (
                r"\dot{w} = -\tfrac12 (g_+ + g_-) - \tfrac{h}{8} (H_+ + H_-)(g_+ + g_-), \qquad "
                r"\dot{\Sigma} = \tfrac{h}{4} (g_+ g_+^T + g_- g_-^T) - \tfrac{2}{h} \Sigma"
            )
        return (
            r"\dot{s} = \tfrac1h (F - \tfrac12 F' F), \quad F = \tfrac12 (\Phi(s_+) + \Phi(s_-)) - s, \qquad "
            r"\dot{\Sigma} = \tfrac{1}{4h} \sum_\pm (s_\pm - \Phi(s_\pm))(s_\pm - \Phi(s_\pm))^T - \tfrac{2}{h} \Sigma"
        )

    @property
    def starts_at_rest(self) -> bool:
        """With memory the state is that of the method, twice."""
        return self.method.states > 1

    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return s₀ with Σ_{sθ} of the first step, shape (r·d + r·d²,), or s₀ with D at rank one, shape (2r·d,)."""
        state = np.concatenate(self.method.rest(theta0))
        half = (state - self._step(loss, state, h)) / 2
        spread = np.multiply.outer(half, self._theta(half)).ravel() if self._keeps_all(loss) else half
        return np.concatenate([state, spread])

    def launch(self, loss: Loss, theta0: Array, h: float) -> tuple[float, Array]:
        """Return h/2 and the state there, the rod from s₀ to s₁."""
        state = self.start(loss, theta0, h)
        centre = state[: self._size(loss)]
        centre[:] = (centre + self._step(loss, centre, h)) / 2
        return h / 2, state

    def pieces(self, loss: Loss, h: float) -> tuple[Piece, ...]:
        """Return the one field."""
        return (Piece((self._whole if self._keeps_all(loss) else self._rank_one)(loss, h)),)

    def output(self, loss: Loss, states: Array) -> Array:
        """Return θ of the centre."""
        return self._theta(states[..., : self._size(loss)])

    def extras(self, loss: Loss, states: Array, h: float) -> Mapping[str, Array]:
        """Return what is known besides θ, one row for each state.

        ``"delta"``, the rod θ ± δ up to its sign, shape (n, d); the centre of the memory by name; up to 100 coordinates ``"spread"``, the
        block Σ_θθ, shape (n, d, d).
        """
        size, d = self._size(loss), loss.dimension
        memory = states[:, :size].reshape(len(states), -1, d)
        named = {name: memory[:, q] for q, name in enumerate(self.method.state_names) if name != "θ"}
        if not self._keeps_all(loss):
            return {"delta": self._theta(states[:, size:])} | named
        spreads = states[:, size:].reshape(-1, size, d)
        extras = {"delta": np.array([self._theta(self._rod(spread)) for spread in spreads])} | named
        return extras | {"spread": self._theta(np.swapaxes(spreads, 1, 2))} if d <= _KEPT else extras

    def _size(self, loss: Loss) -> int:
        return self.method.states * loss.dimension

    def _keeps_all(self, loss: Loss) -> bool:
        return self.method.states * loss.dimension**2 <= WHOLE_SPREAD**2 if self.full is None else self.full

    def _step(self, loss: Loss, state: Array, h: float) -> Array:
        return advanced(self.method, loss, state.reshape(1, self.method.states, -1), h, 1).ravel()

    def _theta(self, states: Array) -> Array:
        """Return θ, shape (…, d), of states, shape (…, r·d)."""
        r = self.method.states
        parts = states.reshape(*states.shape[:-1], r, states.shape[-1] // r)
        return np.asarray(self.method.output([parts[..., q, :] for q in range(r)]))

    def _rod(self, spread: Array) -> Array:
        """Return D, shape (r·d,), with DDᵀ the leading part of a spread, shape (r·d, d)."""
        value, vector = largest_pair(self._theta(spread.T))
        largest = vector[np.argmax(np.abs(vector))]
        return np.copysign(1.0, largest) * (spread @ vector) / np.sqrt(value) if value > 0 else np.zeros(len(spread))

    def _slopes(self, loss: Loss, centre: Array, rod: Array, h: float, n: float) -> tuple[Array, Array]:
        """Return ds/dn, shape (r·d,), and ½(s± − Φ(s±)), shape (2, r·d)."""
        ends = np.stack([centre + rod, centre - rod])
        after, product = step_from_ends(self.method, loss, ends, h, n)
        moved = after.mean(axis=0) - centre
        return moved - (product(moved) - moved) / 2, (ends - after) / 2

    def _whole(self, loss: Loss, h: float) -> Right:
        size, d = self._size(loss), loss.dimension

        def right(t: float, state: Array) -> Array:
            centre, spread = state[:size], state[size:].reshape(size, d)
            moved, halves = self._slopes(loss, centre, self._rod(spread), h, t / h)
            return np.concatenate([moved, (halves.T @ self._theta(halves) - 2 * spread).ravel()]) / h

        return right

    def _rank_one(self, loss: Loss, h: float) -> Right:
        r"""With R = dΣ/dn, δ the part of θ of D and u = δ/‖δ‖ the projected slope of D is (R_{sθ}u − ½D uᵀR_θθu/‖δ‖)/‖δ‖."""
        size = self._size(loss)

        def right(t: float, state: Array) -> Array:
            centre, rod = state[:size], state[size:]
            delta = self._theta(rod)
            moved, halves = self._slopes(loss, centre, rod, h, t / h)
            square = delta @ delta
            if square == 0:  # at a stationary point, where it stays
                return np.concatenate([moved, np.zeros(size)]) / h
            along = self._theta(halves) @ delta
            return np.concatenate([moved, along @ halves / square - rod * (along @ along / square**2 + 2) / 2]) / h

        return right

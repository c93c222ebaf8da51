r"""RMSProp without oscillations, entry by entry or with one number for all: what its central flow needs.

With ν the mean square that divides the gradient in the next step, ν_n = v_{n+1}, and κ = (1 − β₂)/β₂, in time t = nh:

.. math::
   \dot\theta = -\frac{1}{R(\nu)} \odot \bigl[\nabla E + \tfrac12 \nabla^3 E : \Sigma\bigr], \qquad
   \dot\nu = \frac\kappa h \bigl[(\nabla E)^2 + \operatorname{diag}(\nabla^2 E\, \Sigma\, \nabla^2 E) - \nu\bigr],

with ‖∇E‖² and the trace in the place of the squares and of the diagonal where ν is one number. Along critical directions, ∇²E u = ℓ R u,
the matrix ∇²EΣ∇²E is ℓ² RΣR. The oscillations enter ν̇ through the derivative of the constraint, −ℓ R′, with the mobility 2κℓR²/(hR′).

Reference: J. Cohen et al., *Understanding Optimization in Deep Learning with Central Flows* (2024), arXiv 2410.24206.
"""

from __future__ import annotations

from typing import final

import numpy as np

from ..exact import to_sympy
from ..losses.field import Array
from ..losses.loss import Loss
from ..methods.preconditioner import Preconditioner
from .critical import Descent


@final
class MeanSquare(Descent):
    """The state is (θ, ν), with d entries of ν, or one."""

    def __init__(self, rule: Preconditioner) -> None:
        self._rho, self._eps = float(to_sympy(rule.rho)), float(to_sympy(rule.eps))
        self._inside, self._begun, self._by_norm = rule.eps_inside, rule.start, rule.by_norm

    def start(self, loss: Loss, theta0: Array) -> Array:
        """Return θ₀ and the ν of the first step, ρ v₀ + (1 − ρ)(∇E)²."""
        return np.append(theta0, self._rho * self._begun + (1 - self._rho) * self._pooled(loss.gradient(theta0) ** 2))

    def divisor(self, loss: Loss, state: Array) -> Array:
        """Return R(ν) for each coordinate."""
        return np.broadcast_to(self._root(state[loss.dimension :]), (loss.dimension,))

    def free(self, loss: Loss, state: Array, h: float) -> Array:
        """Return −∇E/R and (κ/h)((∇E)² − ν)."""
        theta, memory = state[: loss.dimension], state[loss.dimension :]
        gradient = loss.gradient(theta)
        return np.append(-gradient / self._root(memory), self._rate / h * (self._pooled(gradient**2) - memory))

    def mobility(self, loss: Loss, state: Array, h: float, level: float) -> Array:
        """Return 1/R and 2κℓR²/(hR′)."""
        memory = state[loss.dimension :]
        of_memory = 2 * self._rate * level / h * self._root(memory) ** 2 / self._slope(memory)
        return np.append(1 / self.divisor(loss, state), of_memory)

    def memory_slopes(self, loss: Loss, state: Array, u: Array, v: Array) -> Array:
        """Return R′ u v, or R′ uᵀv."""
        return self._slope(state[loss.dimension :]) * self._pooled(u * v)

    @property
    def _rate(self) -> float:
        return (1 - self._rho) / self._rho

    def _pooled(self, entries: Array) -> Array:
        return entries.sum(keepdims=True) if self._by_norm else entries

    def _root(self, memory: Array) -> Array:
        root: Array = np.sqrt(memory + self._eps) if self._inside else np.sqrt(memory) + self._eps
        return root

    def _slope(self, memory: Array) -> Array:
        slope: Array = 0.5 / np.sqrt(memory + self._eps * self._inside)
        return slope

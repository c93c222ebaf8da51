r"""What keeps the eigenvalues of the Hessian at the edge of stability: the covariance of the oscillations along critical directions.

The mean of a method whose steps are θ⁺ = θ − h P⁻¹∇E, P diagonal and a function of the state, follows ẏ = F(y) where nothing
oscillates. Oscillations with the covariance Σ = U X Uᵀ, X ⪰ 0, along critical directions, ∇²E u = ℓ P u with uᵀP u = 1 and ℓ ≥ 2/h, add
−½ M ∂C·X, where C = Uᵀ(∇²E − ℓP)U and M is a diagonal ≥ 0. They keep C from growing: with S = −dC/dt,

.. math::
   X \succeq 0, \qquad S = -\partial C \cdot F + \tfrac12\, \partial C\, M\, \partial C \cdot X \succeq 0, \qquad
   \langle X, S\rangle = 0.

Reference: J. Cohen et al., *Understanding Optimization in Deep Learning with Central Flows* (2024), arXiv 2410.24206.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from ..losses.field import Array
from ..losses.loss import Loss
from ..losses.spectra import hessian_eigenpairs
from .semidefinite import balanced, complementary, packed, unpacked


class Descent(ABC):
    """The mean of a method without oscillations: its state y = (θ, memory), what divides its gradient, how fast they move."""

    @abstractmethod
    def start(self, loss: Loss, theta0: Array) -> Array:
        """Return the state at t = 0, shape (m,)."""

    @abstractmethod
    def divisor(self, loss: Loss, state: Array) -> Array:
        """Return the diagonal of P, shape (d,)."""

    @abstractmethod
    def free(self, loss: Loss, state: Array, h: float) -> Array:
        """Return F, shape (m,)."""

    @abstractmethod
    def mobility(self, loss: Loss, state: Array, h: float, level: float) -> Array:
        """Return the diagonal of M, shape (m,)."""

    @abstractmethod
    def memory_slopes(self, loss: Loss, state: Array, u: Array, v: Array) -> Array:
        """Return the derivative of uᵀP v with respect to the memory, shape (m − d,)."""


@final
class GradientFlow(Descent):
    """Of gradient descent: P = 1, no memory."""

    def start(self, loss: Loss, theta0: Array) -> Array:
        """Return θ₀."""
        return theta0

    def divisor(self, loss: Loss, state: Array) -> Array:
        """Return ones."""
        return np.ones(loss.dimension)

    def free(self, loss: Loss, state: Array, h: float) -> Array:
        """Return −∇E."""
        return -loss.gradient(state)

    def mobility(self, loss: Loss, state: Array, h: float, level: float) -> Array:
        """Return ones."""
        return np.ones(loss.dimension)

    def memory_slopes(self, loss: Loss, state: Array, u: Array, v: Array) -> Array:
        """Return nothing."""
        return np.empty(0)


@final
@dataclass(frozen=True, eq=False)
class Critical:
    """Directions of a state, with what their oscillations do.

    Attributes
    ----------
    directions
        U, shape (d, k).
    free
        F, shape (m,).
    slopes
        ∂C, shape (k(k+1)/2, m), rows as in `semidefinite`.
    mobility
        The diagonal of M.
    """

    directions: Array
    free: Array
    slopes: Array
    mobility: Array

    @property
    def operator(self) -> Array:
        """½ ∂C M ∂Cᵀ, shape (k(k+1)/2, k(k+1)/2)."""
        product: Array = (self.slopes * self.mobility) @ self.slopes.T / 2
        return product

    @property
    def offset(self) -> Array:
        """S without oscillations, as a vector."""
        offset: Array = -self.slopes @ self.free
        return offset

    @property
    def escape(self) -> float:
        """The largest rate at which an eigenvalue grows without oscillations."""
        return -float(np.linalg.eigvalsh(unpacked(self.offset))[0])

    @property
    def spread(self) -> Array:
        """X as a vector. Of one direction of either sign: where it gets negative is where the oscillation ends."""
        operator, offset = self.operator, self.offset
        if not (np.isfinite(operator).all() and np.isfinite(offset).all()):  # a stage of a solver beyond ν = 0: it takes a smaller step
            return np.full_like(offset, np.nan)
        return (balanced if self.directions.shape[1] == 1 else complementary)(operator, offset)

    @property
    def velocity(self) -> Array:
        """ẏ with the oscillations, shape (m,)."""
        velocity: Array = self.free - self.mobility * (self.spread @ self.slopes) / 2
        return velocity


@final
@dataclass(frozen=True)
class _Scaled:
    """The matrix P^(−½) ∇²E P^(−½)."""

    loss: Loss
    roots: Array

    @property
    def dimension(self) -> int:
        return self.loss.dimension

    def hessian(self, theta: Array) -> Array:
        scaled: Array = self.loss.hessian(theta) / np.outer(self.roots, self.roots)
        return scaled

    def hvp(self, theta: Array, v: Array) -> Array:
        return self.loss.hvp(theta, v / self.roots) / self.roots


def sharpest_directions(descent: Descent, loss: Loss, state: Array, k: int) -> tuple[Array, Array]:
    """Return the k largest eigenvalues of P⁻¹∇²E, the largest first, and their vectors u, uᵀP u = 1, as columns."""
    roots = np.sqrt(descent.divisor(loss, state))
    values, vectors = hessian_eigenpairs(_Scaled(loss, roots), state[: loss.dimension], min(k, loss.dimension), "value")
    return values, vectors / roots[:, np.newaxis]


def nearly_sharpest(descent: Descent, loss: Loss, state: Array, level: float | None = None, within: float = 0.0) -> tuple[Array, Array]:
    """Return all eigenpairs down to (1 − within) times the level, of those below the largest eigenvalue if it is left out."""
    k = 2
    while True:
        values, vectors = sharpest_directions(descent, loss, state, k)
        lowest = (values[0] if level is None else level) * (1 - within)
        if k >= loss.dimension or not values[-1] >= lowest:
            kept = max(1, int(np.count_nonzero(values >= lowest)))
            return values[:kept], vectors[:, :kept]
        k *= 2


def critical(descent: Descent, loss: Loss, state: Array, h: float, level: float, directions: Array) -> Critical:
    """Look at directions of a state, shape (d, k), at the level ℓ."""
    theta, k = state[: loss.dimension], directions.shape[1]
    entries = np.empty((k, k, len(state)))
    for i in range(k):
        for j in range(i, k):
            u, v = directions[:, i], directions[:, j]
            entries[i, j] = np.concatenate([loss.third(theta, u, v), -level * descent.memory_slopes(loss, state, u, v)])
    slopes = packed(np.moveaxis(entries, 2, 0)).T
    return Critical(directions, descent.free(loss, state, h), slopes, descent.mobility(loss, state, h, level))

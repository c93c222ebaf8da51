r"""Limit flows: where methods at the edge of stability go along a manifold of minima as their step size vanishes.

Near a manifold of minima Γ, normalised gradient descent, gradient descent on √E, and gradient descent with weight decay on
scale-invariant losses oscillate across Γ along the leading eigenvector of the Hessian, whatever h is, and drift along Γ to smaller
sharpness λ₁. For h → 0 the drift is a flow on Γ, with P the projection to its tangent space:

.. math::
   \text{normalised, } \tau = h^2 n:\quad \frac{dX}{d\tau} = -\tfrac14 P\,\nabla\log\lambda_1, \qquad
   \sqrt E,\ \tau = h^2 n:\quad \frac{dX}{d\tau} = -\tfrac18 P\,\nabla\lambda_1,

.. math::
   \text{weight decay } \gamma,\ \tau = h\gamma n:\quad
   \frac{d\zeta}{d\tau} = -\frac{2\,\nabla_\Gamma\log\lambda_1}{4 + \|\nabla_\Gamma\log\lambda_1\|^2}, \quad \|\zeta\| = 1,

where ∇_Γ is the gradient along Γ and the sphere. In modeq's time t = nh the first two are multiplied by h, the third by γ. The
tangent space is the null space of the Hessian. Off Γ, where solvers get by their errors, −H⁺∇E/h brings the state back.

References: S. Arora, Z. Li, A. Panigrahi, *Understanding Gradient Descent on the Edge of Stability in Deep Learning* (ICML 2022), arXiv
2205.09745, for the first two; K. Lyu, Z. Li, S. Arora, *Understanding the Generalization Benefit of Normalization Layers: Sharpness
Reduction* (NeurIPS 2022), arXiv 2206.07085, for the third.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from ..losses.loss import Loss
from ..losses.spectra import sharpest, symmetric_eigenpairs
from ..methods.method import Method
from ..methods.normalised import NormalizedGD
from .centre import CentreEquation
from .flow import Array, Piece

_FLAT = 1e-6  # eigenvalues below this part of the largest modulus are 0: their directions are tangent
_RESTS = 1e-6  # |H⁺∇E| of a start, relative to 1 + |θ|, that still counts as a minimum
_NORMALISED = NormalizedGD()


@dataclass(frozen=True)
class LimitFlow(CentreEquation):
    """A flow along a manifold of minima, before it is put on a loss with ``on``; start it at a minimum."""

    hint: ClassVar[str] = "the largest eigenvalue of the Hessian may have become double, or the manifold may have ended"

    @abstractmethod
    def drift(self, ascent: Array, sharpness: float, h: float) -> Array:
        """Return dX/dt, of the gradient of λ₁ along the manifold and λ₁."""

    def tangent(self, theta: Array, vectors: Array) -> Array:
        """Return a part P v of vectors, shape (…, d), beyond what the null space of the Hessian says."""
        return vectors

    def check_method(self, method: Method) -> None:
        """Raise: averages of iterates at one step size are not compared with a limit."""
        raise ValueError(f"the {self.title} is a limit for h → 0 along minima; integrate it from a minimum and compare the ends")

    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return θ₀, a minimum."""
        normal, values = _normal_space(loss, theta0)
        off = normal @ (normal.T @ loss.gradient(theta0) / values)
        if not np.abs(off).max() <= _RESTS * (1 + np.abs(theta0).max()):
            raise ValueError(
                f"the {self.title} starts at a minimum, which is {np.abs(off).max():.1e} away from theta0 by Newton's method; "
                "follow the gradient flow to its end first"
            )
        return theta0

    def pieces(self, loss: Loss, h: float) -> tuple[Piece, ...]:
        """Return the one field."""

        def along(t: float, theta: Array) -> Array:
            normal, values = _normal_space(loss, theta)
            u = normal[:, -1]
            ascent = loss.third(theta, u, u)
            ascent = self.tangent(theta, ascent - normal @ (normal.T @ ascent))
            back = normal @ (normal.T @ loss.gradient(theta) / values)
            return self.drift(ascent, float(values[-1]), h) - back / h

        return (Piece(along),)

    def extras(self, loss: Loss, states: Array, h: float) -> Mapping[str, Array]:
        """Return ``"sharpness"``, λ₁, shape (n,)."""
        return {"sharpness": np.array([sharpest(loss, theta)[0] for theta in states])}


@final
@dataclass(frozen=True)
class NormalizedLimitFlow(LimitFlow):
    """Where normalised gradient descent drifts along a manifold of minima: −(h/4) P ∇log λ₁ in time t = nh.

    Attributes
    ----------
    method
        Normalised gradient descent.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("(1 + x**2)*y**2", ["x", "y"])  # minima y = 0, λ₁ = 2(1 + x²)
    >>> path = mq.integrate(mq.NormalizedLimitFlow().on(E), [1.5, 0.0], h=0.1, steps=100)  # h²n = 1
    >>> path.theta[-1].round(6)
    array([1.262703, 0.      ])
    """

    method: Method = _NORMALISED

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return "limit flow of normalised GD"

    def text(self) -> str:
        """Write the equation."""
        return "θ' = -h/4 P ∇log λ₁, P on the null space of ∇²E"

    def latex(self) -> str:
        r"""Write the equation as LaTeX."""
        return r"\dot{\theta} = -\tfrac{h}{4} P\,\nabla\log\lambda_1"

    def drift(self, ascent: Array, sharpness: float, h: float) -> Array:
        """Return −(h/4) P∇λ₁/λ₁."""
        return -h / (4 * sharpness) * ascent


@final
@dataclass(frozen=True)
class SquareRootLimitFlow(LimitFlow):
    """Where gradient descent on √E drifts along a manifold of minima of E with E = 0: −(h/8) P ∇λ₁ in time t = nh.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("(1 + x**2)*y**2", ["x", "y"])
    >>> path = mq.integrate(mq.SquareRootLimitFlow().on(E), [1.5, 0.0], h=0.1, steps=100)  # 1.5 e^(−1/2)
    >>> path.theta[-1].round(6)
    array([0.909796, 0.      ])
    """

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return "limit flow of GD on √E"

    def text(self) -> str:
        """Write the equation."""
        return "θ' = -h/8 P ∇λ₁, P on the null space of ∇²E"

    def latex(self) -> str:
        r"""Write the equation as LaTeX."""
        return r"\dot{\theta} = -\tfrac{h}{8} P\,\nabla\lambda_1"

    def drift(self, ascent: Array, sharpness: float, h: float) -> Array:
        """Return −(h/8) P∇λ₁."""
        return -h / 8 * ascent


@final
@dataclass(frozen=True)
class ScaleInvariantLimitFlow(LimitFlow):
    """Where the direction ζ = θ/‖θ‖ of gradient descent with weight decay drifts, on a loss that does not depend on ‖θ‖.

    In time t = nh it is −2γ ∇log λ₁/(4 + ‖∇log λ₁‖²), ∇ along the minima on the unit sphere.

    Attributes
    ----------
    decay
        γ > 0 of θ⁺ = (1 − hγ)θ − h∇E.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("(2 + x/sqrt(x**2 + y**2 + z**2))*z**2/(x**2 + y**2 + z**2)", ["x", "y", "z"])
    >>> path = mq.integrate(mq.ScaleInvariantLimitFlow(0.1).on(E), [0.6, 0.8, 0.0], h=0.1, steps=300)
    >>> path.theta[-1].round(3), path.extras["sharpness"][[0, -1]].round(3)  # λ₁ = 2(2 + x) on the circle z = 0
    (array([0.081, 0.997, 0.   ]), array([5.2  , 4.162]))
    """

    decay: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.decay < np.inf:
            raise ValueError(f"the weight decay is a number > 0, got {self.decay!r}; without it the direction settles")

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return "limit flow of GD with weight decay"

    def text(self) -> str:
        """Write the equation."""
        return "ζ' = -2γ ∇log λ₁/(4 + ‖∇log λ₁‖²), ∇ along the minima with ‖ζ‖ = 1"

    def latex(self) -> str:
        r"""Write the equation as LaTeX."""
        return r"\dot{\zeta} = -\frac{2\gamma\,\nabla\log\lambda_1}{4 + \|\nabla\log\lambda_1\|^2}"

    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return θ₀/‖θ₀‖."""
        return super().start(loss, theta0 / np.linalg.norm(theta0), h)

    def tangent(self, theta: Array, vectors: Array) -> Array:
        """Return the part orthogonal to θ."""
        tangent: Array = vectors - (vectors @ theta) / (theta @ theta) * theta
        return tangent

    def drift(self, ascent: Array, sharpness: float, h: float) -> Array:
        """Return −2γ∇log λ₁/(4 + ‖∇log λ₁‖²)."""
        slope = ascent / sharpness
        drift: Array = -2 * self.decay * slope / (4 + slope @ slope)
        return drift


def _normal_space(loss: Loss, theta: Array) -> tuple[Array, Array]:
    """Return orthonormal directions across the manifold, shape (d, r), and the Hessian's eigenvalues there, the largest last."""
    values, vectors = symmetric_eigenpairs(loss.hessian(theta))
    across = np.abs(values) > _FLAT * np.abs(values).max()
    return vectors[:, across], values[across]

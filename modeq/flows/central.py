r"""The central flow: gradient flow that oscillations push off the sharp side of the edge of stability.

An oscillation of variance σ² along the leading eigenvector u₁ of the Hessian adds ½σ²∇λ₁ to the mean gradient, ∇λ₁ = ∇³E[u₁, u₁].
The variance is the one that keeps the sharpness λ₁ from growing beyond 2/h:

.. math::
   \dot\theta = -\bigl[\nabla E + \tfrac12 \sigma^2 \nabla\lambda_1\bigr], \qquad
   \sigma^2 = \max\Bigl(0, \frac{-2\,\nabla E\cdot\nabla\lambda_1}{\|\nabla\lambda_1\|^2}\Bigr)
   \text{ where } \lambda_1 \ge 2/h, \quad 0 \text{ elsewhere.}

This is the central flow with one unstable direction. The field jumps at λ₁ = 2/h, and a solution stays on that surface; a solver
that is given the formula chatters there. So the flow has two smooth pieces: the gradient flow, which ends where λ₁ ≥ 2/h and the
gradient flow would raise it, and the flow with σ² of either sign, along which λ₁ is constant, which ends where σ² gets negative.

Reference: J. Cohen et al., *Understanding Optimization in Deep Learning with Central Flows* (2024), arXiv 2410.24206.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..losses.loss import Loss
from ..losses.spectra import sharpest
from .centre import CentreEquation
from .flow import Piece

Array: TypeAlias = NDArray[Any]
_ON_EDGE = 1e-6  # relative; solutions on the edge keep to it within the solver's tolerance


@final
@dataclass(frozen=True)
class CentralFlow(CentreEquation):
    """The central flow of gradient descent with one unstable direction, ``"central"`` in `compare`.

    From a start beyond the edge, λ₁ > 2/h, the sharpness does not grow further, as the formula says; gradient descent itself would
    lower it. Where the two largest eigenvalues of the Hessian meet at 2/h, ∇λ₁ jumps and the run ends as stalled.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("(4 + y)*x**2/2 - y/100", ["x", "y"])  # sharpness 4 + y where x = 0
    >>> path = mq.integrate(mq.CentralFlow().on(E), [0.0, -0.05], h=0.5, steps=40)  # y grows like t/100 until 4 + y = 2/h
    >>> path.theta[[2, 8, 40], 1].round(6) + 0.0, path.extras["variance"][[2, 40]].round(6)
    (array([-0.04, -0.01,  0.  ]), array([0.  , 0.02]))
    """

    hint: ClassVar[str] = "the two largest eigenvalues of the Hessian may have met; 'rod' goes on there"

    @property
    def title(self) -> str:
        """Two words for tables and legends."""
        return "central flow"

    def text(self) -> str:
        """Write the equation, with the sharpness λ₁ and the variance σ²."""
        return "θ' = -∇E - 1/2 σ² ∇λ₁, σ² = max(0, -2 ∇E·∇λ₁/‖∇λ₁‖²) where λ₁ ≥ 2/h, else 0"

    def latex(self) -> str:
        r"""Write the equation as LaTeX."""
        return (
            r"\dot{\theta} = -\nabla E - \tfrac12 \sigma^2 \nabla\lambda_1, \qquad "
            r"\sigma^2 = \max\bigl(0, -2\,\nabla E\cdot\nabla\lambda_1/\|\nabla\lambda_1\|^2\bigr) \text{ where } \lambda_1 \ge 2/h"
        )

    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return θ₀: the state is θ."""
        return theta0

    def pieces(self, loss: Loss, h: float) -> tuple[Piece, ...]:
        """Return the gradient flow and the flow along the edge."""

        def free(t: float, theta: Array) -> Array:
            return -loss.gradient(theta)

        def reaches_edge(theta: Array) -> float:
            sharpness, gradient, ascent = _edge(loss, theta)
            return min(sharpness * h / 2 - 1, -float(gradient @ ascent))

        def along_edge(t: float, theta: Array) -> Array:
            _, gradient, ascent = _edge(loss, theta)
            return -gradient - _variance(gradient, ascent) / 2 * ascent

        def leaves_edge(theta: Array) -> float:
            _, gradient, ascent = _edge(loss, theta)
            return float(gradient @ ascent)

        return Piece(free, reaches_edge), Piece(along_edge, leaves_edge)

    def extras(self, loss: Loss, states: Array, h: float) -> Mapping[str, Array]:
        """Return ``"sharpness"``, λ₁, and ``"variance"``, σ², both of shape (n,)."""
        edges = [_edge(loss, theta) for theta in states]
        sharpness = np.array([value for value, _, _ in edges])
        variance = np.array([_variance(gradient, ascent) for _, gradient, ascent in edges])
        at_edge = sharpness >= 2 / h * (1 - _ON_EDGE)
        return {"sharpness": sharpness, "variance": np.where(at_edge, np.fmax(variance, 0.0), 0.0)}


def _edge(loss: Loss, theta: Array) -> tuple[float, Array, Array]:
    """Return λ₁, ∇E and ∇λ₁."""
    sharpness, direction = sharpest(loss, theta)
    return sharpness, loss.gradient(theta), loss.third(theta, direction, direction)


def _variance(gradient: Array, ascent: Array) -> float:
    """Return σ² of either sign, 0 where the sharpness is stationary."""
    square = float(ascent @ ascent)
    return -2 * float(gradient @ ascent) / square if square else 0.0

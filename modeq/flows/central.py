r"""The central flow: gradient flow that oscillations push off the sharp side of the edge of stability.

Oscillations with the covariance Σ along the critical directions of the Hessian, those with the eigenvalue 2/h, add ½∇³E:Σ to the mean
gradient. Σ is the one that keeps the eigenvalues from growing beyond 2/h, and no larger: with U the critical directions,

.. math::
   \dot\theta = -\bigl[\nabla E + \tfrac12 \nabla^3 E : \Sigma\bigr], \qquad \Sigma = U X U^T, \qquad
   X \succeq 0, \quad \frac{d}{dt} U^T \nabla^2 E\, U \preceq 0, \quad \Bigl\langle X, \frac{d}{dt} U^T \nabla^2 E\, U \Bigr\rangle = 0.

That is the velocity of least length that Σ ⪰ 0 can give. With one direction, X = σ² = max(0, −2 ∇E·∇λ₁/‖∇λ₁‖²), ∇λ₁ = ∇³E[u, u].

The field jumps where an eigenvalue reaches 2/h, and a solution stays on that surface; a solver that is given the formula chatters
there. So the flow has smooth pieces, one for each number of critical directions. The gradient flow ends where λ₁ ≥ 2/h and it
would raise it; a piece with k directions ends where another eigenvalue comes up to 2/h, where one of its own has gone below, or where
the gradient flow lowers them all. As two eigenvalues meet, their eigenvectors turn at a rate that grows like one over their distance.
So they count as critical together from 10⁻⁷ of 2/h, and after they part until 10⁻⁴, where X has a null vector along the one that
leaves.

Reference: J. Cohen et al., *Understanding Optimization in Deep Learning with Central Flows* (2024), arXiv 2410.24206.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from ..losses.loss import Loss
from ..methods.gradient_descent import GradientDescent
from ..methods.method import Method
from .centre import CentreEquation, same_rule
from .critical import Critical, Descent, GradientFlow, critical, nearly_sharpest, sharpest_directions
from .flow import Array, Piece
from .preconditioned import MeanSquare
from .semidefinite import unpacked

_PLAIN = GradientDescent()
_ON_EDGE = 1e-6  # relative; solutions on the edge keep to it within the solver's tolerance
_MET = 1e-7
_PARTED = 1e-4
_KEPT = 100  # up to this d a trajectory has Σ at each step


@final
@dataclass(frozen=True)
class CentralFlow(CentreEquation):
    """The central flow of gradient descent or RMSProp, with any number of unstable directions; ``"central"`` in `compare`.

    Of RMSProp, entry by entry or `modeq.ScalarRMSProp`, the state is (θ, ν), see `flows.preconditioned`, and eigenvalues are those of
    R(ν)⁻¹∇²E. From a start beyond the edge, λ₁ > 2/h, the sharpness does not grow further, as the formula says; the method itself
    would lower it.

    Attributes
    ----------
    method
        Gradient descent, or RMSProp with numbers for parameters and neither centred nor with momentum.

    Raises
    ------
    ValueError
        If there is no central flow of the method, or it has free parameters.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("(4 + y)*x**2/2 - y/100", ["x", "y"])  # sharpness 4 + y where x = 0
    >>> path = mq.integrate(mq.CentralFlow().on(E), [0.0, -0.05], h=0.5, steps=40)  # y grows like t/100 until 4 + y = 2/h
    >>> path.theta[[2, 8, 40], 1].round(6) + 0.0, path.extras["variance"][[2, 40]].round(6)
    (array([-0.04, -0.01,  0.  ]), array([0.  , 0.02]))
    """

    method: Method = _PLAIN
    hint: ClassVar[str] = "a solver for stiff fields, such as 'LSODA', or 'rod' may go on there"

    @property
    def title(self) -> str:
        """Two words for tables and legends."""
        return "central flow"

    def text(self) -> str:
        """Write the equation, with the covariance Σ = UXUᵀ along the critical directions U."""
        return "θ' = -∇E - 1/2 ∇³E:Σ, Σ = UXUᵀ, ∇²E U = 2/h U\nX ⪰ 0, S = Uᵀ∇³E[∇E + 1/2 ∇³E:Σ]U ⪰ 0, ⟨X, S⟩ = 0"

    def latex(self) -> str:
        r"""Write the equation as LaTeX."""
        return (
            r"\dot{\theta} = -\nabla E - \tfrac12 \nabla^3 E : \Sigma, \qquad \Sigma = U X U^T, \quad \nabla^2 E\, U = \tfrac2h U, \qquad "
            r"0 \preceq X \perp U^T \nabla^3 E\bigl[\nabla E + \tfrac12 \nabla^3 E : \Sigma\bigr] U \succeq 0"
        )

    def __post_init__(self) -> None:
        if self.method.preconditioner is None and not same_rule(self.method, GradientDescent()):
            raise ValueError(f"there is no central flow of {self.method.name}; there are those of GradientDescent, RMSProp, ScalarRMSProp")
        self.method.require_numbers("the central flow")

    @property
    def descent(self) -> Descent:
        """The mean without oscillations."""
        rule = self.method.preconditioner
        return GradientFlow() if rule is None else MeanSquare(rule)

    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return θ₀ with the memory."""
        return self.descent.start(loss, theta0)

    def pieces(self, loss: Loss, h: float) -> tuple[Piece, ...]:
        """Return the flow without oscillations and that with one critical direction; those with more follow from them."""
        pieces = _Pieces(self.descent, loss, h)
        return pieces.free(), pieces.edge(1, 2 / h)

    def extras(self, loss: Loss, states: Array, h: float) -> Mapping[str, Array]:
        """Return what the oscillations are at states, one row each.

        ``"sharpness"``, λ₁; ``"critical"``, the number of critical directions; ``"variance"``, tr Σ, which is σ² for one direction;
        ``"excess"``, ½⟨Σ, ∇²E⟩, by which the mean loss of the iterates exceeds that at θ; up to 100 coordinates ``"covariance"``, Σ.
        """
        rows = [self._oscillation(loss, state, h) for state in states]
        columns = [np.array(column) for column in zip(*rows, strict=True)]
        named = dict(zip(("sharpness", "critical", "variance", "excess", "covariance"), columns, strict=True))
        return named if loss.dimension <= _KEPT else {name: value for name, value in named.items() if name != "covariance"}

    def _oscillation(self, loss: Loss, state: Array, h: float) -> tuple[float, int, float, float, Array | None]:
        """Return λ₁, k, tr Σ, the excess of the loss and, up to 100 coordinates, Σ."""
        values, directions = nearly_sharpest(self.descent, loss, state, within=_ON_EDGE)
        level, d = max(2 / h, float(values[0])), loss.dimension
        at_edge = values[0] >= 2 / h * (1 - _ON_EDGE)
        X = unpacked(critical(self.descent, loss, state, h, level, directions).spread)
        X = X * (at_edge and np.trace(X) > 0)  # that of one direction has either sign
        sigma = directions @ X @ directions.T if d <= _KEPT else None
        return values[0], at_edge * len(values), float(np.vdot(directions @ X, directions)), level / 2 * float(np.trace(X)), sigma


@final
@dataclass(frozen=True)
class _Pieces:
    """The pieces of a central flow: `free`, and `edge` with k critical directions."""

    descent: Descent
    loss: Loss
    h: float

    def free(self) -> Piece:
        """Return the flow without oscillations, from below the edge or while it lowers the sharpness."""

        def reaches_edge(state: Array) -> float:
            values, directions = nearly_sharpest(self.descent, self.loss, state, within=_MET)
            return min(values[0] * self.h / 2 - 1, self._at(state, values[0], directions).escape)

        def edge(state: Array) -> Piece:
            values, _ = nearly_sharpest(self.descent, self.loss, state, within=_MET)
            return self.edge(len(values), max(2 / self.h, float(values[0])))

        return Piece(lambda t, state: self.descent.free(self.loss, state, self.h), reaches_edge, then=edge)

    def edge(self, k: int, level: float) -> Piece:
        """Return the flow that keeps the k largest eigenvalues at a level from growing."""

        def along_edge(t: float, state: Array) -> Array:
            return self._at(state, level, self._sharpest(state, k)[1]).velocity

        def ends(state: Array) -> tuple[float, float, float]:
            """What gets positive where an eigenvalue arrives, where one has left, and where no oscillation is left."""
            values, directions = self._sharpest(state, k + 1)
            lowest = values[k - 1] / level
            arrives = values[k] / level - min(1.0, lowest) + _MET if len(values) > k else -1.0
            return arrives, 1 - _PARTED - lowest if k > 1 else -1.0, -self._at(state, level, directions[:, :k]).escape

        def then(state: Array) -> Piece:
            return (self.edge(k + 1, level), self.edge(max(1, k - 1), level), self.free())[int(np.argmax(ends(state)))]

        return Piece(along_edge, lambda state: max(ends(state)), then=then)

    def _sharpest(self, state: Array, k: int) -> tuple[Array, Array]:
        return sharpest_directions(self.descent, self.loss, state, k)

    def _at(self, state: Array, level: float, directions: Array) -> Critical:
        return critical(self.descent, self.loss, state, self.h, level, directions)

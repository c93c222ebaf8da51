r"""The principal flow of several steps as one map: real through the edge of stability.

For a smooth map Φ with M = DΦ(θ) all chains sum to :math:`\log(M)(M-I)^{-1}(\Phi(\theta)-\theta)`, whatever Φ is. For one step
of gradient descent M = I − h∇²E, and this is the principal flow. At the edge of stability its eigenvalue 1 − hλ is near −1, where the
logarithm is complex; that of *two* steps is near +1, where the logarithm is real and tame. So with k steps

.. math::  \dot\theta = \frac{1}{kh}\,\log(M)\,(M-I)^{-1}\,(\Phi^k(\theta)-\theta), \qquad M = D\Phi^k(\theta)

follows every k-th iterate, and k-cycles of the method are its fixed points, exactly. Methods with memory act on their whole state.

Where hλ passes through 1 an eigenvalue m of M passes through 0, and becomes negative for as long as the k points lie on both sides. A
real matrix with a negative eigenvalue has no real logarithm; log m is then log \|m\|, which shrinks the direction as the map does but
does not turn it over. With m near 0 there is nothing left to turn over: the flow passes through, and its integral exists, since
log \|m\| is integrable. Degree 2 does not pass: it takes log m for linear in the displacement, which has the slope 1/m.

In other words this is the principal flow of gradient descent, of Euler's method, with the step kh on the field
:math:`(\Phi^k(\theta)-\theta)/(kh)`; so degree 2 is the same formula as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, final

from ..exact import ScalarLike
from ..methods.general_linear import GeneralLinearMethod
from ..methods.gradient_descent import GradientDescent
from .binding import bind
from .principal import PrincipalFlow

_COUNTS = {2: "two-step", 3: "three-step", 4: "four-step"}


@final
@dataclass(frozen=True, repr=False)
class MapFlow:
    """The principal flow of `steps` steps of `method` as one map.

    Make one with ``principal_flow(method, steps=2)``.

    Attributes
    ----------
    method
        An explicit method with one field.
    steps
        Number k ≥ 2 of steps; the flow describes every k-th iterate.
    degree
        1 or 2, the degree in Φᵏ(θ) − θ.
    hessian
        For losses on arrays: ``"dense"``, ``"lanczos"`` (products with vectors only) or ``"auto"``: dense up to 40 numbers in a
        state, for degree 2 up to 100.

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.principal_flow(mq.GradientDescent(), steps=2))
    θ' = 1/(2h) log(M) (M-I)⁻¹ (Φ²(θ)-θ), M = DΦ²(θ)
    """

    method: GeneralLinearMethod
    steps: int
    degree: int = 1
    hessian: str = "auto"

    @property
    def euler(self) -> PrincipalFlow:
        """The principal flow of Euler's method that is applied to the field (Φᵏ − id)/(kh)."""
        return PrincipalFlow(GradientDescent(), None, "real", self.hessian, self.degree)

    @property
    def title(self) -> str:
        """One line for tables: two-step, two-step of degree 2."""
        name = _COUNTS.get(self.steps, f"{self.steps}-step")
        return f"{name} principal flow" + ("" if self.degree == 1 else f" of degree {self.degree}")

    def with_parameters(self, **values: ScalarLike) -> MapFlow:
        """Put numbers in the place of the method's symbolic parameters."""
        return replace(self, method=self.method.with_parameters(**values))

    def on(self, field: Any) -> Any:
        """Bind the flow to a loss or vector field; the result is a `Flow`."""
        return bind(self, field)

    def text(self) -> str:
        """Write the flow as one line; Φ is a step of the method."""
        power = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(self.steps))
        bend = f" + 1/({2 * self.steps}h) Σ c(m; m₁, m₂) uᵀD²Φ{power}[u₁,u₂] F₁ F₂ u" if self.degree > 1 else ""
        return f"θ' = 1/({self.steps}h) log(M) (M-I)⁻¹ (Φ{power}(θ)-θ){bend}, M = DΦ{power}(θ)"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<MapFlow of {self.method.name}, {self.steps} steps, degree {self.degree}>"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def latex(self) -> str:
        r"""Write the flow as LaTeX."""
        k = self.steps
        line = rf"\dot{{\theta}} = \frac{{1}}{{{k}h}} \log(M)\,(M-I)^{{-1}}\,(\Phi^{{{k}}}(\theta)-\theta)"
        if self.degree > 1:
            line += rf" + \frac{{1}}{{{2 * k}h}} \sum_{{ijk}} c(m_i; m_j, m_k)\,u_i^*\,D^2\Phi^{{{k}}}[u_j,u_k]\,F_j F_k\,u_i"
        return rf"{line}, \qquad M = D\Phi^{{{k}}}(\theta)"

r"""The principal flow of a map: of one step of a method on its whole state, or of several.

For a smooth map Φ with M = DΦ(s) all chains sum to :math:`\log(M)(M-I)^{-1}(\Phi(s)-s)`, whatever Φ is. For one step
of gradient descent M = I − h∇²E, and this is the principal flow. A method with memory is a map of its whole state s, so with k steps

.. math::  \dot s = \frac{1}{kh}\,\log(M)\,(M-I)^{-1}\,(\Phi^k(s)-s), \qquad M = D\Phi^k(s)

follows every k-th state from rest, the transient included, and k-cycles of the method are its fixed points, exactly. At the edge of
stability the eigenvalue of one step is near −1, where the logarithm is complex; that of *two* steps is near +1, where the logarithm
is real and tame.

Where hλ passes through 1 an eigenvalue m of M passes through 0; one step has negative ones beyond, several steps for as long as the
points lie on both sides. A real matrix with a negative eigenvalue has no real logarithm; log m is then log \|m\|, which shrinks the
direction as the map does but does not turn it over. With m near 0 there is nothing left to turn over: the flow passes through, and its
integral exists, since log \|m\| is integrable. Degree 2 does not pass: it takes log m for linear in the displacement, which has the
slope 1/m. The first steps from random weights, and spikes, turn directions over farther from m = 0: a flow with *jumps* is held against
the map at the end of each k steps, and where it does not follow, the map itself moves the state.

In other words this is the principal flow of gradient descent, of Euler's method, with the step kh on the field
:math:`(\Phi^k(s)-s)/(kh)`; so degree 2 is the same formula as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from ..exact import ScalarLike
from ..kernels.branches import REAL, psi_from_increment
from ..methods.general_linear import GeneralLinearMethod
from ..methods.gradient_descent import GradientDescent
from ..methods.method import Method, check_method
from .equation import Equation
from .increment import increment
from .principal import PrincipalFlow

_COUNTS = {1: "map", 2: "two-step", 3: "three-step", 4: "four-step"}
_KINDS = ("auto", "dense", "lanczos")


@dataclass(frozen=True, repr=False)
class MapEquation(Equation):
    """The principal flow of `steps` steps of a method as one map of its whole state.

    Attributes
    ----------
    method
        An explicit method.
    steps
        Number k ≥ 1 of steps; the flow describes every k-th iterate.
    degree
        1 or 2, the degree in Φᵏ(s) − s.
    hessian
        For losses on arrays: ``"dense"``, ``"lanczos"`` (products with vectors only) or ``"auto"``: dense up to 40 numbers in a
        state, for degree 2 up to 100.
    jumps
        Whether the run goes on with the k steps themselves where the flow does not follow them.
    """

    method: Any
    steps: int
    degree: int = 1
    hessian: str = "auto"
    jumps: bool = False

    @property
    def euler(self) -> PrincipalFlow:
        """The principal flow of Euler's method that is applied to the field (Φᵏ − id)/(kh)."""
        return PrincipalFlow(GradientDescent(), None, "real", self.hessian, self.degree)

    @property
    def title(self) -> str:
        """A few words for tables and legends: map flow, two-step principal flow of degree 2."""
        name = _COUNTS.get(self.steps, f"{self.steps}-step")
        return (
            f"{name} {'flow' if self.steps == 1 else 'principal flow'}"
            + ("" if self.degree == 1 else f" of degree {self.degree}")
            + " with jumps" * self.jumps
        )

    def with_parameters(self, **values: ScalarLike) -> Self:
        """Put numbers in the place of the method's symbolic parameters."""
        return replace(self, method=self.method.with_parameters(**values))

    def of_degree(self, degree: int) -> Self:
        """Return the same flow of another degree."""
        return replace(self, degree=degree)

    def text(self) -> str:
        """Write the flow as one line; Φ is a step of the method, s its whole state, which is θ without memory."""
        s, k = "θ" if self.method.states == 1 else "s", self.steps
        step = "Φ" if not self.method.needs_n else "Φₙ"
        power = "" if k == 1 else "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(k))
        first, second = ("1/h", "1/(2h)") if k == 1 else (f"1/({k}h)", f"1/({2 * k}h)")
        bend = f" + {second} Σ c(m; m₁, m₂) uᵀD²{step}{power}[u₁,u₂] F₁ F₂ u" if self.degree > 1 else ""
        return f"{s}' = {first} log(M) (M-I)⁻¹ ({step}{power}({s})-{s}){bend}, M = D{step}{power}({s})"

    def latex(self) -> str:
        r"""Write the flow as LaTeX."""
        s, k = r"\theta" if self.method.states == 1 else "s", self.steps
        power, times = ("", "") if k == 1 else (f"^{{{k}}}", str(k))
        step = r"\Phi" if not self.method.needs_n else r"\Phi_n"
        line = rf"\dot{{{s}}} = \frac{{1}}{{{times}h}} \log(M)\,(M-I)^{{-1}}\,({step}{power}({s})-{s})"
        if self.degree > 1:
            line += rf" + \frac{{1}}{{{2 * k}h}} \sum_{{ijk}} c(m_i; m_j, m_k)\,u_i^*\,D^2{step}{power}[u_j,u_k]\,F_j F_k\,u_i"
        return rf"{line}, \qquad M = D{step}{power}({s})"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.method.name}, {self.steps} step{'s' * (self.steps > 1)}, degree {self.degree}>"


@final
@dataclass(frozen=True, repr=False)
class MapFlow(MapEquation):
    """The principal flow of the map of a general linear method on its whole state. Make one with `whole_state_flow`.

    Attributes
    ----------
    method
        An explicit general linear method.

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.whole_state_flow(mq.GradientDescent(), steps=2))
    θ' = 1/(2h) log(M) (M-I)⁻¹ (Φ²(θ)-θ), M = DΦ²(θ)
    """

    method: GeneralLinearMethod

    def alpha(self, hlambda: NDArray[Any]) -> NDArray[Any]:
        """Return α(hλ) = log(Rᵏ)/(k hλ), the logarithm real where Rᵏ is, shape (n,); for methods without memory."""
        if self.method.states > 1 or self.method.fields > 1:
            raise ValueError(f"the {self.title} of {self.method.name} moves its whole state; α(hλ) exists without memory, for one field")
        form, k = increment(self.method, REAL), self.steps
        values = []
        for zeta in (-np.asarray(hlambda, complex)).ravel().tolist():
            slope = form(zeta)  # R = 1 + ζ·slope, so (Rᵏ − 1)/ζ = slope·(1 + R + … + Rᵏ⁻¹)
            geometric = sum((1 + zeta * slope) ** power for power in range(k))
            values.append(psi_from_increment(slope * geometric, zeta, REAL) / k)
        return -np.array(values, complex)


@final
@dataclass(frozen=True, repr=False)
class UpdateMapFlow(MapEquation):
    """The principal flow of the map of a smooth update on its whole state, such as (θ, m, v) of Adam. Make one with `whole_state_flow`.

    Where the rule counts steps, Φ_n is that of step n for n h ≤ t < (n + 1) h, and a memory that starts at 0 and forgets by the
    factor λ is taken in units of 1 − λⁿ, in which it moves little in the first steps.

    Attributes
    ----------
    method
        An explicit method that need not be linear.

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.whole_state_flow(mq.Adam()))
    s' = 1/h log(M) (M-I)⁻¹ (Φₙ(s)-s), M = DΦₙ(s)
    """

    method: Method


def whole_state_flow(method: Method, steps: int = 1, degree: int = 1, *, hessian: str = "auto", jumps: bool = False) -> MapEquation:
    r"""Derive the principal flow of a method's map on its whole state: ``"map"``, ``"map2"``, ``"two-step"``, ``"two-step2"``.

    Parameters
    ----------
    method
        Any explicit method, with one or several fields; it starts at rest.
    steps
        Number k ≥ 1 of steps that are one map. 1 sees the transient of momentum from rest; 2 is real through the edge of stability
        and follows every second iterate.
    degree
        1, linear in the displacement Φᵏ(s) − s for a fixed DΦᵏ, or 2, quadratic in it.
    hessian
        For losses on arrays: ``"dense"`` builds DΦᵏ, ``"lanczos"`` takes a Krylov space from products with it, ``"auto"`` is dense up
        to 40 numbers in a state, for degree 2 up to 100.
    jumps
        Hold the flow against the method at the end of each k steps. Where it is off by more than a twentieth of the way of these steps,
        or its field is infinite, the run jumps: the k steps themselves move the state, and the flow goes on from there.
        `Trajectory.jumps` and the message say where. ``"two-step+jumps"`` by name.

    Returns
    -------
    MapEquation
        Put it on a loss or field by ``.on(E)``. States have r·d numbers; units: state per unit time.

    Raises
    ------
    TypeError, ValueError
        If `method` is no method or implicit, or the numbers are not as described.

    References
    ----------
    The logarithm of a map near the identity: E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), ch. IX; all
    powers of its Jacobian summed as in Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952. We know of no publication of this flow.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[1]])
    >>> report = mq.compare(mq.HeavyBall(0.5), E, [1.0], h=0.1, steps=10, flows=["map", "principal"])
    >>> bool(report.errors["map"].max() < 1e-8 < report.errors["principal"].max())  # the transient from rest is in the whole state only
    True
    """
    check_method(method)
    if not isinstance(jumps, bool):
        raise TypeError(f"jumps must be True or False, got {jumps!r}")
    for what, value, known in (("steps", steps, "an integer ≥ 1"), ("degree", degree, "1 or 2")):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1 or (what == "degree" and value > 2):
            raise ValueError(f"{what} must be {known}, got {value!r}")
    if hessian not in _KINDS:
        raise ValueError(f"hessian must be one of {', '.join(map(repr, _KINDS))}, got {hessian!r}")
    if not method.is_explicit:
        raise ValueError(f"the flow of a map needs an explicit method; {method.name} is implicit, take principal_flow(method)")
    if method.linear is not None:
        return MapFlow(method.linear, steps, degree, hessian, jumps)
    method.require_smooth("the flow of a map")
    return UpdateMapFlow(method, steps, degree, hessian, jumps)

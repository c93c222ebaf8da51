r"""What is linear near a stationary point: the eigenvalues of a flow's Jacobian, next to the multipliers of its method.

At a point with f = 0 all trees with two and more leaves have derivative 0, so the Jacobian is made of the chains alone, a function
of f′. With μ an eigenvalue of f′, μ = −λ for a loss, and ζ = hμ its eigenvalues are

.. math::  \mu\sum_{j<p} b(\mathrm{chain}_{j+1})\,\zeta^j \quad\text{for order } p, \qquad
           \mu\,\psi(\zeta) = \tfrac1h\log R(\zeta) \quad\text{for principal flows of any degree.}

Reference: Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 4; for gradient descent (1/h) log(1 − hλ).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import Flow, check_flow, check_step
from ..records.aligned import aligned, number
from .eigenpairs import eigenpairs
from .stability_coefficients import ROUNDING, largest_root, single_field_roots

Array: TypeAlias = NDArray[Any]
_STATIONARY = 1e-6  # relative size of the field; a Newton step takes a point from there to rounding


@final
@dataclass(frozen=True, eq=False, repr=False)
class JacobianSpectrum:
    """A flow and its method near a stationary point, by eigenvector; every array has shape (k,), by decreasing Re λ.

    Attributes
    ----------
    flow, h
        What was looked at.
    curvatures
        λ, eigenvalues of the Hessian or of −f′.
    eigenvalues
        Of the flow's Jacobian, complex; Re < 0 attracts. −∞ where the method lands in one step. Units: 1/time.
    multipliers
        The largest root of the method at hλ, complex; modulus < 1 attracts.
    complete
        Whether these are all directions; if not, the verdicts are about those of largest |λ|.

    See Also
    --------
    modeq.jacobian_spectrum : Makes it, with an example.
    """

    flow: Flow
    h: float
    curvatures: Array
    eigenvalues: Array
    multipliers: Array
    complete: bool

    @property
    def flow_verdict(self) -> str:
        """``attracts``, ``repels`` (along one direction at least), or ``neutral`` where the linear part does not decide."""
        return _verdict(self.eigenvalues.real, ROUNDING * float(np.abs(self.curvatures).max()))

    @property
    def method_verdict(self) -> str:
        """The same for the iterates of the method."""
        return _verdict(np.abs(self.multipliers) - 1, ROUNDING)

    @property
    def agrees(self) -> bool:
        """Whether the flow does what its method does."""
        return self.flow_verdict == self.method_verdict

    @property
    def verdict(self) -> str:
        """One line in words."""
        name = str(self.flow.method)
        worst = int(np.argmax(np.abs(self.multipliers)))
        reason = f"|multiplier| {abs(self.multipliers[worst]):.4g} at hλ = {number(complex(self.h * self.curvatures[worst]))}"
        part = "" if self.complete else f", in the {len(self.curvatures)} directions of largest |λ|"
        return f"{self.flow.title} {self.flow_verdict}, {name} {self.method_verdict} ({reason}){part}"

    def table(self) -> str:
        """Return the directions as aligned text, and the verdict."""
        rows = [("λ", "flow", "method", "along it")]
        for value, rate, root in zip(self.curvatures, self.eigenvalues, self.multipliers, strict=True):
            flow = _verdict(np.array([rate.real]), ROUNDING * float(np.abs(self.curvatures).max()))
            method = _verdict(np.array([abs(root) - 1]), ROUNDING)
            words = f"both {flow.removesuffix('s')}" if flow == method != "neutral" else f"flow {flow}, method {method}"
            rows.append((number(complex(value)), number(complex(rate)), number(complex(root)), words))
        return "\n".join([f"{self.flow.title} on {self.flow.field.name}, h = {self.h:g}", *aligned(rows), self.verdict])

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<JacobianSpectrum: {self.verdict}>"


def jacobian_spectrum(flow: Flow, theta: ArrayLike, h: float, *, k: int | None = None) -> JacobianSpectrum:
    """Find the eigenvalues of a flow's Jacobian at a stationary point, and whether flow and method go there or leave.

    Parameters
    ----------
    flow
        A flow with a factor α(hλ), of a modified equation or a principal flow, of a method with one field.
    theta
        A stationary point, real, shape (d,).
    h
        Step size > 0.
    k
        Number of directions, those of largest |λ|; by default all up to 100 coordinates, 10 beyond.

    Returns
    -------
    JacobianSpectrum

    Raises
    ------
    TypeError, ValueError
        If the field is not 0 at θ, or the arguments do not fit together.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 4.

    Examples
    --------
    >>> import modeq as mq
    >>> E, gd = mq.losses.double_well(), mq.GradientDescent()  # λ = 2 at the minimum 1
    >>> print(mq.jacobian_spectrum(mq.gradient_flow().on(E), [1.0], 1.2).verdict)
    order 1 attracts, gradient descent repels (|multiplier| 1.4 at hλ = 2.4)
    >>> mq.jacobian_spectrum(mq.principal_flow(gd).on(E), [1.0], 1.2).agrees
    True
    """
    check_flow(flow)
    equation, method = flow.equation, flow.method
    if method is None:
        raise ValueError(f"the {flow} follows no method step by step; take a modified equation or a principal flow")
    roots = single_field_roots(method)
    step = check_step(h)
    pairs = eigenpairs(flow.field, theta, k)
    _check_stationary(flow, theta, float(np.abs(pairs.values).max()))
    with np.errstate(all="ignore"):
        rates = pairs.values * equation.alpha(step * pairs.values)
    multipliers = np.array([largest_root(roots, step * z) for z in pairs.values.tolist()], complex)
    return JacobianSpectrum(flow, step, pairs.values, np.asarray(rates, complex), multipliers, pairs.complete)


def _check_stationary(flow: Flow, theta: ArrayLike, steepest: float) -> None:
    point = flow.field.check_point(theta)
    size = float(np.linalg.norm(flow.field.value(point)))
    if not size <= _STATIONARY * steepest * (1 + float(np.linalg.norm(point))):
        raise ValueError(f"theta is no stationary point of {flow.field.name}: the field there has the norm {size:.3g}; refine it first")


def _verdict(growth: Array, rounding: float) -> str:
    if (growth < -rounding).all():
        return "attracts"
    return "repels" if (growth > rounding).any() else "neutral"

r"""Predicting the gradient along the sharpest direction one step ahead: by (1 − hλ₀) against e^(−hλ₀).

With λ₀ the largest eigenvalue of the Hessian at θ_n and u₀ its eigenvector, the principal flow says

.. math::  \nabla E(\theta_{n+1})^T u_0 \approx R(-h\lambda_0)\,\nabla E(\theta_n)^T u_0,

R = 1 − hλ₀ for gradient descent, which changes sign beyond hλ₀ = 1 and grows beyond 2; the gradient flow says e^(−hλ₀), which never
does either.

Reference: Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..integration.trajectory import Trajectory
from ..methods.method import Method
from ..series.equations import ModifiedEquation
from .edge_of_stability import run_on_loss
from .eigenpairs import leading_eigenpair
from .stability_coefficients import single_field_roots

Array: TypeAlias = NDArray[Any]


@final
@dataclass(frozen=True, eq=False)
class LeadingGradient:
    """∇E·u₀ of a run and two predictions; every array has shape (m,), one entry for each step looked at.

    Attributes
    ----------
    n
        The step goes from θ_n to θ_{n+1}.
    hlambda
        hλ₀ at θ_n.
    before, after
        ∇E·u₀ at θ_n and at θ_{n+1}, with u₀ of θ_n, which keeps its sign from entry to entry. Units: loss per unit of θ.
    by_principal_flow
        Re R(−hλ₀)·before, (1 − hλ₀)·before for gradient descent.
    by_gradient_flow
        e^(−b(•)hλ₀)·before, with b(•) = 1 for gradient descent and 1/(1−β) for heavy ball.

    See Also
    --------
    modeq.leading_gradient : Makes it, with an example.
    """

    n: Array
    hlambda: Array
    before: Array
    after: Array
    by_principal_flow: Array
    by_gradient_flow: Array

    @property
    def principal_error(self) -> Array:
        """|by_principal_flow − after|/|before|."""
        return _relative(self.by_principal_flow - self.after, self.before)

    @property
    def gradient_error(self) -> Array:
        """|by_gradient_flow − after|/|before|."""
        return _relative(self.by_gradient_flow - self.after, self.before)


def leading_gradient(method: Method, path: Trajectory, *, every: int = 1) -> LeadingGradient:
    """Predict ∇E·u₀ after each step of a run by the principal flow and by the gradient flow.

    Parameters
    ----------
    method
        The method that was run; one field, numeric parameters. With memory, R is the root of its smooth solution.
    path
        What `iterate` returned, on a loss; at least one step.
    every
        Look at every so many steps.

    Returns
    -------
    LeadingGradient

    Raises
    ------
    TypeError, ValueError
        If the run is on a vector field or has no step.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 5.

    Examples
    --------
    >>> import modeq as mq
    >>> gd = mq.GradientDescent()
    >>> found = mq.leading_gradient(gd, mq.iterate(gd, mq.losses.quadratic([[4]]), [1.0], h=0.4, steps=2))
    >>> found.after.round(3), found.by_principal_flow.round(3), found.by_gradient_flow.round(3)
    (array([-2.4 ,  1.44]), array([-2.4 ,  1.44]), array([ 0.808, -0.485]))
    """
    roots = single_field_roots(method)
    loss, chosen = run_on_loss(path, every)
    chosen = chosen[chosen < len(path) - 1]
    first = float(ModifiedEquation(method.require_linear("a leading gradient"), 1).coefficient("[]"))
    points = np.ascontiguousarray(path.theta.real)
    rows = []
    previous = np.zeros(loss.dimension)
    for n in chosen.tolist():
        value, direction = leading_eigenpair(loss, points[n])
        previous = direction = -direction if direction @ previous < 0 else direction  # one sign along the run
        z = float(path.step_sizes[n]) * value
        before, after = (float(loss.gradient(points[i]) @ direction) for i in (n, n + 1))
        rows.append((z, before, after, roots(z)[0].real * before, np.exp(-first * z) * before))
    return LeadingGradient(chosen, *np.array(rows).T)


def _relative(error: Array, size: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = np.abs(error) / np.abs(size)
    return result

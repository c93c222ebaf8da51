r"""Stochastic modified equations of gradient descent on batches that are drawn at random, each for itself.

With E the mean of the losses of all batches and Σ(θ) the covariance of the gradient of one, X at t = n·h is close in distribution to the
n-th iterate:

weak order 1
    :math:`dX = -\nabla E\,dt + \sqrt h\,\Sigma^{1/2}dW`
weak order 2
    :math:`dX = -\nabla(E + \tfrac h4\|\nabla E\|^2)\,dt + \sqrt h\,\Sigma^{1/2}dW`
Hessian-aware
    :math:`dX = \sum_k \frac{\log(1-h\lambda_k)}{h\lambda_k}(u_k^T\nabla E)u_k\,dt + B\,dW` with
    :math:`(BB^T)_{ij} = h\,\Sigma_{ij}\frac{\log[(1-h\lambda_i)(1-h\lambda_j)]}{h^2\lambda_i\lambda_j-h\lambda_i-h\lambda_j}` in the
    eigenbasis of ∇²E; exact in mean and covariance on quadratics whose noise does not depend on the state.

References
----------
Q. Li, C. Tai, W. E, Stochastic modified equations and adaptive stochastic gradient algorithms, ICML 2017, arXiv 1511.06251; and J. Mach.
Learn. Res. 20 (2019), arXiv 1811.01558. X. Li, Z. Shen, L. Zhang, N. He, A Hessian-aware stochastic differential equation for
modelling SGD, arXiv 2405.18373.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..methods.general_linear import GeneralLinearMethod
from ..methods.gradient_descent import GradientDescent
from .equation import Equation

_METHOD = GradientDescent()


@final
@dataclass(frozen=True, eq=False, repr=False)
class StochasticEquation(Equation):
    """A stochastic differential equation that gradient descent on random batches follows in distribution.

    Make it with `stochastic_equation`.

    Attributes
    ----------
    order
        Weak order, 1 or 2; 0 stands for the Hessian-aware equation.
    covariance
        Σ, shape (d, d), the same everywhere; None for that of the batches of the field.

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.stochastic_equation(2))
    dX = -∇(E + h/4 ‖∇E‖²) dt + √h Σ^½ dW
    """

    order: int
    covariance: NDArray[np.float64] | None = None
    method: ClassVar[GeneralLinearMethod] = _METHOD  # type: ignore[misc]  # the same for all

    @property
    def describes(self) -> None:
        """No run: it follows the distribution of many."""
        return None

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return f"stochastic equation of weak order {self.order}" if self.order else "Hessian-aware stochastic equation"

    def text(self) -> str:
        """Write the equation as text."""
        drifts = ("log(1 - h∇²E)(h∇²E)⁻¹∇E", "-∇E", "-∇(E + h/4 ‖∇E‖²)")
        return f"dX = {drifts[self.order]} dt + {'√h Σ^½' if self.order else 'B'} dW"

    def latex(self) -> str:
        """Write the equation as LaTeX."""
        drifts = (
            r"\log(I - h\nabla^{2} E)\,(h\nabla^{2} E)^{-1}\,\nabla E",
            r"-\nabla E",
            r"-\nabla\left(E + \frac{h}{4} \left\|\nabla E\right\|^{2}\right)",
        )
        noise = r"\sqrt{h}\,\Sigma^{1/2}" if self.order else "B"
        return rf"dX = {drifts[self.order]}\,dt + {noise}\,dW"

    def __repr__(self) -> str:
        return f"<StochasticEquation: {self.title}>"


def stochastic_equation(order: int | str, *, covariance: ArrayLike | None = None) -> StochasticEquation:
    """Return the stochastic equation that gradient descent on random batches follows.

    Parameters
    ----------
    order
        Weak order 1 or 2, or ``"hessian"`` for the Hessian-aware equation, which needs hλ < 1.
    covariance
        Σ of the noise in one gradient, shape (d, d), symmetric and positive semidefinite, the same everywhere. When left out the field
        has one part for each batch, and Σ is their covariance, each batch being as likely as the others.

    Returns
    -------
    StochasticEquation
        Put it on a field by ``.on(field)`` and draw paths by `modeq.sample`.

    Raises
    ------
    ValueError
        If the order is none of these, or the covariance no positive semidefinite matrix.

    References
    ----------
    Q. Li, C. Tai, W. E, arXiv 1511.06251 and 1811.01558; X. Li, Z. Shen, L. Zhang, N. He, arXiv 2405.18373.

    Examples
    --------
    >>> import modeq as mq
    >>> batches = mq.VectorField.from_losses([mq.Loss.from_sympy(f"(x - {a})**2/2", ["x"]) for a in (-1, 1)])
    >>> flow = mq.stochastic_equation(1).on(batches)
    >>> drift, noise = flow.coefficients([[3.0]], h=0.25)
    >>> drift, noise**2  # −∇E = −3, and hΣ = ¼·1
    (array([[-3.]]), array([[[0.25]]]))
    """
    if order not in (1, 2, "hessian") or isinstance(order, bool):
        raise ValueError(f"a stochastic equation has the weak order 1 or 2, or is 'hessian' for the Hessian-aware one, got {order!r}")
    matrix = None
    if covariance is not None:
        matrix = np.asarray(covariance, float)
        square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
        if not square or not np.allclose(matrix, matrix.T) or np.linalg.eigvalsh(matrix)[0] < -1e-12 * np.abs(matrix).max():
            raise ValueError(f"a covariance is a symmetric positive semidefinite matrix of shape (d, d), got {covariance!r}")
    return StochasticEquation(0 if order == "hessian" else int(order), matrix)

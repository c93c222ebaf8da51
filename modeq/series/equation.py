"""What every equation answers: its title, how it is written, and what it is on a field."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ..extension_points import bind, draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..flows.flow import Flow
    from ..methods.method import Method


class Equation(ABC):
    """A vector field that knows no coordinates yet; ``equation.on(E)`` puts it on a loss or vector field.

    For an equation of your own derive from this class and register the flow for each kind of field, see docs/how-to/flow.md.

    Attributes
    ----------
    method
        The method that it belongs to; None if it belongs to none.

    Examples
    --------
    >>> import modeq as mq
    >>> isinstance(mq.principal_flow(mq.GradientDescent()), mq.Equation)
    True
    """

    method: Method | None

    @property
    @abstractmethod
    def title(self) -> str:
        """A few words for tables and legends."""

    @abstractmethod
    def text(self) -> str:
        """Write the equation as text."""

    @abstractmethod
    def latex(self) -> str:
        """Write the equation as LaTeX."""

    @property
    def describes(self) -> Method | None:
        """The method whose iterates the equation follows: `method`, or None where it follows none."""
        return self.method

    def check_method(self, method: Method) -> None:  # noqa: B027 - nothing to check is the usual case
        """Raise if the equation cannot be compared with runs of `method`; any can unless it says otherwise."""

    def alpha(self, hlambda: NDArray[Any]) -> NDArray[Any]:
        """Return the factor α(hλ) of (uᵀ∇E)u along eigenvectors u of the Hessian, shape (n,), complex, ∞ at singularities.

        Raises
        ------
        ValueError
            If the equation is no function of the Hessian's eigenvalues along its eigenvectors.
        """
        raise ValueError(f"the {self.title} has no factor α(hλ); modified equations and principal flows have")

    @property
    def singularities(self) -> tuple[Any, ...]:
        """Values of hλ, exact or complex, where α is infinite."""
        return ()

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw the equation: its trees with their coefficients, or α over hλ; see `modeq.plotting`.

        Parameters
        ----------
        path
            Where to save the picture; its ending chooses the format. Not saved when left out.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib is not installed (the extra ``plot``).
        ValueError
            If there are too many trees for one picture, or the equation has no α.
        """
        return draw(self, path)

    def on(self, field: Any) -> Flow:
        """Put the equation on a loss or vector field.

        Raises
        ------
        TypeError, ValueError
            If it cannot be put on such a field.
        """
        flow: Flow = bind(self, field)
        return flow

    def __str__(self) -> str:
        return self.text()

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

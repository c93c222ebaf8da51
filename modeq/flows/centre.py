"""Flows of the centre around which gradient descent oscillates at and beyond the edge of stability.

They know more than θ (the rod flow its spread) or change their field along the way (the central flow at hλ₁ = 2), so they are no
`Flow` with one compiled field. What integration needs of them is a state, where it starts, and the pieces that it passes through.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias, final

from numpy.typing import NDArray

from ..losses.loss import Loss
from ..methods.general_linear import GeneralLinearMethod
from ..methods.gradient_descent import GradientDescent
from ..methods.method import Method

Array: TypeAlias = NDArray[Any]
Right: TypeAlias = Callable[[float, Array], Array]


@final
@dataclass(frozen=True)
class Piece:
    """A smooth field and where it ends.

    Attributes
    ----------
    right
        f(t, y) of the state y; units: state per unit time.
    ends
        A continuous function of the state that gets positive where the next piece begins; None if there is no other.
    """

    right: Right
    ends: Callable[[Array], float] | None = None


@dataclass(frozen=True)
class CentreEquation(ABC):
    """An equation for the centre of gradient descent's oscillations, before it is put on a loss with ``on``."""

    title: ClassVar[str]
    hint: ClassVar[str]
    """What to try where a run gets stuck."""

    @property
    def method(self) -> GeneralLinearMethod:
        """The method that it describes: gradient descent."""
        return GradientDescent()

    def on(self, loss: Loss) -> CentreFlow:
        """Put the equation on a loss.

        Raises
        ------
        TypeError
            If it is no loss: gradient and Hessian are needed.
        """
        if not isinstance(loss, Loss):
            raise TypeError(f"the {self.title} needs a Loss, whose gradient and Hessian it reads, got {type(loss).__name__}")
        return CentreFlow(self, loss)

    @abstractmethod
    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return the state at t = 0, shape (m,)."""

    def launch(self, loss: Loss, theta0: Array, h: float) -> tuple[float, Array]:
        """Return the time, before t = h, and the state from which the flow is integrated."""
        return 0.0, self.start(loss, theta0, h)

    @abstractmethod
    def pieces(self, loss: Loss, h: float) -> tuple[Piece, ...]:
        """Return the fields that follow one another, round and round."""

    def centre(self, loss: Loss, states: Array) -> Array:
        """Return θ, shape (n, d), of states, shape (n, m)."""
        return states[:, : loss.dimension]

    @abstractmethod
    def extras(self, loss: Loss, states: Array, h: float) -> Mapping[str, Array]:
        """Return what is known besides θ, by name, one row for each state."""


@final
@dataclass(frozen=True, eq=False, repr=False)
class CentreFlow:
    """A rod flow or central flow on a loss, for `integrate` and `compare`.

    Attributes
    ----------
    equation
        A `RodFlow` or `CentralFlow`.
    field
        The loss.

    Examples
    --------
    >>> import modeq as mq
    >>> import numpy as np
    >>> flow = mq.RodFlow().on(mq.losses.quadratic([[2]]))
    >>> flow.start(np.array([1.0]), h=0.5)  # θ₀ and (h²/4) ∇E ∇Eᵀ
    array([1.  , 0.25])
    """

    equation: CentreEquation
    field: Loss

    @property
    def title(self) -> str:
        """One line for tables."""
        return self.equation.title

    @property
    def dimension(self) -> int:
        """Number d of coordinates."""
        return self.field.dimension

    @property
    def is_complex(self) -> bool:
        """Never."""
        return False

    def start(self, theta0: Array, h: float) -> Array:
        """Return the state at t = 0, shape (m,)."""
        return self.equation.start(self.field, theta0, h)

    def launch(self, theta0: Array, h: float) -> tuple[float, Array]:
        """Return the time and the state from which the flow is integrated."""
        return self.equation.launch(self.field, theta0, h)

    def pieces(self, h: float) -> tuple[Piece, ...]:
        """Return the fields that follow one another."""
        return self.equation.pieces(self.field, h)

    def centre(self, states: Array) -> Array:
        """Return θ, shape (n, d), of states, shape (n, m)."""
        return self.equation.centre(self.field, states)

    def extras(self, states: Array, h: float) -> Mapping[str, Array]:
        """Return what is known besides θ, by name, one row for each state."""
        return self.equation.extras(self.field, states, h)

    def __str__(self) -> str:
        return self.title

    def __repr__(self) -> str:
        return f"<CentreFlow: {self.title} on {self.field.name}>"


def check_descent(equation: CentreEquation, method: Method) -> None:
    """Raise unless `method` is gradient descent, by whatever name."""
    linear = method.linear
    if linear is None or replace(linear, name=equation.method.name) != equation.method:
        raise ValueError(
            f"the {equation.title} describes gradient descent only, not {method.name}; use 'principal' or an order such as 2, "
            "which exist for every method"
        )

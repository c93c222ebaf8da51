"""Flows of the centre around which a method oscillates at and beyond its edge of stability.

They know more than θ (the rod flow its spread) or change their field along the way (the central flow at hλ₁ = 2): the equation says
what the state is, where it starts, and the pieces that it passes through.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, final

import numpy as np

from ..extension_points import bind
from ..losses.loss import Loss
from ..methods.gradient_descent import GradientDescent
from ..methods.method import Method
from ..series.equation import Equation
from .flow import Array, Flow, Piece, Status


@dataclass(frozen=True)
class CentreEquation(Equation):
    """An equation for the centre of a method's oscillations, before it is put on a loss with ``on``."""

    hint: ClassVar[str]
    """What to try where a run gets stuck."""

    @property
    def method(self) -> Method:  # type: ignore[override]  # read-only here
        """The method around whose iterates the centre lies: gradient descent."""
        return GradientDescent()

    @property
    def starts_at_rest(self) -> bool:
        """Whether the state is about that of the method, started at rest."""
        return False

    @property
    def describes(self) -> None:
        """No method step by step: the flow follows averages of iterates."""
        return None

    def check_method(self, method: Method) -> None:
        """Raise unless `method` is the one, by whatever name."""
        if not same_rule(method, self.method):
            raise ValueError(
                f"the {self.title} describes {self.method.name} only, not {method.name}; use 'principal' or an order such as 2, "
                "which exist for every method"
            )

    @abstractmethod
    def start(self, loss: Loss, theta0: Array, h: float) -> Array:
        """Return the state at t = 0, shape (m,)."""

    def launch(self, loss: Loss, theta0: Array, h: float) -> tuple[float, Array]:
        """Return the time, before t = h, and the state from which the flow is integrated."""
        return 0.0, self.start(loss, theta0, h)

    @abstractmethod
    def pieces(self, loss: Loss, h: float) -> tuple[Piece, ...]:
        """Return the fields that follow one another, round and round."""

    def output(self, loss: Loss, states: Array) -> Array:
        """Return θ, shape (…, d), of states, shape (…, m)."""
        return states[..., : loss.dimension]

    @abstractmethod
    def extras(self, loss: Loss, states: Array, h: float) -> Mapping[str, Array]:
        """Return what is known besides θ, by name, one row for each state."""


def same_rule(method: Method, other: Method) -> bool:
    """Whether two methods do the same steps, by whatever name."""
    if method.linear is None or other.linear is None:
        return method == other or (method.preconditioner is not None and method.preconditioner == other.preconditioner)
    return replace(method.linear, name=other.name) == other.linear


@final
@dataclass(frozen=True, eq=False, repr=False)
class CentreFlow(Flow):
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
    def remark(self) -> str:
        """Say what it follows."""
        return "follows averages of iterates, not iterates"

    @property
    def starts_at_rest(self) -> bool:
        """Whether the state is about that of the method, started at rest."""
        return self.equation.starts_at_rest

    @property
    def follows_averages(self) -> bool:
        """Always."""
        return True

    def check_start(self, theta0: Array) -> None:
        """Raise at a complex point."""
        if np.iscomplexobj(theta0):
            raise TypeError(f"the {self} is real; give a real starting point, such as theta0.real")

    def start(self, theta0: Array, h: float) -> Array:
        """Return the state at t = 0, shape (m,)."""
        return self.equation.start(self.field, theta0, h)

    def launch(self, theta0: Array, h: float) -> tuple[float, Array]:
        """Return the time and the state from which the flow is integrated."""
        return self.equation.launch(self.field, theta0, h)

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the fields that follow one another."""
        return self.equation.pieces(self.field, h)

    def output(self, states: Array) -> Array:
        """Return θ of states."""
        return self.equation.output(self.field, states)

    def extras(self, states: Array, h: float) -> Mapping[str, Array]:
        """Return what is known besides θ, by name, one row for each state."""
        return self.equation.extras(self.field, states, h)

    def one_step_size(self) -> str:
        """The oscillations have one step size."""
        return f"the {self} describes oscillations of one step size"

    def diagnose(self, start: Array, last: Array, h: float, n: int, trouble: str) -> tuple[Status, str]:
        """Say what to try."""
        return "stalled", f"the solver gave up after step {n}: {trouble}; {self.equation.hint}"


@bind.register(CentreEquation, Loss)
def _(equation: CentreEquation, loss: Loss) -> CentreFlow:
    return CentreFlow(equation, loss)


@bind.register(CentreEquation, object)
def _(equation: CentreEquation, field: Any) -> CentreFlow:
    raise TypeError(f"the {equation.title} needs a Loss, whose gradient and Hessian it reads, got {type(field).__name__}")

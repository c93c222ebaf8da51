"""Dynamics: what every method answers for itself.

A method is a map of its whole state, θ and what it remembers, run on a field. One step of it is written once, over any algebra:
on numbers it iterates, on truncated Taylor series it gives the derivatives of the map, on nodes of a graph its formula.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..arithmetic import Algebra
from ..exact import ScalarLike

if TYPE_CHECKING:
    from .general_linear import GeneralLinearMethod
    from .preconditioner import Preconditioner

T = TypeVar("T")


class Method(ABC):
    """A discrete dynamics: names and rest of its state, one step over any algebra, its output.

    Derive from it for a kind of method of its own; optimizers are made by the functions of the catalogue, by `modeq.method` from
    an update function, or as a `GeneralLinearMethod` from matrices.

    Attributes
    ----------
    name
        For people: ``"gradient descent"``.
    output
        ``output(state)`` is θ.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> from modeq.graph.algebra import NumpyAlgebra
    >>> method = GradientDescent()
    >>> method.step([4.0], 0.5, 0, lambda colour, x: -x, NumpyAlgebra())  # on f(x) = −x
    [2.0]
    """

    if TYPE_CHECKING:  # fields of the implementations; at run time dataclasses would take properties for default values

        @property
        def name(self) -> str:
            """What messages and tables call it."""

        @property
        def output(self) -> Callable[[Sequence[Any]], Any]:
            """The map from a state to θ."""

    @property
    @abstractmethod
    def state_names(self) -> tuple[str, ...]:
        """Names of the vectors that are carried from step to step."""

    @property
    def states(self) -> int:
        """Number r of vectors that are carried from step to step; 1 means no memory."""
        return len(self.state_names)

    @property
    @abstractmethod
    def stages(self) -> int:
        """Number of field evaluations per step."""

    @property
    @abstractmethod
    def fields(self) -> int:
        """Number of different fields (colours) that a step evaluates."""

    @property
    @abstractmethod
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that are still symbolic."""

    @property
    @abstractmethod
    def is_explicit(self) -> bool:
        """Whether a step asks for the field at known points only."""

    @property
    @abstractmethod
    def needs_n(self) -> bool:
        """Whether the rule depends on the number of the step, as with bias correction."""

    @property
    def starts_at_branch_point(self) -> bool:
        """Whether the first step takes a root, logarithm or quotient of a memory that is 0 at rest."""
        return False

    @property
    def per_array(self) -> bool:
        """Whether a step is taken for each parameter array of the field on its own, as matrices."""
        return False

    @property
    def preconditioner(self) -> Preconditioner | None:
        """What divides the gradient in a step of the form θ − h g/R(v), or None; central flows need it."""
        return None

    @property
    @abstractmethod
    def linear(self) -> GeneralLinearMethod | None:
        """The matrices A, U, B, V and c, or None if the update is not linear; B-series and closed symbols need them."""

    @abstractmethod
    def with_parameters(self, **values: ScalarLike) -> Self:
        """Put numbers (or other expressions) in the place of symbolic parameters."""

    @abstractmethod
    def rest(self, theta: Any) -> list[Any]:
        """Return the state at rest in θ: what a run starts from."""

    @abstractmethod
    def step(self, state: Sequence[T], h: T, n: int, evaluate: Callable[[int, T], T], algebra: Algebra[T]) -> list[T]:
        """Take step n of an explicit method.

        Parameters
        ----------
        state
            The `states` vectors.
        h
            Step size, in the algebra.
        n
            Number of the step, 0 for the first.
        evaluate
            ``evaluate(colour, point)`` gives the field of that colour.
        algebra
            What to compute with.

        Returns
        -------
        list
            The new state.
        """

    def require_numbers(self, purpose: str) -> None:
        """Raise if parameters are still symbolic where numbers are needed."""
        if self.parameters:
            setting = ", ".join(f"{name}=…" for name in self.parameters)
            raise ValueError(
                f"{purpose} needs numbers, but {self.name} has the free parameter {', '.join(self.parameters)}; "
                f"use method.with_parameters({setting})"
            )

    def require_smooth(self, purpose: str) -> None:  # noqa: B027 - a linear update is smooth
        """Raise if the update has kinks where derivatives are needed."""

    def require_linear(self, purpose: str) -> GeneralLinearMethod:
        """Return `linear`, or raise a `ValueError` that says what is possible without."""
        if self.linear is None:
            raise ValueError(
                f"{purpose} needs an update that is linear in its states and field values, which that of {self.name} is not; "
                "its flows are modified_equation(method, order) and 'map', 'map2', 'two-step'"
            )
        return self.linear

    def __str__(self) -> str:
        return self.name


def check_method(method: Any) -> None:
    """Raise unless `method` is a `Method`."""
    if not isinstance(method, Method):
        hint = "; call it with its brackets, as in GradientDescent() or my_update(beta=0.9)" if callable(method) else ""
        raise TypeError(f"expected a method, got {getattr(method, '__name__', type(method).__name__)}{hint}")


def linear_method(method: Any, purpose: str) -> GeneralLinearMethod:
    """Return the general linear form of a method, or raise where it is none or has none."""
    check_method(method)
    result: GeneralLinearMethod = method.require_linear(purpose)
    return result

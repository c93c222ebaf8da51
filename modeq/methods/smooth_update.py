"""Methods whose update is a program of smooth functions: Adam and its family, normalised and clipped steps, what people write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar, final

import sympy

from ..arithmetic import Algebra
from ..exact import Scalar, ScalarLike, exact, to_sympy
from .method import Method
from .preconditioner import Preconditioner
from .program import KINKS, Program

T = TypeVar("T")


@final
@dataclass(frozen=True, repr=False)
class SmoothUpdate(Method):
    """A method that is not linear in its states and field values.

    Make one with `modeq.method`, `modeq.from_optax`, or take one from the catalogue, such as ``mq.Adam()``. Its state is θ and its
    memory, in the units in which the update is written.

    Attributes
    ----------
    name
        What messages and tables call it.
    memory
        Names of the vectors kept besides θ.
    program
        The update.
    start
        For each memory (a, b): it is a θ + b at rest.
    convention
        In words, how the libraries that have this optimizer differ from it and from each other.
    per_array
        Whether the update is applied to each parameter array of the field on its own, in its own shape.
    preconditioner
        What divides the gradient, where the update says no more than that.

    Examples
    --------
    >>> import modeq as mq
    >>> method = mq.Adam()
    >>> method.state_names, method.linear is None, method.needs_n
    (('θ', 'm', 'v'), True, True)
    """

    name: str
    memory: tuple[str, ...]
    program: Program
    start: tuple[tuple[Scalar, Scalar], ...]
    convention: str = ""
    per_array: bool = False
    preconditioner: Preconditioner | None = None

    @property
    def state_names(self) -> tuple[str, ...]:
        """θ and the names of the memory."""
        return ("θ", *self.memory)

    @property
    def stages(self) -> int:
        """Number of field evaluations per step."""
        return self.program.count("field")

    @property
    def fields(self) -> int:
        """Number of different fields that a step evaluates."""
        return 1 + max(instruction.value for instruction in self.program.instructions if instruction.op == "field")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that are still symbolic."""
        return self.program.parameters

    @property
    def is_explicit(self) -> bool:
        """Yes: each operation needs earlier results only."""
        return True

    @property
    def needs_n(self) -> bool:
        """Whether the update reads the number of the step."""
        return self.program.uses("n") or self.program.uses("geometric")

    @property
    def linear(self) -> None:
        """None: linear updates become a `GeneralLinearMethod`."""

    @property
    def starts_at_branch_point(self) -> bool:
        """Whether the update has a root, logarithm or quotient, and a memory that is 0 at rest."""
        return any(self.program.uses(op) for op in ("sqrt", "log", "power", "divide")) and any(a == 0 == b for a, b in self.start)

    @property
    def kinks(self) -> tuple[str, ...]:
        """Functions in the update that are not smooth; such an update can be iterated, but has no flow."""
        return tuple(sorted({instruction.op for instruction in self.program.instructions} & KINKS))

    def with_parameters(self, **values: ScalarLike) -> SmoothUpdate:
        """Put numbers (or other expressions) in the place of symbolic parameters.

        >>> import modeq as mq
        >>> mq.RMSProp("rho").with_parameters(rho=0.9) == mq.RMSProp(0.9)
        True
        """
        unknown = sorted(set(values) - set(self.parameters))
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise ValueError(f"{self.name} has no free parameter {unknown[0]!r}; its free parameters: {known}")
        table = {sympy.Symbol(name): to_sympy(exact(value, what=name)) for name, value in values.items()}
        rule = self.preconditioner and self.preconditioner.with_parameters(table)
        return replace(self, program=self.program.with_parameters(table), preconditioner=rule)

    def rest(self, theta: Any) -> list[Any]:
        """Return θ and the memory at rest."""
        return [theta, *(float(to_sympy(a)) * theta + float(to_sympy(b)) for a, b in self.start)]

    def output(self, state: Sequence[Any]) -> Any:
        """Return θ of a state."""
        return state[0]

    def step(self, state: Sequence[T], h: T, n: int, evaluate: Callable[[int, T], T], algebra: Algebra[T]) -> list[T]:
        """Take step n; see `Method.step`."""
        return self.program.run(state, h, n, evaluate, algebra)

    def require_smooth(self, purpose: str) -> None:
        """Raise if the update has kinks where derivatives are needed."""
        if self.kinks:
            raise ValueError(f"{purpose} needs a smooth update, but {self.name} uses {', '.join(self.kinks)}; it can only be iterated")

    def described(self, *, name: str | None = None, convention: str | None = None) -> SmoothUpdate:
        """Return the same method with another name or convention."""
        return replace(self, name=name or self.name, convention=self.convention if convention is None else convention)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}, {', '.join(self.state_names)}>"


AT_REST: tuple[Scalar, Scalar] = (Fraction(0), Fraction(0))

"""What every flow answers: its state, where it starts, the fields that it passes through, and where it stops describing its method.

`integrate`, `compare`, validity, tables, plots and the command line call these and nothing else. A new kind of flow is one class here
or elsewhere, registered for the equations and fields that it belongs to (`extension_points.bind`), and one line in `registry`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..exact import exact
from ..extension_points import draw
from ..losses.field import Field
from ..methods.method import Method
from ..records.html import image_html, table_html
from ..series.equation import Equation
from ..series.increment import Increment, increment

Array: TypeAlias = NDArray[Any]
Right: TypeAlias = Callable[[float, Array], Array]
Status: TypeAlias = Literal["complex", "completed", "diverged", "event", "stalled", "singular", "unsolvable"]
"""How a run ended.

``completed``   all steps were done;
``complex``     an eigenvalue of a step, or of several as one map, is negative, a direction turned over, and the flow misses the method;
``diverged``    the state overflowed or left every bound;
``event``       a terminal event or a callback ended the run;
``stalled``     the integrator gave up: its step underflowed, or the limit of evaluations was reached;
``singular``    the field is infinite there (hλ = 1 for the principal flow of gradient descent), or a rule gave no step size;
``unsolvable``  the equations of an implicit method had no solution that continues from h = 0 to its step size.
"""


@final
@dataclass(frozen=True)
class Windows:
    """Where a run is held against its method, and jumps with it: at the ends of windows of equal length.

    Attributes
    ----------
    length
        Of a window, in units of time.
    advance
        What the method makes of the state at the start of a window until its end.
    tolerance
        The distance from there, as a share of the way from start to end, beyond which the flow does not follow and the run jumps.
    """

    length: float
    advance: Callable[[Array], Array]
    tolerance: float


@final
@dataclass(frozen=True)
class Piece:
    """A smooth field and where it ends.

    Attributes
    ----------
    right
        f(t, y) of the state y, with t = 0 at the start of the run; units: state per unit time.
    ends
        A continuous function of the state that gets positive where the next piece begins; None if there is no other.
    then
        The piece that begins at the state where this one ends; None for the next of `Flow.pieces`, round and round.
    accept
        Called with each state that the solver accepts; None if the field does not depend on them.
    windows
        Where the run is held against its method; None if it is not.
    in_step
        Whether t counts from the start of the step, for flows with a field for each.
    """

    right: Right
    ends: Callable[[Array], float] | None = None
    accept: Callable[[Array], None] | None = None
    then: Callable[[Array], Piece] | None = None
    windows: Windows | None = None
    in_step: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Flow(ABC):
    """An equation on a loss or vector field. Make one with ``equation.on(E)``.

    States are arrays of shape (m,), m = `dimension`: θ itself for most flows, shape (d,); time is t = n·h.

    Attributes
    ----------
    equation
        What was put on the field.
    field
        The loss or vector field.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(mq.losses.double_well())
    >>> flow([2.0], 0.1)  # −g − h/2 Hg with g = 6, H = 11
    array([-9.3])
    """

    equation: Equation
    field: Field

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return self.equation.title

    @property
    def method(self) -> Method | None:
        """The method whose iterates the flow follows; None if it follows none."""
        return self.equation.describes

    # The state

    @property
    def dimension(self) -> int:
        """Number m of entries of a state: d, more where the flow has a memory."""
        return self.field.dimension

    @property
    def is_complex(self) -> bool:
        """Whether values are complex even at real states (principal flows beyond hλ = 1)."""
        return False

    @property
    def starts_at_rest(self) -> bool:
        """Whether the state is that of the method itself, started at rest, and not a point on its smooth solution."""
        return False

    @property
    def period(self) -> int:
        """The period k if the flow describes every k-th iterate; else 1."""
        return 1

    def check_start(self, theta0: Array) -> None:  # noqa: B027 - nothing to check is the usual case
        """Raise if the flow cannot start at this point; flows that are real override it."""

    def start(self, theta0: Array, h: float) -> Array:
        """Return the state at t = 0, shape (m,)."""
        return theta0

    def launch(self, theta0: Array, h: float) -> tuple[float, Array]:
        """Return the time, at most `period` steps, and the state from which the flow is integrated."""
        return 0.0, self.start(theta0, h)

    def output(self, states: Array) -> Array:
        """Return θ, shape (…, d), of states, shape (…, m)."""
        return states[..., : self.field.dimension]

    def extras(self, states: Array, h: float) -> Mapping[str, Array]:
        """Return what is known besides θ, by name, one row for each state."""
        return {}

    # The field

    @abstractmethod
    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the fields that follow one another, round and round, from step number n on."""

    def scheduled(self, sizes: Array, n: int) -> tuple[Piece, ...]:
        """Return the fields of step n of a run with the step sizes h_0, h_1, …; those of h_n where no memory holds the others."""
        return self.pieces(float(sizes[n]), n)

    @property
    def changes(self) -> bool:
        """Whether the field is another one in each step, although the step size stays."""
        return False

    def one_step_size(self) -> str:
        """Say why the step size cannot change along a run; empty if it can."""
        return ""

    def within(self, rtol: float) -> Self:
        """Return the flow with a field that is as exact as a solver with this relative tolerance can make use of."""
        return self

    def rhs(self, h: float, n: int = 0) -> Callable[[float, ArrayLike], Array]:
        """Return f(t, y) of the first piece for `scipy.integrate.solve_ivp`, bound to the step size h.

        Principal flows return complex values: start `solve_ivp` from a complex y0, or use `modeq.integrate`.
        """
        right = self.pieces(check_step(h), n)[0].right

        def rhs(t: float, y: ArrayLike) -> Array:
            return right(t, np.asarray(y))

        return rhs

    def __call__(self, state: ArrayLike, h: float) -> Array:
        """Return the field at a state, shape (m,), at t = 0; units: state per unit time."""
        return self.rhs(h)(0.0, state)

    # Where it stops describing its method

    @property
    def remark(self) -> str:
        """What a verdict says besides numbers; empty if there is nothing to say."""
        return ""

    @property
    def follows_averages(self) -> bool:
        """Whether it follows averages of iterates, (θ_{n−1} + 2θ_n + θ_{n+1})/4, instead of iterates."""
        return False

    @property
    def completes(self) -> str:
        """What `error_estimate` adds: the next order or degree."""
        return "order"

    @property
    def branch(self) -> str | None:
        """The branch of its logarithm; None for flows without one."""
        return None

    @property
    def root(self) -> Increment | None:
        """The principal root R of the method, as (R − 1)/ζ; None for methods with several fields or that are not linear."""
        linear = None if self.equation.method is None else self.equation.method.linear
        return None if linear is None or linear.fields > 1 else increment(linear, self.sheet)

    @property
    def sheet(self) -> int:
        """The number in `kernels.branches` of the branch of log R."""
        return 1

    def error_estimate(self, states: Array, h: float | Array) -> Array | None:
        """Return what the next order or degree adds to the field at states, shape (n, m); None where that is not known.

        h is a number or has shape (n,).
        """
        return None

    @property
    def estimate_is_dear(self) -> bool:
        """Whether `error_estimate` costs tens of evaluations of the field at a point."""
        return False

    def follow(self, states: Array, h: float | Array, n: int = 0) -> Array | None:
        """Do `period` steps of the method itself from many states of the flow, shape (n, m); None where a state does not tell them."""
        return None

    def other_roots(self, hlambda: Array) -> float:
        """Return the largest factor per step of what runs of the method add to the flow at these hλ, 0 where they add nothing.

        Above 1, and above the modulus of the root that the flow follows, runs leave the flow, however small the steps of a solver.
        """
        return 0.0

    def advice(self, hlambda: float) -> str:
        """Name a flow that is closer where the largest hλ of a run is `hlambda`; empty if there is none."""
        return ""

    def verify(self, states: Array, h: float) -> tuple[Status, str] | None:
        """Return a status and a message if a completed run missed its method; None if it did not, as far as the flow can tell."""
        return None

    def diagnose(self, start: Array, last: Array, h: float, n: int, trouble: str) -> tuple[Status, str]:
        """Say in words why a solver gave up at the state `last` after n steps; `trouble` is a part of the sentence."""
        return "stalled", f"the solver gave up after step {n}: {trouble}"

    # Leaving Python

    @property
    def kernel_source(self) -> str:
        """The text of a module with ``kernel(t, y, par, out)``, par being `kernel_parameters`; empty if the flow is no single field."""
        return ""

    def kernel_parameters(self, h: float) -> Array:
        """Return the kernel's ``par`` for one step size."""
        return np.empty(0)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the field as a stand-alone module; compiled flows do.

        Raises
        ------
        ValueError
            If the flow is no single compiled field.
        """
        raise ValueError(f"the {self} is no single compiled field and cannot be exported; export a modified equation or a principal flow")

    def __str__(self) -> str:
        return self.title

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.title} on {self.field.name}>"

    def _repr_html_(self) -> str:
        """Return its equation, and the picture of that if there is one and matplotlib, for notebooks."""
        try:
            picture = image_html(draw(self.equation, None)._repr_png_(), "png", self.title)
        except (ImportError, TypeError, ValueError):
            picture = ""
        rows = [("equation", "coordinates", "method"), (self.equation.text(), str(self.field.dimension), str(self.method or "none"))]
        return table_html(f"{self.title} on {self.field.name}", rows, (), picture)


def check_flow(value: Any) -> None:
    """Raise unless `value` is a flow."""
    if not isinstance(value, Flow):
        raise TypeError(f"expected a flow such as equation.on(E), got {value!r}")


def check_step(h: Any) -> float:
    """Return a step size as float, or raise unless it is a finite number > 0, which may be written as in ``"1/1000"``."""
    if np.ndim(h) == 0 and hasattr(h, "item"):
        h = h.item()  # a number of NumPy's, or what a schedule of JAX returns
    if isinstance(h, bool) or not np.isscalar(h) or np.iscomplexobj(h):
        raise TypeError(f"the step size h must be a number > 0, got {h!r}")
    try:
        step = float(exact(h, what="the step size h") if isinstance(h, str) else h)  # type: ignore[arg-type]  # a name is none, see below
    except TypeError:
        raise TypeError(f"the step size h must be a number > 0 such as 0.01 or '1/100', got {h!r}") from None
    except OverflowError:
        step = np.inf
    if not (step > 0 and np.isfinite(step)):
        raise ValueError(f"the step size h must be finite and > 0, got {h!r}")
    return step

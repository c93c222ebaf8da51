"""The names of flows: what ``flows=("gradient", "igr", 3, "principal", "map")`` means, one line of help each, and how each looks.

Help, documentation, error messages, `compare`, plots and the command line read this one list. A flow of your own joins it by
`register`; modeq's own are registered at the end of this module.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, final

from ..methods.method import Method, check_method
from ..nearest import nearest
from ..series.equation import Equation
from ..series.equations import ModifiedEquation, modified_equation
from ..series.map_flow import whole_state_flow
from ..series.principal_flows import principal_flow
from ..series.time_polynomials import check_order

Dash: TypeAlias = str | tuple[float, tuple[float, ...]]  # what matplotlib calls a line style
Make: TypeAlias = Callable[..., Equation]
_MARKS = 7  # on a line


@final
@dataclass(frozen=True)
class Look:
    """How the lines and points of a flow look in pictures.

    Attributes
    ----------
    colour
        What matplotlib takes for a colour.
    dash
        A line style, ``"-"`` or ``(0, (on, off, …))``.
    marker
        A marker.
    """

    colour: str
    dash: Dash
    marker: str

    @property
    def line(self) -> dict[str, Any]:
        """Arguments for matplotlib's lines."""
        return {"color": self.colour, "linestyle": self.dash}

    def marked(self, place: int, count: int, points: int) -> dict[str, Any]:
        """Arguments for line number `place` of `count` with a few hollow markers; those of lines that coincide do not."""
        every = max(1, points // _MARKS)
        marks = (place * every // count, every)
        return {**self.line, "marker": self.marker, "markersize": 6, "markerfacecolor": "none", "markevery": marks}


@final
@dataclass(frozen=True)
class FlowName:
    """A name, or a family of names, of flows.

    Attributes
    ----------
    name
        The name, or the best known one of a family.
    help
        One line: what it is and for which methods.
    make
        Gives the equation for a method, and for each group of `pattern` that matched its text.
    pattern
        Regular expression of all names.
    title
        What legends call it; a function of the name for a family.
    looks
        By name; others of the family get a look by their place in a picture.
    examples
        Names for help and messages.
    default
        Whether `compare` runs it when no flow is asked for.
    """

    name: str
    help: str
    make: Make
    pattern: str
    title: Callable[[str], str]
    looks: Mapping[str, Look] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    default: bool = False

    def groups(self, name: str) -> dict[str, str] | None:
        """Return what the groups of the pattern match in a name, without those that are empty; None if it is no name of this flow."""
        found = re.fullmatch(self.pattern, name)
        return None if found is None else {key: text for key, text in found.groupdict().items() if text}

    def equation(self, method: Method, name: str) -> Equation:
        """Return the equation of a method by one of the names."""
        return self.make(method, **(self.groups(name) or {}))

    def look(self, name: str) -> Look | None:
        """Return how the flow of a name looks; None if that is left to its place in a picture."""
        groups = self.groups(name)
        return next((look for other, look in self.looks.items() if self.groups(other) == groups), None)


_NAMES: dict[str, FlowName] = {}


def register(
    name: str,
    make: Make,
    *,
    help: str,  # noqa: A002 - what it is, to its reader
    pattern: str | None = None,
    title: str | Callable[[str], str] | None = None,
    look: Look | Mapping[str, Look] | None = None,
    examples: Iterable[str] = (),
    default: bool = False,
) -> FlowName:
    """Make a flow known by a name to `compare`, tables, plots, messages and the command line's help.

    Parameters
    ----------
    name
        Lower case, without commas. A name that exists is refused; `unregister` it first.
    make
        ``make(method)`` returns the equation whose flow it is; with named groups in `pattern`, those that matched are
        passed as texts by their names. It raises a `ValueError` for methods that have no such flow.
    help
        One line for help and documentation.
    pattern
        Regular expression of a family of names, the name alone when left out.
    title
        What legends call it, a text or a function of the name; the name itself when left out.
    look
        A `Look`, or looks by name for a family; one by its place in a picture when left out.
    examples
        Names that help and messages list, the name when left out.
    default
        Whether `compare` runs it when no flow is asked for.

    Returns
    -------
    FlowName
        What is known of it from now on.

    Raises
    ------
    ValueError
        If the name exists already, or is not of this form.

    Examples
    --------
    >>> import modeq as mq
    >>> known = mq.flows.register("fourth", lambda method: mq.modified_equation(method, order=4), help="the modified equation of order 4")
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=3, flows=["fourth", 4])
    >>> bool((report.errors["fourth"] == report.errors[4]).all())
    True
    >>> mq.flows.unregister("fourth")
    """
    key = name.strip().lower()
    if not key or key != name or "," in key:
        raise ValueError(f"a flow's name is text in lower case without commas, got {name!r}")
    if key in _NAMES or entry_of(key) is not None:
        raise ValueError(f"there is a flow {name!r} already; choose another name, or call unregister({name!r}) first")
    looks = {key: look} if isinstance(look, Look) else look or {}
    called: Callable[[str], str] = title if callable(title) else lambda _: key if title is None else str(title)
    entry = FlowName(key, help, make, pattern or re.escape(key), called, looks, tuple(examples) or (key,), default)
    _NAMES[key] = entry
    return entry


def unregister(name: str) -> None:
    """Forget a flow that was registered.

    Parameters
    ----------
    name
        As it was registered.

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> import modeq as mq
    >>> _ = mq.flows.register("mine", lambda method: mq.gradient_flow(), help="for an example")
    >>> mq.flows.unregister("mine")
    """
    if name not in _NAMES:
        raise ValueError(f"there is no flow {name!r}{nearest(name, _NAMES)}; known: {known_names()}")
    del _NAMES[name]


def flow_names() -> tuple[FlowName, ...]:
    """Return what is known of all flows, in the order in which they were registered."""
    return tuple(_NAMES.values())


def default_names(method: Method) -> tuple[str | int, ...]:
    """Return the names of the flows that `compare` runs when none is asked for."""
    check_method(method)
    if method.linear is None:
        return ("gradient", "igr", "map")
    return tuple(int(entry.examples[0]) if entry.examples[0].isdigit() else entry.examples[0] for entry in flow_names() if entry.default)


def known_names() -> str:
    """Return all examples of names, for messages."""
    return ", ".join(repr(example) for entry in flow_names() for example in entry.examples)


def entry_of(name: str) -> FlowName | None:
    """Return what is known of a name; None if it is unknown."""
    return next((entry for entry in flow_names() if entry.groups(name) is not None), None)


def named_equation(method: Method, name: str | int) -> Equation:
    """Return the equation of `method` that a flow name stands for.

    Parameters
    ----------
    method
        The method that the flow is to follow.
    name
        One of `modeq.flows.flow_names`, or an order.

    Returns
    -------
    Equation
        Put it on a loss by ``.on(loss)``.

    Raises
    ------
    ValueError
        If the name is unknown; the nearest known one is suggested. If `method` has no such flow.
    TypeError
        If the name is neither a text nor an integer.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> named_equation(GradientDescent(), "igr").order
    2
    """
    if isinstance(name, bool) or not isinstance(name, (str, numbers.Integral)):
        raise TypeError(f"a flow is named by text or an order, got {name!r}; known: {known_names()}")
    check_method(method)
    text = str(name).strip().lower()
    entry = entry_of(text)
    if entry is None:
        hint = nearest(text, [example for known in flow_names() for example in (known.name, *known.examples)])
        raise ValueError(f"unknown flow {name!r}{hint}; known: {known_names()}")
    return entry.equation(method, text)


# The flows of modeq


def _of_order(method: Method, order: str) -> Equation:
    check_method(method)
    check_order(int(order))
    if method.linear is None:
        return modified_equation(method, order=int(order))  # by the type of the method
    return ModifiedEquation(method.linear, int(order))  # without its trees: on a field, power series do


def _principal(method: Method, degree: str = "1", order: str | None = None) -> Equation:
    return principal_flow(method, degree=int(degree), order=None if order is None else int(order))


def _map(method: Method, degree: str = "1") -> Equation:
    return whole_state_flow(method, degree=int(degree))


def _two_step(method: Method, degree: str = "1", jumps: str = "") -> Equation:
    return whole_state_flow(method, steps=2, degree=int(degree), jumps=bool(jumps))


def _rod(method: Method) -> Equation:
    from .rod import RodFlow  # deferred, as below: help and messages do without solvers

    return RodFlow(method)


def _central(method: Method) -> Equation:
    from .central import CentralFlow

    if method.preconditioner is None:
        CentralFlow().check_method(method)
        return CentralFlow()
    method.require_numbers("the central flow")
    return CentralFlow(method)


def _degree_title(name: str) -> str:
    found = re.fullmatch(r"(.+?)(\d?)", name)
    assert found is not None
    family, degree = found.groups()
    if "+" in family or " " in family:  # completed to an order, or a title already
        return name
    return f"{family} flow" + (f", degree {degree}" if degree else "")


def _two_step_title(name: str) -> str:
    plain = name.removesuffix("+jumps")
    return _degree_title(plain) + " with jumps" * (plain != name)


# The colours of the usual flows are those of Okabe and Ito (Color Universal Design, 2008, https://jfly.uni-koeln.de/color/), which
# colour-blind readers can tell apart; on grey paper dashes and markers do.
register(
    "gradient",
    lambda method: _of_order(method, "1"),
    help="the gradient flow, order 1",
    pattern="gradient|1|order 1|gradient flow",
    title="gradient flow",
    look=Look("#E69F00", "--", "s"),
    default=True,
)
register(
    "igr",
    lambda method: _of_order(method, "2"),
    help="implicit gradient regularisation, order 2",
    pattern="igr|2|order 2|igr flow",
    title="IGR flow",
    look=Look("#56B4E9", "-.", "^"),
    default=True,
)
register(
    "order",
    _of_order,
    help="the modified equation of any order, named by it",
    pattern=r"(?:order )?(?P<order>-?\d{1,4})",
    title=lambda name: f"order {name.removeprefix('order ')}",
    look={"3": Look("#009E73", ":", "D"), "4": Look("#117733", (0, (5, 1, 1, 1, 1, 1)), "v")},
    examples=("3",),
    default=True,
)
register(
    "principal",
    _principal,
    help="all powers of the Hessian; principal2: degree 2 in the gradient; principal+3: completed to order 3",
    pattern=r"principal(?: flow(?: of degree )?)?(?P<degree>\d?)(?: ?\+ ?(?:order )?(?P<order>\d{1,4}))?",
    title=_degree_title,
    look={
        "principal": Look("#D55E00", "-", "o"),
        "principal2": Look("#0072B2", (0, (9, 2)), "P"),
        "principal3": Look("#CC79A7", (0, (7, 1, 1, 1)), "X"),
    },
    examples=("principal", "principal2", "principal+3", "principal2+5"),
    default=True,
)
register(
    "map",
    _map,
    help="the whole state of an explicit method from rest, transient and all; map2: degree 2",
    pattern=r"map(?: flow(?: of degree )?)?(?P<degree>\d?)",
    title=_degree_title,
    look={"map": Look("#7570B3", (0, (5, 2, 1, 2)), "d"), "map2": Look("#A6761D", (0, (1, 1)), "H")},
    examples=("map", "map2"),
)
register(
    "two-step",
    _two_step,
    help="two steps of an explicit method as one map, real through the edge of stability; two-step2: degree 2; +jumps: with the method's "
    "own steps where no flow follows them",
    pattern=r"two-step(?: principal flow(?: of degree )?)?(?P<degree>\d?)(?P<jumps>\+jumps| with jumps)?",
    title=_two_step_title,
    look={
        "two-step": Look("#332288", (0, (3, 1)), "<"),
        "two-step2": Look("#8C564B", (0, (4, 1, 1, 1)), ">"),
        "two-step+jumps": Look("#999933", (0, (5, 2)), "*"),
    },
    examples=("two-step", "two-step2", "two-step+jumps"),
)
register(
    "rod",
    _rod,
    help="centre and spread of the oscillations of an explicit method on a loss",
    pattern="rod|rod flow",
    title="rod flow",
    look=Look("#44AA99", (0, (7, 2, 2, 2)), "p"),
)
register(
    "central",
    _central,
    help="the mean of gradient descent or RMSProp at the edge of stability, on a loss",
    pattern="central|central flow",
    title="central flow",
    look=Look("#882255", (0, (2, 1, 6, 1)), "h"),
)

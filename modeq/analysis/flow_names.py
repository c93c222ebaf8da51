"""Flow names: what ``flows=("gradient", "igr", 3, "principal", "principal+3", "rod")`` means for a method."""

from __future__ import annotations

import difflib
import re
from typing import Any, TypeAlias

import numpy as np

from ..flows.central import CentralFlow
from ..flows.centre import CentreEquation, CentreFlow, check_descent
from ..flows.flow import Flow
from ..flows.rod import RodFlow
from ..methods.method import Method, linear_method
from ..series.equations import ModifiedEquation, ModifyingEquation
from ..series.map_flow import MapFlow
from ..series.principal import PrincipalFlow
from ..series.principal_flows import principal_flow
from ..series.time_polynomials import check_order

Equation: TypeAlias = ModifiedEquation | ModifyingEquation | PrincipalFlow | MapFlow | CentreEquation
FlowLike: TypeAlias = str | int | Flow | CentreFlow | Equation

_FIXED = {"gradient": 1, "igr": 2}
_TWO_STEPS = {"two-step": 1, "two-step2": 2}
_CENTRES = {"rod": RodFlow(), "central": CentralFlow()}
_NAMES = ("gradient", "igr", "principal", "principal2", "principal+3", *_TWO_STEPS, *_CENTRES)
_EXAMPLES = (
    "'gradient', 'igr', an order such as 3, 'principal', 'principal2', 'principal+3', 'principal2+5', "
    "'two-step', 'two-step2', 'rod', 'central'"
)


def named_equation(method: Method, name: str | int) -> ModifiedEquation | PrincipalFlow | MapFlow | CentreEquation:
    """Return the equation of `method` that a flow name stands for.

    ``"gradient"`` is order 1, ``"igr"`` order 2 (implicit gradient regularisation), an integer p order p,
    ``"principal"`` the principal flow, ``"principal2"`` that of degree 2, and ``"principal+p"`` or ``"principal2+p"`` the same
    completed up to order p. ``"two-step"`` and ``"two-step2"`` are the principal flow of two steps as one map, of degrees 1 and 2,
    ``"rod"`` and ``"central"`` the flows of the centre of gradient descent's oscillations.

    Parameters
    ----------
    method
        The method that the flow is to follow.
    name
        One of these names, or an order.

    Returns
    -------
    ModifiedEquation, PrincipalFlow, MapFlow or CentreEquation
        Put it on a loss by ``.on(loss)``.

    Raises
    ------
    ValueError
        If the name is unknown; the nearest known one is suggested. If the flow is for gradient descent and `method` is another.
    TypeError
        If the name is neither a text nor an integer.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> named_equation(GradientDescent(), "igr").order
    2
    """
    if isinstance(name, bool) or not isinstance(name, (str, int, np.integer)):
        raise TypeError(f"a flow is named by text or an order, got {name!r}; known: {_EXAMPLES}")
    text = str(name).strip().lower()
    if text in _FIXED:
        return _of_order(method, _FIXED[text])
    if re.fullmatch(r"-?\d{1,4}", text):
        return _of_order(method, int(text))
    completed = re.fullmatch(r"principal(\d?)(?:\+(\d{1,4}))?", text)
    if completed:
        return principal_flow(method, degree=int(completed[1] or 1), order=int(completed[2]) if completed[2] else None)
    if text in _TWO_STEPS:
        return principal_flow(method, steps=2, degree=_TWO_STEPS[text])
    if text in _CENTRES:
        linear = linear_method(method, "the flow")
        check_descent(_CENTRES[text], linear)
        return _CENTRES[text]
    near = difflib.get_close_matches(text, _NAMES, n=1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"unknown flow {name!r}{hint}; known: {_EXAMPLES}")


def _of_order(method: Method, order: int) -> ModifiedEquation:
    linear = linear_method(method, "the flow")
    check_order(order)
    return ModifiedEquation(linear, order)  # without its trees: on a loss, power series do


def resolve_flow(method: Method, field: Any, chosen: FlowLike) -> tuple[str | int, Flow | CentreFlow]:
    """Return the flow for a name, an equation or a flow, with the key of its results: the name or order as asked for."""
    if isinstance(chosen, CentreFlow):
        check_descent(chosen.equation, method)
    if isinstance(chosen, CentreEquation):
        check_descent(chosen, method)
        return chosen.title, chosen.on(field)
    if isinstance(chosen, (Flow, CentreFlow)):
        return str(chosen), chosen
    if isinstance(chosen, (ModifiedEquation, ModifyingEquation, PrincipalFlow, MapFlow)):
        flow = chosen.on(field)
        return str(flow) if chosen.method == method else f"{flow} of {chosen.method.name}", flow
    equation = named_equation(method, chosen)
    return (chosen.strip().lower() if isinstance(chosen, str) else int(chosen)), equation.on(field)

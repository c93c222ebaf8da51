"""What a person may name where flows are asked for: names, orders, equations and flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from ..flows.flow import Flow
from ..flows.registry import default_names, named_equation
from ..methods.method import Method
from ..series.equation import Equation

FlowLike: TypeAlias = str | int | Flow | Equation


def resolve_flow(method: Method, field: Any, chosen: FlowLike) -> tuple[str | int, Flow]:
    """Return the flow for a name, an equation or a flow, with the key of its results: the name or order as asked for."""
    if isinstance(chosen, Flow):  # the three things that a person may give
        chosen.equation.check_method(method)
        return str(chosen), chosen
    if isinstance(chosen, Equation):
        chosen.check_method(method)
        flow = chosen.on(field)
        return str(flow) if chosen.method in (None, method) else f"{flow} of {chosen.method}", flow
    equation = named_equation(method, chosen)
    return (chosen.strip().lower() if isinstance(chosen, str) else int(chosen)), equation.on(field)


def resolve_flows(method: Method, field: Any, chosen: Sequence[FlowLike] | None) -> tuple[list[tuple[str | int, Flow]], tuple[str, ...]]:
    """Return the flows asked for with their keys; where none is, those of the default names that exist, and a note on each other."""
    if chosen is not None:
        several = (chosen,) if isinstance(chosen, str) or not isinstance(chosen, Iterable) else chosen
        return [resolve_flow(method, field, one) for one in several], ()
    found, notes = [], []
    for name in default_names(method):
        try:
            found.append(resolve_flow(method, field, name))
        except ValueError as reason:
            notes.append(f"{name} is left out: {reason}")
    return found, tuple(notes)

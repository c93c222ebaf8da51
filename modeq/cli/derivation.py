"""What `modeq derive` prints."""

from __future__ import annotations

import sys

from ..series.equations import modified_equation, modifying_equation
from ..trees.table import count_trees
from .methods import named_method

_ONE_LINE = 4  # orders up to which an equation is one line, as in papers; beyond, each power of h has its own
_LONG = 200  # terms, about three pages


def print_derivation(
    method: str,
    *,
    order: int = 3,
    latex: bool = False,
    notation: str = "loss",
    beta: str | None = None,
    beta1: str | None = None,
    beta2: str | None = None,
    rho: str | None = None,
    epsilon: str | None = None,
    principal: bool = False,
    modifying: bool = False,
) -> None:
    """Derive the modified equation of a method and print it; the arguments are those of the command."""
    chosen = named_method(method, beta, beta1=beta1, beta2=beta2, rho=rho, epsilon=epsilon)
    equation = (modifying_equation if modifying else modified_equation)(chosen, order)
    if chosen.linear is None:  # no trees, one notation
        print(equation.latex() if latex else equation.text())
        return
    terms = count_trees(order, colours=chosen.fields)
    if terms > _LONG:
        advice = f"on a loss none is written: modeq compare rosenbrock --h 1e-3 --flows {order}"
        print(f"order {order} has {terms} terms; {advice}", file=sys.stderr)
    if latex:
        print(equation.latex(notation))
    else:
        print("\n".join(equation.lines(notation)) if order > _ONE_LINE else equation.text(notation))
    if principal:
        from ..series.principal_flows import principal_flow  # deferred: most do not ask for it

        flow = principal_flow(chosen)
        print(flow.latex() if latex else flow.text())

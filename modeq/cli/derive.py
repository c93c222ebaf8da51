"""`modeq derive`: the modified equation of a method."""

from __future__ import annotations

from typing import Annotated

import typer

from ..series.equations import modified_equation, modifying_equation
from ..series.principal_flows import principal_flow
from ..trees.table import count_trees
from .methods import BETA1_HELP, BETA2_HELP, BETA_HELP, EPSILON_HELP, METHOD_HELP, RHO_HELP, named_method

_ONE_LINE = 4  # orders up to which an equation is one line, as in papers; beyond, each power of h has its own
_LONG = 200  # terms, about three pages


def derive(
    method: Annotated[str, typer.Argument(help=METHOD_HELP)],
    order: Annotated[int, typer.Option(help="Largest order p ≥ 1; 1 is the gradient flow, 2 the IGR flow.")] = 3,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX.")] = False,
    notation: Annotated[str, typer.Option(help="loss (∇E, ∇²E …), field (f, f′ …) or trees.")] = "loss",
    beta: Annotated[str | None, typer.Option(help=BETA_HELP + " Stays symbolic when left out.")] = None,
    beta1: Annotated[str | None, typer.Option("--beta1", help=BETA1_HELP)] = None,
    beta2: Annotated[str | None, typer.Option("--beta2", help=BETA2_HELP)] = None,
    rho: Annotated[str | None, typer.Option("--rho", help=RHO_HELP)] = None,
    epsilon: Annotated[str | None, typer.Option("--epsilon", help=EPSILON_HELP)] = None,
    principal: Annotated[bool, typer.Option("--principal", help="Print the principal flow too.")] = False,
    modifying: Annotated[
        bool, typer.Option("--modifying", help="Print the field that makes the method exact, instead of the one it follows.")
    ] = False,
) -> None:
    """Derive the modified equation of a method.

    Examples:  modeq derive gd --order 4 --latex;  modeq derive heavy-ball --order 3 --beta 0.9;  modeq derive adam --order 2
    """
    chosen = named_method(method, beta, beta1=beta1, beta2=beta2, rho=rho, epsilon=epsilon)
    equation = (modifying_equation if modifying else modified_equation)(chosen, order)
    if chosen.linear is None:  # no trees, one notation
        typer.echo(equation.latex() if latex else equation.text())
        return
    terms = count_trees(order, colours=chosen.fields)
    if terms > _LONG:
        typer.echo(
            f"order {order} has {terms} terms; on a loss none is written: modeq compare rosenbrock --h 1e-3 --flows {order}", err=True
        )
    if latex:
        typer.echo(equation.latex(notation))
    else:
        typer.echo("\n".join(equation.lines(notation)) if order > _ONE_LINE else equation.text(notation))
    if principal:
        flow = principal_flow(chosen)
        typer.echo(flow.latex() if latex else flow.text())


def register(app: typer.Typer, line: str) -> None:
    """Add the command, with a line of help."""
    app.command("derive", short_help=line)(derive)

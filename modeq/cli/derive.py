"""`modeq derive`: the modified equation of a method."""

from __future__ import annotations

from typing import Annotated

import typer

from .derivation import print_derivation
from .methods import BETA1_HELP, BETA2_HELP, BETA_HELP, EPSILON_HELP, METHOD_HELP, RHO_HELP


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
    print_derivation(
        method,
        order=order,
        latex=latex,
        notation=notation,
        beta=beta,
        beta1=beta1,
        beta2=beta2,
        rho=rho,
        epsilon=epsilon,
        principal=principal,
        modifying=modifying,
    )


def register(app: typer.Typer, line: str) -> None:
    """Add the command, with a line of help."""
    app.command("derive", short_help=line)(derive)

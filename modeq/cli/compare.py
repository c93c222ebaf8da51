"""`modeq compare`: a method and its flows from one point."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..analysis.compare import compare as run_comparison
from .losses import LOSS_HELP, named_loss, parse_point
from .methods import BETA1_HELP, BETA2_HELP, BETA_HELP, EPSILON_HELP, METHOD_HELP, RHO_HELP, numeric_method
from .networks import NetworkOptions
from .options import (
    Activation,
    Blocks,
    Data,
    Initial,
    Objective,
    Seed,
    StepSize,
    Variables,
    WeightDecay,
    Widths,
    check_output,
    flow_help,
)

_PICTURES = (".png", ".pdf", ".svg", ".jpg")


def compare(
    loss: Annotated[str, typer.Argument(help=LOSS_HELP)],
    h: StepSize,
    steps: Annotated[int, typer.Option(help="Number of steps.")] = 50,
    flows: Annotated[str | None, typer.Option(help=f"Flows, separated by commas: {flow_help()}.")] = None,
    at: Annotated[str | None, typer.Option(help="Starting point, such as 0.6,0.5.")] = None,
    method: Annotated[str, typer.Option(help=METHOD_HELP)] = "gd",
    beta: Annotated[str | None, typer.Option(help=BETA_HELP)] = None,
    beta1: Annotated[str | None, typer.Option("--beta1", help=BETA1_HELP)] = None,
    beta2: Annotated[str | None, typer.Option("--beta2", help=BETA2_HELP)] = None,
    rho: Annotated[str | None, typer.Option("--rho", help=RHO_HELP)] = None,
    epsilon: Annotated[str | None, typer.Option("--epsilon", help=EPSILON_HELP)] = None,
    start: Annotated[str, typer.Option(help="rest, or smooth: with momentum already on the slow solution.")] = "rest",
    variables: Variables = None,
    solver: Annotated[str, typer.Option(help="SciPy solver: RK45, RK23, DOP853, Radau, BDF or LSODA; or SDC.")] = "DOP853",
    data: Data = None,
    widths: Widths = None,
    activation: Activation = None,
    objective: Objective = None,
    blocks: Blocks = None,
    weight_decay: WeightDecay = None,
    initial: Initial = None,
    seed: Seed = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture, such as out.png.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a table of every step, such as out.csv.")] = None,
) -> None:
    """Run a method and its flows from one point and print who stays close.

    Examples:  modeq compare rosenbrock --h 1e-3 --steps 50;  modeq compare "x**4/4 - x**2/2" --at 1.4 --h 0.1 --steps 40;
    modeq compare mlp --data breast-cancer --widths 4,5,1 --h 0.5 --steps 20
    """
    options = NetworkOptions(data, widths, activation, objective, blocks, weight_decay, initial, seed)
    target = named_loss(loss, variables, options)
    names = None if flows is None else [name.strip() for name in flows.split(",") if name.strip()]
    if names == []:
        raise ValueError(f"--flows is empty; name at least one of {flow_help()}")
    for output in (plot, csv):
        if output is not None:
            check_output(output)
    if plot is not None and plot.suffix.lower() not in _PICTURES:
        raise ValueError(f"--plot writes {', '.join(_PICTURES)}; name it {plot.name}.png for example")
    report = run_comparison(
        numeric_method(method, beta, beta1=beta1, beta2=beta2, rho=rho, epsilon=epsilon),
        target,
        parse_point(at, target),
        h=h,
        steps=steps,
        flows=names,
        start=start,
        solver=solver,
        progress=sys.stderr.isatty(),
    )
    typer.echo(report.table())
    if plot is not None:
        report.plot(plot)
        typer.echo(f"plot written to {plot}")
    if csv is not None:
        report.to_csv(csv)
        typer.echo(f"table written to {csv}")


def register(app: typer.Typer, line: str) -> None:
    """Add the command, with a line of help."""
    app.command("compare", short_help=line)(compare)

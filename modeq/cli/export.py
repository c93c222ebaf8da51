"""`modeq export`: a flow as a stand-alone module."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..analysis.chosen_flows import resolve_flow
from .losses import LOSS_HELP, named_loss
from .methods import BETA_HELP, METHOD_HELP, numeric_method
from .networks import NetworkOptions
from .options import (
    Activation,
    Blocks,
    Data,
    Objective,
    Variables,
    WeightDecay,
    Widths,
    check_output,
    flow_help,
)


def export(
    loss: Annotated[str, typer.Argument(help=LOSS_HELP)],
    flow: Annotated[str, typer.Option(help=f"The flow: {flow_help()}.")],
    output: Annotated[Path, typer.Option(help="Python file to write, such as field.py.")],
    method: Annotated[str, typer.Option(help=METHOD_HELP)] = "gd",
    beta: Annotated[str | None, typer.Option(help=BETA_HELP)] = None,
    variables: Variables = None,
    data: Data = None,
    widths: Widths = None,
    activation: Activation = None,
    objective: Objective = None,
    blocks: Blocks = None,
    weight_decay: WeightDecay = None,
) -> None:
    """Write a flow as a stand-alone Python module that needs NumPy and Numba only.

    Example:  modeq export rosenbrock --flow principal --output field.py
    """
    check_output(output)
    options = NetworkOptions(data, widths, activation, objective, blocks, weight_decay)
    _, bound = resolve_flow(chosen := numeric_method(method, beta), named_loss(loss, variables, options), flow)
    written = bound.export(output)
    beside = written.with_suffix(".npy")
    numbers = f", its numbers to {beside}" if beside.name in written.read_text(encoding="utf-8") else ""
    typer.echo(f"{bound.title} of {chosen.name} written to {written}{numbers}")


def register(app: typer.Typer, line: str) -> None:
    """Add the command, with a line of help."""
    app.command("export", short_help=line)(export)

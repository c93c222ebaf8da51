"""Options that several commands have, and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..data import DATASETS
from ..flows.registry import flow_names
from ..losses import ACTIVATIONS, OBJECTIVES
from .methods import parse_number
from .networks import INITIAL

StepSize = Annotated[
    float, typer.Option("--h", help="Step size (learning rate) > 0, such as 1e-3 or 1/10.", parser=parse_number, metavar="NUMBER")
]
Variables = Annotated[str | None, typer.Option(help="Order of a formula's variables, such as x,y; alphabetic when left out.")]
_NETWORK = "Networks"

Data = Annotated[str | None, typer.Option(help=f"Data set: {', '.join(DATASETS)}. Default: breast-cancer.", rich_help_panel=_NETWORK)]
Widths = Annotated[
    str | None,
    typer.Option(help="Inputs, hidden units, outputs, such as 4,5,1; the inputs are principal components.", rich_help_panel=_NETWORK),
]
Activation = Annotated[str | None, typer.Option(help=f"{', '.join(ACTIVATIONS)}. Default: tanh.", rich_help_panel=_NETWORK)]
Objective = Annotated[
    str | None,
    typer.Option(help=f"{', '.join(OBJECTIVES)}. Default: mean-squared for one output, else softmax.", rich_help_panel=_NETWORK),
]
Blocks = Annotated[int | None, typer.Option(help="Blocks of a residual network. Default: 1.", rich_help_panel=_NETWORK)]
WeightDecay = Annotated[float | None, typer.Option(help="Factor of half the squared weights. Default: 0.", rich_help_panel=_NETWORK)]
Initial = Annotated[str | None, typer.Option(help=f"Initial weights: {', '.join(INITIAL)}. Default: xavier.", rich_help_panel=_NETWORK)]
Seed = Annotated[int | None, typer.Option(help="Seed of the initial weights. Default: 0.", rich_help_panel=_NETWORK)]


def flow_help() -> str:
    """Return every registered flow's examples and help; called when help is shown, so that later registrations are in it."""
    return "; ".join(f"{', '.join(entry.examples)} ({entry.help})" for entry in flow_names())


def check_output(path: Path) -> None:
    """Raise if there is no folder to write a file to, before anything is computed."""
    if not path.absolute().parent.is_dir():
        raise ValueError(f"there is no folder {str(path.parent)!r} to write {path.name!r} to; make it, or name another file")
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder; name a file")

"""The `modeq` command: derive | compare | export | bound | depth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from .. import __version__
from ..analysis.chosen_flows import resolve_flow
from ..analysis.comparison import compare as run_comparison
from ..data import DATASETS
from ..flows.registry import flow_names
from ..losses import ACTIVATIONS, OBJECTIVES
from ..losses.analytic import CATALOGUE
from ..series.equations import modified_equation, modifying_equation
from ..series.principal_flows import principal_flow
from .bound import bound
from .depth import depth
from .names import METHODS, named_loss, named_method, numeric_method, parse_point
from .networks import INITIAL, NETWORKS, NetworkOptions

_METHODS = f"One of {', '.join(METHODS)}."
_FLOWS = "; ".join(f"{', '.join(entry.examples)} ({entry.help})" for entry in flow_names())
_BETA = "Momentum of heavy-ball and nesterov, such as 0.9."

_LOSSES = f"One of {', '.join(CATALOGUE)}; a network: {', '.join(NETWORKS)}; or a formula such as 'x**4/4 - x**2/2'."
_NETWORK = "Networks"

_Data = Annotated[str | None, typer.Option(help=f"Data set: {', '.join(DATASETS)}. Default: breast-cancer.", rich_help_panel=_NETWORK)]
_Widths = Annotated[
    str | None,
    typer.Option(help="Inputs, hidden units, outputs, such as 4,5,1; the inputs are principal components.", rich_help_panel=_NETWORK),
]
_Activation = Annotated[str | None, typer.Option(help=f"{', '.join(ACTIVATIONS)}. Default: tanh.", rich_help_panel=_NETWORK)]
_Objective = Annotated[
    str | None,
    typer.Option(help=f"{', '.join(OBJECTIVES)}. Default: mean-squared for one output, else softmax.", rich_help_panel=_NETWORK),
]
_Blocks = Annotated[int | None, typer.Option(help="Blocks of a residual network. Default: 1.", rich_help_panel=_NETWORK)]
_WeightDecay = Annotated[float | None, typer.Option(help="Factor of half the squared weights. Default: 0.", rich_help_panel=_NETWORK)]
_Initial = Annotated[str | None, typer.Option(help=f"Initial weights: {', '.join(INITIAL)}. Default: xavier.", rich_help_panel=_NETWORK)]
_Seed = Annotated[int | None, typer.Option(help="Seed of the initial weights. Default: 0.", rich_help_panel=_NETWORK)]

_PICTURES = (".png", ".pdf", ".svg", ".jpg")

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=(
        "Modified equations of optimizers: derive the continuous flow that a method really follows, compare it with the "
        "method, export it as compiled code.\n\nStart with: modeq derive gd --order 3"
    ),
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"modeq {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(short_help="Derive the modified equation of a method.")
def derive(
    method: Annotated[str, typer.Argument(help=_METHODS)],
    order: Annotated[int, typer.Option(help="Largest order p ≥ 1; 1 is the gradient flow, 2 the IGR flow.")] = 3,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX.")] = False,
    notation: Annotated[str, typer.Option(help="loss (∇E, ∇²E …), field (f, f′ …) or trees.")] = "loss",
    beta: Annotated[str | None, typer.Option(help=_BETA + " Stays symbolic when left out.")] = None,
    principal: Annotated[bool, typer.Option("--principal", help="Print the principal flow too.")] = False,
    modifying: Annotated[
        bool, typer.Option("--modifying", help="Print the field that makes the method exact, instead of the one it follows.")
    ] = False,
) -> None:
    """Derive the modified equation of a method.

    Examples:  modeq derive gd --order 4 --latex;  modeq derive heavy-ball --order 3 --beta 0.9
    """
    chosen = named_method(method, beta)
    equation = (modifying_equation if modifying else modified_equation)(chosen, order)
    typer.echo(equation.latex(notation) if latex else equation.text(notation))
    if principal:
        flow = principal_flow(chosen)
        typer.echo(flow.latex() if latex else flow.text())


@app.command(short_help="Run a method and its flows; print who stays close.")
def compare(
    loss: Annotated[str, typer.Argument(help=_LOSSES)],
    h: Annotated[float, typer.Option("--h", help="Step size (learning rate) > 0.")],
    steps: Annotated[int, typer.Option(help="Number of steps.")] = 50,
    flows: Annotated[str, typer.Option(help=f"Flows, separated by commas: {_FLOWS}.")] = "gradient,igr,3,principal",
    at: Annotated[str | None, typer.Option(help="Starting point, such as 0.6,0.5.")] = None,
    method: Annotated[str, typer.Option(help=_METHODS)] = "gd",
    beta: Annotated[str | None, typer.Option(help=_BETA)] = None,
    start: Annotated[str, typer.Option(help="rest, or smooth: with momentum already on the slow solution.")] = "rest",
    variables: Annotated[str | None, typer.Option(help="Order of a formula's variables, such as x,y; alphabetic when left out.")] = None,
    solver: Annotated[str, typer.Option(help="SciPy solver: RK45, RK23, DOP853, Radau, BDF or LSODA.")] = "DOP853",
    data: _Data = None,
    widths: _Widths = None,
    activation: _Activation = None,
    objective: _Objective = None,
    blocks: _Blocks = None,
    weight_decay: _WeightDecay = None,
    initial: _Initial = None,
    seed: _Seed = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture, such as out.png.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a table of every step, such as out.csv.")] = None,
) -> None:
    """Run a method and its flows from one point and print who stays close.

    Examples:  modeq compare rosenbrock --h 1e-3 --steps 50;  modeq compare "x**4/4 - x**2/2" --at 1.4 --h 0.1 --steps 40;
    modeq compare mlp --data breast-cancer --widths 4,5,1 --h 0.5 --steps 20
    """
    options = NetworkOptions(data, widths, activation, objective, blocks, weight_decay, initial, seed)
    target = named_loss(loss, variables, options)
    names = [name.strip() for name in flows.split(",") if name.strip()]
    if not names:
        raise ValueError(f"--flows is empty; name at least one of {_FLOWS}")
    for output in (plot, csv):
        if output is not None and not output.absolute().parent.is_dir():
            raise ValueError(f"there is no folder {str(output.parent)!r} to write {output.name!r} to")
        if output is not None and output.is_dir():
            raise ValueError(f"{str(output)!r} is a folder; name a file")
    if plot is not None and plot.suffix.lower() not in _PICTURES:
        raise ValueError(f"--plot writes {', '.join(_PICTURES)}; name it {plot.name}.png for example")
    report = run_comparison(
        numeric_method(method, beta),
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


@app.command(short_help="Write a flow as a stand-alone module.")
def export(
    loss: Annotated[str, typer.Argument(help=_LOSSES)],
    flow: Annotated[str, typer.Option(help=f"The flow: {_FLOWS}.")],
    output: Annotated[Path, typer.Option(help="Python file to write, such as field.py.")],
    method: Annotated[str, typer.Option(help=_METHODS)] = "gd",
    beta: Annotated[str | None, typer.Option(help=_BETA)] = None,
    variables: Annotated[str | None, typer.Option(help="Order of a formula's variables, such as x,y.")] = None,
    data: _Data = None,
    widths: _Widths = None,
    activation: _Activation = None,
    objective: _Objective = None,
    blocks: _Blocks = None,
    weight_decay: _WeightDecay = None,
) -> None:
    """Write a flow as a stand-alone Python module that needs NumPy and Numba only.

    Example:  modeq export rosenbrock --flow principal --output field.py
    """
    options = NetworkOptions(data, widths, activation, objective, blocks, weight_decay)
    _, bound = resolve_flow(chosen := numeric_method(method, beta), named_loss(loss, variables, options), flow)
    bound.export(output)
    typer.echo(f"{bound.title} of {chosen.name} written to {output}")


app.command("bound", short_help="Bound the distance of gradient descent from the gradient flow.")(bound)
app.add_typer(depth, name="depth", short_help="Residual networks as steps in depth.")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; every bad input is one line on standard error and exit code 2."""
    command = typer.main.get_command(app)
    words = sys.argv[1:] if arguments is None else arguments
    try:
        command.main(args=words or ["--help"], prog_name="modeq", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except TyperException as error:  # unknown options, missing arguments, values of the wrong kind
        context = getattr(error, "ctx", None)
        return _fail(f"{error.format_message()} See '{context.command_path if context else 'modeq'} --help'.")
    except (typer.Abort, KeyboardInterrupt):
        return _fail("interrupted", code=130)
    except (ValueError, TypeError, ArithmeticError, MemoryError, OSError, ImportError) as error:
        return _fail(str(error))
    return 0


def run() -> None:
    """Run the command as a script."""
    sys.exit(main())


def _fail(message: str, *, code: int = 2) -> int:
    typer.echo(f"modeq: {' '.join(message.split())}", err=True)
    return code

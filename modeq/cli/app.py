"""The commands derive | compare | sweep | export | bound | depth, with their options and help.

Only the module of the command that is asked for is imported, so that help waits for no numerical library.
"""

from __future__ import annotations

import importlib
import re
import shutil
from typing import Annotated

import typer
from typer.exceptions import TyperException

from .. import __version__

COMMANDS = {
    "derive": "Derive the modified equation of a method.",
    "compare": "Run a method and its flows; print who stays close.",
    "sweep": "Run comparisons over a grid, from a plan in TOML.",
    "export": "Write a flow as a stand-alone module.",
    "bound": "Bound the distance of gradient descent from the gradient flow.",
    "depth": "Residual networks as steps in depth.",
}
"""Name of the module, and of its function or group, with a line of help."""

_HELP = (
    "Modified equations of optimizers: derive the continuous flow that a method really follows, compare it with the "
    "method, export it as compiled code.\n\nStart with: modeq derive gd --order 3"
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"modeq {__version__}")
        raise typer.Exit


def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _not_asked_for() -> None:
    """Stand for a command whose name and line of help are all that is needed."""


def _application(chosen: str) -> typer.Typer:
    """Return all commands, the chosen one with its function."""
    width = shutil.get_terminal_size(fallback=(100, 24)).columns
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": width}
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, context_settings=settings, help=_HELP)
    app.callback()(_options)
    for name, line in COMMANDS.items():
        if name == chosen:
            importlib.import_module(f".{name}", __package__).register(app, line)
        else:
            app.command(name, short_help=line)(_not_asked_for)
    return app


def answer(words: list[str]) -> int:
    """Run the command that the words name and return its exit code; what is wrong with them is a ValueError in words."""
    place = next((i for i, word in enumerate(words) if not word.startswith("-")), len(words))
    if len(words) > place + 1 and re.match(r"-[^-h]", words[place + 1]):  # a formula such as -cos(x), which is no option
        words = [*words[: place + 1], *words[place + 2 :], "--", words[place + 1]]
    try:
        command = typer.main.get_command(_application("".join(words[place : place + 1])))
        command.main(args=words or ["--help"], prog_name="modeq", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except TyperException as error:  # unknown options, missing arguments, values of the wrong kind
        context = getattr(error, "ctx", None)
        said = error.format_message().replace("Value error, ", "").rstrip(".")
        minus = ". A formula that begins with a minus stands last, after --" if re.search(r"No such option: -[^-]", said) else ""
        raise ValueError(f"{said}{minus}. See '{context.command_path if context else 'modeq'} --help'.") from None
    return 0

"""`modeq sweep`: comparisons over a grid, from a plan in TOML."""

from __future__ import annotations

import sys
import tomllib
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ..analysis.compare import compare as run_comparison
from ..analysis.comparison import Comparison
from ..nearest import nearest
from ..sweeps import sweep as run_sweep
from .losses import named_loss, parse_point
from .methods import numeric_method
from .networks import NetworkOptions

_NETWORK = ("data", "widths", "activation", "objective", "blocks", "weight_decay", "initial", "seed")
_RUN = ("loss", "variables", "at", "h", "steps", "flows", "method", "beta", "start", "solver", *_NETWORK)
_TOP = ("store", "workers", "run", "grid")


def compare_cell(*, loss: str, h: float, **settings: Any) -> Comparison:
    """Run one comparison from the words of a plan, which mean what those of `modeq compare` mean."""
    network = NetworkOptions(*(settings.get(name) for name in _NETWORK))
    target = named_loss(loss, settings.get("variables"), network)
    at, beta = settings.get("at"), settings.get("beta")
    point = parse_point(at if at is None or isinstance(at, str) else ",".join(map(repr, at)), target)
    method = numeric_method(settings.get("method", "gd"), None if beta is None else str(beta))
    flows, start, solver = settings.get("flows"), settings.get("start", "rest"), settings.get("solver", "DOP853")
    return run_comparison(method, target, point, h=h, steps=settings.get("steps", 50), flows=flows, start=start, solver=solver)


def read_plan(path: Path) -> dict[str, Any]:
    """Return a plan, or raise in words before anything is computed."""
    try:
        plan = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"there is no plan {str(path)!r}") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{str(path)!r} is no TOML: {error}") from None
    for where, known, entries in (("", _TOP, plan), ("[run] ", _RUN, plan.get("run", {})), ("[grid] ", _RUN, plan.get("grid", {}))):
        for name in entries:
            if name not in known:
                raise ValueError(f"{where}has no {name!r}{nearest(name, known)}; known: {', '.join(known)}".strip())
    if not plan.get("grid"):
        raise ValueError("the plan needs a [grid], such as h = [1e-3, 2e-3]")
    if "store" not in plan:
        raise ValueError("the plan needs a folder for its results, such as store = 'results.zarr'")
    for name in ("loss", "h"):
        if name not in plan.get("run", {}) and name not in plan["grid"]:
            raise ValueError(f"the plan needs {name!r} in [run] or [grid]")
    twice = set(plan.get("run", {})) & set(plan["grid"])
    if twice:
        raise ValueError(f"{', '.join(sorted(twice))} stands in [run] and in [grid]; keep one")
    return plan


def sweep(
    plan: Annotated[Path, typer.Argument(help="TOML file with store, [run] and [grid].")],
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace what the store holds instead of going on.")] = False,
) -> None:
    """Run a comparison for each cell of a grid and keep the results in a Zarr store; call it again to go on where it was.

    A plan:  store = "results.zarr"; workers = 2; [run] loss = "rosenbrock"; flows = ["igr", "principal"]; [grid] h = [1e-3, 2e-3]
    """
    wanted = read_plan(plan)
    store = plan.parent / wanted["store"]
    data = run_sweep(
        partial(compare_cell, **wanted.get("run", {})),
        wanted["grid"],
        store=store,
        executor=wanted.get("workers"),
        resume=not fresh,
        progress=sys.stderr.isatty(),
    )
    done, failed = int((data["done"] == 1).sum()), int((data["done"] == 2).sum())
    typer.echo(f"{done} comparisons in {store}" + (f", {failed} cells with an error" if failed else ""))
    words = {str(error) for error in data["error"].to_numpy().ravel() if str(error)}
    for error in sorted(words)[:5]:
        typer.echo(error)


def register(app: typer.Typer, line: str) -> None:
    """Add the command, with a line of help."""
    app.command("sweep", short_help=line)(sweep)

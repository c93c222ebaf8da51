"""`modeq bound`: how far gradient descent can be from the gradient flow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ..analysis.curvature_profile import curvature_profile
from ..analysis.deviation_bound import deviation_bound
from ..analysis.step_guarantees import largest_step
from ..analysis.tube import tube_constants
from ..integration.iterate import iterate
from ..integration.solve import integrate
from ..methods.gradient_descent import GradientDescent
from ..series.equations import gradient_flow
from .losses import LOSS_HELP, named_loss, parse_point
from .networks import NetworkOptions
from .options import Activation, Data, Initial, Objective, Seed, StepSize, Variables, WeightDecay, Widths, check_output

_LOOKS = 50  # points of a flow at which curvature is measured where each takes products with the Hessian


def bound(
    loss: Annotated[str, typer.Argument(help=LOSS_HELP)],
    h: StepSize,
    steps: Annotated[int, typer.Option(help="Number of steps.")] = 100,
    at: Annotated[str | None, typer.Option(help="Starting point, such as 0.6,0.5.")] = None,
    variables: Variables = None,
    data: Data = None,
    widths: Widths = None,
    activation: Activation = None,
    objective: Objective = None,
    weight_decay: WeightDecay = None,
    initial: Initial = None,
    seed: Seed = None,
    epsilon: Annotated[float | None, typer.Option(help="Find step sizes that keep within this distance, too.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture, such as out.png.")] = None,
) -> None:
    """Bound the distance of gradient descent from the gradient flow, and measure it.

    Examples:  modeq bound deep-chain --at 0.3,0.25,0.2 --h 0.05 --steps 400;  modeq bound double-well --at 0.5 --h 0.05 --epsilon 0.01;
    modeq bound mlp --data digits --widths 16,8,10 --h 0.05 --steps 200
    """
    if plot is not None:
        check_output(plot)
    options = NetworkOptions(data, widths, activation, objective, None, weight_decay, initial, seed)
    target = named_loss(loss, variables, options)
    start = parse_point(at, target)
    run = iterate(GradientDescent(), target, start, h=h, steps=steps)
    flow = integrate(gradient_flow().on(target), start, h=h, steps=steps)
    if not (run.completed and flow.completed and steps):
        trouble = run.message if not run.completed else flow.message
        raise ValueError(f"there is no distance to bound: {trouble}; take a smaller --h, or at least one step")
    around, between = deviation_bound(run), deviation_bound(run, flow)
    every = 1 if target.dimension <= _LOOKS else max(1, steps // _LOOKS)
    curvature = curvature_profile(flow, every=every)
    assert between.errors is not None
    rows = (
        ("largest distance from the gradient flow", between.errors.max()),
        ("bound, curvature between run and flow", between.bounds.max()),
        ("bound, curvature around the run alone", around.bounds.max()),
        ("bound a priori, from the flow alone", tube_constants(flow, every=every).bound(h)),
        ("smallest curvature along the flow", curvature.least.min()),
        ("integral of negative curvature", curvature.negative_integral),
    )
    for title, value in rows:
        typer.echo(f"{title:<42} {value:.4g}" if np.isfinite(value) else f"{title:<42} none")
    if epsilon is not None:
        for title, a_priori in (("by bounds of runs", False), ("a priori", True)):
            found = largest_step(target, start, time=h * steps, epsilon=epsilon, a_priori=a_priori)
            typer.echo(f"{f'largest h within {epsilon:g}, {title}':<42} {found:.4g}")
    if plot is not None:
        between.plot(plot)
        typer.echo(f"plot written to {plot}")


def register(app: typer.Typer, line: str) -> None:
    """Add the command, with a line of help."""
    app.command("bound", short_help=line)(bound)

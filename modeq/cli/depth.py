"""`modeq depth`: tables over the number of layers of residual networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import numpy as np
import typer

from ..depth import INTERPOLANTS, SCHEMES, Block, ResidualNetwork, convergence, scaling
from ..depth.random_networks import WEIGHTS

_BLOCKS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0.0), "identity": lambda x: 1.0 * x}
)
_KINDS = ("smooth", "lipschitz", "independent")

depth = typer.Typer(
    help="Residual networks as steps in depth.\n\nStart with: modeq depth convergence", no_args_is_help=True, rich_markup_mode=None
)


def parse_layers(text: str) -> tuple[int, ...]:
    """Read ``8,16,32``."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"--layers takes integers separated by commas, such as 8,16,32, got {text!r}") from None


@depth.command("convergence", short_help="Distances from the neural ODE and its corrections over the number of layers.")
def show_convergence(
    layers: Annotated[str, typer.Option(help="Numbers of layers, at least three.")] = "8,16,32,64",
    width: Annotated[int, typer.Option(help="Number of units.")] = 3,
    weights: Annotated[str, typer.Option(help=f"As functions of depth: {', '.join(_KINDS)} (no function at all).")] = "smooth",
    activation: Annotated[str, typer.Option(help=f"{', '.join(_BLOCKS)}.")] = "tanh",
    method: Annotated[str, typer.Option(help=f"What makes the layers: {', '.join(SCHEMES)}.")] = "euler",
    interpolant: Annotated[
        str, typer.Option(help=f"Between layers, for weights that are not smooth: {', '.join(INTERPOLANTS)}.")
    ] = "linear",
    orders: Annotated[str, typer.Option(help="Orders of the equations in depth; 1 is the neural ODE.")] = "1,2,3",
    seed: Annotated[int, typer.Option(help="Of weights and input.")] = 0,
) -> None:
    """Measure how far x + act(W x)/N layers are from their equations in depth, and how well activations are recovered backwards.

    Examples:  modeq depth convergence --layers 8,16,32,64,128;  modeq depth convergence --method heun --weights lipschitz --orders 1
    """
    if activation not in _BLOCKS:
        raise ValueError(f"unknown activation {activation!r}; known: {', '.join(_BLOCKS)}")
    if weights not in _KINDS:
        raise ValueError(f"unknown weights {weights!r}; known: {', '.join(_KINDS)}")
    act = _BLOCKS[activation]
    block = Block(lambda x, p: act(x @ p["W"].T), {"W": (width, width)}, width, f"{activation} block")
    a, b, c = np.random.default_rng(seed).standard_normal((3, width, width)) / np.sqrt(width)

    def build(N: int) -> ResidualNetwork:
        if weights == "smooth":
            return ResidualNetwork.from_function(block, lambda s: a + b * np.sin(2 * np.pi * s) + c * s**2, N)
        s = (np.arange(N + 1) / N)[:, np.newaxis, np.newaxis]
        values = a + b * np.abs(2 * s - 0.7) + c * np.abs(np.sin(5 * s))
        if weights == "independent":
            values = np.random.default_rng([seed, N]).standard_normal((N + 1, width, width)) / np.sqrt(width)
        return ResidualNetwork(block, values, N, interpolant)

    start = np.random.default_rng([seed, 1]).standard_normal(width)
    backwards = SCHEMES.get(method) is None or not set(SCHEMES[method].nodes.tolist()) - {0.0, 1.0}
    found = convergence(build, start, parse_layers(layers), orders=parse_layers(orders), method=method, backwards=backwards)
    typer.echo(found.table())


@depth.command("scaling", short_help="What deep networks do to their input at random weights.")
def show_scaling(
    beta: Annotated[float, typer.Option(help="Exponent of the factor L^(-beta) of each of L layers.")] = 0.5,
    layers: Annotated[str, typer.Option(help="Numbers of layers.")] = "16,64,256",
    weights: Annotated[str, typer.Option(help=f"{', '.join(WEIGHTS)}.")] = "independent",
    activation: Annotated[str, typer.Option(help="relu or identity.")] = "relu",
    width: Annotated[int, typer.Option(help="Number of units.")] = 32,
    draws: Annotated[int, typer.Option(help="Networks for each number of layers.")] = 100,
    amplitude: Annotated[float, typer.Option(help="Factor of the weights.")] = 1.0,
    hurst: Annotated[float, typer.Option(help="Index of correlated weights, from 1/2 to 1.")] = 0.75,
    seed: Annotated[int, typer.Option(help="Of the weights.")] = 0,
) -> None:
    """Measure |x_L - x_0|²/|x_0|² of x + L^(-beta) V act(W x) layers against its closed form.

    Examples:  modeq depth scaling --beta 0.5;  modeq depth scaling --beta 1 --weights smooth --amplitude 0.2
    """
    found = scaling(
        parse_layers(layers),
        beta=beta,
        weights=weights,
        activation=activation,
        width=width,
        draws=draws,
        amplitude=amplitude,
        hurst=hurst,
        seed=seed,
    )
    typer.echo(found.table())


def register(app: typer.Typer, line: str) -> None:
    """Add the group of commands, with a line of help."""
    app.add_typer(depth, name="depth", short_help=line)

"""Pictures of step size, sharpness and loss along runs. Each function draws into an `ax` and returns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.drawing import draw
from ..analysis.edge_of_stability import EdgeOfStability
from .colours import ITERATES
from .comparison import matplotlib_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Runs = EdgeOfStability | Mapping[str, EdgeOfStability]
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9")  # Okabe and Ito, dark ones first
_FAR = 1e3  # times the median of the calmest run, where the window ends
_WIDE = 30.0  # a loss over so many times its smallest value is drawn on a logarithmic axis


def plot_step_sizes(runs: Runs, *, ax: Axes) -> Axes:
    """Draw the step size h(θ_n) of each run against the step n.

    Parameters
    ----------
    runs
        What `modeq.edge_of_stability` returned, or several of them by the names in the legend.
    ax
        Where to draw.
    """
    for label, run, colour in _each(runs):
        ax.step(run.n, run.step_sizes, where="post", color=colour, linewidth=1.3, label=label)
    return _finished(ax, r"step size $h(\theta_n)$", [run.step_sizes for _, run, _ in _each(runs)])


def plot_sharpness(runs: Runs, *, ax: Axes) -> Axes:
    """Draw the sharpness of each run against the step, with dashes for its threshold, 2/h for gradient descent."""
    alone = isinstance(runs, EdgeOfStability)
    for label, run, colour in _each(runs):
        ax.plot(run.n, run.sharpness, color=colour, linewidth=1.5, label=label, zorder=3)
        ax.plot(run.n, run.threshold, "--", color="#D55E00" if alone else colour, linewidth=1.0, alpha=0.9 if alone else 0.6, zorder=4)
    several = [values for _, run, _ in _each(runs) for values in (run.sharpness, run.threshold)]
    return _finished(ax, r"sharpness $\lambda_{\max}$ (dashes: its threshold)", several)


def plot_training_loss(runs: Runs, *, ax: Axes) -> Axes:
    """Draw the loss of each run against the step."""
    for label, run, colour in _each(runs):
        ax.plot(run.n, run.loss, color=colour, linewidth=1.5, label=label)
    return _finished(ax, "loss $E$", [run.loss for _, run, _ in _each(runs)])


@draw.register(EdgeOfStability)
def plot_edge_of_stability(runs: Runs, path: Any = None) -> Figure:
    """Draw step size, sharpness and loss of one run or of several side by side.

    Parameters
    ----------
    runs
        What `modeq.edge_of_stability` returned, or several of them by the names in the legend.
    path
        Where to save the picture; its ending chooses the format. Not saved when left out.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is not installed (the extra ``plot``).
    """
    figure = matplotlib_figure()(figsize=(14.0, 4.2), layout="constrained")
    panels = (plot_step_sizes, plot_sharpness, plot_training_loss)
    for panel, ax in zip(panels, figure.subplots(1, 3), strict=True):
        panel(runs, ax=ax)
    several = _each(runs)
    titles = {run.title for _, run, _ in several}
    figure.suptitle(plain(titles.pop()) if len(titles) == 1 else "")
    if len(several) > 1:
        handles, labels = figure.axes[2].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def _each(runs: Runs) -> list[tuple[str, EdgeOfStability, str]]:
    """(label, run, colour) for each run."""
    if isinstance(runs, EdgeOfStability):
        return [(plain(runs.method.name), runs, ITERATES)]
    if not runs:
        raise ValueError("there is nothing to draw: give at least one run, as edge_of_stability returns")
    return [(plain(str(label)), run, _COLOURS[i % len(_COLOURS)]) for i, (label, run) in enumerate(runs.items())]


def _finished(ax: Axes, title: str, several: list[Any]) -> Axes:
    """Label the axes; the vertical one is logarithmic where values spread widely, and leaves out what overflowed."""
    finite = [values[np.isfinite(values)] for values in several]
    values = np.concatenate(finite)
    calmest = min((float(np.median(np.abs(part))) for part in finite if len(part)), default=0.0)
    top = _FAR * calmest if calmest else np.inf  # a run may diverge
    if len(values) and values.min() > 0 and values.max() > _WIDE * values.min():
        ax.set_ylim(values.min() / 1.5, min(values.max() * 1.5, top))  # first: margins of huge numbers overflow on a logarithmic axis
        ax.set_yscale("log")
    elif len(values) and np.abs(values).max() > top:
        ax.set_ylim(max(values.min(), -top), min(values.max(), top))
    ax.set_xlabel("step $n$")
    ax.locator_params(axis="x", integer=True)
    ax.set_title(title)
    ax.grid(visible=True, color="0.9")
    return ax

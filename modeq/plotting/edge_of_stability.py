"""Pictures of step size, sharpness and loss along runs. Each function draws into an `ax`, or a new figure, and returns the axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.edge_of_stability import EdgeOfStability
from ..extension_points import draw
from ..flows.registry import Look
from .colours import OKABE_ITO, ink
from .figures import axes_or_new, figure_legend, finished, legend_below, new_figure, plain, step_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Runs = EdgeOfStability | Mapping[str, EdgeOfStability]
_MARKERS = "o^sDvP"
_FAR = 1e3  # times the median of the calmest run, where the window ends
_WIDE = 30.0  # a loss over so many times its smallest value is drawn on a logarithmic axis


def plot_step_sizes(runs: Runs, *, ax: Axes | None = None) -> Axes:
    """Draw the step size h(θ_n) of each run against the step n.

    Parameters
    ----------
    runs
        What `modeq.edge_of_stability` returned, or several of them by the names in the legend.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import modeq as mq
    >>> gd = mq.GradientDescent()
    >>> edge = mq.edge_of_stability(gd, mq.iterate(gd, mq.losses.double_well(), [1.3], h=mq.dal(), steps=5))
    >>> ax = mq.plotting.plot_step_sizes(edge)
    """
    axes = axes_or_new(ax)
    for label, run, _, look in _each(runs):
        axes.step(run.n, run.step_sizes, where="post", **look, linewidth=1.3, label=label)
    return _labelled(axes, r"step size $h(\theta_n)$", [run.step_sizes for _, run, *_ in _each(runs)], ax is None)


def plot_sharpness(runs: Runs, *, ax: Axes | None = None) -> Axes:
    """Draw the sharpness of each run against the step, with dashes for its threshold, 2/h for gradient descent.

    Parameters
    ----------
    runs, ax
        As in `plot_step_sizes`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import modeq as mq
    >>> gd = mq.GradientDescent()
    >>> edge = mq.edge_of_stability(gd, mq.iterate(gd, mq.losses.double_well(), [1.3], h=0.8, steps=5))
    >>> [line.get_linestyle() for line in mq.plotting.plot_sharpness(edge).lines]
    ['-', '--']
    """
    axes = axes_or_new(ax)
    alone = isinstance(runs, EdgeOfStability)
    for label, run, colour, look in _each(runs):
        axes.plot(run.n, run.sharpness, **look, linewidth=1.5, label=label, zorder=3)
        axes.plot(run.n, run.threshold, "--", color="#D55E00" if alone else colour, linewidth=1.0, alpha=0.9 if alone else 0.6, zorder=4)
    several = [values for _, run, *_ in _each(runs) for values in (run.sharpness, run.threshold)]
    return _labelled(axes, r"sharpness $\lambda_{\max}$ (dashes: its threshold)", several, ax is None)


def plot_training_loss(runs: Runs, *, ax: Axes | None = None) -> Axes:
    """Draw the loss of each run against the step.

    Parameters
    ----------
    runs, ax
        As in `plot_step_sizes`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import modeq as mq
    >>> gd = mq.GradientDescent()
    >>> edge = mq.edge_of_stability(gd, mq.iterate(gd, mq.losses.double_well(), [1.3], h=0.8, steps=5))
    >>> mq.plotting.plot_training_loss(edge).get_ylabel()
    'loss $E$'
    """
    axes = axes_or_new(ax)
    for label, run, _, look in _each(runs):
        axes.plot(run.n, run.loss, **look, linewidth=1.5, label=label)
    return _labelled(axes, "loss $E$", [run.loss for _, run, *_ in _each(runs)], ax is None)


@draw.register(EdgeOfStability)
def plot_edge_of_stability(runs: Runs, path: Any = None) -> Figure:
    """Draw sharpness and loss of one run or of several side by side, before them the step size if it changes in one of them.

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

    Examples
    --------
    >>> import modeq as mq
    >>> gd = mq.GradientDescent()
    >>> rules = {"h = 0.8": 0.8, "DAL": mq.dal()}
    >>> runs = {name: mq.iterate(gd, mq.losses.double_well(), [1.3], h=rule, steps=5) for name, rule in rules.items()}
    >>> edges = {name: mq.edge_of_stability(gd, run) for name, run in runs.items()}
    >>> figure = mq.plotting.plot_edge_of_stability(edges)
    """
    several = _each(runs)
    changes = any(np.ptp(run.step_sizes) > 0 for _, run, *_ in several)
    panels = (*([plot_step_sizes] if changes else []), plot_sharpness, plot_training_loss)
    figure = new_figure(4.7 * len(panels), 4.2)
    for panel, ax in zip(panels, figure.subplots(1, len(panels)), strict=True):
        panel(runs, ax=ax)
    titles = {run.title for _, run, *_ in several}
    figure.suptitle(plain(titles.pop()) if len(titles) == 1 else "")
    if len(several) > 1:
        handles, labels = figure.axes[-1].get_legend_handles_labels()
        figure_legend(figure, dict(zip(labels, handles, strict=True)))
    return finished(figure, path)


def _each(runs: Runs) -> list[tuple[str, EdgeOfStability, str, dict[str, Any]]]:
    """(label, run, colour, look of its line) for each run."""
    if isinstance(runs, EdgeOfStability):
        return [(plain(runs.method.name), runs, ink(), {"color": ink()})]
    if not runs:
        raise ValueError("there is nothing to draw: give at least one run, as edge_of_stability returns")
    looks = [Look(OKABE_ITO[i % len(OKABE_ITO)], "-", _MARKERS[i % len(_MARKERS)]) for i in range(len(runs))]
    return [
        (plain(str(label)), run, look.colour, look.marked(i, len(runs), len(run.n)))
        for i, (look, (label, run)) in enumerate(zip(looks, runs.items(), strict=True))
    ]


def _labelled(ax: Axes, quantity: str, several: list[Any], alone: bool) -> Axes:
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
    step_axis(ax, quantity)
    if alone:
        legend_below(ax)
    return ax

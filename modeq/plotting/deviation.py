"""How far gradient descent is from the gradient flow, and how far it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.deviation_bound import DeviationBound
from ..extension_points import draw
from .colours import OKABE_ITO, ink
from .figures import axes_or_new, figure_legend, finished, legend_below, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TUBE = "#F5D9C6"  # opaque: discs overlap


@draw.register(DeviationBound)
def _(bound: DeviationBound, path: Any = None) -> Figure:
    panels = [plot_tube, plot_deviation] if bound.points.shape[1] == 2 else [plot_deviation]
    figure = new_figure(5.6 * len(panels), 4.4)
    entries: dict[Any, Any] = {}
    for panel, ax in zip(panels, np.atleast_1d(figure.subplots(1, len(panels))), strict=True):
        panel(bound, ax=ax)
        entries |= dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    figure.suptitle(plain(bound.title))
    figure_legend(figure, entries)
    return finished(figure, path)


def plot_deviation(bound: DeviationBound, *, ax: Axes | None = None) -> Axes:
    """Draw the bound on the distance from the gradient flow against the time, with the measured distance if it is known.

    Parameters
    ----------
    bound
        What `modeq.deviation_bound` returned.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import modeq as mq
    >>> run = mq.iterate(mq.GradientDescent(), mq.losses.double_well(), [0.5], h=0.05, steps=20)
    >>> mq.plotting.plot_deviation(mq.deviation_bound(run)).get_yscale()
    'log'
    """
    axes = axes_or_new(ax)
    finite = np.isfinite(bound.bounds) & (bound.bounds > 0)
    axes.plot(bound.t[finite], bound.bounds[finite], color=OKABE_ITO[1], linewidth=1.6, label="bound")
    known = np.zeros(len(bound.t), bool) if bound.errors is None else bound.errors > 0
    low = min([*bound.bounds[finite], *([] if bound.errors is None else bound.errors[known])], default=1e-16)
    axes.fill_between(bound.t[finite], low, bound.bounds[finite], color=OKABE_ITO[1], alpha=0.12, linewidth=0)
    if bound.errors is not None:
        axes.plot(bound.t[known], bound.errors[known], color=ink(), linewidth=1.3, label="measured distance")
    axes.set_yscale("log")
    axes.set_xlabel("time $t$")
    axes.set_ylabel(r"distance from the gradient flow")
    axes.grid(visible=True, alpha=0.3)
    if ax is None:
        legend_below(axes)
    return axes


def plot_tube(bound: DeviationBound, *, ax: Axes | None = None) -> Axes:
    """Draw the tube around gradient descent in the plane that the gradient flow does not leave.

    Parameters
    ----------
    bound
        What `modeq.deviation_bound` returned, on a loss with two coordinates.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not two coordinates.

    Examples
    --------
    >>> import modeq as mq
    >>> run = mq.iterate(mq.GradientDescent(), mq.losses.rosenbrock(), [0.6, 0.5], h=5e-4, steps=20)
    >>> len(mq.plotting.plot_tube(mq.deviation_bound(run)).collections)
    1
    """
    from matplotlib.collections import PatchCollection  # deferred: matplotlib is an optional dependency, and slow to import
    from matplotlib.patches import Circle

    if bound.points.shape[1] != 2:
        raise ValueError(f"a tube is drawn for two coordinates, here are {bound.points.shape[1]}; plot_deviation draws its radius")
    axes = axes_or_new(ax)
    reach = 2 * np.ptp(bound.points, axis=0).max()
    discs = [Circle((x, y), radius) for (x, y), radius in zip(bound.points, bound.bounds, strict=True) if radius < reach]
    axes.add_collection(PatchCollection(discs, facecolor=_TUBE, edgecolor="none", zorder=1), autolim=True)
    axes.plot(*bound.points.T, "o-", color=ink(), markersize=2.5, linewidth=0.8, label="gradient descent", zorder=3)
    if bound.flow is not None:
        axes.plot(*bound.flow.T, color=OKABE_ITO[0], linewidth=1.4, label="gradient flow", zorder=4)
    axes.plot([], [], color=_TUBE, linewidth=8, label="tube")
    axes.autoscale_view()
    axes.grid(visible=True, alpha=0.3)
    if ax is None:
        legend_below(axes)
    return axes

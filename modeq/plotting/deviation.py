"""How far gradient descent is from the gradient flow, and how far it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.deviation_bound import DeviationBound
from ..extension_points import draw
from .colours import ITERATES, OKABE_ITO
from .figures import axes_or_new, finished, legend_below, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@draw.register(DeviationBound)
def _(bound: DeviationBound, path: Any = None) -> Figure:
    figure = new_figure(5.6, 4.4)
    axes = plot_deviation(bound, ax=figure.add_subplot())
    axes.set_title(plain(bound.title))
    legend_below(axes)
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
    low = bound.bounds[finite].min() if finite.any() else 1e-16
    axes.fill_between(bound.t[finite], low, bound.bounds[finite], color=OKABE_ITO[1], alpha=0.12, linewidth=0)
    if bound.errors is not None:
        known = bound.errors > 0
        axes.plot(bound.t[known], bound.errors[known], color=ITERATES, linewidth=1.3, label="measured distance")
    axes.set_yscale("log")
    axes.set_xlabel("time $t$")
    axes.set_ylabel(r"distance from the gradient flow")
    axes.grid(visible=True, color="0.9")
    if ax is None:
        legend_below(axes)
    return axes

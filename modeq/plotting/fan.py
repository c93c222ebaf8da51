"""Fans: quantiles of an ensemble against the time, with a few of its paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..extension_points import draw
from ..integration.ensembles import Ensemble
from .colours import OKABE_ITO, ink
from .figures import axes_or_new, coordinate_label, figure_legend, finished, legend_below, new_figure, wrapped_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANELS = 3  # coordinates in a whole figure
_PATHS = 4


@draw.register(Ensemble)
def _(ensemble: Ensemble, path: Any = None) -> Figure:
    count = min(_PANELS, ensemble.theta.shape[2])
    figure = new_figure(4.6 * count, 4.0)
    entries: dict[Any, Any] = {}
    for coordinate, ax in enumerate(np.atleast_1d(figure.subplots(1, count))):
        plot_fan(ensemble, coordinate, ax=ax)
        entries |= dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    wrapped_title(figure, ensemble.title)
    figure_legend(figure, entries)
    return finished(figure, path)


def plot_fan(ensemble: Ensemble, coordinate: int = 0, *, colour: str = OKABE_ITO[0], ax: Axes | None = None) -> Axes:
    """Draw quantiles of one coordinate over the paths against the time: 5, 25, 50, 75 and 95 per cent, with a few of the paths.

    Parameters
    ----------
    ensemble
        What `modeq.sample` or `modeq.sample_iterates` returned.
    coordinate
        Its number.
    colour
        Of the fan.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no such coordinate.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.stochastic_equation(1, covariance=[[1.0]]).on(mq.losses.double_well())
    >>> mq.plotting.plot_fan(mq.sample(flow, [0.5], h=0.1, steps=20, paths=50, seed=0)).get_xlabel()
    'time $t$'
    """
    d = ensemble.theta.shape[2]
    if coordinate not in range(d):
        raise ValueError(f"the paths have the coordinates 0 to {d - 1}, got {coordinate!r}")
    axes = axes_or_new(ax)
    low, quarter, middle, three, high = ensemble.quantiles()[:, :, coordinate]
    axes.fill_between(ensemble.t, low, high, color=colour, alpha=0.18, linewidth=0, label="5 to 95 %")
    axes.fill_between(ensemble.t, quarter, three, color=colour, alpha=0.32, linewidth=0, label="25 to 75 %")
    for number in range(min(_PATHS, ensemble.paths)):
        axes.plot(ensemble.t, ensemble.theta[:, number, coordinate], color=ink(), linewidth=0.6, alpha=0.6, label="paths" * (number == 0))
    axes.plot(ensemble.t, middle, color=colour, linewidth=1.8, label="median")
    axes.set_xlabel("time $t$")
    axes.set_ylabel(coordinate_label(ensemble.field.coordinates[coordinate]))
    axes.grid(visible=True, alpha=0.3)
    if ax is None:
        legend_below(axes)
    return axes

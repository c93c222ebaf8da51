"""Pictures of many runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.ensemble_comparison import EnsembleComparison
from ..extension_points import draw
from ..integration.trajectories import Trajectories
from .colours import OKABE_ITO, flow_styles, flow_title
from .comparison import draw_contours
from .figures import axes_or_new, coordinate_label, finished, legend_below, plain, step_axis, wrapped_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_ensemble(ensemble: Trajectories, *, ax: Axes | None = None) -> Axes:
    """Draw all runs, one colour for each way to end: in the plane over contours, else the loss or ‖θ − θ_0‖ against the step.

    Parameters
    ----------
    ensemble
        What `modeq.iterate` or `modeq.integrate` returned for many points.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If it is no ensemble.

    Examples
    --------
    >>> import modeq as mq
    >>> runs = mq.iterate(mq.GradientDescent(), mq.losses.rosenbrock(), [[0.6, 0.5], [0.5, 0.5]], h=1e-3, steps=5)
    >>> ax = mq.plotting.plot_ensemble(runs)
    >>> [text.get_text() for text in ax.figure.legends[0].get_texts()]
    ['completed (2)']
    """
    from matplotlib.collections import LineCollection  # deferred: matplotlib is optional

    if not isinstance(ensemble, Trajectories):
        raise TypeError(f"expected what modeq.iterate or integrate returns for many points, got {type(ensemble).__name__}")
    axes, theta = axes_or_new(ax), ensemble.theta.real
    if plane := ensemble.field.dimension == 2:
        lines = [path[:n] for path, n in zip(theta, ensemble.points, strict=True)]
        low, high = (np.quantile(theta[:, 0], level, axis=0) for level in (0.0, 1.0))
        margin = 0.15 * np.maximum(high - low, 1e-3 + 0.05 * np.abs(high))
        box = [(float(a), float(b)) for a, b in zip(low - margin, high + margin, strict=True)]
        axes.set(xlim=box[0], ylim=box[1], xlabel=coordinate_label(ensemble.field.coordinates[0]))
        axes.set_ylabel(coordinate_label(ensemble.field.coordinates[1]))
        if ensemble.field.potential(theta[0, 0]) is not None:
            draw_contours(ensemble.field, box[0], box[1], axes)
    else:
        values = ensemble.loss if ensemble.loss is not None else np.linalg.norm(theta - theta[:, :1], axis=2)
        lines = [np.column_stack([np.arange(n), row[:n]]) for row, n in zip(values, ensemble.points, strict=True)]
        step_axis(axes, "loss $E$" if ensemble.loss is not None else r"distance $\|\theta_n-\theta_0\|$")
    words = np.array(ensemble.status)
    for colour, word in zip(OKABE_ITO, sorted(set(ensemble.status), key=lambda word: word != "completed"), strict=False):
        chosen = np.flatnonzero(words == word)
        shown = max(0.05, min(0.8, 30 / len(chosen)))  # many lines add up
        bundle = LineCollection([lines[i] for i in chosen], colors=colour, linewidths=0.8, alpha=shown)
        axes.add_collection(bundle)
        axes.plot([], [], color=colour, label=f"{word} ({len(chosen)})")
    if not plane:
        axes.autoscale_view()
    if ax is None:
        legend_below(axes)
    return axes


def plot_error_quantiles(report: EnsembleComparison, *, ax: Axes | None = None) -> Axes:
    """Draw the median distance of each flow to the iterates against the step, with the band from the 10 % to the 90 % quantile.

    Parameters
    ----------
    report
        What `modeq.compare` returned for many points.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [[1.4], [1.2]], h=0.1, steps=3, flows=["igr"])
    >>> mq.plotting.plot_error_quantiles(report).get_yscale()
    'log'
    """
    axes, n = axes_or_new(ax), np.arange(report.steps + 1)
    looks = flow_styles(report.ensembles)
    for i, (label, style) in enumerate(looks.items()):
        low, median, high = (np.where((row > 0) & np.isfinite(row), row, np.nan) for row in report.quantiles()[label])
        known = np.flatnonzero(np.isfinite(median))
        axes.plot(n[known], median[known], **style.marked(i, len(looks), len(known)), linewidth=1.8, label=plain(flow_title(label)))
        axes.fill_between(n[known], low[known], high[known], color=style.colour, alpha=0.15, linewidth=0)
    axes.set_yscale("log")
    step_axis(axes, r"distance $\|\mathrm{Re}\,\theta(nh)-\theta_n\|$, 10 to 90 %")
    if ax is None:
        legend_below(axes)
    return axes


@draw.register(Trajectories)
def _(ensemble: Trajectories, path: Any = None) -> Figure:
    figure: Any = plot_ensemble(ensemble).figure
    wrapped_title(figure, ensemble.title)
    return finished(figure, path)


@draw.register(EnsembleComparison)
def _(report: EnsembleComparison, path: Any = None) -> Figure:
    figure: Any = plot_error_quantiles(report).figure
    wrapped_title(figure, report.title)
    return finished(figure, path)

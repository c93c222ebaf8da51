"""Several comparisons in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.comparison import Comparison
from .comparison import check_report, panels_of
from .figures import figure_legend, finished, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_comparisons(reports: Sequence[Comparison], path: Any = None) -> Figure:
    """Draw several comparisons below one another: trajectories, errors and losses, with one legend.

    Parameters
    ----------
    reports
        What `modeq.compare` returned, once or several times.
    path
        Where to save the picture; its ending chooses the format. Not saved when left out.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is not installed (the extra ``plot``).
    ValueError
        If there is no report.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.double_well()
    >>> reports = [mq.compare(mq.GradientDescent(), E, [1.4], h=h, steps=3, flows=["igr"]) for h in (0.05, 0.1)]
    >>> figure = mq.plotting.plot_comparisons(reports)
    >>> len(figure.axes)
    6
    """
    for report in reports:
        check_report(report)
    if not len(reports):
        raise ValueError("there is no report to draw; give a list of what modeq.compare returned")
    rows = [panels_of(report) for report in reports]
    width = max(7.0, 5.2 * max(map(len, rows)))
    figure = new_figure(width, 4.4 * len(rows))
    parts: Any = [figure] if len(rows) == 1 else figure.subfigures(len(rows), 1)
    for report, panels, part in zip(reports, rows, parts, strict=True):
        for panel, ax in zip(panels, np.atleast_1d(part.subplots(1, len(panels))), strict=True):
            panel(report, ax=ax)
        part.suptitle(plain(report.title))
    entries: dict[Any, Any] = {}  # the error panel alone has no entry for the method itself
    for ax in reversed(figure.axes):
        entries |= dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    methods = {plain(report.method.name) for report in reports}
    labels = sorted(entries, key=lambda label: label not in methods)  # the methods first
    figure_legend(figure, {label: entries[label] for label in labels})
    return finished(figure, path)

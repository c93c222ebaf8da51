"""Trajectories of one coordinate in the complex plane, where principal flows go between the steps beyond hλ = 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..analysis.comparison import Comparison
from .colours import flow_styles, flow_title, ink
from .figures import axes_or_new, coordinate_label, legend_below, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_complex_plane(report: Comparison, coordinate: int | str = 0, *, ax: Axes | None = None) -> Axes:
    """Draw one coordinate of the iterates (points) and of the flows (lines) in the complex plane.

    Lines are followed between the steps; the marks on them are the flows at t = nh, to be compared with the iterates.

    Parameters
    ----------
    report
        What `modeq.compare` returned.
    coordinate
        Number or name of the coordinate.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `report` is something else, or there is no such coordinate.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[1.5, 0], [0, 0.5]])
    >>> report = mq.compare(mq.GradientDescent(), E, [1.0, 1.0], h=1.0, steps=4, flows=["gradient", "principal"])
    >>> ax = mq.plotting.plot_complex_plane(report, 0)
    >>> iterates = ax.lines[0].get_xdata()  # 1 − hλ = −1/2 per step
    >>> iterates.tolist()
    [1.0, -0.5, 0.25, -0.125, 0.0625]
    """
    if not isinstance(report, Comparison):
        raise TypeError(f"expected what modeq.compare returns, got {type(report).__name__}")
    index = _index(report, coordinate)
    axes = axes_or_new(ax)
    points = report.iterates.theta[:, index]
    axes.plot(points.real, points.imag, "o", color=ink(), markersize=6, label=plain(report.method.name), zorder=4)
    lines = [points]
    for label, style in flow_styles(report.trajectories).items():
        path = report.trajectories[label]
        line, marks = path.theta_between[:, index], path.theta[:: path.period, index]
        look = {**style.line, "marker": style.marker, "markersize": 5, "markerfacecolor": "white"}
        axes.plot(line.real, line.imag, **style.line, linewidth=1.6, zorder=2)
        axes.plot(marks.real, marks.imag, **{**look, "linestyle": "none"}, zorder=3)
        axes.plot([], [], **look, linewidth=1.6, label=plain(flow_title(label)))  # one entry for line and marks
        lines.append(line)
    axes.axhline(0.0, color="0.6", linewidth=0.8, zorder=1)
    _window(axes, lines)
    name = coordinate_label(report.field.coordinates[index]).strip("$")
    single = coordinate_label(report.field.coordinates[index]).startswith("$")
    axes.set_xlabel(rf"$\mathrm{{Re}}\,{name}$" if single else f"Re {name}")
    axes.set_ylabel(rf"$\mathrm{{Im}}\,{name}$" if single else f"Im {name}")
    axes.grid(visible=True, alpha=0.3)
    if ax is None:
        legend_below(axes)
    return axes


def _index(report: Comparison, coordinate: int | str) -> int:
    names = report.field.coordinates
    if isinstance(coordinate, str) and coordinate in names:
        return names.index(coordinate)
    if isinstance(coordinate, (int, np.integer)) and not isinstance(coordinate, bool) and 0 <= coordinate < len(names):
        return int(coordinate)
    known = ", ".join(names[:6]) + ", …" * (len(names) > 6)
    raise ValueError(f"{report.field.name} has the coordinates {known}, numbered 0 to {len(names) - 1}; got {coordinate!r}")


def _window(ax: Axes, lines: list[np.ndarray]) -> None:
    """Frame the iterates, and flows up to three times as far away."""
    points = lines[0][np.isfinite(lines[0])]
    near = points[np.abs(points) < 1e3 * (1 + np.abs(points[0]))]  # a run may diverge
    reach = max(float(np.ptp(near.real)), 1e-3 * (1 + abs(near[0])))
    centre = (near.real.max() + near.real.min()) / 2
    seen = np.concatenate([near, *(line[np.abs(line - centre) < 1.5 * reach] for line in lines[1:])])
    for low, high, place in ((seen.real.min(), seen.real.max(), ax.set_xlim), (seen.imag.min(), seen.imag.max(), ax.set_ylim)):
        margin = 0.08 * max(high - low, 0.3 * reach)
        place(low - margin, high + margin)

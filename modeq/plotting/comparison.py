"""Pictures of a comparison. Each function draws into an `ax`, or into a new figure, and returns the axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.comparison import Comparison
from ..extension_points import draw
from ..flows.registry import Look
from ..losses.field import Field
from .colours import flow_styles, flow_title, ink
from .figures import (
    axes_or_new,
    coordinate_label,
    figure_legend,
    finished,
    legend_below,
    new_figure,
    plain,
    step_axis,
    wrapped_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_APART = 0.03  # of the diagonal, between the markers of a flow


@draw.register(Comparison)
def plot_comparison(
    report: Comparison,
    path: Any = None,
    *,
    ax: Axes | Sequence[Axes] | None = None,
    figsize: tuple[float, float] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw trajectories (in 2-D over the contours of a loss, in 1-D over time), error against step and loss against step side by side.

    Parameters
    ----------
    report
        What `modeq.compare` returned.
    path
        Where to save the picture; its ending chooses the format. Not saved when left out.
    ax
        Axes of a figure of your own, one or several: one panel is drawn into each; a new figure with a legend when left out.
    figsize
        Width and height of a new figure in inches.
    title
        Instead of the report's own; an empty text for none.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is not installed (the extra ``plot``).
    ValueError
        If there are more axes than panels.

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.rosenbrock(), [0.6, 0.5], h=1e-3, steps=5, flows=["gradient", "igr"])
    >>> figure = mq.plotting.plot_comparison(report)
    >>> len(figure.axes)
    3
    """
    panels = panels_of(report)
    if ax is not None:
        several = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if len(several) > len(panels):
            raise ValueError(f"this comparison has {len(panels)} panels, got {len(several)} axes")
        for panel, one in zip(panels, several, strict=False):
            panel(report, ax=one)
        figure: Any = several[0].figure
        return finished(figure, path)
    figure = new_figure(*(figsize or (max(7.0, 5.2 * len(panels)), 4.4)))
    for panel, one in zip(panels, np.atleast_1d(figure.subplots(1, len(panels))), strict=True):
        panel(report, ax=one)
    wrapped_title(figure, report.title if title is None else title)
    entries: dict[Any, Any] = {}  # the error panel alone has no entry for the method itself
    for one in reversed(figure.axes):
        entries |= dict(zip(*reversed(one.get_legend_handles_labels()), strict=True))
    labels = sorted(entries, key=lambda label: label != plain(report.method.name))  # the method first
    figure_legend(figure, {label: entries[label] for label in labels})
    return finished(figure, path)


def panels_of(report: Comparison) -> list[Callable[..., Axes]]:
    """Return what draws the parts of the picture of a comparison."""
    panels: list[Callable[..., Axes]] = [plot_error] if report.iterates.loss is None else [plot_error, plot_loss]
    if report.field.dimension <= 2:
        panels.insert(0, plot_trajectories if report.field.dimension == 2 else plot_path)
    return panels


def plot_trajectories(report: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw the iterates and the real parts of the flows in the plane, over contours if there is a loss.

    Iterates are black points, joined by a thin line, the first one with a ring; flows are drawn as they run between the steps, with
    markers at the steps that they describe.

    Parameters
    ----------
    report
        What `modeq.compare` returned, for a loss or field with two coordinates.
    ax
        Where to draw; a new figure with a legend when left out. Lines carry labels, so ``ax.legend()`` shows them.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not two coordinates; then `plot_complex_plane` shows one of them.

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.rosenbrock(), [0.6, 0.5], h=1e-3, steps=5, flows=["gradient", "igr"])
    >>> ax = mq.plotting.plot_trajectories(report)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('$x$', '$y$')
    """
    check_report(report)
    if report.field.dimension != 2:
        raise ValueError(
            f"trajectories are drawn for two coordinates, {report.field.name} has {report.field.dimension}; "
            "plot_complex_plane draws one coordinate of any number"
        )
    axes = axes_or_new(ax)
    points = [report.iterates.theta.real, *(path.theta.real for path in report.trajectories.values())]
    (left, right), (low, high) = _window(points)
    if report.iterates.loss is not None:
        draw_contours(report.field, (left, right), (low, high), axes)
    _draw_iterates(report, report.iterates.theta[:, 0].real, report.iterates.theta[:, 1].real, axes)
    for label, style in flow_styles(report.trajectories).items():
        path = report.trajectories[label]
        axes.plot(*path.theta_between.real.T, **style.line, linewidth=1.4, zorder=2)
        axes.plot(*path.theta[:: path.period].real.T, **_marks(style), markevery=_APART, zorder=4)
        axes.plot([], [], **{**_marks(style), **style.line}, linewidth=1.4, label=plain(flow_title(label)))
    for minimum in report.field.minima:
        if left <= minimum[0] <= right and low <= minimum[1] <= high:
            axes.plot(*minimum, "*", color="#FFFFFF", markeredgecolor=ink(), markersize=13, zorder=4)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.set_xlabel(coordinate_label(report.field.coordinates[0]))
    axes.set_ylabel(coordinate_label(report.field.coordinates[1]))
    if ax is None:
        legend_below(axes)
    return axes


def plot_path(report: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw the one coordinate of the iterates and the real parts of the flows against the time t = nh.

    Parameters
    ----------
    report
        What `modeq.compare` returned, for a loss or field with one coordinate.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are several coordinates.

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=5, flows=["gradient"])
    >>> mq.plotting.plot_path(report).get_ylabel()
    '$x$'
    """
    check_report(report)
    if report.field.dimension != 1:
        raise ValueError(f"a path over time is drawn for one coordinate, {report.field.name} has {report.field.dimension}")
    axes = axes_or_new(ax)
    _draw_iterates(report, report.iterates.t, report.iterates.theta[:, 0].real, axes)
    for label, style in flow_styles(report.trajectories).items():
        path = report.trajectories[label]
        axes.plot(path.t_between, path.theta_between[:, 0].real, **style.line, linewidth=1.4, zorder=2)
        axes.plot(path.t[:: path.period], path.theta[:: path.period, 0].real, **_marks(style), markevery=_APART, zorder=4)
        axes.plot([], [], **{**_marks(style), **style.line}, linewidth=1.4, label=plain(flow_title(label)))
    low, high = _window([report.iterates.theta.real, *(path.theta.real for path in report.trajectories.values())])[0]
    axes.set_ylim(low, high)
    axes.set_xlabel("time $t = nh$")
    axes.set_ylabel(coordinate_label(report.field.coordinates[0]))
    axes.grid(visible=True, alpha=0.3)
    if ax is None:
        legend_below(axes)
    return axes


def _draw_iterates(report: Comparison, x: np.ndarray, y: np.ndarray, ax: Axes) -> None:
    """Draw points joined by a thin line, with a ring around the first."""
    ax.plot(x, y, "-", color=ink(), linewidth=0.5, alpha=0.6, zorder=3)
    ax.plot(x, y, "o", color=ink(), markersize=4, label=plain(report.method.name), zorder=5)
    ax.plot(x[:1], y[:1], "o", markersize=11, markerfacecolor="none", markeredgecolor=ink(), markeredgewidth=1.4, zorder=5)


def _marks(style: Look) -> dict[str, Any]:
    """Return the look of a flow's points at the steps: hollow, so that an iterate shows inside."""
    return {"color": style.colour, "linestyle": "none", "marker": style.marker, "markersize": 7, "markerfacecolor": "none"}


def check_report(report: Any) -> None:
    """Raise unless it is a comparison."""
    if not isinstance(report, Comparison):
        raise TypeError(f"expected what modeq.compare returns, got {type(report).__name__}")


def draw_contours(field: Field, across: tuple[float, float], up: tuple[float, float], ax: Axes) -> None:
    """Draw the contours of a loss in a rectangle, closer at its minima."""
    x, y = np.meshgrid(np.linspace(*across, 300), np.linspace(*up, 300))
    values = field.potential(np.stack([x, y], axis=-1))
    values = np.ma.masked_invalid(np.where(np.abs(values) < 1e150, values, np.nan))
    if values.count() and np.ptp(values) > 0:
        shifted = np.ma.log10(values - values.min() + 1e-3 * np.abs(values).max())  # even spacing of steep contours
        ax.contourf(x, y, shifted, levels=24, cmap="Greys", alpha=0.35)
        ax.contour(x, y, shifted, levels=24, colors="0.75", linewidths=0.5)


def plot_error(report: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw the distance of each flow to the iterates against the step, on a logarithmic axis.

    Errors are those of ``report.errors``; zeros, as at the common start, are left out. A cross marks the place where a flow ended.

    Parameters
    ----------
    report
        What `modeq.compare` returned.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=5, flows=["gradient", "igr"])
    >>> ax = mq.plotting.plot_error(report)
    >>> [line.get_label() for line in ax.lines]
    ['gradient flow', 'IGR flow']
    """
    check_report(report)
    axes = axes_or_new(ax)
    looks = flow_styles(report.trajectories)
    for i, (label, style) in enumerate(looks.items()):
        errors, path = report.errors[label], report.trajectories[label]
        n = np.arange(0, len(errors), path.period)
        axes.plot(
            n, np.where(errors > 0, errors, np.nan)[n], **style.marked(i, len(looks), len(n)), linewidth=1.8, label=plain(flow_title(label))
        )
        if not path.completed:  # mark the place where the flow ended
            axes.plot(len(path) - 1, errors[len(path) - 1] or np.nan, "x", color=style.colour, markersize=9)
    axes.set_yscale("log")
    step_axis(axes, r"distance $\|\mathrm{Re}\,\theta(nh)-\theta_n\|$")
    if ax is None:
        legend_below(axes)
    return axes


def plot_loss(report: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw the loss of the method and of each flow against the step; on a logarithmic axis if all values are positive.

    Parameters
    ----------
    report
        What `modeq.compare` returned, for a loss.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the comparison is on a vector field, which has no loss.

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.quadratic(), [1.0, 1.0], h=0.5, steps=5, flows=["gradient"])
    >>> ax = mq.plotting.plot_loss(report)
    >>> bool((ax.lines[0].get_ydata() == report.iterates.loss).all())
    True
    """
    check_report(report)
    if report.iterates.loss is None:
        raise ValueError(f"{report.field.name} is a vector field and has no loss")
    axes = axes_or_new(ax)
    iterates = report.iterates.loss
    axes.plot(iterates, "o", color=ink(), markersize=4, label=plain(report.method.name), zorder=3)
    losses = [iterates]
    looks = flow_styles(report.trajectories)
    for i, (label, style) in enumerate(looks.items()):
        values = report.field.potential(report.trajectories[label].theta.real)
        losses.append(values)
        axes.plot(values, **style.marked(i, len(looks), len(values)), linewidth=1.8, label=plain(flow_title(label)))
    if min(np.nanmin(values) for values in losses) > 0:
        axes.set_yscale("log")
    step_axis(axes, "loss $E$")
    if ax is None:
        legend_below(axes)
    return axes


def _window(points: list[np.ndarray]) -> list[tuple[float, float]]:
    """Frame the iterates and the part of the flows near them, with a margin."""
    iterates = points[0]
    near_start = np.abs(iterates - iterates[0]).max(axis=1) < 1e3 * (1 + np.abs(iterates[0]).max())  # a run may diverge
    finite = iterates[near_start]
    low, high = finite.min(axis=0), finite.max(axis=0)
    reach = np.maximum(high - low, 1e-3 + 0.05 * np.abs(high))
    for other in points[1:]:  # flows may widen the frame, but not dominate it
        near = other[(np.abs(other - (low + high) / 2) < 1.5 * reach).all(axis=1)]
        if len(near):
            low, high = np.minimum(low, near.min(axis=0)), np.maximum(high, near.max(axis=0))
    margin = 0.12 * np.maximum(high - low, reach)
    return [(float(a), float(b)) for a, b in zip(low - margin, high + margin, strict=True)]

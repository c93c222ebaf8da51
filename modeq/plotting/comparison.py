"""Pictures of a comparison. Each function draws into an `ax` and returns it; matplotlib is imported on first use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.comparison import Comparison
from ..analysis.drawing import draw
from ..losses.loss import Loss
from .colours import ITERATES, flow_styles, flow_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@draw.register(Comparison)
def plot_comparison(report: Comparison, path: Any = None) -> Figure:
    """Draw trajectories (in 2-D, over the contours of a loss), error against step and loss against step side by side."""
    figure_class = matplotlib_figure()
    panels = [plot_error, plot_loss] if isinstance(report.field, Loss) else [plot_error]
    if report.field.dimension == 2:
        panels.insert(0, plot_trajectories)
    figure = figure_class(figsize=(max(7.0, 5.2 * len(panels)), 4.4), layout="constrained")
    for panel, ax in zip(panels, np.atleast_1d(figure.subplots(1, len(panels))), strict=True):
        panel(report, ax=ax)
    figure.suptitle(plain(report.title))
    entries: dict[Any, Any] = {}  # the error panel alone has no entry for the method itself
    for ax in reversed(figure.axes):
        entries |= dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    labels = sorted(entries, key=lambda label: label != plain(report.method.name))  # the method first
    figure.legend([entries[label] for label in labels], labels, loc="outside lower center", ncols=len(entries), frameon=False)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def plot_trajectories(report: Comparison, *, ax: Axes) -> Axes:
    """Draw the iterates and the real parts of the flows in the plane, over contours if there is a loss."""
    if report.field.dimension != 2:
        raise ValueError(f"trajectories are drawn for two coordinates, {report.field.name} has {report.field.dimension}")
    points = [report.iterates.theta.real, *(path.theta.real for path in report.trajectories.values())]
    (left, right), (low, high) = _window(points)
    if isinstance(report.field, Loss):
        _draw_contours(report.field, (left, right), (low, high), ax)
    ax.plot(*report.iterates.theta.real.T, "o", color=ITERATES, markersize=4, label=plain(report.method.name), zorder=3)
    for label, (colour, dash) in flow_styles(report.trajectories).items():
        ax.plot(*report.trajectories[label].theta.real.T, dash, color=colour, linewidth=1.8, label=plain(flow_title(label)))
    for minimum in report.field.minima if isinstance(report.field, Loss) else ():
        if left <= minimum[0] <= right and low <= minimum[1] <= high:
            ax.plot(*minimum, "*", color="#0072B2", markersize=12, zorder=4)
    ax.set_xlim(left, right)
    ax.set_ylim(low, high)
    ax.set_xlabel(_label(report.field.coordinates[0]))
    ax.set_ylabel(_label(report.field.coordinates[1]))
    ax.set_title("trajectories (real parts)")
    return ax


def _draw_contours(loss: Loss, across: tuple[float, float], up: tuple[float, float], ax: Axes) -> None:
    x, y = np.meshgrid(np.linspace(*across, 300), np.linspace(*up, 300))
    values = loss(np.stack([x, y], axis=-1))
    values = np.ma.masked_invalid(np.where(np.abs(values) < 1e150, values, np.nan))
    if values.count() and np.ptp(values) > 0:
        shifted = np.ma.log10(values - values.min() + 1e-3 * np.abs(values).max())  # even spacing of steep contours
        ax.contourf(x, y, shifted, levels=24, cmap="Greys", alpha=0.35)
        ax.contour(x, y, shifted, levels=24, colors="0.75", linewidths=0.5)


def plot_error(report: Comparison, *, ax: Axes) -> Axes:
    """Draw the distance of each flow to the iterates against the step, on a logarithmic axis."""
    for label, (colour, dash) in flow_styles(report.trajectories).items():
        errors = report.errors[label]
        ax.plot(np.where(errors > 0, errors, np.nan), dash, color=colour, linewidth=1.8, label=plain(flow_title(label)))
        path = report.trajectories[label]
        if not path.completed:  # mark the place where the flow ended
            ax.plot(len(path) - 1, errors[len(path) - 1] or np.nan, "x", color=colour, markersize=9)
    ax.set_yscale("log")
    ax.set_xlabel("step $n$")
    ax.locator_params(axis="x", integer=True)
    ax.set_title(r"distance $\|\mathrm{Re}\,\theta(nh)-\theta_n\|$")
    ax.grid(visible=True, color="0.9")
    return ax


def plot_loss(report: Comparison, *, ax: Axes) -> Axes:
    """Draw the loss of the method and of each flow against the step."""
    runs: dict[str | int, Any] = {report.method.name: report.iterates.loss}
    runs |= {label: path.loss for label, path in report.trajectories.items()}
    losses = {label: values for label, values in runs.items() if values is not None}  # None for vector fields
    styles = flow_styles(report.trajectories)
    for label, values in losses.items():
        if label in styles:
            colour, dash = styles[label]
            ax.plot(values, dash, color=colour, linewidth=1.8, label=plain(flow_title(label)))
        else:
            ax.plot(values, "o", color=ITERATES, markersize=4, label=plain(str(label)), zorder=3)
    lowest = min(np.nanmin(values) for values in losses.values())
    if lowest > 0:
        ax.set_yscale("log")
    ax.set_xlabel("step $n$")
    ax.locator_params(axis="x", integer=True)
    ax.set_title("loss $E$")
    ax.grid(visible=True, color="0.9")
    return ax


def plain(text: str) -> str:
    """Keep matplotlib from reading $ as mathematics."""
    return text.replace("$", r"\$")


def _label(name: str) -> str:
    """Write the name of a coordinate in italics if it is a letter with an index, as it is otherwise."""
    letter = re.fullmatch(r"([A-Za-z])_?([0-9]*)", name)
    if letter is None:
        return plain(name)
    return f"${letter[1]}_{{{letter[2]}}}$" if letter[2] else f"${letter[1]}$"


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


def matplotlib_figure() -> type[Figure]:
    """Return the class of figures, or say how to install matplotlib."""
    try:
        from matplotlib.figure import Figure  # deferred: an optional dependency, and slow to import
    except ImportError:
        raise ImportError("plots need matplotlib; install it with: pip install 'modeq[plot]'") from None
    return Figure

"""Stream lines of a flow in the plane."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..flows.flow import Flow, check_flow, check_step
from ..integration.trajectory import Trajectory
from .colours import OKABE_ITO, ink
from .comparison import draw_contours
from .figures import axes_or_new, coordinate_label, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STREAMS = "#AAAAAA"  # light, where runs lie on them
Box = Sequence[tuple[float, float]]


def plot_phase_portrait(
    flow: Flow, h: float, *, box: Box | None = None, points: int = 30, runs: Iterable[Trajectory] = (), ax: Axes | None = None
) -> Axes:
    """Draw the stream lines of (the real part of) a flow, over contours if there is a loss; wider where the field is larger.

    Parameters
    ----------
    flow
        A flow with two coordinates.
    h
        Step size > 0.
    box
        ``((left, right), (low, high))``; that of the loss when left out.
    points
        Number of points in each direction, ≥ 2.
    runs
        What `modeq.iterate` and `modeq.integrate` returned: iterates are drawn as dots, flows as lines, each from a ring where it starts.
    ax
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the state has not two coordinates, or there is no box.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(mq.losses.saddle())
    >>> mq.plotting.plot_phase_portrait(flow, 0.1, box=((-1, 1), (-1, 1)), points=8).get_xlabel()
    '$x$'
    """
    check_flow(flow)
    step, runs = check_step(h), list(runs)
    if flow.dimension != 2:
        raise ValueError(f"a phase portrait is drawn for two coordinates, {flow} on {flow.field.name} has {flow.dimension}")
    (left, right), (low, high) = box_of(flow.field.box, box, flow.field.name)
    x, y = np.linspace(left, right, points), np.linspace(low, high, points)
    right_side = flow.rhs(step)
    with np.errstate(all="ignore"):
        values = np.array([[right_side(0.0, np.array([a, b])).real for a in x] for b in y])
    u, v = np.ma.masked_invalid(values[..., 0]), np.ma.masked_invalid(values[..., 1])
    axes = axes_or_new(ax)
    if flow.field.potential(np.array([left, low])) is not None:
        draw_contours(flow.field, (left, right), (low, high), axes)
    size = np.log1p(np.hypot(np.ma.filled(u, 0.0), np.ma.filled(v, 0.0)))
    axes.streamplot(
        x, y, u, v, color=STREAMS if runs else ink(), linewidth=0.4 + 1.2 * size / max(float(size.max()), 1e-300), arrowsize=0.8
    )
    draw_runs(runs, axes)
    axes.set(xlim=(left, right), ylim=(low, high), title=plain(f"{flow} on {flow.field.name}, h = {step:g}"))
    axes.set_xlabel(coordinate_label(flow.field.coordinates[0]))
    axes.set_ylabel(coordinate_label(flow.field.coordinates[1]))
    return axes


def draw_runs(runs: Iterable[Trajectory], axes: Axes) -> None:
    """Draw runs in the plane, and a legend if there are any."""
    number = 0
    for run in runs:
        x, y = run.theta.real.T
        if run.flow is None:
            axes.plot(x, y, "-", color=ink(), linewidth=0.4)
            axes.plot(x, y, ".", color=ink(), markersize=4, label="iterates")
        else:
            axes.plot(
                x,
                y,
                color=OKABE_ITO[number % len(OKABE_ITO)],
                dashes=(6 - number % 3 * 2, number % 3),
                linewidth=1.6,
                label=plain(str(run.flow)),
            )
            number += 1
        axes.plot(x[0], y[0], "o", color=ink(), markersize=7, fillstyle="none")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)


def box_of(known: Box | None, asked: Box | None, name: str) -> Box:
    """Return the box that was asked for or that a field knows, or raise."""
    chosen = known if asked is None else asked
    if chosen is None:
        raise ValueError(f"say which part of the plane to draw: {name} has no box of its own; give box=((left, right), (low, high))")
    if len(chosen) != 2 or not all(a < b for a, b in chosen):
        raise ValueError(f"box is ((left, right), (low, high)) with left < right and low < high, got {asked!r}")
    return [(float(a), float(b)) for a, b in chosen]

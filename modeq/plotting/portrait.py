"""Phase portraits of fields in the plane: where a flow goes, and runs on top of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..flows.flow import Flow, check_flow, check_step
from ..integration.trajectory import Trajectory
from .colours import ITERATES, OKABE_ITO
from .figures import axes_or_new, coordinate_label, legend_below, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID = 25


def plot_portrait(
    flow: Flow, h: float, box: tuple[tuple[float, float], tuple[float, float]], *, runs: Iterable[Trajectory] = (), ax: Axes | None = None
) -> Axes:
    """Draw the streamlines of a flow in the plane, and runs of methods or flows through them.

    Parameters
    ----------
    flow
        A flow whose state is a point of the plane, such as an order or "map" of players without memory.
    h
        Step size of the flow.
    box
        (low, high) of each coordinate.
    runs
        What `modeq.iterate` and `modeq.integrate` returned: iterates as dots, flows as lines. Each starts at a ring.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If the state of the flow is no point of the plane, or a range of the box is empty.

    Examples
    --------
    >>> import modeq as mq
    >>> game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    >>> run = mq.iterate(mq.Alternating(), game, [1.0, 0.0], h=0.2, steps=30)
    >>> axes = mq.plotting.plot_portrait(mq.gradient_flow().on(game), 0.2, ((-1.5, 1.5), (-1.5, 1.5)), runs=[run])
    >>> axes.get_xlabel()
    '$x$'
    """
    check_flow(flow)
    step = check_step(h)
    if flow.dimension != 2 or flow.field.dimension != 2:
        raise ValueError(f"a portrait shows flows in the plane, the {flow} on {flow.field.name} has states of {flow.dimension} numbers")
    ranges = np.asarray(box, float)
    if ranges.shape != (2, 2) or not (ranges[:, 0] < ranges[:, 1]).all():
        raise ValueError(f"box has (low, high) for each of two coordinates, got {box!r}")
    axes = axes_or_new(ax, 5.0, 5.0)
    x, y = (np.linspace(low, high, _GRID) for low, high in ranges)
    right = flow.rhs(step)
    values = np.array([[np.real(right(0.0, np.array([a, b]))) for a in x] for b in y])
    axes.streamplot(x, y, values[..., 0], values[..., 1], color="0.75", linewidth=0.7, arrowsize=0.8, density=1.1)
    for number, run in enumerate(runs):
        points = run.theta.real
        if run.flow is None:
            axes.plot(*points.T, "-", color="0.6", linewidth=0.4)
            axes.plot(*points.T, ".", color=ITERATES, markersize=4, label="iterates")
        else:
            axes.plot(*points.T, color=OKABE_ITO[(number + 1) % len(OKABE_ITO)], linewidth=1.4, label=plain(run.flow.title))
        axes.plot(*points[0], "o", color=ITERATES, markersize=7, fillstyle="none")
    axes.set_xlim(*ranges[0])
    axes.set_ylim(*ranges[1])
    axes.set_aspect("equal")
    axes.set_xlabel(coordinate_label(flow.field.coordinates[0]))
    axes.set_ylabel(coordinate_label(flow.field.coordinates[1]))
    if ax is None:
        legend_below(axes)
    return axes

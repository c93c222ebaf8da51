"""Which minimum a method reaches from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..integration.iterate import iterate
from ..losses.field import Field
from ..methods.method import Method
from .colours import OKABE_ITO, ink
from .figures import axes_or_new, coordinate_label, legend_below, plain
from .phase_portrait import Box, box_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NEAR = 0.05  # of the width of the box: as close counts as having reached a minimum


def plot_basins(
    method: Method, field: Field, *, h: float, steps: int = 500, box: Box | None = None, points: int = 100, ax: Axes | None = None
) -> Axes:
    """Colour the plane by the minimum that a method reaches from there; white where it reaches none.

    Parameters
    ----------
    method
        Any method with numeric parameters.
    field
        A loss with two coordinates that knows its minima.
    h
        Step size > 0.
    steps
        Number of steps.
    box
        ``((left, right), (low, high))``; that of the loss when left out.
    points
        Number of starting points in each direction, ≥ 2.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not two coordinates, no minima are known, or there is no box.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("(x**2 - 1)**2/4 + y**2/2", ["x", "y"]).described(minima=((-1.0, 0.0), (1.0, 0.0)))
    >>> ax = mq.plotting.plot_basins(mq.GradientDescent(), E, h=0.1, steps=50, box=((-2, 2), (-1, 1)), points=4)
    >>> [text.get_text() for text in ax.figure.legends[0].get_texts()]
    ['(-1, 0)', '(1, 0)']
    """
    if field.dimension != 2 or not field.minima:
        raise ValueError(f"basins are drawn for a loss with two coordinates and known minima, {field.name} has {len(field.minima)} minima")
    (left, right), (low, high) = box_of(field.box, box, field.name)
    x, y = np.linspace(left, right, points), np.linspace(low, high, points)
    starts = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    last = iterate(method, field, starts, h=h, steps=steps).theta[:, -1].real
    away = np.linalg.norm(last[:, np.newaxis] - np.array(field.minima), axis=2)
    away = np.where(np.isnan(away), np.inf, away)
    nearest = np.where(away.min(axis=1) <= _NEAR * max(right - left, high - low), away.argmin(axis=1), -1)
    axes = axes_or_new(ax)
    for i, minimum in enumerate(field.minima):
        colour = OKABE_ITO[i % len(OKABE_ITO)]
        mask = np.ma.masked_where(nearest.reshape(points, points) != i, np.ones((points, points)))
        axes.contourf(x, y, mask.filled(0.0), levels=[0.5, 1.5], colors=[colour], alpha=0.5)
        axes.plot(*minimum, "*", color="#FFFFFF", markeredgecolor=ink(), markersize=13, zorder=4)
        axes.plot([], [], "s", color=colour, alpha=0.5, label=f"({minimum[0]:g}, {minimum[1]:g})")
    axes.set(xlim=(left, right), ylim=(low, high), title=plain(f"{method.name} on {field.name}, h = {h:g}"))
    axes.set_xlabel(coordinate_label(field.coordinates[0]))
    axes.set_ylabel(coordinate_label(field.coordinates[1]))
    if ax is None:
        legend_below(axes)
    return axes

"""Where in the plane two flows differ, and in which direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..flows.compiled import CompiledFlow
from ..flows.flow import check_flow
from .figures import axes_or_new, coordinate_label, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FINE, _COARSE = 120, 18  # points along each side, for the magnitude and for the arrows
_ORDERS = 6  # decades of the magnitude that are told apart


def plot_field_difference(
    first: CompiledFlow,
    second: CompiledFlow,
    h: float,
    *,
    window: tuple[tuple[float, float], tuple[float, float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the difference of two flows on one loss or field in the plane, first minus second, real parts.

    Shades are its magnitude, on a logarithmic scale; arrows of one length are its direction.

    Parameters
    ----------
    first, second
        Two flows, bound to one loss or vector field with two coordinates.
    h
        Step size > 0.
    window
        ``((left, right), (low, high))``; the loss's own region of interest when left out.
    ax
        Where to draw; a new figure when left out. The colour bar takes some of its room.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If the flows are no flows in the plane or are bound to different fields, or there is no window.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[2, 0], [0, 1]])
    >>> igr, gradient = mq.modified_equation(mq.GradientDescent(), order=2).on(E), mq.gradient_flow().on(E)
    >>> ax = mq.plotting.plot_field_difference(igr, gradient, 0.1, window=((-1, 1), (-1, 1)))
    >>> ax.get_title()
    'order 2 − order 1, $h = 0.1$'
    """
    for flow in (first, second):
        check_flow(flow)
        if flow.dimension != 2:
            raise ValueError(f"fields are drawn in the plane, the {flow} on {flow.field.name} has {flow.dimension} coordinates")
    if first.field is not second.field:
        raise ValueError(f"both flows must be bound to one field, got {first.field.name} and {second.field.name}, two objects")
    box = window if window is not None else first.field.box
    if box is None:
        raise ValueError(f"{first.field.name} has no region of interest; give window=((left, right), (low, high))")
    sides = np.asarray(box, dtype=float)
    if sides.shape != (2, 2) or not (sides[:, 0] < sides[:, 1]).all():
        raise ValueError(f"window must be ((left, right), (low, high)), got {box!r}")
    axes = axes_or_new(ax, 6.2, 4.6)
    x, y, difference = _difference(first, second, h, sides, _FINE)
    size = np.ma.masked_invalid(np.hypot(*difference))
    positive = size[size > 0]
    if positive.count():
        from matplotlib.colors import LogNorm  # deferred, as matplotlib is

        top = float(np.quantile(positive.compressed(), 0.995))
        norm = LogNorm(max(float(positive.min()), top * 10.0**-_ORDERS), top)
        shades = axes.pcolormesh(x, y, np.ma.clip(size, norm.vmin, None), norm=norm, cmap="Blues", shading="gouraud", rasterized=True)
        axes.figure.colorbar(shades, ax=axes, label="magnitude of the difference", extend="both")
    x, y, difference = _difference(first, second, h, sides, _COARSE, inset=True)
    size = np.hypot(*difference)
    seen = np.isfinite(size) & (size > 0)
    axes.quiver(x[seen], y[seen], *(difference[:, seen] / size[seen]), pivot="mid", scale=28, width=0.0035, color="#222222")
    axes.set_xlim(*sides[0])
    axes.set_ylim(*sides[1])
    axes.set_xlabel(coordinate_label(first.field.coordinates[0]))
    axes.set_ylabel(coordinate_label(first.field.coordinates[1]))
    axes.set_title(plain(f"{first} − {second}, ") + f"$h = {float(h):g}$", fontsize="medium")
    return axes


def _difference(
    first: CompiledFlow, second: CompiledFlow, h: float, sides: np.ndarray, count: int, *, inset: bool = False
) -> tuple[Any, Any, np.ndarray]:
    """Return x, y, shape (n, n), and Re(first − second), shape (2, n, n), on a grid."""
    margin = (sides[:, 1] - sides[:, 0]) / (2 * count) if inset else np.zeros(2)
    x, y = np.meshgrid(*(np.linspace(low + gap, high - gap, count) for (low, high), gap in zip(sides, margin, strict=True)))
    points = np.stack([x.ravel(), y.ravel()])
    with np.errstate(all="ignore"):  # flows may be infinite somewhere
        values = np.asarray(first.batch(points, h)).real - np.asarray(second.batch(points, h)).real
    return x, y, values.reshape(2, *x.shape)

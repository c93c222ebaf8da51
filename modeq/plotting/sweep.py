"""Heat maps of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .colours import ink
from .figures import axes_or_new, legend_below, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_sweep(data: Any, variable: str, *, x: str = "h", y: str, sharpness: Any = None, ax: Axes | None = None) -> Axes:
    """Draw a variable of a sweep over two of its dimensions, logarithmic where all values are positive and spread widely.

    Parameters
    ----------
    data
        What `modeq.sweep` returned, an ``xarray.Dataset``; choose entries of other dimensions by ``data.sel(…)`` first.
    variable
        Which of its variables.
    x, y
        Dimensions of the horizontal and the vertical axis.
    sharpness
        Largest eigenvalue λ of the Hessian, a number or one for each entry of `y`: the edge of stability h = 2/λ of gradient descent is
        drawn in if `x` is ``"h"``.
    ax
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no such variable, it has other dimensions than `x` and `y`, or holds no real numbers.

    Examples
    --------
    >>> import modeq as mq
    >>> import xarray
    >>> data = xarray.Dataset({"error": (("seed", "h"), [[1.0, 2.0, 4.0], [1.0, 3.0, 9.0]])}, {"h": [0.5, 1.0, 2.0], "seed": [1, 2]})
    >>> ax = mq.plotting.plot_sweep(data, "error", y="seed", sharpness=1.9)
    >>> ax.get_xlabel(), ax.get_ylabel(), ax.lines[0].get_label()
    ('h', 'seed', 'h = 2/λ')
    """
    if variable not in data:
        raise ValueError(f"there is no variable {variable!r}; known: {', '.join(map(str, data.data_vars))}")
    values = data[variable]
    if set(values.dims) != {x, y}:
        raise ValueError(
            f"{variable} has the dimensions {', '.join(map(str, values.dims))}; choose one entry of others than {x}, {y} by sel"
        )
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{variable} holds no real numbers; draw a variable made of it, such as data[{variable!r}] == …")
    axes = axes_or_new(ax)
    table = np.ma.masked_invalid(values.transpose(y, x).to_numpy().astype(float))
    spread = table.count() and float(table.min()) > 0 and float(table.max()) > 100 * float(table.min())
    norm = "log" if spread else "linear"
    across, up = (data[name].to_numpy() for name in (x, y))
    mesh = axes.pcolormesh(np.arange(len(across) + 1) - 0.5, np.arange(len(up) + 1) - 0.5, table, norm=norm, cmap="viridis")
    bar: Any = axes.figure
    bar.colorbar(mesh, ax=axes, label=plain(variable.replace("_", " ")))
    for axis, labels in ((axes.xaxis, across), (axes.yaxis, up)):
        every = max(1, -(-len(labels) // 6))
        places = np.arange(0, len(labels), every)
        axis.set_ticks(
            places, [f"{value:.3g}" if isinstance(value, (float, np.floating)) else plain(str(value)) for value in labels[places]]
        )
    axes.set_xlabel(plain(x))
    axes.set_ylabel(plain(y))
    if sharpness is not None and x == "h":
        edge = 2 / np.broadcast_to(np.asarray(sharpness, float), len(up))
        at = np.interp(np.log(edge), np.log(across.astype(float)), np.arange(len(across)), left=np.nan, right=np.nan)
        axes.step(np.repeat(at, 2), np.repeat(np.arange(len(up)), 2) + np.tile([-0.5, 0.5], len(up)), color=ink(), label="h = 2/λ")
        if ax is None:
            legend_below(axes)
    return axes

"""Measured orders of accuracy: one-step errors against the step size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.order import OrderEstimate
from ..flows.registry import Look
from .colours import flow_styles, flow_title, ink
from .figures import axes_or_new, legend_below, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW = 1e3  # largest h over smallest, up to which there is room for labels between the powers of ten


def plot_order(estimates: OrderEstimate | Mapping[str | int, OrderEstimate], *, ax: Axes | None = None) -> Axes:
    """Draw one-step errors against the step size h, with the fitted slopes.

    Both axes are logarithmic. Lines are the fits, through the filled points; points near rounding errors, which the fit left out,
    are hollow.

    Parameters
    ----------
    estimates
        What `modeq.order_of_accuracy` returned, or several by the names of their flows, such as ``{"igr": …, 3: …}``.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If there is nothing to draw, or something else than estimates.

    Examples
    --------
    >>> import modeq as mq
    >>> gd, E, hs = mq.GradientDescent(), mq.losses.double_well(), [0.02, 0.01, 0.005]
    >>> flows = {name: mq.modified_equation(gd, p).on(E) for name, p in {"gradient": 1, "igr": 2}.items()}
    >>> ax = mq.plotting.plot_order({name: mq.order_of_accuracy(gd, flow, [1.4], hs) for name, flow in flows.items()})
    >>> ax.get_xscale(), ax.get_yscale()
    ('log', 'log')
    """
    alone = isinstance(estimates, OrderEstimate)
    several: Mapping[str | int, OrderEstimate] = {"": estimates} if isinstance(estimates, OrderEstimate) else estimates
    if not isinstance(several, Mapping) or not all(isinstance(estimate, OrderEstimate) for estimate in several.values()):
        raise TypeError("expected what modeq.order_of_accuracy returns, or a dict of them by the names of the flows")
    if not several:
        raise ValueError("there is nothing to draw: give at least one estimate, as order_of_accuracy returns")
    axes = axes_or_new(ax)
    styles: dict[str | int, Look] = {"": Look(ink(), "-", "o")} if alone else flow_styles(several)
    for label, estimate in several.items():
        style, used = styles[label], estimate.used
        slope = f"slope {estimate.slope:.2f}"
        points: dict[str, Any] = {"color": style.colour, "linestyle": "none", "marker": style.marker, "markersize": 6}
        axes.plot(estimate.hs[used], estimate.errors[used], **points)
        seen = ~used & (estimate.errors > 0)
        if seen.any():
            axes.plot(estimate.hs[seen], estimate.errors[seen], **points, markerfacecolor="none")
        h = np.array([estimate.hs[used].min(), estimate.hs[used].max()])
        level = np.exp(np.mean(np.log(estimate.errors[used]) - estimate.slope * np.log(estimate.hs[used])))
        name = slope if alone else f"{plain(flow_title(label))}: {slope}"
        axes.plot(
            h, level * h**estimate.slope, **style.line, linewidth=1.4, marker=style.marker, markevery=(2, 1), label=name
        )  # markers in the legend only
    axes.set_xscale("log")
    axes.set_yscale("log")
    _label_steps(axes)
    axes.set_xlabel("step size $h$")
    axes.set_ylabel(r"one-step error $\|\theta(h)-\theta_1\|$")
    axes.grid(visible=True, alpha=0.3)
    if ax is None:
        legend_below(axes)
    return axes


def _label_steps(axes: Axes) -> None:
    """Label 1, 2 and 5 times the powers of ten over a few decades, only the powers over more: labels must not overlap."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    low, high = axes.get_xlim()
    few = high < _FEW * low
    axes.xaxis.set_minor_formatter(NullFormatter())
    if few:
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))

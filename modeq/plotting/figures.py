"""What all pictures share: a figure where none is given, a legend outside the data, names as labels.

Figures are made without pyplot, whose list would keep them alive; Jupyter shows them as they are.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..series.text import GREEK

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, sizes in inches, or say how to install matplotlib."""
    try:
        from .jupyter import JupyterFigure  # deferred: matplotlib is an optional dependency, and slow to import
    except ImportError:
        raise ImportError("plots need matplotlib; install it with: pip install 'modeq[plot]'") from None
    return JupyterFigure(figsize=(width, height), layout="constrained")


def axes_or_new(ax: Axes | None, width: float = 5.6, height: float = 4.4) -> Axes:
    """Return `ax`, or the axes of a new figure, sizes in inches.

    Raises
    ------
    TypeError
        If `ax` is something else, such as a figure.
    """
    if ax is None:
        return new_figure(width, height).add_subplot()
    if not hasattr(ax, "plot") or not hasattr(ax, "figure"):
        raise TypeError(f"ax must be matplotlib axes, such as figure.add_subplot() returns, got {type(ax).__name__}")
    return ax


def legend_below(ax: Axes) -> None:
    """Put the legend of a new figure below its axes, where it covers no data."""
    entries = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    if entries:
        figure: Any = ax.figure  # a whole one, since it is new
        figure_legend(figure, entries)


def figure_legend(figure: Figure, entries: Mapping[str, Artist]) -> None:
    """Put a legend below all axes of a figure, with as many entries side by side as its width has room for."""
    for columns in range(len(entries), 0, -1):
        legend = figure.legend(list(entries.values()), list(entries), loc="outside lower center", ncols=columns, frameon=False)
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def wrapped_title(figure: Figure, title: str) -> None:
    """Write a title above all axes, in as many lines as the width of the figure asks for."""
    if title:
        letters = max(20, int(figure.get_figwidth() * 11))  # at the size of titles
        figure.suptitle("\n".join(textwrap.wrap(plain(title), letters)))


def finished(figure: Figure, path: Any) -> Figure:
    """Save a figure if it has a path, and return it; the style sheet's resolution counts where it says one."""
    if path is not None:
        from matplotlib import rcParams  # deferred, as above

        figure.savefig(path, dpi=150 if rcParams["savefig.dpi"] == "figure" else rcParams["savefig.dpi"])
    return figure


def step_axis(ax: Axes, ylabel: str) -> None:
    """Label axes whose horizontal one counts steps."""
    ax.set_xlabel("step $n$")
    ax.locator_params(axis="x", integer=True)
    ax.set_ylabel(ylabel)
    ax.grid(visible=True, alpha=0.3)


def plain(text: str) -> str:
    """Keep matplotlib from reading $ as mathematics."""
    return text.replace("$", r"\$")


def coordinate_label(name: str) -> str:
    """Write the name of a coordinate in italics if it is a letter, Greek ones by name, with an index; as it is otherwise."""
    parts = re.fullmatch(r"([^\W\d_]+)_?([0-9]*)", name)
    letter = "" if parts is None else GREEK.get(parts[1], parts[1])
    if parts is None or len(letter) != 1:
        return plain(name)
    return f"${letter}_{{{parts[2]}}}$" if parts[2] else f"${letter}$"

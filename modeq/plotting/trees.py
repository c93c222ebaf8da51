"""Rooted trees with their coefficients in an equation."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from ..exact import Scalar
from ..extension_points import draw
from ..series.latex import coefficient_latex
from ..series.series_equation import SeriesEquation
from ..trees.drawing import to_networkx
from ..trees.rooted import RootedTree
from .figures import axes_or_new, finished, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FILLS = ("#000000", "#FFFFFF", "#E69F00", "#56B4E9", "#009E73", "#CC79A7")  # of the colours 0, 1, …
_MOST = 120
_GREY = "0.65"  # of trees that do not occur
_WIDTH = 14.0  # of a row
_LABEL = 0.62  # height of a coefficient
_LETTER = 0.13  # width of one of its letters
_Row: TypeAlias = tuple[str | None, list[tuple[RootedTree, str]]]


def plot_trees(equation: SeriesEquation, *, ax: Axes | None = None) -> Axes:
    r"""Draw the rooted trees τ of an equation, roots below, with b(τ)/σ(τ), their factor in the series, under each.

    Rows are labelled with the power of h. Trees whose coefficient is 0 are grey. Nodes are filled by the colour (number of the field)
    of methods with several fields: black, white and so on.

    Parameters
    ----------
    equation
        A modified or modifying equation with up to 120 trees: order 7 for one field.
    ax
        Where to draw; a new figure of the size that it takes when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `equation` is no such equation, or has more trees.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), ch. III and IX.

    Examples
    --------
    >>> import modeq as mq
    >>> ax = mq.plotting.plot_trees(mq.modified_equation(mq.GradientDescent(), order=3))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "coefficient"]
    ['$1$', '$-\\frac{1}{2}$', '$\\frac{1}{3}$', '$\\frac{1}{12}$']
    """
    cell, rows = _rows(equation)
    axes = axes_or_new(ax, *_size(cell, rows))
    top = 0.0
    for power, row in rows:
        height = max(max(tree.level_sequence) for tree, _ in row) * 0.45
        base = top - height
        if power is not None:
            axes.text(-0.15, base + height / 2, power, ha="right", va="center", fontsize=12)
        for column, (tree, label) in enumerate(row):
            colour = _GREY if label == "$0$" else "#000000"
            _draw_tree(axes, tree, (column + 0.5) * cell, base, colour)
            axes.text((column + 0.5) * cell, base - 0.2, label, ha="center", va="top", fontsize=11, color=colour, gid="coefficient")
        top = base - 0.2 - _LABEL
    axes.set_xlim(-0.6, max(len(row) for _, row in rows) * cell)
    axes.set_ylim(top + 0.1, 0.2)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return axes


@draw.register(SeriesEquation)
def _(equation: SeriesEquation, path: object = None) -> Figure:
    figure = new_figure(*_size(*_rows(equation)))
    plot_trees(equation, ax=figure.add_subplot())
    figure.suptitle(plain(f"{equation.kind} equation of {equation.method.name}") + r": trees $\tau$ with $b(\tau)/\sigma(\tau)$")
    return finished(figure, path)


def _rows(equation: SeriesEquation) -> tuple[float, list[_Row]]:
    """Return the width of a tree with its margin, and (power of h, trees with labels) for each row; no power where a row goes on."""
    if not isinstance(equation, SeriesEquation):
        raise TypeError(f"expected a modified or modifying equation, got {type(equation).__name__}")
    terms = equation.terms()
    if len(terms) > _MOST:
        raise ValueError(f"the equation has {len(terms)} trees, too many for one picture (at most {_MOST}); derive it to a lower order")
    groups = [(order, [_labelled(*term) for term in group]) for order, group in groupby(terms, key=lambda term: term[0].order)]
    cell = max(1.0, *(_LETTER * _letters(label) for _, group in groups for _, label in group))
    count = max(1, int(_WIDTH / cell))
    rows: list[_Row] = []
    for order, group in groups:
        for start in range(0, len(group), count):
            rows.append((None if start else f"$h^{{{order - 1}}}$", group[start : start + count]))
    return cell, rows


def _labelled(tree: RootedTree, b: Scalar, sigma: int) -> tuple[RootedTree, str]:
    negative, value = coefficient_latex(b / sigma, 0)
    return tree, f"${'-' * negative}{value or 1}$"


def _letters(label: str) -> int:
    """Return about how many letters wide a formula is: a fraction is as wide as the longer of its parts."""
    parts = re.sub(r"\\(left|right|frac)|[ ${}^]", " ", label.replace("}{", "|")).split("|")
    return max(len(re.sub(r"\\[a-z]+", "x", part).replace(" ", "")) for part in parts) + 1


def _size(cell: float, rows: list[_Row]) -> tuple[float, float]:
    """Return the size of a figure for these rows in inches."""
    height = sum(max(max(tree.level_sequence) for tree, _ in row) * 0.45 + 0.2 + _LABEL for _, row in rows)
    return max(4.5, 0.8 * (max(len(row) for _, row in rows) * cell + 0.8) + 0.2), 0.8 * height + 0.5


def _draw_tree(ax: Axes, tree: RootedTree, x: float, base: float, colour: str) -> None:
    """Draw a tree with its root at (x, base)."""
    graph = to_networkx(tree)
    places: dict[int, float] = {}
    leaves = 0
    for node in reversed(list(graph)):  # preorder backwards: children first
        children = list(graph.successors(node))
        if children:
            places[node] = (places[children[0]] + places[children[-1]]) / 2
        else:
            places[node], leaves = float(-leaves), leaves + 1
    step = min(0.34, 0.76 / max(leaves - 1, 1))
    at = {node: (x + step * (place - places[0]), base + 0.45 * graph.nodes[node]["level"]) for node, place in places.items()}
    shift = x - (max(point[0] for point in at.values()) + min(point[0] for point in at.values())) / 2  # centred in its cell
    for node, child in graph.edges:
        (x0, y0), (x1, y1) = at[node], at[child]
        ax.plot([x0 + shift, x1 + shift], [y0, y1], color=colour, linewidth=1.3, zorder=1)
    for node, (across, up) in at.items():
        hue = graph.nodes[node]["colour"]
        fill = colour if hue == 0 else _FILLS[hue % len(_FILLS)]
        size = 7 if node == 0 else 5.5
        ax.plot(across + shift, up, "o", markersize=size, markerfacecolor=fill, markeredgecolor=colour, zorder=2)

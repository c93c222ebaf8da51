"""One colour, dash and marker for each flow, everywhere.

The colours of the usual flows are those of Okabe and Ito, which colour-blind readers can tell apart; on grey paper dashes and
markers do. Names and titles of one flow ("igr", 2, "order 2") look the same. Flows without a colour of their own get one by their
place among the others in a picture.

Reference: M. Okabe, K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, final

Dash: TypeAlias = str | tuple[float, tuple[float, ...]]  # what matplotlib calls a line style

ITERATES = "#000000"
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9")  # dark ones first


@final
@dataclass(frozen=True)
class FlowStyle:
    """How the lines and points of one flow look."""

    colour: str
    dash: Dash
    marker: str

    @property
    def line(self) -> dict[str, Any]:
        """Arguments for matplotlib's lines."""
        return {"color": self.colour, "linestyle": self.dash}


_NAMED = {
    "gradient": FlowStyle("#E69F00", "--", "s"),
    "igr": FlowStyle("#56B4E9", "-.", "^"),
    "3": FlowStyle("#009E73", ":", "D"),
    "4": FlowStyle("#117733", (0, (5, 1, 1, 1, 1, 1)), "v"),
    "principal": FlowStyle("#D55E00", "-", "o"),
    "principal2": FlowStyle("#0072B2", (0, (9, 2)), "P"),
    "principal3": FlowStyle("#CC79A7", (0, (7, 1, 1, 1)), "X"),
    "two-step": FlowStyle("#332288", (0, (3, 1)), "<"),
    "rod": FlowStyle("#44AA99", (0, (7, 2, 2, 2)), "p"),
    "central": FlowStyle("#882255", (0, (2, 1, 6, 1)), "h"),
}
_OTHERS = (
    FlowStyle("#8C564B", "-", ">"),
    FlowStyle("#7F7F7F", "--", "*"),
    FlowStyle("#999933", "-.", "8"),
    FlowStyle("#6699CC", ":", "d"),
)
_TITLES = {
    "gradient": "gradient flow",
    "igr": "IGR flow",
    "principal": "principal flow",
    "principal2": "principal flow, degree 2",
    "principal3": "principal flow, degree 3",
    "rod": "rod flow",
    "central": "central flow",
}
_SAME = {
    "1": "gradient",
    "2": "igr",
    "order 1": "gradient",
    "order 2": "igr",
    "principal flow of degree 2": "principal2",
    "principal flow of degree 3": "principal3",
    "two-step principal flow": "two-step",
} | {title: name for name, title in _TITLES.items()}


def flow_styles(labels: Iterable[str | int]) -> dict[str | int, FlowStyle]:
    """Return the look of each flow in all pictures of modeq, for pictures of your own.

    Parameters
    ----------
    labels
        Names or orders of flows; others get a look by their place among them.

    Returns
    -------
    dict
        By label; ``style.line`` are arguments for matplotlib's lines, ``style.colour``, ``style.dash`` and ``style.marker`` the parts.

    References
    ----------
    M. Okabe, K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/.

    Examples
    --------
    >>> import modeq as mq
    >>> mq.plotting.flow_styles(["igr", "principal"])["principal"].line
    {'color': '#D55E00', 'linestyle': '-'}
    """
    labels = list(labels)
    others = [label for label in labels if _name(label) not in _NAMED]
    spare = {label: _OTHERS[i % len(_OTHERS)] for i, label in enumerate(others)}
    return {label: _NAMED.get(_name(label)) or spare[label] for label in labels}


def flow_title(label: str | int) -> str:
    """Return what a legend calls a flow.

    Parameters
    ----------
    label
        Name or order of the flow.

    Returns
    -------
    str

    Examples
    --------
    >>> import modeq as mq
    >>> mq.plotting.flow_title("igr"), mq.plotting.flow_title(4)
    ('IGR flow', 'order 4')
    """
    name = str(label)
    return _TITLES.get(name, f"order {name}" if name.isdigit() else name)


def _name(label: str | int) -> str:
    """Return one name for all names of a flow."""
    text = str(label)
    order = re.fullmatch(r"order (\d+)", text)
    return _SAME.get(text, order[1] if order else text)

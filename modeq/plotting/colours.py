"""One colour, dash and marker for each flow, everywhere: those of `flows.registry`.

Flows without a look of their own get one by their place among the others in a picture.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..flows.registry import Look, entry_of

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9")  # dark ones first

_OTHERS = (
    Look("#8C564B", (0, (10, 1, 1, 1, 1, 1)), "*"),
    Look("#7F7F7F", (0, (3, 3)), "1"),
    Look("#999933", (0, (8, 3, 3, 3)), "8"),
    Look("#6699CC", (0, (1, 3)), "4"),
)


def flow_styles(labels: Iterable[str | int]) -> dict[str | int, Look]:
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
    looks = {label: _look(str(label)) for label in labels}
    others = [label for label, look in looks.items() if look is None]
    spare = {label: _OTHERS[i % len(_OTHERS)] for i, label in enumerate(others)}
    return {label: look or spare[label] for label, look in looks.items()}


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
    entry = entry_of(name.lower())
    return name if entry is None else entry.title(name.lower())


def _look(label: str) -> Look | None:
    entry = entry_of(label.lower())
    return None if entry is None else entry.look(label.lower())


def ink() -> str:
    """Return the colour of iterates and of what is drawn like text: the style sheet's, black on white and white on black.

    Examples
    --------
    >>> import matplotlib
    >>> with matplotlib.rc_context({"text.color": "white"}):
    ...     ink()
    'white'
    """
    from matplotlib import rcParams  # deferred: matplotlib is optional

    return str(rcParams["text.color"])

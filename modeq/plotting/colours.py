"""One colour and dash for each flow, everywhere; the palette of Okabe and Ito, which colour-blind readers can tell apart.

Reference: M. Okabe, K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/.
"""

from __future__ import annotations

from collections.abc import Iterable

ITERATES = "#000000"
_NAMED = {
    "gradient": ("#E69F00", "--"),
    "igr": ("#56B4E9", "-."),
    "3": ("#009E73", ":"),
    "principal": ("#D55E00", "-"),
    "principal2": ("#0072B2", "-"),
    "principal3": ("#CC79A7", "-"),
}
_OTHERS = ("#8C564B", "#7F7F7F", "#F0E442")
_DASHES = ("-", "--", "-.", ":")


def flow_styles(labels: Iterable[str | int]) -> dict[str | int, tuple[str, str]]:
    """Return (colour, dash) for each label; the usual flows always look the same."""
    others = [label for label in labels if str(label) not in _NAMED]
    spare = {label: (_OTHERS[i % len(_OTHERS)], _DASHES[i % len(_DASHES)]) for i, label in enumerate(others)}
    return {label: _NAMED.get(str(label)) or spare[label] for label in labels}


def flow_title(label: str | int) -> str:
    """Return what a legend calls a flow."""
    name = str(label)
    return {
        "gradient": "gradient flow",
        "igr": "IGR flow",
        "principal": "principal flow",
        "principal2": "principal flow, degree 2",
        "principal3": "principal flow, degree 3",
        "rod": "rod flow",
        "central": "central flow",
    }.get(name, f"order {name}" if name.isdigit() else name)

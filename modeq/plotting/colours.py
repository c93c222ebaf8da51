"""One colour and dash for each flow, everywhere; the palette of Okabe and Ito, which colour-blind readers can tell apart.

Reference: M. Okabe, K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/.
"""

from __future__ import annotations

ITERATES = "#000000"
_NAMED = {
    "gradient": ("#E69F00", "--"),
    "igr": ("#56B4E9", "-."),
    "3": ("#009E73", ":"),
    "principal": ("#D55E00", "-"),
}
_OTHERS = ("#0072B2", "#CC79A7", "#8C564B", "#7F7F7F", "#F0E442")
_DASHES = ("-", "--", "-.", ":")


def flow_styles(labels: list[str]) -> dict[str, tuple[str, str]]:
    """Return (colour, dash) for each label; the usual flows always look the same."""
    others = [label for label in labels if label not in _NAMED]
    spare = {label: (_OTHERS[i % len(_OTHERS)], _DASHES[i % len(_DASHES)]) for i, label in enumerate(others)}
    return {label: _NAMED.get(label) or spare[label] for label in labels}


def flow_title(label: str) -> str:
    """Return what a legend calls a flow."""
    return {"gradient": "gradient flow", "igr": "IGR flow", "principal": "principal flow"}.get(
        label, f"order {label}" if label.isdigit() else label
    )

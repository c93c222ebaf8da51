"""The hint of every message about an unknown name, or one that is not supported."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ", did you mean 'x'?" with the nearest known name, or nothing if none is near.

    Examples
    --------
    >>> nearest("rosenbrok", ["rosenbrock", "banana"])
    ", did you mean 'rosenbrock'?"
    """
    near = near_names(name, known, count=1)
    return f", did you mean {near[0]!r}?" if near else ""


def nearest_supported(near: Sequence[str], otherwise: str) -> str:
    """Return which names are supported that are near one that is not, or what else to do if none is.

    Examples
    --------
    >>> nearest_supported(near_names("np.sinn", ["np.sin", "np.sinh", "np.exp"], count=2), "see the docs")
    'the nearest supported are np.sin, np.sinh'
    """
    return f"the nearest supported are {', '.join(near)}" if near else otherwise


def near_names(name: str, known: Iterable[str], *, count: int = 3, similarity: float = 0.6) -> list[str]:
    """Return the names nearest to one, the best first; `similarity` is that of `difflib`, from 0 to 1."""
    return difflib.get_close_matches(name, list(known), n=count, cutoff=similarity)

"""Choices by name: activations and objectives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ..nearest import nearest

Entry = TypeVar("Entry")


def lookup(table: Mapping[str, Entry], name: str, kind: str) -> Entry:
    """Return an entry of a table; an unknown name is a `ValueError` with the nearest known one."""
    if not isinstance(name, str):
        raise TypeError(f"the {kind} is given by its name, one of {', '.join(table)}, got {name!r}")
    key = name.strip().lower().replace("_", "-")
    if key not in table:
        raise ValueError(f"unknown {kind} {name!r}{nearest(key, table)}; known: {', '.join(table)}")
    return table[key]

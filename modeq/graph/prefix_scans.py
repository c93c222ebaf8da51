"""Cumulative products and the like: all prefixes of an axis in ⌈log₂ n⌉ operations on whole arrays (Hillis and Steele, 1986)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def scanned(operation: Callable[[Any, Any], Any], x: Any, axis: int, *, reverse: bool = False) -> Any:
    """Combine each entry with all before it along an axis (behind it if `reverse`) by an associative operation.

    Entry i of x after the pass with the stride s is the combination of the last min(2s, i + 1) entries; the strides are 1, 2, 4, ….

    Examples
    --------
    >>> scanned(np.multiply, np.array([1.0, 2.0, 3.0, 4.0]), 0)
    array([ 1.,  2.,  6., 24.])
    """
    rows = np.moveaxis(np.flip(x, axis) if reverse else x, axis, 0)
    stride = 1
    while stride < len(rows):
        rows = np.concatenate([rows[:stride], operation(rows[:-stride], rows[stride:])])
        stride *= 2
    result = np.moveaxis(rows, 0, axis)
    return np.flip(result, axis) if reverse else result

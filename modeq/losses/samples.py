"""Inputs and sizes of finite-sum losses, checked where they are given."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def as_numbers(values: ArrayLike, what: str) -> Array:
    """Return finite floats in a new array of any shape, or raise."""
    array = as_floats(values, what)
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        place = ", ".join(str(index) for index in bad[0].tolist())
        count = f"{len(bad)} entries that are" if len(bad) > 1 else "an entry that is"
        raise ValueError(
            f"{what} has {count} NaN or infinite, at [{place}]{' first' * (len(bad) > 1)}; leave those samples out or fill them"
        )
    return array


def as_floats(values: ArrayLike, what: str) -> Array:
    """Return floats, possibly NaN, in a new array of any shape, or raise."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biufO" or (array.dtype == object and any(entry is None for entry in array.ravel())):
            raise TypeError
        return np.array(array, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"{what} must be an array of real numbers, got {type(values).__name__} {values!r:.60}") from None


def as_inputs(X: ArrayLike | None) -> Array:
    """Return the inputs, shape (n, k), or raise."""
    if X is None:
        raise TypeError("the inputs X are missing: give X, shape (samples, inputs), and y, for example those of a data set of modeq.data")
    array = as_numbers(X, "X")
    if array.ndim != 2 or 0 in array.shape:
        column = "; a single input for each sample is X.reshape(-1, 1)" if array.ndim == 1 else ""
        raise ValueError(f"X must have shape (samples, inputs), got {array.shape}{column}")
    return array


def as_size(value: SupportsIndex, what: str) -> int:
    """Return a positive integer, or raise."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{what} must be a positive integer, got {value!r}")
    if (size := operator.index(value)) < 1:
        raise ValueError(f"{what} must be a positive integer, got {size}")
    return size


def as_widths(widths: Iterable[SupportsIndex]) -> tuple[int, ...]:
    """Return the number of inputs, of units in each hidden layer and of outputs, or raise."""
    if isinstance(widths, (str, bytes)) or not isinstance(widths, Iterable):
        raise TypeError(f"widths are the numbers of inputs, hidden units and outputs, such as (4, 5, 1), got {widths!r}")
    sizes = tuple(as_size(width, "each width") for width in widths)
    if len(sizes) < 2:
        raise ValueError(f"widths need at least the numbers of inputs and outputs, such as (4, 1), got {sizes}")
    return sizes


def as_decay(weight_decay: Any) -> float:
    """Return the factor of the squared weights, finite and at least 0, or raise."""
    if isinstance(weight_decay, (bool, np.bool_)) or not isinstance(weight_decay, (int, float, np.integer, np.floating)):
        raise TypeError(f"weight_decay must be a number, got {weight_decay!r}")
    if not 0 <= weight_decay < math.inf:
        raise ValueError(f"weight_decay must be finite and at least 0, got {weight_decay}")
    return float(weight_decay)

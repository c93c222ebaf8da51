"""Other libraries' rules for indices: their operations are run on the numbers of entries, and say where each entry goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .numpy_structure import joined
from .traced_array import TracedArray

_LARGEST_NUMBER = 2**53  # up to which the numbers of entries are exact


def numbers_of(operands: Sequence[Any]) -> list[np.ndarray]:
    """Number all entries of all operands, from 1 on, as floats; 0 marks what an operation fills in."""
    stops = np.cumsum([x.size for x in operands])
    if len(stops) and stops[-1] >= _LARGEST_NUMBER:
        raise ValueError("there are too many entries to number them")
    return [np.arange(stop - x.size + 1.0, stop + 1.0).reshape(x.shape) for x, stop in zip(operands, stops, strict=True)]


def places_in(result: Any) -> np.ndarray:
    """Return the numbers in a result as integers."""
    numbers = np.asarray(result)
    if np.isnan(numbers).any():
        raise ValueError("an index is out of bounds, where JAX fills in NaN; indices run from 0 to the length less 1")
    return numbers.astype(np.int64)


def pool(operands: Sequence[TracedArray]) -> Any:
    """Put the entries of several arrays into one vector, in the order of their numbers."""
    return joined(operands[0].tracing, [x.reshape(-1) for x in operands], np.concatenate)


def depends(value: Any) -> bool:
    """Whether a value, or one of a list of them, depends on the parameters."""
    return any(map(depends, value)) if isinstance(value, (list, tuple)) else isinstance(value, TracedArray)


def require_fixed(operands: Sequence[Any]) -> None:
    """Raise if an index depends on the parameters."""
    if any(map(depends, operands)):
        raise TypeError(
            "the index depends on the parameters; it must be fixed. In place of x[argmax] write a sum with weights, such as softmax"
        )

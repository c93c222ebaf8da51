"""Checks of what `Loss.from_numpy` is given."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .field import Array
from .packing import ByName, Nested, Packing


def checked_shapes(params: Any) -> tuple[dict[str, tuple[int, ...]], Packing]:
    """Return the shapes of the parameters, those of nested dicts by names such as ``encoder.W``, and the form; or raise."""
    if not isinstance(params, Mapping) or not params:
        raise TypeError(f"params are the shapes of the parameters by name, such as {{'W': (3, 4), 'b': (4,)}}, got {params!r}")
    shapes = {".".join(path): _checked_shape(".".join(path), given) for path, given in _leaves(params, ())}
    return shapes, Nested() if any("." in name for name in shapes) else ByName()


def _leaves(params: Mapping[Any, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, given in params.items():
        if not isinstance(key, str) or not key.isidentifier():
            raise TypeError(f"a parameter is called by a name such as 'W1', got {key!r}")
        if not isinstance(given, Mapping):
            yield (*above, key), given
        elif given:
            yield from _leaves(given, (*above, key))
        else:
            raise ValueError(f"{'.'.join((*above, key))} is an empty dict; leave it out, or give it parameters")


def _checked_shape(name: str, given: Any) -> tuple[int, ...]:
    shape = given.shape if isinstance(given, np.ndarray) else given  # an array with the values to start from says it as well
    shape = (shape,) if isinstance(shape, (int, np.integer)) and not isinstance(shape, bool) else shape
    if not isinstance(shape, (tuple, list)) or any(isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1 for n in shape):
        raise ValueError(
            f"the shape of {name} is a tuple of integers ≥ 1, such as (3, 4) or () for a number, or an array of that shape, got {given!r}"
        )
    return tuple(int(n) for n in shape)


def checked_data(data: Any) -> dict[str, Array]:
    """Return the fixed arrays, or raise."""
    if data is not None and not isinstance(data, Mapping):
        raise TypeError(f"data are arrays by name, such as {{'X': X, 'y': y}}, got {type(data).__name__}")
    arrays = {}
    for key, value in (data or {}).items():
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"the data {key} must be real numbers, got an array of {array.dtype}")
        if not np.isfinite(array).all():
            raise ValueError(f"the data {key} contain NaN or infinite entries; remove or replace them first")
        arrays[str(key)] = array
    return arrays


def checked_layout(shapes: Mapping[str, tuple[int, ...]], dimension: int) -> dict[str, tuple[int, ...]]:
    """Return shapes of parameters by any names, or raise unless they have `dimension` entries."""
    layout = {str(name): tuple(int(n) for n in shape) for name, shape in shapes.items()}
    size = sum(math.prod(shape) for shape in layout.values())
    if size != dimension:
        raise ValueError(f"the shapes {layout} have {size} entries, and the dimension is {dimension}; make the two equal")
    return layout

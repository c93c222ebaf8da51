"""The cells of a grid, and what identifies a sweep: text that is the same in every process."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, singledispatch
from typing import Any, final

import numpy as np

from ..flows.flow import Flow
from ..losses.field import Field
from ..methods.method import Method

_CELLS = 10_000_000


@final
@dataclass(frozen=True)
class Grid:
    """Values along named dimensions; the cells are all combinations, the last dimension changing fastest.

    Attributes
    ----------
    values
        By dimension, what the function gets.
    labels
        By dimension, what the dataset shows: numbers and texts.
    """

    values: Mapping[str, Sequence[Any]]
    labels: Mapping[str, np.ndarray]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values along each dimension."""
        return tuple(len(values) for values in self.values.values())

    def __len__(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    def cell(self, number: int) -> dict[str, Any]:
        """Return the arguments of a cell."""
        places = np.unravel_index(number, self.shape)
        return {name: values[int(place)] for (name, values), place in zip(self.values.items(), places, strict=True)}


def make_grid(grid: Mapping[str, Any]) -> Grid:
    """Return a grid, or raise; objects that are no numbers and texts come as a dictionary with labels, or are labelled by their text."""
    if not isinstance(grid, Mapping) or not grid:
        raise TypeError(f"grid is a dictionary of values by name, such as {{'h': [0.1, 0.2]}}, got {grid!r}")
    values, labels = {}, {}
    for name, entry in grid.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"a dimension of the grid is named like an argument of the function, got {name!r}")
        if isinstance(entry, (str, bytes)) or not hasattr(entry, "__len__") or not len(entry):
            raise ValueError(f"the dimension {name!r} of the grid needs a list of at least one value, got {entry!r}")
        several = list(entry.values()) if isinstance(entry, Mapping) else [v.item() if isinstance(v, np.generic) else v for v in entry]
        known = np.array(list(entry)) if isinstance(entry, Mapping) else np.asarray(_labels(several))
        if len(set(known.tolist())) < len(known):
            raise ValueError(f"each value of {name!r} may stand in the grid once, got {', '.join(map(str, known.tolist()))}")
        values[name], labels[name] = several, known
    result = Grid(values, labels)
    if len(result) > _CELLS:
        raise ValueError(f"the grid has {len(result)} cells; at most {_CELLS} fit a sweep, split it")
    return result


def _labels(values: list[Any]) -> list[Any]:
    kinds = {type(value) for value in values}
    return values if kinds <= {int, float} or kinds == {str} else [str(value) for value in values]


def identity(function: Callable[..., Any], grid: Grid) -> str:
    """Return a hash of what is computed: the function's text, its arguments with their data, and the grid."""
    words = {"function": description(function), "grid": {name: [description(v) for v in values] for name, values in grid.values.items()}}
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


@singledispatch
def description(value: Any) -> str:
    """Return text that identifies a value in every process; addresses and tokens of compiled functions do not."""
    if callable(value):
        try:
            text = inspect.getsource(value)
        except (OSError, TypeError):
            text = ""
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}\n{text}"
    return repr(value)


@description.register
def _(value: partial) -> str:  # type: ignore[type-arg]  # dispatch needs the bare class
    arguments = {name: description(entry) for name, entry in value.keywords.items()}
    return json.dumps([description(value.func), [description(entry) for entry in value.args], arguments], sort_keys=True)


@description.register
def _(value: np.ndarray) -> str:
    return f"array{value.shape}{value.dtype.str}{hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"


@description.register
def _(value: Field) -> str:
    probe = np.cos(1.0 + np.arange(value.dimension)) / 3  # no special point
    with np.errstate(all="ignore"):
        there = np.round(np.asarray(value.value(probe), complex), 6)
    data = np.asarray(value.parameter_vector(1.0), float)
    return f"{value.name}{value.coordinates[:20]}{description(there)}{description(data)}"


@description.register
def _(value: Flow) -> str:
    return f"{value.title} of {value.method} on {description(value.field)}"


@description.register
def _(value: Method) -> str:
    linear = value.linear
    return f"{value.name}{repr(value) if linear is None else ''.join(map(str, (linear.A, linear.U, linear.B, linear.V)))}"


@description.register(list)
@description.register(tuple)
def _(value: Sequence[Any]) -> str:
    return json.dumps([description(entry) for entry in value])


@description.register(dict)
def _(value: dict[Any, Any]) -> str:
    return json.dumps({str(name): description(entry) for name, entry in value.items()})

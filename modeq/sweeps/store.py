"""Where results lie: arrays over all cells in memory, and on disk as a Zarr store that other processes may read meanwhile.

A variable has one axis for each dimension of the grid, then its own. ``done`` is 1 for a cell that was computed and 2 for one that ended
in an error, whose words are in ``error``; cells that are not done have NaN, −1 or empty text. Values are written before ``done``, each
file in one move, so that what is marked as done is there whenever a process dies; what is written twice has the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import numpy as np

from ..records.record import Array
from ..records.version import VERSION
from .grid import Grid
from .measures import Measures

_BLOCK = 256  # cells in a file, about
_MARK = "modeq_sweep"
DONE, FAILED = 1, 2


@final
class Store:
    """The results of a sweep.

    Parameters
    ----------
    grid
        The cells.
    key
        What identifies the sweep.
    path
        Folder of the Zarr store; None to keep results in memory only.
    """

    def __init__(self, grid: Grid, key: str, path: Path | None) -> None:
        self.grid, self.key, self.path = grid, key, path
        self.attributes = {_MARK: key, "modeq": VERSION, "numpy": np.__version__}
        self.names: dict[str, tuple[str, ...]] = {}  # own dimensions of each variable
        self.labels: dict[str, Array] = {}  # of own dimensions
        self.arrays: dict[str, Array] = {}
        self.done = np.zeros(grid.shape, np.int8)
        self.errors = np.full(grid.shape, "", np.dtypes.StringDType())
        self._changed: set[tuple[int, ...]] = set()
        self._group: Any = None
        shape, block = list(grid.shape), 1
        for axis in reversed(range(len(shape))):  # whole last dimensions, as long as they fit
            shape[axis] = max(1, min(shape[axis], _BLOCK // block))
            block *= shape[axis]
        self._chunk = tuple(shape)

    def pending(self) -> list[int]:
        """Return the numbers of the cells that are not done."""
        return np.flatnonzero(self.done.ravel() == 0).tolist()

    def put(self, number: int, kept: Measures) -> None:
        """Take the results of a cell, or raise if they are not of the form of the others; labels may be others, such as other flows."""
        labels = {name: value for name, (dimensions, value) in kept.items() if dimensions == (name,)}
        data = {name: value for name, value in kept.items() if name not in labels}
        if not self.arrays:
            self._begin(labels, data)
        if set(data) != set(self.arrays):
            raise ValueError(f"this cell gave {', '.join(data)}, others {', '.join(self.arrays)}; return the same in all cells")
        place = np.unravel_index(number, self.grid.shape)
        if set(labels) != set(self.labels):
            raise ValueError(
                f"this cell has labels along {', '.join(labels)}, others along {', '.join(self.labels)}; label the same in all"
            )
        for name, (dimensions, value) in data.items():
            whole = self.arrays[name]
            expected = tuple(
                len(labels[dimension]) if dimension in labels else size
                for dimension, size in zip(self.names[name], whole.shape[len(place) :], strict=True)
            )
            if dimensions != self.names[name] or expected != value.shape:
                raise ValueError(f"{name} has the shape {value.shape} here, {whole.shape[len(place) :]} in the first cell")
            if not np.can_cast(value.dtype, whole.dtype, "same_kind") and whole.dtype.kind != "T":
                raise ValueError(f"{name} is {value.dtype} here, {whole.dtype} in the first cell; return the same kind in all cells")
        for name, value in labels.items():
            self._extend(name, value)
        for name, (dimensions, value) in data.items():
            own: list[Any] = [
                self._places(d, labels[d]) if d in labels else np.arange(n) for d, n in zip(dimensions, value.shape, strict=True)
            ]
            entries: Any = (*place, *np.ix_(*own))
            self.arrays[name][entries] = value
        self._mark(place, DONE)

    def _places(self, name: str, labels: Array) -> Array:
        """Return where labels stand along their dimension."""
        known = {label: i for i, label in enumerate(self.labels[name].tolist())}
        return np.array([known[label] for label in labels.tolist()], dtype=int)

    def _extend(self, name: str, labels: Array) -> None:
        """Append labels that no cell had before; the cells before have nothing there."""
        known = set(self.labels[name].tolist())
        new = [label for label in labels.tolist() if label not in known]
        if not new:
            return
        self.labels[name] = np.concatenate([self.labels[name], np.array(new)])
        self._fit(name)

    def _fit(self, dimension: str) -> None:
        """Give arrays as many entries along a dimension as it has labels."""
        count = len(self.labels[dimension])
        for name, values in self.arrays.items():
            if dimension not in self.names[name]:
                continue
            axis = len(self.grid.shape) + self.names[name].index(dimension)
            more = list(values.shape)
            more[axis] = max(0, count - values.shape[axis])
            self.arrays[name] = np.concatenate([values.take(range(min(count, values.shape[axis])), axis), _empty(more, values.dtype)], axis)

    def fail(self, number: int, words: str) -> None:
        """Take the error of a cell."""
        place = np.unravel_index(number, self.grid.shape)
        self.errors[place] = words
        self._mark(place, FAILED)

    def _mark(self, place: Any, state: int) -> None:
        self.done[place] = state
        self._changed.add(tuple(int(i) // size for i, size in zip(place, self._chunk, strict=True)))

    def _begin(self, labels: dict[str, Array], data: Measures) -> None:
        clash = (set(data) | set(labels)) & ({"done", "error"} | set(self.grid.labels))
        if clash:
            raise ValueError(f"results may not be called {', '.join(sorted(clash))}, which the grid or the sweep has; rename them")
        self.labels = labels
        for name, (dimensions, value) in data.items():
            self.names[name] = tuple(dimensions)
            self.arrays[name] = _empty((*self.grid.shape, *value.shape), value.dtype)

    # On disk

    def open(self, resume: bool) -> None:
        """Read what an earlier run left, or begin a new store."""
        if self.path is None:
            return
        zarr = _zarr()
        if self.path.is_dir():
            for file in self.path.rglob("*.partial"):  # of a process that died while it wrote
                file.unlink()
            if not any(self.path.iterdir()):
                self.path.rmdir()
        if self.path.exists():
            known = self._own()
            if resume and known != self.key:
                raise ValueError(
                    f"{str(self.path)!r} holds a sweep of another function or grid; name another store, or take resume=False to replace it"
                )
            if resume:
                self._group = zarr.open_group(self.path, mode="r+")
                self._read()
                return
            shutil.rmtree(self.path)
        with _told(self.path):
            self._group = zarr.create_group(self.path, attributes=self.attributes)
            for name, values in self.grid.labels.items():
                self._write_labels(name, values)
            dimensions = tuple(self.grid.values)
            for name, values in (("error", self.errors), ("done", self.done)):
                self._create(name, values, dimensions, ())

    def _own(self) -> str:
        """Return the key of the store that is there, or raise if it is none of a sweep."""
        assert self.path is not None
        try:
            return str(json.loads((self.path / "zarr.json").read_text(encoding="utf-8"))["attributes"][_MARK])
        except (OSError, ValueError, KeyError, TypeError):
            raise FileExistsError(f"{str(self.path)!r} is there and is no store of a sweep; name another one") from None

    def _create(self, name: str, values: Array, dimensions: tuple[str, ...], own: tuple[int, ...]) -> None:
        chunks = (*self._chunk, *own) if own or values.ndim == len(self._chunk) else values.shape
        text = values.dtype.kind in "TU"
        self._group.create_array(
            name,
            shape=values.shape,
            dtype=str if text else values.dtype,
            chunks=tuple(max(1, size) for size in chunks),
            dimension_names=dimensions,
            fill_value="" if text else values.dtype.type(0 if name == "done" else _fill(values.dtype)),
            overwrite=True,
        )

    def _write_labels(self, name: str, values: Array) -> None:
        text = values.dtype.kind in "TU"
        array = self._group.create_array(
            name,
            shape=values.shape,
            dtype=str if text else values.dtype,
            chunks=values.shape,
            dimension_names=(name,),
            fill_value="" if text else values.dtype.type(_fill(values.dtype)),
            overwrite=True,
        )
        array[:] = values.astype(np.dtypes.StringDType()) if text else values

    def _append_labels(self, name: str, values: Array) -> None:
        """Write labels that came later behind the others, which stay in their file."""
        array = self._group[name]
        if len(values) != array.shape[0]:
            array.resize(values.shape)
            array[:] = values.astype(np.dtypes.StringDType()) if values.dtype.kind in "TU" else values

    def _read(self) -> None:
        for name in ("done", "error"):
            if name not in self._group:  # killed while it began
                self._create(name, self.done if name == "done" else self.errors, tuple(self.grid.values), ())
        self.done = self._group["done"][...]
        self.errors = self._group["error"][...].astype(np.dtypes.StringDType())
        for name, values in self.grid.labels.items():
            if name not in self._group or not np.array_equal(self._group[name][...].astype(values.dtype), values):
                self._write_labels(name, values)
        if not (self.done == DONE).any():
            return
        grid_dimensions = len(self.grid.shape)
        for name, array in self._group.arrays():
            if name in ("done", "error") or name in self.grid.labels:
                continue
            dimensions = array.metadata.dimension_names
            if dimensions == (name,):
                self.labels[name] = _written(array[...])
            else:
                self.names[name], self.arrays[name] = tuple(dimensions[grid_dimensions:]), array[...]
        for name in self.labels:
            self._fit(name)  # one that was killed between two files left others behind

    def flush(self) -> None:
        """Write what is new, values first.

        Raises
        ------
        OSError
            If there is no room; what was written stays, and the store can be gone on with.
        """
        if self.path is None or not self._changed:
            return
        with _told(self.path):
            if self.arrays:
                for name, values in self.labels.items():
                    if name not in self._group:
                        self._write_labels(name, values)
                    self._append_labels(name, values)
                for name, values in self.arrays.items():
                    if name not in self._group:
                        own = values.shape[len(self._chunk) :]
                        self._create(name, values, (*self.grid.values, *self.names[name]), own)
            for name, values in (*self.arrays.items(), ("error", self.errors), ("done", self.done)):
                array = self._group[name]
                if array.shape != values.shape:  # labels were appended
                    array.resize(values.shape)
                for block in sorted(self._changed):
                    region = tuple(slice(i * n, (i + 1) * n) for i, n in zip(block, self._chunk, strict=True))
                    array[region] = values[region]
        self._changed.clear()

    def dataset(self) -> Any:
        """Return everything as an ``xarray.Dataset``."""
        xarray = _xarray()
        dimensions = tuple(self.grid.values)
        data: dict[str, Any] = {name: ((*dimensions, *self.names[name]), values) for name, values in self.arrays.items()}
        data |= {"error": (dimensions, self.errors), "done": (dimensions, self.done)}
        labels = {name: ((name,), values) for name, values in (*self.grid.labels.items(), *self.labels.items())}
        return xarray.Dataset(_readable(data), _readable(labels), self.attributes)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what an error of the file system means for a store."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"results cannot be written to {str(path)!r} ({error.strerror or error}); what is there is whole: "
            "make room and call the sweep again, it goes on"
        ) from error


def _readable(variables: dict[str, Any]) -> dict[str, Any]:
    """Give text the kind that xarray selects by."""
    return {
        name: (dims, values.astype(object).astype(str) if values.dtype.kind == "T" else values)
        for name, (dims, values) in variables.items()
    }


def _written(labels: Array) -> Array:
    """Leave out places at the end that were made and not filled."""
    blank = np.isnan(labels) if labels.dtype.kind in "fc" else labels == _fill(labels.dtype)
    return labels[: int(np.flatnonzero(~blank)[-1]) + 1 if not blank.all() else 0]


def _empty(shape: Iterable[int], dtype: Any) -> Array:
    return np.full(tuple(shape), _fill(dtype), np.dtypes.StringDType() if dtype.kind in "TU" else dtype)


def _fill(dtype: Any) -> Any:
    """Return what cells that are not done hold, said explicitly: libraries differ in what they put there."""
    return {"f": np.nan, "c": complex(np.nan, np.nan), "i": -1, "T": "", "U": "", "O": ""}.get(dtype.kind, 0)


def _zarr() -> Any:
    try:
        import zarr  # deferred: optional
    except ImportError:
        raise ImportError("stores of sweeps need zarr; install it with: pip install 'modeq[sweep]'") from None
    return zarr


def _xarray() -> Any:
    try:
        import xarray  # deferred: optional
    except ImportError:
        raise ImportError("sweeps need xarray; install it with: pip install 'modeq[sweep]'") from None
    return xarray


def open_dataset(path: Path) -> Any:
    """Return a store as a dataset whose arrays are read when they are used."""
    _zarr()
    return _xarray().open_dataset(path, engine="zarr", consolidated=False, chunks=None)

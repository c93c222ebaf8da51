"""A function over a grid, survivable: results are written as they come, and a sweep that was killed goes on where it was."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..integration.progress import progress_bar
from .grid import identity, make_grid
from .lock import only_writer
from .store import Store, open_dataset
from .workers import executor_of, outcomes

if TYPE_CHECKING:
    import xarray

_SECONDS = 0.5  # between writes: fast cells are written together


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Any],
    *,
    store: str | os.PathLike[str] | None = None,
    executor: Any = None,
    resume: bool = True,
    progress: bool = False,
) -> xarray.Dataset:
    """Call a function for every combination of values, and return all results as one labelled dataset.

    Parameters
    ----------
    function
        Called with one value of each dimension by name, ``function(h=0.1, seed=3)``. ``functools.partial(mq.compare, field=E, …)``,
        `integrate`, `iterate`, or your own, which returns numbers, texts, arrays, dictionaries of them, a comparison or a run; see
        `modeq.sweeps.measures` for what is kept.
    grid
        Values by name. Methods, flows, losses and other objects come as a dictionary with labels, ``{"gd": GradientDescent()}``.
    store
        Folder of a Zarr store, which others may read meanwhile; results are in memory only when left out.
    executor
        None for this process; a number of local processes, in a script below ``if __name__ == "__main__":``; any
        ``concurrent.futures`` executor; a ``dask.distributed.Client``. The first cell is computed alone, so that its kernels are
        compiled once and the others find them in the cache.
    resume
        Go on with a store that is there, whose cells that are done – and those that ended in an error – stay; False replaces it.
    progress
        Show a progress bar with rate and rest time.

    Returns
    -------
    xarray.Dataset
        Dimensions of the grid, then those of the results. Cells may have different labels, such as the flows of each method: the
        dataset has all of them, with NaN, −1 or empty text where a cell has nothing. Choose by ``data.sel({"method": "gd"})``: xarray
        has a meaning of its own for ``data.sel(method=…)``. ``error`` has the error of a cell in words, empty where there was none;
        ``done`` is 1 for computed cells, 2 for those with an error and 0 for those that are missing.

    Raises
    ------
    BlockingIOError
        If another sweep writes to the store.
    FileExistsError, TypeError, ValueError
        If the store holds something else, the grid is no grid, or the function cannot be called; nothing is run then.
    OSError
        If results cannot be written; those that are stay, and the same call goes on.

    Examples
    --------
    >>> import modeq as mq
    >>> data = mq.sweep(lambda h, seed: {"cube": h**3 + seed}, {"h": [0.5, 1.0], "seed": [1, 2, 3]})
    >>> float(data["cube"].sel(h=0.5, seed=2))
    2.125
    """
    if not callable(function):
        raise TypeError(f"function is called for each cell, such as functools.partial(mq.compare, …), got {function!r}")
    cells = make_grid(grid)
    path = None if store is None else Path(store)
    results = Store(cells, identity(function, cells), path)
    with nullcontext() if path is None else only_writer(path):
        results.open(resume)
        missing = results.pending()
        written, first = time.monotonic(), True
        with executor_of(executor) as pool, progress_bar("sweep", len(missing), shown=progress, rate=True) as advance:
            try:
                for count, (number, outcome) in enumerate(outcomes(function, ((n, cells.cell(n)) for n in missing), pool), 1):
                    _take(results, number, outcome)
                    advance(count)
                    if first or time.monotonic() - written > _SECONDS:
                        results.flush()
                        written, first = time.monotonic(), False
            finally:
                results.flush()  # also what was done before an interrupt
    return results.dataset()


def open_sweep(store: str | os.PathLike[str]) -> xarray.Dataset:
    """Open the store of a sweep, finished or still running; arrays are read when they are used.

    Parameters
    ----------
    store
        The folder.

    Returns
    -------
    xarray.Dataset
        As `modeq.sweep` returns it.

    Raises
    ------
    FileNotFoundError
        If there is no such store.

    Examples
    --------
    >>> import modeq as mq, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = mq.sweep(lambda h: h**2, {"h": [1.0, 3.0]}, store=pathlib.Path(folder) / "squares.zarr")
    ...     data = mq.sweeps.open_sweep(pathlib.Path(folder) / "squares.zarr").load()
    >>> data["value"].to_numpy()
    array([1., 9.])
    """
    path = Path(store)
    if not (path / "zarr.json").is_file():
        raise FileNotFoundError(f"there is no store {str(path)!r}; name the folder that mq.sweep(…, store=…) wrote")
    return open_dataset(path)


def _take(results: Store, number: int, outcome: Any) -> None:
    if isinstance(outcome, str):
        results.fail(number, outcome)
        return
    try:
        results.put(number, outcome)
    except ValueError as error:
        results.fail(number, str(error))

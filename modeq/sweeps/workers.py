"""Computing cells: in this process, in local processes, or with any executor, on a dask cluster for example."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeAlias

from .measures import Measures, measures

Outcome: TypeAlias = Measures | str  # results, or an error in words
_AHEAD = 64  # cells that are handed over before results are there


def compute(function: Callable[..., Any], cell: dict[str, Any]) -> Outcome:
    """Return what is kept of a cell, or what went wrong in words; only an interrupt goes through."""
    try:
        return measures(function(**cell))
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())}"


def compute_packed(packed: bytes, cell: bytes) -> Outcome:
    """Do the same in another process; the function is unpacked once."""
    import cloudpickle  # deferred: comes with dask; made by this process's parent, not read from a file

    return compute(_unpacked(packed), cloudpickle.loads(cell))


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> Any:
    import cloudpickle  # deferred, as above

    return cloudpickle.loads(packed)


@contextmanager
def executor_of(given: Any) -> Iterator[Executor | None]:
    """Yield an executor: None for this process, local processes for a number, a dask client's own, or what was given."""
    if given is None:
        yield None
        return
    if isinstance(given, int) and not isinstance(given, bool):
        if given < 1:
            raise ValueError(f"executor is a number of processes ≥ 1, an executor or a dask client, got {given}")
        import multiprocessing  # deferred: only here

        # spawned, not forked: threads of Numba and BLAS do not survive a fork
        with ProcessPoolExecutor(given, multiprocessing.get_context("spawn"), initializer=_leave_with_parent) as pool:
            for _ in range(given):  # the pool starts a process when there is work and none is idle: all start now, beside each other
                pool.submit(os.getpid)
            yield pool
        return
    if hasattr(given, "get_executor"):  # a dask.distributed.Client
        yield given.get_executor(pure=False)  # its tokens of compiled functions differ between processes
        return
    if not hasattr(given, "submit"):
        raise TypeError(f"executor is a number of processes, a concurrent.futures executor or a dask client, got {given!r}")
    yield given


def outcomes(
    function: Callable[..., Any], cells: Iterable[tuple[int, dict[str, Any]]], executor: Executor | None
) -> Iterator[tuple[int, Outcome]]:
    """Yield number and outcome of each cell as they come; the first one alone, so that its kernels are compiled for all."""
    if executor is None:
        for number, cell in cells:
            yield number, compute(function, cell)
        return
    try:
        import cloudpickle  # deferred: comes with dask, the extra sweep
    except ImportError:
        raise ImportError("other processes need cloudpickle; install it with: pip install 'modeq[sweep]'") from None
    packed = cloudpickle.dumps(function)
    waiting: dict[Future[Outcome], int] = {}
    ahead = 1
    try:
        for number, cell in cells:
            waiting[executor.submit(compute_packed, packed, cloudpickle.dumps(cell))] = number
            if len(waiting) >= ahead:
                yield from _finished(waiting)
                ahead = _AHEAD
        while waiting:
            yield from _finished(waiting)
    except BrokenExecutor as error:
        raise RuntimeError(
            "a worker process died, of too little memory perhaps, or at its start because a script calls mq.sweep outside "
            "if __name__ == '__main__'; what is done is kept, call the sweep again"
        ) from error
    finally:
        for future in waiting:
            future.cancel()


def _finished(waiting: dict[Future[Outcome], int]) -> Iterator[tuple[int, Outcome]]:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        yield waiting.pop(future), future.result()


def _leave_with_parent() -> None:
    """End this process when the one that started it is gone, however it ended."""
    import multiprocessing  # deferred: only here

    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

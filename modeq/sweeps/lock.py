"""One writer for a store: a lock that ends with the process that holds it, however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_held: set[Path] = set()  # the system's locks are those of a process, so two sweeps in one are told apart here


@contextmanager
def only_writer(store: Path) -> Iterator[None]:
    """Hold the lock beside a store, ``name.lock``; raise if another sweep writes to it."""
    path = store.absolute().with_name(f"{store.name}.lock")
    refusal = f"another sweep is writing to {str(store)!r}; wait until it is done, or name another store"
    if path in _held:
        raise BlockingIOError(refusal)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _lock(descriptor)
        except OSError:
            raise BlockingIOError(refusal) from None
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
    finally:
        os.close(descriptor)  # which unlocks


def _lock(descriptor: int) -> None:
    """Lock a file for this process alone; processes that it starts do not inherit the lock, and so cannot outlive it."""
    if sys.platform == "win32":
        import msvcrt  # deferred: there only

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # deferred: not there

        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

"""Compiling in another process, which leaves its work in the cache on disk.

That process runs `main`, which compiles one function of a module in the cache for arguments of given
types, and then writes an empty file that says so. Processes that want the same take turns by a lock on a file, which ends with the
process that holds it; who comes second finds the work done.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .cache import cache_folder, compiling, load_module, module_name, turn, write_module

if TYPE_CHECKING:
    from .tiers import GeneratedModule

_COMMAND = f"import sys; from {__name__} import main; main(*sys.argv[1:])"
_COMMAND_UNLOCKED = f"import sys; from {__name__} import compile_unlocked; compile_unlocked(*sys.argv[1:])"
_MOST_COMPILED_HERE = 64  # modules that this process compiles itself: 150 MB
_compiled_here: set[str] = set()
_SILENT = 3.0  # seconds after which a person who waits for the compiler is told so
_NICE = 5  # what compiles yields to what runs
_AGAIN = 10.0  # seconds after which to ask again
_running: dict[str, subprocess.Popen[bytes]] = {}
_asked: dict[str, float] = {}


def described(arguments: tuple[Any, ...]) -> str:
    """Write the types of arguments, as Numba tells them apart."""
    return json.dumps([_type(argument) for argument in arguments])


def _type(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        layout = "C" if value.flags.c_contiguous else "F" if value.flags.f_contiguous else "A"
        return [value.dtype.name, value.ndim, layout, not value.flags.writeable]
    if isinstance(value, tuple):
        return ["tuple", *map(_type, value)]
    if isinstance(value, (bool, np.bool_)):
        return ["boolean"]
    return [np.asarray(value).dtype.name]


def numba_types(description: str) -> tuple[Any, ...]:
    """Return what `described` has written as Numba's types."""
    from numba import types  # deferred: this is where compiling begins

    def read(name: str, *rest: Any) -> Any:
        if name == "tuple":
            return types.BaseTuple.from_types([read(*entry) for entry in rest])
        return getattr(types, name) if not rest else types.Array(getattr(types, name.replace("bool", "boolean")), *rest)

    return tuple(read(*entry) for entry in json.loads(description))


def is_compiled(module: str, function: str, types: str) -> bool:
    """Tell whether the cache has a function for arguments of these types."""
    return (cache_folder() / _done(module, function, types)).exists()


def _done(module: str, function: str, types: str) -> str:
    return f"{module}.{function}.{hashlib.sha256(types.encode()).hexdigest()[:12]}.done"


def compile_now(source: str, function: str, types: str) -> None:
    """Compile one function of a module, or load what another process has compiled meanwhile.

    The compiler keeps some 2 MB for each module that it compiles, which nothing gives back, and 0.2 MB for each that it loads. So a process
    that has compiled many has the others compiled by one that ends, and loads them from the cache.
    """
    name = module_name(source)
    with compiling(name), _announced(function):
        if name not in _compiled_here and not is_compiled(name, function, types):
            if len(_compiled_here) < _MOST_COMPILED_HERE:
                _compiled_here.add(name)
            elif sys.executable:
                _compile_elsewhere(source, function, types)
        getattr(load_module(source), function).compile(numba_types(types))
        done = cache_folder() / _done(name, function, types)
        if not done.exists():
            done.touch(mode=0o600)


@contextlib.contextmanager
def _announced(function: str) -> Iterator[None]:
    """Say that something is compiled, once that has taken a while; through `logging`, which by default writes to standard error."""

    def say() -> None:
        logging.getLogger("modeq").warning("modeq compiles %s; the next time it is there, in %s", function, cache_folder())

    timer = threading.Timer(_SILENT, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _compile_elsewhere(source: str, function: str, types: str) -> None:
    """Wait for a process of its own that compiles; if it cannot, this one does."""
    command = [sys.executable, "-c", _COMMAND_UNLOCKED, str(write_module(source)), function, types]
    with contextlib.suppress(OSError):
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def compile_unlocked(path: str, function: str, types: str) -> None:
    """Compile one function of the module in a file of the cache, for a process that holds its lock."""
    getattr(load_module(Path(path).read_text(encoding="utf-8")), function).compile(numba_types(types))


def compile_later(module: GeneratedModule, function: str, types: str) -> bool:
    """Have another process compile, one at a time; False if that cannot be done or failed."""
    task = _done(module.name, function, types)
    process = _running.get(task)
    if process is not None and process.poll() is None:
        return True
    if process is not None and process.returncode:
        return False
    if time.monotonic() - _asked.get(task, -_AGAIN) < _AGAIN:  # another process had its turn
        return True
    if any(other.poll() is None for other in _running.values()):  # one at a time
        return True
    if not sys.executable:
        return False
    command = [sys.executable, "-c", _COMMAND, str(write_module(module.source.text)), function, types]
    try:
        _running[task] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    _asked[task] = time.monotonic()
    return True


@atexit.register
def _leave() -> None:
    """Let what is being compiled be finished: the next process will have it."""
    for process in _running.values():
        process.returncode = process.poll() or 0  # else Python warns that it still runs


def stop() -> None:
    """End what is being compiled for this process, and wait until it has ended."""
    for process in _running.values():
        process.terminate()
        process.wait()
    _running.clear()


def main(path: str, function: str, types: str) -> None:
    """Compile one function of the module in a file of the cache, unless another process compiles in the background already.

    Many short runs at a time would else leave the machine to their compilers; whoever still needs the function asks again.
    """
    if hasattr(os, "nice"):
        os.nice(_NICE)
    with turn() as free:
        if free:
            compile_now(Path(path).read_text(encoding="utf-8"), function, types)

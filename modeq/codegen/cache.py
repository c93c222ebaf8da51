"""Generated modules on disk: one file per content hash, private to its user, compiled once for all processes.

A module file is named after the SHA-256 of its text, the version of the generator and the interpreter, written
atomically and never rewritten, because Numba's own cache (``cache=True``) trusts the time stamp of the source. The folder
belongs to the user alone: what lies in it is executed.

Beside a module lie its machine code, which Numba writes to ``__pycache__``, an empty file ``….done`` for each function that is
compiled, and a file ``….lock`` that a process holds while it compiles.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pickletools
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from .whole_program import compile_whole

GENERATOR_VERSION = 1
_LOADING = threading.RLock()


def cache_folder() -> Path:
    """Return the folder of generated modules: ``$MODEQ_CACHE_DIR``, or ``modeq`` in the user's cache folder.

    Raises
    ------
    PermissionError
        If it belongs to somebody else or others may write to it.
    """
    chosen = os.environ.get("MODEQ_CACHE_DIR")
    try:
        base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modeq"
        folder = base.expanduser().absolute()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError) as error:  # RuntimeError: no home folder
        raise OSError(f"there is no folder for compiled kernels ({error}); set MODEQ_CACHE_DIR to one that you can write to") from None
    if hasattr(os, "getuid"):  # POSIX; elsewhere the user's folders are private by default
        status = folder.stat()
        if status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(
                f"the kernel cache {folder} must belong to you alone, because what lies in it is executed; "
                "run 'chmod 700' on it, or set MODEQ_CACHE_DIR to a private folder"
            )
    return folder


def clear_cache() -> int:
    """Delete all generated modules and their machine code; return how many modules there were.

    Modules that this process has loaded stay usable.

    Returns
    -------
    int
        Number of modules deleted.

    Examples
    --------
    >>> import modeq as mq
    >>> mq.clear_cache()  # doctest: +SKIP
    12
    """
    folder = cache_folder()
    modules = list(folder.glob("modeq_*.py"))
    for path in (*modules, *folder.glob("modeq_*.done"), *folder.glob("*.lock")):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    return len(modules)


def module_name(source: str) -> str:
    """Name a generated module after its content."""
    identity = f"{GENERATOR_VERSION}\n{sys.implementation.cache_tag}\n{source}"
    return f"modeq_{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def load_module(source: str) -> ModuleType:
    """Import generated source through the cache; each text is one module per process."""
    with _LOADING:  # another thread must not get a module that is still running
        return _load(module_name(source), source)


def _load(name: str, source: str) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    path = write_module(source)
    _drop_damaged(path)
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module  # before it runs: Numba looks the module up while its functions are being decorated
    try:
        specification.loader.exec_module(module)
        compile_whole(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def write_module(source: str) -> Path:
    """Write the file of a module, unless it is there, and return its path."""
    path = cache_folder() / f"{module_name(source)}.py"
    if path.exists() and path.read_text(encoding="utf-8") != source:  # damaged: only then is a file written anew
        path.unlink()
    if not path.exists():
        _write_atomically(path, source)
    return path


def _drop_damaged(path: Path) -> None:
    """Delete machine code that was cut off, by a full disk or a process that died: Numba would stumble over it for ever."""
    for file in (path.parent / "__pycache__").glob(f"{path.stem}.*.nb[ci]"):
        if not _is_whole(file.read_bytes()):
            file.unlink(missing_ok=True)
            for done in path.parent.glob(f"{path.stem}.*.done"):
                done.unlink(missing_ok=True)


def _is_whole(data: bytes) -> bool:
    """Tell whether a file of Numba's cache ends where its pickles end; nothing in it is executed."""
    at = 0
    try:
        while at < len(data):
            *_, (_, _, last) = pickletools.genops(data[at:])
            at += (last or 0) + 1
    except (ValueError, IndexError):
        return False
    return at > 0


@contextmanager
def compiling(module: str) -> Iterator[None]:
    """Hold the lock under which a module is compiled; it ends with the process, however that ends."""
    with (cache_folder() / f"{module}.lock").open("a") as stream:
        _lock(stream.fileno())
        yield  # closing the file gives the lock back


@contextmanager
def turn() -> Iterator[bool]:
    """Tell whether this process is the only one that compiles in the background, and keep it so."""
    with (cache_folder() / "background.lock").open("a") as stream:
        try:
            _lock(stream.fileno(), wait=False)
        except OSError:
            yield False
        else:
            yield True


def _lock(descriptor: int, *, wait: bool = True) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # mypy looks at POSIX only
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_atomically(path: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        try:
            os.link(temporary, path)  # unlike a rename, this never replaces a file that another process just wrote
        except FileExistsError:
            pass
        except OSError:  # no hard links on this file system
            Path(temporary).replace(path)
            return
    finally:
        Path(temporary).unlink(missing_ok=True)

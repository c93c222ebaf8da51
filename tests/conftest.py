"""What all tests share: a kernel cache of their own and fresh Python processes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

_VARIABLE = "MODEQ_CACHE_DIR"
_LIMIT = 3 * 2**30  # bytes; a run of all tests leaves about a tenth of it


def pytest_configure(config: pytest.Config) -> None:
    """Set the kernel cache of the tests before anything (doctests too) can compile; workers of xdist inherit it.

    Compiling takes most of the time of a run, so the cache stays for the next one: what it holds was compiled, by the same
    compiler, from exactly the text that a test generates again, with every warning an error. ``make clean`` deletes it.
    """
    if hasattr(config, "workerinput"):
        return
    try:
        folder = _kept_cache(config.rootpath / ".kernels")
    except OSError:  # nobody can write here
        folder = Path(tempfile.mkdtemp(prefix="modeq-tests-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ[_VARIABLE] = str(folder)
    config.add_cleanup(lambda: os.environ.pop(_VARIABLE, None))


def _kept_cache(parent: Path) -> Path:
    """Return the cache of these versions of the compiler, private to the user; delete those of others and what grew too large."""
    versions = [sys.version, *(f"{name} {version(name)}" for name in ("numba", "llvmlite", "numpy", "scipy"))]
    folder = parent / f"modeq-tests-{hashlib.sha256(repr(versions).encode()).hexdigest()[:16]}"
    for other in parent.glob("*"):
        if other != folder or sum(path.stat().st_size for path in other.rglob("*") if path.is_file()) > _LIMIT:
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty kernel cache for one test, which its subprocesses inherit."""
    folder = tmp_path / "kernels"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv(_VARIABLE, str(folder))
    return folder


@pytest.fixture
def fresh_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python code, or ``-m`` a module, in a new process where every warning is an error."""

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", *(("-c", *arguments) if arguments[0] != "-m" else arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)  # type: ignore[call-overload]

    return run

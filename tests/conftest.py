"""What all tests share: a private kernel cache and fresh Python processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

_VARIABLE = "MODEQ_CACHE_DIR"


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its own kernel cache, before anything (doctests too) can compile; workers of xdist inherit it."""
    if not hasattr(config, "workerinput"):
        config.modeq_cache = tempfile.mkdtemp(prefix="modeq-tests-")  # only the user can enter it
        os.environ[_VARIABLE] = config.modeq_cache


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the cache of this run."""
    folder = getattr(config, "modeq_cache", None)
    if folder:
        os.environ.pop(_VARIABLE, None)
        shutil.rmtree(folder, ignore_errors=True)


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

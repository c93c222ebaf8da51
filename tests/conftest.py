"""What all tests share: a kernel cache of their own and fresh Python processes."""

from __future__ import annotations

import doctest
import gc
import hashlib
import importlib
import importlib.util
import os
import re
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
    doctest.OutputChecker.check_output = _to_rounding(doctest.OutputChecker.check_output)  # type: ignore[method-assign]
    config.pluginmanager.register(_ImportOnce(config.rootpath))
    if hasattr(config, "workerinput"):
        return
    try:
        folder = _kept_cache(config.rootpath / ".kernels")
    except OSError:  # nobody can write here
        folder = Path(tempfile.mkdtemp(prefix="modeq-tests-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ[_VARIABLE] = str(folder)
    config.add_cleanup(lambda: os.environ.pop(_VARIABLE, None))
    os.environ["MODEQ_COMPILE"] = "never"  # what a test does not ask to be compiled runs as it is: no compilers in the background
    config.add_cleanup(lambda: os.environ.pop("MODEQ_COMPILE", None))


def pytest_collection_finish() -> None:
    """Let Python look for cycles less often, and not among what lives to the end: compilers allocate much, a tenth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


class _ImportOnce:
    """Import a module before its examples are collected: pytest would run a second copy of it, whose classes are others."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the ring of python-flint where that is not installed."""
        return True if collection_path.name == "flint_polynomials.py" and importlib.util.find_spec("flint") is None else None

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """Import the module of a collector."""
        path = getattr(collector, "path", None)
        if isinstance(path, Path) and path.suffix == ".py" and path.is_relative_to(self._root / "modeq"):
            importlib.import_module(".".join(path.relative_to(self._root).with_suffix("").parts).removesuffix(".__init__"))


_ROUNDED = re.compile(r"\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+|\d+(?= %)")
_COUNTED = re.compile(r" +\d+  (?=\w+$)", re.MULTILINE)  # in a table of flows: how often the solver evaluated the field


def _to_rounding(check: Callable[..., bool]) -> Callable[..., bool]:
    """Return a check of examples that no processor decides: to one unit of the last digit written, evaluations not counted."""

    def checked(self: doctest.OutputChecker, want: str, got: str, flags: int) -> bool:
        if check(self, want, got, flags):
            return True
        if "evaluations  status" in want:
            want, got = (_COUNTED.sub("  #  ", text) for text in (want, got))
        written = _ROUNDED.findall(want)
        if len(written) == len(_ROUNDED.findall(got)):
            expected = iter(written)
            got = _ROUNDED.sub(lambda found: _nearer(next(expected), found[0]), got)
        return check(self, want, got, flags)

    return checked


def _nearer(want: str, got: str) -> str:
    """Return the number that is expected if the other one is at most a unit of its last digit away."""
    mantissa, _, exponent = want.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return want if abs(float(want) - float(got)) < 1.5 * unit else got


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

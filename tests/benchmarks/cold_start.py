"""How long a person waits for a first comparison: a fresh process, nothing cached, beside the code before there were two tiers.

Counted is the time beyond ``import sympy, scipy.integrate, numba``. The earlier code, commit 7d26022, is unpacked in a temporary folder
and run on the same machine in turns. Its first comparison compiles; so the machine should have nothing else to do.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .timing import Row, fresh_process

BEFORE = "7d26022"
ROOT = Path(__file__).parents[2]

_FRAME = """
import json, sys, time
sys.path[0] = {path!r}  # before the folder in which the benchmark was started
import sympy, scipy.integrate, numba
start, used = time.perf_counter(), time.process_time()
import modeq as mq
gd = mq.GradientDescent()
{}
str(report)
print(json.dumps([time.perf_counter() - start, time.process_time() - used]))
{stop}
"""
_ROSENBROCK = "report = mq.compare(gd, mq.losses.rosenbrock(), [0.6, 0.5], h=3e-3, steps=30)"
_NETWORK = """
sample = mq.data.breast_cancer(inputs=4)
E = mq.losses.mlp(({widths}), "tanh", "mean-squared", sample.X, sample.signs())
report = mq.compare(gd, E, mq.losses.xavier(E, 0), h={h}, steps=20)
"""

# title, what runs first in the same cache, what is measured, bound of the ratio; None if there is none
CASES = [
    ("compare on Rosenbrock", None, _ROSENBROCK, 1 / 10),
    ("compare on a 4-5-1 network, h = 0.1", None, _NETWORK.format(widths="4, 5, 1", h=0.1), 1 / 8),
    (
        "another architecture, 4-5-5-1 after 4-5-1",
        _NETWORK.format(widths="4, 5, 1", h=0.1),
        _NETWORK.format(widths="4, 5, 5, 1", h=0.1),
        1 / 12,
    ),
    ("compare on a 4-5-1 network, h = 0.5, complex from hλ = 1 on", None, _NETWORK.format(widths="4, 5, 1", h=0.5), None),
]


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "-C", str(ROOT), "archive", BEFORE], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        return [row for title, first, code, bound in CASES for row in _case(folder, title, first, code, bound)]


def _case(before: str, title: str, first: str | None, code: str, bound: float | None) -> list[Row]:
    (now, used), (then, used_then) = min(_cold(str(ROOT), first, code) for _ in range(2)), _cold(before, first, code)
    return [
        Row(title, now, peer=BEFORE, peer_value=then, ratio_limit=bound),
        Row(f"{title}: processor time", used, peer=BEFORE, peer_value=used_then, ratio_limit=bound),
    ]


_STOP = "from modeq.codegen import background; background.stop()"  # what is compiled for later would be in the way


def _cold(path: str, first: str | None, code: str) -> tuple[float, float]:
    """Return seconds and seconds of processor time of `code` with an empty cache, or one that `first` has filled."""
    stop = _STOP if path == str(ROOT) else ""
    with tempfile.TemporaryDirectory() as folder:  # private to the user, as the cache demands
        environment = {"MODEQ_COMPILE": "auto", "MODEQ_CACHE_DIR": folder}
        if first is not None:
            fresh_process(_FRAME.format(first, path=path, stop=stop), environment=environment)
        elapsed, used = fresh_process(_FRAME.format(code, path=path, stop=stop), environment=environment)
    return elapsed, used

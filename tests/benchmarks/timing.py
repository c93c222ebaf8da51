"""Measuring on a noisy machine: minima of many runs, taken in turns, and fresh processes for what happens only once."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_SCALES = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))}


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name
        What was measured.
    value
        The measurement, in `unit`.
    unit
        ``"s"`` is printed with a suitable prefix, anything else as it stands.
    limit
        Upper bound for `value`; None if the issue sets none.
    peer, peer_value
        Who did the same in this run, and how long it took.
    ratio_limit
        Upper bound for value / peer_value.
    """

    name: str
    value: float
    unit: str = "s"
    limit: float | None = None
    peer: str = ""
    peer_value: float | None = None
    ratio_limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """The measurement as a multiple of the peer's."""
        return None if self.peer_value is None else self.value / self.peer_value

    @property
    def verdict(self) -> str:
        """``ok``, ``short`` of its bound, or nothing where there is no bound."""
        checks = [(self.value, self.limit), (self.ratio, self.ratio_limit)]
        results = [measured <= bound for measured, bound in checks if measured is not None and bound is not None]
        return "" if not results else "ok" if all(results) else "short"

    def cells(self) -> list[str]:
        """The line as text: name, measured, bound, peer, ratio, verdict."""
        bounds = [] if self.limit is None else [f"≤ {written(self.limit, self.unit)}"]
        bounds += [] if self.ratio_limit is None else [f"≤ {self.ratio_limit:.4g} × peer"]
        peer = "" if self.peer_value is None else f"{self.peer} {written(self.peer_value, self.unit)}"
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        return [self.name, written(self.value, self.unit), ", ".join(bounds), peer, ratio, self.verdict]


def written(value: float, unit: str) -> str:
    """Write a quantity with three digits and, for times, a prefix."""
    for scale, name in _SCALES.get(unit, ()):
        if value >= scale or name == "ns":
            return f"{value / scale:.3g} {name}"
    return f"{value:.3g} {unit}".strip()


def seconds(action: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def best(action: Callable[[], object], *, repeats: int = 5) -> float:
    """Return the shortest of several runs, after one that does not count."""
    action()
    return min(seconds(action) for _ in range(repeats))


def best_in_turns(actions: Mapping[str, Callable[[], object]], *, rounds: int = 12, repeats: int = 10) -> dict[str, float]:
    """Return the shortest run of each action; the actions take turns, so that a busy moment hits all of them."""
    for action in actions.values():
        action()
    shortest = dict.fromkeys(actions, float("inf"))
    for _ in range(rounds):
        for name, action in actions.items():
            shortest[name] = min(shortest[name], *(seconds(action) for _ in range(repeats)))
    return shortest


def fresh_process(code: str, *, environment: Mapping[str, str] | None = None) -> Any:
    """Run `code` in a new interpreter, one thread each for BLAS and OpenMP, and return the JSON that it prints last."""
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **(environment or {})}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode
    done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a benchmark's process failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def best_of_processes(code: str, *, processes: int = 3, environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """Run `code`, which prints a dictionary of numbers, in several fresh processes and return the smallest of each."""
    runs = [fresh_process(code, environment=environment) for _ in range(processes)]
    return {key: min(run[key] for run in runs) for key in runs[0]}


def medians_in_turns(codes: Mapping[str, str], *, rounds: int) -> dict[str, float]:
    """Run each code, which prints one number, `rounds` times in fresh processes in turns and return the medians."""
    values: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(rounds):
        for name, code in codes.items():
            values[name].append(fresh_process(code))
    return {name: statistics.median(found) for name, found in values.items()}

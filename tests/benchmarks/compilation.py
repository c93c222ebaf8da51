"""How long a kernel takes to compile, and how soon a fresh process has a value when the cache is warm."""

from __future__ import annotations

import tempfile

from .timing import Row, fresh_process

# title, loss, equation, bound of the first call
CASES = [
    ("rosenbrock 2-D, order 1", "rosenbrock(2)", "modified_equation(gd, 1)", 1.0),
    ("rosenbrock 2-D, order 2", "rosenbrock(2)", "modified_equation(gd, 2)", 1.0),
    ("rosenbrock 2-D, order 3", "rosenbrock(2)", "modified_equation(gd, 3)", 1.0),
    ("rosenbrock 10-D, order 3", "rosenbrock(10)", "modified_equation(gd, 3)", 1.0),
    ("rosenbrock 2-D, principal flow", "rosenbrock(2)", "principal_flow(gd)", None),
]

# Numba is imported and has compiled something else; the time is from the flow to its first value.
_COLD = """
import json, time
import numba, numpy as np
from modeq import Flow, GradientDescent, losses, modified_equation, principal_flow
numba.njit(lambda x: x + 1.0)(1.0)
gd = GradientDescent()
E = losses.{loss}
flow = {equation}.on(E)
y = np.full(flow.dimension, 0.5)
par, out = flow.parameters(1e-3), np.empty(flow.dimension, complex if flow.is_complex else float)
columns = np.full((flow.dimension, 100), 0.5)
results = np.empty(columns.shape, out.dtype)
times = []
for run in (lambda: flow.kernel(0.0, y, par, out), lambda: flow(y, 1e-3), lambda: flow.module.batch(columns, par, results)):
    start = time.perf_counter()
    run()
    times.append(time.perf_counter() - start)
print(json.dumps(times))
"""

# Everything after the imports counts: the loss, the equation, the binding, loading the kernel, the value. Numba imports most
# of itself, and scipy.linalg, when a process compiles or loads its first function; `refresh` is that import. The garbage
# collection that so many new objects make due belongs to it: else its 70 ms fall on whatever comes next.
_WARM = """
import gc, json, time
import numba
from numba.core.registry import cpu_target
from modeq import Flow, GradientDescent, losses, modified_equation, principal_flow
start = time.perf_counter()
cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()
gc.collect()
imported = time.perf_counter()
gd = GradientDescent()
E = losses.{loss}
flow = {equation}.on(E)
bound = time.perf_counter()
flow([0.5] * flow.dimension, 1e-3)
end = time.perf_counter()
print(json.dumps([end - imported, end - bound, imported - start]))
"""


def rows() -> list[Row]:
    return [row for case in CASES for row in _case(*case)]


def _case(title: str, loss: str, equation: str, bound: float | None) -> list[Row]:
    colds, warms = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:  # private to the user, as the cache demands
            environment = {"MODEQ_CACHE_DIR": folder}
            colds.append(fresh_process(_COLD.format(loss=loss, equation=equation), environment=environment))
            warms += [fresh_process(_WARM.format(loss=loss, equation=equation), environment=environment) for _ in range(2)]
    kernel, value, batch = (min(times) for times in zip(*colds, strict=True))
    total, load, numba = (min(times) for times in zip(*warms, strict=True))
    return [
        Row(f"{title}, compile kernel", kernel, limit=bound),
        Row(f"{title}, compile rhs on top", value, limit=bound),
        Row(f"{title}, compile batch", batch, limit=bound),
        Row(f"{title}, warm cache: first value after the imports", total, limit=50e-3),
        Row(f"{title}, warm cache: of this, loading and calling", load),
        Row(f"{title}, warm cache: what Numba imports on its first use", numba),
    ]

"""Principal flows of networks by Krylov spaces: products, accuracy, time and memory; memory of Taylor arithmetic."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np

import modeq as mq
from modeq.kernels.branches import psi_from_increment
from modeq.kernels.krylov import by_krylov_space, no_bends, principal_field
from modeq.kernels.matrix_functions import apply_symmetric
from modeq.losses.array_loss import ArrayLoss
from modeq.series.increment import increment

from .networks import digits
from .timing import Row, best, fresh_process, seconds

SHARPNESS = (0.8, 1.3)  # hλ at the start, where the flow is real and where it is not
STEPS = 10


def products(flow: mq.Flow, theta: Any, h: float) -> int:
    """Number of Hessian–vector products of one field at a real point."""
    loss = flow.field
    assert isinstance(loss, ArrayLoss)
    form = increment(mq.GradientDescent(), False)

    def psi(z: complex) -> complex:
        return psi_from_increment(form(complex(z)), complex(z), False)

    def spectral(matrix: Any, vector: Any, inner: Any, weights: Any, kept: int, out: Any) -> None:
        apply_symmetric(np.vectorize(psi, [complex]), matrix, vector, kept, out)

    out = np.zeros(loss.dimension, complex)
    return principal_field(
        loss.module.taylor, partial(by_krylov_space, loss.module.taylor, spectral), no_bends, theta, flow.parameters(h), out
    )


def rows() -> list[Row]:
    return [*_digits(), *_memory()]


def _digits() -> list[Row]:
    E = digits().loss
    theta, par, out = mq.losses.xavier(E, 0), E.parameter_vector(0.0), np.empty(E.dimension)
    gradient = best(lambda: E.module.loss(theta, par, out), repeats=30)
    sharpness = E.sharpness(theta)
    krylov = mq.principal_flow(mq.GradientDescent()).on(E)
    dense = mq.principal_flow(mq.GradientDescent(), hessian="dense").on(E)
    result = [Row("digits: sharpness at the start", sharpness, unit="")]
    for h in (0.5, *(product / sharpness for product in SHARPNESS)):
        title = f"digits, h = {h:.3g}, hλ = {h * sharpness:.3g}"
        value = krylov(theta, h)
        duration = best(lambda h=h: krylov(theta, h), repeats=3)
        result += [
            Row(f"{title}: products of a Krylov space", products(krylov, theta, h), unit=""),
            Row(f"{title}: principal flow by Krylov", duration, peer="gradient", peer_value=gradient),
        ]
        if h != 0.5:
            whole = dense(theta, h)
            error = float(np.linalg.norm(value - whole) / np.linalg.norm(whole))
            result += [
                Row(f"{title}: relative difference to dense", error, unit="", limit=1e-8),
                Row(f"{title}: principal flow, dense", seconds(lambda h=h: dense(theta, h))),
            ]
    return result


def integrated(product: float, *, rtol: float = 1e-10, atol: float = 1e-12) -> list[Row]:
    """Ten steps of the principal flow against gradient descent; minutes, so not part of the table."""
    E = digits().loss
    theta = mq.losses.xavier(E, 0)
    h = product / E.sharpness(theta)
    flow = mq.principal_flow(mq.GradientDescent()).on(E)
    start = time.perf_counter()
    path = mq.integrate(flow, theta, h=h, steps=STEPS, rtol=rtol, atol=atol, progress=True)
    duration = time.perf_counter() - start
    iterates = mq.iterate(mq.GradientDescent(), E, theta, h=h, steps=STEPS)
    title = f"digits, {STEPS} steps, hλ = {product}, rtol {rtol:g}"
    print(path.status, path.message)
    error = np.linalg.norm(path.theta.real - iterates.theta[: len(path)], axis=1)
    return [
        Row(f"{title}: time, {path.status} at step {len(path) - 1}", duration),
        Row(f"{title}: evaluations", path.evaluations, unit=""),
        Row(f"{title}: largest distance to the iterates", float(error.max()), unit=""),
        Row(f"{title}: largest |Im|", float(np.abs(path.theta.imag).max()), unit=""),
        Row(f"{title}: largest hλ along the iterates", h * max(E.sharpness(point) for point in iterates.theta), unit=""),
    ]


_PEAK = """
import json, time
from pathlib import Path
import numpy as np
import modeq as mq
{loss}
theta = mq.losses.xavier(E, 0)
def peak():  # not ru_maxrss, which a process inherits from the one that started it
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
def measured(action):
    start = time.perf_counter()
    action()
    first = time.perf_counter() - start
    again = []
    for _ in range(5):
        start = time.perf_counter()
        action()
        again.append(time.perf_counter() - start)
    return [min(first, *again), peak()]
gd = mq.GradientDescent()
{actions}
print(json.dumps(found))
"""
_DIGITS = 'sample = mq.data.digits(); E = mq.losses.mlp((64, 32, 10), "tanh", "softmax", sample.X, sample.y)'
_WIDE = (
    "rng = np.random.default_rng(0); X = rng.normal(size=(500, 784)); y = rng.integers(0, 10, size=500); "
    'E = mq.losses.mlp((784, 128, 10), "tanh", "softmax", X, y)'
)


def _memory() -> list[Row]:
    result = []
    for title, loss, orders in (("digits", _DIGITS, (3, 6)), ("784-128-10, 500 samples, d = 101,770", _WIDE, (3,))):
        names = ["imports and data", "gradient", *(f"field of order {order}" for order in orders)]
        calls = ["E.gradient(theta)", *(f"mq.modified_equation(gd, {order}).on(E)(theta, 0.01)" for order in orders)]
        if loss is _WIDE:
            names.append("principal flow, hλ = 0.8")
            calls.append("mq.principal_flow(gd).on(E)(theta, h)")
        lines = ["found = [[0.0, peak()]]", *(f"found.append(measured(lambda: {call}))" for call in calls)]
        if loss is _WIDE:
            lines.insert(-1, "h = 0.8 / E.sharpness(theta)")
        for name, (duration, peak) in zip(
            names, fresh_process(_PEAK.format(loss=loss, actions="\n".join(lines)), environment=_BOTH_CORES), strict=True
        ):
            result += [Row(f"{title}: {name}", duration), Row(f"{title}: peak memory after it", peak, unit="MiB")]
    return result


_BOTH_CORES = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}

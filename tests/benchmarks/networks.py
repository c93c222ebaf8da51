"""Gradients of two networks per call, in compiled loops, and how long they take to compile.

Small: 2-8-1, tanh, mean-squared, 32 samples, 33 parameters. Digits: 64-32-10, tanh, softmax, 1,797 images, 2,410 parameters.
Peers: jax.jit in double precision on the same cores, which finds its argument on the device and waits for the result, and a
gradient written by hand for Numba.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
import numpy as np

import modeq as mq
from modeq.losses.array_loss import ArrayLoss

from . import networks_jax, networks_numba
from .timing import Row, best_in_turns, fresh_process

POINTS = 1_000
CALLS = 100  # calls of a few microseconds are timed together


@dataclass(frozen=True)
class Workload:
    title: str
    widths: tuple[int, ...]
    objective: str
    X: Any
    y: Any

    @property
    def loss(self) -> ArrayLoss:
        loss = mq.losses.mlp(self.widths, "tanh", self.objective, self.X, self.y)
        assert isinstance(loss, ArrayLoss)
        return loss

    @property
    def peer(self) -> networks_jax.Peer:
        return networks_jax.Peer(self.widths, self.objective, self.X, self.y)


@cache
def small() -> Workload:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(32, 2))
    return Workload("small network", (2, 8, 1), "mean-squared", X, np.sin(X[:, 0]) * X[:, 1])


@cache
def digits() -> Workload:
    sample = mq.data.digits()
    return Workload("digits", (64, 32, 10), "softmax", sample.X, sample.y)


def rows() -> list[Row]:
    return [*_small_calls(), *_small_loops(), *_digits_calls(), *_compilation()]


def _small_calls() -> list[Row]:
    work = small()
    E = work.loss
    theta, par, out = mq.losses.xavier(E, 0), E.parameter_vector(0.0), np.empty(E.dimension)
    compiled, columns, by_hand = E.module.loss, np.ascontiguousarray(work.X.T), np.empty(E.dimension)
    peer, point = work.peer, networks_jax.on_device(theta)
    _check("the gradient by hand", lambda: networks_numba.mean_squared(theta, columns, work.y, 8, by_hand), by_hand, E.gradient(theta))
    _check("jax", lambda: None, peer.gradient(point), E.gradient(theta))
    actions: dict[str, Callable[[], object]] = {
        "module.loss": lambda: compiled(theta, par, out),
        "gradient": lambda: E.gradient(theta),
        "hand": lambda: networks_numba.mean_squared(theta, columns, work.y, 8, by_hand),
        "jax, gradient": lambda: peer.gradient(point),
        "jax, value and gradient": lambda: peer.value_and_gradient(point),
    }
    times = {name: value / CALLS for name, value in best_in_turns({n: _repeated(a) for n, a in actions.items()}, repeats=5).items()}
    title = f"{work.title}, from Python"
    return [
        Row(f"{title}: E.module.loss", times["module.loss"], peer="by hand", peer_value=times["hand"], ratio_limit=1.3),
        Row(f"{title}: E.module.loss", times["module.loss"], peer="jax grad", peer_value=times["jax, gradient"], ratio_limit=0.2),
        Row(f"{title}: E.module.loss", times["module.loss"], peer="jax value_and_grad", peer_value=times["jax, value and gradient"]),
        Row(f"{title}: E.gradient", times["gradient"], peer="jax grad", peer_value=times["jax, gradient"], ratio_limit=0.2),
    ]


def _small_loops() -> list[Row]:
    work = small()
    E = work.loss
    par, loss, columns = E.parameter_vector(0.0), E.module.loss, np.ascontiguousarray(work.X.T)

    @numba.njit
    def loop(points: np.ndarray, par: np.ndarray, out: np.ndarray) -> None:
        for i in range(len(points)):
            loss(points[i], par, out[i])

    points = mq.losses.xavier(E, 0) + 0.01 * np.random.default_rng(1).normal(size=(POINTS, E.dimension))
    found, by_hand = np.empty_like(points), np.empty_like(points)
    times = best_in_turns(
        {
            "modeq": lambda: loop(points, par, found),
            "hand": lambda: networks_numba.mean_squared_loop(points, columns, work.y, 8, by_hand),
        },
        repeats=5,
    )
    _check("the gradient by hand", lambda: None, by_hand, found)
    values = {name: value / POINTS for name, value in times.items()}
    title = f"{work.title}, in a compiled loop: loss and gradient"
    return [Row(title, values["modeq"], peer="by hand", peer_value=values["hand"], ratio_limit=1.3)]


def _digits_calls() -> list[Row]:
    work = digits()
    E = work.loss
    theta, v = mq.losses.xavier(E, 0), np.random.default_rng(2).normal(size=E.dimension)
    par, out, peer, loss = E.parameter_vector(0.0), np.empty(E.dimension), work.peer, E.module.loss
    point, direction = networks_jax.on_device(theta), networks_jax.on_device(v)
    _check("jax", lambda: None, peer.gradient(point), E.gradient(theta))
    _check("jax's Hessian–vector product", lambda: None, peer.hvp(point, direction), E.hvp(theta, v))
    many = np.random.default_rng(3).normal(size=(_DIRECTIONS, E.dimension))
    times = best_in_turns(
        {
            "loss": lambda: loss(theta, par, out),
            "hvp": lambda: E.hvp(theta, v),
            "hvp, many": lambda: E.hvp(theta, many),
            "jax, gradient": lambda: peer.gradient(point),
            "jax, value and gradient": lambda: peer.value_and_gradient(point),
            "jax, hvp": lambda: peer.hvp(point, direction),
        },
        repeats=5,
    )
    title = f"{work.title}, from Python"
    return [
        Row(f"{title}: E.module.loss", times["loss"], peer="jax grad", peer_value=times["jax, gradient"], ratio_limit=1.0),
        Row(f"{title}: E.module.loss", times["loss"], peer="jax value_and_grad", peer_value=times["jax, value and gradient"]),
        Row(f"{title}: E.hvp", times["hvp"], peer="jax jvp of grad", peer_value=times["jax, hvp"], ratio_limit=0.7),
        Row(f"{title}: E.hvp", times["hvp"], peer="gradient", peer_value=times["loss"]),
        Row(f"{title}: E.hvp, each of {_DIRECTIONS}", times["hvp, many"] / _DIRECTIONS, "s", None, "gradient", times["loss"], 1.2),
    ]


_DIRECTIONS = 16

# Numba has compiled something else before; then the loss is traced, and its functions compile or come from the cache.
_FIRST = """
import gc, json, time
import numba, numpy as np
import modeq as mq
from modeq import losses
from numba.core.registry import cpu_target
numba.njit(lambda x: x + 1.0)(1.0)
cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()
mq.losses.mlp, mq.modified_equation, mq.GradientDescent
gc.collect()
generator = np.random.default_rng(0)
X = generator.normal(size=(32, 2))
times = [time.perf_counter()]
E = mq.losses.mlp((2, 8, 1), "tanh", "mean-squared", X, X[:, 0])
theta = np.full(E.dimension, 0.1)
times.append(time.perf_counter())
E.gradient(theta)
times.append(time.perf_counter())
flow = mq.modified_equation(mq.GradientDescent(), 3).on(E)
flow(theta, 0.1)
times.append(time.perf_counter())
flow.kernel(0.0, theta, flow.parameters(0.1), np.empty(E.dimension))
times.append(time.perf_counter())
print(json.dumps(np.diff(times).tolist()))
"""


def _compilation() -> list[Row]:
    colds, warms = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            environment = {"MODEQ_CACHE_DIR": folder}
            colds.append(fresh_process(_FIRST, environment=environment))
            warms += [fresh_process(_FIRST, environment=environment) for _ in range(2)]
    result = []
    for kind, runs in (("cold", colds), ("warm", warms)):
        trace, gradient, field, kernel = (min(times) for times in zip(*runs, strict=True))
        title = f"{small().title}, {kind} cache"
        result += [
            Row(f"{title}: tracing", trace),
            Row(f"{title}: first gradient", gradient),
            Row(f"{title}: first field of order 3 on top", field),
            Row(f"{title}: first call of its kernel on top", kernel),
        ]
    return result


def _repeated(action: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(CALLS):
            action()

    return run


def _check(name: str, action: Callable[[], object], found: Any, expected: Any) -> None:
    action()
    error = np.abs(np.asarray(found) - expected).max() / np.abs(expected).max()
    if not error < 1e-10:
        raise RuntimeError(f"{name} differs from modeq by {error:.2e}")

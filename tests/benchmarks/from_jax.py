"""Losses from JAX against JAX itself, from one source function: gradients, the field of order 3 on attention, and black boxes.

Peers: `jax.jit` in double precision on the same cores, which finds its argument on the device and waits for the result; for order 3
the derivatives of the gradient along a curve, by `jax.experimental.jet` and by nested `jax.jvp`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import jet

import modeq as mq

from .networks import CALLS, digits, small
from .timing import Row, best_in_turns

jax.config.update("jax_enable_x64", True)


def squared(p: Any, X: Any, y: Any) -> Any:
    return jnp.mean((jnp.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"] - y[:, None]) ** 2) / 2


def labelled(p: Any, X: Any, y: Any) -> Any:
    logits = jnp.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))


def attention(p: Any, S: Any, y: Any) -> Any:
    x = jax.nn.standardize(S) * p["scale"] + p["shift"]
    q, k, v = (jnp.einsum("btd,dhk->bthk", x, p[name]) for name in "qkv")
    weights = jax.nn.softmax(jnp.einsum("bqhd,bkhd->bhqk", q, k) / jnp.sqrt(8.0), axis=-1)
    x = S + jnp.einsum("bqhd,hde->bqe", jnp.einsum("bhqk,bkhd->bqhd", weights, v), p["o"])
    x = x + jax.nn.gelu(x @ p["W1"] + p["b1"]) @ p["W2"]
    logits = x.mean(1) @ p["head"]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))


def wide(p: Any, X: Any) -> Any:
    return jnp.mean(jnp.tanh(X @ p["W"]).sum(1) ** 2) / 2 + jnp.sum(p["W"] ** 2) / 20


def rows() -> list[Row]:
    random = np.random.default_rng(0)
    small_work, digits_work = small(), digits()
    shapes = [{"W1": (2, 8), "b1": (8,), "W2": (8, 1), "b2": (1,)}, {"W1": (64, 32), "b1": (32,), "W2": (32, 10), "b2": (10,)}]
    params = [{name: 0.3 * random.normal(size=shape) for name, shape in layout.items()} for layout in shapes]
    result = [
        _gradients("33 parameters", squared, params[0], {"X": small_work.X, "y": small_work.y}, CALLS, 1 / 3),
        _gradients("digits, 2,410 parameters", labelled, params[1], {"X": digits_work.X, "y": digits_work.y}, 1, 1.0),
    ]
    return [*result, *_attention(random), _black_box(random)]


def _flat(function: Callable[..., Any], loss: Any, data: dict[str, Any]) -> Callable[[Any], Any]:
    """The loss of θ as one vector, in JAX."""
    shapes, arrays = list(loss.shapes.values()), {name: jnp.asarray(array) for name, array in data.items()}
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def value(theta: Any) -> Any:
        parts = [part.reshape(shape) for part, shape in zip(jnp.split(theta, ends), shapes, strict=True)]
        return function(loss.packing.assembled(parts), **arrays)

    return value


def _repeated(function: Callable[[], Any], times: int) -> Callable[[], Any]:
    def run() -> None:
        for _ in range(times):
            function()

    return run


def _check(what: str, ours: Any, theirs: Any, tolerance: float = 1e-10) -> None:
    error = np.abs(np.asarray(ours) - np.asarray(theirs)).max() / np.abs(np.asarray(theirs)).max()
    if not error < tolerance:
        raise AssertionError(f"{what}: relative error {error:.1e}")


def _gradients(title: str, function: Callable[..., Any], params: Any, data: dict[str, Any], calls: int, limit: float) -> Row:
    loss = mq.Loss.from_jax(function, params, data)
    loss.compile()
    theta = np.array(loss.start)
    gradient, point = jax.jit(jax.grad(_flat(function, loss, data))), jnp.asarray(theta)
    _check(title, loss.gradient(theta), gradient(point))
    kernel, par, out = loss.module.loss, loss.parameter_vector(0.0), np.empty_like(theta)
    times = best_in_turns(
        {
            "ours": _repeated(lambda: kernel(theta, par, out), calls),
            "jax": _repeated(partial(_waited, gradient, point), calls),
        }
    )
    return Row(f"{title}: gradient", times["ours"] / calls, peer="jax.jit", peer_value=times["jax"] / calls, ratio_limit=limit)


def _attention(random: np.random.Generator) -> list[Row]:
    layout = {
        "q": (16, 2, 8),
        "k": (16, 2, 8),
        "v": (16, 2, 8),
        "o": (2, 8, 16),
        "W1": (16, 28),
        "b1": (28,),
        "W2": (28, 16),
        "head": (16, 3),
    }
    params = {name: 0.3 * random.normal(size=shape) for name, shape in layout.items()} | {"scale": np.ones(16), "shift": np.zeros(16)}
    data = {"S": random.normal(size=(8, 6, 16)), "y": random.integers(0, 3, 8)}
    loss = mq.Loss.from_jax(attention, params, data)
    loss.compile()
    theta, h = np.array(loss.start), 0.1
    flow = mq.modified_equation(mq.GradientDescent(), 3).on(loss).rhs(h)
    value = _flat(attention, loss, data)
    gradient = jax.grad(value)

    def by_jet(point: Any, first: Any, second: Any) -> Any:
        return jet.jet(gradient, (point,), ([first, second],))[1][1]

    def by_products(point: Any, first: Any, second: Any) -> Any:
        def along(s: Any) -> Any:
            return gradient(point + s * first + s**2 / 2 * second)

        return _slope(_slope(along))(0.0)

    peers = {name: jax.jit(_order_three(gradient, bend, h)) for name, bend in (("jet", by_jet), ("nested jvp", by_products))}
    point = jnp.asarray(theta)
    for name, peer in peers.items():
        _check(f"order 3 on attention by {name}", flow(0.0, theta), peer(point))
    kernel, par, out = loss.module.loss, loss.parameter_vector(0.0), np.empty_like(theta)
    times = best_in_turns(
        {
            "gradient": lambda: kernel(theta, par, out),
            "field": lambda: flow(0.0, theta),
            **{name: partial(_waited, peer, point) for name, peer in peers.items()},
        }
    )
    title = f"attention, {loss.dimension:,} parameters: order 3"
    return [
        Row(title, times["field"], peer="own gradient", peer_value=times["gradient"], ratio_limit=12.0),
        *(Row(title, times["field"], peer=f"{name} in jax", peer_value=times[name]) for name in peers),
    ]


def _order_three(gradient: Callable[..., Any], bend: Callable[..., Any], h: float) -> Callable[[Any], Any]:
    """−∇E − h/2 ∇²E∇E − h²(∇²E∇²E∇E/3 + ∇³E[∇E, ∇E]/12); the last two are a second derivative of ∇E along one curve."""

    def field(theta: Any) -> Any:
        g = gradient(theta)
        Hg = jax.jvp(gradient, (theta,), (g,))[1]
        return -g - h / 2 * Hg - h**2 / 12 * bend(theta, g, 4 * Hg)

    return field


def _slope(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda s: jax.jvp(function, (s,), (1.0,))[1]


def _waited(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments).block_until_ready()


def _black_box(random: np.random.Generator) -> Row:
    params, data = {"W": 0.1 * random.normal(size=(100, 100))}, {"X": random.normal(size=(50, 100)) / 10}
    lowered = mq.Loss.from_jax(wide, params, data)
    given = mq.losses.jax_functions(wide, params, data)
    box = mq.Loss.from_functions(**{name: value for name, value in given.items() if name != "along"})
    theta = np.array(lowered.start)
    fields = [mq.principal_flow(mq.GradientDescent()).on(loss).rhs(0.2) for loss in (lowered, box)]
    ours, theirs = (field(0.0, theta) for field in fields)
    error = float(np.abs(ours - theirs).max() / np.abs(ours).max())
    return Row("black box with hvp, 10⁴ parameters: principal flow, difference", error, unit="", limit=1e-8)

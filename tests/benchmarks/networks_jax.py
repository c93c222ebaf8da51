"""Losses of multilayer perceptrons in jax, double precision, for the benchmarks: gradients and Hessian–vector products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


class Peer:
    """A network with tanh on data, compiled by XLA; its functions take and return jax's own arrays and wait for the result."""

    def __init__(self, widths: Sequence[int], objective: str, X: Any, y: Any) -> None:
        inputs = jnp.asarray(X)
        targets = jnp.asarray(y)

        def outputs(theta: Any) -> Any:
            signal, position = inputs, 0
            for layer, (above, below) in enumerate(pairwise(widths)):
                W = theta[position : position + above * below].reshape(above, below)
                position += above * below
                signal = signal @ W + theta[position : position + below]
                position += below
                if layer < len(widths) - 2:
                    signal = jnp.tanh(signal)
            return signal

        def mean_squared(theta: Any) -> Any:
            return jnp.sum((outputs(theta)[:, 0] - targets) ** 2) / (2 * len(targets))

        def softmax(theta: Any) -> Any:
            chosen = jnp.take_along_axis(jax.nn.log_softmax(outputs(theta)), targets[:, None], axis=1)
            return -jnp.mean(chosen)

        loss = {"mean-squared": mean_squared, "softmax": softmax}[objective]
        gradient = jax.grad(loss)
        self.gradient = _waiting(jax.jit(gradient))
        self.value_and_gradient = _waiting(jax.jit(jax.value_and_grad(loss)))
        self.hvp = _waiting(jax.jit(lambda theta, v: jax.jvp(gradient, (theta,), (v,))[1]))


def on_device(theta: Any) -> Any:
    """Hand a point over once, so that calls do not pay for it."""
    return jnp.asarray(theta)


def _waiting(compiled: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: jax.block_until_ready(compiled(*arguments))

"""The gradient of a small network as one would write it for Numba: loops over the samples innermost, arrays (units, samples)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

Array = np.ndarray[Any, Any]


@numba.njit(error_model="numpy", fastmath=True)
def mean_squared(theta: Array, X: Array, y: Array, units: int, out: Array) -> float:
    """Write the gradient of 1/(2n) Σ_i (tanh(x_i W1 + b1) W2 + b2 − y_i)² into out; X has shape (inputs, samples). Return the loss."""
    inputs, samples = X.shape
    b1 = inputs * units
    W2 = b1 + units
    b2 = W2 + units
    hidden = np.empty((units, samples))
    rest = np.empty(samples)
    delta = np.empty(samples)
    for s in range(samples):
        rest[s] = theta[b2] - y[s]
    for j in range(units):
        row = hidden[j]
        for s in range(samples):
            row[s] = theta[b1 + j]
        for i in range(inputs):
            for s in range(samples):
                row[s] += X[i, s] * theta[i * units + j]
        for s in range(samples):
            row[s] = np.tanh(row[s])
            rest[s] += row[s] * theta[W2 + j]
    total, shift = 0.0, 0.0
    for s in range(samples):
        total += rest[s] * rest[s]
        rest[s] /= samples
        shift += rest[s]
    out[b2] = shift
    for j in range(units):
        row = hidden[j]
        first, second = 0.0, 0.0
        for s in range(samples):
            first += row[s] * rest[s]
            delta[s] = rest[s] * theta[W2 + j] * (1.0 - row[s] * row[s])
            second += delta[s]
        out[W2 + j] = first
        out[b1 + j] = second
        for i in range(inputs):
            third = 0.0
            for s in range(samples):
                third += X[i, s] * delta[s]
            out[i * units + j] = third
    return 0.5 * total / samples


@numba.njit(error_model="numpy")
def mean_squared_loop(points: Array, X: Array, y: Array, units: int, out: Array) -> None:
    """Do the same at many points, shape (k, d)."""
    for i in range(len(points)):
        mean_squared(points[i], X, y, units, out[i])

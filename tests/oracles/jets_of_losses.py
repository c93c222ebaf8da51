"""Value, gradient, ∇²E·u and ∇³E[u, u] of a loss on arrays, by Taylor arithmetic in NumPy: nothing is compiled."""

import numpy as np

from modeq.graph import NumpyAlgebra
from modeq.graph.taylor import TaylorSeries


def split(loss, theta):
    parts = np.split(theta, np.cumsum([int(np.prod(shape)) for shape in loss.shapes.values()])[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, loss.shapes.values(), strict=True)]


def jet(loss, theta, u):
    series = TaylorSeries(loss.program.taylor, NumpyAlgebra(), list(loss.shapes), {})
    degrees = [series.extend(split(loss, theta)), series.extend(split(loss, u)), series.extend([None] * len(loss.shapes))]

    def joined(parts):
        filled = [0.0 if part is None else part for part in parts]
        return np.concatenate([np.broadcast_to(part, shape).ravel() for part, shape in zip(filled, loss.shapes.values(), strict=True)])

    gradient, product, half = (joined(degree[1:]) for degree in degrees)
    return float(degrees[0][0]), gradient, product, 2 * half


def assert_jets(found, expected, tolerance=1e-10):
    for name, ours, theirs in zip(("value", "gradient", "∇²E u", "∇³E[u, u]"), found, expected, strict=True):
        error = np.abs(ours - np.asarray(theirs)).max() / max(np.abs(np.asarray(theirs)).max(), 1e-3)
        assert error < tolerance, f"{name}: {error:.1e}"

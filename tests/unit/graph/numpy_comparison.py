"""Compares what is traced with NumPy itself: values, shapes and derivatives."""

import numpy as np
from hypothesis import settings

from modeq.graph import NumpyAlgebra, evaluate, gradient, jvp
from modeq.graph.tracing import trace

DOMAINS = {"any": (-1.5, 1.5), "positive": (0.3, 2.5), "inside": (-0.8, 0.8), "unit": (0.1, 0.9), "above 1": (1.2, 3.0)}
EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)


def arrays(*shapes, domain="any", seed=0):
    low, high = DOMAINS[domain]
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.uniform(low, high, shape)) for shape in shapes]


def flat(result):
    """Join the arrays that a function such as split returns."""
    return np.concatenate([np.ravel(part) for part in result]) if isinstance(result, (list, tuple)) else result


def traced(function, values):
    """Return the graph and the node, with its shape, of what a function returns; and the shape that it says it has."""
    results = []

    def loss(p):
        results.append(flat(function(*p.values())))
        return sum(np.sum(p[name]) for name in p)

    graph, _ = trace(loss, {f"x{i}": value.shape for i, value in enumerate(values)}, {})
    return graph, results[0].whole, results[0].shape


def inputs(values):
    return {f"x{i}": value for i, value in enumerate(values)}


def assert_values(function, values):
    expected = flat(function(*values))
    graph, node, shape = traced(function, values)
    (found,) = evaluate(graph, [node], inputs(values), NumpyAlgebra())
    assert shape == np.shape(expected) == np.shape(found)
    np.testing.assert_allclose(found, np.asarray(expected, dtype=float), rtol=1e-12, atol=1e-14)


def differences(scalar, values, *, analytic):
    """Return the derivatives of a function of arrays by NumPy alone: by complex steps where the function is analytic."""
    slopes = []
    for position, value in enumerate(values):
        slope = np.zeros(value.shape)
        for index in np.ndindex(value.shape):

            def along(step, position=position, index=index):
                moved = [value.astype(complex if analytic else float) for value in values]
                moved[position][index] += step
                return scalar(*moved)

            if analytic:
                slope[index] = along(1e-30j).imag / 1e-30
            else:
                h = 2e-3
                slope[index] = sum(c * (along(k * h) - along(-k * h)) for k, c in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))) / h
        slopes.append(slope)
    return slopes


def assert_derivatives(function, values, *, analytic=True):
    weights = np.random.default_rng(5).uniform(0.5, 1.5, np.shape(flat(function(*values))))

    def scalar(*arguments):
        # The second sum is there for functions such as x - x, which do not depend on x.
        return np.sum(weights * flat(function(*arguments))) + sum(np.sum(argument) for argument in arguments)

    graph, loss = trace(lambda p: scalar(*p.values()), {name: value.shape for name, value in inputs(values).items()}, {})
    nodes = [graph.input(name, value.shape) for name, value in inputs(values).items()]
    reverse = evaluate(graph, gradient(graph, loss, nodes), inputs(values), NumpyAlgebra())
    expected = differences(scalar, values, analytic=analytic)
    tolerance = 1e-11 if analytic else 1e-8
    for slope, wanted in zip(reverse, expected, strict=True):
        np.testing.assert_allclose(np.broadcast_to(slope, wanted.shape), wanted, rtol=tolerance, atol=tolerance)
    assert_forward(graph, loss, nodes, values, expected, tolerance)


def assert_forward(graph, loss, nodes, values, slopes, tolerance):
    """Compare the derivative along a random direction with the slopes."""
    rng = np.random.default_rng(6)
    directions = [rng.uniform(0.5, 1.5, value.shape) for value in values]
    tangents = [graph.input(f"direction {i}", value.shape) for i, value in enumerate(values)]
    given = inputs(values) | {f"direction {i}": direction for i, direction in enumerate(directions)}
    (found,) = evaluate(graph, jvp(graph, [loss], nodes, tangents), given, NumpyAlgebra())
    wanted = sum(np.sum(slope * direction) for slope, direction in zip(slopes, directions, strict=True))
    size = sum(np.sum(np.abs(slope * direction)) for slope, direction in zip(slopes, directions, strict=True))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * (1 + size))

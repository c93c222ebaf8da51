"""One step of a method, written once, over every algebra."""

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.graph.algebra import NumpyAlgebra, SympyAlgebra, evaluate
from modeq.graph.graph import Graph
from modeq.graph.vectors import Componentwise

METHODS = [
    mq.GradientDescent(),
    mq.HeavyBall(0.5),
    mq.Nesterov("1/4"),
    mq.Extragradient(),
    mq.compose(mq.HeavyBall(0.5), mq.GradientDescent()),
]


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_a_step_on_numbers_is_that_of_the_matrices(method):
    A, U, B, V, c = method.matrices()
    state, h = np.arange(1.0, 1 + 2 * method.states).reshape(method.states, 2), 0.3
    F = np.zeros((method.stages, 2))
    for i in range(method.stages):
        F[i] = np.sin(U[i] @ state + h * A[i] @ F)
    new = method.step(list(state), h, 0, lambda colour, x: np.sin(x), NumpyAlgebra())
    assert np.allclose(new, V @ state + h * B @ F, rtol=1e-14)
    assert np.allclose(method.output(new), c @ new, rtol=1e-14)


def test_a_step_on_symbols_is_the_formula():
    x, v, h = sympy.symbols("x v h")
    new = mq.HeavyBall("beta").step([x, v], h, 0, lambda colour, y: -2 * y, SympyAlgebra())
    assert [sympy.expand(entry - expected) for entry, expected in zip(new, (x + sympy.Symbol("beta") * v - 2 * h * x,), strict=False)] == [
        0
    ]


def test_a_step_on_a_graph_gives_the_numbers_of_a_step_on_numbers():
    graph, method = Graph(), mq.Nesterov(0.5)
    state = [(graph.input("a"), graph.input("b")), (graph.input("c"), graph.input("d"))]

    def field(colour, point):
        return tuple(graph.apply("sin", entry) for entry in point)

    nodes = method.step(state, (graph.input("h"),), 0, field, Componentwise(graph))
    values = evaluate(graph, [*nodes[0], *nodes[1]], dict(zip("abcdh", (1.0, 2.0, 3.0, 4.0, 0.1), strict=True)), NumpyAlgebra())
    expected = method.step([np.array([1.0, 2.0]), np.array([3.0, 4.0])], 0.1, 0, lambda colour, x: np.sin(x), NumpyAlgebra())
    assert np.allclose(values, np.ravel(expected), rtol=1e-15)


def test_each_stage_evaluates_the_field_of_its_colour():
    method = mq.compose(mq.GradientDescent().on_field(0), mq.GradientDescent().on_field(1))
    seen = []
    method.step([1.0], 0.1, 0, lambda colour, x: seen.append(colour) or x, NumpyAlgebra())
    assert seen == [0, 1]


def test_a_step_of_an_implicit_method_has_no_formula():
    with pytest.raises(ValueError, match="implicit"):
        mq.ProximalPoint().step([1.0], 0.1, 0, lambda colour, x: x, NumpyAlgebra())


def test_a_run_starts_at_rest_in_its_starting_point():
    method, theta = mq.compose(mq.Nesterov(0.5), mq.GradientDescent()), np.array([1.0, -2.0])
    still = method.step(method.rest(theta), 0.1, 0, lambda colour, x: np.zeros_like(x), NumpyAlgebra())
    assert np.array_equal(method.output(method.rest(theta)), theta)
    assert np.allclose(still, method.rest(theta), rtol=1e-15)

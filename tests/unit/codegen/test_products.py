"""Compiled Hessian–vector products against Taylor arithmetic in plain Python and against differences of gradients."""

import numpy as np
import pytest

import modeq as mq

RNG = np.random.default_rng(8)
PICKED = np.array([2, 0, 5, 5])


def everything(p, X, y):
    """Every kind of operation of which tangents are written, and products of matrices that both move and are large."""
    deep = np.tanh(X @ p["W"]) @ p["V"] / (1.5 + np.square(p["c"]))  # (24, 32)
    kinked = np.maximum(p["c"], 0.1 * p["c"])
    return np.mean((deep @ p["u"] - y) ** 2) + np.sum(kinked[PICKED] * (3.0 + p["u"][:4]) ** 2.5) / 9


@pytest.fixture(scope="module")
def loss():
    shapes = {"W": (5, 30), "V": (30, 32), "u": (32,), "c": (32,)}
    return mq.Loss.from_numpy(everything, shapes, {"X": RNG.normal(size=(24, 5)), "y": RNG.normal(size=24)})


@pytest.fixture(scope="module")
def point(loss):
    return 0.4 * RNG.normal(size=loss.dimension)


@pytest.fixture(scope="module")
def directions(loss):
    return RNG.normal(size=(3, loss.dimension))


def test_compiled_products_are_those_of_taylor_arithmetic_and_of_differences(loss, point, directions):
    expected = [loss.along([point, v])[1] for v in directions]
    by_differences = [(loss.gradient(point + 1e-6 * v) - loss.gradient(point - 1e-6 * v)) / 2e-6 for v in directions]
    in_python = loss.hvp(point, directions)
    loss.module.compile()
    products = loss.hvp(point, directions)
    assert loss.module.compiled.products.signatures
    np.testing.assert_allclose(in_python, expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(products, expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(products, by_differences, rtol=1e-5, atol=1e-6)


def test_one_direction_is_one_of_many(loss, point, directions):
    together = loss.hvp(point, directions)
    np.testing.assert_allclose([loss.hvp(point, v) for v in directions], together, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(loss.hvp(np.stack([point] * 3), directions), together, rtol=1e-13, atol=1e-15)
    assert loss.hvp(point, directions[np.newaxis]).shape == (1, 3, loss.dimension)


def test_products_are_symmetric(loss, point, directions):
    products = loss.hvp(point, directions) @ directions.T
    np.testing.assert_allclose(products, products.T, rtol=1e-11)

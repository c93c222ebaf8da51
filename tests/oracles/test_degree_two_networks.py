"""Degree 2 on losses with arrays against dense tensors, and against the same loss as a formula."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.series import FieldSeries

from .fields_by_degree import interpreted, module_without_compiler

GD = mq.GradientDescent()
METHODS = {"gradient descent": GD, "heavy ball": mq.HeavyBall("1/2")}


@cache
def network() -> tuple[mq.losses.ArrayLoss, np.ndarray]:
    """Return a tanh network with 16 parameters and a point."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((12, 3))
    E = mq.losses.mlp((3, 3, 1), "tanh", "mean-squared", X, np.sin(X[:, 0]) + 0.3 * X[:, 1])
    return E, mq.losses.xavier(E, 0) + 0.1 * np.cos(np.arange(E.dimension))


@cache
def tensors() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return eigenvalues λ and eigenvectors of the Hessian, ∇E and ∇³E in them."""
    E, point = network()
    values, V = np.linalg.eigh(E.hessian(point))
    third = np.array([[V.T @ E.third(point, u, v) for v in V.T] for u in V.T])
    return values, V, V.T @ E.gradient(point), third


def dense_sum(method: mq.Method, h: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the flows of degree 1 and 2 as sums over eigenvectors."""
    values, V, g, third = tensors()
    flow = mq.principal_flow(method, degree=2)
    z = h * values
    c = np.array([[[flow.quadratic_coefficient(a, b, e) for e in z] for b in z] for a in z])
    first = flow.coefficient(z) * g
    return V @ first, V @ (first - h**2 / 2 * np.einsum("ijk,jki,j,k->i", c, third, g, g))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("sharpness", [0.4, 0.97, 1.75])
def test_dense_and_matrix_free_flows_are_the_sum(name: str, sharpness: float) -> None:
    E, point = network()
    h = sharpness / tensors()[0][-1] * (0.08 if name == "heavy ball" else 1)
    first, expected = dense_sum(METHODS[name], h)
    for hessian, bound in (("dense", 1e-12), ("lanczos", 1e-8)):
        found = mq.principal_flow(METHODS[name], degree=2, hessian=hessian).on(E)(point, h)
        assert np.linalg.norm(found - expected) < bound * np.linalg.norm(expected)
    assert np.linalg.norm(expected - first) > 1e-3 * np.linalg.norm(expected)


def test_up_to_a_hundred_parameters_the_hessian_is_dense() -> None:
    E, point = network()
    chosen, dense = (mq.principal_flow(GD, degree=2, hessian=hessian).on(E) for hessian in ("auto", "dense"))
    assert (chosen(point, 0.1) == dense(point, 0.1)).all()


def test_where_the_gradient_vanishes_so_does_the_flow() -> None:
    """Without weights to the output the network is its bias, here the value that it is to have."""
    E = mq.losses.mlp((2, 2, 1), "tanh", "mean-squared", X, np.full(3, 0.25))
    for hessian in ("dense", "lanczos"):
        assert (mq.principal_flow(GD, degree=2, hessian=hessian).on(E)([0.3, 0.1, -0.2, 0.4, 0.1, 0.2, 0, 0, 0.25], 0.5) == 0).all()


# --- the same loss as a formula --------------------------------------------------------------------------------------------------


X = np.array([[0.3, 0.5], [-0.7, 0.2], [1.1, -0.4]])
Y = np.array([0.2, -0.4, 0.9])
THETA = np.array([0.7, -0.2, 0.3, 0.5, 0.1, -0.1, 0.8, -0.6, 0.1])  # W1, b1, W2, b2
ASIDE = np.cos(np.arange(1, 10))


@cache
def small() -> mq.losses.ArrayLoss:
    return mq.losses.mlp((2, 2, 1), "tanh", "mean-squared", X, Y)


@cache
def formula() -> mq.Loss:
    names = sympy.symbols("w0:4 b0:2 v0:2 c")
    first, bias, second, last = sympy.Matrix(2, 2, names[:4]), sympy.Matrix(names[4:6]), names[6:8], names[8]
    terms = []
    for x, y in zip(X, Y, strict=True):
        inside = first.T * sympy.Matrix([sympy.Rational(str(value)) for value in x]) + bias
        output = sum((v * sympy.tanh(value) for v, value in zip(second, inside, strict=True)), last)
        terms.append((output - sympy.Rational(str(y))) ** 2)
    return mq.Loss.from_sympy(sympy.Add(*terms) / (2 * len(X)), names)


def test_the_formula_is_that_of_the_network() -> None:
    assert formula()(THETA) == pytest.approx(small()(THETA), rel=1e-14)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("imaginary", [0.0, 0.05], ids=["real", "complex"])
def test_networks_and_formulas_agree(name: str, imaginary: float) -> None:
    point = THETA + 1j * imaginary * ASIDE
    for h in (0.3, 0.9) if name != "heavy ball" else (0.03,):
        expected = interpreted(mq.principal_flow(METHODS[name], degree=2).on(formula()))(point, h)
        for hessian, bound in (("dense", 1e-12), ("lanczos", 1e-8)):
            found = mq.principal_flow(METHODS[name], degree=2, hessian=hessian).on(small())(point, h)
            assert np.linalg.norm(found - expected) < bound * np.linalg.norm(expected)


@pytest.mark.parametrize(("hessian", "bound"), [("dense", 1e-12), ("lanczos", 1e-9)])
def test_the_completion_consists_of_the_trees_with_more_leaves(hessian: str, bound: float) -> None:
    order, h = 5, 0.5
    plain, completed = (mq.principal_flow(GD, degree=2, order=p, hessian=hessian).on(small())(THETA, h) for p in (None, order))
    known = mq.modified_equation(GD, order).series
    others = FieldSeries(order, 1, tuple(Fraction(0) if tree.leaves < 3 else known[tree] for tree in known.trees))
    expected = interpreted(others.on(formula()))(THETA, h)
    assert np.linalg.norm(completed - plain - expected) < bound * np.linalg.norm(plain)
    assert np.linalg.norm(expected) > 1e-5 * np.linalg.norm(plain)


@pytest.mark.parametrize("hessian", ["dense", "lanczos"])
def test_a_completed_flow_is_the_truncated_field_up_to_its_order(hessian: str) -> None:
    order = 5
    completed = mq.principal_flow(GD, degree=2, order=order, hessian=hessian).on(small())
    truncated = mq.modified_equation(GD, order).on(small())
    distances = [np.abs(completed(THETA, h) - truncated(THETA, h)).max() for h in (0.08, 0.04)]
    assert np.log2(distances[0] / distances[1]) == pytest.approx(order, abs=0.2)


# --- kernels ------------------------------------------------------------------------------------------------------------------------


POINTS = (THETA + 0j, THETA + 1e-3j * ASIDE)


def agrees_with_python(kernel: Callable[..., None], flow: mq.Flow, point: np.ndarray, h: float) -> bool:
    out = np.empty(len(point), complex)
    kernel(0.0, point, flow.parameters(h), out)
    expected = flow(point, h)
    return bool(np.linalg.norm(out - expected) < 1e-12 * np.linalg.norm(expected))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("hessian", ["dense", "lanczos"])
def test_the_text_of_a_kernel_gives_what_the_driver_gives(name: str, hessian: str) -> None:
    """Run by Python, with the compiled Taylor arithmetic, whose special functions Python does not know."""
    flow = mq.principal_flow(METHODS[name], degree=2, hessian=hessian).on(small())
    module = module_without_compiler(flow)
    module["taylor"] = small().module.taylor
    h = 0.5 if name == "gradient descent" else 0.03
    with np.errstate(all="ignore"):
        assert all(agrees_with_python(module["kernel"], flow, point, h) for point in POINTS)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize(("degree", "hessian"), [(1, "dense"), (1, "lanczos"), (2, "dense")])
def test_the_text_of_a_map_s_kernel_gives_what_the_driver_gives(name: str, steps: int, degree: int, hessian: str) -> None:
    """The same for "map", "two-step", "map2" and "two-step2", whose state is that of the method."""
    method = METHODS[name]
    flow = mq.whole_state_flow(method, steps=steps, degree=degree, hessian=hessian).on(small())
    module = module_without_compiler(flow)
    module["loss_taylor"] = small().module.taylor
    points = [np.concatenate([point + 0.01 * number for number in range(len(method.state_names))]) for point in POINTS]
    h = 0.5 if name == "gradient descent" else 0.03
    with np.errstate(all="ignore"):
        assert all(agrees_with_python(module["kernel"], flow, point, h) for point in points)


def test_a_compiled_kernel_gives_what_the_driver_gives() -> None:
    """At complex points Krylov spaces take the place of Chebyshev series.

    The text around the Taylor arithmetic is the same for all losses; this one has the least of it to compile.
    """
    flow = mq.principal_flow(GD, degree=2, hessian="lanczos").on(mq.losses.deep_linear((2, 2, 1)))
    assert all(agrees_with_python(flow.kernel, flow, point[:6], 0.5) for point in POINTS)

"""Stochastic modified equations against exact expectations of gradient descent on random batches."""

import itertools

import numpy as np
import pytest
import scipy.linalg

import modeq as mq
from modeq.analysis.linear_moments import moments_of_equation, moments_of_iterates
from modeq.flows.stochastic import StochasticFlow
from modeq.integration.stochastic_schemes import euler_maruyama, platen

POLYNOMIALS = ("x**2/2 + x**3/30 + x*y/3 + y**2 - x", "x**2/2 + y**4/10 + x", "x**2 + y**2/3")
POINTS = np.array([[0.3, 0.2], [-0.5, 0.4]])


def batches(*losses, names=("x", "y")):
    return mq.VectorField.from_losses([mq.Loss.from_sympy(text, names) for text in losses])


QUADRATIC = batches("x**2/2 + x*y/3 + y**2 - x", "x**2 - x*y/5 + y**2/2 + x", "x**2 + y**2/3 + y")
STEADY = batches(*(f"x**2/2 + x*y/3 + y**2 + {a}*x + {b}*y" for a, b in ((1, 0), (-1, 2), ("1/2", -1))))  # the noise is the same everywhere


@pytest.mark.parametrize("order", [1, 2])
def test_the_columns_are_a_root_of_the_covariance_of_the_batches(order):
    field, h = batches(*POLYNOMIALS), 0.1
    _, columns = mq.stochastic_equation(order).on(field).coefficients(POINTS, h)
    values = np.stack([field.part(k, POINTS) for k in range(3)])
    deviations = values - values.mean(axis=0)
    expected = h * np.einsum("kni,knj->nij", deviations, deviations) / 3
    np.testing.assert_allclose(np.einsum("nki,nkj->nij", columns, columns), expected, atol=1e-15)


@pytest.mark.parametrize("order", [1, 2])
def test_the_drift_is_the_modified_equation_of_the_mean(order):
    field, h = batches(*POLYNOMIALS), 0.1
    mean = mq.Loss.from_sympy(" + ".join(f"({text})/3" for text in POLYNOMIALS), ["x", "y"])
    drift, _ = mq.stochastic_equation(order).on(field).coefficients(POINTS, h)
    expected = mq.modified_equation(mq.GradientDescent(), order=order).on(mean).batch(POINTS.T, h).T
    np.testing.assert_allclose(drift, expected, rtol=1e-13)


@pytest.mark.parametrize("order", [1, 2])
def test_generated_coefficients_are_those_of_the_parts(order):
    data = [{"a": np.array([1.0, 2.0])}, {"a": np.array([-1.0, 0.5])}]
    losses = [mq.Loss.from_numpy(lambda p, a: np.sum(np.sin(p["x"] * a) + p["x"] ** 4), {"x": (2,)}, part) for part in data]
    symbolic = batches(*(f"sin({a}*x) + x**4 + sin({b}*y) + y**4" for a, b in ((1, 2), (-1, "1/2"))))
    equation = mq.stochastic_equation(order)
    for one, other in zip(
        equation.on(mq.VectorField.from_losses(losses)).coefficients(POINTS, 0.1),
        equation.on(symbolic).coefficients(POINTS, 0.1),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("field", [QUADRATIC, STEADY], ids=["noise of the state", "steady noise"])
def test_weak_orders_on_linear_fields_by_their_moments(field, order):
    measured = mq.weak_order(mq.stochastic_equation(order).on(field), [1.0, 0.5], time=1.0, steps=(16, 32, 64))
    assert measured.is_exact
    assert abs(measured.order - order) < 0.1


def test_the_hessian_aware_equation_is_exact_with_steady_noise():
    flow = mq.stochastic_equation("hessian").on(STEADY)
    for steps in (1, 3, 40):
        exact = moments_of_iterates(STEADY, np.array([1.0, 0.5]), 0.4, steps)
        np.testing.assert_allclose(moments_of_equation(flow, np.array([1.0, 0.5]), 0.4, 0.4 * steps), exact, atol=1e-10)


def test_moments_of_iterates_are_those_of_all_sequences_of_batches():
    ends = []
    for sequence in itertools.product(range(3), repeat=4):
        point = np.array([1.0, 0.5])
        for k in sequence:
            point = point + 0.2 * QUADRATIC.part(k, point)
        ends.append(np.append(1.0, point))
    expected = np.mean([np.outer(z, z) for z in ends], axis=0)
    np.testing.assert_allclose(moments_of_iterates(QUADRATIC, np.array([1.0, 0.5]), 0.2, 4), expected, rtol=1e-12)


# Losses that are not quadratic: expectations as functions of the start, on Chebyshev points of an interval that no path leaves.


def chebyshev(size, low, high):
    """Points, the matrix of the derivative, and evaluation elsewhere."""
    x = np.cos(np.pi * np.arange(size) / (size - 1))
    values = np.polynomial.chebyshev.chebvander(x, size - 1)
    slopes = np.stack([np.polynomial.chebyshev.chebval(x, np.polynomial.chebyshev.chebder(row)) for row in np.eye(size)], axis=1)
    scale = 2 / (high - low)
    points = low + (x + 1) / scale
    derivative = scale * slopes @ np.linalg.inv(values)

    def at(others):
        return np.polynomial.chebyshev.chebvander((others - low) * scale - 1, size - 1) @ np.linalg.inv(values)

    return points, derivative, at


def weak_errors(order, losses, observable, start, counts, size=18):
    field = batches(*losses, names=("x",))
    flow = mq.stochastic_equation(order).on(field)
    points, derivative, at = chebyshev(size, -1.6, 1.6)
    errors = []
    for n in counts:
        h = 1.0 / n
        step = sum(at(points + h * field.part(k, points[:, None])[:, 0]) for k in range(field.fields)) / field.fields
        drift, columns = flow.coefficients(points[:, None], h)
        square = (columns[:, :, 0] ** 2).sum(axis=1)
        generator = drift * derivative + square[:, None] / 2 * derivative @ derivative
        difference = np.linalg.matrix_power(step, n) - scipy.linalg.expm(generator)
        errors.append(abs((at(np.array([start])) @ difference @ observable(points))[0]))
    return np.array(errors)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "losses", [("x**2/2 + x**4/4 - x/2", "x**2/2 + x/2"), ("x**2 + cos(x)/2 - x", "x**2/2 + x**4/8 + x", "x**2 - sin(x)/4")]
)
def test_weak_orders_on_other_losses(losses, order):
    counts = (16, 32)
    errors = weak_errors(order, losses, np.cos, 1.0, counts)
    assert abs(np.log2(errors[0] / errors[1]) - order) < 0.15


# Schemes, by enumerating two- and three-point increments with the moments that the theory asks for.


def mean_after(scheme, flow, point, h, dt):
    """Exact expectations of all moments up to order 2 after one step, over all increments with the first five moments of normal ones."""
    k = flow.noises
    three = [(np.sqrt(3 * dt), 1 / 6), (0.0, 2 / 3), (-np.sqrt(3 * dt), 1 / 6)]
    total, y = 0.0, point[:, None]
    for chosen in itertools.product(three, repeat=k):
        for sign in (1.0, -1.0):
            dw = np.array([[value] for value, _ in chosen])
            end = scheme(lambda points: flow.across(points, h), y, dt, dw, lambda shape, sign=sign: np.full(shape, sign))[:, 0]
            total = total + np.prod([weight for _, weight in chosen]) / 2 * np.outer(np.append(1, end), np.append(1, end))
    return total


@pytest.mark.parametrize(("scheme", "order"), [(euler_maruyama, 1), (platen, 2)], ids=["euler", "platen"])
def test_one_step_of_each_scheme_has_its_weak_order(scheme, order):
    flow, point = mq.stochastic_equation(1).on(QUADRATIC), np.array([1.0, 0.5])
    errors = [np.abs(mean_after(scheme, flow, point, 0.5, dt) - moments_of_equation(flow, point, 0.5, dt)).max() for dt in (0.02, 0.01)]
    assert abs(np.log2(errors[0] / errors[1]) - (order + 1)) < 0.1


def test_the_general_route_of_the_hessian_aware_equation_has_weak_order_two_drift():
    # Σ log(1 − hλ)/(hλ) (uᵀg)u = −g − h/2 Hg − h²/3 H²g − …
    field = batches(*POLYNOMIALS)
    gaps = []
    for h in (0.02, 0.01):
        aware, second = (mq.stochastic_equation(order).on(field).coefficients(POINTS, h)[0] for order in ("hessian", 2))
        gaps.append(np.abs(aware - second).max())
    assert abs(np.log2(gaps[0] / gaps[1]) - 2) < 0.1
    assert isinstance(mq.stochastic_equation("hessian").on(field), StochasticFlow)

"""Limit flows along minima, against closed forms and against the iterates whose limits they are."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import modeq as mq


def valley():
    """Minima y = 0 with λ₁ = 2(1 + x²)."""
    return mq.Loss.from_sympy("(1 + x**2)*y**2", ["x", "y"])


NORMALISED = brentq(lambda x: x**2 / 2 + np.log(x) - (1.5**2 / 2 + np.log(1.5) - 0.5), 1, 1.5)  # ẋ = −x/(2(1 + x²)) for the time 1
ROOT = 1.5 * np.exp(-0.5)  # ẋ = −x/2


def test_the_constants_of_the_valley():
    assert round(NORMALISED, 6) == 1.262703
    assert round(ROOT, 6) == 0.909796


@pytest.mark.parametrize(("equation", "end"), [(mq.NormalizedLimitFlow(), NORMALISED), (mq.SquareRootLimitFlow(), ROOT)])
@pytest.mark.parametrize("h", [0.1, 0.02])
def test_the_flows_by_closed_forms(equation, end, h):
    path = mq.integrate(equation.on(valley()), [1.5, 0.0], h=h, steps=round(1 / h**2))
    assert path.completed
    np.testing.assert_allclose(path.theta[-1], [end, 0.0], atol=1e-8)
    np.testing.assert_allclose(path.extras["sharpness"], 2 * (1 + path.theta[:, 0] ** 2), rtol=1e-9)


def normalised_descent(h):
    x, y = 1.5, h / 2
    for _ in range(round(1 / h**2)):
        g = np.array([2 * x * y**2, 2 * (1 + x**2) * y])
        x, y = np.array([x, y]) - h * g / np.linalg.norm(g)
    return x


def root_descent(h):
    x, y = 1.5, h / 2 * np.sqrt(1 + 1.5**2)
    for _ in range(round(1 / h**2)):
        root = np.sqrt(1 + x**2)
        x, y = x - h * abs(y) * x / root, y - h * np.sign(y) * root
    return x


@pytest.mark.parametrize(("run", "equation"), [(normalised_descent, mq.NormalizedLimitFlow()), (root_descent, mq.SquareRootLimitFlow())])
def test_iterates_approach_them_like_the_square_of_h(run, equation):
    errors = []
    for h in (0.1, 0.05, 0.025):
        path = mq.integrate(equation.on(valley()), [1.5, 0.0], h=h, steps=round(1 / h**2))
        errors.append(abs(run(h) - path.theta[-1, 0]))
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2, atol=0.1)


def sphere():
    """On the unit sphere the minima are the circle z = 0, where λ₁ = 2(2 + cos φ)."""
    return mq.Loss.from_sympy("(2 + x/sqrt(x**2 + y**2 + z**2))*z**2/(x**2 + y**2 + z**2)", ["x", "y", "z"])


def angle_at(time):
    def slope(t, angle):
        ascent = -np.sin(angle) / (2 + np.cos(angle))
        return -2 * ascent / (4 + ascent**2)

    return solve_ivp(slope, (0, time), [np.arccos(0.6)], rtol=1e-11, atol=1e-12).y[0, -1]


def test_weight_decay_on_the_circle():
    path = mq.integrate(mq.ScaleInvariantLimitFlow(0.1).on(sphere()), [1.2, 1.6, 0.0], h=0.1, steps=300)
    angle = angle_at(3.0)
    np.testing.assert_allclose(path.theta[-1], [np.cos(angle), np.sin(angle), 0.0], atol=1e-8)
    np.testing.assert_allclose(np.linalg.norm(path.theta, axis=1), 1.0, rtol=1e-9)


def test_iterates_with_weight_decay_approach_it():
    """At h·γ = 5e-4, and started with the norm at which they are at the edge; they oscillate around it, so there is no clean slope."""
    h, decay, time = 0.01, 0.05, 3.0
    E = sphere()
    theta = np.array([0.6, 0.8, 1e-3]) * np.sqrt(h * 5.2 / 2)
    angles = []
    for _ in range(round(time / (h * decay))):
        theta = (1 - h * decay) * theta - h * E.gradient(theta)
        angles.append(np.arctan2(theta[1], theta[0]))
    moved = angle_at(time) - np.arccos(0.6)
    assert np.mean(angles[-50:]) - np.arccos(0.6) == pytest.approx(moved, rel=0.02)


def test_a_manifold_of_two_dimensions_that_is_curved():
    """Minima on the unit sphere, where λ₁ = 2 + xy, whose gradient along the sphere is that in space without its radial part."""
    E = mq.Loss.from_sympy("(2 + x*y)*(x**2 + y**2 + z**2 - 1)**2/8", ["x", "y", "z"])
    point = np.array([2.0, 3.0, 6.0]) / 7
    ascent = np.array([point[1], point[0], 0.0])
    ascent -= (ascent @ point) * point
    h = 0.1
    for equation, factor in ((mq.NormalizedLimitFlow(), h / 4 / (2 + point[0] * point[1])), (mq.SquareRootLimitFlow(), h / 8)):
        np.testing.assert_allclose(equation.on(E)(point, h), -factor * ascent, rtol=1e-9, atol=1e-12)


def test_errors_of_a_solver_do_not_leave_the_manifold():
    E = mq.Loss.from_sympy("(2 + x*y)*(x**2 + y**2 + z**2 - 1)**2/8", ["x", "y", "z"])
    path = mq.integrate(mq.NormalizedLimitFlow().on(E), np.array([2.0, 3.0, 6.0]) / 7, h=0.2, steps=60, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(path.theta, axis=1), 1.0, atol=1e-5)
    assert np.all(np.diff(path.extras["sharpness"]) < 0)


def test_what_they_refuse():
    with pytest.raises(ValueError, match="starts at a minimum"):
        mq.integrate(mq.NormalizedLimitFlow().on(valley()), [1.5, 0.1], h=0.1, steps=1)
    with pytest.raises(ValueError, match="weight decay is a number > 0"):
        mq.ScaleInvariantLimitFlow(0.0)
    with pytest.raises(ValueError, match="limit for h → 0"):
        mq.compare(mq.NormalizedGD(), valley(), [1.5, 0.0], h=0.1, steps=1, flows=(mq.NormalizedLimitFlow(),))
    with pytest.raises(TypeError, match="needs a Loss"):
        mq.SquareRootLimitFlow().on(mq.VectorField.from_sympy(["y", "-x"], ["x", "y"]))

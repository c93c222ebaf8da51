"""The catalogue: minima, starting points and boxes are what they claim to be."""

import numpy as np
import pytest
import sympy

from modeq.losses import CATALOGUE, banana, quadratic, rosenbrock, styblinski_tang

ALL = sorted(CATALOGUE)
WITH_MINIMA = [name for name in ALL if CATALOGUE[name]().minima]

# Values at the global minima, from the references in the docstrings.
LOWEST = {"cosine": -1.0, "double-well": -0.25, "styblinski-tang": -39.16616570377142 * 2}


@pytest.mark.parametrize("name", WITH_MINIMA)
def test_the_gradient_vanishes_at_the_minima(name):
    loss = CATALOGUE[name]()
    for minimum in loss.minima:
        assert np.abs(loss.gradient(minimum)).max() < 1e-9 * (1 + np.abs(loss.hessian(minimum)).max())


@pytest.mark.parametrize("name", WITH_MINIMA)
def test_the_minima_have_the_published_value(name):
    loss = CATALOGUE[name]()
    for minimum in loss.minima:
        assert loss(minimum) == pytest.approx(LOWEST.get(name, 0.0), abs=1e-12)


@pytest.mark.parametrize("name", WITH_MINIMA)
def test_no_point_of_the_box_lies_below_the_minima(name):
    loss = CATALOGUE[name]()
    low, high = np.array(loss.box).T
    points = np.random.default_rng(0).uniform(low, high, size=(4000, loss.dimension))
    assert loss(points).min() >= loss(loss.minima[0]) - 1e-12


@pytest.mark.parametrize("name", WITH_MINIMA)
def test_the_hessian_at_the_minima_is_not_indefinite(name):
    loss = CATALOGUE[name]()
    for minimum in loss.minima:
        eigenvalues = np.linalg.eigvalsh(loss.hessian(minimum))
        assert eigenvalues.min() > -1e-9 * (1 + eigenvalues.max())


@pytest.mark.parametrize("name", ALL)
def test_the_box_and_the_start_have_the_dimension_of_the_loss(name):
    loss = CATALOGUE[name]()
    assert len(loss.box) == len(loss.start) == loss.dimension
    assert all(low < high for low, high in loss.box)


@pytest.mark.parametrize("name", ALL)
def test_the_start_lies_in_the_box(name):
    loss = CATALOGUE[name]()
    assert all(low <= value <= high for value, (low, high) in zip(loss.start, loss.box, strict=True))


@pytest.mark.parametrize("name", ALL)
def test_the_name_is_the_one_in_the_catalogue(name):
    assert CATALOGUE[name]().name == name


@pytest.mark.parametrize("name", ["saddle", "monkey-saddle"])
def test_saddles_are_stationary_and_not_minimal_at_the_origin(name):
    loss = CATALOGUE[name]()
    np.testing.assert_array_equal(loss.gradient([0.0, 0.0]), [0.0, 0.0])
    assert min(loss([1e-3 * np.cos(a), 1e-3 * np.sin(a)]) for a in np.linspace(0, 6.28, 60)) < 0


def test_the_monkey_saddle_is_harmonic():
    loss = CATALOGUE["monkey-saddle"]()
    assert np.trace(loss.hessian([0.3, -0.8])) == pytest.approx(0, abs=1e-14)


def test_the_chained_rosenbrock_sums_the_valleys():
    point = np.array([0.3, -0.2, 0.5, 0.1])
    expected = sum((1 - point[i]) ** 2 + 100 * (point[i + 1] - point[i] ** 2) ** 2 for i in range(3))
    assert rosenbrock(4)(point) == pytest.approx(expected, rel=1e-14)


def test_rosenbrock_with_other_constants_keeps_its_minimum():
    loss = rosenbrock(a=2, b="1/2")
    assert loss.minima == ((2.0, 4.0),)
    assert loss(loss.minima[0]) == 0.0


def test_a_quadratic_uses_the_symmetric_part():
    loss = quadratic([[1, 4], [0, 3]])
    np.testing.assert_array_equal(loss.hessian([0, 0]), [[1, 2], [2, 3]])
    assert loss([1, 1]) == 0.5 * (1 + 4 + 3)


def test_an_indefinite_quadratic_has_no_minimum():
    assert quadratic([[1, 0], [0, -1]]).minima == ()


def test_quadratics_take_numpy_and_sympy_matrices():
    assert quadratic(np.array([[0.1]]))([1.0]) == 0.05
    assert quadratic(sympy.Matrix([[sympy.Rational(1, 3)]]))([1.0]) == pytest.approx(1 / 6)


def test_the_bend_of_the_banana_moves_its_minimum():
    assert banana("1/50").minima == ((0.0, 2.0),)


def test_styblinski_and_tang_add_up_over_coordinates():
    assert styblinski_tang(3)([0.1, 0.2, 0.3]) == pytest.approx(sum(styblinski_tang(1)([v]) for v in (0.1, 0.2, 0.3)), rel=1e-14)

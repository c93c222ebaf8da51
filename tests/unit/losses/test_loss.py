"""A loss evaluates E, ∇E, ∇²E and products with it, at one point and at many."""

import numpy as np
import pytest
import sympy

from modeq.losses import Loss, rosenbrock

x, y = sympy.symbols("x y")
FORMULA = sympy.exp(x / 2) * sympy.cos(y) + x**3 * y / 3
POINT = np.array([0.4, -1.1])


@pytest.fixture(scope="module")
def loss():
    return Loss.from_sympy(FORMULA, [x, y])


def reference(expression, point=POINT):
    return sympy.lambdify([x, y], expression, "numpy")(*point)


def test_the_value(loss):
    assert loss(POINT) == pytest.approx(reference(FORMULA), rel=1e-14)


def test_the_value_at_one_point_is_a_number(loss):
    assert isinstance(loss(POINT), float)


def test_the_gradient(loss):
    np.testing.assert_allclose(loss.gradient(POINT), [reference(sympy.diff(FORMULA, v)) for v in (x, y)], rtol=1e-14)


def test_the_hessian(loss):
    np.testing.assert_allclose(loss.hessian(POINT), np.array(reference(sympy.hessian(FORMULA, [x, y])), float), rtol=1e-13)


def test_the_hessian_vector_product(loss):
    v = np.array([2.0, -3.0])
    np.testing.assert_allclose(loss.hvp(POINT, v), np.array(reference(sympy.hessian(FORMULA, [x, y])), float) @ v, rtol=1e-13)


def test_derivatives_agree_with_central_differences(loss):
    step = 1e-5
    for i, e in enumerate(np.eye(2)):
        assert loss.gradient(POINT)[i] == pytest.approx((loss(POINT + step * e) - loss(POINT - step * e)) / (2 * step), rel=1e-8)
        difference = (loss.gradient(POINT + step * e) - loss.gradient(POINT - step * e)) / (2 * step)
        np.testing.assert_allclose(loss.hessian(POINT)[:, i], difference, rtol=1e-8)


def test_many_points_at_once(loss):
    points = np.random.default_rng(1).normal(size=(3, 4, 2))
    assert loss(points).shape == (3, 4)
    assert loss.gradient(points).shape == (3, 4, 2)
    assert loss.hessian(points).shape == (3, 4, 2, 2)
    assert loss.hvp(points, points).shape == (3, 4, 2)
    np.testing.assert_allclose(loss.hessian(points)[2, 1], loss.hessian(points[2, 1]), rtol=1e-14)
    np.testing.assert_allclose(loss.hvp(points, points)[1, 2], loss.hvp(points[1, 2], points[1, 2]), rtol=1e-14)


def test_constant_derivatives_have_the_shape_of_the_points():
    points = np.zeros((5, 2))
    linear = Loss.from_sympy(2 * x + y, [x, y])
    np.testing.assert_array_equal(linear.gradient(points), np.tile([2.0, 1.0], (5, 1)))
    np.testing.assert_array_equal(linear.hessian(points), np.zeros((5, 2, 2)))


def test_complex_points(loss):
    point = POINT + np.array([0.3j, -0.2j])
    assert loss(point) == pytest.approx(complex(reference(FORMULA, point)), rel=1e-13)
    assert loss.gradient(point)[0] == pytest.approx(complex(reference(sympy.diff(FORMULA, x), point)), rel=1e-13)


def test_integer_points_are_numbers_too(loss):
    assert loss([1, 2]) == pytest.approx(reference(FORMULA, [1, 2]), rel=1e-14)


def test_a_number_is_a_point_in_one_dimension():
    assert Loss.from_sympy("t**2", ["t"])(3.0) == 9.0


def test_text_and_sympy_give_the_same_loss():
    text = Loss.from_sympy("exp(x/2)*cos(y) + x**3*y/3", ["x", "y"])
    assert text(POINT) == Loss.from_sympy(FORMULA, [x, y])(POINT)


def test_the_order_of_the_variables_is_the_order_of_the_coordinates():
    assert Loss.from_sympy("x - y", ["y", "x"])([1.0, 5.0]) == 4.0


def test_parameters_have_values():
    loss = Loss.from_sympy("a*x**2 + b", ["x"], {"a": 3, sympy.Symbol("b"): 0.5})
    assert loss([2.0]) == 12.5
    assert loss.gradient([2.0])[0] == 12.0


def test_the_parameter_vector_starts_with_the_step_size():
    loss = Loss.from_sympy("a*x**2 + b", ["x"], {"a": 3, "b": 0.5})
    np.testing.assert_array_equal(loss.parameter_vector(0.1), [0.1, 3.0, 0.5])


def test_a_variable_may_carry_assumptions():
    t = sympy.Symbol("t", positive=True)
    assert Loss.from_sympy(sympy.log(t), [t])([1.0]) == 0.0
    assert Loss.from_sympy("log(t)", [t])([1.0]) == 0.0


@pytest.mark.parametrize("factor", [1 / 3, np.pi, 0.1, 1e-7 / 3, 2.0**-40])
def test_a_float_in_an_expression_keeps_all_its_digits(factor):
    assert Loss.from_sympy(x * factor, [x])([1.0]) == factor


def test_outside_the_domain_the_value_is_not_a_number():
    assert np.isnan(Loss.from_sympy("log(x)", ["x"])([-1.0]))


def test_ravel_and_unravel_are_inverse(loss):
    assert loss.unravel(loss.ravel({"y": -1.1, "x": 0.4})) == {"x": 0.4, "y": -1.1}


def test_the_dimension_counts_the_variables():
    assert rosenbrock(7).dimension == 7


def test_describing_a_loss_leaves_the_original_alone(loss):
    assert loss.described(name="other").name == "other"
    assert loss.name == "loss"

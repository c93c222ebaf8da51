"""Vector fields, split fields and games."""

import numpy as np
import pytest
import sympy

from modeq.losses import VectorField

x, y = sympy.symbols("x y")


def test_the_value_is_the_list_of_components():
    field = VectorField.from_sympy([x * y, "x - y**2"], [x, y])
    np.testing.assert_allclose(field([2.0, 3.0]), [6.0, -7.0])


def test_the_jacobian_has_one_row_for_each_component():
    field = VectorField.from_sympy([x * y, x - y**2], [x, y])
    np.testing.assert_allclose(field.jacobian([2.0, 3.0]), [[3.0, 2.0], [1.0, -6.0]])


def test_a_split_field_is_the_sum_of_its_parts():
    field = VectorField.split([[x, "0"], ["y", "x*y"], ["0", 1]], [x, y])
    np.testing.assert_allclose(field([2.0, 3.0]), [5.0, 7.0])
    np.testing.assert_allclose(field.jacobian([2.0, 3.0]), [[1.0, 1.0], [3.0, 2.0]])


def test_each_player_of_a_game_moves_its_own_variables_only():
    game = VectorField.game([x**2 + x * y, y**4 - x * y], [[x], [y]])
    assert game.expressions == ((-2 * x - y, 0), (0, -4 * y**3 + x))


def test_a_player_may_have_several_variables():
    game = VectorField.game(["a*b*c", "-a*b*c"], [["a", "b"], ["c"]])
    np.testing.assert_allclose(game([2.0, 3.0, 5.0]), [-15.0, -10.0, 6.0])


def test_parameters_reach_every_part():
    game = VectorField.game(["k*x*y", "-k*x*y"], [["x"], ["y"]], {"k": 2})
    np.testing.assert_allclose(game([1.0, 3.0]), [-6.0, 2.0])


def test_many_points_at_once():
    field = VectorField.from_sympy([y, -x], [x, y])
    points = np.random.default_rng(3).normal(size=(4, 5, 2))
    assert field(points).shape == (4, 5, 2)
    assert field.jacobian(points).shape == (4, 5, 2, 2)
    np.testing.assert_allclose(field(points)[..., 0], points[..., 1])


def test_complex_points():
    field = VectorField.from_sympy([x**2], [x])
    assert field([1 + 2j])[0] == pytest.approx(-3 + 4j)

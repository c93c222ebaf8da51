"""A bad loss is refused at the call that got it, with the remedy."""

import numpy as np
import pytest
import sympy

from modeq.losses import Loss, VectorField, deep_chain, quadratic, rosenbrock, styblinski_tang

x, y = sympy.symbols("x y")


@pytest.mark.parametrize(
    "expr",
    [
        sympy.Matrix([x, y]),
        sympy.ImmutableMatrix([[x]]),
        [x],
        (x,),
        {"x": 1},
        True,
        None,
        np.array([1.0, 2.0]),
        sympy.true,
        x > 0,
        1j,
        object(),
    ],
)
def test_a_loss_is_one_scalar_expression(expr):
    with pytest.raises(TypeError, match="scalar"):
        Loss.from_sympy(expr, [x, y])


def test_a_matrix_symbol_is_no_scalar():
    with pytest.raises((TypeError, ValueError)):
        Loss.from_sympy(sympy.MatrixSymbol("A", 2, 2), [x])


@pytest.mark.parametrize(
    "expr",
    [
        "Abs(x)",
        "Max(x, y)",
        "Min(x, 0)",
        "sign(x)*x",
        "sqrt(x**2)",
        "(x**4)**(3/4)",
        sympy.Piecewise((x, x > 0), (0, True)),
        sympy.floor(x),
    ],
)
def test_kinks_are_refused_with_a_smooth_alternative(expr):
    with pytest.raises(ValueError, match=r"not differentiable.*smooth"):
        Loss.from_sympy(expr, [x, y])


@pytest.mark.parametrize("expr", [sympy.I * x, x + sympy.I, sympy.sqrt(-3) * x, "sqrt(-1)*x", sympy.oo, sympy.nan])
def test_a_loss_is_real_and_finite(expr):
    with pytest.raises(ValueError, match="real"):
        Loss.from_sympy(expr, [x])


def test_a_complex_root_in_disguise_is_refused():
    with pytest.raises(ValueError, match="real"):
        Loss.from_sympy(sympy.Integer(-1) ** sympy.Rational(1, 3) * x**2, [x])


def test_an_unknown_name_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"'z'.*parameters="):
        Loss.from_sympy(x + sympy.Symbol("z"), [x])
    with pytest.raises(ValueError, match="'z'"):
        Loss.from_sympy("x + z", ["x"])


def test_division_by_zero_is_refused():
    with pytest.raises(ValueError, match=r"divides by zero|real and finite"):
        Loss.from_sympy(sympy.Mul(x, sympy.Pow(sympy.Integer(0), -1, evaluate=False), evaluate=False), [x])


@pytest.mark.parametrize("variables", [[], ["2x"], [3], [None], ["x y"], [""]])
def test_variables_are_names(variables):
    with pytest.raises((TypeError, ValueError), match="variable"):
        Loss.from_sympy("1", variables)


def test_a_variable_is_listed_once():
    with pytest.raises(ValueError, match="twice"):
        Loss.from_sympy(x, ["x", "x"])


def test_a_variable_is_no_parameter():
    with pytest.raises(ValueError, match="cannot be a parameter"):
        Loss.from_sympy(x, ["x"], {"x": 1})


@pytest.mark.parametrize("value", ["a", float("nan"), float("inf"), None, [1, 2], 1j])
def test_a_parameter_needs_a_finite_number(value):
    with pytest.raises((TypeError, ValueError), match="a"):
        Loss.from_sympy("a*x", ["x"], {"a": value})


def test_a_name_does_not_reach_the_generated_code():
    """Names of losses end up in the description of generated modules, where they must stay text."""
    import ast

    from modeq import GradientDescent, modified_equation

    loss = Loss.from_sympy(x**2, [x], name='bowl"""\nimport os\n"""')
    tree = ast.parse(modified_equation(GradientDescent(), 1).on(loss).source)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert "os" not in imported


def test_a_backslash_in_a_name_becomes_a_question_mark():
    import ast

    from modeq import GradientDescent, modified_equation

    source = modified_equation(GradientDescent(), 1).on(Loss.from_sympy(x**2, [x], name="a\\N b\\x")).source
    assert "on a?N b?x:" in ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("theta", [[1.0], [1.0, 2.0, 3.0], 1.0, np.zeros((2, 3)), []])
def test_a_point_of_the_wrong_shape_is_refused_with_both_shapes(theta):
    with pytest.raises(ValueError, match=r"2 coordinates \(x, y\).*shape"):
        rosenbrock().gradient(theta)


@pytest.mark.parametrize("theta", ["ab", ["a", "b"], [None, 1], {"x": "a", "y": 1}])
def test_a_point_is_made_of_numbers(theta):
    with pytest.raises(TypeError, match="numbers"):
        rosenbrock()(theta)


def test_a_point_may_be_given_by_names():
    assert rosenbrock()({"y": 1.0, "x": 1.0}) == 0
    with pytest.raises(ValueError, match="expected the parameters x, y, got x"):
        rosenbrock()({"x": 1})


def test_ravel_wants_every_coordinate_by_name():
    with pytest.raises(ValueError, match="x, y"):
        rosenbrock().ravel({"x": 1.0})


@pytest.mark.parametrize("matrix", [[[1, 2]], [1, 2], "ab", [[1, 2], [3]], 5])
def test_a_quadratic_loss_needs_a_square_matrix(matrix):
    with pytest.raises(ValueError, match="square"):
        quadratic(matrix)


@pytest.mark.parametrize(("make", "bad"), [(rosenbrock, 1), (rosenbrock, 2.0), (styblinski_tang, 0), (deep_chain, True), (deep_chain, "3")])
def test_sizes_are_integers_that_make_sense(make, bad):
    with pytest.raises(ValueError, match="integer"):
        make(bad)


def test_a_field_has_as_many_components_as_variables():
    with pytest.raises(ValueError, match="2 components, got 1"):
        VectorField.from_sympy([x], [x, y])


@pytest.mark.parametrize("exprs", ["x", x])
def test_a_field_is_a_list_of_components(exprs):
    with pytest.raises(TypeError, match="components"):
        VectorField.from_sympy(exprs, [x])


def test_a_field_needs_a_part():
    with pytest.raises(ValueError, match="at least one part"):
        VectorField.split([], [x])


def test_a_game_has_one_loss_for_each_player():
    with pytest.raises(ValueError, match="1 losses and 2 players"):
        VectorField.game(["x*y"], [["x"], ["y"]])


def test_two_players_do_not_share_a_variable():
    with pytest.raises(ValueError, match="twice"):
        VectorField.game(["x*y", "-x*y"], [["x", "y"], ["y"]])


def test_the_losses_of_a_game_are_smooth():
    with pytest.raises(ValueError, match="not differentiable"):
        VectorField.game(["Abs(x)*y", "-x*y"], [["x"], ["y"]])


@pytest.mark.parametrize("name", ["h", "theta"])
def test_a_coordinate_called_h_is_not_mixed_up_with_the_step_size(name):
    """The IGR flow of v⁴ has two different symbols besides numbers, the coordinate and the step size."""
    from modeq import GradientDescent, modified_equation

    try:
        loss = Loss.from_sympy(f"{name}**4", [name])
    except ValueError:
        return  # refusing the name is as good
    assert len(modified_equation(GradientDescent(), 2).on(loss).expressions().free_symbols) == 2

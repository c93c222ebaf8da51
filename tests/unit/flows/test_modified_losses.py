"""A modified loss on a loss is a loss like any other, and bad input is refused."""

import pickle

import numpy as np
import pytest
import sympy

import modeq as mq

MODIFIED = mq.modified_equation(mq.GradientDescent(), 2).modified_loss()
E = mq.Loss.from_sympy("a*x**2/2 + y**4", ["x", "y"], {"a": 3})


@pytest.mark.parametrize("h", [0, -0.1, float("nan"), float("inf")])
def test_the_step_size_is_finite_and_positive(h):
    with pytest.raises(ValueError, match="finite and > 0"):
        MODIFIED.on(E, h)


@pytest.mark.parametrize("h", ["small", None, [0.1], 0.1j, True])
def test_the_step_size_is_a_number(h):
    with pytest.raises(TypeError, match="number > 0"):
        MODIFIED.on(E, h)


@pytest.mark.parametrize("loss", ["x**2", sympy.Symbol("x") ** 2, None, mq.VectorField.from_sympy(["-x"], ["x"])])
def test_a_modified_loss_needs_a_loss(loss):
    with pytest.raises(TypeError, match="needs a Loss"):
        MODIFIED.on(loss, 0.1)
    with pytest.raises(TypeError, match="needs a Loss"):
        MODIFIED.expression(loss)


def test_values_need_numbers_for_the_parameters_of_the_method():
    symbolic = mq.modified_equation(mq.HeavyBall("beta"), 2).modified_loss()
    with pytest.raises(ValueError, match=r"with_parameters\(beta=…\)"):
        symbolic.on(E, 0.1)


def test_a_formula_keeps_the_parameters_of_method_and_loss():
    formula = mq.modified_equation(mq.HeavyBall("beta"), 2).modified_loss().expression(E)
    assert {symbol.name for symbol in formula.free_symbols} == {"x", "y", "a", "h", "beta"}


def test_a_parameter_of_the_method_is_no_coordinate():
    with pytest.raises(ValueError, match="rename one of them"):
        mq.modified_equation(mq.HeavyBall("x"), 2).modified_loss().expression(E)


def test_a_loss_on_arrays_has_no_formula():
    net = mq.losses.deep_linear((1, 1, 1))
    with pytest.raises(ValueError, match=r"no formula.*from_sympy"):
        MODIFIED.expression(net)


def test_a_loss_that_is_too_long_to_compile_is_refused_with_the_way_out():
    net = mq.losses.mlp((2, 3, 1), X=np.eye(2), y=np.ones(2))
    with pytest.raises(ValueError, match=r"lower order.*equation\.on"):
        mq.modified_equation(mq.GradientDescent(), 6).modified_loss().on(net, 0.1)


def test_the_step_size_is_one_more_parameter_and_the_others_stay():
    loss = MODIFIED.on(E, 0.1)
    assert loss.parameters == {"a": 3.0, "step": 0.1}
    x, y, a, step = sympy.symbols("x y a step")
    assert sympy.expand(loss.expression - (a * x**2 / 2 + y**4 + step / 4 * (a**2 * x**2 + 16 * y**6))) == 0


def test_a_modified_loss_has_a_modified_loss():
    twice = MODIFIED.on(MODIFIED.on(E, 0.1), 0.2)
    assert twice.parameters == {"a": 3.0, "step": 0.1, "step_": 0.2}
    once = MODIFIED.on(E, 0.1)
    slope = once.gradient([0.5, 0.4])
    assert twice([0.5, 0.4]) == pytest.approx(once([0.5, 0.4]) + 0.05 * slope @ slope)


def test_the_region_of_interest_is_that_of_the_loss_and_its_minima_are_not():
    rosenbrock = mq.losses.rosenbrock()
    loss = MODIFIED.on(rosenbrock, 1e-3)
    assert (loss.box, loss.start, loss.reference) == (rosenbrock.box, rosenbrock.start, rosenbrock.reference)
    assert loss.minima == ()
    assert loss.name == "modified rosenbrock"


def test_methods_run_on_it():
    loss = MODIFIED.on(E, 0.1)
    path = mq.iterate(mq.GradientDescent(), loss, [0.5, 0.4], h=0.05, steps=1)
    np.testing.assert_allclose(path.theta[1], np.array([0.5, 0.4]) - 0.05 * loss.gradient([0.5, 0.4]), rtol=1e-14)
    assert path.loss[0] == pytest.approx(loss([0.5, 0.4]))


def test_equations_bind_to_it():
    loss = MODIFIED.on(E, 0.1)
    point = [0.5, 0.4]
    expected = -loss.gradient(point) - 0.01 * loss.hvp(point, loss.gradient(point))
    np.testing.assert_allclose(mq.modified_equation(mq.GradientDescent(), 2).on(loss)(point, 0.02), expected, rtol=1e-13)


def test_all_step_sizes_share_one_compiled_flow():
    flow = mq.gradient_flow()
    assert flow.on(MODIFIED.on(E, 0.1)).source == flow.on(MODIFIED.on(E, 0.2)).source


def test_methods_and_flows_run_on_that_of_a_network():
    net = mq.losses.deep_linear((1, 1, 1))
    loss = MODIFIED.on(net, 0.1)
    theta = np.array([1.5, 0.4])
    path = mq.iterate(mq.GradientDescent(), loss, theta, h=0.05, steps=1)
    np.testing.assert_allclose(path.theta[1], theta - 0.05 * loss.gradient(theta), rtol=1e-14)
    np.testing.assert_allclose(mq.gradient_flow().on(loss)(theta, 0.05), -loss.gradient(theta), rtol=1e-14)


@pytest.mark.parametrize("base", [E, mq.losses.deep_linear((1, 1, 1))], ids=lambda loss: loss.name)
def test_it_survives_pickling(base):
    loss = MODIFIED.on(base, 0.1)
    again = pickle.loads(pickle.dumps(loss))
    assert again([0.5, 0.4]) == loss([0.5, 0.4])

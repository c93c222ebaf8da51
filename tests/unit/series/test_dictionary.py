"""Equations as plain data: nothing is lost on the way through JSON, and nothing wrong is read."""

import json

import numpy as np
import pytest
import sympy

import modeq as mq

ROOT3 = sympy.sqrt(3)
GAUSS = mq.RungeKutta([["1/4", sympy.Rational(1, 4) - ROOT3 / 6], [sympy.Rational(1, 4) + ROOT3 / 6, "1/4"]], ["1/2", "1/2"], name="Gauss")
METHODS = {
    "rational": mq.GradientDescent(),
    "symbolic": mq.HeavyBall("beta"),
    "two momenta": mq.compose(mq.HeavyBall("b1"), mq.HeavyBall("b2")),
    "coloured": mq.compose(mq.GradientDescent(), mq.GradientDescent().on_field(1)),
    "coloured symbolic": mq.compose(mq.HeavyBall("beta"), mq.HeavyBall("beta").on_field(1)),
    "algebraic": GAUSS,
    "two roots": mq.RungeKutta([[0, 0], [sympy.sqrt(2) + ROOT3, 0]], ["1/2", "1/2"]),
    "algebraic momentum": mq.Nesterov(sympy.sqrt(5) / 3),
    "root and symbol": mq.RungeKutta([[0, 0], [ROOT3 * sympy.Symbol("a"), 0]], ["1/2", "1/2"]),
    "transcendental": mq.RungeKutta([[0, 0], [1 / sympy.pi, 0]], ["1/2", "1/2"]),
}


def round_trip(equation):
    return type(equation).from_dict(json.loads(json.dumps(equation.to_dict())))


@pytest.mark.parametrize("name", METHODS)
def test_a_modified_equation_survives_json(name):
    equation = mq.modified_equation(METHODS[name], order=3)
    assert round_trip(equation) == equation


@pytest.mark.parametrize("name", ["rational", "symbolic", "coloured", "algebraic"])
def test_a_modifying_equation_survives_json(name):
    equation = mq.modifying_equation(METHODS[name], order=3)
    assert round_trip(equation) == equation


def test_many_parameters_survive_json():
    method = mq.RungeKutta([[0, 0, 0], ["a", 0, 0], ["b", "c", 0]], ["d", "e", "f"])
    equation = mq.modified_equation(method, order=5)
    assert round_trip(equation) == equation


@pytest.mark.parametrize("name", ["gamma", "S", "I", "N", "beta_1", "w"])
def test_any_allowed_parameter_name_survives_json(name):
    equation = mq.modified_equation(mq.HeavyBall(name), order=2)
    assert round_trip(equation) == equation


@pytest.mark.parametrize("name", ["E", "pi", "exp", "h", "z", "ρ", "__x", "sqrt", "Max"])
def test_names_with_a_meaning_of_their_own_are_no_parameters(name):
    with pytest.raises(ValueError, match="choose another name"):
        mq.HeavyBall(name)


def test_symbols_with_assumptions_survive_json():
    equation = mq.modified_equation(mq.HeavyBall(sympy.Symbol("beta", positive=True)), order=2)
    assert round_trip(equation) == equation


def test_an_order_from_numpy_survives_json():
    equation = mq.modified_equation(mq.GradientDescent(), order=np.int64(2))
    assert round_trip(equation) == equation


def test_the_data_are_text_lists_and_integers():
    data = mq.modified_equation(mq.HeavyBall("beta"), order=2).to_dict()
    assert data["method"]["V"] == [["1", "beta"], ["0", "beta"]]
    assert (data["kind"], data["order"]) == ("ModifiedEquation", 2)
    assert set(data["coefficients"]) == {"[]", "[[]]"}


def damaged(**changes):
    return {**mq.modified_equation(mq.HeavyBall("beta"), order=2).to_dict(), **changes}


def damaged_method(**changes):
    data = damaged()
    return {**data, "method": {**data["method"], **changes}}


GARBAGE = {
    "None": None,
    "a number": 3,
    "text": "x",
    "a list": [],
    "empty": {},
    "another kind": damaged(kind="ModifyingEquation"),
    "another format": damaged(format=2),
    "order 0": damaged(order=0),
    "order as text": damaged(order="two"),
    "an order without its coefficients": damaged(order=3),
    "no coefficients": damaged(coefficients={}),
    "coefficients as a list": damaged(coefficients=[1, 2]),
    "coefficients as None": damaged(coefficients=None),
    "no tree": damaged(coefficients={"x": "1", "[[]]": "1"}),
    "code": damaged(coefficients={"[]": "__import__('os').getcwd()", "[[]]": "1"}),
    "a bare number": damaged(coefficients={"[]": 1, "[[]]": "1"}),
    "infinity": damaged(coefficients={"[]": "log(0)", "[[]]": "1"}),
    "complex": damaged(coefficients={"[]": "sqrt(-1)", "[[]]": "1"}),
    "a tree too many": damaged(coefficients={"[]": "1", "[[]]": "1", "[[[]]]": "1"}),
    "empty method": damaged(method={}),
    "method as a list": damaged(method=[]),
    "wrong shape": damaged_method(A=[["0", "0"]]),
    "matrix as a number": damaged_method(A=0),
    "unstable": damaged_method(V=[["1", "1"], ["0", "1"]]),
    "no output": damaged_method(output=None),
    "colour as text": damaged_method(colours=["x"]),
    "name as a number": damaged_method(name=3),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_wrong_data_are_refused(name):
    with pytest.raises(ValueError):
        mq.ModifiedEquation.from_dict(GARBAGE[name])

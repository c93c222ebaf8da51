"""Formulas given as text: what is read, what is refused, and that nothing is executed."""

import pytest
import sympy

from modeq.expressions import ExpressionError, parse_expression

x, y = sympy.symbols("x y")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**4/4 - x^2/2", x**4 / 4 - x**2 / 2),
        ("(1 - x)**2 + 100*(y - x**2)**2", (1 - x) ** 2 + 100 * (y - x**2) ** 2),
        ("-x + +y", y - x),
        ("0.1*x", x / 10),
        ("1e-3*x", x / 1000),
        ("sin(pi*x)*exp(-y)", sympy.sin(sympy.pi * x) * sympy.exp(-y)),
        ("E**x", sympy.exp(x)),
        ("x**-2", x**-2),
        ("  x  ", x),
        ("sqrt(x)", sympy.sqrt(x)),
    ],
)
def test_formulas_are_read_exactly(text, expected):
    assert parse_expression(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "(1).__class__",
        "x.__class__.__mro__",
        "().__class__",
        "[c for c in (1, 2)]",
        "lambda: x",
        "x if x else y",
        "x[0]",
        "{x: 1}",
        "'x'",
        "f'{x}'",
        "x == y",
        "x < y",
        "not x",
        "x and y",
        "(x := 3)",
        "eval('1')",
        "exec('1')",
        "open('x')",
        "x @ y",
        "x // 2",
        "x % 2",
        "x << 2",
        "~x",
        "x, y",
        "...",
        "None",
        "True",
        "1j",
        "b'x'",
        "*x",
        "sin(x, evaluate=False)",
        "sin(*x)",
        "(sin)(x)(y)",
        "__builtins__",
        "import os",
        "x = 1",
        "",
        "   ",
        "x +",
        "((x)",
        "2(x)",
        "x\x00y",
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(ExpressionError):
        parse_expression(text, ["x", "y"])


@pytest.mark.parametrize("text", ["9**9**9", "2**100000", "((10**64)**64)**64", "1/10**9**9", "x**65", "10**-5000", "1e999*x"])
def test_numbers_that_would_blow_up_are_refused(text):
    with pytest.raises(ExpressionError):
        parse_expression(text)


@pytest.mark.parametrize("text", ["x/0", "x/(1 - 1)", "0**-1", "x/(y - y)"])
def test_division_by_zero_is_refused(text):
    with pytest.raises(ExpressionError, match="zero"):
        parse_expression(text)


def test_deep_nesting_is_refused_not_overflowed():
    with pytest.raises(ExpressionError):
        parse_expression("(" * 5000 + "x" + ")" * 5000)
    with pytest.raises(ExpressionError):
        parse_expression("-" * 3000 + "x")


def test_very_long_text_is_refused():
    with pytest.raises(ExpressionError, match="characters"):
        parse_expression("x+" * 60000 + "x")


def test_a_misspelt_function_suggests_the_nearest():
    with pytest.raises(ExpressionError, match="'sqrt'"):
        parse_expression("sqr(x)")


def test_a_misspelt_name_suggests_the_nearest():
    with pytest.raises(ExpressionError, match="'alpha'"):
        parse_expression("alpa**2", ["alpha", "x"])


def test_an_unknown_name_lists_the_variables():
    with pytest.raises(ExpressionError, match="x, y"):
        parse_expression("x + q", ["y", "x"])


def test_a_function_without_argument_says_how_to_write_it():
    with pytest.raises(ExpressionError, match=r"sin\(x\)"):
        parse_expression("sin")


@pytest.mark.parametrize("text", ["sin()", "sin(x, y)"])
def test_the_number_of_arguments_is_checked(text):
    with pytest.raises(ExpressionError, match="one argument"):
        parse_expression(text)


@pytest.mark.parametrize("value", [3, None, sympy.Symbol("x"), b"x"])
def test_only_text_is_parsed(value):
    with pytest.raises(TypeError, match="text"):
        parse_expression(value)


def test_a_message_is_one_line():
    with pytest.raises(ExpressionError) as caught:
        parse_expression("x.\n\ny")
    assert "\n" not in str(caught.value)


def test_a_variable_may_be_called_like_a_constant():
    assert parse_expression("E**2", ["E"]) == sympy.Symbol("E") ** 2

"""Formulas at the limits: what grows without looking like it, what is infinite, and what is long but harmless."""

import subprocess
import sys

import pytest
import sympy

from modeq.expressions import CONSTANTS, FUNCTIONS, ExpressionError, parse_expression


@pytest.mark.parametrize("text", ["exp(log(2)*10**18)", "exp(2**60*log(3))"])
def test_powers_in_the_guise_of_exponentials_do_not_blow_up(text):
    # In a process of its own with a limit on memory: computing 2**(10**18) would take the machine with it.
    code = (
        "import sys\n"
        "try:\n    import resource; resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30,) * 2)\nexcept ImportError: pass\n"
        "from modeq.expressions import parse_expression, ExpressionError\n"
        "try:\n    parse_expression(sys.argv[1])\nexcept ExpressionError: pass\n"
    )
    try:
        finished = subprocess.run([sys.executable, "-c", code, text], capture_output=True, timeout=8, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail(f"{text} is still being computed after 8 s")
    assert finished.returncode == 0, finished.stderr.decode()[-300:]


@pytest.mark.parametrize("text", ["(9**60)**60", "((2**60)**60)**2", "x**1e9", "x**-65", "(10**50)**50", "0.1**-4000"])
def test_powers_that_blow_up_are_refused_as_too_large(text):
    with pytest.raises(ExpressionError, match="too large"):
        parse_expression(text)


@pytest.mark.parametrize("text", ["Max(exp(exp(exp(exp(9)))), 1)", "Min(exp(exp(exp(exp(9)))), x, 1)"])
def test_numbers_too_large_to_compare_are_refused(text):
    with pytest.raises(ExpressionError):
        parse_expression(text)


@pytest.mark.parametrize("text", ["log(0)", "tan(pi/2)", "1/log(1)", "atanh(1)"])
def test_infinite_constants_are_refused(text):
    with pytest.raises(ExpressionError):
        parse_expression(text)


def test_division_by_a_hidden_zero_is_refused():
    with pytest.raises(ExpressionError, match="divides by zero"):
        parse_expression("1/(sqrt(2)*sqrt(3) - sqrt(6))")


@pytest.mark.parametrize("text", ["exp(" * 150 + "x" + ")" * 150, "x" + "**x" * 2000])
def test_very_deep_nesting_is_refused(text):
    with pytest.raises(ExpressionError):
        parse_expression(text)


def test_a_sum_of_many_terms_is_not_deep():
    names = [f"x{i}" for i in range(300)]
    assert parse_expression(" + ".join(names)) == sympy.Add(*map(sympy.Symbol, names))


def test_decimals_are_exact():
    assert parse_expression("0.1 + 0.2") == sympy.Rational(3, 10)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"Max", "Min"}))
def test_every_function_can_be_called(name):
    assert parse_expression(f"{name}(x)") == FUNCTIONS[name](sympy.Symbol("x"))


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_constants_are_known(name):
    assert parse_expression(name, ["x"]) == CONSTANTS[name]

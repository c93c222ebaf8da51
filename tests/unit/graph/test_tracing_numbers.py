"""A parameter that is used as a number of Python is an error that shows the line and says what to write."""

import math

import numpy as np
import pytest

from modeq.graph.tracing import trace

SHAPES = {"W": (3, 4), "b": (4,), "s": ()}


def refused(function, error, data=None, shapes=SHAPES):
    """Return what `trace` says about a function."""
    with pytest.raises(error) as caught:
        trace(function, shapes, {} if data is None else data)
    return str(caught.value)


def as_float(p):
    return float(p["s"])  # the line


def with_math(p):
    return math.tanh(p["s"])  # the line


def as_int(p):
    return int(p["s"])  # the line


def as_complex(p):
    return complex(p["s"])  # the line


def as_condition(p):
    return p["s"] if p["s"] > 0 else 0  # the line


def as_largest(p):
    return max(p["b"])  # the line


def as_item(p):
    return p["s"].item()  # the line


def as_list(p):
    return p["b"].tolist()  # the line


def as_array(p):
    return np.asarray(p["W"])  # the line


def as_array_of_some(p):
    return np.array([p["s"], 2 * p["s"]])  # the line


def as_text(p):
    return f"{p['s']:.3f}"  # the line


def as_old_text(p):
    return "%.3f" % p["s"]  # noqa: UP031 - the line


def as_count(p):
    return sum(range(p["s"]))  # the line


def as_index(p):
    return p["W"][p["s"]]  # the line


def as_entry(p):
    plain = np.zeros(4)
    plain[0] = p["s"]  # the line
    return plain


def as_argument(p):
    return np.eye(3).dot(p["W"])  # the line


def in_a_list(p):
    return 2 in p["b"]  # the line


def rounded(p):
    return round(p["s"])  # the line


NUMBERS = [
    as_float,
    with_math,
    as_int,
    as_complex,
    as_condition,
    as_largest,
    as_item,
    as_list,
    as_array,
    as_array_of_some,
    as_text,
    as_old_text,
]
NUMBERS += [as_count, as_index, as_entry, as_argument, in_a_list, rounded]


@pytest.mark.parametrize("function", NUMBERS)
def test_a_parameter_that_is_used_as_a_number_is_refused_with_the_line(function):
    message = refused(function, TypeError)
    assert "(test_tracing_numbers.py, line " in message
    assert "the line)" in message


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (with_math, "np.tanh(x) and not math.tanh(x)"),
        (as_condition, "np.where(condition, a, b)"),
        (as_array, "np.stack or np.concatenate"),
        (as_argument, "X @ W for X.dot(W)"),
        (as_list, "for row in x"),
        (as_index, "it must be fixed"),
        (rounded, "not differentiable"),
    ],
)
def test_a_parameter_that_is_used_as_a_number_is_told_what_to_write(function, advice):
    assert advice in refused(function, TypeError)


def test_the_line_is_that_of_the_innermost_function_of_the_user():
    def inner(x):
        return float(x)  # here

    assert "return float(x)  # here)" in refused(lambda p: inner(p["s"]), TypeError)


@pytest.mark.parametrize(
    ("function", "name"),
    [(lambda p: np.take(np.eye(3), p["s"]), "np.take"), (lambda p: np.sum([p["s"], 2 * p["s"]]), "np.sum")],
)
def test_a_function_that_wants_plain_arrays_is_named(function, name):
    assert refused(function, TypeError).startswith(f"a traced array is converted to a plain one by {name}: ")

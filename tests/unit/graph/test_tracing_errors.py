"""What cannot be traced is an error that names the operation, the parameter and the line, and says what to write."""

import math

import numpy as np
import pytest
import scipy.special

from modeq.graph import NumpyAlgebra, evaluate
from modeq.graph.tracing import trace

SHAPES = {"W": (3, 4), "b": (4,), "s": ()}
POINT = {name: np.random.default_rng(1).normal(size=shape) for name, shape in SHAPES.items()}
X = np.random.default_rng(2).normal(size=(5, 3))


def refused(function, error, data=None, shapes=SHAPES):
    """Return what `trace` says about a function."""
    with pytest.raises(error) as caught:
        trace(function, shapes, {} if data is None else data)
    return str(caught.value)


def said(message):
    """Return a message without the line of the user's code, which holds what is expected of the message."""
    return message.partition(" (test_tracing_errors.py, line ")[0]


@pytest.mark.parametrize(
    ("function", "name", "advice"),
    [
        (lambda p: np.linalg.inv(p["W"]), "np.linalg.inv", "minimise a residual"),
        (lambda p: np.linalg.solve(np.eye(3), p["W"]), "np.linalg.solve", "minimise a residual"),
        (lambda p: np.linalg.det(p["W"]), "np.linalg.det", "minimise a residual"),
        (lambda p: np.sort(p["b"]), "np.sort", "np.maximum.reduce"),
        (lambda p: np.fft.fft(p["b"]), "np.fft.fft", "matrix of sines and cosines"),
        (lambda p: np.convolve(p["b"], p["b"]), "np.convolve", "sum(kernel[i]"),
        (lambda p: np.cbrt(p["b"]), "np.cbrt", "x ** (1 / 3)"),
        (lambda p: np.sign(p["b"]), "np.sign", "np.where"),
        (lambda p: np.heaviside(p["b"], 0), "np.heaviside", "np.where"),
        (lambda p: p["b"] // 2, "np.floor_divide", "not differentiable"),
        (lambda p: p["b"] % 2, "np.remainder", "not differentiable"),
        (lambda p: np.conj(p["b"]), "np.conjugate", "leave it out"),
        (lambda p: np.real(p["b"]), "np.real", "leave it out"),
        (lambda p: p["b"].real, ".real", "leave it out"),
        (lambda p: np.nonzero(p["b"]), "np.nonzero", "np.where"),
        (lambda p: scipy.special.logsumexp(p["W"]), "scipy.special.logsumexp", "np.logaddexp.reduce(x, axis=...)"),
        (lambda p: scipy.special.softmax(p["W"]), "scipy.special.softmax", "np.logaddexp.reduce"),
        (lambda p: scipy.special.erfinv(p["s"]), "scipy.special.erfinv", "scipy.special.erf"),
        (lambda p: scipy.special.gamma(p["s"]), "scipy.special.gamma", "supported"),
        (lambda p: np.nansum(p["b"]), "np.nansum", "np.sum"),
        (lambda p: np.add.accumulate(p["b"]), "np.add.accumulate", "np.cumsum(x, axis=0)"),
        (lambda p: np.add.at(p["b"], 0, 1), "np.add.at", "supported"),
        (lambda p: np.add.reduceat(p["b"], [0, 2]), "np.add.reduceat", "np.add.reduce"),
        (lambda p: p["b"].cumprod(), ".cumprod", ".cumsum"),
        (lambda p: p["b"].flat, ".flat", ".flatten"),
        (lambda p: np.vectorize(math.sin)(p["b"]), "np.vectorize", "supported"),
    ],
)
def test_what_is_not_supported_is_named_with_the_line_and_what_to_write(function, name, advice):
    message = refused(function, TypeError)
    assert message.startswith(f"{name} is not supported")
    assert advice in said(message)
    assert "(test_tracing_errors.py, line " in message
    assert "lambda p: " in message


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (lambda p: np.sum(p["W"], where=np.ones((3, 4), bool)), "where"),
        (lambda p: np.sum(p["W"], initial=3.0), "initial"),
        (lambda p: np.sum(p["W"], dtype=np.float32), "dtype"),
        (lambda p: np.add(p["W"], 1, where=np.ones((3, 4), bool)), "where"),
        (lambda p: np.exp(p["W"], dtype=np.float32), "dtype"),
        (lambda p: np.add.reduce(p["W"], initial=1.0), "initial"),
        (lambda p: np.stack([p["W"]], dtype=np.float32), "dtype"),
    ],
)
def test_an_argument_that_is_not_supported_is_named(function, argument):
    message = refused(function, TypeError)
    assert f"the argument {argument}=" in said(message)
    assert "(test_tracing_errors.py, line " in message


def test_arguments_that_ask_for_nothing_special_are_taken():
    graph, loss = trace(lambda p: np.sum(p["W"], None, float, None, keepdims=False) + p["W"].sum(dtype=None), SHAPES, {})
    assert evaluate(graph, [loss], POINT, NumpyAlgebra())[0] == pytest.approx(2 * POINT["W"].sum())


def test_assigning_to_an_entry_is_refused():
    def loss(p):
        p["b"][0] = 1.0  # the line

    message = refused(loss, TypeError)
    assert "np.where(condition, a, b) or np.concatenate" in message
    assert 'p["b"][0] = 1.0  # the line)' in message


def test_a_plain_array_cannot_take_the_result():
    def loss(p):
        plain = np.zeros(4)
        plain += p["b"]  # the line

    message = refused(loss, TypeError)
    assert "np.add (+): the result cannot be written into a plain array" in message
    assert 'plain += p["b"]  # the line)' in message


@pytest.mark.parametrize("view", [lambda x: x[0], lambda x: x.T, lambda x: x.reshape(12), lambda x: next(iter(x)), lambda x: x[:, None]])
def test_arrays_that_share_entries_with_a_view_are_not_written_to(view):
    def to_the_view(p):
        part = view(p["W"])
        part += 1

    def under_the_view(p):
        part = view(p["W"])
        p["W"] += 1
        return part

    for function in (to_the_view, under_the_view):
        assert "shares its entries with a view" in said(refused(function, TypeError))


def test_a_result_that_does_not_fit_is_not_written():
    def loss(p):
        p["b"] += p["W"]

    assert "(3, 4) does not fit into the array of shape (4,)" in said(refused(loss, ValueError))


def test_an_unknown_parameter_is_refused_with_the_known_ones():
    message = refused(lambda p: np.sum(p["W3"]), ValueError)
    assert message.startswith("there is no parameter 'W3'; the parameters are W, b, s (test_tracing_errors.py, line ")


def test_an_unknown_parameter_can_be_asked_for_as_in_any_dict():
    def loss(p):
        try:
            return p["bias"]
        except KeyError:
            return p.get("bias", p["s"])

    graph, value = trace(loss, SHAPES, {})
    assert value == graph.input("s")


def test_arrays_of_an_earlier_call_are_refused():
    kept = []
    trace(lambda p: kept.append(p["s"]) or p["s"], SHAPES, {})
    assert "earlier call" in said(refused(lambda p: p["s"] + kept[0], ValueError))


# Shapes and operands that do not fit.


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda p: X @ p["W"].T, ["np.matmul (@)", "(5, 3) and (4, 3)", "the parameter W has shape (3, 4), of which a part or view"]),
        (lambda p: X.T @ p["W"], ["np.matmul (@)", "(3, 5) and (3, 4)", "the parameter W has shape (3, 4)"]),
        (lambda p: p["W"] + p["b"][:3], ["np.add (+)", "(3, 4) and (3,)", "the parameter b has shape (4,)"]),
        (lambda p: np.hypot(p["W"], X), ["np.hypot", "(3, 4) and (5, 3)", "the parameter W"]),
        (lambda p: np.dot(p["W"], p["W"]), ["np.dot", "(3, 4) and (3, 4)", "the parameter W"]),
        (lambda p: p["s"] @ p["W"], ["np.matmul (@)", "multiplied with *"]),
        (lambda p: np.tensordot(p["W"], X, 1), ["np.tensordot", "(3, 4) and (5, 3)", "the parameter W"]),
        (lambda p: np.einsum("ij,jk->ik", X, p["b"]), ["np.einsum", "'jk'", "(4,)", "the parameter b"]),
        (lambda p: np.einsum("ij,ik->jk", X, p["W"]), ["np.einsum", "lengths 5 and 3", "the parameter W"]),
        (lambda p: np.reshape(p["W"], (5, 2)), ["np.reshape", "(5,2)", "the parameter W has shape (3, 4)"]),
        (lambda p: np.concatenate([p["W"], X]), ["np.concatenate", "the parameter W has shape (3, 4)"]),
        (lambda p: np.sum(p["W"], axis=2), ["np.sum", "axis 2 is out of bounds", "the parameter W has shape (3, 4)"]),
        (lambda p: np.broadcast_to(p["b"], (4, 3)), ["np.broadcast_to", "the parameter b has shape (4,)"]),
        (lambda p: p["b"].max(axis=1), ["np.max", "axis 1 is out of bounds"]),
        (lambda p: np.where(p["b"] > 0, p["W"], X), ["np.where", "(4,) and (3, 4) and (5, 3)", "the parameter W"]),
        (lambda p: np.max(p["W"][:0]), ["np.max", "no largest entry"]),
        (lambda p: np.mean(p["W"][:0]), ["np.mean", "no entries"]),
    ],
)
def test_shapes_that_do_not_fit_are_named_with_operation_parameter_and_line(function, expected):
    message = refused(function, ValueError)
    for part in expected:
        assert part in said(message)
    assert "(test_tracing_errors.py, line " in message


def test_an_index_out_of_range_is_named_with_the_parameter():
    assert "index 7 is out of bounds for axis 0 with size 3; the parameter W has shape (3, 4)" in said(
        refused(lambda p: p["W"][7], IndexError)
    )


@pytest.mark.parametrize("operand", [np.nan, np.inf, [1.0, np.nan], np.array([np.inf] * 4)], ids=str)
def test_operands_that_are_not_finite_are_refused(operand):
    assert "operands must be finite" in said(refused(lambda p: p["b"] * operand, ValueError))


@pytest.mark.parametrize("operand", [1j, np.array([1j, 2, 3, 4])], ids=str)
def test_complex_operands_are_refused(operand):
    assert "a loss is real" in said(refused(lambda p: p["b"] * operand, ValueError))


@pytest.mark.parametrize("operand", ["a", None, np.array([None] * 4), np.ma.masked_array([1, 2, 3, 4])], ids=str)
def test_operands_that_are_no_numbers_are_refused(operand):
    assert "operands are numbers and arrays of numbers" in said(refused(lambda p: p["b"] * operand, TypeError))


def test_a_division_by_zero_is_refused_with_the_line():
    message = refused(lambda p: p["s"] / 0, ValueError)
    assert message.startswith("np.divide (/): the expression divides by zero (test_tracing_errors.py, line ")


def test_a_number_too_large_for_a_float_is_refused():
    assert "too large" in said(refused(lambda p: p["s"] * 10**400, ValueError))


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (lambda p: p["b"] & 1, "combine conditions"),
        (lambda p: np.add(p["s"], 1, out=p["b"][0]), "without out"),
        (lambda p: ~p["b"], "combine conditions"),
        (lambda p: -(p["b"] > 0), "conditions have no difference"),
        (lambda p: (p["b"] > 0) - (p["b"] > 1), "conditions have no difference"),
        (lambda p: np.where(p["b"] > 0), "np.where(condition, a, b)"),
        (lambda p: p["b"][p["b"] > 0], "np.where(x > 0, a, x)"),
        (lambda p: np.take(p["W"], p["b"]), "all arguments but the first must be fixed"),
        (lambda p: p["W"].astype(int), "cannot become int64"),
        (lambda p: np.linalg.norm(p["W"], 2), "singular values"),
        (lambda p: np.linalg.norm(p["b"], 0), "supported"),
        (lambda p: np.pad(p["b"], 1, constant_values=2), "must be 0"),
        (lambda p: np.pad(p["b"], 1, mode="mean"), "'mean' is not supported"),
        (lambda p: np.linalg.matrix_power(p["W"] @ p["W"].T, -1), "at least 0"),
        (lambda p: np.einsum(p["W"], [0, 1]), "the subscripts are text"),
    ],
)
def test_uses_that_have_no_meaning_are_refused_with_the_reason(function, part):
    message = refused(function, TypeError)
    assert part in said(message)
    assert "(test_tracing_errors.py, line " in message


@pytest.mark.parametrize("base", [0, -1.5])
def test_a_base_that_is_not_positive_has_no_traced_exponent(base):
    assert "the base must be positive" in said(refused(lambda p: base ** p["b"], ValueError))


@pytest.mark.parametrize(
    ("function", "error"), [(lambda p: len(p["s"]), "len() of unsized object"), (lambda p: list(p["s"]), "iteration over a 0-d array")]
)
def test_numbers_have_no_length_and_no_rows(function, error):
    assert refused(function, TypeError) == error

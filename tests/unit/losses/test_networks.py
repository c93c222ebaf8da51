"""Networks agree with loops over samples and units, and refuse data that do not fit."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import log_softmax

from modeq.losses.initialisation import xavier
from modeq.losses.networks import deep_linear, mlp, residual

RNG = np.random.default_rng(0)
X = RNG.standard_normal((7, 3))
ONE = RNG.standard_normal(7)
TWO = RNG.standard_normal((7, 2))
PAIRS = np.array([0, 1, 1, 0, 1, 0, 0])
TRIPLES = np.array([0, 1, 2, 0, 1, 2, 2])
HOLE, SPIKE = X.copy(), ONE.copy()
HOLE[1, 2], SPIKE[3] = np.nan, np.inf

SCALAR = {
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "gelu": lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2)),
    "relu": lambda x: max(x, 0.0),
    "identity": lambda x: x,
}


def layer(x, W, b=None):
    """One sample through one layer, unit by unit."""
    return [sum(x[i] * W[i, j] for i in range(len(x))) + (0.0 if b is None else b[j]) for j in range(W.shape[1])]


def forward(x, params, act):
    """One sample through a perceptron with the parameters W1, b1, …"""
    depth = sum(name.startswith("W") for name in params)
    for number in range(1, depth + 1):
        x = layer(x, params[f"W{number}"], params.get(f"b{number}"))
        x = x if number == depth else [act(value) for value in x]
    return x


def point(loss, seed=1):
    return np.random.default_rng(seed).standard_normal(loss.dimension)


@pytest.mark.parametrize("name", sorted(SCALAR))
def test_mean_squared_agrees_with_a_loop_over_samples(name):
    E = mlp((3, 4, 2), name, "mean-squared", X, TWO)
    theta = point(E)
    outputs = [forward(x, E.unravel(theta), SCALAR[name]) for x in X]
    expected = sum((o - t) ** 2 for output, y in zip(outputs, TWO, strict=True) for o, t in zip(output, y, strict=True)) / 14
    assert E(theta) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("widths", [(3, 1), (3, 2, 1), (3, 4, 2, 5, 1)])
def test_logistic_agrees_with_a_loop_at_every_depth(widths):
    E = mlp(widths, "tanh", "logistic", X, PAIRS)
    theta = point(E)
    outputs = [forward(x, E.unravel(theta), math.tanh)[0] for x in X]
    expected = sum(math.log1p(math.exp(-o if label else o)) for o, label in zip(outputs, PAIRS, strict=True)) / 7
    assert E(theta) == pytest.approx(expected, rel=1e-12)


def test_softmax_agrees_with_a_loop():
    E = mlp((3, 4, 3), "tanh", "softmax", X, TRIPLES)
    theta = point(E)
    expected = -sum(log_softmax(forward(x, E.unravel(theta), math.tanh))[label] for x, label in zip(X, TRIPLES, strict=True)) / 7
    assert E(theta) == pytest.approx(expected, rel=1e-12)


def test_without_biases_the_parameters_are_matrices_only():
    E = mlp((3, 4, 1), "tanh", "mean-squared", X, ONE, biases=False)
    assert E.shapes == {"W1": (3, 4), "W2": (4, 1)}
    theta = point(E)
    outputs = [forward(x, E.unravel(theta), math.tanh)[0] for x in X]
    assert E(theta) == pytest.approx(sum((o - t) ** 2 for o, t in zip(outputs, ONE, strict=True)) / 14, rel=1e-12)


def test_parameters_are_layer_by_layer_and_row_by_row():
    E = mlp((3, 2, 1), "tanh", "mean-squared", X, ONE)
    assert list(E.shapes.items()) == [("W1", (3, 2)), ("b1", (2,)), ("W2", (2, 1)), ("b2", (1,))]
    params = E.unravel(np.arange(11.0))
    np.testing.assert_array_equal(params["W1"], [[0, 1], [2, 3], [4, 5]])
    np.testing.assert_array_equal(params["b2"], [10])


def test_weight_decay_counts_matrices_and_spares_biases():
    plain, decayed = (mlp((3, 4, 2), "tanh", "mean-squared", X, TWO, weight_decay=decay) for decay in (0.0, 0.3))
    theta = point(plain)
    squares = sum((W**2).sum() for name, W in plain.unravel(theta).items() if name.startswith("W"))
    assert decayed(theta) - plain(theta) == pytest.approx(0.15 * squares, rel=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: mlp((3, 4, 1), "gelu", "logistic", X, PAIRS, weight_decay=0.1),
        lambda: mlp((3, 4, 3), "softplus", "softmax", X, TRIPLES),
        lambda: mlp((3, 4, 2), "sigmoid", "mean-squared", X, TWO),
        lambda: deep_linear((3, 2, 2), X, TWO, weight_decay=0.1),
        lambda: deep_linear((2, 3, 4)),
        lambda: residual(3, 2, "tanh", "softmax", X, TRIPLES, hidden=2),
    ],
    ids=["gelu", "softplus", "sigmoid", "deep linear", "whitened", "residual"],
)
def test_the_gradient_is_that_of_the_values(make):
    E = make()
    theta, h = 0.5 * point(E), 1e-4
    slope = [(E(theta + h * e) - E(theta - h * e)) / (2 * h) for e in np.eye(E.dimension)]
    np.testing.assert_allclose(E.gradient(theta), slope, atol=1e-7)


def test_the_gradient_of_a_perceptron_is_back_propagation():
    E = mlp((3, 4, 1), "tanh", "mean-squared", X, ONE)
    params = E.unravel(point(E))
    hidden = np.tanh(X @ params["W1"] + params["b1"])
    error = (hidden @ params["W2"] + params["b2"] - ONE[:, np.newaxis]) / 7
    back = error @ params["W2"].T * (1 - hidden**2)
    slopes = {"W1": X.T @ back, "b1": back.sum(axis=0), "W2": hidden.T @ error, "b2": error.sum(axis=0)}
    np.testing.assert_allclose(E.gradient(E.ravel(params)), E.ravel(slopes), rtol=1e-7, atol=1e-9)


def test_the_activation_can_be_the_users_own_function():
    own, known = (mlp((3, 4, 1), act, "mean-squared", X, ONE) for act in (lambda x: 2 / (1 + np.exp(-2 * x)) - 1, "tanh"))
    theta = point(own)
    assert own(theta) == pytest.approx(known(theta), rel=1e-12)
    assert own.name == "mlp 3-4-1 custom, mean-squared, 7 samples"


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: mlp((3, 5, 1), "tanh", "mean-squared", X, ONE), "mlp 3-5-1 tanh, mean-squared, 7 samples"),
        (lambda: mlp((3, 1), "tanh", "logistic", X, PAIRS, biases=False), "mlp 3-1, no biases, logistic, 7 samples"),
        (
            lambda: mlp((3, 2, 1), "relu", "mean-squared", X[:1], ONE[:1], weight_decay=0.01),
            "mlp 3-2-1 relu, mean-squared, weight decay 0.01, 1 sample",
        ),
        (lambda: deep_linear((3, 4, 2), X, TWO), "deep-linear 3-4-2, mean-squared, 7 samples"),
        (lambda: deep_linear((3, 3), weight_decay=0.5), "deep-linear 3-3, whitened, weight decay 0.5"),
        (lambda: residual(4, 1, "gelu", "softmax", X, TRIPLES, hidden=8), "residual 3-4-3 gelu, 1 block of 8, softmax, 7 samples"),
    ],
)
def test_names_say_what_the_loss_is(make, name):
    assert make().name == name


@pytest.mark.parametrize(
    "make",
    [
        lambda: mlp((3, 5, 1), "tanh", "mean-squared", X, ONE),
        lambda: deep_linear((3, 4, 2), X, TWO),
        lambda: deep_linear((3, 3)),
        lambda: residual(4, 1, "tanh", "mean-squared", X, ONE),
    ],
)
def test_the_start_is_xaviers_and_there_is_a_reference(make):
    E = make()
    np.testing.assert_array_equal(E.start, xavier(E, seed=0))
    assert E.reference


def test_a_deep_linear_network_multiplies_its_matrices():
    E = deep_linear((3, 4, 2, 2), X, TWO)
    theta = point(E)
    W = E.unravel(theta)
    expected = sum(np.linalg.norm(x @ W["W1"] @ W["W2"] @ W["W3"] - y) ** 2 for x, y in zip(X, TWO, strict=True)) / 14
    assert E(theta) == pytest.approx(expected, rel=1e-12)


def test_a_deep_linear_network_takes_plain_numbers_for_one_output():
    a, b = (deep_linear((3, 2, 1), X, y) for y in (ONE, ONE[:, np.newaxis]))
    assert a(point(a)) == b(point(a))


def test_whitened_inputs_give_the_same_loss_up_to_a_constant():
    """With XᵀX = n·1 the data enter through 1/n XᵀY alone."""
    white = np.sqrt(7) * np.linalg.qr(X)[0]
    with_data, without = deep_linear((3, 4, 2), white, TWO), deep_linear((3, 4, 2), target=white.T @ TWO / 7)
    differences = [with_data(theta) - without(theta) for theta in (point(without, seed) for seed in range(5))]
    np.testing.assert_allclose(differences, differences[0], atol=1e-12)


@pytest.mark.parametrize("widths", [(2, 2), (3, 2, 3), (2, 3, 4)])
def test_the_default_target_is_the_identity(widths):
    E = deep_linear(widths)
    W = [np.eye(a, b) for a, b in pairwise(widths)]
    expected = 0.5 * np.sum((np.linalg.multi_dot(W) - np.eye(widths[0], widths[-1])) ** 2) if len(W) > 1 else 0.0
    assert E(np.concatenate([w.ravel() for w in W])) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("objective", "y", "ends"), [("mean-squared", TWO, 2), ("mean-squared", ONE, 1), ("logistic", PAIRS, 1), ("softmax", TRIPLES, 3)]
)
def test_a_residual_network_has_the_outputs_that_the_targets_need(objective, y, ends):
    assert residual(4, 2, "tanh", objective, X, y).shapes["W_out"] == (4, ends)


def test_a_residual_network_adds_each_block_to_its_input():
    E = residual(2, 3, "tanh", "mean-squared", X, TWO, hidden=4)
    theta = point(E)
    p = E.unravel(theta)
    total = 0.0
    for x, y in zip(X, TWO, strict=True):
        signal = layer(x, p["W_in"], p["b_in"])
        for step in (1, 2, 3):
            inner = [math.tanh(value) for value in layer(signal, p[f"W{step}a"], p[f"b{step}a"])]
            signal = [a + b for a, b in zip(signal, layer(inner, p[f"W{step}b"]), strict=True)]
        total += sum((o - t) ** 2 for o, t in zip(layer(signal, p["W_out"], p["b_out"]), y, strict=True)) / 14
    assert E(theta) == pytest.approx(total, rel=1e-12)


def test_blocks_of_zeros_leave_a_linear_model():
    E = residual(2, 3, "tanh", "mean-squared", X, TWO)
    params = {name: np.zeros(shape) for name, shape in E.shapes.items()}
    params["W_in"], params["W_out"] = np.eye(3, 2), np.eye(2)
    assert E(E.ravel(params)) == pytest.approx(0.5 * np.mean(np.sum((X[:, :2] - TWO) ** 2, axis=1)), rel=1e-13)


def test_the_number_of_outputs_can_be_given_where_a_class_has_no_samples():
    assert residual(2, 1, "tanh", "softmax", X, TRIPLES, outputs=5).shapes["b_out"] == (5,)
    with pytest.raises(ValueError, match="no sample has 1"):
        residual(2, 1, "tanh", "softmax", X, 2 * PAIRS)


@pytest.mark.parametrize(
    ("widths", "activation", "objective", "inputs", "y", "message"),
    [
        ((3,), "tanh", "mean-squared", X, ONE, r"at least the numbers of inputs and outputs, such as \(4, 1\), got \(3,\)"),
        ((), "tanh", "mean-squared", X, ONE, r"got \(\)"),
        ((3, 0, 1), "tanh", "mean-squared", X, ONE, "each width must be a positive integer, got 0"),
        ((2, 4, 1), "tanh", "mean-squared", X, ONE, "X has 3 inputs for each sample, but the widths start with 2"),
        ((3, 4, 1), "tan", "mean-squared", X, ONE, "unknown activation 'tan', did you mean 'tanh'"),
        ((3, 4, 1), "tanh", "mean-square", X, ONE, "unknown objective 'mean-square', did you mean 'mean-squared'"),
        ((3, 4, 1), "tanh", "mean-squared", X[:, 0], ONE, r"X must have shape \(samples, inputs\), got \(7,\); a single input"),
        ((3, 4, 1), "tanh", "mean-squared", X[:0], ONE[:0], r"X must have shape \(samples, inputs\), got \(0, 3\)"),
        ((3, 4, 1), "tanh", "mean-squared", X, ONE[:5], "X has 7 samples and y has 5"),
        ((3, 4, 2), "tanh", "mean-squared", X, ONE, r"y must have shape \(samples, 2\)"),
        ((3, 4, 1), "tanh", "mean-squared", HOLE, ONE, r"X has an entry that is NaN or infinite, at \[1, 2\]"),
        ((3, 4, 1), "tanh", "mean-squared", X, SPIKE, r"y has an entry that is NaN or infinite, at \[3\]"),
        ((3, 4, 1), "tanh", "logistic", X, TRIPLES, "got 2; use softmax for more than two classes"),
        ((3, 4, 2), "tanh", "softmax", X, TRIPLES, "softmax with 2 outputs needs labels 0 … 1, got 2; a model of 3 classes"),
    ],
)
def test_what_does_not_fit_is_refused_at_the_call(widths, activation, objective, inputs, y, message):
    with pytest.raises(ValueError, match=message):
        mlp(widths, activation, objective, inputs, y)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"widths": 3}, "widths are the numbers of inputs, hidden units and outputs"),
        ({"widths": "341"}, "widths are the numbers"),
        ({"widths": (3, 4.0, 1)}, "each width must be a positive integer, got 4.0"),
        ({"widths": (3, True, 1)}, "each width must be a positive integer, got True"),
        ({"X": None}, "the inputs X are missing"),
        ({"y": None}, "y is missing"),
        ({"X": 1j * X}, "X must be an array of real numbers"),
        ({"X": [["a", "b", "c"]] * 7}, "X must be an array of real numbers"),
        ({"weight_decay": "0.1"}, "weight_decay must be a number"),
    ],
)
def test_the_wrong_kind_of_argument_is_refused(changes, message):
    arguments = {"widths": (3, 4, 1), "activation": "tanh", "objective": "mean-squared", "X": X, "y": ONE} | changes
    with pytest.raises(TypeError, match=message):
        mlp(**arguments)


@pytest.mark.parametrize("decay", [-0.1, math.nan, math.inf])
def test_weight_decay_is_finite_and_not_negative(decay):
    with pytest.raises(ValueError, match="weight_decay must be finite and at least 0"):
        deep_linear((2, 2), weight_decay=decay)


def test_a_deep_linear_network_has_data_or_a_target():
    with pytest.raises(ValueError, match="either X and y or a target"):
        deep_linear((3, 2), X, TWO, target=np.eye(3, 2))
    with pytest.raises(ValueError, match=r"the target must have shape \(3, 2\), the first and the last of the widths, got \(2, 3\)"):
        deep_linear((3, 4, 2), target=np.eye(2, 3))
    with pytest.raises(TypeError, match="y is missing"):
        deep_linear((3, 2), X)
    with pytest.raises(TypeError, match="X are missing"):
        deep_linear((3, 2), y=TWO)
    with pytest.raises(ValueError, match="X has 3 inputs"):
        deep_linear((2, 2), X, TWO)


@pytest.mark.parametrize(("arguments", "word"), [((0, 1), "width"), ((2, 0), "blocks")])
def test_a_residual_network_has_units_and_blocks(arguments, word):
    with pytest.raises(ValueError, match=f"{word} must be a positive integer, got 0"):
        residual(*arguments, "tanh", "mean-squared", X, ONE)


def test_the_loss_keeps_its_own_copy_of_the_data():
    inputs, y = X.copy(), ONE.copy()
    E = mlp((3, 2, 1), "tanh", "mean-squared", inputs, y)
    before = E(point(E))
    inputs[:] = y[:] = 0.0
    assert E(point(E)) == before

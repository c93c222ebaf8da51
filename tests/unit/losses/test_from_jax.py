"""Losses from JAX: parameters in any pytree, errors that name the primitive and the line, derivatives that are told."""

import copy
import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import modeq as mq
from modeq.graph import NumpyAlgebra, evaluate
from modeq.graph.jax_primitives import PRIMITIVES, REFUSED, STRUCTURAL

# An extra; `make test` installs it.
jax = pytest.importorskip("jax")
Primitive = pytest.importorskip("jax.extend.core").Primitive
jnp, lax, nn = jax.numpy, jax.lax, jax.nn

X = np.random.default_rng(0).normal(size=(5, 3))


def value(loss, theta):
    """E without compiling it."""
    parts = np.split(np.asarray(theta, float), np.cumsum([int(np.prod(shape)) for shape in loss.shapes.values()])[:-1])
    given = {name: part.reshape(shape) for part, (name, shape) in zip(parts, loss.shapes.items(), strict=True)}
    return float(evaluate(loss.program.graph, [loss.program.value], given, NumpyAlgebra())[0])


class Layer(NamedTuple):
    weight: object
    bias: object


def network(layers, X):
    return jnp.mean((jnp.tanh(X @ layers[0].weight + layers[0].bias) @ layers[1]["v"]) ** 2)


LAYERS = [Layer(np.ones((3, 2), np.float32), np.zeros(2, np.float32)), {"v": np.array([1.0, -2.0])}]


def test_parameters_are_called_by_their_paths():
    assert dict(mq.Loss.from_jax(network, LAYERS, {"X": X}).shapes) == {"0.weight": (3, 2), "0.bias": (2,), "1.v": (2,)}


def test_parameters_come_back_in_the_form_they_had():
    E = mq.Loss.from_jax(network, LAYERS, {"X": X})
    layers = E.unravel(np.arange(10.0))
    assert isinstance(layers[0], Layer)
    assert layers[1]["v"].tolist() == [8.0, 9.0]
    assert E.ravel(layers).tolist() == list(range(10))


def test_a_loss_starts_where_its_parameters_are():
    E = mq.Loss.from_jax(network, LAYERS, {"X": X})
    assert list(E.start) == [1.0] * 6 + [0.0] * 2 + [1.0, -2.0]


def test_parameters_of_another_form_are_refused():
    with pytest.raises(ValueError, match="expected parameters of the form"):
        mq.Loss.from_jax(network, LAYERS, {"X": X}).ravel({"v": 1.0})


def test_single_precision_is_taken_in_double_precision():
    E = mq.Loss.from_jax(lambda w: jnp.sum(jnp.exp(w).astype(jnp.float32)), np.float32([0.1, 0.2]))
    assert value(E, E.start) == pytest.approx(np.exp(np.float64(np.float32([0.1, 0.2]))).sum(), rel=1e-15)


def test_what_insists_on_single_precision_is_computed_in_double_precision():
    def loss(w):
        return jnp.sum(lax.fori_loop(0, 3, lambda _, power: power * w, jnp.ones(2, jnp.float32)))

    E = mq.Loss.from_jax(loss, np.array([0.1, 0.2]))
    assert value(E, [0.1, 0.2]) == pytest.approx(0.1**3 + 0.2**3, rel=1e-15)


def test_half_precision_is_taken_in_double_precision():
    E = mq.Loss.from_jax(lambda w, X: jnp.sum(X.astype(jnp.bfloat16) @ w.astype(jnp.bfloat16)), np.ones(3), {"X": np.ones((2, 3))})
    assert value(E, [0.1, 0.2, 0.3]) == pytest.approx(1.2, rel=1e-15)


def test_an_error_of_the_function_is_the_one_in_double_precision():
    with pytest.raises(TypeError, match="dot_general requires contracting dimensions"):
        mq.Loss.from_jax(lambda w: jnp.ones((2, 3)) @ w, np.ones(4))


def test_the_precision_that_jax_is_set_to_stays():
    mq.Loss.from_jax(lambda w: jnp.sum(w**2), np.ones(2))
    assert jnp.ones(1).dtype == jnp.float32


@jax.tree_util.register_pytree_node_class
@dataclass
class Model:
    weight: object
    activation: object

    def tree_flatten(self):
        return (self.weight, self.activation), None

    @classmethod
    def tree_unflatten(cls, _, leaves):
        return cls(*leaves)


def test_leaves_that_are_no_arrays_of_floats_stay_as_they_are():
    E = mq.Loss.from_jax(lambda m, X: jnp.sum(m.activation(X @ m.weight)), Model(np.ones(3), jnp.tanh), {"X": X})
    assert E.dimension == 3
    assert E.unravel([1.0, 2.0, 3.0]).activation is jnp.tanh


def test_integer_data_stay_integers():
    E = mq.Loss.from_jax(lambda W, labels: jnp.sum(W[labels] ** 2), np.array([[1.0, 2.0], [3.0, 4.0]]), {"labels": np.array([1, 1, 0])})
    assert value(E, E.start) == 25 + 25 + 5


def test_what_does_not_depend_on_parameters_is_left_to_jax():
    E = mq.Loss.from_jax(lambda w, X: jnp.sum(w * jnp.sort(jnp.linalg.svd(X)[1])), np.ones(3), {"X": X})
    assert value(E, E.start) == pytest.approx(np.linalg.svd(X)[1].sum(), rel=1e-12)


def test_results_that_nobody_uses_may_be_anything():
    def loss(w):
        order = jnp.argsort(w)
        return jnp.sum(w**2) + 0 * order.size

    assert value(mq.Loss.from_jax(loss, np.ones(2)), [1.0, 2.0]) == 5.0


def test_two_traces_of_one_function_have_one_module():
    first, second = (mq.Loss.from_jax(lambda w, X: jnp.mean((X @ w) ** 2), np.ones(3), {"X": rows}) for rows in (X, np.vstack([X, X[:2]])))
    assert first.source == second.source


def test_minibatches_of_a_loss_from_jax_are_weighted_to_the_whole():
    E = mq.Loss.from_jax(lambda w, X: jnp.mean((X @ w) ** 2), np.ones(3), {"X": X})
    batches = E.minibatches(2, seed=0)
    assert sum(batches.weights * [value(batch, E.start) for batch in batches]) == pytest.approx(value(E, E.start), rel=1e-12)


def test_a_loss_from_jax_can_be_copied_and_pickled():
    E = mq.Loss.from_jax(lambda w: jnp.sum(w["a"] ** 2), {"a": np.ones(2)})
    for other in (copy.copy(E), pickle.loads(pickle.dumps(E))):
        assert other.unravel([1.0, 2.0])["a"].tolist() == [1.0, 2.0]


# Errors


def test_an_unsupported_primitive_is_named_with_the_users_line():
    with pytest.raises(TypeError, match=r"the primitive sort of JAX is not supported.*test_from_jax.py, line \d+: .*jnp.sort\(w\)"):
        mq.Loss.from_jax(lambda w: jnp.sum(jnp.sort(w)[:1]), np.ones(3))


def test_a_primitive_without_advice_points_to_the_page():
    own = Primitive("of_my_own")
    own.def_abstract_eval(lambda x: x)
    with pytest.raises(TypeError, match=r"of_my_own of JAX is not supported.*see the page on losses from JAX"):
        mq.Loss.from_jax(lambda w: jnp.sum(own.bind(w)), np.ones(3))


def test_the_line_is_the_users_and_not_that_of_a_nested_function_of_jax():
    @jax.jit
    def inner(w):
        return jnp.median(w)

    with pytest.raises(TypeError, match=r"return jnp.median\(w\)"):
        mq.Loss.from_jax(lambda w: inner(w) ** 2, np.ones(3))


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda w: w[jnp.argmax(w)], "an order of entries is not differentiable"),
        (lambda w: jnp.linalg.inv(w[:4].reshape(2, 2)).sum(), "matrices are not factored"),
        (lambda w: jnp.sum(jnp.round(w)), "not differentiable"),
        (lambda w: lax.reduce_window(w, -jnp.inf, lax.max, (2,), (2,), "VALID").sum(), "average them"),
        (lambda w: jnp.abs(jnp.fft.fft(w)).sum(), "must be an analytic function"),
        (lambda w: lax.while_loop(lambda v: v.sum() < 9, lambda v: v + 1, w).sum(), "how often the loop runs"),
        (lambda w: lax.lgamma(w**2).sum(), "Loss.from_functions"),
    ],
)
def test_what_cannot_be_lowered_says_what_to_do(loss, message):
    with pytest.raises((TypeError, ValueError, IndexError), match=message):
        mq.Loss.from_jax(loss, np.ones(6))


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda w: w.sum() if w[0] > 0 else -w.sum(), "in place of if"),
        (lambda w: float(w[0]), r"leave float\(…\)"),
        (lambda w: np.sum(np.exp(w)), "take that of jax.numpy"),
        (lambda w: jnp.sum(w[w > 0]), r"jnp.sum\(jnp.where\(x > 0, x, 0\)\)"),
    ],
)
def test_parameters_that_are_used_as_numbers_are_named_with_the_users_line(loss, message):
    with pytest.raises(TypeError, match=rf"they are no numbers yet: .*{message}.* \(test_from_jax.py, line \d+"):
        mq.Loss.from_jax(loss, np.ones(6))


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda w: lax.div(jnp.sum(w > 0), 2) * w[0], "a quotient of integers that depend on the parameters is rounded"),
        (lambda w: (jnp.sum(w > 0) & 1) * w[0], "the bits of integers"),
        (lambda w: w.astype(int)[0] * w[1], "become integers"),
        (lambda w: jnp.sum(w.at[jnp.array([0, 0])].multiply(w[:2])), "an index occurs twice"),
        (lambda w: jnp.sum(jax.pmap(jnp.sin)(w[:1])), "write the loss for one"),
    ],
)
def test_what_would_be_another_number_is_refused(loss, message):
    with pytest.raises(TypeError, match=message):
        mq.Loss.from_jax(loss, np.ones(6))


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda w: w, "sum or average it to a single number"),
        (lambda w: (jnp.sum(w), w), "returned 2 arrays; return the loss alone"),
        (lambda w: jnp.ones(()), "does not depend on the parameters"),
        (lambda w, X: jnp.sum(w), "its argument X got no data"),
    ],
)
def test_a_loss_is_one_number(loss, message):
    with pytest.raises((TypeError, ValueError), match=message):
        mq.Loss.from_jax(loss, np.ones(2))


@pytest.mark.parametrize(
    ("params", "message"),
    [({"n": 3}, "pytree of arrays of floats"), ({"w": np.array([np.nan])}, "NaN or infinite"), ({"w": np.ones(2) * 1j}, "complex")],
)
def test_parameters_are_finite_floats(params, message):
    with pytest.raises((TypeError, ValueError), match=message):
        mq.Loss.from_jax(lambda p: 0.0, params)


# Derivatives that are told


def told(rule):
    function = jax.custom_vjp(lambda x: x**2)
    function.defvjp(lambda x: (x**2, x), rule)
    return function


def test_a_custom_rule_that_is_the_derivative_changes_nothing():
    E = mq.Loss.from_jax(lambda w: jnp.sum(told(lambda x, g: (2 * x * g,))(w)), np.ones(2))
    assert value(E, [1.0, 2.0]) == 5.0


def test_a_custom_rule_that_is_another_derivative_is_refused():
    with pytest.raises(ValueError, match="told derivatives that are not those of its values"):
        mq.Loss.from_jax(lambda w: jnp.sum(told(lambda x, g: (g,))(w)), np.ones(2))


def test_a_custom_rule_in_half_precision_is_compared_to_its_digits():
    squares = told(lambda x, g: (2 * x * g,))
    mq.Loss.from_jax(lambda w: jnp.sum(squares(w.astype(jnp.bfloat16)).astype(float)), np.array([1.0, 0.7]))
    wrong = told(lambda x, g: (x * g,))
    with pytest.raises(ValueError, match="told derivatives"):
        mq.Loss.from_jax(lambda w: jnp.sum(wrong(w.astype(jnp.bfloat16)).astype(float)), np.array([1.0, 0.7]))


def test_a_custom_rule_is_compared_where_the_function_has_values():
    E = mq.Loss.from_jax(lambda w: jnp.sum(jax.scipy.special.entr(w)), np.array([1e-3, 0.4]))  # −x log x, close to its end
    assert value(E, [0.5, 0.5]) == pytest.approx(np.log(2))


def test_a_stopped_derivative_that_cancels_keeps_the_loss_analytic():
    def shifted(w, X):
        z = X @ w
        z = z - lax.stop_gradient(z.max(axis=1, keepdims=True))
        return -jnp.mean(z[:, 0] - jnp.log(jnp.sum(jnp.exp(z), axis=1)))

    assert mq.Loss.from_jax(shifted, np.ones((3, 2)), {"X": X}).analytic


@pytest.mark.parametrize(
    "loss", [lambda w: jnp.sum(w * lax.stop_gradient(jnp.max(w))), lambda w: jnp.sum(w * lax.stop_gradient(w))], ids=["largest", "any"]
)
def test_a_stopped_derivative_that_does_not_cancel_is_refused(loss):
    with pytest.raises(ValueError, match="told derivatives that are not those of its values, by stop_gradient"):
        mq.Loss.from_jax(loss, np.arange(1.0, 4.0))


# The table


def test_every_primitive_is_supported_or_refused_once():
    assert not set(PRIMITIVES) & set(STRUCTURAL)
    assert not set(REFUSED) & (set(PRIMITIVES) | set(STRUCTURAL))


def test_every_primitive_of_jax_lax_that_takes_arrays_is_supported_or_refused_with_advice():
    lax_primitives = [*vars(lax).values(), *vars(pytest.importorskip("jax.lax.linalg")).values()]
    names = {primitive.name for primitive in lax_primitives if isinstance(primitive, Primitive)}
    without_arrays = {"iota", "axis_index", "after_all", "create_token", "dce_sink", "stage"}
    assert names - without_arrays <= set(PRIMITIVES) | set(STRUCTURAL) | set(REFUSED)


def test_what_is_supported_is_a_primitive_of_jax():
    known = pytest.importorskip("jax.extend.core.primitives")
    names = {primitive.name for part in (lax, known) for primitive in vars(part).values() if isinstance(primitive, Primitive)}
    assert set(PRIMITIVES) | set(STRUCTURAL) <= names


def test_the_module_lists_every_supported_primitive():
    from modeq.graph import jax_primitives

    listed = {word.strip(",.") for word in jax_primitives.__doc__.split()}
    assert set(PRIMITIVES) | set(STRUCTURAL) <= listed


def test_the_page_lists_every_supported_primitive_and_no_other():
    page = (Path(mq.__file__).parents[1] / "docs" / "how-to" / "jax.md").read_text(encoding="utf-8")
    table = page.partition("<!-- primitives -->")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([^`]+)`", table)) == set(PRIMITIVES) | set(STRUCTURAL)

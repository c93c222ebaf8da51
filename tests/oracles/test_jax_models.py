"""Models of flax, equinox and haiku: parameters in their own form, value and gradient of JAX in double precision."""

import numpy as np
import pytest

import modeq as mq

from .jets_of_losses import jet

# Extras; `make test` installs them.
jax = pytest.importorskip("jax")
eqx, linen, nnx = pytest.importorskip("equinox"), pytest.importorskip("flax.linen"), pytest.importorskip("flax.nnx")
jnp, lax, nn = jax.numpy, jax.lax, jax.nn

jax.config.update("jax_disable_most_optimizations", True)  # compiling takes most of the time here

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
X, Y, S = RANDOM.normal(size=(6, 4)), RANDOM.normal(size=6), RANDOM.normal(size=(2, 3, 4))


@pytest.fixture(autouse=True)
def _single_precision_as_people_have_it():
    with jax.enable_x64(False):
        yield


def double(params):
    return jax.tree.map(lambda leaf: np.asarray(leaf, float) if getattr(leaf, "dtype", 0) == np.float32 else leaf, params)


def check(function, params, data, tolerance=1e-12, reference=None):
    """Compare with JAX's value and gradient, and the form of the parameters with what came back."""
    loss = mq.Loss.from_jax(function, params, data)
    theta = np.array(loss.start)
    value, gradient, *_ = jet(loss, theta, np.zeros_like(theta))
    with jax.enable_x64(True):
        arrays = {name: jnp.asarray(array) for name, array in data.items()}
        expected, slopes = eqx.filter_value_and_grad(lambda p: (reference or function)(p, **arrays))(double(params))
    slopes = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(slopes) if eqx.is_inexact_array(leaf)])
    assert value == pytest.approx(float(expected), rel=tolerance)
    np.testing.assert_allclose(gradient, slopes, atol=tolerance * np.abs(slopes).max())
    back = loss.unravel(theta)
    assert jax.tree.structure(back) == jax.tree.structure(params)
    np.testing.assert_array_equal(loss.ravel(back), theta)
    np.testing.assert_array_equal(loss.ravel(params), theta)
    return loss


def test_variables_of_linen():
    model = linen.Sequential([linen.Dense(3), linen.LayerNorm(), linen.gelu, linen.Dense(1)])
    loss = check(lambda v, X, y: jnp.mean((model.apply(v, X)[:, 0] - y) ** 2), jax.jit(model.init)(KEY, X), {"X": X, "y": Y})
    assert list(loss.shapes)[:2] == ["params.layers_0.bias", "params.layers_0.kernel"]


def test_a_recurrent_cell_of_linen_whose_state_begins_in_single_precision():
    """The same model with states in double precision is one that JAX can run in double precision."""
    recurrent, told = (linen.RNN(linen.LSTMCell(3, param_dtype=dtype)) for dtype in (jnp.float32, jnp.float64))
    params = jax.jit(recurrent.init)(KEY, S)

    def loss(model):
        return lambda v, S: jnp.mean(model.apply(v, S) ** 2)

    check(loss(recurrent), params, {"S": S}, tolerance=1e-6, reference=loss(told))


def test_a_module_of_equinox_with_activations_rates_and_flags():
    class Model(eqx.Module):
        network: eqx.nn.MLP
        dropout: eqx.nn.Dropout
        scale: float

        def __call__(self, x):
            return self.dropout(self.scale * self.network(x))

    model = Model(eqx.nn.MLP(4, 1, 3, 1, activation=jnp.tanh, key=KEY), eqx.nn.Dropout(0.1, inference=True), 0.5)
    loss = check(lambda m, X, y: jnp.mean((jax.vmap(m)(X)[:, 0] - y) ** 2), model, {"X": X, "y": Y})
    assert list(loss.shapes) == ["network.layers.0.weight", "network.layers.0.bias", "network.layers.1.weight", "network.layers.1.bias"]


def test_the_arrays_of_a_module_of_equinox():
    arrays, rest = eqx.partition(eqx.nn.GRUCell(4, 3, key=KEY), eqx.is_inexact_array)

    def loss(arrays, S):
        cell = eqx.combine(arrays, rest)
        return jnp.mean(jax.vmap(lambda rows: lax.scan(lambda h, x: (cell(x, h), None), jnp.zeros(3), rows)[0])(S) ** 2)

    check(loss, arrays, {"S": S})


def test_the_state_of_a_module_of_nnx():
    model = nnx.Sequential(nnx.Linear(4, 3, rngs=nnx.Rngs(0)), jnp.tanh, nnx.Linear(3, 1, rngs=nnx.Rngs(1)))
    graph, params, rest = nnx.split(model, nnx.Param, ...)
    check(lambda p, X, y: jnp.mean((nnx.merge(graph, p, rest)(X)[:, 0] - y) ** 2), params, {"X": X, "y": Y})


def test_parameters_by_modules_and_names_as_haiku_has_them():
    params = {
        "mlp/~/linear_0": {"w": RANDOM.normal(size=(4, 3)), "b": np.zeros(3)},
        "mlp/~/linear_1": {"w": RANDOM.normal(size=(3, 1)), "b": np.ones(1)},
    }

    def loss(params, X, y):
        first, second = params["mlp/~/linear_0"], params["mlp/~/linear_1"]
        return jnp.mean(((nn.silu(X @ first["w"] + first["b"]) @ second["w"] + second["b"])[:, 0] - y) ** 2)

    assert next(iter(check(loss, params, {"X": X, "y": Y}).shapes)) == "mlp/~/linear_0.b"

"""Losses from JAX against JAX: value, gradient, Hessian–vector product and third derivative along a direction."""

from functools import partial

import numpy as np
import pytest

import modeq as mq

from .jets_of_losses import assert_jets, jet

# An extra; `make test` installs it.
jax = pytest.importorskip("jax")
jnp, lax, nn = jax.numpy, jax.lax, jax.nn

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(6, 4))


jax.config.update("jax_disable_most_optimizations", True)  # compiling takes most of the time here


@pytest.fixture(autouse=True)
def _double_precision():
    with jax.enable_x64(True):
        yield


def theirs(function, loss, data, theta, u):
    """JAX's own jet, by reverse mode and forward mode over it, in one compiled function."""
    shapes = list(loss.shapes.values())
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def value(point):
        parts = [part.reshape(shape) for part, shape in zip(jnp.split(point, ends), shapes, strict=True)]
        return function(loss.packing.assembled(parts), **data)

    gradient = jax.grad(value)

    def product(point):
        return jax.jvp(gradient, (point,), (u,))[1]

    return jax.jit(lambda point: (value(point), gradient(point), *jax.jvp(product, (point,), (u,))))(theta)


def check(function, params, data=None):
    loss = mq.Loss.from_jax(function, params, data)
    random = np.random.default_rng(1)
    theta = np.array(loss.start) + 0.1 * random.normal(size=loss.dimension)
    u = random.normal(size=loss.dimension)
    arrays = {name: jnp.asarray(array) for name, array in (data or {}).items()}
    assert_jets(jet(loss, theta, u), theirs(function, loss, arrays, theta, u))
    return loss


def entries(p, X, function):
    outputs = function(X @ p["W"] + p["b"])
    return jnp.sum(jnp.sin(outputs) * jnp.cos(jnp.arange(float(outputs.size))).reshape(outputs.shape))


def tensor(function):
    return check(partial(entries, function=function), {"W": RANDOM.normal(size=(4, 6)), "b": RANDOM.normal(size=6)}, {"X": X})


NAMES = ["relu", "relu6", "sigmoid", "softplus", "silu", "log_sigmoid", "elu", "celu", "selu", "soft_sign", "hard_tanh", "leaky_relu"]
NAMES += ["hard_sigmoid", "hard_silu", "mish", "squareplus", "sparse_plus", "sparse_sigmoid", "softmax", "log_softmax", "logsumexp"]
NAMES += ["glu", "standardize", "gelu"]


@pytest.mark.parametrize("name", NAMES)
def test_functions_of_jax_nn_have_their_derivatives(name):
    tensor(getattr(nn, name))


OTHERS = {
    "gelu, exact": partial(nn.gelu, approximate=False),
    "layer norm": lambda z: (z - z.mean(-1, keepdims=True)) / jnp.sqrt(z.var(-1, keepdims=True) + 1e-5),
    "masked softmax": lambda z: nn.softmax(z, where=jnp.arange(6) < 4, axis=-1),
    "softmax with −∞": lambda z: nn.softmax(jnp.where(jnp.arange(6) < 4, z, -jnp.inf)),
    "weighted logsumexp": lambda z: nn.logsumexp(z, b=jnp.arange(1.0, 7.0), axis=-1),
    "sinc": jnp.sinc,
    "xlogy": lambda z: jax.scipy.special.xlogy(z**2, z**2 + 1) + jax.scipy.special.xlog1py(z, z**2),
    "powers": lambda z: z**2.0 + (z**2 + 1) ** 1.5 + z**3 + lax.rsqrt(z**2 + 1),
    "logarithms": lambda z: jnp.log1p(z**2) + jnp.expm1(z / 3) + jnp.exp2(z / 3) + jnp.log(1 + z**2),
    "error functions": lambda z: lax.erf(z) + lax.erfc(z / 2),
    "trigonometry": lambda z: jnp.tan(z / 5) + jnp.arctan(z) + jnp.arcsinh(z) + jnp.cosh(z / 3),
    "indices": lambda z: z[:, jnp.array([0, 0, 3])] ** 2 + z[::2, 1:4].sum() + jnp.take(z, 1, axis=1)[:, None] + z[-1, -1],
    "writing": lambda z: z.at[1:3].set(z[:2] ** 2) + z.at[jnp.array([0, 0, 2])].add(z[:3] ** 2),
    "segments": lambda z: jax.ops.segment_sum(z**2, jnp.array([0, 1, 0, 1, 2, 2]), 3),
    "cumulative": lambda z: jnp.cumsum(z**2, axis=1) + lax.cumsum(z, axis=0, reverse=True),
    "moving": lambda z: (
        jnp.roll(jnp.flip(z, 0), 2, 1) + jnp.concatenate([z[:, 3:], z[:, :3] ** 2], 1) + jnp.pad(z[:, 1:], ((0, 0), (1, 0)))
    ),
    "splitting": lambda z: jnp.split(z, [2, 5], axis=1)[1] * jnp.tile(z[:, :1], 3) * jnp.repeat(z[:, 1:2], 3, axis=1),
    "norms and products": lambda z: jnp.linalg.norm(z, axis=1) * jnp.prod(z[:, :3], axis=1),
    "largest": lambda z: jnp.max(z, axis=1) * jnp.min(z) + jnp.maximum(z[:, 0], z[:, 1]) + jnp.clip(z[:, 2], -0.5, 0.5),
    "einsum with batches": lambda z: jnp.einsum("bqd,bkd->bqk", z.reshape(2, 3, 6), z.reshape(2, 3, 6) ** 2),
    "stacking": lambda z: jnp.stack([z, z**2], 1)[:, 1] * jnp.unstack(z)[2],
    "prefixes": lambda z: lax.cumprod(z[:, :3], 1) + lax.cumlogsumexp(z[:, 3:], 0, reverse=True),
    "largest so far": lambda z: lax.cummax(z[:, :3], 0) * lax.cummin(z[:, 3:], 1),
    "updates": lambda z: (
        z.at[jnp.array([0, 0, 9])].subtract(z[:3] ** 2) + z.at[1:3, 2].multiply(z[0, 0]) + z.at[2].max(z[3]) + z.at[0].min(0.0)
    ),
    "pieces": lambda z: jnp.select([z > 1, z > 0], [z, z**2], z**3) + jnp.piecewise(z, [z < 0], [jnp.sin, jnp.tanh]) + jnp.hypot(z, z + 1),
    "conditions": lambda z: jnp.where(jnp.any(z > 2, 1, keepdims=True) | jnp.all(z < 1), z, jnp.nan_to_num(z**2)) * jnp.sum(z > 0),
    "sums over what is mapped": jax.vmap(lambda row: row**2 / lax.psum(row**2, "rows"), axis_name="rows"),
    "log(1 − e⁻ˣ)": lambda z: nn.log1mexp(z**2 + 0.1) + nn.logmeanexp(z),
    "branches": lambda z: lax.cond(z[0, 0] > 10.0, jnp.sin, jnp.cos, z) + jnp.where(z > 0, z**3, jnp.sin(z)),
    "loop": lambda z: lax.fori_loop(0, 3, lambda i, c: jnp.tanh(c * z[i]), z),
    "checkpoint": jax.checkpoint(jnp.tanh),
    "vmap": jax.vmap(lambda row: jnp.outer(row, row)[0]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_models_are_made_of_has_jaxs_derivatives(name):
    tensor(OTHERS[name])


def perceptron(p, X, y):
    return jnp.mean((jnp.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] - y) ** 2)


def residual(p, X, y):
    z = X
    for W in p:
        z = z + nn.gelu(z @ W)
    return jnp.mean((z.sum(1) - y) ** 2)


def normed(p, X, y):
    z = nn.standardize(X @ p["W1"]) * p["scale"] + p["shift"]
    return jnp.mean((nn.silu(z) @ p["W2"] - y) ** 2)


def attention(p, S, y):
    q, k, v = (jnp.einsum("btd,dhk->bthk", S, p[name]) for name in ("q", "k", "v"))
    weights = nn.softmax(jnp.einsum("bqhd,bkhd->bhqk", q, k) / 2.0, axis=-1)
    outputs = jnp.einsum("bhqk,bkhd->bqhd", weights, v)
    logits = jnp.einsum("bqhd,hde->bqe", outputs, p["o"]).mean(1)
    return -jnp.mean(jnp.take_along_axis(nn.log_softmax(logits), y[:, None], axis=1))


def tied(p, T):
    rows = p["E"][T]
    logits = jnp.tanh(rows[:, :-1] @ p["W"]) @ p["E"].T
    return -jnp.mean(jnp.take_along_axis(nn.log_softmax(logits), T[:, 1:, None], axis=-1))


def gated(p, S):
    def step(state, x):
        z, r = nn.sigmoid(x @ p["Uz"] + state @ p["Wz"]), nn.sigmoid(x @ p["Ur"] + state @ p["Wr"])
        state = (1 - z) * state + z * jnp.tanh(x @ p["Uh"] + (r * state) @ p["Wh"])
        return state, state

    last, every = lax.scan(step, jnp.zeros((S.shape[1], 3)), S)
    return jnp.sum(last) + jnp.mean(every**2)


def convolved(p, S):
    z = lax.conv_general_dilated(S, p["K"], (2,), "SAME", dimension_numbers=("NTC", "TIO", "NTC"))
    z = lax.reduce_window(jnp.tanh(z), 0.0, lax.add, (1, 2, 1), (1, 1, 1), "VALID")
    return jnp.mean(lax.conv_general_dilated(z, p["G"], (1,), "VALID", dimension_numbers=("NTC", "TIO", "NTC"), feature_group_count=2) ** 2)


def mixture(p, X, y):
    weight, mean, log_scale = jnp.split(jnp.tanh(X @ p["W1"]) @ p["W2"], 3, axis=-1)
    density = nn.log_softmax(weight) - 0.5 * ((y[:, None] - mean) / jnp.exp(log_scale)) ** 2 - log_scale
    return -jnp.mean(nn.logsumexp(density, axis=-1))


def _normal(**shapes):
    return {name: 0.7 * RANDOM.normal(size=shape) for name, shape in shapes.items()}


Y, S, T = RANDOM.normal(size=6), RANDOM.normal(size=(3, 5, 4)), RANDOM.integers(0, 5, (3, 5))
MODELS = {
    "perceptron": (perceptron, _normal(W1=(4, 5), b1=(5,), W2=(5,)), {"X": X, "y": Y}),
    "residual": (residual, [0.5 * RANDOM.normal(size=(4, 4)) for _ in range(2)], {"X": X, "y": Y}),
    "layer norm": (normed, _normal(W1=(4, 5), scale=(5,), shift=(5,), W2=(5,)), {"X": X, "y": Y}),
    "attention": (attention, _normal(q=(4, 2, 3), k=(4, 2, 3), v=(4, 2, 3), o=(2, 3, 3)), {"S": S, "y": np.array([0, 2, 1])}),
    "tied embedding": (tied, _normal(E=(5, 3), W=(3, 3)), {"T": T}),
    "gated cell": (gated, _normal(Uz=(4, 3), Wz=(3, 3), Ur=(4, 3), Wr=(3, 3), Uh=(4, 3), Wh=(3, 3)), {"S": np.swapaxes(S, 0, 1)}),
    "convolution": (convolved, _normal(K=(3, 4, 2), G=(2, 1, 4)), {"S": S}),
    "mixture density": (mixture, _normal(W1=(4, 3), W2=(3, 6)), {"X": X, "y": Y}),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_have_jaxs_derivatives(name):
    loss = check(*MODELS[name])
    assert loss.analytic  # layer norms, softmax and logsumexp are no piecewise functions

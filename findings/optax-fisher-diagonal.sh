#!/usr/bin/env bash
# optax: fisher_diag is the square of the mean gradient: zero at every stationary point
#
# Software: optax 0.2.8 (second_order.fisher_diag; deprecated since 0.2.7, still the only Fisher matrix there)
#
# Expected: "The diagonal of the (observed) Fisher information matrix" of a batch is the mean, or the sum, of squared
#           gradients over samples. For a Gaussian model y ~ N(w x, 1) its expectation is the curvature.
#
# Happens:  The gradient of the batch loss is squared as a whole. At the minimum, where the Fisher matrix is the
#           curvature, it returns 0; elsewhere it depends on how the samples are batched.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   at the minimum: curvature 1.021, mean of squared gradients 0.987
#   fisher_diag of all samples 9.4e-33; mean of fisher_diag over batches of ten 0.109
#
# modeq:    mq.stochastic_equation takes the covariance of gradients from the batches of E.minibatches.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import warnings

import jax
import jax.numpy as jnp
from optax import second_order

jax.config.update("jax_enable_x64", True)
warnings.simplefilter("ignore")  # that it is deprecated


def loss(w, x, y):
    return jnp.mean(0.5 * (x * w[0] - y) ** 2)


key = jax.random.key(0)
x = jax.random.normal(key, (10_000,))
y = 2 * x + jax.random.normal(jax.random.key(1), (10_000,))
minimum = jnp.array([jnp.sum(x * y) / jnp.sum(x * x)])
squares = jnp.mean(jax.vmap(lambda a, b: jax.grad(loss)(minimum, a, b))(x, y) ** 2)
curvature = float(jax.hessian(loss)(minimum, x, y)[0, 0])
whole = float(second_order.fisher_diag(loss, minimum, x, y)[0])
batches = [float(second_order.fisher_diag(loss, minimum, a, b)[0]) for a, b in zip(x.reshape(-1, 10), y.reshape(-1, 10))]
print(f"at the minimum: curvature {curvature:.3f}, mean of squared gradients {squares:.3f}")
print(f"fisher_diag of all samples {whole:.1e}; mean of fisher_diag over batches of ten {sum(batches) / len(batches):.3f}")
assert abs(squares - curvature) < 0.1 and whole < 1e-20
assert abs(sum(batches) / len(batches) - 0.1) < 0.02
PYTHON

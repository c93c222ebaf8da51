#!/usr/bin/env bash
# keras: the worst predictions of a classifier have slope 0 in the cross-entropy on probabilities
#
# Software: keras 3.15.1 (jax backend)
#
# Expected: At p = 1e-8 for the true class the loss is 18.4 and its slope -1e8; at p = 0 the value is clamped
#           somewhere, the slope stays large.
#
# Happens:  binary_crossentropy and categorical_crossentropy clip p to [1e-7, 1 - 1e-7] and differentiate through the
#           clip: 16.118 and slope 0 for everything below. Samples that are wrong by more than that pull no more.
#           torch clamps the logarithm at -100 and gives 18.4 and -1e8 here, 100 and -1e12 at p = 0.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   p = 0.001: keras binary 6.908, slope -1000; categorical 6.908, slope -1000
#   p = 1e-08: keras binary 16.118, slope -0; categorical 16.118, slope 0
#   p = 0: keras binary 16.118, slope -0; categorical 16.118, slope 0
#
# modeq:    Cross-entropies of modeq are functions of logits.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax
import jax.numpy as jnp
import keras

one = jnp.array([1.0])


def binary(p):
    return keras.losses.binary_crossentropy(one, p[None]).sum()


def categorical(p):
    return keras.losses.categorical_crossentropy(jnp.array([1.0, 0.0]), jnp.stack([p, 1 - p]))


rows = {}
for value in (1e-3, 1e-8, 0.0):
    p = jnp.float32(value)
    rows[value] = [float(f(p)) for f in (binary, jax.grad(binary), categorical, jax.grad(categorical))]
    print(f"p = {value:g}: keras binary {rows[value][0]:.3f}, slope {rows[value][1]:.4g}; categorical {rows[value][2]:.3f},"
          f" slope {rows[value][3]:.4g}")
for value in (1e-8, 0.0):
    assert abs(rows[value][0] - 16.118) < 1e-2 and rows[value][1] == 0
    assert abs(rows[value][2] - 16.118) < 1e-2 and abs(rows[value][3]) < 1.5
assert rows[1e-3][1] < -900
PYTHON

#!/usr/bin/env bash
# keras: after a drop of the learning rate, SGD with momentum goes on with the old one
#
# Software: keras 3.15.1 (jax backend), against optax 0.2.8
#
# Expected: SGD(momentum=0.9) is the same map in keras, optax and torch, also along a schedule: with constant learning
#           rate they agree to rounding.
#
# Happens:  The velocity of keras holds lr * gradient, that of optax (and of torch.optim.SGD) the gradient. After lr
#           drops from 0.1 to 0.01, the next step of keras on gradients 0.5, -0.3, 0.2 is -0.0155, that of optax
#           -0.00335: nearly five times as long. Under a schedule they are two optimizers with two modified equations.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   learning rates [0.1, 0.1, 0.1, 0.1]
#     keras  -0.05000 -0.01500 -0.03350 -0.04015
#     optax  -0.05000 -0.01500 -0.03350 -0.04015
#   learning rates [0.1, 0.1, 0.01, 0.01]
#     keras  -0.05000 -0.01500 -0.01550 -0.01495
#     optax  -0.05000 -0.01500 -0.00335 -0.00401
#
# modeq:    modeq.HeavyBall is the method of Polyak, θ - h ∇E + β (θ - θ_before): under a schedule it is the one of
#           keras, not that of torch and optax.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax.numpy as jnp
import keras
import numpy as np
import optax

gradients = [0.5, -0.3, 0.2, 0.1]


def by_keras(rates):
    v = keras.Variable(np.array([1.0], np.float32))
    optimizer = keras.optimizers.SGD(rates[0], momentum=0.9)
    optimizer.build([v])
    out = [1.0]
    for rate, g in zip(rates, gradients):
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(np.array([g], np.float32))], [v])
        out.append(float(np.array(v)[0]))
    return np.diff(out)


def by_optax(rates):
    optimizer = optax.sgd(lambda count: jnp.asarray(rates)[count], momentum=0.9)
    p = jnp.ones(1)
    state = optimizer.init(p)
    steps = []
    for g in gradients:
        update, state = optimizer.update(jnp.array([g]), state, p)
        steps.append(float(update[0]))
    return np.array(steps)


for rates in ([0.1] * 4, [0.1, 0.1, 0.01, 0.01]):
    rows = {"keras": by_keras(rates), "optax": by_optax(rates)}
    print("learning rates", rates)
    for name, steps in rows.items():
        print(f"  {name:6}", " ".join(f"{step:+.5f}" for step in steps))
    if rates[-1] == 0.1:
        assert np.allclose(rows["keras"], rows["optax"], atol=1e-6)
assert 4 < rows["keras"][2] / rows["optax"][2] < 5
PYTHON

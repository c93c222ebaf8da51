#!/usr/bin/env bash
# keras: SGD(momentum, weight_decay) decouples the decay, torch puts it into the momentum; without momentum they agree
#
# Software: keras 3.15.1 (jax backend), against torch 2.13.0
#
# Expected: SGD with the same three numbers is the same optimizer. A test without momentum says so: both multiply the
#           weights by 1 - lr * weight_decay.
#
# Happens:  keras shrinks the weights before the step, for every optimizer; torch.optim.SGD adds weight_decay * w to
#           the gradient, so that it gathers momentum. From w = 1 with momentum 0.9 the third step is -0.117 against
#           -0.193. In the long run the decay of torch is ten times as strong.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   no momentum
#     keras -0.1500 -0.0425 -0.0404
#     torch -0.1500 -0.0425 -0.0404
#   {'momentum': 0.9}
#     keras -0.1500 -0.1325 -0.1169
#     torch -0.1500 -0.1775 -0.1934
#
# modeq:    L2 regularisation is a term of the loss, whose gradient gathers momentum as in torch; a decoupled decay is
#           part of the update.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PYTHON'
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
import torch

gradients = [1.0, 0.0, 0.0]


def by_keras(**options):
    v = keras.Variable(np.array([1.0], np.float32))
    optimizer = keras.optimizers.SGD(0.1, weight_decay=0.5, **options)
    optimizer.build([v])
    out = [1.0]
    for g in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(np.array([g], np.float32))], [v])
        out.append(float(np.array(v)[0]))
    return np.diff(out)


def by_torch(**options):
    p = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([p], 0.1, weight_decay=0.5, **options)
    out = [1.0]
    for g in gradients:
        p.grad = torch.tensor([g])
        optimizer.step()
        out.append(p.item())
    return np.diff(out)


for options in ({}, {"momentum": 0.9}):
    a, b = by_keras(**options), by_torch(**options)
    print(options or "no momentum")
    print("  keras", " ".join(f"{step:+.4f}" for step in a))
    print("  torch", " ".join(f"{step:+.4f}" for step in b))
    if not options:
        assert np.allclose(a, b, atol=1e-6)
assert abs(a[2] + 0.1169) < 1e-3 and abs(b[2] + 0.1934) < 1e-3
PYTHON

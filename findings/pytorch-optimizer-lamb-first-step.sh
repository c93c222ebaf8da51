#!/usr/bin/env bash
# pytorch-optimizer: the first step of Lamb has ten times the length that the trust ratio prescribes
#
# Software: pytorch_optimizer 4.1.0, against optax 0.2.8
#
# Expected: LAMB normalises: the first step has the length lr ‖w‖, whatever the gradient (You et al. 2020, algorithm
#           2, the moments corrected for their start before the ratio). optax.lamb has it. The docstring here says
#           that the default is without that correction.
#
# Happens:  The ratio is taken with uncorrected moments, and the correction 1/(1 - beta1ⁿ) multiplies the result all
#           the same: 10 lr ‖w‖ in step 1, 5.3 in step 2, 1.5 in step 10. With lr = 0.1 the first step is as long as
#           the weights.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   gradient times 1: pytorch_optimizer 10.00 5.26 3.69 … 1.54; optax 1.00 1.00 1.00 … 1.00
#   gradient times 0.001: pytorch_optimizer 10.00 5.26 3.69 … 1.54; optax 1.00 1.00 1.00 … 1.00
#
# modeq:    Layer-wise methods are none of modeq; a peer for them is optax.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check pytorch_optimizer==4.1.0 torch==2.13.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
from pytorch_optimizer import Lamb

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
start = np.array([1.0, -2.0, 0.5, 0.3])
lr = 1e-4


def lengths(move, position):
    """Length of each step in units of lr ‖w‖, along a constant gradient."""
    out = []
    for _ in range(10):
        before = position().copy()
        move()
        out.append(np.linalg.norm(position() - before) / (lr * np.linalg.norm(before)))
    return out


for scale in (1.0, 1e-3):
    gradient = scale * np.array([0.4, 0.1, -0.7, 1.3])
    p = torch.nn.Parameter(torch.tensor(start))
    lamb = Lamb([p], lr=lr, eps=1e-12, pre_norm=False)
    p.grad = torch.tensor(gradient)
    there = lengths(lamb.step, lambda: p.detach().numpy())

    other = optax.lamb(lr, eps=1e-12)
    state = [jnp.asarray(start), other.init(jnp.asarray(start))]

    def move():
        update, state[1] = other.update(jnp.asarray(gradient), state[1], state[0])
        state[0] = optax.apply_updates(state[0], update)

    here = lengths(move, lambda: np.asarray(state[0]))
    print(f"gradient times {scale:g}: pytorch_optimizer " + " ".join(f"{v:.2f}" for v in there[:3]) + f" … {there[-1]:.2f}; optax "
          + " ".join(f"{v:.2f}" for v in here[:3]) + f" … {here[-1]:.2f}")
    assert all(abs(value - 1) < 1e-6 for value in here)
    assert all(abs(value - 1 / (1 - 0.9**n)) < 1e-3 for n, value in enumerate(there, 1)), there
PYTHON

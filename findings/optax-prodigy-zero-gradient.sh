#!/usr/bin/env bash
# optax: Prodigy and D-Adaptation are NaN for ever after a start with zero gradient
#
# Software: optax 0.2.8 (contrib.prodigy, contrib.dadapt_adamw), against pytorch_optimizer 4.1.0
#
# Expected: A first gradient of exactly 0, as from a zero-initialised last layer in front of another, or a masked
#           batch, gives a step of 0, and the method goes on when gradients come.
#
# Happens:  The estimate of the distance is 0/0: prodigy returns NaN at once, dadapt_adamw in the second step, and
#           both stay NaN for all later gradients. The same methods in pytorch_optimizer take a zero step and go on.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   prodigy: optax [nan, nan, nan, nan], pytorch_optimizer [1.0, 0.9999968409538269, 0.9999926090240479, 0.999984860420227]
#   dadapt: optax [1.0, nan, nan, nan], pytorch_optimizer [1.0, 0.9999968409538269, 0.9999926090240479, 0.9999606013298035]
#
# modeq:    Parameter-free methods are none of modeq.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 pytorch_optimizer==4.1.0 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax.numpy as jnp
import optax
import torch
from pytorch_optimizer import DAdaptAdam, Prodigy

gradients = [0.0, 1.0, 1.0, 1.0]
for name, make, other in (("prodigy", optax.contrib.prodigy, Prodigy), ("dadapt", optax.contrib.dadapt_adamw, DAdaptAdam)):
    optimizer = make(1.0)
    p = jnp.ones(2)
    state = optimizer.init(p)
    here = []
    for g in gradients:
        update, state = optimizer.update(jnp.full(2, g), state, p)
        p = optax.apply_updates(p, update)
        here.append(float(p[0]))
    q = torch.nn.Parameter(torch.ones(2))
    peer = other([q], lr=1.0)
    there = []
    for g in gradients:
        q.grad = torch.full((2,), g)
        peer.step()
        there.append(q[0].item())
    print(f"{name}: optax {here}, pytorch_optimizer {there}")
    assert here[-1] != here[-1] and here[2] != here[2]
    assert all(value == value for value in there) and there[-1] < 1
PYTHON

#!/usr/bin/env bash
# torch, jax: slopes at the kink: leaky_relu 0.01 or 1, hard_tanh 0 or 1, a clip at its bound 1, 1/2 or 0
#
# Software: torch 2.13.0, jax 0.10.2
#
# Expected: As relu has slope 0 at 0 in both, its relatives are one-sided in the same way in both, and clip, clamp and
#           hard_tanh, the same function, have the same slope.
#
# Happens:  leaky_relu at 0: 0.01 in torch, 1 in jax. hard_tanh at its bounds: 0 in torch, 1 in jax. And one and the
#           same clip to [-1, 1] at its bounds: torch.clamp 1, F.hardtanh 0, jnp.clip 1/2, lax.clamp 0,
#           jax.nn.hard_tanh 1. With projected steps, weights sit exactly there. relu, relu6, elu, celu, selu,
#           hard_swish agree.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   relu at 0: torch 0, jax 0
#   relu6 at 6: torch 0, jax 0
#   elu(2) at 0: torch 2, jax 2
#   hard_swish at 3: torch 1, jax 1
#   leaky_relu at 0: torch 0.01, jax 1
#   hard_tanh at 1: torch 0, jax 1
#   hard_tanh at -1: torch 0, jax 1
#   clip at 1: torch 1, jax 0.5
#   clip at -1: torch 1, jax 0.5
#   lax.clamp at 1: 0
#
# modeq:    Before flows of one network from both libraries are compared, compare the slopes at the kinks: initial
#           weights of zero, and projected ones, sit there.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import torch
import torch.nn.functional as F
from jax import lax

jax.config.update("jax_enable_x64", True)


def by_torch(f, x):
    return torch.func.grad(f)(torch.tensor(x, dtype=torch.float64)).item()


def by_jax(f, x):
    return float(jax.grad(f)(x))


rows = {
    ("relu", 0.0): (by_torch(F.relu, 0.0), by_jax(jax.nn.relu, 0.0)),
    ("relu6", 6.0): (by_torch(F.relu6, 6.0), by_jax(jax.nn.relu6, 6.0)),
    ("elu(2)", 0.0): (by_torch(lambda x: F.elu(x, 2.0), 0.0), by_jax(lambda x: jax.nn.elu(x, 2.0), 0.0)),
    ("hard_swish", 3.0): (by_torch(F.hardswish, 3.0), by_jax(jax.nn.hard_swish, 3.0)),
    ("leaky_relu", 0.0): (by_torch(F.leaky_relu, 0.0), by_jax(jax.nn.leaky_relu, 0.0)),
    ("hard_tanh", 1.0): (by_torch(F.hardtanh, 1.0), by_jax(jax.nn.hard_tanh, 1.0)),
    ("hard_tanh", -1.0): (by_torch(F.hardtanh, -1.0), by_jax(jax.nn.hard_tanh, -1.0)),
    ("clip", 1.0): (by_torch(lambda x: x.clamp(-1.0, 1.0), 1.0), by_jax(lambda x: jnp.clip(x, -1.0, 1.0), 1.0)),
    ("clip", -1.0): (by_torch(lambda x: x.clamp(-1.0, 1.0), -1.0), by_jax(lambda x: jnp.clip(x, -1.0, 1.0), -1.0)),
}
for (name, at), (a, b) in rows.items():
    print(f"{name} at {at:g}: torch {a:g}, jax {b:g}")
clamped = by_jax(lambda x: lax.clamp(-1.0, x, 1.0), 1.0)
print(f"lax.clamp at 1: {clamped:g}")
for name in ("relu", "relu6", "elu(2)", "hard_swish"):
    assert all(a == b for (other, _), (a, b) in rows.items() if other == name), name
assert rows["leaky_relu", 0.0] == (0.01, 1.0)
assert rows["hard_tanh", 1.0] == rows["hard_tanh", -1.0] == (0.0, 1.0)
assert rows["clip", 1.0] == rows["clip", -1.0] == (1.0, 0.5) and clamped == 0
PYTHON

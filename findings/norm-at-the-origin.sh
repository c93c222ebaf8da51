#!/usr/bin/env bash
# torch, jax: sqrt(x² + y²) at the origin has slope 0, 1/2 or NaN, and in torch a Hessian of zeros
#
# Software: torch 2.13.0, jax 0.10.2
#
# Expected: No derivative exists; so NaN from all, or the subgradient 0 from all, and no curvature: it is infinite.
#
# Happens:  By x: torch.linalg.vector_norm 0, torch.hypot NaN, jnp.linalg.norm NaN, jnp.hypot 1/2, and 1/2 by y: a
#           diagonal is singled out, where symmetry leaves only 0. torch.func.hessian of the norm at 0 is a matrix of
#           zeros: a group-lasso penalty looks flat at its sharpest point.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   torch.linalg.vector_norm: 0.0
#   torch.hypot: nan
#   jnp.linalg.norm: nan
#   jnp.hypot by x: 0.5
#   jnp.hypot by y: 0.5
#   torch.func.hessian of the norm at 0: [[0.0, 0.0], [0.0, 0.0]]  at (0, 1e-6): [[1000000.0, 0.0], [0.0, 0.0]]
#
# modeq:    A norm in a loss needs a small constant under the root if a run may reach its zero.
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

zero = torch.zeros((), dtype=torch.float64)
slopes = {
    "torch.linalg.vector_norm": torch.func.grad(torch.linalg.vector_norm)(torch.zeros(2, dtype=torch.float64))[0].item(),
    "torch.hypot": torch.func.grad(torch.hypot)(zero, zero).item(),
    "jnp.linalg.norm": float(jax.grad(jnp.linalg.norm)(jnp.zeros(2))[0]),
    "jnp.hypot by x": float(jax.grad(jnp.hypot)(0.0, 0.0)),
    "jnp.hypot by y": float(jax.grad(jnp.hypot, argnums=1)(0.0, 0.0)),
}
for name, slope in slopes.items():
    print(f"{name}: {slope}")
curvature = torch.func.hessian(torch.linalg.vector_norm)(torch.zeros(2, dtype=torch.float64))
near = torch.func.hessian(torch.linalg.vector_norm)(torch.tensor([0.0, 1e-6], dtype=torch.float64))
print("torch.func.hessian of the norm at 0:", curvature.tolist(), " at (0, 1e-6):", near.tolist())
assert slopes["torch.linalg.vector_norm"] == 0 and slopes["torch.hypot"] != slopes["torch.hypot"]
assert slopes["jnp.linalg.norm"] != slopes["jnp.linalg.norm"] and slopes["jnp.hypot by x"] == 0.5
assert (curvature == 0).all() and near[0, 0] > 9e5
PYTHON

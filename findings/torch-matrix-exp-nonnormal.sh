#!/usr/bin/env bash
# torch, jax: the exponential of a triangular matrix with a large corner is off on its diagonal, or NaN
#
# Software: torch 2.13.0, jax 0.10.2, against scipy 1.17.1
#
# Expected: expm([[-1, b], [0, -2]]) has e⁻¹ and e⁻² on its diagonal for every b; scaling by the 1-norm is known to
#           overscale, and the algorithm of Al-Mohy and Higham (2009) repairs it.
#
# Happens:  SciPy is exact to rounding. torch.matrix_exp has a relative error of 1e-8 at b = 1e8 and 2e-6 to 1e-4 from
#           1e10 on. jax.scipy.linalg.expm returns NaN from b = 1e6 on: more than max_squarings=16 halvings, said in
#           its docstring. Two-step maps of badly scaled games have such matrices.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   b = 1e+00: relative error of the diagonal: scipy 3e-15, torch 1e-15, jax 2e-16
#   b = 1e+04: relative error of the diagonal: scipy 0e+00, torch 3e-12, jax 8e-14
#   b = 1e+06: relative error of the diagonal: scipy 0e+00, torch 2e-10, jax nan
#   b = 1e+08: relative error of the diagonal: scipy 0e+00, torch 7e-09, jax nan
#   b = 1e+10: relative error of the diagonal: scipy 0e+00, torch 2e-06, jax nan
#   b = 1e+12: relative error of the diagonal: scipy 0e+00, torch 1e-04, jax nan
#
# modeq:    The matrix functions of modeq work on eigenvectors, or by Cauchy integrals around eigenvalues that are
#           nearly defective.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 scipy==1.17.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
import torch

jax.config.update("jax_enable_x64", True)
true = np.exp([-1.0, -2.0])
worst = {}
for b in (1.0, 1e4, 1e6, 1e8, 1e10, 1e12):
    A = np.array([[-1.0, b], [0.0, -2.0]])
    rows = {
        "scipy": scipy.linalg.expm(A),
        "torch": torch.matrix_exp(torch.tensor(A)).numpy(),
        "jax": np.asarray(jax.scipy.linalg.expm(jnp.asarray(A))),
    }
    worst[b] = {name: float(np.abs(np.diag(value) / true - 1).max()) for name, value in rows.items()}
    print(f"b = {b:.0e}: relative error of the diagonal: " + ", ".join(f"{name} {error:.0e}" for name, error in worst[b].items()))
assert all(row["scipy"] < 1e-14 for row in worst.values())
assert worst[1.0]["torch"] < 1e-13 and worst[1e8]["torch"] > 1e-9 and max(worst[1e10]["torch"], worst[1e12]["torch"]) > 1e-6
assert worst[1e4]["jax"] < 1e-9 and np.isnan(worst[1e6]["jax"])
PYTHON

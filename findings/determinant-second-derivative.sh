#!/usr/bin/env bash
# torch, jax: the Hessian of the determinant at singular matrices is NaN or 0, at different ones
#
# Software: torch 2.13.0, jax 0.10.2
#
# Expected: det is a polynomial, so all its derivatives are finite everywhere. The Hessian of det at a 2 × 2 matrix
#           does not even depend on the matrix.
#
# Happens:  torch: right if the rank is n - 1, NaN if it is lower (2 × 2: at the zero matrix). jax: right for n ≤ 3,
#           where the polynomial is written out; for n ≥ 4 it is NaN at rank n - 1, where torch is right, and at rank
#           n - 2 it is 0 without a word, where 2 is right. First derivatives are fine in both.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   2 x 2, rank 1: derivative by A[0,0] and A[1,1]: torch 1, jax 1, true 1; whole Hessian right: torch True, jax True
#   2 x 2, rank 0: derivative by A[0,0] and A[1,1]: torch nan, jax 1, true 1; whole Hessian right: torch False, jax True
#   3 x 3, rank 2: derivative by A[1,1] and A[2,2]: torch 1, jax 1, true 1; whole Hessian right: torch True, jax True
#   3 x 3, rank 1: derivative by A[1,1] and A[2,2]: torch nan, jax 1, true 1; whole Hessian right: torch False, jax True
#   4 x 4, rank 3: derivative by A[2,2] and A[3,3]: torch 2, jax nan, true 2; whole Hessian right: torch True, jax False
#   4 x 4, rank 2: derivative by A[2,2] and A[3,3]: torch nan, jax 0, true 2; whole Hessian right: torch False, jax False
#
# modeq:    Determinants of small matrices are given to modeq as formulas.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import torch

jax.config.update("jax_enable_x64", True)
seen = {}
for n, rank in ((2, 1), (2, 0), (3, 2), (3, 1), (4, 3), (4, 2)):
    A = np.diag([1.0 + k if k < rank else 0.0 for k in range(n)])
    by_torch = torch.func.hessian(torch.linalg.det)(torch.tensor(A)).numpy()
    by_jax = np.asarray(jax.hessian(jnp.linalg.det)(jnp.asarray(A)))
    i, k = n - 2, n - 1
    true = np.prod(np.diag(A)[:i])  # the derivative by the last two diagonal entries
    right = np.zeros_like(by_jax)
    for a, b in itertools.permutations(range(n), 2):
        minor = np.prod([A[c, c] for c in range(n) if c not in (a, b)])
        right[a, a, b, b], right[a, b, b, a] = minor, -minor
    seen[n, rank] = np.allclose(by_torch, right), np.allclose(by_jax, right)
    print(f"{n} x {n}, rank {rank}: derivative by A[{i},{i}] and A[{k},{k}]: torch {by_torch[i, i, k, k]:.3g},"
          f" jax {by_jax[i, i, k, k]:.3g}, true {true:.3g}; whole Hessian right: torch {seen[n, rank][0]}, jax {seen[n, rank][1]}")
    assert np.isfinite(jax.grad(jnp.linalg.det)(jnp.asarray(A))).all()
    assert torch.func.grad(torch.linalg.det)(torch.tensor(A)).isfinite().all()
assert [bool(row[0]) for row in seen.values()] == [True, False, True, False, True, False]
assert [bool(row[1]) for row in seen.values()] == [True, True, True, True, False, False]
assert np.isfinite(by_jax).all() and abs(by_jax[2, 2, 3, 3]) < 1e-12 and true == 2  # at rank 2 of 4: finite and wrong
PYTHON

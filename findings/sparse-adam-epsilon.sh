#!/usr/bin/env bash
# torch: SparseAdam is not Adam where gradients are small: its eps is 30 times as large in the first step
#
# Software: torch 2.13.0
#
# Expected: SparseAdam is "a masked version of Adam"; with all entries present and the same numbers it makes the same
#           steps.
#
# Happens:  eps is added before the bias correction: in step n it counts eps / sqrt(1 - beta2ⁿ), 32 eps in the first
#           one. On a gradient of 1e-7 and the default eps of 1e-8, the first step is 0.24 lr, that of Adam 0.91 lr;
#           at 1e-8 it is 0.03 against 0.5.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   gradient 1e-03: Adam 1.000 lr, SparseAdam 1.000 lr; step 2000: 1.000 and 1.000
#   gradient 1e-06: Adam 0.990 lr, SparseAdam 0.760 lr; step 2000: 0.990 and 0.989
#   gradient 1e-07: Adam 0.909 lr, SparseAdam 0.240 lr; step 2000: 0.909 and 0.903
#   gradient 1e-08: Adam 0.500 lr, SparseAdam 0.031 lr; step 2000: 0.500 and 0.482
#
# modeq:    mq.Adam places eps as torch.optim.Adam does; where gradients are of the size of eps, runs of SparseAdam
#           follow another equation.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch

torch.set_default_dtype(torch.float64)


def steps(kind, gradient, count):
    p = torch.nn.Parameter(torch.zeros(1, 1))
    optimizer = kind([p], lr=1.0)
    positions = [0.0]
    for _ in range(count):
        dense = torch.full((1, 1), gradient)
        p.grad = dense.to_sparse() if kind is torch.optim.SparseAdam else dense
        optimizer.step()
        positions.append(p.item())
    return [before - after for before, after in zip(positions, positions[1:])]


for gradient in (1e-3, 1e-6, 1e-7, 1e-8):
    adam, sparse = steps(torch.optim.Adam, gradient, 2000), steps(torch.optim.SparseAdam, gradient, 2000)
    print(f"gradient {gradient:.0e}: Adam {adam[0]:.3f} lr, SparseAdam {sparse[0]:.3f} lr; step 2000: {adam[-1]:.3f} and {sparse[-1]:.3f}")
    eps = 1e-8
    assert abs(adam[0] - gradient / (gradient + eps)) < 1e-6
    assert abs(sparse[0] - gradient / (gradient + eps / 0.001**0.5)) < 1e-6
PYTHON

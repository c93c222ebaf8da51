#!/usr/bin/env bash
# torch: third derivatives through layer, batch and instance normalisation are wrong, forward mode already from the second
#
# Software: torch 2.13.0
#
# Expected: Normalisation is a smooth function as long as eps > 0. What nested torch.autograd.grad or torch.func.jvp
#           return without an error is its derivative, of every order.
#
# Happens:  By reverse mode the first and second directional derivatives are right and the third is wrong, by a factor
#           of 200 in one case; by nested forward mode the second is wrong too. No error, no warning. The saved mean
#           and spread count as constants after the derivative that the library has a formula for. The same
#           normalisation as group_norm, or written out, is right in both modes. Reported: pytorch/pytorch issues
#           175754, 186256, 196699, 196700.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   layer_norm   : reverse [  -0.8739,   -0.1151,   14.8899], forward [  -0.8739,   -5.8013,  -21.6163], written out [  -0.8739,   -0.1151,    0.0655]
#   batch_norm   : reverse [   8.9968,    9.4435,  -29.5202], forward [   8.9968,    8.6693,  -28.8750], written out [   8.9968,    9.4435,  -15.9242]
#   instance_norm: reverse [   8.9968,    9.4435,  -29.5202], forward [   8.9968,    8.6693,  -28.8750], written out [   8.9968,    9.4435,  -15.9242]
#   group_norm   : reverse [  -0.8739,   -0.1151,    0.0655], forward [  -0.8739,   -0.1151,    0.0655], written out [  -0.8739,   -0.1151,    0.0655]
#
# modeq:    The flow of order 3 needs third derivatives of the loss: `Loss.from_torch` takes them of the formulas.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch
import torch.nn.functional as F
from torch.func import jvp

torch.set_default_dtype(torch.float64)
x = torch.tensor([[1.0, 2.0, 4.0], [0.0, 3.0, 1.0], [5.0, 1.0, 2.0], [2.0, 0.0, 1.0]])
u = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, -1.0], [0.0, 2.0, 1.0], [1.0, 0.0, 1.0]])
weights = torch.arange(12.0).reshape(4, 3)


def by_hand(x, axis):
    centred = x - x.mean(axis, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(axis, keepdim=True) + 1e-5)


def reverse(f, at=x):
    y, out = f(z := at.clone().requires_grad_(True)), []
    for _ in range(3):
        (gradient,) = torch.autograd.grad(y, z, create_graph=True)
        y = (gradient * u).sum()
        out.append(y.item())
    return out


def forward(f):
    out = []
    for _ in range(3):
        f = (lambda g: lambda z: jvp(g, (z,), (u,))[1])(f)
        out.append(f(x).item())
    return out


def show(values):
    return "[" + ", ".join(f"{value:9.4f}" for value in values) + "]"


cases = {
    "layer_norm": (lambda x: F.layer_norm(x, (3,)), 1),
    "batch_norm": (lambda x: F.batch_norm(x, None, None, training=True), 0),
    "instance_norm": (lambda x: F.instance_norm(x.T[None])[0].T, 0),
    "group_norm": (lambda x: F.group_norm(x, 1), 1),
}
for name, (norm, axis) in cases.items():
    by_reverse, by_forward = (mode(lambda x: (weights * norm(x)).sum()) for mode in (reverse, forward))
    true = forward(lambda x: (weights * by_hand(x, axis)).sum())
    print(f"{name:13}: reverse {show(by_reverse)}, forward {show(by_forward)}, written out {show(true)}")
    same = reverse(lambda x: (weights * by_hand(x, axis)).sum())  # the reference does not depend on the mode
    assert all(abs(a - b) < 1e-10 for a, b in zip(true, same))
    right = [[abs(a - b) < 1e-10 for a, b in zip(values, true)] for values in (by_reverse, by_forward)]
    if name == "group_norm":
        assert right == [[True, True, True], [True, True, True]]
        continue
    assert right == [[True, True, False], [True, False, False]], (name, right)
    # Central differences of the second derivative of the very same function decide which third one is right.
    h = 1e-4
    above, below = (reverse(lambda x: (weights * norm(x)).sum(), x + step * u)[1] for step in (h, -h))
    difference = (above - below) / (2 * h)
    assert abs(difference - true[2]) < 1e-4 < 1 < abs(difference - by_reverse[2])
PYTHON

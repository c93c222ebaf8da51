#!/usr/bin/env bash
# torch: Adam(differentiable=True) returns NaN where a gradient is 0: in the weights at lr = 0, in hypergradients always
#
# Software: torch 2.13.0
#
# Expected: A weight that gets no gradient stays where it is, as with differentiable=False, and the derivative of the
#           step with respect to lr or to the gradients is finite. A warm-up may start at lr = 0.
#
# Happens:  The step is written as m / (sqrt(v)/(-lr) + eps/(-lr)): with lr = 0 and v = 0 it is 0/0, and the weight is
#           NaN at once. With lr > 0 the derivative with respect to a gradient that is 0, from sqrt at 0, is NaN: any
#           dead unit makes every hypergradient NaN.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   lr 0.1: plain [-0.09999999900000002, 0.0], differentiable [-0.09999999900000002, 0.0], derivative by the gradients [-9.999999578402807e-10, nan], by lr -0.9999999900000004
#   lr 0.0: plain [0.0, 0.0], differentiable [0.0, nan], derivative by the gradients [nan, nan], by lr nan
#
# modeq:    The Jacobian of an Adam step at a minimum is such a derivative: take eps inside the root, where it is
#           finite.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch

torch.set_default_dtype(torch.float64)


def step(lr, differentiable):
    start = torch.zeros(2, requires_grad=True)
    w = start.clone() if differentiable else start
    rate = torch.tensor(lr, requires_grad=differentiable)
    optimizer = torch.optim.Adam([w], lr=rate, differentiable=differentiable)
    gradient = torch.tensor([1.0, 0.0], requires_grad=differentiable)
    w.grad = gradient
    optimizer.step()
    if not differentiable:
        return w.detach().tolist(), None, None
    by_gradient, by_rate = torch.autograd.grad(w.sum(), [gradient, rate])
    return w.detach().tolist(), by_gradient.tolist(), by_rate.item()


for lr in (0.1, 0.0):
    plain, _, _ = step(lr, False)
    weights, by_gradient, by_rate = step(lr, True)
    print(f"lr {lr}: plain {plain}, differentiable {weights}, derivative by the gradients {by_gradient}, by lr {by_rate}")
    assert plain == [-lr, 0.0] or abs(plain[0] + lr) < 1e-8
    assert by_gradient[1] != by_gradient[1]
    assert (weights[1] != weights[1]) == (lr == 0.0)
PYTHON

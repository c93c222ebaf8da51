#!/usr/bin/env bash
# torchdiffeq: the Hessian through odeint_adjoint is 0, without a word
#
# Software: torchdiffeq 0.2.5, torch 2.13.0
#
# Expected: odeint_adjoint has the first derivative only (rtqichen/torchdiffeq issue 29, open), so a second one raises
#           "element 0 of tensors does not require grad", as it did when the issue was filed.
#
# Happens:  It is 0. For y' = -a y² and the loss y(1)² the second derivatives by a and by the start are 0, by two calls
#           of torch.autograd.grad and by torch.autograd.functional.hessian, where odeint has 1.288 and -0.123. With
#           a weight decay in the loss they are 1, which is the decay: a sharpness, a Newton step or a gradient penalty
#           of a neural ODE looks reasonable and knows nothing of the equation. First derivatives are right.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   exact: second derivatives by a 1.2876, by the start -0.1232
#   odeint, weight decay 0: slopes -0.6306, 0.3731; second derivatives 1.2876, -0.1232
#   odeint, weight decay 1: slopes 0.0694, 1.6731; second derivatives 2.2876, 0.8768
#   odeint_adjoint, weight decay 0: slopes -0.6306, 0.3731; second derivatives 0.0000, 0.0000
#   odeint_adjoint, weight decay 1: slopes 0.0694, 1.6731; second derivatives 1.0000, 1.0000
#   torch.autograd.functional.hessian by the start, odeint_adjoint: 0.0
#
# modeq:    Gradients of modeq.depth are those of the discrete steps (backpropagate); a peer for curvatures is odeint.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torchdiffeq==0.2.5 torch==2.13.0 scipy==1.17.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch
from torchdiffeq import odeint, odeint_adjoint

torch.set_default_dtype(torch.float64)


class Decay(torch.nn.Module):
    """y' = -a y², y(1) = y₀/(1 + a y₀)."""

    def __init__(self, a):
        super().__init__()
        self.a = torch.nn.Parameter(a)

    def forward(self, t, y):
        return -self.a * y**2


def exact(a, start):
    return (start / (1 + a * start)) ** 2


a, start = torch.tensor(0.7), torch.tensor(1.3)
true = torch.tensor(torch.autograd.functional.hessian(exact, (a, start)))
print(f"exact: second derivatives by a {true[0, 0]:.4f}, by the start {true[1, 1]:.4f}")
for solve in (odeint, odeint_adjoint):
    for decay in (0.0, 1.0):
        model = Decay(a.clone())
        state = start.clone().requires_grad_()
        end = solve(model, state, torch.tensor([0.0, 1.0]), rtol=1e-10, atol=1e-10)[-1]
        loss = end**2 + decay / 2 * (model.a**2 + state**2)
        first = torch.autograd.grad(loss, (model.a, state), create_graph=True)
        second = [torch.autograd.grad(slope, at, retain_graph=True)[0].item() for slope, at in zip(first, (model.a, state))]
        print(f"{solve.__name__}, weight decay {decay:g}: slopes {first[0].item():.4f}, {first[1].item():.4f}; second derivatives {second[0]:.4f}, {second[1]:.4f}")
        for slope, right in zip(first, torch.autograd.functional.jacobian(lambda a, y: exact(a, y) + decay / 2 * (a**2 + y**2), (a, start))):
            assert abs(slope - right) < 1e-7
        if solve is odeint:
            assert abs(second[0] - decay - true[0, 0]) < 1e-6 and abs(second[1] - decay - true[1, 1]) < 1e-6
        else:
            assert second == [decay, decay]
model = Decay(a.clone())
whole = torch.autograd.functional.hessian(lambda y: odeint_adjoint(model, y, torch.tensor([0.0, 1.0]), rtol=1e-10, atol=1e-10)[-1] ** 2, start)
print(f"torch.autograd.functional.hessian by the start, odeint_adjoint: {whole.item()}")
assert whole == 0
PYTHON

#!/usr/bin/env bash
# curvlinops: the empirical Fisher of a mean squared error is C times the mean of squared gradients, C the number of outputs
#
# Software: curvlinops-for-pytorch 3.0.1, torch 2.13.0
#
# Expected: EFLinearOperator is the average of g gᵀ over samples, g the gradient of the loss of one sample (MSELoss on
#           it alone): the covariance of the gradient noise of SGD up to the mean, whatever the loss. For
#           CrossEntropyLoss it is.
#
# Happens:  For MSELoss with reduction "mean" it is C times that, exactly: the factor 1/(N C) of the reduction is
#           taken once outside, and the gradients inside are those of the sum over outputs. With "sum" it is the sum
#           of g gᵀ. A noise covariance taken from it is off by the number of outputs.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   1 outputs: MSELoss, mean: 1.000000 times the average of g g^T; MSELoss, sum: 1.000000 times the sum
#   2 outputs: MSELoss, mean: 2.000000 times the average of g g^T; MSELoss, sum: 1.000000 times the sum
#   5 outputs: MSELoss, mean: 5.000000 times the average of g g^T; MSELoss, sum: 1.000000 times the sum
#   5 classes: CrossEntropyLoss, mean: 1.000000 times
#
# modeq:    mq.stochastic_equation takes the covariance of gradients of the batches themselves (E.minibatches), or one
#           that is given; give it this matrix divided by C, less the outer product of the mean gradient.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check curvlinops-for-pytorch==3.0.1 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch
from curvlinops import EFLinearOperator

torch.set_default_dtype(torch.float64)


def dense(operator, size):
    return torch.stack([operator @ column for column in torch.eye(size)], dim=1)


def ratio(loss, outputs, targets):
    torch.manual_seed(0)
    inputs = torch.randn(6, 3)
    model = torch.nn.Linear(3, outputs, bias=False)
    parameters = list(model.parameters())
    operator = EFLinearOperator(model, loss, parameters, [(inputs, targets)])
    average = 0
    for n in range(6):
        (g,) = torch.autograd.grad(loss(model(inputs[n : n + 1]), targets[n : n + 1]), parameters)
        average = average + torch.outer(g.flatten(), g.flatten())
    if loss.reduction == "mean":
        average = average / 6
    quotient = dense(operator, 3 * outputs) / average
    assert quotient.max() - quotient.min() < 1e-8
    return quotient.mean().item()


torch.manual_seed(1)
for outputs in (1, 2, 5):
    mean = ratio(torch.nn.MSELoss(), outputs, torch.randn(6, outputs))
    total = ratio(torch.nn.MSELoss(reduction="sum"), outputs, torch.randn(6, outputs))
    print(f"{outputs} outputs: MSELoss, mean: {mean:.6f} times the average of g g^T; MSELoss, sum: {total:.6f} times the sum")
    assert abs(mean - outputs) < 1e-8 and abs(total - 1) < 1e-8
classes = ratio(torch.nn.CrossEntropyLoss(), 5, torch.randint(0, 5, (6,)))
print(f"5 classes: CrossEntropyLoss, mean: {classes:.6f} times")
assert abs(classes - 1) < 1e-8
PYTHON

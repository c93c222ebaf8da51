#!/usr/bin/env bash
# torch: in float64 the slope of hardsigmoid is 1/6 rounded to float32, and it has no second derivative
#
# Software: torch 2.13.0
#
# Expected: hardsigmoid is min(max(x + 3, 0), 6) / 6: in float64 its slope is 1/6 to 16 digits, and the Hessian of
#           hardsigmoid(x)² is 2/36, as the piecewise linear relu6 and hardtanh and the similar hardswish have theirs.
#
# Happens:  Its values are right to 16 digits, the slope only to 8, by reverse and by forward mode: 0.1666666716. A
#           second derivative raises an error in both modes. relu6(x + 3) / 6 is right, and so is hardswish.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   hardsigmoid: slope 0.1666666716337204, forward 0.1666666716337204, by differences 0.1666666666666667
#   hardsigmoid: second derivative of its square: hessian: Trying to use forward AD with aten::hardsigmoid_backward that does not support it.; grad twice: derivative for aten::hardsigmoid_backward is not implemented
#   relu6: slope 0.1666666666666667, forward 0.1666666666666667, by differences 0.1666666666666667
#   relu6: second derivative of its square: hessian: 0.0555555555555556; grad twice: 0.0555555555555556
#   hardswish: slope 0.6666666666666666, forward 0.6666666666666666, by differences 0.6666666666666666
#   hardswish: second derivative of its square: hessian: 1.0833333333333333; grad twice: 1.0833333333333333
#
# modeq:    `Loss.from_torch` takes the slope 1/6.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch
import torch.nn.functional as F
from torch.func import grad, hessian, jvp

torch.set_default_dtype(torch.float64)
by_relu6 = lambda x: F.relu6(x + 3) / 6
x = torch.tensor(0.5)
for name, f, true in (("hardsigmoid", F.hardsigmoid, 1 / 6), ("relu6", by_relu6, 1 / 6), ("hardswish", F.hardswish, 4 / 6)):
    difference = (f(x + 1) - f(x - 1)).item() / 2  # exact for polynomials of degree 2
    reverse, forward = grad(f)(x).item(), jvp(f, (x,), (torch.ones(()),))[1].item()
    square = lambda x: f(x) ** 2
    try:
        curvature = f"{hessian(square)(x).item():.16f}"
    except NotImplementedError as error:
        curvature = str(error).split("\n")[0]
    z = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(square(z), z, create_graph=True)
    try:
        twice = f"{torch.autograd.grad(slope, z)[0].item():.16f}"
    except RuntimeError as error:
        twice = str(error).split("\n")[0]
    print(f"{name}: slope {reverse:.16f}, forward {forward:.16f}, by differences {difference:.16f}")
    print(f"{name}: second derivative of its square: hessian: {curvature}; grad twice: {twice}")
    assert abs(difference - true) < 1e-15
    if name == "hardsigmoid":
        assert all(1e-9 < abs(value - true) < 1e-8 for value in (reverse, forward))
        assert "does not support" in curvature and "not implemented" in twice
    else:
        assert all(abs(value - true) < 1e-15 for value in (reverse, forward)), name
        assert abs(float(curvature) - float(twice)) < 1e-15
        assert name == "hardswish" or abs(float(curvature) - 2 / 36) < 1e-15
PYTHON

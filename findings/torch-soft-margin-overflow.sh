#!/usr/bin/env bash
# torch: soft_margin_loss, the logistic loss with labels ±1, is infinite with a NaN gradient at large margins
#
# Software: torch 2.13.0
#
# Expected: log(1 + exp(-y x)) at y x = -1000 is 1000 with slope -1, as binary_cross_entropy_with_logits gives it: the
#           same loss with labels 0 and 1.
#
# Happens:  The formula is taken literally. Value inf and slope NaN from -710 on (float64); in float32 the same from
#           -89 on.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   torch.float64 margin -700.0: soft_margin_loss 700.0, slope -1.0; with logits 700.0, slope -1.0
#   torch.float64 margin -720.0: soft_margin_loss inf, slope nan; with logits 720.0, slope -1.0
#   torch.float64 margin -1000.0: soft_margin_loss inf, slope nan; with logits 1000.0, slope -1.0
#   torch.float32 margin -80.0: soft_margin_loss 80.0, slope -1.0; with logits 80.0, slope -1.0
#   torch.float32 margin -100.0: soft_margin_loss inf, slope nan; with logits 100.0, slope -1.0
#   torch.float32 margin -200.0: soft_margin_loss inf, slope nan; with logits 200.0, slope -1.0
#
# modeq:    The logistic losses of modeq are written by softplus. In PyTorch take binary_cross_entropy_with_logits.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch
import torch.nn.functional as F

for dtype, margins in ((torch.float64, (-700.0, -720.0, -1000.0)), (torch.float32, (-80.0, -100.0, -200.0))):
    for margin in margins:
        x = torch.tensor([margin], dtype=dtype, requires_grad=True)
        value = F.soft_margin_loss(x, torch.ones(1, dtype=dtype))
        (slope,) = torch.autograd.grad(value, x)
        z = x.detach().clone().requires_grad_()
        other = F.binary_cross_entropy_with_logits(z, torch.ones(1, dtype=dtype))
        (its_slope,) = torch.autograd.grad(other, z)
        print(f"{dtype} margin {margin}: soft_margin_loss {value.item()}, slope {slope.item()};"
              f" with logits {other.item()}, slope {its_slope.item()}")
        assert other.item() == -margin and its_slope.item() == -1
        if margin in (-720.0, -1000.0, -100.0, -200.0):
            assert value.item() == float("inf") and not torch.isfinite(slope).all()
PYTHON

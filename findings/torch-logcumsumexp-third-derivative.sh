#!/usr/bin/env bash
# torch: the third derivative of logcumsumexp is NaN everywhere
#
# Software: torch 2.13.0
#
# Expected: It is a smooth function; its last entry is logsumexp, whose derivatives of every order are finite in
#           torch.
#
# Happens:  First and second derivatives are right, the third is NaN at every point, small or large, in float64;
#           logsumexp at the same points is fine.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   at -3.0: logcumsumexp [0.05202542138341739, 0.0540300430748886, nan], logsumexp [0.05202542138341739, 0.05403004307488861, 0.057585598274098454]
#   at -0.5: logcumsumexp [0.6798433321701935, 0.5903038223256165, nan], logsumexp [0.6798433321701935, 0.5903038223256165, 0.2796285983832745]
#   at 0.5: logcumsumexp [1.3201566678298065, 0.5903038223256165, nan], logsumexp [1.3201566678298065, 0.5903038223256165, -0.2796285983832747]
#   at 3.0: logcumsumexp [1.9479745786165832, 0.05403004307488599, nan], logsumexp [1.9479745786165832, 0.05403004307488737, -0.057585598274097455]
#
# modeq:    Third derivatives are what the flow of order 3 is made of: write it with logsumexp.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch

torch.set_default_dtype(torch.float64)


def derivatives(f, at):
    x = torch.tensor(at, requires_grad=True)
    y = f(torch.stack([x, 2 * x, 0 * x]))
    out = []
    for _ in range(3):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        out.append(y.item())
    return out


for at in (-3.0, -0.5, 0.5, 3.0):
    cumulative = derivatives(lambda v: torch.logcumsumexp(v, 0)[-1], at)
    plain = derivatives(lambda v: torch.logsumexp(v, 0), at)
    print(f"at {at}: logcumsumexp {cumulative}, logsumexp {plain}")
    assert all(abs(a - b) < 1e-12 for a, b in zip(cumulative[:2], plain[:2]))
    assert cumulative[2] != cumulative[2] and plain[2] == plain[2]
PYTHON

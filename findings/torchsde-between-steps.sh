#!/usr/bin/env bash
# torchsde: at times between two steps the noise has half its variance
#
# Software: torchsde 0.2.6, torch 2.13.0
#
# Expected: sdeint(dX = dW, ts=[…]) returns X with variance t at every time that was asked for: the increments over
#           the step are known, a Brownian bridge fills in the rest, or the solver steps onto the times.
#
# Happens:  Outputs are interpolated linearly between the steps of size dt. In the middle of a step starting at t₀ the
#           variance is t₀ + dt/4 instead of t₀ + dt/2: 0.25 instead of 0.5 in the first step. All fixed-step methods.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   euler    Var X(0) = 0.000, Var X(0.25) = 0.063, Var X(0.5) = 0.250, Var X(1) = 1.000, Var X(1.5) = 1.243, Var X(2) = 1.978
#   milstein Var X(0) = 0.000, Var X(0.25) = 0.063, Var X(0.5) = 0.250, Var X(1) = 1.000, Var X(1.5) = 1.243, Var X(2) = 1.978
#   srk      Var X(0) = 0.000, Var X(0.25) = 0.063, Var X(0.5) = 0.250, Var X(1) = 1.000, Var X(1.5) = 1.243, Var X(2) = 1.978
#   the same Brownian path, asked directly: Var W(0.5) = 0.504
#
# modeq:    mq.sample draws its own paths of stochastic equations; compare with torchsde at multiples of dt.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torchsde==0.2.6 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import torch
import torchsde


class Brownian(torch.nn.Module):
    noise_type = "diagonal"
    sde_type = "ito"

    def f(self, t, y):
        return torch.zeros_like(y)

    def g(self, t, y):
        return torch.ones_like(y)


torch.manual_seed(0)
start = torch.zeros(50_000, 1, dtype=torch.float64)
times = torch.tensor([0.0, 0.25, 0.5, 1.0, 1.5, 2.0], dtype=torch.float64)
for method in ("euler", "milstein", "srk"):
    noise = torchsde.BrownianInterval(0.0, 2.0, size=start.shape, dtype=torch.float64, entropy=1, levy_area_approximation="space-time")
    variance = torchsde.sdeint(Brownian(), start, times, bm=noise, method=method, dt=1.0).var(dim=1)[:, 0]
    print(f"{method:8} " + ", ".join(f"Var X({t:g}) = {v:.3f}" for t, v in zip(times.tolist(), variance.tolist())))
    for t, v in zip(times.tolist(), variance.tolist()):
        whole, rest = int(t), t - int(t)
        assert abs(v - (whole + rest**2)) < 0.05, (method, t, v)
exact = noise(0.0, 0.5).var().item()
print(f"the same Brownian path, asked directly: Var W(0.5) = {exact:.3f}")
assert abs(exact - 0.5) < 0.02
PYTHON

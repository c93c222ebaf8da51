#!/usr/bin/env bash
# optax, torch: the one-cycle schedules of the same name peak and end at different steps, and the linear one has another shape
#
# Software: optax 0.2.8 (cosine_onecycle_schedule, linear_onecycle_schedule), torch 2.13.0 (OneCycleLR)
#
# Expected: Both follow Smith and Topin and have the same defaults: peak after 30 % of the steps, start at 1/25 and
#           end at 1/250,000 of it. So ten steps have the same ten learning rates.
#
# Happens:  torch peaks at step 2 and reaches the end at step 9, optax at steps 3 and 10: one step later, and the last
#           of ten steps has 5 % of the peak (linear: 2 %) in optax and 4e-6 in torch. The linear version of torch
#           falls in one line to the end; that of optax falls to the start at 85 % of the steps and then to the end.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   cos
#     optax 0.040 0.280 0.760 1.000 0.950 0.812 0.611 0.389 0.188 0.050 ; step 10: 4.0e-06
#     torch 0.040 0.520 1.000 0.950 0.812 0.611 0.389 0.188 0.050 0.000 ; last: 4.0e-06
#   linear
#     optax 0.040 0.360 0.680 1.000 0.808 0.616 0.424 0.232 0.040 0.020 ; step 10: 4.0e-06
#     torch 0.040 0.520 1.000 0.857 0.714 0.571 0.429 0.286 0.143 0.000 ; last: 4.0e-06
#
# modeq:    A schedule is a function of the step in iterate; take the list of numbers, not the name, when runs are
#           compared.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import optax
import torch

steps = 10


def by_torch(shape):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=steps, anneal_strategy=shape, cycle_momentum=False)
    rates = []
    for n in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if n < steps - 1:
            schedule.step()
    return rates


for shape, make in (("cos", optax.cosine_onecycle_schedule), ("linear", optax.linear_onecycle_schedule)):
    schedule = make(steps, 1.0)
    here, there = [float(schedule(n)) for n in range(steps)], by_torch(shape)
    print(shape)
    print("  optax", " ".join(f"{rate:.3f}" for rate in here), f"; step {steps}: {float(schedule(steps)):.1e}")
    print("  torch", " ".join(f"{rate:.3f}" for rate in there), f"; last: {there[-1]:.1e}")
    assert here.index(max(here)) == 3 and there.index(max(there)) == 2
    assert abs(here[0] - there[0]) < 1e-6
    assert here[-1] > 0.015 and there[-1] < 1e-5 and float(schedule(steps)) < 1e-5
PYTHON

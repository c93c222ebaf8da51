#!/usr/bin/env bash
# optax, torch: with patience n the learning rate falls after n idle evaluations here and after n + 1 there
#
# Software: optax 0.2.8 (contrib.reduce_on_plateau), torch 2.13.0 (ReduceLROnPlateau)
#
# Expected: The same two words mean the same: "patience: number of iterations (epochs) with no improvement after which
#           the learning rate will be reduced".
#
# Happens:  On a loss that stands still, patience=2, factor=0.5: optax halves at every second evaluation, torch at
#           every third. After twenty evaluations the one is at 1/512, the other at 1/64.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   patience 2: optax reduces at [3, 5, 7, 9, 11, 13, 15, 17, 19], torch at [4, 7, 10, 13, 16, 19]
#   patience 5: optax reduces at [6, 11, 16], torch at [7, 13, 19]
#
# modeq:    Rules for the step are given to iterate as functions; these two are different functions.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax.numpy as jnp
import optax
import torch


def by_torch(patience, evaluations):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    rule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=patience)
    rates = []
    for _ in range(evaluations):
        rule.step(1.0)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def by_optax(patience, evaluations):
    rule = optax.contrib.reduce_on_plateau(factor=0.5, patience=patience)
    state = rule.init(jnp.zeros(()))
    rates = []
    for _ in range(evaluations):
        update, state = rule.update(jnp.ones(()), state, value=1.0)
        rates.append(float(update))
    return rates


def falls(rates):
    """Numbers of evaluations, from 1, at which the rate fell."""
    return [n + 1 for n, (before, now) in enumerate(zip([1.0, *rates], rates)) if now < before]


for patience in (2, 5):
    here, there = falls(by_optax(patience, 20)), falls(by_torch(patience, 20))
    print(f"patience {patience}: optax reduces at {here}, torch at {there}")
    assert here == list(range(1 + patience, 21, patience))
    assert there == list(range(2 + patience, 21, patience + 1))
PYTHON

#!/usr/bin/env bash
# torch, optax: the same optimizer on the same loss of a complex parameter converges in one and runs away in the other
#
# Software: torch 2.13.0, jax 0.10.2, optax 0.2.8
#
# Expected: Gradient descent on |z - (1 + 2i)|² finds 1 + 2i, also in Optax, which takes complex parameters without a
#           word.
#
# Happens:  jax.grad returns the conjugate of the direction of ascent, torch the direction itself, and optax.sgd
#           subtracts what it is given: the imaginary part grows by 1.2 a step, to 1e16 after 200. Adam, RMSProp and
#           Adagrad drift away too. One has to pass jnp.conj of the gradient; the convention is in the autodiff
#           cookbook of JAX, not in the pages of the optimizers.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   sgd: optax 1-1.372e+16j, optax with the conjugate 1+2j, torch 1+2j
#   adam: optax 0.9823-28.62j, optax with the conjugate 1+2j, torch 1+2j
#
# modeq:    States of flows may be complex, where the gradient is the holomorphic one; parameters of losses are real.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import optax
import torch

jax.config.update("jax_enable_x64", True)
target = 1 + 2j


def by_optax(optimizer, conjugate):
    z = jnp.array(0j)
    state = optimizer.init(z)
    gradient = jax.grad(lambda w: jnp.abs(w - target) ** 2)
    for _ in range(200):
        g = gradient(z)
        update, state = optimizer.update(jnp.conj(g) if conjugate else g, state, z)
        z = optax.apply_updates(z, update)
    return complex(z)


def by_torch(kind, **options):
    z = torch.zeros((), dtype=torch.complex128, requires_grad=True)
    optimizer = kind([z], lr=0.1, **options)
    for _ in range(200):
        optimizer.zero_grad()
        ((z - target).abs() ** 2).backward()
        optimizer.step()
    return z.item()


for name, here, there in (("sgd", optax.sgd(0.1), torch.optim.SGD), ("adam", optax.adam(0.1), torch.optim.Adam)):
    rows = by_optax(here, False), by_optax(here, True), by_torch(there)
    print(f"{name}: optax {rows[0]:.4g}, optax with the conjugate {rows[1]:.4g}, torch {rows[2]:.4g}")
    assert abs(rows[0] - target) > 10
    assert abs(rows[1] - target) < 0.1 and abs(rows[2] - target) < 0.1
PYTHON

#!/usr/bin/env bash
# optimistix: the first of n steps of GradientDescent does not move
#
# Software: optimistix 0.1.0, jax 0.10.2
#
# Expected: max_steps=10 with throw=False returns the tenth iterate θ - lr ∇E of gradient descent, as
#           OptaxMinimiser(optax.sgd(lr)) does; stats["num_steps"] is 10.
#
# Happens:  It returns the ninth, with num_steps 10: the first step only evaluates the start.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   lr 0.05, 1 steps: GradientDescent 1 (num_steps 1), by optax 0.95, plain iterates 1, 0.95
#   lr 0.05, 2 steps: GradientDescent 0.95 (num_steps 2), by optax 0.9025, plain iterates 0.95, 0.9025
#   lr 0.05, 10 steps: GradientDescent 0.630249 (num_steps 10), by optax 0.598737, plain iterates 0.630249, 0.598737
#   lr 2.5, 5 steps: GradientDescent 5.0625 (num_steps 5), by optax -7.59375, plain iterates 5.0625, -7.59375
#
# modeq:    iterate(method, E, θ, h, steps=n) takes n steps; comparisons with optimistix need n + 1.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check optimistix==0.1.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import optax
import optimistix as optx

jax.config.update("jax_enable_x64", True)


def loss(y, args):
    return 0.5 * y**2


def after(solver, steps):
    result = optx.minimise(loss, solver, jnp.array(1.0), max_steps=steps, throw=False)
    return float(result.value), int(result.stats["num_steps"])


for rate, steps in ((0.05, 1), (0.05, 2), (0.05, 10), (2.5, 5)):
    value, counted = after(optx.GradientDescent(rate, rtol=1e-12, atol=1e-12), steps)
    other, _ = after(optx.OptaxMinimiser(optax.sgd(rate), rtol=1e-12, atol=1e-12), steps)
    plain = [(1 - rate) ** n for n in range(steps + 1)]
    print(f"lr {rate}, {steps} steps: GradientDescent {value:.6g} (num_steps {counted}), by optax {other:.6g},"
          f" plain iterates {plain[-2]:.6g}, {plain[-1]:.6g}")
    assert counted == steps
    assert abs(other - plain[-1]) < 1e-12 * abs(plain[-1])
    assert abs(value - plain[-2]) < 1e-12 * abs(plain[-2])
PYTHON

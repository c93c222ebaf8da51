#!/usr/bin/env bash
# jaxopt: GradientDescent is an accelerated method unless told otherwise
#
# Software: jaxopt 0.8.5, jax 0.10.2
#
# Expected: GradientDescent(stepsize=lr) without a line search is θ - lr ∇E.
#
# Happens:  acceleration=True is the default: Nesterov momentum as in FISTA. On a quadratic with curvature 1 and lr =
#           0.05, ten steps lead to 0.320 instead of 0.95¹⁰ = 0.599. acceleration=False is gradient descent. Its
#           modified equation is another one, with a momentum that grows along the run.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   1 steps: default 0.950000, acceleration=False 0.950000, 0.95^1 = 0.950000
#   2 steps: default 0.902500, acceleration=False 0.902500, 0.95^2 = 0.902500
#   10 steps: default 0.320391, acceleration=False 0.598737, 0.95^10 = 0.598737
#
# modeq:    GradientDescent is gradient descent; Nesterov(beta) has constant momentum and is no peer for this one
#           either.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check jaxopt==0.8.5 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 scipy==1.17.1

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import jaxopt

jax.config.update("jax_enable_x64", True)


def loss(y):
    return 0.5 * jnp.sum(y**2)


def after(steps, **options):
    solver = jaxopt.GradientDescent(loss, stepsize=0.05, maxiter=steps, tol=0.0, **options)
    return float(solver.run(jnp.array([1.0])).params[0])


for steps in (1, 2, 10):
    default, plain = after(steps), after(steps, acceleration=False)
    print(f"{steps} steps: default {default:.6f}, acceleration=False {plain:.6f}, 0.95^{steps} = {0.95**steps:.6f}")
    assert abs(plain - 0.95**steps) < 1e-12
assert default < 0.35
PYTHON

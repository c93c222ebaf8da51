#!/usr/bin/env bash
# optax: the Jacobian of a step with clip_by_global_norm at a minimum is NaN
#
# Software: optax 0.2.8, jax 0.10.2, against torch 2.13.0
#
# Expected: Below the bound clipping is the identity. At a minimum the map θ - lr ∇E has the Jacobian I - lr ∇²E with
#           or without it, and its stability is read off there.
#
# Happens:  The norm is differentiated also where it is not used, and has slope NaN at 0: every entry of the Jacobian
#           is NaN, compiled or not. A step away from the minimum all is well. clip (by element) gives the right
#           matrix.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   sgd: at the minimum [[0.9, 0.0], [0.0, 0.7]], at a distance of 1e-3 [[0.9, 0.0], [0.0, 0.7]]
#   clip(1), sgd: at the minimum [[0.9, 0.0], [0.0, 0.7]], at a distance of 1e-3 [[0.9, 0.0], [0.0, 0.7]]
#   clip_by_global_norm(1), sgd: at the minimum [[nan, nan], [nan, nan]], at a distance of 1e-3 [[0.9, 0.0], [0.0, 0.7]]
#
# modeq:    The regimes of a method at a minimum come from its matrices, not from derivatives of a clipped step.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import optax

jax.config.update("jax_enable_x64", True)
curvatures = jnp.array([1.0, 3.0])


def loss(theta):
    return 0.5 * jnp.sum(curvatures * theta**2)


def jacobian(optimizer, at):
    def step(theta):
        update, _ = optimizer.update(jax.grad(loss)(theta), optimizer.init(theta), theta)
        return theta + update

    return jax.jit(jax.jacobian(step))(at)


minimum, near = jnp.zeros(2), jnp.array([1e-3, 0.0])
rows = {
    "sgd": optax.sgd(0.1),
    "clip(1), sgd": optax.chain(optax.clip(1.0), optax.sgd(0.1)),
    "clip_by_global_norm(1), sgd": optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1)),
}
for name, optimizer in rows.items():
    here, there = jacobian(optimizer, minimum), jacobian(optimizer, near)
    print(f"{name}: at the minimum {here.tolist()}, at a distance of 1e-3 {there.tolist()}")
    assert jnp.allclose(there, jnp.diag(1 - 0.1 * curvatures))
    if "global" in name:
        assert jnp.isnan(here).all()
    else:
        assert jnp.allclose(here, jnp.diag(1 - 0.1 * curvatures))
PYTHON

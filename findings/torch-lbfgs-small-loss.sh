#!/usr/bin/env bash
# torch: LBFGS on a loss that is multiplied by 1e-6 is gradient descent: it never stores a curvature
#
# Software: torch 2.13.0 (torch.optim.LBFGS), against scipy 1.17.1 and optax 0.2.8
#
# Expected: A quasi-Newton method learns the scale of the loss: with tolerance_grad=0 and tolerance_change=0 the
#           iterates on c E do not depend on c > 0 but for the first step. optax.lbfgs and SciPy's L-BFGS-B find the
#           minimum of a quadratic (curvatures 1, 10, 100) for every c.
#
# Happens:  A pair (s, y) is stored only if sᵀy > 1e-10, an absolute number that is no argument and not in the
#           documentation. The step before the first pair is min(1, 1/|g|₁) lr g, so c = 1e-6 gives sᵀy ~ 1e-12: no
#           pair is stored, and every step is one of gradient descent with the rate lr c: 60 iterations cover 6e-5 of
#           the way along the flattest direction. No warning. The strong Wolfe search makes up for it down to
#           c = 1e-9; at 1e-12 it searches along gradients only. Close to a minimum it is the same with c = 1: once
#           λ |s|² < 1e-10 no pair is added.
#
# Seen:     2026-11-28, Python 3.11, CPU
#   c = 1: largest |w|: torch 2.8e-82 (14 pairs), strong_wolfe 3e-82 (14 pairs), optax 3e-104, scipy 7e-92
#   c = 0.001: largest |w|: torch 7.1e-107 (8 pairs), strong_wolfe 3e-97 (7 pairs), optax 2e-160, scipy 3e-87
#   c = 1e-06: largest |w|: torch 1 (0 pairs), strong_wolfe 3e-97 (7 pairs), optax 4e-159, scipy 1e-84
#             w by torch [0.99994    0.99940018 0.99401767], by gradient descent [0.99994    0.99940018 0.99401767]
#   c = 1e-09: largest |w|: torch 1 (0 pairs), strong_wolfe 2e-315 (4 pairs), optax 7e-157, scipy 1e-84
#             w by torch [0.99999994 0.9999994  0.999994  ], by gradient descent [0.99999994 0.9999994  0.999994  ]
#   c = 1e-12: largest |w|: torch 1 (0 pairs), strong_wolfe 0.07 (0 pairs), optax 1e-161, scipy 3e-87
#             w by torch [1.         1.         0.99999999], by gradient descent [1.         1.         0.99999999]
#
# modeq:    lbfgs is no update of θ by its field and is refused by from_optax; for a run of torch's LBFGS scale the
#           loss to the order of 1.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 scipy==1.17.1 numpy==2.4.6

cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.optimize
import torch

jax.config.update("jax_enable_x64", True)
curvatures = np.array([1.0, 10.0, 100.0])


def by_torch(c, line_search):
    w = torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
    optimizer = torch.optim.LBFGS([w], lr=1, max_iter=60, max_eval=10_000, tolerance_grad=0, tolerance_change=0, line_search_fn=line_search)

    def closure():
        optimizer.zero_grad()
        loss = c * 0.5 * (torch.tensor(curvatures) * w**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return w.detach().numpy(), len(optimizer.state[w]["old_dirs"])


def by_optax(c):
    def loss(w):
        return c * 0.5 * jnp.sum(curvatures * w**2)

    optimizer = optax.lbfgs()
    w = jnp.ones(3)
    state = optimizer.init(w)

    @jax.jit
    def step(w, state):
        value, gradient = optax.value_and_grad_from_state(loss)(w, state=state)
        update, state = optimizer.update(gradient, state, w, value=value, grad=gradient, value_fn=loss)
        return w + update, state

    for _ in range(60):
        w, state = step(w, state)
    return np.array(w)


def by_scipy(c):
    return scipy.optimize.minimize(lambda w: (c * 0.5 * (curvatures * w**2).sum(), c * curvatures * w), np.ones(3), jac=True,
                                   method="L-BFGS-B", options={"maxiter": 60, "ftol": 0, "gtol": 0}).x


for c in (1.0, 1e-3, 1e-6, 1e-9, 1e-12):
    plain, pairs = by_torch(c, None)
    searched, kept = by_torch(c, "strong_wolfe")
    descent = (1 - c * curvatures) ** 60
    print(f"c = {c:g}: largest |w|: torch {np.abs(plain).max():.2g} ({pairs} pairs), strong_wolfe {np.abs(searched).max():.1g} ({kept} pairs),"
          f" optax {np.abs(by_optax(c)).max():.1g}, scipy {np.abs(by_scipy(c)).max():.1g}")
    assert np.abs(by_optax(c)).max() < 1e-10 and np.abs(by_scipy(c)).max() < 1e-6
    if c > 1e-4:
        assert pairs > 0 and np.abs(plain).max() < 1e-10
    else:
        print(f"          w by torch {plain}, by gradient descent {descent}")
        assert pairs == 0 and np.abs(plain - descent).max() < 1e-9
    assert (kept == 0) == (c < 1e-10)
PYTHON

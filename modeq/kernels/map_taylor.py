"""Taylor arithmetic through several steps of an explicit method, in the subset of Python that Numba compiles.

``map_taylor`` has the arguments of the ``taylor`` of a loss (see `taylor_fields`) and gives the coefficients of the field
g = (Φᵏ − id)/(kh) on the states y of a general linear method, along many paths: those of f at each stage of each step come from
the loss. So all that works with ``taylor`` works for g: Hessian–vector products become products with DΦᵏ, and so on.

``par[PAR.step]`` is kh, and behind the plans of `krylov`, from ``par[par[2] + 11]`` on, stand ``[k, s, r, A, U, B, V]``. ``cache`` keeps a
workspace and the coefficients of f for each stage of each step, so that with ``known`` those of degree 0 are not computed again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .injected import Injected
from .layout import PAR, PATHS, PRINCIPAL, SCHEME

Array = Any


def cache_size(loss_workspace_size: Injected, par: Array, at: int) -> int:
    """Return how many numbers ``cache`` has for the plan at `at`."""
    scheme = int(par[PAR.end]) + PRINCIPAL.size
    total = int(par[PAR.size])  # more than the number of parameters
    return (
        int(par[scheme + SCHEME.steps])
        * int(par[scheme + SCHEME.stages])
        * (loss_workspace_size(par, at) + int(par[at + PATHS.order]) * total)
    )


def map_taylor(
    loss_taylor: Injected,
    loss_workspace_size: Injected,
    combination: Injected,
    y: Array,
    given: Array,
    par: Array,
    at: int,
    F: Array,
    cache: Array,
    known: float,
    rows: Array,
) -> None:
    """Write the Taylor coefficients of g along the paths y + Σ given[q, j] tʲ into F, shape (paths, order, r·d).

    Those of a vector along all paths are one long vector, so that stages and states are the combinations of `loops`.
    """
    scheme = par[int(par[PAR.end]) + PRINCIPAL.size :]
    steps = int(scheme[SCHEME.steps])
    s = int(scheme[SCHEME.stages])
    r = int(scheme[SCHEME.states])
    h = par[PAR.step] / steps
    matrices = scheme[SCHEME.size :]
    A = matrices[: s * s].reshape(s, s)
    U = matrices[s * s : s * s + s * r].reshape(s, r)
    B = matrices[s * s + s * r : s * s + 2 * s * r].reshape(r, s)
    V = matrices[s * s + 2 * s * r : s * s + 2 * s * r + r * r].reshape(r, r)
    paths, order = F.shape[:2]
    d = len(y) // r
    size = loss_workspace_size(par, at)
    path = np.empty((r, paths, order, d), y.dtype)
    for q in range(r):
        path[q, :, 0] = y[q * d : (q + 1) * d]
        path[q, :, 1:] = given[:, 1:, q * d : (q + 1) * d]
    before = path.reshape(r, paths * order * d)
    state = before.copy()
    after = np.empty_like(state)
    stage = np.empty((paths, order, d), y.dtype)
    slopes = np.empty((s, paths, order, d), y.dtype)
    long_stage = stage.reshape(paths * order * d)
    long_slopes = slopes.reshape(s, paths * order * d)
    for step in range(steps):
        first = step * s * (size + d)
        values = cache[first : first + s * d].reshape(s, d)  # of f at each stage
        for i in range(s):
            combination(i, U, state, A, h, long_slopes, i, long_stage)
            place = first + s * d + i * size
            slopes[i, :, 0] = values[i]
            loss_taylor(stage[0, 0].copy(), stage, par, at, slopes[i], cache[place : place + size], known, slopes[i, :0])
            if not known:
                values[i] = slopes[i, 0, 0]
        for p in range(r):
            combination(p, V, state, B, h, long_slopes, s, after[p])
        state[:] = after
    for q in range(r):
        F[:, :, q * d : (q + 1) * d] = ((state[q] - before[q]) / (steps * h)).reshape(paths, order, d)

"""Taylor arithmetic through several steps of an explicit method, in the subset of Python that Numba compiles.

``map_taylor`` has the arguments of the ``taylor`` of a loss (see `taylor_fields`) and gives the coefficients of the field
g = (Φᵏ − id)/(kh) on the states y of a general linear method, along one path: those of f at each stage of each step come from
the loss. So all that works with ``taylor`` works for g: Hessian–vector products become products with DΦᵏ, and so on.

``par[0]`` is kh, and behind the plans of `krylov`, from ``par[par[2] + 10]`` on, stand ``[k, s, r, A, U, B, V]``. ``cache`` keeps a
workspace and the coefficients of f for each stage of each step, so that with ``known`` those of degree 0 are not computed again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def cache_size(loss_workspace_size: Any, par: Array, at: int) -> int:
    """Return how many numbers ``cache`` has for one path of the plan at `at`."""
    scheme = int(par[2]) + 10
    total = int(par[3])  # more than the number of parameters
    return int(par[scheme]) * int(par[scheme + 1]) * (loss_workspace_size(par, at) + int(par[at]) * total)


def map_taylor(
    loss_taylor: Any,
    loss_workspace_size: Any,
    y: Array,
    given: Array,
    par: Array,
    at: int,
    F: Array,
    cache: Array,
    known: bool,
    rows: Array,
) -> None:
    """Write the Taylor coefficients of g along the path y + Σ given[0, j] tʲ into F, shape (1, order, r·d)."""
    scheme = par[int(par[2]) + 9 :]
    steps = int(scheme[1])
    s = int(scheme[2])
    r = int(scheme[3])
    h = par[0] / steps
    A = scheme[4 : 4 + s * s].reshape(s, s)
    U = scheme[4 + s * s : 4 + s * s + s * r].reshape(s, r)
    B = scheme[4 + s * s + s * r : 4 + s * s + 2 * s * r].reshape(r, s)
    V = scheme[4 + s * s + 2 * s * r : 4 + s * s + 2 * s * r + r * r].reshape(r, r)
    order = F.shape[1]
    d = len(y) // r
    size = loss_workspace_size(par, at)
    path = np.zeros((order, len(y)), y.dtype)
    path[0] = y
    for j in range(1, order):
        path[j] = given[0, j]
    state = path.copy()
    after = np.empty((order, len(y)), y.dtype)
    stage = np.empty((1, order, d), y.dtype)
    for step in range(steps):
        first = step * s * (size + order * d)
        slopes = cache[first : first + s * order * d].reshape(s, order, d)
        for i in range(s):
            stage[:] = 0.0
            for q in range(r):
                stage[0] += U[i, q] * state[:, q * d : (q + 1) * d]
            for q in range(i):
                stage[0] += (A[i, q] * h) * slopes[q]
            place = first + s * order * d + i * size
            loss_taylor(stage[0, 0].copy(), stage, par, at, slopes[i : i + 1], cache[place : place + size], known, slopes[:0])
        after[:] = 0.0
        for p in range(r):
            for q in range(r):
                after[:, p * d : (p + 1) * d] += V[p, q] * state[:, q * d : (q + 1) * d]
            for q in range(s):
                after[:, p * d : (p + 1) * d] += (B[p, q] * h) * slopes[q]
        state[:] = after
    F[0] = (state - path) / (steps * h)

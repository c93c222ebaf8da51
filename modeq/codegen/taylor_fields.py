"""What surrounds Taylor arithmetic in generated modules of array losses, in the subset of Python that Numba compiles.

``par`` is ``[h, length of the layout, end of the loss, layout …, data …, plan …]``, where the plan belongs to the flow.

The generated function ``taylor(y, given, par, at, F)`` follows Q paths that start at y and fills F, shape (Q, order, d), with
the Taylor coefficients of f = −∇E along each. A path is given by its coefficients, ``given`` of shape (Q, order, d), or, where
``given`` has no rows, by the field itself: coefficient j + 1 of path q is Σ_r advance[j, q, r] F[r, j], which is how the smooth
solution of a method goes on; see `flows.stage_points`. Paths that depend on one another make up a block, blocks come after
those that they depend on, and only one block is in memory at a time. From ``par[at]`` on the plan holds

    order · number of blocks · their bounds · advance, shape (order, Q, Q) · number of rows · weights, shape (rows, order, Q)
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def matching(par: Array, y: Array) -> Array:
    """Return ``par`` in the type of the state, because BLAS multiplies equal types only."""
    return par.astype(y.dtype)


def read_layout(par: Array) -> Array:
    """Return the sizes and offsets as unsigned integers."""
    count = int(par[1])
    o = np.empty(count, np.uint64)
    for i in range(count):
        o[i] = np.uint64(par[3 + i])
    return o


def read_data(par: Array, y: Array) -> Array:
    """Return the fixed arrays, one after the other."""
    return matching(par, y)[3 + int(par[1]) :]


def largest_block(par: Array, at: int) -> int:
    """Return the number of paths in the largest block."""
    largest = 0
    for block in range(int(par[at + 1])):
        largest = max(largest, int(par[at + 3 + block]) - int(par[at + 2 + block]))
    return largest


def share_leading(work: Array, slot: int, total: int, F: Array) -> None:
    """Give all paths the coefficients of degree 0 of the first: they start at one point."""
    for i in range(1, len(work) // slot):
        for e in range(total):
            work[i * slot + e] = work[e]
    for q in range(1, len(F)):
        for e in range(F.shape[2]):
            F[q, 0, e] = F[0, 0, e]


def negate(out: Array) -> None:
    """Change the sign: F is the field, not the gradient."""
    for e in range(len(out)):
        out[e] = -out[e]


def set_coefficient(out: Array, given: Array, par: Array, at: int, F: Array, q: int, degree: int, last: int) -> None:
    """Write coefficient `degree` of path q."""
    for e in range(len(out)):
        out[e] = given[q, degree, e] if len(given) > 0 else 0.0
    if len(given) > 0:
        return
    points = len(F)
    row = at + 3 + int(par[at + 1]) + ((degree - 1) * points + q) * points
    for r in range(last):
        factor = par[row + r]
        if factor != 0.0:
            for e in range(len(out)):
                out[e] += factor * F[r, degree - 1, e]


def is_resting(par: Array, at: int, q: int, order: int, points: int, given: int) -> bool:
    """Whether path q stays at y, as the first stage of gradient descent: then its coefficients of f are 0."""
    if given > 0:
        return False
    advance = at + 3 + int(par[at + 1])
    for j in range(order):
        for r in range(points):
            if par[advance + (j * points + q) * points + r] != 0.0:
                return False
    return True


def combine(par: Array, at: int, F: Array, out: Array) -> None:
    """Σ_q weights[row, j, q] F[q, j]: the coefficients of h^j, shape (rows, order, d)."""
    points, order, d = F.shape
    weights = at + 4 + int(par[at + 1]) + order * points * points
    for row in range(out.shape[0]):
        for j in range(order):
            for e in range(d):
                out[row, j, e] = 0.0
            for q in range(points):
                factor = par[weights + (row * order + j) * points + q]
                if factor != 0.0:
                    for e in range(d):
                        out[row, j, e] += factor * F[q, j, e]


def modified_field(taylor: Any, y: Array, par: Array, at: int, out: Array) -> None:
    """Write the modified field Σ_j h^j × coefficient j."""
    order = int(par[at])
    F = np.zeros((int(par[at + 2 + int(par[at + 1])]), order, len(y)), y.dtype)
    taylor(y, F[:0], par, at, F)
    coefficients = np.empty((1, order, len(y)), y.dtype)
    combine(par, at, F, coefficients)
    for e in range(len(y)):
        out[e] = coefficients[0, order - 1, e]
    for j in range(order - 2, -1, -1):
        for e in range(len(y)):
            out[e] = coefficients[0, j, e] + par[0] * out[e]


def field_jacobian(taylor: Any, y: Array, par: Array, out: Array) -> None:
    """Write f′ = −∇²E, one column after the other."""
    d = len(y)
    given = np.zeros((1, 2, d), y.dtype)
    F = np.zeros((1, 2, d), y.dtype)
    plan = np.zeros(len(par) + 4)
    for i in range(len(par)):
        plan[i] = par[i]
    plan[len(par) + 1] = 1.0
    plan[len(par) + 3] = 1.0
    for i in range(d):
        given[0, 1, i] = 1.0
        taylor(y, given, plan, len(par), F)
        given[0, 1, i] = 0.0
        for e in range(d):
            out[e, i] = F[0, 1, e]

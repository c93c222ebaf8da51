"""What surrounds Taylor arithmetic in generated modules of array losses, in the subset of Python that Numba compiles.

``par`` is ``[h, length of the layout, end of the loss, layout …, data …, plan …]``, where the plan belongs to the flow.

The generated function ``taylor(y, given, par, at, F, work, known, rows)`` follows Q paths that start at y and fills F, shape
(Q, order, d), with the Taylor coefficients of f = −∇E along each, and ``rows``, shape (rows, order, d), with sums
Σ_q weights[row, j, q] F[q, j] of them. ``work`` holds all intermediate arrays, see `workspace_size`; with ``known`` = 1.0 it and
F hold those of degree 0 already, from an earlier call at the same y; else it is 0.0, a float, because Numba compiles a function anew for
each literal of type bool or int that it is called with.

A path is given by its coefficients, ``given`` of shape (Q, order, d), or, where ``given`` has no rows, by the field itself:
coefficient j + 1 of path q is Σ_r advance[j, q, r] F[r, j], which is how the smooth solution of a method goes on; see
`flows.stage_points`. Where known[k, q, r] is not 0, all coefficients of degree k of path q are Σ_r known[k, q, r] × those of
path r. From ``par[at]`` on the plan holds

    order · Q · whether paths are linked · advance, shape (order, Q, Q) · known, the same shape · weights, shape (rows, order, Q)

and the rest only if they are.

`series` and what `krylov` adds run in two ways: as they stand, in Python, around the compiled ``taylor`` of a loss, which does
nearly all the work; and copied into kernels that Numba code can call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .injected import Injected
from .layout import PAR, PATHS

Array = Any


def matching(par: Array, y: Array) -> Array:
    """Return ``par`` in the type of the state, because BLAS multiplies equal types only."""
    return par.astype(y.dtype)


def read_layout(par: Array) -> Array:
    """Return the sizes and offsets as unsigned integers."""
    count = int(par[PAR.numbers])
    o = np.empty(count, np.uint64)
    for i in range(count):
        o[i] = np.uint64(par[PAR.size + i])
    return o


def read_data(par: Array, y: Array) -> Array:
    """Return the fixed arrays, one after the other."""
    return matching(par, y)[PAR.size + int(par[PAR.numbers]) :]


def workspace_size(par: Array, at: int) -> int:
    """Return how many numbers ``work`` has: a row for each linked path and each degree; paths by themselves take turns."""
    paths = int(par[at + PATHS.paths]) if par[at + PATHS.linked] != 0.0 else 1
    return paths * int(par[at + PATHS.order]) * int(par[PAR.size])  # the layout begins with the size of a row


def share_leading(work: Array, slot: int, total: int, F: Array) -> None:
    """Give all paths the coefficients of degree 0 of the first: they start at one point."""
    for i in range(1, len(work) // slot):
        work[i * slot : i * slot + total] = work[:total]
    for q in range(1, len(F)):
        F[q, 0] = F[0, 0]


def negate(out: Array) -> None:
    """Change the sign: F is the field, not the gradient."""
    for e in range(len(out)):
        out[e] = -out[e]


def set_coefficient(out: Array, given: Array, par: Array, at: int, F: Array, q: int, degree: int) -> bool:
    """Write coefficient `degree` of path q; False if the path rests at y and has none."""
    if len(given) > 0:
        for e in range(len(out)):
            out[e] = given[q, degree, e]
        return True
    points, order = F.shape[:2]
    for e in range(len(out)):
        out[e] = 0.0
    for r in range(points):
        factor = par[at + PATHS.size + ((degree - 1) * points + q) * points + r]
        if factor != 0.0:
            for e in range(len(out)):
                out[e] += factor * F[r, degree - 1, e]
    for j in range(order):
        for r in range(points):
            if par[at + PATHS.size + (j * points + q) * points + r] != 0.0:
                return True
    return False


def is_known(work: Array, slot: int, total: int, par: Array, at: int, q: int, degree: int, order: int, points: int, given: int) -> bool:
    """Write the coefficients of all arrays where they follow from those of other paths; whether they do."""
    if given > 0:
        return False
    row = at + PATHS.size + ((order + degree) * points + q) * points
    found = False
    out = work[q * slot + degree * total : q * slot + (degree + 1) * total]
    for r in range(q):
        factor = par[row + r]
        if factor != 0.0:
            source = work[r * slot + degree * total : r * slot + (degree + 1) * total]
            for e in range(len(out)):
                out[e] = factor * source[e] + (out[e] if found else 0.0)
            found = True
    return found


def combine(par: Array, at: int, F: Array, rows: Array) -> None:
    """Write Σ_q weights[row, j, q] F[q, j], shape (rows, order, d)."""
    points, order, d = F.shape
    weights = at + PATHS.size + 2 * order * points * points
    for row in range(rows.shape[0]):
        for j in range(order):
            for e in range(d):
                rows[row, j, e] = 0.0
            for q in range(points):
                factor = par[weights + (row * order + j) * points + q]
                if factor != 0.0:
                    for e in range(d):
                        rows[row, j, e] += factor * F[q, j, e]


def series(taylor: Injected, y: Array, par: Array, at: int, count: int) -> Array:
    """Return the coefficients by powers of h that the plan asks for, shape (count, order, d)."""
    order = int(par[at + PATHS.order])
    F = np.zeros((int(par[at + PATHS.paths]), order, len(y)), y.dtype)
    rows = np.empty((count, order, len(y)), y.dtype)
    taylor(y, F[:0], par, at, F, np.empty(workspace_size(par, at), y.dtype), 0.0, rows)
    return rows


def modified_field(taylor: Injected, y: Array, par: Array, out: Array) -> None:
    """Add the modified field Σ_j h^j × coefficient j to `out`."""
    coefficients = series(taylor, y, par, int(par[PAR.end]), 1)[0]
    power = 1.0
    for j in range(len(coefficients)):
        out += power * coefficients[j]
        power *= par[PAR.step]


def field_jacobian(taylor: Injected, y: Array, par: Array, out: Array) -> None:
    """Write f′ = −∇²E; ``par`` ends with a plan for one path of degree 1."""
    d = len(y)
    at = int(par[PAR.end])
    given = np.zeros((d, 2, d), y.dtype)
    F = np.empty((d, 2, d), y.dtype)
    for i in range(d):
        given[i, 1, i] = 1.0
    taylor(y, given, par, at, F, np.empty(workspace_size(par, at), y.dtype), 0.0, F[:0])
    for i in range(d):
        for e in range(d):
            out[e, i] = F[i, 1, e]


# What compilers get in the place of a function: Numba picks the implementation by type.
COMPILED = {
    matching: """def matching(par, y):
    return par


@overload(matching)
def _(par, y):
    if isinstance(y.dtype, types.Complex):
        return lambda par, y: par.astype(np.complex128)
    return lambda par, y: par"""
}

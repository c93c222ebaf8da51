r"""Degree 3 of the principal flow on small systems, in the subset of Python that Numba compiles.

Everything is in the eigenbasis of h f′: f_j, T_ijk = f″ and Q_ijkl = f‴, and the correction is

.. math::  \frac{h^3}{6}\sum Q_{ijkl}f_jf_kf_l\,c_\star(\zeta_i;\zeta_j,\zeta_k,\zeta_l)
           + \frac{h^4}{2}\sum T_{iml}T_{mjk}f_jf_kf_l\,c_\circ(\zeta_i;\zeta_m;\zeta_j,\zeta_k;\zeta_l),

see `third_degree`. What depends on fewer indices is computed once: drives for (j, k), answers for (m; j, k).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from .grid_numbers import log_mean_number
from .third_degree import Shape, begin, fill_answers, fill_differences, is_near, multiply, nested_number, star_number

Array = Any
Field: TypeAlias = tuple[Array, Array]
"""The modes of the eigenvalues, shape (d, width), and f in the eigenbasis, shape (d,)."""
Space: TypeAlias = tuple[Array, Array, Array]
"""Drives, weights and work for numbers of `grid_numbers`, see `add_third_degree`."""


def first_role(mode: Array) -> int:
    """Return the first role of a leaf in the sum over its roles, see `multiply`: 2 only if it is near, else 0 and 1."""
    return 2 if is_near(mode) else 0


def last_role(mode: Array) -> int:
    """Return the last role of a leaf."""
    return 2 if is_near(mode) else 1


def role_factor(mode: Array, role: int) -> complex:
    """Return what a term of the divided difference in the direction of a leaf is multiplied by."""
    return 1.0 / mode[0] if role == 1 else -1.0 / mode[0] if role == 0 else complex(1.0, 0.0)


def copy_drive(source: Array, target: Array, count: int) -> None:
    """Copy the first coefficients of all rows."""
    for row in range(len(source)):
        for S in range(count):
            target[row, S] = source[row, S]


def add_star(field: Field, Q: Array, j: int, k: int, along: complex, space: Space, before: int, shape: Shape, out: Array) -> None:
    """Add along · Σ_{il} Q_ijkl f_l c⋆ over l ≤ k in all orders of j, k, l; drives[0] has the leaves j and k."""
    rows, parts = field
    drives, weights, work = space
    _, size, powers, _ = shape
    for l in range(k + 1):
        if parts[l] == 0.0:  # nothing moves along this direction, whatever c is
            continue
        orders = 1.0 if j == l else 3.0 if j == k or k == l else 6.0
        for role in range(first_role(rows[l]), last_role(rows[l]) + 1):
            copy_drive(drives[0], drives[1], before)
            count = multiply(drives[1], weights, before, rows[l], role, size, powers)
            factor = along * orders * parts[l] * role_factor(rows[l], role)
            for i in range(len(parts)):
                if Q[i, j, k, l] != 0.0:
                    out[i] += factor * Q[i, j, k, l] * star_number(rows[i], drives[1], weights, count, size, powers, work)


def add_nested(field: Field, T: Array, m: int, along: complex, space: Space, before: int, shape: Shape, out: Array) -> None:
    """Add along · Σ_{il} T_iml f_l c∘; drives[0] has the leaves j and k."""
    rows, parts = field
    drives, weights, work = space
    _, size, powers, _ = shape
    made = drives[6:10]
    fill_answers(rows[m], drives[0], weights, before, shape, drives[2:6], work)
    for l in range(len(parts)):
        if parts[l] == 0.0:
            continue
        for role in range(first_role(rows[l]), last_role(rows[l]) + 1):
            count = before
            for n in range(4):
                copy_drive(drives[2 + n], made[n], before)
                count = multiply(made[n], weights, before, rows[l], role, size, powers)
            fill_differences(made, weights, count, shape)
            log_mean_number(made[1], made[2], weights, count, work[10], work)
            factor = along * parts[l] * role_factor(rows[l], role)
            for i in range(len(parts)):
                if T[i, m, l] != 0.0:
                    out[i] += factor * T[i, m, l] * nested_number(rows[i], made, work[10], weights, count, shape, work)


def add_third_degree(
    rows: Array, parts: Array, T: Array, Q: Array, star_factor: float, nested_factor: float, shape: Shape, out: Array
) -> None:
    """Add the correction of degree 3, without those of degrees 1 and 2, to `out`, all in the eigenbasis.

    Parameters
    ----------
    rows
        Modes of the eigenvalues with their middle part, shape (d, width).
    parts, T, Q
        f, f″ and f‴ in the eigenbasis, of shapes (d,), (d, d, d) and (d, d, d, d), symmetric in all indices but the first.
    star_factor, nested_factor
        h³/6 and h⁴/2.
    shape
        See `third_modes.ThirdModes`.
    """
    _, size, powers, _ = shape
    field = (rows, parts)
    d = len(parts)
    weights = np.empty(8, np.complex128)
    work = np.empty((11, 8), np.complex128)
    drives = np.empty((10, 2 + powers + size, 8), np.complex128)  # leaves j, k; with l; four answers of m to j, k; with l
    space = (drives, weights, work)
    for j in range(d):
        for k in range(j + 1):
            both = parts[j] * parts[k]
            if both == 0.0:
                continue
            for role_j in range(first_role(rows[j]), last_role(rows[j]) + 1):
                for role_k in range(first_role(rows[k]), last_role(rows[k]) + 1):
                    factor = both * role_factor(rows[j], role_j) * role_factor(rows[k], role_k)
                    before = multiply(drives[0], weights, begin(drives[0], weights), rows[j], role_j, size, powers)
                    before = multiply(drives[0], weights, before, rows[k], role_k, size, powers)
                    add_star(field, Q, j, k, star_factor * factor, space, before, shape, out)
                    factor *= nested_factor if j == k else 2.0 * nested_factor
                    for m in range(d):
                        if T[m, j, k] != 0.0:
                            add_nested(field, T, m, factor * T[m, j, k], space, before, shape, out)

r"""Degree 3 of the principal flow on small systems, in the subset of Python that Numba compiles.

Everything is in the eigenbasis of h f′: f_j, T_ijk = f″ and Q_ijkl = f‴, and the correction is

.. math::  \frac{h^3}{6}\sum Q_{ijkl}f_jf_kf_l\,c_\star(\zeta_i;\zeta_j,\zeta_k,\zeta_l)
           + \frac{h^4}{2}\sum T_{iml}T_{mjk}f_jf_kf_l\,c_\circ(\zeta_i;\zeta_m;\zeta_j,\zeta_k;\zeta_l),

see `series.third_degree`. What depends on fewer indices is computed once: drives for (j, k), answers for (m; j, k).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..series.grid_numbers import log_mean_number
from ..series.third_degree import begin, fill_answers, fill_differences, is_near, multiply, nested_number, star_number

Array = Any


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


def add_third_degree(
    rows: Array, parts: Array, T: Array, Q: Array, star_factor: float, nested_factor: float, stages: int, size: int, degree: int, memory: int,
    out: Array
) -> None:  # fmt: skip
    """Add the correction of degree 3, without those of degrees 1 and 2, to `out`, all in the eigenbasis.

    Parameters
    ----------
    rows
        Modes of the eigenvalues with their middle part, shape (d, width).
    parts, T, Q
        f, f″ and f‴ in the eigenbasis, of shapes (d,), (d, d, d) and (d, d, d, d), symmetric in all indices but the first.
    star_factor, nested_factor
        h³/6 and h⁴/2.
    stages, size, degree, memory
        See `series.third_modes.ThirdModes`.
    """
    d = len(parts)
    weights = np.empty(8, np.complex128)
    work = np.empty((11, 8), np.complex128)
    drives = np.empty((10, 2 + degree + size, 8), np.complex128)
    pair = drives[0]  # the leaves j and k
    drive = drives[1]  # … and l
    answers = drives[2]
    free = drives[3]
    root = drives[4]
    differ = drives[5]  # without l; with it they are the last four
    for j in range(d):
        for k in range(j + 1):
            both = parts[j] * parts[k]
            if both == 0.0:  # nothing moves along this direction, whatever c is
                continue
            for role_j in range(first_role(rows[j]), last_role(rows[j]) + 1):
                for role_k in range(first_role(rows[k]), last_role(rows[k]) + 1):
                    factor = both * role_factor(rows[j], role_j) * role_factor(rows[k], role_k)
                    before = multiply(pair, weights, begin(pair, weights), rows[j], role_j, size, degree)
                    before = multiply(pair, weights, before, rows[k], role_k, size, degree)
                    for l in range(k + 1):
                        orders = 1.0 if j == l else 3.0 if j == k or k == l else 6.0
                        if parts[l] == 0.0:
                            continue
                        for role_l in range(first_role(rows[l]), last_role(rows[l]) + 1):
                            copy_drive(pair, drive, before)
                            count = multiply(drive, weights, before, rows[l], role_l, size, degree)
                            along = star_factor * orders * factor * parts[l] * role_factor(rows[l], role_l)
                            for i in range(d):
                                if Q[i, j, k, l] != 0.0:
                                    out[i] += along * Q[i, j, k, l] * star_number(rows[i], drive, weights, count, size, degree, work)
                    for m in range(d):
                        if T[m, j, k] == 0.0:
                            continue
                        fill_answers(rows[m], pair, weights, before, stages, size, degree, memory, answers, free, root, differ, work)
                        for l in range(d):
                            if parts[l] == 0.0:
                                continue
                            for role_l in range(first_role(rows[l]), last_role(rows[l]) + 1):
                                for n in range(4):
                                    copy_drive(drives[2 + n], drives[6 + n], before)
                                    count = multiply(drives[6 + n], weights, before, rows[l], role_l, size, degree)
                                fill_differences(drives[7], drives[8], weights, count, stages, size, degree, drives[9])
                                log_mean_number(
                                    drives[7, 0], drives[7, 1], drives[8, 0], drives[8, 1], weights, count, work[10], work
                                )  # fmt: skip
                                along = nested_factor * factor * T[m, j, k] * parts[l] * role_factor(rows[l], role_l)
                                along *= 1.0 if j == k else 2.0
                                for i in range(d):
                                    if T[i, m, l] != 0.0:
                                        out[i] += along * T[i, m, l] * nested_number(
                                            rows[i], drives[6], drives[7], drives[8], drives[9], work[10], weights, count, size, degree, work
                                        )  # fmt: skip


HELPERS = [first_role, last_role, role_factor, copy_drive, add_third_degree]  # for code generation to copy after those of the series

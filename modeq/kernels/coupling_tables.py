"""The coefficients of degree 2 for all combinations of eigenvalues at once, in NumPy: what `separable.coefficient_table` does.

A mode, a row of numbers in `second_degree`, is a row of arrays here. The formulas are those of that module; where it decides
by a condition, each case takes the combinations that meet it. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .branches import log1p_ratios
from .gauss import gauss_node, gauss_weight

Array = Any
_AT_ONCE = 2**15  # combinations whose numbers stay in the cache


def coefficient_table(write_mode: Callable[..., None], coefficient: Callable[..., Any], outer: Array, inner: Array, width: int) -> Array:
    """Return c(outer_o; inner_j, inner_k), shape (len(outer), n, n)."""
    n = len(inner)
    rows, fields = np.empty((n, width), complex), np.empty((len(outer), width), complex)
    for row, z in (*zip(rows, inner, strict=True), *zip(fields, outer, strict=True)):
        write_mode(row, z)
    j, k = np.tril_indices(n)
    first, second = rows[j].T, rows[k].T
    table = np.empty((len(outer), n, n), complex)
    count = max(1, _AT_ONCE // max(1, len(j)))
    for start in range(0, len(outer), count):
        some = slice(start, start + count)
        values = coefficient(fields[some].T[:, :, np.newaxis], first, second)
        table[some, j, k] = values
        table[some, k, j] = values
    return table


def log_mean_differences(i: Array, j: Array, k: Array) -> tuple[Array, Array, Array, Array]:
    """Do what `second_degree.log_mean_differences` does for modes whose numbers are arrays, which broadcast."""
    modes = np.broadcast_arrays(i[1], i[2], *j[:5], *k[:5])
    shape = modes[0].shape
    R, log_R, *rest = (np.ravel(entry) for entry in modes)
    first, second = np.array(rest[:5]), np.array(rest[5:])
    near_j, near_k = np.abs(first[2]) < 0.15, np.abs(second[2]) < 0.15
    small = near_j & near_k & (np.abs(log_R) < 0.8) & (R.real > 0.0)
    spread = np.abs(log_R) + np.abs(first[2]) + np.abs(second[2])
    cases = [
        *((small & (low <= spread) & (spread < high), _by_nodes(nodes)) for low, high, nodes in _ACCURATE),
        (near_j & near_k & ~small, _by_quotients),
        (near_k & ~near_j, _one_near),
        (near_j & ~near_k, lambda R, log_R, j, k: tuple(_one_near(R, log_R, k, j)[place] for place in (0, 2, 1, 3))),
        (~near_j & ~near_k, _far),
    ]
    result = np.empty((4, len(R)), complex)
    for condition, differences in cases:
        if condition.any():
            result[:, condition] = differences(R[condition], log_R[condition], first[:, condition], second[:, condition])
    value, by_j, by_k, by_both = result.reshape(4, *shape)
    return value, by_j, by_k, by_both


_ACCURATE = ((0.0, 0.2, range(7)), (0.2, 0.5, range(7, 17)), (0.5, np.inf, range(17, 33)))  # n points err by about (spread/4)^(2n)


def _log_mean(mu: Array, log_mu: Array, R: Array, log_R: Array) -> Array:
    w = (mu - R) / R
    near = (np.abs(w) < 0.5) & (np.abs((log_mu - log_R).imag) < 3.0)
    return np.where(near, log1p_ratios(w) / R, (log_mu - log_R) / (mu - R))


def _log_mean_pair(mu: Array, log_mu: Array, R: Array, log_R: Array, mode: Array) -> tuple[Array, Array]:
    _, factor, _, increment, log_ratio = mode
    value = _log_mean(mu, log_mu, R, log_R)
    far = (np.abs(log_mu - log_R) >= 0.8) | ((mu * R.conj()).real <= 0.0)
    total = np.zeros(len(R), complex)
    for n in range(17, 33):
        s = gauss_node(n)
        p = (1.0 - s) * R
        total += gauss_weight(n) * s / ((p + s * mu) * (p + s * mu * factor))
    return value, np.where(far, (log_ratio - value * mu * increment) / (mu * factor - R), -mu * increment * total)


def _by_nodes(nodes: range) -> Callable[..., Array]:
    def differences(R: Array, log_R: Array, j: Array, k: Array) -> Array:
        product = j[1] * k[1]
        by_j, by_k, by_both = np.zeros((3, len(R)), complex)
        for n in nodes:
            s = gauss_node(n)
            p = (1.0 - s) * R
            at_j, at_k, at_both = p + s * j[1], p + s * k[1], p + s * product
            inverse = gauss_weight(n) * s / ((p + s) * at_j * at_k * at_both)
            by_j += at_k * at_both * inverse
            by_k += at_j * at_both * inverse
            by_both += (p * p - s * s * product) * inverse
        return _log_mean(np.ones(len(R)), 0.0, R, log_R), -j[3] * by_j, -k[3] * by_k, -j[3] * k[3] * by_both

    return differences


def _by_quotients(R: Array, log_R: Array, j: Array, k: Array) -> Array:
    value = _log_mean(np.ones(len(R)), 0.0, R, log_R)
    by_j = (j[4] - value * j[3]) / (j[1] - R)
    by_k = (k[4] - value * k[3]) / (k[1] - R)
    by_both = -(by_k * j[3] * k[1] + by_j * k[3] * j[1] + value * j[3] * k[3]) / (j[1] * k[1] - R)
    return value, by_j, by_k, by_both


def _one_near(R: Array, log_R: Array, j: Array, k: Array) -> Array:
    """Return the differences where only k is near."""
    value, by_k = _log_mean_pair(np.ones(len(R)), np.zeros(len(R)), R, log_R, k)
    other, other_by_k = _log_mean_pair(j[1], j[2], R, log_R, k)
    return value, (other - value) / j[0], by_k, (other_by_k - by_k) / j[0]


def _far(R: Array, log_R: Array, j: Array, k: Array) -> Array:
    value = _log_mean(np.ones(len(R)), 0.0, R, log_R)
    at_j, at_k = _log_mean(j[1], j[2], R, log_R), _log_mean(k[1], k[2], R, log_R)
    at_both = _log_mean(j[1] * k[1], j[2] + k[2], R, log_R)
    return value, (at_j - value) / j[0], (at_k - value) / k[0], (at_both - at_j - at_k + value) / (j[0] * k[0])

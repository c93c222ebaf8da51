"""Fields of array losses from Taylor arithmetic, in the subset of Python that Numba compiles.

The generated functions ``leading``, ``extend`` and ``collect`` of `array_program` are globals of a module and arguments here.
``par`` is ``[h, length of the layout, end of the loss, layout …, data …, what the flow adds …]``. Fields are f = −∇E.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def read_layout(par: Array) -> Array:
    """Return the sizes and offsets as unsigned integers."""
    count = int(par[1])
    o = np.empty(count, np.uint64)
    for i in range(count):
        o[i] = np.uint64(par[3 + i])
    return o


def objective(value_and_gradient: Any, y: Array, data: Array, o: Array, out: Array) -> complex:
    """Return E, write ∇E."""
    w = np.empty(int(o[0]), y.dtype)
    value: complex = value_and_gradient(y, data, o, w, out)
    return value


def gradient_along(leading: Any, extend: Any, collect: Any, path: Array, data: Array, o: Array, out: Array) -> None:
    """Taylor coefficients of ∇E along a path: ``path[j]`` and ``out[j]`` are those of degree j, shape (degrees, d)."""
    degrees, d = path.shape
    total = int(o[0])
    w = np.empty(degrees * total, path.dtype)
    leading(path[0], data, o, w)
    collect(np.uint64(0), data, o, w, out[0])
    for k in range(1, degrees):
        w[k * total : k * total + d] = path[k]
        extend(np.uint64(k), data, o, w)
        collect(np.uint64(k), data, o, w, out[k])


def hessian_products(leading: Any, extend: Any, collect: Any, y: Array, directions: Array, data: Array, o: Array, out: Array) -> None:
    """Write ∇²E times each row of `directions` into the rows of `out`; one evaluation at y serves all."""
    total = int(o[0])
    w = np.empty(2 * total, y.dtype)
    leading(y, data, o, w)
    for i in range(len(directions)):
        w[total : total + len(y)] = directions[i]
        extend(np.uint64(1), data, o, w)
        collect(np.uint64(1), data, o, w, out[i])


def modified_coefficients(leading: Any, extend: Any, collect: Any, y: Array, data: Array, o: Array, par: Array, at: int, out: Array) -> None:
    """Coefficients by powers of h of what is linear in the field along the smooth solution, shape (rows, order, d).

    The smooth solution is followed at Q points, each a stage at a number of steps t; see `flows.stage_points`. From
    ``par[at]`` on: order, Q, number of blocks, rows; the bounds of the blocks; ``advance[j, q, r]``, which gives the
    coefficient of degree j + 1 of θ at point q from those of degree j of the field at the points r; ``weights[row, j, q]``.
    The points of a block depend on one another, and on earlier blocks; so only one block is in memory at a time.
    """
    order = int(par[at])
    points = int(par[at + 1])
    blocks = int(par[at + 2])
    bounds = at + 4
    advance = bounds + blocks + 1
    weights = advance + order * points * points
    d = len(y)
    total = int(o[0])
    largest = 0
    for block in range(blocks):
        largest = max(largest, int(par[bounds + block + 1]) - int(par[bounds + block]))
    F = np.zeros((points, order, d), y.dtype)
    slot = order * total
    w = np.empty(largest * slot, y.dtype)
    leading(y, data, o, w)
    for i in range(1, largest):
        w[i * slot : i * slot + total] = w[:total]
    collect(np.uint64(0), data, o, w, F[0, 0])
    for e in range(d):
        F[0, 0, e] = -F[0, 0, e]
    for q in range(1, points):
        F[q, 0] = F[0, 0]
    for block in range(blocks):
        first = int(par[bounds + block])
        last = int(par[bounds + block + 1])
        for k in range(1, order):
            for q in range(first, last):
                start = (q - first) * slot + k * total
                position = w[start : start + d]
                for e in range(d):
                    position[e] = 0.0
                for r in range(last):
                    factor = par[advance + ((k - 1) * points + q) * points + r]
                    if factor != 0.0:
                        for e in range(d):
                            position[e] += factor * F[r, k - 1, e]
            for q in range(first, last):
                resting = True  # a stage that stays at θ for all t, as the first of gradient descent, has no coefficients
                for i in range(order * points):
                    resting = resting and par[advance + (i // points * points + q) * points + i % points] == 0.0
                if not resting:
                    own = w[(q - first) * slot : (q - first + 1) * slot]
                    extend(np.uint64(k), data, o, own)
                    collect(np.uint64(k), data, o, own, F[q, k])
                    for e in range(d):
                        F[q, k, e] = -F[q, k, e]
    for row in range(out.shape[0]):
        for j in range(order):
            for e in range(d):
                out[row, j, e] = 0.0
            for q in range(points):
                factor = par[weights + (row * order + j) * points + q]
                if factor != 0.0:
                    for e in range(d):
                        out[row, j, e] += factor * F[q, j, e]


def modified_field(leading: Any, extend: Any, collect: Any, y: Array, data: Array, o: Array, par: Array, out: Array) -> None:
    """Σ_j h^j × coefficient j."""
    at = int(par[2])
    order = int(par[at])
    coefficients = np.empty((1, order, len(y)), y.dtype)
    modified_coefficients(leading, extend, collect, y, data, o, par, at, coefficients)
    h = par[0]
    for e in range(len(y)):
        out[e] = coefficients[0, order - 1, e]
    for j in range(order - 2, -1, -1):
        for e in range(len(y)):
            out[e] = coefficients[0, j, e] + h * out[e]

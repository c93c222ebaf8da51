r"""First and second moments on fields whose parts are linear, exactly: of gradient descent on random batches and of stochastic equations.

With :math:`f_k(x) = a_k + J_kx` the vector of 1, the mean and E xxᵀ obeys a linear recursion along the iterates,

.. math:: E\,xx^T \mapsto \tfrac1m\sum_k E\,(x+hf_k)(x+hf_k)^T,

and a linear differential equation, :math:`\dot M = E(b x^T + x b^T + BB^T)`, along the stochastic equation.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..flows.stochastic import StochasticFlow
from ..losses.field import Field

Array: TypeAlias = NDArray[Any]
_PROBES = 4
_ROUNDING = 1e-9


def is_linear(field: Field) -> bool:
    """Whether all parts of a field are linear up to rounding at a few random points."""
    d = field.dimension
    random = np.random.default_rng(0)
    zero = np.zeros(d)
    for x, y in random.normal(size=(_PROBES, 2, d)):
        for number in range(field.fields):
            values = [field.part(number, point) for point in (x + y, zero, x, y)]
            if np.abs(values[0] + values[1] - values[2] - values[3]).max() > _ROUNDING * (1 + np.abs(values).max()):
                return False
    return True


def affine_parts(field: Field) -> Array:
    """Return the matrices [[0, 0], [a_k, J_k]] on (1, x), shape (m, d + 1, d + 1)."""
    d = field.dimension
    zero = np.zeros(d)
    result = np.zeros((field.fields, d + 1, d + 1))
    for number in range(field.fields):
        result[number, 1:, 0] = field.part(number, zero)
        result[number, 1:, 1:] = field.part_jacobian(number, zero)
    return result


def moments_of_iterates(field: Field, theta0: Array, h: float, steps: int) -> Array:
    """Return E zzᵀ with z = (1, x) after `steps` steps of gradient descent on random batches, shape (d + 1, d + 1)."""
    maps = np.eye(field.dimension + 1) + h * affine_parts(field)
    moments = np.outer(np.append(1.0, theta0), np.append(1.0, theta0))
    for _ in range(steps):
        moments = np.mean(maps @ moments @ np.swapaxes(maps, 1, 2), axis=0)
    return moments


def moments_of_equation(flow: StochasticFlow, theta0: Array, h: float, time: float) -> Array:
    """Return E zzᵀ with z = (1, x) at a time under a stochastic equation with linear drift and columns, shape (d + 1, d + 1)."""
    from scipy.linalg import expm  # deferred: slow to import

    size = flow.field.dimension + 1
    points = np.vstack([np.zeros(size - 1), np.eye(size - 1)])
    drifts, columns = flow.coefficients(points, h)
    drift = np.zeros((size, size))  # of z: b = drift @ z
    drift[1:, 0] = drifts[0]
    drift[1:, 1:] = (drifts[1:] - drifts[0]).T
    noise = np.zeros((columns.shape[1], size, size))
    noise[:, 1:, 0] = columns[0]
    noise[:, 1:, 1:] = np.moveaxis(columns[1:] - columns[0], 0, 2)
    one = np.eye(size)
    generator = np.kron(drift, one) + np.kron(one, drift) + sum(np.kron(column, column) for column in noise)
    start = np.outer(np.append(1.0, theta0), np.append(1.0, theta0))
    return np.asarray(expm(time * generator) @ start.ravel()).reshape(size, size)

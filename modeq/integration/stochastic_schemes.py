"""One step of a stochastic differential equation dX = b dt + Σ_j B_j dW_j in Itô's sense, for many paths at once.

Shapes: points (d, n), b (d, n), columns B (k, d, n), increments of the Wiener processes (k, n).

Reference: P. E. Kloeden, E. Platen, *Numerical Solution of Stochastic Differential Equations* (1992), sections 10.2 and 15.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Coefficients: TypeAlias = Callable[[Array], tuple[Array, Array]]


def euler_maruyama(coefficients: Coefficients, y: Array, dt: float, dw: Array, random: Callable[[tuple[int, ...]], Array]) -> Array:
    """Step by Euler and Maruyama, weak order 1; Kloeden, Platen (10.2.4)."""
    b, B = coefficients(y)
    return y + dt * b + _along(B, dw)


def platen(coefficients: Coefficients, y: Array, dt: float, dw: Array, random: Callable[[tuple[int, ...]], Array]) -> Array:
    """Step by Platen's explicit scheme without derivatives, weak order 2; Kloeden, Platen (15.1.3).

    Parameters
    ----------
    random
        Gives signs ±1 with equal chances, of a shape; the V of the reference are dt times them.
    """
    b, B = coefficients(y)
    k, _, n = B.shape
    step = np.sqrt(dt)
    moved = y + dt * b
    result = y + dt / 2 * (b + coefficients(moved + _along(B, dw))[0])
    upper = np.triu(np.ones((k, k)), 1)[..., np.newaxis] * random((k, k, n)) if k > 1 else np.zeros((k, k, n))
    V = dt * (upper - np.swapaxes(upper, 0, 1))  # V_{r,j} = −V_{j,r}
    for r in range(k):
        plus, minus = (coefficients(moved + sign * step * B[r])[1][r] for sign in (1, -1))
        result += ((plus + minus + 2 * B[r]) * dw[r] + (plus - minus) * (dw[r] ** 2 - dt) / step) / 4
        if k > 1:
            plus, minus = (coefficients(y + sign * step * B[r])[1] for sign in (1, -1))
            products = (dw * dw[r] + V[r])[:, np.newaxis] / step
            terms = (plus + minus - 2 * B) * dw[:, np.newaxis] + (plus - minus) * products
            result += (terms.sum(axis=0) - terms[r]) / 4
    return result


def _along(B: Array, dw: Array) -> Array:
    """Return Σ_j B_j dW_j."""
    total: Array = B[0] * dw[0]
    for column, increment in zip(B[1:], dw[1:], strict=True):
        total += column * increment
    return total


SCHEMES = {"euler": euler_maruyama, "platen": platen}

"""sin(x)/x, (eˣ − 1)/x, log(1 + x)/x and their derivatives of order n, at 0 as elsewhere, in the subset of Python that Numba compiles.

Near 0 they are the integrals ∫₀¹ tⁿ φ⁽ⁿ⁺¹⁾(xt) dt by Gauss' formula with 16 points, elsewhere x y⁽ⁿ⁾ + n y⁽ⁿ⁻¹⁾ = φ⁽ⁿ⁾ is solved
upwards: as `graph.quotients` does on whole arrays.
"""

from __future__ import annotations

import cmath
import math

from .gauss import gauss_node, gauss_weight


def sinc_real(x: float, n: int) -> float:
    """Return the n-th derivative of sin(x)/x."""
    if abs(x) <= 12.0:
        total = 0.0
        for i in range(17, 33):
            t = gauss_node(i)
            total += gauss_weight(i) * t**n * math.cos(x * t + 0.5 * math.pi * n)
        return total
    derivative, following = math.sin(x), math.cos(x)
    value = derivative / x
    for k in range(1, n + 1):
        derivative, following = following, -derivative
        value = (derivative - k * value) / x
    return value


def sinc_complex(z: complex, n: int) -> complex:
    """Return the n-th derivative of sin(z)/z."""
    if abs(z) <= 12.0:
        total = 0j
        for i in range(17, 33):
            t = gauss_node(i)
            total += gauss_weight(i) * t**n * cmath.cos(z * t + 0.5 * math.pi * n)
        return total
    derivative, following = cmath.sin(z), cmath.cos(z)
    value = derivative / z
    for k in range(1, n + 1):
        derivative, following = following, -derivative
        value = (derivative - k * value) / z
    return value


def exprel_real(x: float, n: int) -> float:
    """Return the n-th derivative of (eˣ − 1)/x."""
    if abs(x) <= 12.0:
        total = 0.0
        for i in range(17, 33):
            t = gauss_node(i)
            total += gauss_weight(i) * t**n * math.exp(x * t)
        return total
    if x > 709.7:
        return math.inf
    power = math.exp(x)
    value = (power - 1.0) / x
    for k in range(1, n + 1):
        value = (power - k * value) / x
    return value


def exprel_complex(z: complex, n: int) -> complex:
    """Return the n-th derivative of (e^z − 1)/z."""
    if abs(z) <= 12.0:
        total = 0j
        for i in range(17, 33):
            t = gauss_node(i)
            total += gauss_weight(i) * t**n * cmath.exp(z * t)
        return total
    power = cmath.exp(z)
    value = (power - 1.0) / z
    for k in range(1, n + 1):
        value = (power - k * value) / z
    return value


def log1prel_real(x: float, n: int) -> float:
    """Return the n-th derivative of log(1 + x)/x."""
    factor = 1.0
    if -0.5 <= x <= 1.0:
        total = 0.0
        for i in range(17, 33):
            t = gauss_node(i)
            total += gauss_weight(i) * (t / (1.0 + x * t)) ** n / (1.0 + x * t)
        for k in range(1, n + 1):
            factor *= -k
        return factor * total
    if x <= -1.0:
        return math.nan if x < -1.0 else math.inf
    value = math.log1p(x) / x
    for k in range(1, n + 1):
        factor = factor / (1.0 + x) if k == 1 else factor * (1 - k) / (1.0 + x)
        value = (factor - k * value) / x
    return value


def log1prel_complex(z: complex, n: int) -> complex:
    """Return the n-th derivative of log(1 + z)/z."""
    factor = 1.0 + 0j
    if abs(z) <= 1.0 and z.real >= -0.5:
        total = 0j
        for i in range(17, 33):
            t = gauss_node(i)
            total += gauss_weight(i) * (t / (1.0 + z * t)) ** n / (1.0 + z * t)
        for k in range(1, n + 1):
            factor *= -k
        return factor * total
    value = cmath.log(1.0 + z) / z
    for k in range(1, n + 1):
        factor = factor / (1.0 + z) if k == 1 else factor * (1 - k) / (1.0 + z)
        value = (factor - k * value) / z
    return value

"""sin(x)/x, (eˣ − 1)/x, log(1 + x)/x and their derivatives of order n, at 0 as elsewhere, in the subset of Python that Numba compiles.

Near 0 they are the integrals ∫₀¹ tⁿ φ⁽ⁿ⁺¹⁾(xt) dt by Gauss' formula with 16 points, elsewhere x y⁽ⁿ⁾ + n y⁽ⁿ⁻¹⁾ = φ⁽ⁿ⁾ is solved
upwards: as `graph.quotients` does on whole arrays. For tanh(x)/x, arctan(x)/x and arsinh(x)/x the derivatives of φ come from its
Taylor series at the point, whose recursion its differential equation gives.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

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


def slope_of_tanh(x: Any) -> Any:
    """Return 1/cosh² x with all digits, and without overflow."""
    e = np.exp(-2.0 * np.sign(x.real) * x)
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


def continue_tanh(c: Any, x: Any) -> None:
    """Write the Taylor coefficients of tanh at x from the first two on: y″ = −2 y y′."""
    for k in range(1, len(c) - 1):
        total = 0 * c[0]
        for i in range(k):
            total = total + c[i] * c[k - i] * (k - i)
        c[k + 1] = -2 * total / (k * (k + 1))


def continue_atan(c: Any, x: Any) -> None:
    """Write the Taylor coefficients of arctan at x from the first on: those of w = y′ from (1 + x²) w = 1."""
    last = 0 * c[0]
    w = 0 * c[0]
    for k in range(len(c) - 1):
        w, last = ((1 if k == 0 else 0) - 2 * x * w - last) / (1 + x * x), w
        c[k + 1] = w / (k + 1)


def continue_asinh(c: Any, x: Any) -> None:
    """Write the Taylor coefficients of arsinh at x from the first two on: those of w = y′ from (1 + x²) w′ = −x w."""
    last = 0 * c[0]
    w = c[1] + 0 * c[0]
    for k in range(1, len(c) - 1):
        w, last = -((2 * k - 1) * x * w + (k - 1) * last) / (k * (1 + x * x)), w
        c[k + 1] = w / (k + 1)


def divided(c: Any, x: Any, n: int) -> Any:
    """Return the n-th derivative of φ(x)/x from the Taylor coefficients of φ at x ≠ 0."""
    value = c[0] / x
    for k in range(1, n + 1):
        value = (c[k] - value) / x
    for k in range(2, n + 1):
        value = k * value
    return value


def tanhrel(x: Any, n: int) -> Any:
    """Return the n-th derivative of tanh(x)/x, for a real or complex number."""
    c = np.zeros(n + 2) + 0.0 * x
    if abs(x) > 1.0:
        c[0] = np.tanh(x)
        c[1] = slope_of_tanh(x)
        continue_tanh(c, x)
        return divided(c, x, n)
    total = 0.0 * x
    for i in range(17, 33):
        t = gauss_node(i)
        c[0] = np.tanh(x * t)
        c[1] = slope_of_tanh(x * t)
        continue_tanh(c, x * t)
        total += gauss_weight(i) * t**n * c[n + 1]
    for k in range(2, n + 2):
        total = k * total
    return total


def atanrel(x: Any, n: int) -> Any:
    """Return the n-th derivative of arctan(x)/x, for a real or complex number."""
    c = np.zeros(n + 2) + 0.0 * x
    if abs(x) > 0.7:
        c[0] = np.arctan(x)
        continue_atan(c, x)
        return divided(c, x, n)
    total = 0.0 * x
    for i in range(17, 33):
        t = gauss_node(i)
        c[0] = np.arctan(x * t)
        continue_atan(c, x * t)
        total += gauss_weight(i) * t**n * c[n + 1]
    for k in range(2, n + 2):
        total = k * total
    return total


def asinhrel(x: Any, n: int) -> Any:
    """Return the n-th derivative of arsinh(x)/x, for a real or complex number."""
    c = np.zeros(n + 2) + 0.0 * x
    if abs(x) > 0.7:
        c[0] = np.arcsinh(x)
        c[1] = 1.0 / np.sqrt(1.0 + x * x)
        continue_asinh(c, x)
        return divided(c, x, n)
    total = 0.0 * x
    for i in range(17, 33):
        t = gauss_node(i)
        c[0] = np.arcsinh(x * t)
        c[1] = 1.0 / np.sqrt(1.0 + x * x * t * t)
        continue_asinh(c, x * t)
        total += gauss_weight(i) * t**n * c[n + 1]
    for k in range(2, n + 2):
        total = k * total
    return total

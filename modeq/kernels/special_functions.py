"""Functions that generated code defines itself, in the subset of Python that Numba compiles.

Some Numba lacks (erf of complex numbers, sigmoid, softplus), others it compiles to calls that LLVM cannot turn into vector
code (exp, tanh: twenty times slower on arrays). The code generator copies what a module needs; one name serves real and
complex arguments, and Numba picks the implementation by type.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from typing import Any

from .branches import log1p_near
from .quotients import (
    asinhrel,
    atanrel,
    exprel_complex,
    exprel_real,
    log1prel_complex,
    log1prel_real,
    sinc_complex,
    sinc_real,
    tanhrel,
)


def erf_real(x: float) -> float:
    """Return the error function."""
    return math.erf(x)


def erf_complex(z: complex) -> complex:
    """Return the error function at a complex point, to about 1e-12.

    Power series near 0 and near the imaginary axis; elsewhere 1 − erfc by Laplace's continued fraction.

    References
    ----------
    NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/7.6.E1 and https://dlmf.nist.gov/7.9.E1.
    """
    if z.real < 0.0:
        sign = -1.0
        w = -z
    else:
        sign = 1.0
        w = z
    square = w * w
    steepest = 1.7 if abs(w) < 4.0 else 6.0  # where the continued fraction converges well
    if abs(w) < 2.5 or abs(w.imag) > steepest * w.real:
        term = w
        total = w
        for n in range(1, 2500):  # about 2|z|² terms; beyond |z| = 27 the value overflows
            term = -term * square / n
            total += term / (2 * n + 1)
            if abs(term) < 1e-17 * abs(total):
                break
        return sign * 2.0 / math.sqrt(math.pi) * total
    fraction = w
    for n in range(120, 0, -1):
        fraction = w + 0.5 * n / fraction
    return sign * (1.0 - cmath.exp(-square) / (math.sqrt(math.pi) * fraction))


def power_of_two(shifted: float) -> float:
    """Return 2ⁿ from n + 1.5·2⁵², whose lowest bits are those of n; generated code reads them in one instruction."""
    return 2.0 ** (shifted - 6755399441055744.0)


def expm1_reduced(x: float) -> tuple[float, float]:
    """Return (2ⁿ, q) with eˣ = 2ⁿ(1 + q), n = round(x/log 2): Taylor's polynomial on |r| ≤ ½ log 2, error below 1e-17.

    log 2 is split in two, so that r = x − n log 2 loses no digits. Only arithmetic: LLVM vectorises it.

    References
    ----------
    J.-M. Muller, *Elementary Functions* (2016), 11.2, on the reduction by Cody and Waite.
    """
    shifted = x * 1.4426950408889634 + 6755399441055744.0
    n = shifted - 6755399441055744.0
    r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10
    p = 1.6059043836821613e-10  # 1/13!, and so on down to 1/2!
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 1.984126984126984e-04
    p = p * r + 1.3888888888888889e-03
    p = p * r + 8.333333333333333e-03
    p = p * r + 4.1666666666666664e-02
    p = p * r + 1.6666666666666666e-01
    p = p * r + 0.5
    return power_of_two(shifted), r + r * r * p


def exp_real(x: float) -> float:
    """Return eˣ to 2 units in the last place; ∞ above 709.4, 0 below −708.3 (no subnormal numbers)."""
    scale, q = expm1_reduced(min(max(x, -708.3), 709.4))
    value = scale + scale * q
    if x > 709.4:
        value = math.inf
    if x < -708.3:
        value = 0.0
    return x if x != x else value  # noqa: PLR0124 - NaN alone differs from itself


def exp_complex(z: complex) -> complex:
    """Return e^z."""
    return cmath.exp(z)


def tanh_real(x: float) -> float:
    """Return tanh x to 2 units in the last place, from expm1(−2|x|)."""
    scale, q = expm1_reduced(-2.0 * min(abs(x), 20.0))
    e = scale * q + (scale - 1.0)
    return math.copysign(-e / (2.0 + e), x)


def tanh_complex(z: complex) -> complex:
    """Return tanh z."""
    return cmath.tanh(z)


def sigmoid_real(x: float) -> float:
    """Return 1/(1 + e⁻ˣ), with all digits of its small values too."""
    e = exp_real(-abs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


def sigmoid_complex(z: complex) -> complex:
    """Return 1/(1 + e^−z)."""
    if z.real >= 0.0:
        return 1.0 / (1.0 + cmath.exp(-z))
    e = cmath.exp(z)
    return e / (1.0 + e)


def softplus_real(x: float) -> float:
    """Return log(1 + eˣ), with all digits of its small values too."""
    return max(x, 0.0) + math.log1p(exp_real(-abs(x)))


def softplus_complex(z: complex) -> complex:
    """Return log(1 + e^z), continued from the real axis as far as |Im z| < π."""
    w = cmath.exp(-z if z.real >= 0.0 else z)
    value = log1p_near(w)
    return z + value if z.real >= 0.0 else value


# The quotients of which generated code defines each derivative as a function of its own.
_QUOTIENTS: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "sinc": (sinc_real, sinc_complex),
    "exprel": (exprel_real, exprel_complex),
    "log1prel": (log1prel_real, log1prel_complex),
    "tanhrel": (tanhrel, tanhrel),
    "atanrel": (atanrel, atanrel),
    "asinhrel": (asinhrel, asinhrel),
}
_HIGHEST = 12  # order of their derivatives, as in `functions`
_ORDERS = {f"{name}{n or ''}": n for name in _QUOTIENTS for n in range(_HIGHEST + 1)}

# For each function: the implementations for real and complex numbers.
SPECIAL_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "erf": (erf_real, erf_complex),
    "exp": (exp_real, exp_complex),
    "tanh": (tanh_real, tanh_complex),
    "sigmoid": (sigmoid_real, sigmoid_complex),
    "softplus": (softplus_real, softplus_complex),
    **{f"{name}{n or ''}": both for name, both in _QUOTIENTS.items() for n in range(_HIGHEST + 1)},
}

# What compilers get in the place of a function.
COMPILED = {
    power_of_two: """@intrinsic
def power_of_two(typing_context, shifted):
    def generate(context, builder, signature, arguments):
        bits = builder.bitcast(arguments[0], ir.IntType(64))
        exponent = builder.add(bits, ir.Constant(ir.IntType(64), 1023))
        return builder.bitcast(builder.shl(exponent, ir.Constant(ir.IntType(64), 52)), ir.DoubleType())

    return types.float64(types.float64), generate"""
}


def by_type(name: str) -> str:
    """Write the function that picks the real or the complex implementation."""
    real, complex_ = (function.__name__ for function in SPECIAL_FUNCTIONS[name])
    order = f", {_ORDERS[name]}" if name in _ORDERS else ""
    return f"""def {name}(z):
    return {real}(z{order})


@overload({name}, jit_options={{"error_model": "numpy", "fastmath": {{"contract"}}}})
def _(z):
    if isinstance(z, types.Complex):
        return lambda z: {complex_}(z{order})
    return lambda z: {real}(z{order})"""

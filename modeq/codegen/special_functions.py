"""Special functions that Numba lacks for complex arguments, in the subset of Python that it compiles.

The code generator copies them into modules that need them.
"""

from __future__ import annotations

import cmath
import math


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

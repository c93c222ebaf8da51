"""Operations on arrays and on their Taylor coefficients, in the subset of Python that Numba compiles.

All arrays of a program lie in one vector: ``(x, a)`` is the array that begins at x[a]. Sizes are arguments, so one compiled
function serves every width and every number of samples. The coefficient of degree k of an array at ``a`` lies at
``a + k·stride``.

Compiled code gets unsigned integers for all offsets and sizes – Numba then leaves out the code that makes negative indices
count from the end, without which LLVM vectorises the loops –, and an unsigned integer plus a literal would be a float;
hence ``one`` where a literal 1 would stand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Vector = Any  # a one-dimensional array of float64 or complex128


def fill(w: Vector, o: int, n: int, value: float) -> None:
    """Set n entries."""
    for e in range(n):
        w[o + e] = value


def copy(x: Vector, a: int, w: Vector, o: int, n: int) -> None:
    """Copy n entries."""
    for e in range(n):
        w[o + e] = x[a + e]


def expand(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """(outer, inner) → (outer, count, inner)."""
    for i in range(outer):
        for j in range(count):
            for e in range(inner):
                w[o + (i * count + j) * inner + e] = x[a + i * inner + e]


def sum_middle(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """(outer, count, inner) → (outer, inner)."""
    for i in range(outer):
        for e in range(inner):
            w[o + i * inner + e] = 0.0
        for j in range(count):
            for e in range(inner):
                w[o + i * inner + e] += x[a + (i * count + j) * inner + e]


def maximum_middle(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """Largest real part over the middle."""
    for i in range(outer):
        for e in range(inner):
            largest = x[a + i * count * inner + e].real
            for j in range(count):
                largest = max(largest, x[a + (i * count + j) * inner + e].real)
            w[o + i * inner + e] = largest


def transpose(x: Vector, a: int, w: Vector, o: int, batch: int, m: int, n: int) -> None:
    """(batch, n, m) → (batch, m, n)."""
    for k in range(batch):
        for i in range(m):
            for j in range(n):
                w[o + (k * m + i) * n + j] = x[a + (k * n + j) * m + i]


def gather(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int) -> None:
    """Pick entries."""
    for e in range(n):
        w[o + e] = x[a + np.uint64(index[b + e].real)]


def scatter(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int, size: int) -> None:
    """Add n entries up in a result of `size` entries."""
    for e in range(size):
        w[o + e] = 0.0
    for e in range(n):
        w[o + np.uint64(index[b + e].real)] += x[a + e]


def multiply_rows(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k) and (batch, k, n) to w; entry (i, l) of the first lies i·down + l·across further on."""
    for _ in range(batch):
        for i in range(m):
            for l in range(k):
                factor = x[a + i * down + l * across]
                for j in range(n):
                    w[o + i * n + j] += factor * y[b + l * n + j]
        a += m * k
        b += k * n
        o += m * n


def multiply_columns(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k) and the transpose of (batch, n, k)."""
    for _ in range(batch):
        for i in range(m):
            for j in range(n):
                total = w[o + i * n + j]
                for l in range(k):
                    total += x[a + i * down + l * across] * y[b + j * k + l]
                w[o + i * n + j] = total
        a += m * k
        b += k * n
        o += m * n


def product_nn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of (m, k) and (k, n), by BLAS."""
    product = np.dot(x[a : a + m * k].reshape((m, k)), y[b : b + k * n].reshape((k, n))).ravel()
    for e in range(m * n):
        w[o + e] += product[e]


def product_tn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of the transpose of (k, m) and (k, n), by BLAS."""
    product = np.dot(x[a : a + m * k].reshape((k, m)).T, y[b : b + k * n].reshape((k, n))).ravel()
    for e in range(m * n):
        w[o + e] += product[e]


def product_nt(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of (m, k) and the transpose of (n, k), by BLAS."""
    product = np.dot(x[a : a + m * k].reshape((m, k)), y[b : b + k * n].reshape((n, k)).T).ravel()
    for e in range(m * n):
        w[o + e] += product[e]


def convolve(w: Vector, a: int, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of u·v: Σ_j u_j v_(k−j), in blocks that stay in the cache while j runs, two j at a time."""
    block = one << 9
    o += k * stride
    for start in range(one - one, n, block):
        count = min(block, n - start)
        p = a + start
        q = b + start + k * stride
        r = o + start
        if k & one:
            for e in range(count):
                w[r + e] = w[p + e] * w[q + e] + w[p + stride + e] * w[q - stride + e]
            done = one + one
        else:
            for e in range(count):
                w[r + e] = w[p + e] * w[q + e]
            done = one
        for j in range(done, k + one, one + one):
            p = a + start + j * stride
            q = b + start + (k - j) * stride
            for e in range(count):
                w[r + e] += w[p + e] * w[q + e] + w[p + stride + e] * w[q - stride + e]


def square(w: Vector, a: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of u²: twice the sum over half of the pairs."""
    o += k * stride
    half = k // (one + one)
    if k & one:
        for e in range(n):
            w[o + e] = 0.0
        pairs = half + one
    else:
        for e in range(n):
            w[o + e] = 0.5 * w[a + half * stride + e] * w[a + half * stride + e]
        pairs = half
    for j in range(pairs):
        p = a + j * stride
        q = a + (k - j) * stride
        for e in range(n):
            w[o + e] += w[p + e] * w[q + e]
    for e in range(n):
        w[o + e] *= 2.0


def divide_series(w: Vector, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = u/v, where u_k stands in the place of y_k: y_k = (u_k − Σ_(j≥1) v_j y_(k−j))/v_0."""
    r = o + k * stride
    for j in range(one, k + one):
        p = b + j * stride
        q = o + (k - j) * stride
        for e in range(n):
            w[r + e] -= w[p + e] * w[q + e]
    for e in range(n):
        w[r + e] /= w[b + e]


def power_series(w: Vector, a: int, exponent: float, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = uᵃ from u y' = a u' y: k u_0 y_k = Σ_(j≥1) (a j − (k − j)) u_j y_(k−j)."""
    r = o + k * stride
    for e in range(n):
        w[r + e] = 0.0
    for j in range(one, k + one):
        factor = (exponent * j - (k - j)) / k
        p = a + j * stride
        q = o + (k - j) * stride
        for e in range(n):
            w[r + e] += factor * w[p + e] * w[q + e]
    for e in range(n):
        w[r + e] /= w[a + e]


def function_series(w: Vector, a: int, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = φ(u), s = φ'(u): k y_k = Σ_(j≥1) j u_j s_(k−j), in blocks as in `convolve`."""
    block = one << 9
    o += k * stride
    for start in range(one - one, n, block):
        count = min(block, n - start)
        r = o + start
        p = a + start + k * stride
        q = b + start
        for e in range(count):
            w[r + e] = w[p + e] * w[q + e]
        for j in range(one, k):
            factor = j / k
            p = a + start + j * stride
            q = b + start + (k - j) * stride
            for e in range(count):
                w[r + e] += factor * w[p + e] * w[q + e]

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
        if outer * inner == outer:
            value = x[a + i]
            for j in range(count):
                w[o + i * count + j] = value
        else:
            for j in range(count):
                for e in range(inner):
                    w[o + (i * count + j) * inner + e] = x[a + i * inner + e]


def total_of(x: Vector) -> Any:
    """Return the sum of all entries; as in `add_rows` LLVM may sum in any order."""
    total = 0.0 * x[0]  # of the type of the entries
    for e in range(len(x)):
        total += x[e]
    return total


def sum_middle(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """(outer, count, inner) → (outer, inner)."""
    for i in range(outer):
        if outer * inner == outer:
            w[o + i] = total_of(x[a + i * count : a + i * count + count])
            continue
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


def gather(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int, size: int) -> None:
    """Pick n of `size` entries."""
    for e in range(n):
        w[o + e] = x[a + np.uint64(index[b + e].real)]


def scatter(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int, size: int) -> None:
    """Add n entries up in a result of `size` entries."""
    for e in range(size):
        w[o + e] = 0.0
    for e in range(n):
        w[o + np.uint64(index[b + e].real)] += x[a + e]


def add_product(x: Vector, y: Vector, z: Vector) -> None:
    """Add x·y to z, entry by entry. Slices tell LLVM that nothing wraps around, which it must know to vectorise."""
    for e in range(len(z)):
        z[e] += x[e] * y[e]


def add_two_products(u: Vector, v: Vector, x: Vector, y: Vector, z: Vector) -> None:
    """Add u·v + x·y to z, entry by entry."""
    for e in range(len(z)):
        z[e] += u[e] * v[e] + x[e] * y[e]


def add_scaled_product(factor: float, x: Vector, y: Vector, z: Vector) -> None:
    """Add factor·x·y to z, entry by entry."""
    for e in range(len(z)):
        z[e] += factor * x[e] * y[e]


def add_rows(x: Vector, a: int, down: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int) -> None:
    """Add the product of (m, k) and (k,) by rows, four at a time; compiled so that LLVM may sum in any order, which vector code needs."""
    one, four = np.uint64(1), np.uint64(4)
    v = y[b : b + k]
    p = a
    i: Any = m - m
    while i + four <= m:
        u0 = x[p : p + k]
        p += down
        u1 = x[p : p + k]
        p += down
        u2 = x[p : p + k]
        p += down
        u3 = x[p : p + k]
        p += down
        s0 = 0.0 * x[a]  # of the type of the entries
        s1 = s0
        s2 = s0
        s3 = s0
        for l in range(len(v)):
            s0 += u0[l] * v[l]
            s1 += u1[l] * v[l]
            s2 += u2[l] * v[l]
            s3 += u3[l] * v[l]
        w[o + i] += s0
        i += one
        w[o + i] += s1
        i += one
        w[o + i] += s2
        i += one
        w[o + i] += s3
        i += one
    while i < m:
        u = x[p : p + k]
        total = 0.0 * x[a]
        for l in range(len(v)):
            total += u[l] * v[l]
        w[o + i] += total
        p += down
        i += one


def add_combination(x: Vector, a: int, across: int, y: Vector, b: int, down: int, z: Vector, k: int) -> None:
    """Add Σ_l x[a + l·across] y[b + l·down …] to z, four rows of y at a time: z is read and written once for all."""
    one, four = np.uint64(1), np.uint64(4)
    n = len(z)
    p = a
    q = b
    l: Any = k - k
    while l + four <= k:
        f0 = x[p]
        u0 = y[q : q + n]
        p += across
        q += down
        f1 = x[p]
        u1 = y[q : q + n]
        p += across
        q += down
        f2 = x[p]
        u2 = y[q : q + n]
        p += across
        q += down
        f3 = x[p]
        u3 = y[q : q + n]
        p += across
        q += down
        for j in range(n):
            z[j] += (f0 * u0[j] + f1 * u1[j]) + (f2 * u2[j] + f3 * u3[j])
        l += four
    while l < k:
        f0 = x[p]
        u0 = y[q : q + n]
        for j in range(n):
            z[j] += f0 * u0[j]
        p += across
        q += down
        l += one


def multiply_rows(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k) and (batch, k, n) to w; entry (i, l) of the first lies i·down + l·across further on."""
    for _ in range(batch):
        if m * n != m:
            for i in range(m):
                add_combination(x, a + i * down, across, y, b, n, w[o + i * n : o + i * n + n], k)
        elif across == n:
            add_rows(x, a, down, y, b, w, o, m, k)
        else:
            add_combination(y, b, n, x, a, across, w[o : o + m], k)
        a += m * k
        b += k * n
        o += m * n


def multiply_columns(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k) and the transpose of (batch, n, k)."""
    for _ in range(batch):
        if m * k == m:
            row = y[b : b + n]
            for i in range(m):
                factor = x[a + i * down]
                z = w[o + i * n : o + i * n + n]
                for j in range(len(z)):
                    z[j] += factor * row[j]
        elif down * across == down:
            for i in range(m):
                add_rows(y, b, k, x, a + i * down, w, o + i * n, n, k)
        else:
            for i in range(m):
                for j in range(n):
                    total = w[o + i * n + j]
                    for l in range(k):
                        total += x[a + i * down + l * across] * y[b + j * k + l]
                    w[o + i * n + j] = total
        a += m * k
        b += k * n
        o += m * n


def write_product_nn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Write the product of (m, k) and (k, n), by BLAS."""
    np.dot(x[a : a + m * k].reshape((m, k)), y[b : b + k * n].reshape((k, n)), w[o : o + m * n].reshape((m, n)))


def write_product_tn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Write the product of the transpose of (k, m) and (k, n), by BLAS."""
    np.dot(x[a : a + m * k].reshape((k, m)).T, y[b : b + k * n].reshape((k, n)), w[o : o + m * n].reshape((m, n)))


def write_product_nt(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Write the product of (m, k) and the transpose of (n, k), by BLAS."""
    np.dot(x[a : a + m * k].reshape((m, k)), y[b : b + k * n].reshape((n, k)).T, w[o : o + m * n].reshape((m, n)))


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
    block = one << 10
    for start in range(one - one, n, block):
        count = min(block, n - start)
        r = o + start + k * stride
        z = w[r : r + count]
        for e in range(count):
            z[e] = 0.0
        p = a + start
        q = b + start + k * stride
        j = one
        while j <= k:
            add_two_products(w[p : p + count], w[q : q + count], w[p + stride : p + stride + count], w[q - stride : q - stride + count], z)
            p += stride + stride
            q -= stride + stride
            j += one + one
        if j == k + one:
            add_product(w[p : p + count], w[q : q + count], z)


def square(w: Vector, a: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of u²: twice the sum over half of the pairs, and the square in the middle for even k."""
    block = one << 10
    for start in range(one - one, n, block):
        count = min(block, n - start)
        r = o + start + k * stride
        z = w[r : r + count]
        p = a + start
        q = a + start + k * stride
        for e in range(count):
            z[e] = 0.0
        while p < q:
            add_scaled_product(2.0, w[p : p + count], w[q : q + count], z)
            p += stride
            q -= stride
        if p == q:
            add_product(w[p : p + count], w[p : p + count], z)


def divide_series(w: Vector, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = u/v, where u_k stands in the place of y_k: y_k = (u_k − Σ_(j≥1) v_j y_(k−j))/v_0."""
    r = o + k * stride
    for j in range(one, k + one):
        p = b + j * stride
        q = o + (k - j) * stride
        add_scaled_product(-1.0, w[p : p + n], w[q : q + n], w[r : r + n])
    for e in range(n):
        w[r + e] /= w[b + e]


def power_series(w: Vector, a: int, exponent: float, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = uᵃ from u y' = a u' y: k u_0 y_k = Σ_(j≥1) (a j − (k − j)) u_j y_(k−j)."""
    r = o + k * stride
    for e in range(n):
        w[r + e] = 0.0
    for j in range(one, k + one):
        p = a + j * stride
        q = o + (k - j) * stride
        add_scaled_product((exponent * j - (k - j)) / k, w[p : p + n], w[q : q + n], w[r : r + n])
    for e in range(n):
        w[r + e] /= w[a + e]


def function_series(w: Vector, a: int, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = φ(u), s = φ'(u): k y_k = Σ_(j≥1) j u_j s_(k−j), in blocks as in `convolve`."""
    block = one << 10
    for start in range(one - one, n, block):
        count = min(block, n - start)
        r = o + start + k * stride
        z = w[r : r + count]
        for e in range(count):
            z[e] = 0.0
        for j in range(one, k + one):
            p = a + start + j * stride
            q = b + start + (k - j) * stride
            add_scaled_product(j / k, w[p : p + count], w[q : q + count], z)


IN_ANY_ORDER = frozenset({add_rows, total_of})  # sums that LLVM may reorder; elsewhere the order of operations keeps digits

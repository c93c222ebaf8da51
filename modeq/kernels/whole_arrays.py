"""What generated code does without a compiler: the operations of `array_operations` in NumPy, on many paths at once.

Generated text runs as it is (see `codegen.interpreted`), but where compiled code has one number or one path NumPy has all of them. An
array is read and written by ``part(w, o, …)``: in one vector it begins at o; in the coefficients of many paths, `Paths`, it has a row for
each path, or one for all, where it belongs to the point at which they start. NumPy's rules of broadcasting do the rest. Coefficients
that are 0 along all paths, as those of a layer are along directions in later ones, stay marked as such and cost nothing.

The functions have the names and arguments of those they stand for, and a test compares each with its twin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from .coupling_tables import coefficient_table, log_mean_differences
from .krylov import combined
from .layout import PAR, PATHS
from .paths import NOUGHT, Paths

Vector = Any  # one vector, an array whose rows are vectors, or Paths
_CACHE = 2**23  # bytes of coefficients that are worked on at once
_SMALL = 2**10  # entries of a matrix that is worth a copy by rows


def part(x: Vector, a: int, *shape: int) -> Any:
    """Return a view of the array of a shape that begins at a, with one row for each path."""
    if type(x) is Paths:
        return x.part(a, shape)
    if len(shape) == 1:
        return x[..., a : a + shape[0]]
    return x[..., a : a + math.prod(shape)].reshape(*x.shape[:-1], *shape)


def read(x: Vector, a: int, *shape: int) -> Any:
    """Return the array for reading; `NOUGHT` if it is known to be 0."""
    return x.read(a, shape) if type(x) is Paths else part(x, a, *shape)


def store(w: Vector, o: int, value: Any, *shape: int) -> None:
    """Write a whole array."""
    if type(w) is not Paths:
        part(w, o, *shape)[...] = 0.0 if value is NOUGHT else value
    elif value is NOUGHT:
        w.clear(o)
    else:
        w.part(o, shape, fresh=True)[...] = value


def where(condition: Vector, a: Vector, b: Vector) -> Vector:
    """Choose by entry, as ``a if condition else b`` does for numbers."""
    if a is NOUGHT and b is NOUGHT:
        return NOUGHT
    return np.where(condition, 0.0 if a is NOUGHT else a, 0.0 if b is NOUGHT else b)


def read_layout(par: Vector) -> list[int]:
    """Return the sizes and offsets."""
    layout: list[int] = par[PAR.size : PAR.size + int(par[PAR.numbers])].astype(int).tolist()
    return layout


def fill(w: Vector, o: int, n: int, value: float) -> None:
    """Set n entries."""
    store(w, o, NOUGHT if value == 0.0 else value, n)


def copy(x: Vector, a: int, w: Vector, o: int, n: int) -> None:
    """Copy n entries."""
    values = read(x, a, n)
    store(w, o, values if type(w) is not Paths or values is NOUGHT or np.count_nonzero(values) else NOUGHT, n)


def expand(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """(outer, inner) → (outer, count, inner)."""
    store(w, o, read(x, a, outer, 1, inner), outer, count, inner)


def sum_middle(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """(outer, count, inner) → (outer, inner), by BLAS, which is faster than NumPy's sum over anything but the last axis."""
    values = read(x, a, outer, count, inner)
    if values is not NOUGHT:
        values = values[..., 0] @ _ones(count) if inner == 1 else (_ones(count) @ values)
    store(w, o, values, *((outer,) if inner == 1 else (outer, inner)))


@lru_cache(maxsize=64)
def _ones(count: int) -> Any:
    return np.ones(count)


def maximum_middle(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """Largest real part over the middle."""
    part(w, o, outer, inner)[...] = part(x, a, outer, count, inner).real.max(axis=-2)


def transpose(x: Vector, a: int, w: Vector, o: int, batch: int, m: int, n: int) -> None:
    """(batch, n, m) → (batch, m, n)."""
    values = read(x, a, batch, n, m)
    store(w, o, values if values is NOUGHT else np.swapaxes(values, -1, -2), batch, m, n)


def gather(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int, size: int) -> None:
    """Pick n of `size` entries."""
    values = read(x, a, size)
    store(w, o, values if values is NOUGHT else values[..., part(index, b, n).real.astype(int)], n)


def scatter(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int, size: int) -> None:
    """Add n entries up in a result of `size` entries."""
    values = read(x, a, n)
    store(w, o, NOUGHT if values is NOUGHT else 0.0, size)
    if values is not NOUGHT:
        places: Any = (..., part(index, b, n).real.astype(int))
        np.add.at(part(w, o, size), places, values)


def multiply_rows(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k), stored by rows or by columns, and (batch, k, n) to w."""
    right = _matrix(y, b, batch, k, n)
    if right is not NOUGHT:
        _add_product(_factor(x, a, down, across, batch, m, k), right, w, o, _sizes(batch, m, n))


def multiply_columns(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k), stored by rows or by columns, and the transpose of (batch, n, k) to w."""
    right = _matrix(y, b, batch, n, k)
    if right is not NOUGHT:
        _add_product(_factor(x, a, down, across, batch, m, k), _transposed(right), w, o, _sizes(batch, m, n))


def product_nn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of (m, k) and (k, n)."""
    _add_product(read(x, a, m, k), read(y, b, k, n), w, o, (m, n))


def product_tn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of the transpose of (k, m) and (k, n)."""
    _add_product(_transposed(read(x, a, k, m)), read(y, b, k, n), w, o, (m, n))


def product_nt(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of (m, k) and the transpose of (n, k)."""
    _add_product(read(x, a, m, k), _transposed(read(y, b, n, k)), w, o, (m, n))


def write_product_nn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Write the product of (m, k) and (k, n)."""
    fill(w, o, m * n, 0.0)
    product_nn(x, a, y, b, w, o, m, k, n)


def write_product_tn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Write the product of the transpose of (k, m) and (k, n)."""
    fill(w, o, m * n, 0.0)
    product_tn(x, a, y, b, w, o, m, k, n)


def write_product_nt(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Write the product of (m, k) and the transpose of (n, k)."""
    fill(w, o, m * n, 0.0)
    product_nt(x, a, y, b, w, o, m, k, n)


def _sizes(batch: int, m: int, n: int) -> tuple[int, ...]:
    return (m, n) if batch == 1 else (batch, m, n)


def _matrix(x: Vector, a: int, batch: int, m: int, n: int) -> Any:
    return read(x, a, *_sizes(batch, m, n))


def _factor(x: Vector, a: int, down: int, across: int, batch: int, m: int, k: int) -> Any:
    by_rows = across == 1 and (down == k or m == 1)
    return _matrix(x, a, batch, m, k) if by_rows else _transposed(_matrix(x, a, batch, k, m))


def _transposed(x: Any) -> Any:
    """Return the transposes, small ones by rows: BLAS takes three times as long with columns."""
    if x is NOUGHT:
        return x
    view = x.swapaxes(-1, -2)
    return view.copy() if view.shape[-1] * view.shape[-2] <= _SMALL else view


def _add_product(x: Any, y: Any, w: Vector, o: int, shape: tuple[int, ...]) -> None:
    """Add a product to the array at o, or write it where that was cleared."""
    if x is NOUGHT or y is NOUGHT:
        return
    fresh = type(w) is Paths and w.is_cleared(o)
    target = w.part(o, shape, fresh=fresh) if type(w) is Paths else part(w, o, *shape)
    # Path by path: for small matrices BLAS starts no threads, which on a busy machine wait for each other.
    if x.shape[-1] == 1:  # of which BLAS makes no more than of others
        product = np.multiply(x, y, out=target if fresh else None)
        if not fresh:
            target += product
    elif fresh:
        np.matmul(x, y, out=target)
    else:
        target += x @ y


def convolve(w: Vector, a: int, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of u·v: Σ_j u_j v_(k−j)."""
    u, v = _coefficients(w, a, n, k, stride), _coefficients(w, b, n, k, stride)
    _write_sum(w, o + k * stride, n, [(1.0, u[j], v[k - j]) for j in range(k + 1)])


def square(w: Vector, a: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of u²: twice the sum over half of the pairs, and the square in the middle for even k."""
    u = _coefficients(w, a, n, k, stride)
    _write_sum(w, o + k * stride, n, [(2.0 if j < k - j else 1.0, u[j], u[k - j]) for j in range(k // 2 + 1)])


def divide_series(w: Vector, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = u/v, where u_k stands in the place of y_k: y_k = (u_k − Σ_(j≥1) v_j y_(k−j))/v_0."""
    v, y = _coefficients(w, b, n, k, stride), _coefficients(w, o, n, k, stride)
    value = y[k]
    for j in range(1, k + 1):
        value = value - v[j] * y[k - j]
    store(w, o + k * stride, value / v[0], n)


def power_series(w: Vector, a: int, exponent: float, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = uᵃ from u y' = a u' y: k u_0 y_k = Σ_(j≥1) (a j − (k − j)) u_j y_(k−j)."""
    u, y = _coefficients(w, a, n, k, stride), _coefficients(w, o, n, k - 1, stride)
    target = _write_sum(w, o + k * stride, n, [((exponent * j - (k - j)) / k, u[j], y[k - j]) for j in range(1, k + 1)])
    if target is not NOUGHT:
        target /= u[0]


def function_series(w: Vector, a: int, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = φ(u), s = φ'(u): k y_k = Σ_(j≥1) j u_j s_(k−j)."""
    u, s = _coefficients(w, a, n, k, stride), _coefficients(w, b, n, k - 1, stride)
    _write_sum(w, o + k * stride, n, [(j / k, u[j], s[k - j]) for j in range(1, k + 1)])


def _coefficients(w: Vector, a: int, n: int, k: int, stride: int) -> list[Any]:
    """Return the coefficients of degrees 0 … k."""
    return [read(w, a + j * stride, n) for j in range(k + 1)]


def _write_sum(w: Vector, o: int, n: int, terms: Sequence[tuple[float, Any, Any]]) -> Any:
    """Write Σ factor·x·y and return the array."""
    terms = [term for term in terms if term[1] is not NOUGHT and term[2] is not NOUGHT]
    if not terms:
        store(w, o, NOUGHT, n)
        return NOUGHT
    target = w.part(o, (n,), fresh=True) if type(w) is Paths else part(w, o, n)
    for place, (factor, x, y) in enumerate(terms):
        small, large = (x, y) if x.size <= y.size else (y, x)  # the small one often is one for all paths
        product = np.multiply(small if factor == 1.0 else factor * small, large, out=None if place else target)
        if place:
            target += product
    return target


def path_coefficients(given: Any, par: Any, at: int, F: Any, degree: int) -> Any:
    """Return coefficient `degree` of all paths, shape (paths, d); see `taylor_fields.set_coefficient`."""
    if len(given) > 0:
        return given[:, degree]
    points = len(F)
    row = at + PATHS.size + (degree - 1) * points * points
    return par[row : row + points * points].reshape(points, points) @ F[:, degree - 1]


def negate(out: Vector) -> None:
    """Change the sign: F is the field, not the gradient."""
    np.negative(out, out=out)


def combine(par: Vector, at: int, F: Vector, rows: Vector) -> None:
    """Write Σ_q weights[row, j, q] F[q, j], shape (rows, order, d)."""
    points, order, _ = F.shape
    first = at + PATHS.size + 2 * order * points * points
    if len(rows):
        rows[:] = np.einsum("sjq,qjd->sjd", par[first : first + len(rows) * order * points].reshape(len(rows), order, points), F)


def combination(i: int, U: Any, state: Any, A: Any, h: float, F: Any, count: int, out: Any) -> None:
    """Write Σ_j U_ij y_j + h Σ_j A_ij F_j; see `loops`."""
    np.multiply(U[i, 0], state[0], out=out)
    for j in range(1, len(state)):
        out += U[i, j] * state[j]
    for j in range(count):
        out += A[i, j] * h * F[j]


def all_finite(values: Any) -> bool:
    """Tell whether no entry is infinite or NaN."""
    return bool(np.isfinite(values).all())


def accept(new: Any, c: Any, state: Any, output: Any) -> None:
    """Take the new state, and write its output cᵀy."""
    state[:] = new
    output[:] = combined(c, new)


def blocks(paths: int, size: int, given: int) -> list[slice]:
    """Cut the paths into blocks whose coefficients, of `size` bytes each, stay in the cache; paths that are linked stay together."""
    count = max(1, _CACHE // max(1, size)) if given else max(1, paths)
    return [slice(start, min(start + count, paths)) for start in range(0, paths, count)]


WHOLE: Mapping[str, Any] = {
    one.__name__: one
    for one in (
        *(read_layout, fill, copy, expand, sum_middle, maximum_middle, transpose, gather, scatter),
        *(multiply_rows, multiply_columns, product_nn, product_tn, product_nt),
        *(write_product_nn, write_product_tn, write_product_nt),
        *(convolve, square, divide_series, power_series, function_series),
        *(path_coefficients, negate, combine, combination, all_finite, accept, blocks, where, read, store, Paths),
        *(coefficient_table, log_mean_differences),
    )
}

"""What generated code does without a compiler: the operations of `array_operations` in NumPy, on many paths at once.

Generated text runs as it is (see `codegen.interpreted`), but where compiled code has one number or one path NumPy has all of them. An
array is read and written by ``part(w, o, …)``: in one vector it begins at o; in the coefficients of many paths, `Paths`, it has a row for
each path, or one for all, where it belongs to the point at which they start. NumPy's rules of broadcasting do the rest.

The functions have the names and arguments of those they stand for, and a test compares each with its twin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np

from .coupling_tables import coefficient_table, log_mean_differences
from .layout import PAR, PATHS

Vector = Any  # one vector, an array whose rows are vectors, or Paths
_CACHE = 2**23  # bytes of coefficients that are worked on at once
_IDLE = 4  # workspaces that are kept


@final
class Paths:
    """The coefficients of all arrays along many paths from one point: `first`, of degree 0, for all, then those of each path.

    Each array of each degree is a contiguous block, shape (paths, …), where BLAS finds it; ``a`` counts as in the vector ``w``
    of compiled code, `total` numbers for each degree.
    """

    _idle: ClassVar[list[Paths]] = []  # used again: memory that the system has just given is slow

    def __init__(self, total: int, order: int, count: int, dtype: np.dtype[Any]) -> None:
        self.total, self.order, self.count, self.dtype = total, order, count, dtype
        self.first: Any = None
        self._rest = np.empty(count * total * (order - 1), dtype)
        self._views: dict[tuple[int, tuple[int, ...]], Any] = {}
        self._cleared: set[int] = set()

    @staticmethod
    def over(work: Any, total: int, order: int, count: int) -> Paths:
        """Return coefficients whose degree 0 is the beginning of `work`."""
        wanted = (total, order, count, work.dtype)
        paths = next((one for one in Paths._idle if (one.total, one.order, one.count, one.dtype) == wanted), None)
        if paths is None:
            paths = Paths(total, order, count, work.dtype)
        else:
            Paths._idle.remove(paths)
        paths.first = work[:total]
        return paths

    def put_back(self) -> None:
        """Leave the memory to the next who needs as much."""
        Paths._idle.insert(0, self)
        del Paths._idle[_IDLE:]

    def part(self, a: int, shape: tuple[int, ...], *, fresh: bool = False) -> Any:
        """Return the view of an array that begins at a; `fresh` if all of it is going to be written."""
        if a < self.total:
            return self.first[a : a + math.prod(shape)].reshape(shape)
        view = self._views.get((a, shape))
        if view is None:
            start = (a - self.total) * self.count
            view = self._rest[start : start + math.prod(shape) * self.count].reshape(self.count, *shape)
            self._views[a, shape] = view
        if a in self._cleared:
            self._cleared.remove(a)
            if not fresh:
                view[...] = 0.0
        return view

    def clear(self, a: int) -> None:
        """Make an array 0 before it is read."""
        self._cleared.add(a)

    def is_cleared(self, a: int) -> bool:
        """Tell whether an array is 0 because it was cleared."""
        return a in self._cleared


def part(x: Vector, a: int, *shape: int) -> Any:
    """Return a view of the array of a shape that begins at a, with one row for each path."""
    if type(x) is Paths:
        return x.part(a, shape)
    return x[..., a : a + math.prod(shape)].reshape(*x.shape[:-1], *shape)


def where(condition: Vector, a: Vector, b: Vector) -> Vector:
    """Choose by entry, as ``a if condition else b`` does for numbers."""
    return np.where(condition, a, b)


def read_layout(par: Vector) -> list[int]:
    """Return the sizes and offsets."""
    layout: list[int] = par[PAR.size : PAR.size + int(par[PAR.numbers])].astype(int).tolist()
    return layout


def fill(w: Vector, o: int, n: int, value: float) -> None:
    """Set n entries."""
    if type(w) is Paths and value == 0.0:
        w.clear(o)
    else:
        part(w, o, n)[...] = value


def copy(x: Vector, a: int, w: Vector, o: int, n: int) -> None:
    """Copy n entries."""
    part(w, o, n)[...] = part(x, a, n)


def expand(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """(outer, inner) → (outer, count, inner)."""
    part(w, o, outer, count, inner)[...] = part(x, a, outer, 1, inner)


def sum_middle(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """(outer, count, inner) → (outer, inner)."""
    part(w, o, outer, inner)[...] = part(x, a, outer, count, inner).sum(axis=-2)


def maximum_middle(x: Vector, a: int, w: Vector, o: int, outer: int, count: int, inner: int) -> None:
    """Largest real part over the middle."""
    part(w, o, outer, inner)[...] = part(x, a, outer, count, inner).real.max(axis=-2)


def transpose(x: Vector, a: int, w: Vector, o: int, batch: int, m: int, n: int) -> None:
    """(batch, n, m) → (batch, m, n)."""
    part(w, o, batch, m, n)[...] = np.swapaxes(part(x, a, batch, n, m), -1, -2)


def gather(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int, size: int) -> None:
    """Pick n of `size` entries."""
    part(w, o, n)[...] = part(x, a, size)[..., part(index, b, n).real.astype(int)]


def scatter(x: Vector, a: int, index: Vector, b: int, w: Vector, o: int, n: int, size: int) -> None:
    """Add n entries up in a result of `size` entries."""
    target = part(w, o, size)
    target[...] = 0.0
    places: Any = (..., part(index, b, n).real.astype(int))
    np.add.at(target, places, part(x, a, n))


def multiply_rows(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k), stored by rows or by columns, and (batch, k, n) to w."""
    _add_product(_factor(x, a, down, across, batch, m, k), _matrix(y, b, batch, k, n), w, o, _sizes(batch, m, n))


def multiply_columns(
    x: Vector, a: int, down: int, across: int, y: Vector, b: int, w: Vector, o: int, batch: int, m: int, k: int, n: int
) -> None:
    """Add the product of (batch, m, k), stored by rows or by columns, and the transpose of (batch, n, k) to w."""
    _add_product(_factor(x, a, down, across, batch, m, k), _matrix(y, b, batch, n, k).swapaxes(-1, -2), w, o, _sizes(batch, m, n))


def product_nn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of (m, k) and (k, n)."""
    _add_product(part(x, a, m, k), part(y, b, k, n), w, o, (m, n))


def product_tn(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of the transpose of (k, m) and (k, n)."""
    _add_product(part(x, a, k, m).swapaxes(-1, -2), part(y, b, k, n), w, o, (m, n))


def product_nt(x: Vector, a: int, y: Vector, b: int, w: Vector, o: int, m: int, k: int, n: int) -> None:
    """Add the product of (m, k) and the transpose of (n, k)."""
    _add_product(part(x, a, m, k), part(y, b, n, k).swapaxes(-1, -2), w, o, (m, n))


def _sizes(batch: int, m: int, n: int) -> tuple[int, ...]:
    return (m, n) if batch == 1 else (batch, m, n)


def _matrix(x: Vector, a: int, batch: int, m: int, n: int) -> Any:
    return part(x, a, *_sizes(batch, m, n))


def _factor(x: Vector, a: int, down: int, across: int, batch: int, m: int, k: int) -> Any:
    by_rows = across == 1 and (down == k or m == 1)
    return _matrix(x, a, batch, m, k) if by_rows else _matrix(x, a, batch, k, m).swapaxes(-1, -2)


def _add_product(x: Any, y: Any, w: Vector, o: int, shape: tuple[int, ...]) -> None:
    """Add a product to the array at o, or write it where that was cleared."""
    fresh = type(w) is Paths and w.is_cleared(o)
    target = w.part(o, shape, fresh=fresh) if type(w) is Paths else part(w, o, *shape)
    # Path by path: for small matrices BLAS starts no threads, which on a busy machine wait for each other.
    product: Any = np.multiply if x.shape[-1] == 1 else np.matmul
    if fresh:
        product(x, y, out=target)
    else:
        target += product(x, y)


def convolve(w: Vector, a: int, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of u·v: Σ_j u_j v_(k−j)."""
    u, v = _coefficients(w, a, n, k, stride), _coefficients(w, b, n, k, stride)
    _write_sum(part(w, o + k * stride, n), [(1.0, u[j], v[k - j]) for j in range(k + 1)])


def square(w: Vector, a: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of u²: twice the sum over half of the pairs, and the square in the middle for even k."""
    u = _coefficients(w, a, n, k, stride)
    terms = [(2.0 if j < k - j else 1.0, u[j], u[k - j]) for j in range(k // 2 + 1)]
    _write_sum(part(w, o + k * stride, n), terms)


def divide_series(w: Vector, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = u/v, where u_k stands in the place of y_k: y_k = (u_k − Σ_(j≥1) v_j y_(k−j))/v_0."""
    v, y = _coefficients(w, b, n, k, stride), _coefficients(w, o, n, k, stride)
    for j in range(1, k + 1):
        y[k] -= v[j] * y[k - j]
    y[k] /= v[0]


def power_series(w: Vector, a: int, exponent: float, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = uᵃ from u y' = a u' y: k u_0 y_k = Σ_(j≥1) (a j − (k − j)) u_j y_(k−j)."""
    u, y = _coefficients(w, a, n, k, stride), _coefficients(w, o, n, k, stride)
    _write_sum(y[k], [((exponent * j - (k - j)) / k, u[j], y[k - j]) for j in range(1, k + 1)])
    y[k] /= u[0]


def function_series(w: Vector, a: int, b: int, o: int, n: int, k: int, stride: int, one: int) -> None:
    """Coefficient k of y = φ(u), s = φ'(u): k y_k = Σ_(j≥1) j u_j s_(k−j)."""
    u, s = _coefficients(w, a, n, k, stride), _coefficients(w, b, n, k, stride)
    _write_sum(part(w, o + k * stride, n), [(j / k, u[j], s[k - j]) for j in range(1, k + 1)])


def _coefficients(w: Vector, a: int, n: int, k: int, stride: int) -> list[Any]:
    """Return the coefficients of degrees 0 … k as views."""
    return [part(w, a + j * stride, n) for j in range(k + 1)]


def _write_sum(target: Any, terms: Sequence[tuple[float, Any, Any]]) -> None:
    """Write Σ factor·x·y."""
    for place, (factor, x, y) in enumerate(terms):
        product = np.multiply(x, y, out=None if place else target)
        if factor != 1.0:
            product *= factor
        if place:
            target += product


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


def blocks(paths: int, size: int, given: int) -> list[slice]:
    """Cut the paths into blocks whose coefficients, of `size` bytes each, stay in the cache; paths that are linked stay together."""
    count = max(1, _CACHE // max(1, size)) if given else max(1, paths)
    return [slice(start, min(start + count, paths)) for start in range(0, paths, count)]


WHOLE: Mapping[str, Any] = {
    one.__name__: one
    for one in (
        *(read_layout, fill, copy, expand, sum_middle, maximum_middle, transpose, gather, scatter),
        *(multiply_rows, multiply_columns, product_nn, product_tn, product_nt),
        *(convolve, square, divide_series, power_series, function_series, path_coefficients, negate, combine, blocks, where, part, Paths),
        *(coefficient_table, log_mean_differences),
    )
}

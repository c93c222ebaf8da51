r"""The B-series of a method's iterates, as polynomials in the number of steps.

Along the smooth solution the coefficient of every tree :math:`\tau=[\tau_1\dots\tau_m]` is a polynomial in the number of
steps t, found by increasing order from

.. math::
    F_{i,\tau}(t) = \prod_j Y_{i,\tau_j}(t), \qquad
    y_\tau(t+1) - V y_\tau(t) = B F_\tau(t), \qquad
    Y_\tau(t) = A F_\tau(t) + U y_\tau(t), \qquad c^T y_\tau(0) = 0 .

It ends because each order needs only lower ones. Polynomials are stored by their values at t = 0 … p, so that a product
is one multiplication per value; all trees of an order are one array operation. No coproduct, no partitions.

The recursion splits into a running sum s and a part w that vanishes for methods without memory (`methods.smooth`); w is
found in Newton coefficients over t, from the top down: w_k = N((I − u l) B F_k − w_(k+1)).

Arithmetic is exact. For rational methods without memory everything is an integer once the tree τ is scaled by
D^|τ|, D the common denominator of A and B; then machine integers serve while a bound says that nothing overflows.

Reference: the smooth solution and its underlying one-step method are in U. Kirchgraber, Numer. Math. 48 (1986) 85–90,
and Hairer, Lubich, Wanner, *Geometric Numerical Integration*, XV.2.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import NDArray

from ..exact import Scalar
from ..methods.general_linear import GeneralLinearMethod
from ..methods.smooth import smooth_parts
from ..trees.table import TreeTable, count_trees, tree_table
from .localisation import Localisation, Localised, Majorants, RationalFunctions, largest

Values = NDArray[Any]  # exact numbers: int64, or objects (Python integers, elements of a coefficient field)
_SAFE = 2**62
_WITHOUT_TREES = "choose a smaller order, or name the order as a flow, compare(…, flows=[p]): on a loss no trees are needed"


@final
@dataclass(frozen=True)
class TimePolynomials:
    """Values of the polynomials cᵀy_τ(t) and y_τ(t) of a method.

    Attributes
    ----------
    table
        The trees; position = tree number.
    order
        Largest number of nodes p.
    output
        cᵀy_τ(t) for t = 0 … p, shape (trees, p+1), scaled by ``scale**|τ|``.
    start
        y_τ(0), the smooth start, shape (trees, r), scaled likewise; 0 for methods without memory.
    scalar
        ``scalar(value, |τ|, divisor)`` is the exact number that a stored value over a divisor stands for.
    """

    table: TreeTable
    order: int
    output: Values
    start: Values
    scalar: Callable[[Any, int, int], Scalar]

    def derivatives(self) -> list[Scalar]:
        """Return b(τ) = d/dt cᵀy_τ(t) at t = 0, the coefficients of the modified field."""
        return [value for order in range(1, self.order + 1) for value in self._scalars(*self.slopes(order), order)]

    def after(self, steps: int) -> list[Scalar]:
        """Return cᵀy_τ(steps), the coefficients of the output after that many steps."""
        return [value for order in range(1, self.order + 1) for value in self._scalars(self._of_order(order)[:, steps], 1, order)]

    def starts(self) -> list[list[Scalar]]:
        """Return y_τ(0) for each tree: r exact numbers."""
        rows = []
        for order in range(1, self.order + 1):
            for row in self.start[self.table.of_order(order)]:
                rows.append(list(self._scalars(row, 1, order)))
        return rows

    def _of_order(self, order: int) -> Values:
        return self.output[self.table.of_order(order)]

    def slopes(self, order: int) -> tuple[Values, int]:
        """Return b(τ) for the trees of one order, times a common denominator."""
        weights, denominator = _derivative_weights(order)
        values = self._of_order(order)[:, 1 : order + 1]
        if values.dtype != object and _magnitude(values) * sum(map(abs, weights)) >= _SAFE:
            values = values.astype(object)
        return np.sum([weight * values[:, t] for t, weight in enumerate(weights)], axis=0), denominator

    def _scalars(self, values: Values, denominator: int, order: int) -> Iterator[Scalar]:
        for value in values.tolist():
            yield self.scalar(value, order, denominator)


def _derivative_weights(degree: int) -> tuple[list[int], int]:
    """Weights of q'(0) = Σ_t (−1)^(t+1) C(degree, t)/t · q(t) for a polynomial with q(0) = 0, over a common denominator."""
    denominator = math.lcm(*range(1, degree + 1))
    return [(-1) ** (t + 1) * math.comb(degree, t) * denominator // t for t in range(1, degree + 1)], denominator


def time_polynomials(method: GeneralLinearMethod, order: int) -> TimePolynomials:
    """Solve the recursion of this module for all trees with at most `order` nodes.

    Raises
    ------
    ValueError
        If ``order < 1``.
    """
    check_order(order)
    check_memory(method, order)
    table = tree_table(method.fields)
    size = table.size(order)
    field = method.coefficient_field
    if method.states == 1 and field.is_rational:
        weights = [entry * method.output[0] for entry in method.B[0]]
        scale = math.lcm(*(entry.denominator for row in (*method.A, weights) for entry in row))
        return _solve(
            _Recursion.over_integers(method, scale), table, order, size, lambda value, p, divisor: Fraction(int(value), scale**p * divisor)
        )
    recursion = _Recursion.over_field(method)
    if field.domain.is_FractionField and field.domain.domain in (sympy.QQ, sympy.ZZ):
        local = Localisation(field.domain, recursion.entries)
        majorants = _solve(recursion.mapped(Majorants(local).element), table, order, size, _unread)
        values = (*majorants.output.flat, *majorants.start.flat, *(value for p in range(1, order + 1) for value in majorants.slopes(p)[0]))
        functions = RationalFunctions(local, largest(values, len(field.domain.symbols)))
        return _solve(recursion.mapped(functions.element), table, order, size, lambda value, _, divisor: functions.scalar(value, divisor))
    return _solve(recursion, table, order, size, lambda value, _, divisor: field.scalar(value / field.element(divisor)))


def _unread(value: Localised, order: int, divisor: int) -> Scalar:
    raise TypeError("a majorant stands for no single number")


def check_order(order: int) -> None:
    """Raise unless `order` is an integer ≥ 1."""
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)):
        raise TypeError(f"the order is an integer ≥ 1 (1 is the gradient flow, 2 the IGR flow), got {order!r}")
    if order < 1:
        raise ValueError(f"the order must be at least 1 (1 is the gradient flow, 2 the IGR flow), got {order}")


def check_memory(method: GeneralLinearMethod, order: int, available: float | None = None) -> None:
    """Raise before the trees of a very large order fill half of the memory, by default that of this machine, in bytes."""
    if order > 100:
        raise MemoryError(f"order {order} has about 2.96^{order} trees, more than any machine holds; {_WITHOUT_TREES}")
    trees = count_trees(order, colours=method.fields)
    needed = trees * _bytes_a_tree(method, order)
    if available is None:
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 2**34
    if needed > available // 2:
        raise MemoryError(f"order {order} has {trees:.3g} trees, which need about {needed / 2**30:.3g} GiB; {_WITHOUT_TREES}")


def _bytes_a_tree(method: GeneralLinearMethod, order: int) -> int:
    """Estimate what the stage values, the state and what is computed on the way take, as measured: objects, not machine integers."""
    numbers = [entry for rows in (method.A, method.U, method.B, method.V) for row in rows for entry in row]
    count = 2 * method.stages + 1 + (4 * method.states if method.states > 1 else 0)
    if method.parameters:
        size = 12 * order**2
    else:
        digits = max((max(x.numerator.bit_length(), x.denominator.bit_length()) for x in numbers if isinstance(x, Fraction)), default=1)
        size = 45 + order * digits // 4 if method.states == 1 else 140 + order * digits // 2
    return count * (order + 1) * size + 500


@final
@dataclass(frozen=True)
class _Recursion:
    """The matrices as the recursion uses them: s from l·B, w from N(I − u l)B, both with the stage matrices."""

    colours: tuple[int, ...]
    A: list[list[Any]]
    U: list[list[Any]]
    c: list[Any]
    u: list[Any]
    slow: list[Any]  # l·B, length s
    fast: list[list[Any]]  # N (I − u l) B, shape (r, s); not used without memory
    fundamental: list[list[Any]]  # N, shape (r, r); not used without memory
    one: Any

    @classmethod
    def over_integers(cls, method: GeneralLinearMethod, scale: int) -> _Recursion:
        A = [[int(entry * scale) for entry in row] for row in method.A]
        # With one state, u = 1/c and U u = 1: work with the output x = c y itself.
        slow = [int(entry * scale * method.output[0]) for entry in method.B[0]]
        return cls(method.colours, A, [[1]] * method.stages, [1], [1], slow, [], [], 1)

    @classmethod
    def over_field(cls, method: GeneralLinearMethod) -> _Recursion:
        field, parts = method.coefficient_field, smooth_parts(method)
        A, U = field.matrix(method.A), field.matrix(method.U)
        return cls(method.colours, A, U, parts.c, parts.u, parts.slow, parts.fast, parts.fundamental, field.element(1))

    @property
    def entries(self) -> Iterator[Any]:
        """All numbers in it."""
        return (entry for row in (*self.A, *self.U, self.c, self.u, self.slow, *self.fast, *self.fundamental) for entry in row)

    def mapped(self, convert: Callable[[Any], Any]) -> _Recursion:
        """Convert all numbers."""

        def vector(entries: list[Any]) -> list[Any]:
            return [convert(entry) for entry in entries]

        A, U, fast, N = ([vector(row) for row in matrix] for matrix in (self.A, self.U, self.fast, self.fundamental))
        return _Recursion(self.colours, A, U, vector(self.c), vector(self.u), vector(self.slow), fast, N, convert(self.one))


def _solve(m: _Recursion, table: TreeTable, order: int, size: int, scalar: Callable[[Any, int, int], Scalar]) -> TimePolynomials:
    s, r = len(m.A), len(m.u)
    integers = isinstance(m.one, int)
    dtype: Any = np.int64 if integers else object
    zero = m.one * 0  # of the field's own type: SymPy's elements and plain integers do not always mix
    F, Y = (np.full((s, size, order + 1), zero, dtype=dtype) for _ in range(2))
    output, start = np.full((size, order + 1), zero, dtype=dtype), np.full((size, r), zero, dtype=dtype)
    growth = _Growth(m, order) if integers else None
    for p in range(1, order + 1):
        if F.dtype != object and growth is not None and not growth.fits(p):
            F, Y, output = F.astype(object), Y.astype(object), output.astype(object)
        here = table.of_order(p)
        if p == 1:
            for stage, colour in enumerate(m.colours):
                F[stage, colour] = m.one
        else:
            F[:, here] = F[:, table.base[here]] * Y[:, table.last[here]]
        G = F[:, here]
        slow = np.full_like(output[here], zero)
        slow[:, 1:] = np.cumsum(_weighted(m.slow, G)[:, :-1], axis=1)  # s(t+1) − s(t) = l·B F(t), up to s(0)
        state = [slow * m.u[0]] if r == 1 else _with_memory(m, G, slow, p)
        start[here] = np.stack([component[:, 0] for component in state], axis=1)
        output[here] = _weighted(m.c, state)
        for stage in range(s):
            Y[stage, here] = _weighted(m.A[stage], G) + _weighted(m.U[stage], state)
        if growth is not None:
            growth.record(G, Y[:, here])
    return TimePolynomials(table, order, output, start, scalar)


def _with_memory(m: _Recursion, G: Values, slow: Values, degree: int) -> list[Values]:
    """Add the component w: in Newton coefficients w_k = N((I − u l)B F_k − w_(k+1)), from the top down."""
    r = len(m.u)
    newton = [_differences(_weighted(row, G), degree) for row in m.fast]  # each a list of arrays (trees,) per level
    levels: list[list[Values]] = [[] for _ in range(r)]
    above = [newton[i][degree - 1] * 0 for i in range(r)]
    for level in reversed(range(degree)):
        above = [newton[i][level] - _weighted(m.fundamental[i], above) for i in range(r)]
        for i in range(r):
            levels[i].append(above[i])
    fast = [_from_newton(components[::-1], slow.shape) for components in levels]
    at_start = -_weighted(m.c, fast)[:, :1]  # c·y(0) = 0 fixes s(0)
    return [(slow + at_start) * m.u[i] + fast[i] for i in range(r)]


def _weighted(weights: list[Any], arrays: Any) -> Any:
    """Σ weight · array over the non-zero weights."""
    total = None
    for weight, array in zip(weights, arrays, strict=True):
        if weight:
            term = array if isinstance(weight, int) and weight == 1 else array * weight
            total = term if total is None else total + term
    return arrays[0] * 0 if total is None else total


def _differences(values: Values, degree: int) -> list[Values]:
    """Newton coefficients Δᵏq(0), k = 0 … degree − 1, of polynomials given by values along the last axis."""
    result = []
    for _ in range(degree):
        result.append(values[:, 0])
        values = values[:, 1:] - values[:, :-1]
    return result


def _from_newton(coefficients: list[Values], shape: tuple[int, ...]) -> Values:
    """Values Σ_k C(t, k) q_k at t = 0 … shape[1] − 1."""
    values = np.empty(shape, dtype=object)
    for t in range(shape[1]):
        values[:, t] = reduce(np.add, (q * math.comb(t, k) for k, q in enumerate(coefficients[: t + 1])))
    return values


def _magnitude(values: Values) -> int:
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


@final
class _Growth:
    """Decides before each order whether machine integers still suffice, from the true sizes of the lower orders."""

    def __init__(self, m: _Recursion, order: int) -> None:
        rows = [sum(abs(entry) for entry in row) for row in m.A]
        self._factor = max(rows) + (order + 1) * sum(abs(entry) for entry in m.slow) + 1
        self._F: list[int] = []
        self._Y: list[int] = []

    def record(self, F: Values, Y: Values) -> None:
        """Note the largest stage values of one more order."""
        self._F.append(_magnitude(F))
        self._Y.append(_magnitude(Y))

    def fits(self, p: int) -> bool:
        """Whether |F| ≤ max |F_base|·|Y_last| at order p, summed over the steps and weighted, stays below 2⁶²."""
        product = max((self._F[p - q - 1] * self._Y[q - 1] for q in range(1, p)), default=1)
        return self._factor * product < _SAFE

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
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import NDArray

from ..exact import CoefficientField, Scalar
from ..methods.general_linear import GeneralLinearMethod
from ..methods.smooth import smooth_parts
from ..trees.table import TreeTable, count_trees, tree_table
from .localisation import Localisation, Localised

Values = NDArray[Any]  # exact numbers: int64, or objects (Python integers, elements of a coefficient field)
_SAFE = 2**62


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
    scale
        The integer D; 1 where elements of the coefficient field are used.
    field
        Where the values live.
    """

    table: TreeTable
    order: int
    output: Values
    start: Values
    scale: int
    field: CoefficientField

    def derivatives(self) -> list[Scalar]:
        """Return b(τ) = d/dt cᵀy_τ(t) at t = 0, the coefficients of the modified field."""
        return list(self._combine(_derivative_weights))

    def after(self, steps: int) -> list[Scalar]:
        """Return cᵀy_τ(steps), the coefficients of the output after that many steps."""
        return [value for order in range(1, self.order + 1) for value in self._scalars(self._of_order(order)[:, steps], order, 1)]

    def starts(self) -> list[list[Scalar]]:
        """Return y_τ(0) for each tree: r exact numbers."""
        rows = []
        for order in range(1, self.order + 1):
            for row in self.start[self.table.of_order(order)]:
                rows.append(list(self._scalars(row, order, 1)))
        return rows

    def _of_order(self, order: int) -> Values:
        return self.output[self.table.of_order(order)]

    def _combine(self, weights_of: Any) -> Iterator[Scalar]:
        for order in range(1, self.order + 1):
            weights, denominator = weights_of(order)
            values = self._of_order(order)[:, 1 : order + 1]
            if values.dtype != object and _magnitude(values) * sum(map(abs, weights)) >= _SAFE:
                values = values.astype(object)
            combined = sum(weight * values[:, t] for t, weight in enumerate(weights))
            yield from self._scalars(combined, order, denominator)

    def _scalars(self, values: Values, order: int, denominator: int) -> Iterator[Scalar]:
        if self.field.is_rational:
            divisor = denominator * self.scale**order
            for value in values.tolist():
                yield Fraction(int(value.numerator), int(value.denominator) * divisor)
        else:
            divisor = self.field.element(denominator)
            for value in values.tolist():
                element = value.owner.fraction(value) if isinstance(value, Localised) else value
                yield self.field.scalar(element / divisor)


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
    _check_memory(method, order)
    table = tree_table(method.fields)
    size = table.size(order)
    field = method.coefficient_field
    if method.states == 1 and field.is_rational:
        weights = [entry * method.output[0] for entry in method.B[0]]
        scale = math.lcm(*(entry.denominator for row in (*method.A, weights) for entry in row))
        return _solve(_Recursion.over_integers(method, scale), table, order, size, scale)
    return _solve(_Recursion.over_field(method), table, order, size, 1)


def check_order(order: int) -> None:
    """Raise unless `order` is an integer ≥ 1."""
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)):
        raise TypeError(f"the order is an integer ≥ 1 (1 is the gradient flow, 2 the IGR flow), got {order!r}")
    if order < 1:
        raise ValueError(f"the order must be at least 1 (1 is the gradient flow, 2 the IGR flow), got {order}")


def _check_memory(method: GeneralLinearMethod, order: int) -> None:
    """Raise before the trees of a very large order fill the memory of the machine."""
    if order > 100:
        raise MemoryError(f"order {order} has about 2.96^{order} trees, more than any machine holds; choose a smaller order")
    trees = count_trees(order, colours=method.fields)
    needed = trees * (2 * method.stages + 1) * (order + 1) * 8
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 2**34
    if needed > available // 2:
        raise MemoryError(
            f"order {order} has {trees:.3g} trees, which need about {needed / 2**30:.3g} GiB; choose a smaller order "
            "(bound to a loss, an equation needs no trees)"
        )


@final
@dataclass(frozen=True)
class _Recursion:
    """The matrices as the recursion uses them: s from l·B, w from N(I − u l)B, both with the stage matrices."""

    field: CoefficientField
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
        return cls(method.coefficient_field, method.colours, A, [[1]] * method.stages, [1], [1], slow, [], [], 1)

    @classmethod
    def over_field(cls, method: GeneralLinearMethod) -> _Recursion:
        field, parts, one = method.coefficient_field, smooth_parts(method), method.coefficient_field.element(1)
        A, U, fast, N = field.matrix(method.A), field.matrix(method.U), parts.fast, parts.fundamental
        c, u, slow = parts.c, parts.u, parts.slow
        if not (field.domain.is_FractionField and field.domain.domain in (sympy.QQ, sympy.ZZ)):
            return cls(field, method.colours, A, U, c, u, slow, fast, N, one)
        local = Localisation(field.domain, (entry for row in (*A, *U, c, u, slow, *fast, *N) for entry in row))
        A, U, fast, N = ([[local.element(entry) for entry in row] for row in matrix] for matrix in (A, U, fast, N))
        c, u, slow = ([local.element(entry) for entry in vector] for vector in (c, u, slow))
        return cls(field, method.colours, A, U, c, u, slow, fast, N, local.element(one))


def _solve(m: _Recursion, table: TreeTable, order: int, size: int, scale: int) -> TimePolynomials:
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
    return TimePolynomials(table, order, output, start, scale, m.field)


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

"""The principal flow of a smooth update on its whole state, on any field with Taylor arithmetic: the flow that follows Adam.

Steps of the update on Taylor series give Φᵏ and its derivatives along directions, many at once. With few numbers in a state DΦᵏ is
built and ψ(DΦᵏ − 1) computed by its eigenvectors; with many, in a Krylov space of Φᵏ(s) − s, at the price of one Hessian–vector product
for each dimension. Where the rule counts steps, the map of step n is the field for n h ≤ t < (n + 1) h.

A memory that starts at 0 grows from step to step by (1 − λⁿ⁺¹)/(1 − λⁿ), in the second one to twice its size, where √v is bent most. So
where the rule counts steps it is taken in units of u_n = 1 − λⁿ: there Adam's memory is a mean from the first step on, and moves little.
The unit goes to that of the next step as u_n^(1−x) u_{n+1}^x at t = (n + x)h; in that of the time t a step is the map
s → r^(1−x) Φ(r^x s), r = u_n/u_{n+1}, and the state, in units that stay, moves with −log(r)/h · s besides.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from ..extension_points import bind
from ..graph.algebra import NumpyAlgebra, NumpyMatrices
from ..graph.linearised import Known, Linearised
from ..graph.per_array import PerArray, join, split
from ..graph.taylor_arrays import Coefficients, TaylorArrays
from ..losses.field import Field
from ..losses.symbolic_field import SymbolicField
from ..methods.recurrences import unit_ratio
from ..methods.smooth_update import SmoothUpdate
from ..series.map_flow import UpdateMapFlow
from ..sizes import WHOLE_MAP
from .checks import check_field
from .compiled import CompiledFlow
from .flow import Array, Piece, Right, check_step
from .matrix_logarithm import in_krylov_space, of_degree_two, real_psi
from .matrix_shapes import check_shapes
from .whole_state import MapOnField, on_symbols

_LARGEST = 300  # dimension of Krylov spaces
_TOLERANCE = 1e-8


def _without_code(equation: UpdateMapFlow, field: Any, n: int, ratios: Sequence[float]) -> CompiledFlow:
    raise ValueError(f"the {equation.title} of {equation.method.name} is generated code on losses on symbols only; {field.name} is none")


@final
@dataclass(frozen=True, eq=False, repr=False)
class UpdateFlow(MapOnField):
    """The principal flow of a smooth update's map on a loss or field.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.whole_state_flow(mq.RMSProp(0.9, 1e-3)).on(mq.losses.quadratic([[1]]))
    >>> flow.dimension, flow.start(np.array([2.0]), 0.1)  # θ and v, at rest
    (2, array([2., 0.]))
    """

    equation: UpdateMapFlow
    generated: Callable[[UpdateMapFlow, Any, int, Sequence[float]], CompiledFlow] = _without_code

    @property
    def changes(self) -> bool:
        """Whether each step has a map of its own, or the first one a start of its own."""
        return self.equation.method.needs_n or (self.period == 1 and self.equation.method.starts_at_branch_point)

    def launch(self, theta0: Array, h: float) -> tuple[float, Array]:
        """Return the time and the state after the first k steps, where a memory starts at a branch point and no map differs from them."""
        start = self.start(theta0, h)
        if self.changes or not self.equation.method.starts_at_branch_point:
            return 0.0, start
        return self.period * h, self._advance(start[np.newaxis], h, self.period)[0]

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the field of step n; in the first k, where a memory starts at a branch point, the straight line to their end."""
        step, k = check_step(h), self.period
        if n >= k or not (self.changes and self.equation.method.starts_at_branch_point):
            return (replace(self._piece(self._right(step, n - n % k), step, n - n % k), in_step=True),)
        velocity: list[Array] = []

        def accept(state: Array) -> None:
            if not velocity:  # called first with the state at rest
                velocity.append((self._advance(state[np.newaxis], step, k)[0] - state) / (k * step))

        return (Piece(lambda t, y: velocity[0], accept=accept),)

    def of_step(self, n: int) -> CompiledFlow:
        """Return the field of step n alone as generated code, which can be compiled and exported; on losses on symbols.

        Its time counts from the start of the step.

        >>> import modeq as mq
        >>> flow = mq.whole_state_flow(mq.Adam()).on(mq.losses.double_well())
        >>> state = [1.4, 0.1, 0.2]
        >>> bool(np.allclose(flow.of_step(3)(state, 0.01), flow(state, 0.01, 3)))
        True
        """
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise ValueError(f"steps are counted 0, 1, 2, …, got {n!r}")
        return self.generated(self.equation, self.field, n, self.unit_ratios(n).tolist())

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the field as a stand-alone module, where all steps have the same."""
        if self.equation.method.needs_n:
            raise ValueError(
                f"each step of {self.equation.method.name} has a field of its own, as the rule counts steps; export that of one step by "
                "flow.of_step(n).export(path), or take bias_correction=False"
            )
        return self.of_step(0).export(path)

    def extras(self, states: Array, h: float) -> dict[str, Array]:
        """Return the memory by name, shape (n, d) each."""
        parts = self._vectors(states)
        return {name: parts[:, q] for q, name in enumerate(self.equation.method.state_names) if q > 0}

    def __call__(self, state: ArrayLike, h: float, n: int = 0) -> Array:
        """Return the field of step n at a state where the step begins, shape (r·d,); units: state per unit time."""
        return self._right(check_step(h), n)(0.0, np.asarray(state, float))

    def step_matrix(self, state: ArrayLike, h: float, n: int = 0) -> Array:
        """Return DΦᵏ, k steps from step n on, at a state, shape (r·d, r·d)."""
        point = np.asarray(state, float)
        with np.errstate(all="ignore"):
            return self._jet(point, np.eye(self.dimension), check_step(h), n, 1)[1].T

    def _step_matrix(self, h: float, state: Array, n: int) -> Array:
        """Return DΦᵏ exactly: difference quotients may take v below 0."""
        return self.step_matrix(state, h, n)

    def follow(self, states: Array, h: float | Array, n: int = 0) -> Array:
        """Do k steps from many states, the first of them at step n, each of the others k steps later than the one before."""
        if not self.equation.method.needs_n:
            return self._advance(states, h, self.period, n)
        sizes, k = np.broadcast_to(h, len(states)), self.period
        return np.concatenate([self._advance(states[i : i + 1], sizes[i], k, n + i * k) for i in range(len(states))])

    def unit_ratios(self, n: int) -> Array:
        """Return what a step makes of the unit of each vector of the state; see `recurrences.unit_ratio`."""
        method = self.equation.method
        if not (method.needs_n and self.period == 1 and isinstance(method, SmoothUpdate)):
            return np.ones(method.states)
        return np.array([unit_ratio(method, q, n) for q in range(method.states)])

    def _right(self, h: float, n: int) -> Right:
        """Return the field of step n, t counted from its start: of the map that a step is in the units of that time."""
        equation, k = self.equation, self.period
        size, ratio = self.dimension, np.repeat(self.unit_ratios(n), self.field.dimension)
        rate = np.log(ratio) / h
        dense = size <= WHOLE_MAP if equation.hessian == "auto" else equation.hessian == "dense"

        def right(t: float, y: Array) -> Array:
            before = ratio ** (t / h)  # from the units of this time to those of the start
            after = ratio / before

            def derivatives(directions: Array, degree: int) -> list[Array]:
                """Φᵏ(y), shape (N,), and its coefficients along directions, shape (Q, N) each."""
                with np.errstate(all="ignore"):  # √v has no derivative where v is 0
                    return [after * rows for rows in self._jet(before * y, before * directions, h, n, degree)]

            if dense or equation.degree > 1:
                end, columns = derivatives(np.eye(size), 1)
                matrix, moved = columns.T, end - y
                if not np.isfinite(matrix).all() or not np.isfinite(moved).all():
                    return np.full(size, np.nan)
                result = real_psi(matrix, moved)
                if equation.degree > 1:
                    result = result + of_degree_two(matrix, moved, lambda directions: derivatives(directions, 2)[2])
            else:
                with np.errstate(all="ignore"):
                    end, product = self._linearised(before * y, h, n)
                    moved = after * end - y
                    result = in_krylov_space(lambda v: after * product(before * v), moved, min(size, _LARGEST), _TOLERANCE)
            return result / (k * h) - rate * y

        return right

    def _linearised(self, y: Array, h: float, n: int) -> tuple[Array, Callable[[Array], Array]]:
        """Return Φᵏ(y) and the products with DΦᵏ(y): what acts entry by entry is computed once, and each product asks for f′ alone."""
        method, field = self.equation.method, self.field
        if method.per_array:
            return self._jet(y, np.zeros((1, len(y))), h, n, 1)[0], lambda v: self._jet(y, v[np.newaxis], h, n, 1)[1][0]
        tape, shape = Linearised(NumpyAlgebra()), (field.dimension,)

        def evaluate(colour: int, point: Known) -> Known:
            value, product = field.linearised(np.broadcast_to(point[0], shape), None if method.fields == 1 else colour)
            return tape.through(value, point, product)

        state = [tape.variable(vector) for vector in y.reshape(method.states, -1)]
        for number in range(n, n + self.period):
            state = method.step(state, (h, None), number, evaluate, tape)

        def product(v: Array) -> Array:
            changes = tape.changes(state, list(v.reshape(method.states, -1)))
            return np.concatenate([np.broadcast_to(0.0 if change is None else change, shape) for change in changes])

        return np.concatenate([np.broadcast_to(value, shape) for value, _ in state]), product

    def _jet(self, y: Array, directions: Array, h: float, n: int, degree: int) -> list[Array]:
        method, field = self.equation.method, self.field
        count, size = len(directions), len(y)
        vectors = y.reshape(method.states, -1)
        along = np.moveaxis(directions.reshape(count, method.states, -1), 1, 0)
        rest: tuple[Any, ...] = (None,) * (degree - 1)
        part = None if method.fields == 1 else 0

        def evaluate(colour: int, point: Coefficients) -> Coefficients:
            given = np.zeros((count, degree + 1, field.dimension), np.result_type(*(x for x in point if x is not None)))
            for j in range(1, degree + 1):
                if point[j] is not None:
                    given[:, j] = point[j]
            values = field.taylor(point[0], given, part if part is None else colour)
            return (values[0, 0], *(values[:, j] for j in range(1, degree + 1)))

        step_size: Any = (h, None, *rest)
        state: list[Any] = [(vectors[q], along[q], *rest) for q in range(method.states)]
        if not method.per_array:
            algebra: Any = TaylorArrays(degree, NumpyAlgebra())
            for number in range(n, n + self.period):
                state = method.step(state, step_size, number, evaluate, algebra)
        else:
            shapes, matrices = field.shapes, PerArray(TaylorArrays(degree, NumpyMatrices()))
            cut = [_turned([None if x is None else split(x, shapes) for x in coefficients], len(shapes)) for coefficients in state]

            def evaluate_arrays(colour: int, point: Any) -> Any:
                joined = tuple(_joined(level, point) for level in zip(*point, strict=True))
                return _turned([split(x, shapes) for x in evaluate(colour, joined)], len(shapes))

            for number in range(n, n + self.period):
                cut = method.step(cut, (step_size,), number, evaluate_arrays, matrices)
            state = [tuple(_joined(level, coefficients) for level in zip(*coefficients, strict=True)) for coefficients in cut]
        shape = (count, field.dimension)
        result = [np.concatenate([coefficients[0] for coefficients in state])]
        for j in range(1, degree + 1):
            rows = [np.zeros(shape) if c[j] is None else np.broadcast_to(c[j], shape) for c in state]
            result.append(np.concatenate(rows, axis=1).reshape(count, size))
        return result


def _turned(levels: list[Any], count: int) -> tuple[Any, ...]:
    """Turn matrices by degree and parameter array into Taylor series by parameter array."""
    return tuple(tuple(None if level is None else level[k] for level in levels) for k in range(count))


def _joined(level: tuple[Any, ...], point: tuple[Coefficients, ...]) -> Any:
    """Put the matrices of one degree back into vectors; None if they are all 0."""
    known = [x for x in level if x is not None]
    if not known:
        return None
    leading = max((x.shape[:-2] for x in known), key=len)
    return join(
        tuple(
            np.zeros((*leading, *p[0].shape[-2:])) if x is None else np.broadcast_to(x, (*leading, *x.shape[-2:]))
            for x, p in zip(level, point, strict=True)
        )
    )


@bind.register(UpdateMapFlow, Field)
def update_flow(equation: UpdateMapFlow, field: Field) -> UpdateFlow:
    """Put the principal flow of an update's map on a field of any kind."""
    check_field(field, equation.method.fields, equation.method.name)
    equation.method.require_numbers("binding a principal flow")
    check_shapes(equation.method, field)
    return UpdateFlow(equation, field)


@bind.register(UpdateMapFlow, SymbolicField)
def _(equation: UpdateMapFlow, field: SymbolicField) -> UpdateFlow:
    on_arrays = update_flow(equation, field)
    return on_arrays if equation.method.per_array else replace(on_arrays, generated=on_symbols)

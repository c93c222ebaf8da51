r"""General linear methods: dynamics that are linear in their states and in the field values that they ask for.

.. math::  Y = A\,h f(Y) + U y, \qquad y^+ = B\,h f(Y) + V y, \qquad x = c^T y

with stages :math:`Y \in R^{s \times d}`, state :math:`y \in R^{r \times d}`, output :math:`x \in R^d`. Every Runge–Kutta method,
momentum method and composition of them is a choice of the matrices; B-series and closed symbols read only these.

Reference: J. C. Butcher, General linear methods, Acta Numerica 15 (2006), doi:10.1017/S0962492906220014.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar, final

import numpy as np
import sympy

from ..arithmetic import Algebra
from ..exact import CoefficientField, Matrix, Scalar, ScalarLike, exact, free_parameters, to_sympy
from . import linear_algebra
from .method import Method
from .tableaux import MatrixLike, OutputRow, exact_matrix, exact_vector, stage_colours

T = TypeVar("T")


@final
@dataclass(frozen=True, repr=False, init=False)
class GeneralLinearMethod(Method):
    """The method Y = A·h f(Y) + U·y, y⁺ = B·h f(Y) + V·y, x = cᵀy with exact entries, checked at construction.

    All arguments are given by name, entries as exact numbers, floats or parameter names.

    Attributes
    ----------
    name
        What messages and tables call it.
    A, U, B, V
        Exact matrices, tuples of rows, of shapes (s, s), (s, r), (r, s), (r, r).
    output
        The row c, length r, a tuple that can be called: ``output(state)`` is x.
    colours
        The field that each stage evaluates, length s; all 0, the ordinary case of one field, when left out.
    scaling
        For an update that keeps its memory in other units: state q here is h to the power ``scaling[q]`` times the memory as
        written, whose step `step` takes; it stays what it is where the step size changes. All 0 when left out.

    Raises
    ------
    ValueError
        If the shapes do not match, or if the method is inconsistent or unstable at h = 0.

    References
    ----------
    J. C. Butcher, *General linear methods*, Acta Numerica 15 (2006), doi:10.1017/S0962492906220014.

    Examples
    --------
    Heavy ball with state (x, v):

    >>> GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[[1], [1]], V=[[1, "b"], [0, "b"]], output=[1, 0]).parameters
    ('b',)
    >>> from modeq.methods import HeavyBall
    >>> heavy_ball = HeavyBall(0.9)
    >>> heavy_ball.states, heavy_ball.stages, heavy_ball.V[0]
    (2, 1, (Fraction(1, 1), Fraction(9, 10)))
    """

    name: str
    A: Matrix
    U: Matrix
    B: Matrix
    V: Matrix
    output: OutputRow
    colours: tuple[int, ...]
    scaling: tuple[int, ...]

    def __init__(
        self,
        *,
        A: MatrixLike,
        U: MatrixLike,
        B: MatrixLike,
        V: MatrixLike,
        output: Sequence[ScalarLike],
        colours: Sequence[int] | None = None,
        scaling: Sequence[int] | None = None,
        name: str = "general linear method",
    ) -> None:
        tableau = exact_matrix(A, "A")
        entries = {
            "name": name,
            "A": tableau,
            "U": exact_matrix(U, "U"),
            "B": exact_matrix(B, "B"),
            "V": exact_matrix(V, "V"),
            "output": OutputRow(exact_vector(output, "the output")),
            "colours": stage_colours(colours, len(tableau)),
            "scaling": (0,) * len(output) if scaling is None else tuple(scaling),
        }
        for key, value in entries.items():
            object.__setattr__(self, key, value)  # the class is frozen for everybody else
        self._check_shapes()
        _ = self.invariants  # raises when the method is inconsistent or unstable
        self._check_root_condition()

    @property
    def stages(self) -> int:
        """Number s of field evaluations per step."""
        return len(self.A)

    @property
    def state_names(self) -> tuple[str, ...]:
        """The one vector of a method without memory is θ; others are y1, y2, …, of which θ is a combination."""
        return ("θ",) if len(self.V) == 1 else tuple(f"y{i + 1}" for i in range(len(self.V)))

    @property
    def fields(self) -> int:
        """Number of different fields (colours) that the stages evaluate."""
        return 1 + max(self.colours)

    @property
    def is_explicit(self) -> bool:
        """Whether each stage needs earlier stages only (A strictly lower triangular)."""
        return all(entry == 0 for i, row in enumerate(self.A) for entry in row[i:])

    @property
    def needs_n(self) -> bool:
        """No: the matrices are the same in every step."""
        return False

    @property
    def linear(self) -> GeneralLinearMethod:
        """The method itself."""
        return self

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that are still symbolic."""
        return free_parameters(self.entries())

    @cached_property
    def coefficient_field(self) -> CoefficientField:
        """The smallest field with all entries in it."""
        return CoefficientField.containing(self.entries())

    @cached_property
    def invariants(self) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...]]:
        """Right and left eigenvectors (u, l) of V for the eigenvalue 1, with c·u = 1 and l·u = 1.

        u ⊗ x is the state at rest in x: the one that a zero field leaves alone.
        """
        field = self.coefficient_field
        defect = linear_algebra.identity_minus(field.matrix(self.V), field)
        right, left = (linear_algebra.kernel(m, field) for m in (defect, linear_algebra.transpose(defect)))
        if not right:
            raise ValueError(f"{self.name} is inconsistent: V has no eigenvalue 1, so at h = 0 a step does not keep a point where it is")
        if len(right) > 1:
            raise ValueError(f"{self.name} is unstable at h = 0: the eigenvalue 1 of V must be simple")
        (u,), (l,) = right, left
        (at_output,) = linear_algebra.apply([[field.element(entry) for entry in self.output]], u)
        if not at_output:
            raise ValueError(f"{self.name} is inconsistent: the output does not see the state that V keeps (c·u = 0)")
        u = [entry / at_output for entry in u]
        (overlap,) = linear_algebra.apply([l], u)
        if not overlap:
            raise ValueError(f"{self.name} is unstable at h = 0: the eigenvalue 1 of V must be simple")
        l = [entry / overlap for entry in l]
        for stage, start in enumerate(linear_algebra.apply(field.matrix(self.U), u)):
            if start - field.element(1):  # a difference of 0 is always recognised, also where fractions are not normalised
                raise ValueError(
                    f"{self.name} is inconsistent: at h = 0 stage {stage + 1} sees {field.scalar(start)}·x "
                    "instead of x (U·u must be 1 in every stage)"
                )
        return tuple(map(field.scalar, u)), tuple(map(field.scalar, l))

    def with_parameters(self, **values: ScalarLike) -> GeneralLinearMethod:
        """Put numbers (or other expressions) in the place of symbolic parameters.

        >>> from modeq.methods import HeavyBall
        >>> HeavyBall("beta").with_parameters(beta=0.9) == HeavyBall(0.9)
        True
        """
        unknown = sorted(set(values) - set(self.parameters))
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise ValueError(f"{self.name} has no free parameter {unknown[0]!r}; its free parameters: {known}")
        table = {sympy.Symbol(name): to_sympy(exact(value, what=name)) for name, value in values.items()}

        def put(entry: Scalar) -> Scalar:
            return entry if isinstance(entry, Fraction) else exact(sympy.sympify(entry.subs(table)))

        def put_all(matrix: Matrix) -> Matrix:
            return tuple(tuple(map(put, row)) for row in matrix)

        A, U, B, V = map(put_all, (self.A, self.U, self.B, self.V))
        return replace(self, A=A, U=U, B=B, V=V, output=OutputRow(map(put, self.output)))

    def rest(self, theta: Any) -> list[Any]:
        """Return u ⊗ θ."""
        return [float(to_sympy(entry)) * theta for entry in self.invariants[0]]

    def step(self, state: Sequence[T], h: T, n: int, evaluate: Callable[[int, T], T], algebra: Algebra[T]) -> list[T]:
        """Take a step of an explicit method; see `Method.step`."""
        if not self.is_explicit:
            raise ValueError(f"{self.name} is implicit: its stages solve an equation, as mq.iterate does; one step has no formula")

        def combination(row: Sequence[tuple[int, Scalar | None]]) -> T:
            total: T | None = None
            for k, weight in row:
                vector = state[k] if k < self.states else slopes[k - self.states]
                term = vector if weight is None else algebra.multiply(algebra.constant(weight), vector)
                total = term if total is None else algebra.add(total, term)
            return algebra.multiply(algebra.constant(0), state[0]) if total is None else total

        units = [None if power == 0 else algebra.power(h, power) for power in self.scaling]
        state = [y if unit is None else algebra.multiply(unit, y) for unit, y in zip(units, state, strict=True)]
        slopes: list[T] = []
        stages, states = self._combinations
        for colour, row in zip(self.colours, stages, strict=True):
            slopes.append(algebra.multiply(h, evaluate(colour, combination(row))))
        new = [combination(row) for row in states]
        return [y if unit is None else algebra.divide(y, unit) for unit, y in zip(units, new, strict=True)]

    @cached_property
    def _combinations(self) -> tuple[list[list[tuple[int, Scalar | None]]], list[list[tuple[int, Scalar | None]]]]:
        """For each stage and each new state the states and slopes that it is made of, with their weights, None for 1."""

        def row(weights: Sequence[Scalar]) -> list[tuple[int, Scalar | None]]:
            return [(k, None if weight == 1 else weight) for k, weight in enumerate(weights) if weight != 0]

        return [row((*u, *a)) for u, a in zip(self.U, self.A, strict=True)], [row((*v, *b)) for v, b in zip(self.V, self.B, strict=True)]

    def on_field(self, colour: int) -> GeneralLinearMethod:
        """Return the same method with every stage evaluating the field number `colour`, 0 being the first."""
        return replace(self, colours=(colour,) * self.stages)

    def matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return A, U, B, V and c rounded to float64 arrays."""
        self.require_numbers("running a method")
        A, U, B, V = (
            np.array([[float(to_sympy(entry)) for entry in row] for row in matrix], dtype=float)
            for matrix in (self.A, self.U, self.B, self.V)
        )
        return A, U, B, V, np.array([float(to_sympy(entry)) for entry in self.output])

    def __reduce__(self) -> tuple[Callable[..., GeneralLinearMethod], tuple[Any, ...]]:
        return _rebuilt, (
            self.name,
            self.A,
            self.U,
            self.B,
            self.V,
            tuple(self.output),
            self.colours,
            self.scaling,
        )  # without what is cached

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}, {self.stages} stage(s), {self.states} state(s)>"

    def entries(self) -> Iterator[Scalar]:
        """Iterate over all entries of A, U, B, V and the output."""
        for matrix in (self.A, self.U, self.B, self.V, (self.output,)):
            for row in matrix:
                yield from row

    def _check_shapes(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"the name of a method is text, got {self.name!r}")
        s, r = len(self.colours), len(self.output)
        if s < 1 or r < 1:
            raise ValueError(f"{self.name} needs at least one stage and one state")
        for letter, matrix, rows, columns in (("A", self.A, s, s), ("U", self.U, s, r), ("B", self.B, r, s), ("V", self.V, r, r)):
            if len(matrix) != rows or any(len(row) != columns for row in matrix):
                shape = (len(matrix), *sorted({len(row) for row in matrix}))
                raise ValueError(f"{letter} must have shape ({rows}, {columns}) for {s} stages and {r} states, got {shape}")
        if any(not isinstance(colour, int) or colour < 0 for colour in self.colours):
            raise ValueError(f"colours are integers ≥ 0, one for each stage, got {self.colours}")

    def _check_root_condition(self) -> None:
        if self.states == 1 or any(free_parameters(row) for row in self.V):
            return
        V = np.array([[float(to_sympy(entry)) for entry in row] for row in self.V])
        if not np.isfinite(V).all():
            raise ValueError(f"{self.name} has parameters that are too large for floating-point numbers")
        moduli = np.sort(np.abs(np.linalg.eigvals(V)))
        if moduli[-1] > 1 + 1e-9:
            raise ValueError(
                f"{self.name} is unstable at h = 0: V has an eigenvalue of modulus {moduli[-1]:.6g}, so errors grow without "
                "any step being taken (all others than the simple 1 must lie in the unit disc)"
            )
        early, late = (np.linalg.norm(_power(V, doublings)) for doublings in (20, 40))
        if not late <= 1000 * early:  # bounded powers settle, those of a Jordan block of modulus 1 grow with their exponent
            raise ValueError(f"{self.name} is unstable at h = 0: V has a multiple eigenvalue of modulus 1, its powers grow")


def _rebuilt(name: str, A: Matrix, U: Matrix, B: Matrix, V: Matrix, output: Any, *rest: tuple[int, ...]) -> GeneralLinearMethod:
    """Build again, where a method is unpickled."""
    return GeneralLinearMethod(A=A, U=U, B=B, V=V, output=output, colours=rest[0], scaling=rest[1], name=name)


def _power(matrix: np.ndarray, doublings: int) -> np.ndarray:
    """Return matrix**(2**doublings)."""
    with np.errstate(all="ignore"):  # an overflow is an answer
        for _ in range(doublings):
            matrix = matrix @ matrix
    return matrix

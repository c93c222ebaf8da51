r"""A method: one general linear method, the only form of a discrete dynamics in modeq.

.. math::  Y = A\,h f(Y) + U y, \qquad y^+ = B\,h f(Y) + V y, \qquad x = c^T y

with stages :math:`Y \in R^{s \times d}`, state :math:`y \in R^{r \times d}`, output :math:`x \in R^d`. Every optimizer,
Runge–Kutta method and composition is a choice of the matrices; everything else in modeq reads only them.

Reference: J. C. Butcher, General linear methods, Acta Numerica 15 (2006), doi:10.1017/S0962492906220014.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy

from ..exact import CoefficientField, Matrix, Scalar, ScalarLike, exact, free_parameters, to_sympy
from . import linear_algebra


@final
@dataclass(frozen=True, repr=False)
class Method:
    """A general linear method with exact entries, checked at construction.

    Attributes
    ----------
    name
        For people: ``"gradient descent"``.
    A, U, B, V
        Exact matrices of shapes (s, s), (s, r), (r, s), (r, r).
    output
        The row c, length r.
    colours
        The field that each stage evaluates, length s; all 0 in the ordinary case of one field.

    Raises
    ------
    ValueError
        If the shapes do not match, or if the method is inconsistent or unstable at h = 0.

    Examples
    --------
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
    output: tuple[Scalar, ...]
    colours: tuple[int, ...]

    def __post_init__(self) -> None:
        self._check_shapes()
        _ = self.invariants  # raises when the method is inconsistent or unstable
        self._check_root_condition()

    @property
    def stages(self) -> int:
        """Number s of field evaluations per step."""
        return len(self.A)

    @property
    def states(self) -> int:
        """Number r of vectors that are carried from step to step; 1 means no memory."""
        return len(self.V)

    @property
    def fields(self) -> int:
        """Number of different fields (colours) that the stages evaluate."""
        return 1 + max(self.colours)

    @property
    def is_explicit(self) -> bool:
        """Whether each stage needs earlier stages only (A strictly lower triangular)."""
        return all(entry == 0 for i, row in enumerate(self.A) for entry in row[i:])

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

    def with_parameters(self, **values: ScalarLike) -> Method:
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
        return Method(self.name, A, U, B, V, tuple(map(put, self.output)), self.colours)

    def on_field(self, colour: int) -> Method:
        """Return the same method with every stage evaluating the field number `colour`, 0 being the first."""
        return replace(self, colours=(colour,) * self.stages)

    def require_numbers(self, purpose: str) -> None:
        """Raise if parameters are still symbolic where numbers are needed."""
        if self.parameters:
            setting = ", ".join(f"{name}=…" for name in self.parameters)
            raise ValueError(
                f"{purpose} needs numbers, but {self.name} has the free parameter {', '.join(self.parameters)}; "
                f"use method.with_parameters({setting})"
            )

    def matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return A, U, B, V and c rounded to float64 arrays."""
        self.require_numbers("running a method")
        A, U, B, V = (
            np.array([[float(to_sympy(entry)) for entry in row] for row in matrix], dtype=float)
            for matrix in (self.A, self.U, self.B, self.V)
        )
        return A, U, B, V, np.array([float(to_sympy(entry)) for entry in self.output])

    def __reduce__(self) -> tuple[type[Method], tuple[Any, ...]]:
        return Method, (self.name, self.A, self.U, self.B, self.V, self.output, self.colours)  # without what is cached

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Method: {self.name}, {self.stages} stage(s), {self.states} state(s)>"

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


def _power(matrix: np.ndarray, doublings: int) -> np.ndarray:
    """Return matrix**(2**doublings)."""
    with np.errstate(all="ignore"):  # an overflow is an answer
        for _ in range(doublings):
            matrix = matrix @ matrix
    return matrix


def check_method(method: Any) -> None:
    """Raise unless `method` is a `Method`."""
    if not isinstance(method, Method):
        hint = "; call it with its brackets, as in GradientDescent() or my_update(beta=0.9)" if callable(method) else ""
        raise TypeError(f"expected a method, got {getattr(method, '__name__', type(method).__name__)}{hint}")

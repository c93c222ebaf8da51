"""What a run of a smooth update starts from, and whether it starts at all: the update at h = 0 and without the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, final

import sympy

from ..arithmetic import Arithmetic
from ..exact import Scalar, exact, to_sympy
from .program import Program

_INFINITE = (sympy.zoo, sympy.nan, sympy.oo)
_AHEAD = 3  # steps to look for one that is defined


class _Formulas(Arithmetic):
    """SymPy expressions, in which a vector is a symbol and a total a function of it."""

    def constant(self, value: Scalar | int) -> sympy.Expr:
        return to_sympy(Fraction(value) if isinstance(value, int) else value)

    def power(self, a: Any, exponent: Scalar | int) -> Any:
        return a ** self.constant(exponent)

    def apply(self, function: str, a: Any) -> Any:
        known = getattr(sympy, function, None)
        return sympy.Function(function)(a) if known is None else known(a)

    def total(self, a: Any) -> Any:
        return sympy.Function("total")(a) if a != 0 else a

    def transpose(self, a: Any) -> Any:
        return sympy.Function("transpose")(a) if a != 0 else a

    def matmul(self, a: Any, b: Any) -> Any:
        return sympy.Function("matmul")(a, b) if 0 not in (a, b) else sympy.Integer(0)

    def maximum(self, a: Any, b: Any) -> Any:
        return sympy.Function("maximum")(a, b)

    def minimum(self, a: Any, b: Any) -> Any:
        return sympy.Function("minimum")(a, b)


@final
class _Finite(_Formulas):
    """The same, but nothing is divided by 0."""

    def power(self, a: Any, exponent: Scalar | int) -> Any:
        if a == 0 and self.constant(exponent).is_negative:
            raise ZeroDivisionError
        return super().power(a, exponent)

    def divide(self, a: Any, b: Any) -> Any:
        if b == 0:
            raise ZeroDivisionError
        return a / b


def check_consistency(program: Program, rest: Sequence[tuple[Scalar, Scalar]], title: str) -> None:
    """Raise unless a step of size 0 from rest leaves θ where it is.

    Raises
    ------
    ValueError
        If it moves θ, or if the update is not analytic in h.
    """
    field = sympy.Function("f")
    theta = sympy.Symbol("θ", positive=True)
    state = [theta, *(to_sympy(a) * theta + to_sympy(b) for a, b in rest)]
    step = sympy.Symbol("h", positive=True)
    moved = program.run(state, step, 1, field, _Formulas())[0] - theta
    parts = _parts(moved)
    if any(part.is_Pow and part.base == step and not part.exp.is_Integer for part in parts):
        raise ValueError(f"{title}: the powers of h do not fit together (h enters with a root); the update must be analytic in h")
    if parts.intersection(_INFINITE):
        raise ValueError(
            f"{title} divides by a memory that is 0 at rest, so its first step is not defined{_later(program, state, step, field)}; divide "
            "by the new memory, or let it start elsewhere: @mq.method(memory=…, start={'v': 0.1})"
        )
    if program.uses("n") or program.uses("geometric"):
        _check_first_step(program, state, step, field, title)
    still = program.run(state, sympy.Integer(0), 1, field, _Formulas())[0] - theta
    left = sympy.expand(moved.subs(step, 0) if still.has(*_INFINITE) else still)
    if left != 0 and sympy.simplify(left) != 0:
        if left.has(field):
            raise ValueError(
                f"{title}: the powers of h do not fit together (at h = 0 a step moves θ by {left}); each f(…) must enter θ with a factor h"
            )
        raise ValueError(f"{title} is inconsistent: at h = 0 a step does not keep a point where it is, it moves θ by {left}")


def _check_first_step(program: Program, state: Sequence[Any], step: Any, field: Any, title: str) -> None:
    """Raise if the update divides by 0 at n = 0, but not at n = 1."""
    for n, message in (
        (1, ""),
        (0, f"{title} divides by 0 at n = 0, which is its first step; count from n + 1, as in m / (1 - beta**(n + 1))"),
    ):
        try:
            program.run(state, step, n, field, _Finite())
        except ZeroDivisionError:
            if not message:
                return
            raise ValueError(message) from None


def _parts(expression: sympy.Expr) -> set[Any]:
    """Return all that an expression consists of, each part visited once: SymPy follows every path to it, which multiply at each product."""
    found, waiting = set(), [expression]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting += part.args
    return found


def _later(program: Program, state: Sequence[Any], step: Any, field: Any) -> str:
    """Say which step is the first that is defined, when the memory of those before it moves on over a θ that stays."""
    for n in range(1, _AHEAD + 1):
        state = [state[0], *program.run(state, step, n, field, _Formulas())[1:]]
        if not program.run(state, step, n + 1, field, _Formulas())[0].has(*_INFINITE):
            return f", step {n} is: start there, with the memory of {n} step{'s' * (n > 1)}"
    return ""


def state_at_rest(program: Program, memory: Sequence[str], given: Mapping[str, float]) -> tuple[tuple[Scalar, Scalar], ...]:
    """Return (a, b) for each memory, which is a θ + b at rest: where the update without the field leaves it.

    A memory that nothing determines, such as a sum of squares, starts at 0; `given` puts a number in its place.
    """
    states = [sympy.Symbol(f"y{i}") for i in range(len(program.outputs))]
    try:
        new = program.run(states, sympy.Integer(0), 1, lambda colour, x: sympy.Integer(0), _Formulas())
    except ZeroDivisionError:
        new = states
    found: list[tuple[Scalar, Scalar]] = []
    equations = [sympy.expand(after - before) for after, before in zip(new[1:], states[1:], strict=True)]
    solution: dict[Any, Any] = {}
    if equations and all(equation.is_polynomial(*states) and sympy.total_degree(equation, *states) <= 1 for equation in equations):
        solution = sympy.solve(equations, states[1:], dict=False) or {}
    for name, symbol in zip(memory, states[1:], strict=True):
        value = solution.get(symbol, sympy.Integer(0)) if isinstance(solution, dict) else sympy.Integer(0)
        slope = sympy.diff(value, states[0])
        rest = sympy.expand(value - slope * states[0])
        if slope.free_symbols & set(states) or rest.free_symbols & set(states):
            slope, rest = sympy.Integer(0), sympy.Integer(0)
        found.append((Fraction(0), exact(given[name])) if name in given else (exact(slope), exact(rest)))
    return tuple(found)

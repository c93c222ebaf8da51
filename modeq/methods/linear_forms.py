"""General linear methods from updates that are linear in their states and field values.

The program of an update is run over linear forms; where that works, the matrices can be read off. Powers of h are followed too: a
velocity may be kept in units of the state (v⁺ = βv + h f, x⁺ = x + v⁺) or of the field (v⁺ = βv + f, x⁺ = x + h v⁺); rescaling each
memory by the right power of h brings both into the one form Y = A·h f(Y) + U·y.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias, final

import sympy

from ..exact import Scalar, exact, to_sympy
from .general_linear import GeneralLinearMethod
from .program import Program

_STEP = sympy.Symbol("h", positive=True)  # assumptions keep it apart from a user's own parameter "h"
_Key: TypeAlias = tuple[str, int]  # ("y", i): state i; ("f", j): the j-th field value


class NotLinear(Exception):
    """The update leaves the linear forms, or its powers of h do not fit together."""


@final
class LinearForm:
    """Σ coefficient · (state or field value), coefficients in the parameters and h."""

    def __init__(self, terms: Mapping[_Key, sympy.Expr]) -> None:
        self.terms = {key: value for key, value in terms.items() if value != 0}


_Value: TypeAlias = LinearForm | sympy.Expr


@final
class _LinearForms:
    """The algebra of linear forms, and of numbers in the parameters and h."""

    def constant(self, value: Scalar | int) -> _Value:
        return to_sympy(Fraction(value) if isinstance(value, int) else value)

    def add(self, a: _Value, b: _Value) -> _Value:
        if isinstance(a, LinearForm) and isinstance(b, LinearForm):
            keys = {**a.terms, **b.terms}
            return LinearForm({key: sympy.expand(a.terms.get(key, 0) + b.terms.get(key, 0)) for key in keys})
        if isinstance(a, LinearForm) or isinstance(b, LinearForm):
            raise NotLinear
        return a + b

    def subtract(self, a: _Value, b: _Value) -> _Value:
        return self.add(a, self.negate(b))

    def negate(self, a: _Value) -> _Value:
        return self.multiply(sympy.Integer(-1), a)

    def multiply(self, a: _Value, b: _Value) -> _Value:
        if isinstance(a, LinearForm):
            a, b = b, a
        if isinstance(a, LinearForm):
            raise NotLinear
        if isinstance(b, LinearForm):
            return LinearForm({key: sympy.expand(value * a) for key, value in b.terms.items()})
        return a * b

    def divide(self, a: _Value, b: _Value) -> _Value:
        if isinstance(b, LinearForm):
            raise NotLinear
        return self.multiply(1 / b, a)

    def power(self, a: _Value, exponent: Scalar | int) -> _Value:
        if isinstance(a, LinearForm):
            raise NotLinear
        return a ** self.constant(exponent)

    def apply(self, function: str, a: _Value) -> _Value:
        if isinstance(a, LinearForm) or not hasattr(sympy, function):
            raise NotLinear
        return getattr(sympy, function)(a)

    def __getattr__(self, operation: str) -> Any:
        raise NotLinear  # totals and products of matrices


def linear_method_of(program: Program, title: str) -> GeneralLinearMethod | None:
    """Return the general linear method that a program is, or None if it is none.

    Raises
    ------
    ValueError
        If it is one, but inconsistent or unstable at h = 0.
    """
    if program.uses("n") or program.uses("geometric"):
        return None
    stages: list[tuple[int, LinearForm]] = []

    def evaluate(colour: int, point: _Value) -> _Value:
        if not isinstance(point, LinearForm):
            raise NotLinear
        for number, (other, known) in enumerate(stages):
            if colour == other and known.terms == point.terms:
                return LinearForm({("f", number): sympy.Integer(1)})
        stages.append((colour, point))
        return LinearForm({("f", len(stages) - 1): sympy.Integer(1)})

    states = len(program.outputs)
    state: list[_Value] = [LinearForm({("y", i): sympy.Integer(1)}) for i in range(states)]
    try:
        found = program.run(state, _STEP, 0, evaluate, _LinearForms())
        # a sum that vanishes is the number 0
        new = [LinearForm({}) if isinstance(form, sympy.Expr) and form == 0 else form for form in found]
        forms = [form for form in new if isinstance(form, LinearForm)]
        if len(forms) < len(new):
            return None
        return _method(forms, stages, states, title)
    except NotLinear:
        return None


def _method(new: list[LinearForm], stages: list[tuple[int, LinearForm]], states: int, title: str) -> GeneralLinearMethod:
    points, s = [point for _, point in stages], len(stages)
    weights = _weights(new, points, states)

    def entry(form: LinearForm, key: _Key, power: int) -> Scalar:
        value = sympy.cancel(form.terms.get(key, sympy.Integer(0)) * _STEP**power)
        if value.has(_STEP):
            raise NotLinear
        return exact(value)

    # y_i = h^(w_i) y'_i, y' being the memory as written, turns every coefficient into a number: see _weights.
    made = GeneralLinearMethod(
        A=[[entry(point, ("f", j), -1) for j in range(s)] for point in points],
        U=[[entry(point, ("y", j), -weights[j]) for j in range(states)] for point in points],
        B=[[entry(form, ("f", j), weights[i] - 1) for j in range(s)] for i, form in enumerate(new)],
        V=[[entry(form, ("y", j), weights[i] - weights[j]) for j in range(states)] for i, form in enumerate(new)],
        output=[1] + [0] * (states - 1),
        colours=[colour for colour, _ in stages],
        scaling=weights,
        name=title,
    )
    at_rest = any(entry != 0 and power != 0 for entry, power in zip(made.invariants[0], weights, strict=True))
    return replace(made, scaling=(0,) * states) if at_rest else made  # a memory such as θ/h has no rest of its own


def _weights(new: list[LinearForm], points: list[LinearForm], states: int) -> list[int]:
    """Find integers w_i, w_0 = 0, such that h^(w_i) y_i has the units of θ.

    A coefficient h^e of y_j in the update of y_i needs e = w_j − w_i, in a stage e = w_j; one of f(·) in the update
    of y_i needs e = 1 − w_i.
    """
    weights = {0: 0}
    for _ in range(states):
        for i, form in enumerate(new):
            for (kind, j), value in form.terms.items():
                power = _power_of_step(value)
                if kind == "f":
                    weights.setdefault(i, 1 - power)
                elif i in weights:
                    weights.setdefault(j, power + weights[i])
                elif j in weights:
                    weights[i] = weights[j] - power
        for point in points:
            for (kind, j), value in point.terms.items():
                if kind == "y":
                    weights.setdefault(j, _power_of_step(value))
    return [weights.get(i, 0) for i in range(states)]


def _power_of_step(value: sympy.Expr) -> int:
    powers = {term.as_coeff_exponent(_STEP)[1] for term in sympy.Add.make_args(sympy.expand(value))}
    if len(powers) != 1 or not next(iter(powers)).is_Integer:
        raise NotLinear
    return int(next(iter(powers)))

"""The linear recurrences of an update: how each state comes back to itself, and what drives it.

A smooth update has a slow solution, and a modified equation, where θ⁺ = θ + (what carries a factor h), and each memory obeys
y⁺ = λy + F with a number λ, |λ| < 1, and an F that depends on the other states and on field values: it forgets, and so follows θ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from ..exact import Scalar, exact, to_sympy
from .program import Builder
from .smooth_update import SmoothUpdate


@final
@dataclass(frozen=True)
class Recurrences:
    """An update as recurrences y⁺ = λy + F.

    Attributes
    ----------
    builder
        The instructions of the update, and what was added to them.
    factors
        λ of each state, 1 for θ.
    driving
        Place of F for each state.
    """

    builder: Builder
    factors: tuple[Scalar, ...]
    driving: tuple[int, ...]


def unit_ratio(method: SmoothUpdate, state: int, n: int) -> float:
    """Return (1 − λⁿ)/(1 − λⁿ⁺¹) of a memory that starts at 0 and forgets by the factor λ, from step n ≥ 1 on; 1 for other states.

    What drives such a memory has got the weight 1 − λⁿ after n steps, if it is a mean, so in these units the memory is full at once.
    """
    if n < 1 or state < 1 or any(method.start[state - 1]):
        return 1.0
    factor = float(to_sympy(_split(Builder.of(method.program), method.program.outputs[state], state)[0]))
    return math.expm1(n * math.log(factor)) / math.expm1((n + 1) * math.log(factor)) if 0 < factor < 1 else 1.0


def recurrences(method: SmoothUpdate) -> Recurrences:
    """Write the update of a method as recurrences.

    Raises
    ------
    ValueError
        If a memory forgets nothing, so that it follows no function of θ; the message names it and the flows that remain.
    """
    builder = Builder.of(method.program)
    factors: list[Scalar] = []
    driving: list[int] = []
    for number, place in enumerate(method.program.outputs):
        factor, rest = _split(builder, place, number)
        if number > 0 and not isinstance(factor, Fraction):
            factor = exact(to_sympy(factor))
        if number > 0 and isinstance(factor, Fraction) and not abs(factor) < 1:
            name = method.memory[number - 1]
            raise ValueError(
                f"the memory {name} of {method.name} forgets nothing ({name}⁺ = {factor}·{name} + …), so it follows no function of θ and "
                "there is no modified equation in θ; its flows are 'map', 'map2' and 'two-step', which carry it along"
            )
        factors.append(factor)
        driving.append(rest)
    return Recurrences(builder, tuple(factors), tuple(driving))


def _split(builder: Builder, place: int, state: int) -> tuple[Scalar, int]:
    """Write a result as λ·(state) + rest."""
    instruction = builder.instructions[place]
    zero = builder.number(0)
    parts = instruction.arguments
    match instruction.op:
        case "state" if instruction.value == state:
            return Fraction(1), zero
        case "add" | "subtract":
            (a, x), (b, y) = (_split(builder, part, state) for part in parts)
            sign = 1 if instruction.op == "add" else -1
            return _plus(a, b, sign), builder.make(instruction.op, (x, y))
        case "negate":
            a, x = _split(builder, parts[0], state)
            return _plus(Fraction(0), a, -1), builder.negate(x)
        case "multiply":
            for number, other in (parts, parts[::-1]):
                value = builder.fixed(number)
                if value is not None:
                    a, x = _split(builder, other, state)
                    return exact(to_sympy(a) * to_sympy(value)), builder.multiply(number, x)
            for factor, other in (parts, parts[::-1]):  # (p + q)·y = p·y + q·y, such as (1 − hλ)·θ
                (p, q), (a, x) = _parted(builder, factor), _split(builder, other, state)
                if p != 0 and a != 0:
                    rest = builder.add(builder.multiply(builder.number(p), x), builder.multiply(q, other))
                    return exact(to_sympy(p) * to_sympy(a)), rest
        case "divide":
            value = builder.fixed(parts[1])
            if value is not None:
                a, x = _split(builder, parts[0], state)
                return exact(to_sympy(a) / to_sympy(value)), builder.divide(x, parts[1])
            (p, q), (a, x) = _parted(builder, parts[1]), _split(builder, parts[0], state)
            if p != 0 and a != 0:  # y/(p + q) = (y − q·y/(p + q))/p, such as θ/(1 + hλ)
                lost = builder.divide(builder.multiply(q, parts[0]), parts[1])
                return exact(to_sympy(a) / to_sympy(p)), builder.divide(builder.subtract(x, lost), builder.number(p))
    return Fraction(0), place


def _parted(builder: Builder, place: int) -> tuple[Scalar, int]:
    """Write a sum with a number in it as (number, rest); 0 and the result itself for any other."""
    instruction = builder.instructions[place]
    if instruction.op in ("add", "subtract"):
        (first, second), less = instruction.arguments, instruction.op == "subtract"
        p, q = builder.fixed(first), builder.fixed(second)
        if p is not None:
            return p, builder.negate(second) if less else second
        if q is not None:
            return _plus(Fraction(0), q, -1 if less else 1), first
    return Fraction(0), place


def _plus(a: Scalar, b: Scalar, sign: int) -> Scalar:
    return exact(to_sympy(a) + sign * to_sympy(b))

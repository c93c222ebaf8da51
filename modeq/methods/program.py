"""The update of a method as a straight-line program, run over any algebra.

Each instruction names an operation and the earlier results that it takes:

=================  ================================================================================================
``state``          a vector that is carried from step to step, by its place
``field``          the field of a colour at a point
``h``, ``n``       the step size, and the number of the step, 0 for the first
``number``         an exact number, or a parameter
arithmetic         ``add subtract multiply divide negate``, entry by entry; one number acts on all entries
``power``          a constant exponent
``geometric``      a number to the power a·n + b, as in bias corrections
functions          a name of `FUNCTIONS`, entry by entry, or of `KINKS` in updates that are not smooth
``total``          the sum of all entries, one number
``matmul``         the product of matrices, ``transpose``; in updates of whole arrays
=================  ================================================================================================

Equal instructions are one, and numbers are folded exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar, final

import sympy

from ..arithmetic import Algebra
from ..exact import Scalar, exact, free_parameters, to_sympy
from ..functions import FUNCTIONS

T = TypeVar("T")

KINKS = frozenset({"sign", "abs", "maximum", "minimum"})


@final
@dataclass(frozen=True)
class Instruction:
    """One operation.

    Attributes
    ----------
    op
        Its name in the table of this module.
    arguments
        Places of the results that it takes.
    value
        The number, place, colour, exponent or (a, b) that it depends on besides.
    """

    op: str
    arguments: tuple[int, ...] = ()
    value: Any = None


@final
@dataclass(frozen=True)
class Program:
    """The instructions of one step, arguments first, and which results are the new state.

    Attributes
    ----------
    instructions
        All operations.
    outputs
        Places of the new vectors, one for each state.
    """

    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]

    def run(self, state: Sequence[T], h: T, n: int, evaluate: Callable[[int, T], T], algebra: Algebra[T]) -> list[T]:
        """Compute the new state over an algebra; see `Method.step`."""
        results: list[Any] = []
        for instruction in self.instructions:
            arguments = [results[place] for place in instruction.arguments]
            match instruction.op:
                case "state":
                    result: Any = state[instruction.value]
                case "field":
                    result = evaluate(instruction.value, arguments[0])
                case "h":
                    result = h
                case "n":
                    result = algebra.constant(n)
                case "number":
                    result = algebra.constant(instruction.value)
                case "power":
                    result = algebra.power(arguments[0], instruction.value)
                case "geometric":
                    a, b = instruction.value
                    result = algebra.power(arguments[0], a * n + b)
                case op if op in FUNCTIONS or op in KINKS - {"maximum", "minimum"}:
                    result = algebra.apply(op, arguments[0])
                case op:
                    result = getattr(algebra, op)(*arguments)
            results.append(result)
        return [results[place] for place in self.outputs]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the free parameters, sorted."""
        return free_parameters(number for instruction in self.instructions for number in _numbers(instruction))

    def uses(self, op: str) -> bool:
        """Whether an instruction has this operation."""
        return any(instruction.op == op for instruction in self.instructions)

    def count(self, op: str) -> int:
        """Return how many instructions have this operation."""
        return sum(instruction.op == op for instruction in self.instructions)

    def with_parameters(self, values: dict[sympy.Symbol, sympy.Expr]) -> Program:
        """Put numbers in the place of parameters, and fold again."""
        builder, places = Builder(), list[int]()
        for instruction in self.instructions:
            value = instruction.value
            if instruction.op in ("number", "power") and isinstance(value, sympy.Expr):
                value = exact(sympy.sympify(value.subs(values)))
            places.append(builder.make(instruction.op, tuple(places[place] for place in instruction.arguments), value))
        return builder.program([places[place] for place in self.outputs])


def _numbers(instruction: Instruction) -> tuple[Scalar, ...]:
    return (instruction.value,) if instruction.op in ("number", "power") else ()


@final
class Builder:
    """A growing program; `make` returns the place of a result."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self._places: dict[tuple[Any, ...], int] = {}

    def intern(self, op: str, arguments: tuple[int, ...] = (), value: Any = None) -> int:
        """Return the place of an instruction, a new one if it is not there yet."""
        key = (op, arguments, type(value), value)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.instructions)
            self.instructions.append(Instruction(op, arguments, value))
        return place

    def number(self, value: Scalar | int) -> int:
        """Return the place of an exact number."""
        return self.intern("number", (), Fraction(value) if isinstance(value, int) else value)

    def constant(self, value: Scalar | int) -> int:
        """Return the place of an exact number; this and the operations below are those of `functions.Expressions`."""
        return self.number(value)

    def add(self, a: int, b: int) -> int:
        """A + b."""
        return self.make("add", (a, b))

    def subtract(self, a: int, b: int) -> int:
        """A − b."""
        return self.make("subtract", (a, b))

    def multiply(self, a: int, b: int) -> int:
        """A · b."""
        return self.make("multiply", (a, b))

    def divide(self, a: int, b: int) -> int:
        """A / b."""
        return self.make("divide", (a, b))

    def negate(self, a: int) -> int:
        """−a."""
        return self.make("negate", (a,))

    def power(self, a: int, exponent: Scalar | int) -> int:
        """A ** exponent."""
        return self.make("power", (a,), Fraction(exponent) if isinstance(exponent, int) else exponent)

    def apply(self, function: str, a: int) -> int:
        """Apply a function."""
        return self.make(function, (a,))

    def fixed(self, place: int) -> Scalar | None:
        """Return the number at a place, None if it is no number."""
        instruction = self.instructions[place]
        value: Scalar | None = instruction.value if instruction.op == "number" else None
        return value

    @classmethod
    def of(cls, program: Program) -> Builder:
        """Return a builder that holds the instructions of a program at their places."""
        builder = cls()
        for instruction in program.instructions:
            builder.intern(instruction.op, instruction.arguments, instruction.value)
        return builder

    def make(self, op: str, arguments: tuple[int, ...] = (), value: Any = None) -> int:
        """Return the place of an operation; numbers are folded, and 0 and 1 are left out where they do nothing."""
        known = [self.fixed(place) for place in arguments]
        if op in ("add", "subtract", "multiply", "divide", "negate", "power") and all(number is not None for number in known):
            return self.number(_folded(op, [to_sympy(number) for number in known if number is not None], value))
        match op:
            case "add" if known[0] == 0:
                return arguments[1]
            case "add" | "subtract" if known[1] == 0:
                return arguments[0]
            case "subtract" if known[0] == 0:
                return self.make("negate", (arguments[1],))
            case "multiply" if known[0] == 0 or known[1] == 0:
                return self.number(0)
            case "multiply" if known[0] == 1:
                return arguments[1]
            case "multiply" | "divide" if known[1] == 1:
                return arguments[0]
            case "power" if value == 1:
                return arguments[0]
            case "power" if value == Fraction(1, 2):
                return self.intern("sqrt", arguments)
            case "negate" if self.instructions[arguments[0]].op == "negate":
                return self.instructions[arguments[0]].arguments[0]
        return self.intern(op, arguments, value)

    def program(self, outputs: Sequence[int]) -> Program:
        """Return the program of some outputs, without what they do not need."""
        needed, stack = set[int](), list(outputs)
        while stack:
            place = stack.pop()
            if place not in needed:
                needed.add(place)
                stack.extend(self.instructions[place].arguments)
        order = {place: index for index, place in enumerate(sorted(needed))}
        kept = (self.instructions[place] for place in order)
        renamed = tuple(Instruction(i.op, tuple(order[place] for place in i.arguments), i.value) for i in kept)
        return Program(renamed, tuple(order[place] for place in outputs))


def _folded(op: str, numbers: list[sympy.Expr], exponent: Any) -> Scalar:
    match op:
        case "add":
            result = numbers[0] + numbers[1]
        case "subtract":
            result = numbers[0] - numbers[1]
        case "multiply":
            result = numbers[0] * numbers[1]
        case "divide":
            if numbers[1] == 0:
                raise ZeroDivisionError("the update divides by the number 0")
            result = numbers[0] / numbers[1]
        case "negate":
            result = -numbers[0]
        case _:
            result = numbers[0] ** to_sympy(exponent)
    return exact(result)

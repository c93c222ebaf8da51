"""What an update function works with while it is traced: values that record what is done to them.

NumPy's functions and Python's operators are recorded; what has no place in an update is refused by name, with what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, final

import numpy as np
import sympy
from sympy.core.sympify import CantSympify

from ..exact import exact
from ..functions import FUNCTIONS, QUOTIENTS
from .program import Builder

_ARITHMETIC = {
    np.add: "add",
    np.subtract: "subtract",
    np.multiply: "multiply",
    np.divide: "divide",
    np.negative: "negate",
    np.power: "power",
    np.float_power: "power",
    np.matmul: "matmul",
}
_UNNAMED = {"erf", "sigmoid", "softplus", *QUOTIENTS}  # NumPy has no function for them
_NAMED = {getattr(np, name if hasattr(np, name) else "arc" + name[1:]): name for name in FUNCTIONS - _UNNAMED}
_KINKS = {np.sign: "sign", np.absolute: "abs", np.fabs: "abs", np.maximum: "maximum", np.minimum: "minimum"}
_INSTEAD = {
    "sign": "x / np.sqrt(x*x + eps)",
    "abs": "np.sqrt(x*x + eps)",
    "maximum": "a smooth one, such as eps*np.log(np.exp(a/eps) + np.exp(b/eps))",
    "minimum": "a smooth one, such as -eps*np.log(np.exp(-a/eps) + np.exp(-b/eps))",
    "clip": "x / np.sqrt(1 + (x/bound)**2)",
    "where": "a smooth weight, such as w = 1/(1 + np.exp(-x/eps)) in w*a + (1 - w)*b",
    "comparison": "a smooth weight, such as w = 1/(1 + np.exp(-x/eps)) in w*a + (1 - w)*b",
}
BY_COORDINATE = "A rate for each coordinate is a scale of its own in the loss: θ = √rate · z"
BY_STEP = "what changes with the step is a formula in n, or the step size itself: leave it out, and pass h=lambda n: … to the run"
NO_INDEX = (
    "not known as an integer while the update is read; it cannot count a loop or index a list: write a formula in it, or use it as an "
    "exponent, as in beta**n"
)
NO_KEY = f"not known while the update is read, so it finds nothing in a dictionary or set; {BY_STEP}"
_SHAPES = {"append", "concatenate", "flatten", "hstack", "outer", "ravel", "repeat", "reshape", "shape", "size", "stack", "tile", "vstack"}


class TracingError(TypeError):
    """An operation that has no place in an update."""


class _NoAttribute(TracingError, AttributeError):
    """The same for an unknown attribute; `hasattr`, with which SymPy and NumPy look around, stays False."""


@final
class Traced(CantSympify):  # type: ignore[misc]  # SymPy has no types
    """A vector, or one number, of an update.

    Attributes
    ----------
    place
        Where the builder has it.
    moves
        Whether it depends on the state or on field values; else it is a number: h, n, parameters and constants.
    whole
        Whether it is a vector; a total is one number that depends on the state.
    """

    __slots__ = ("_builder", "_smooth", "moves", "place", "whole")

    def __init__(self, builder: Builder, place: int, moves: bool, whole: bool, smooth: bool) -> None:
        self._builder, self.place, self.moves, self.whole, self._smooth = builder, place, moves, whole, smooth

    # -- recording ------------------------------------------------------------------------------------------------------------

    def _new(self, op: str, others: tuple[Traced, ...], value: Any = None, *, whole: bool | None = None) -> Traced:
        place = self._builder.make(op, tuple(other.place for other in others), value)
        moves = any(other.moves for other in others)
        return Traced(self._builder, place, moves, any(other.whole for other in others) if whole is None else whole, self._smooth)

    def _lifted(self, value: Any) -> Traced:
        if isinstance(value, Traced):
            return value
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value.item()
        if isinstance(value, (np.ndarray, list, tuple)):
            raise TracingError(
                f"the update uses an array of fixed numbers; it acts on whole vectors, pass numbers as parameters. {BY_COORDINATE}"
            )
        if callable(value) and not isinstance(value, sympy.Basic):
            raise TracingError("the field is used without a point; write f(theta)")
        return Traced(self._builder, self._builder.number(exact(value, what="a number in the update")), False, False, self._smooth)

    def _with(self, op: str, left: Any, right: Any) -> Traced:
        a, b = self._lifted(left), self._lifted(right)
        return self._new(op, (a, b))

    def _kink(self, op: str, *arguments: Any) -> Traced:
        if self._smooth:
            raise TracingError(
                f"{op} is not smooth, so no flow exists; write {_INSTEAD[op]}, or pass smooth=False to @mq.method to iterate it as it is"
            )
        return self._new(op, tuple(map(self._lifted, arguments)))

    def __add__(self, other: Any) -> Traced:
        return self._with("add", self, other)

    def __radd__(self, other: Any) -> Traced:
        return self._with("add", other, self)

    def __sub__(self, other: Any) -> Traced:
        return self._with("subtract", self, other)

    def __rsub__(self, other: Any) -> Traced:
        return self._with("subtract", other, self)

    def __mul__(self, other: Any) -> Traced:
        return self._with("multiply", self, other)

    def __rmul__(self, other: Any) -> Traced:
        return self._with("multiply", other, self)

    def __truediv__(self, other: Any) -> Traced:
        return self._with("divide", self, other)

    def __rtruediv__(self, other: Any) -> Traced:
        return self._with("divide", other, self)

    def __neg__(self) -> Traced:
        return self._new("negate", (self,))

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        return self._kink("abs", self)

    def __pow__(self, exponent: Any) -> Traced:
        power = self._lifted(exponent)
        fixed = self._builder.fixed(power.place)
        if fixed is not None:
            return self._new("power", (self,), fixed)
        if not power.moves and not self.moves:
            a, b = self._affine(power.place)
            return self._new("geometric", (self,), (a, b))
        raise TracingError("an exponent is a number or a parameter, or a·n + b over a number, as in beta**(n + 1)")

    def __rpow__(self, base: Any) -> Traced:
        return self._lifted(base) ** self

    def _affine(self, place: int) -> tuple[Fraction, Fraction]:
        """Read a·n + b."""
        instruction = self._builder.instructions[place]
        parts = [self._affine(argument) for argument in instruction.arguments]
        match instruction.op:
            case "n":
                return Fraction(1), Fraction(0)
            case "number" if isinstance(instruction.value, Fraction):
                return Fraction(0), instruction.value
            case "add":
                return parts[0][0] + parts[1][0], parts[0][1] + parts[1][1]
            case "subtract":
                return parts[0][0] - parts[1][0], parts[0][1] - parts[1][1]
            case "multiply" if 0 in (parts[0][0], parts[1][0]):
                return parts[0][0] * parts[1][1] + parts[1][0] * parts[0][1], parts[0][1] * parts[1][1]
            case "negate":
                return -parts[0][0], -parts[0][1]
        raise TracingError("an exponent is a number or a parameter, or a·n + b over a number, as in beta**(n + 1)")

    # -- NumPy ----------------------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, how: str, *inputs: Any, **options: Any) -> Any:
        if how == "__call__" and not options:
            if ufunc is np.power or ufunc is np.float_power:
                return self._lifted(inputs[0]) ** inputs[1]
            if ufunc is np.matmul:
                return self._lifted(inputs[0]) @ self._lifted(inputs[1])
            if ufunc in _ARITHMETIC:
                return self._new(_ARITHMETIC[ufunc], tuple(map(self._lifted, inputs)))
            if ufunc in _NAMED:
                return self.applied(_NAMED[ufunc])
            if ufunc in _KINKS:
                return self._kink(_KINKS[ufunc], *inputs)
            if ufunc is np.square:
                return self * self
            if ufunc is np.reciprocal:
                return 1 / self
            if ufunc in (np.less, np.greater, np.less_equal, np.greater_equal, np.equal, np.not_equal):
                return self._compared()
        name = getattr(ufunc, "__name__", str(ufunc))
        raise TracingError(f"np.{name}{f'.{how}' * (how != '__call__')} is not known in an update; known are {_known()}")

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        rule = _FUNCTIONS.get(function)
        if rule is None:
            if function in (np.clip, np.where):
                raise TracingError(f"{function.__name__} is not smooth, so no flow exists; write {_INSTEAD[function.__name__]}")
            raise TracingError(f"np.{function.__name__} is not known in an update; {_instead_of(function.__name__)}")
        first = next(argument for argument in arguments if isinstance(argument, Traced))
        return rule(*(first._lifted(argument) for argument in arguments), **options)

    def applied(self, function: str) -> Traced:
        """Return a function of `FUNCTIONS` of it, entry by entry."""
        return self._new(function, (self,))

    def sum(self) -> Traced:
        """Return the sum of all entries."""
        return self._new("total", (self,), whole=False)

    def dot(self, other: Any) -> Traced:
        """Return the inner product of two vectors."""
        return (self * other).sum()

    def __matmul__(self, other: Any) -> Traced:
        return self._new("matmul", (self, self._lifted(other)))

    @property
    def T(self) -> Traced:
        """The transposed matrix, in updates of whole arrays."""
        return self._new("transpose", (self,))

    # -- what is refused ------------------------------------------------------------------------------------------------------

    def __index__(self) -> int:
        number = self._builder.fixed(self.place)
        if isinstance(number, Fraction) and number.denominator == 1:
            return int(number)
        raise TracingError(f"{self._said()} is {NO_INDEX}")

    def __float__(self) -> float:
        number = self._builder.fixed(self.place)
        if isinstance(number, Fraction):
            return float(number)
        raise TracingError(f"{self._said()} has no number while the update is read; use NumPy's functions, which are recorded")

    def __int__(self) -> int:
        return self.__index__()

    def _rounded(self, *_: Any) -> Any:
        raise TracingError(f"{self._said()} is rounded (by //, % or round), which is not smooth; {BY_STEP}")

    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = __rdivmod__ = __round__ = __floor__ = __ceil__ = __trunc__ = _rounded

    def __hash__(self) -> int:
        raise TracingError(f"{self._said()} is {NO_KEY}")

    def _said(self) -> str:
        """Say in words what it is."""
        instruction = self._builder.instructions[self.place]
        if instruction.op == "number":
            return f"the parameter {instruction.value}"
        names = {"h": "the step size h", "n": "the number n of the step", "state": "a state"}
        return names.get(instruction.op, "a value of the update" if self.moves else "a formula in h, n or parameters")

    def _compared(self, *_: Any) -> Any:
        if not self.moves:
            raise TracingError(
                f"the update branches on {self._said()}, which is not known while it is read; write two updates, or pass the choice as a "
                "parameter that is True or False"
            )
        raise TracingError(f"a comparison of states or field values is not smooth; write {_INSTEAD['comparison']}")

    def _ordered(self, other: Any, holds: Callable[[Any, Any], bool]) -> bool:
        a, b = self._builder.fixed(self.place), self._builder.fixed(self._lifted(other).place)
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return holds(a, b)
        unknown = self if not isinstance(a, Fraction) else self._lifted(other)
        return bool(unknown._compared())

    def __lt__(self, other: Any) -> bool:
        return self._ordered(other, lambda a, b: bool(a < b))

    def __le__(self, other: Any) -> bool:
        return self._ordered(other, lambda a, b: bool(a <= b))

    def __gt__(self, other: Any) -> bool:
        return self._ordered(other, lambda a, b: bool(a > b))

    def __ge__(self, other: Any) -> bool:
        return self._ordered(other, lambda a, b: bool(a >= b))

    def __eq__(self, other: Any) -> bool:
        return self._ordered(other, lambda a, b: bool(a == b))

    def __ne__(self, other: Any) -> bool:
        return self._ordered(other, lambda a, b: bool(a != b))

    def __bool__(self) -> bool:
        return self._ordered(0, lambda a, b: bool(a != b))

    def __getitem__(self, key: Any) -> Any:
        raise TracingError("single entries cannot be taken; an update acts on whole vectors, entry by entry")

    def __iter__(self) -> Any:
        raise TracingError("an update acts on whole vectors, entry by entry; it cannot loop over entries")

    def __len__(self) -> int:
        raise TracingError("an update does not know the number of entries")

    def __getattr__(self, name: str) -> Any:
        raise _NoAttribute(f"the update uses .{name} of {self._said()}; {_instead_of(name, '+, -, *, /, ** and ')}")


def _norm(x: Traced) -> Traced:
    return np.sqrt((x * x).sum())


def _where(condition: Any, *_: Any) -> Any:
    raise TracingError(f"where is not smooth, so no flow exists; write {_INSTEAD['where']}")


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.linalg.norm: _norm,
    np.sum: lambda x: x.sum(),
    np.dot: lambda x, y: x.dot(y),
    np.vdot: lambda x, y: x.dot(y),
    np.inner: lambda x, y: x.dot(y),
    np.transpose: lambda x: x.T,
    np.zeros_like: lambda x: x * 0,
    np.ones_like: lambda x: x * 0 + 1,
}


def _instead_of(name: str, operators: str = "") -> str:
    """Say what to write in the place of a function."""
    if name in _SHAPES:
        return "an update leaves its vectors the shape they have; matrices are those of the parameters with per_array=True, for @ and .T"
    return f"known are {operators}{_known()}"


def _known() -> str:
    return f"np.{', np.'.join(sorted(function.__name__ for function in _NAMED))}, np.linalg.norm, np.sum, np.dot"

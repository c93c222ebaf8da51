"""JAX's primitives that act entry by entry, as NumPy's functions of traced arrays, with JAX's derivatives at kinks."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np

from .jaxpr import Equation, Handler, plain
from .numpy_elementwise import choose, truth
from .signs import is_nonnegative
from .traced_array import TracedArray

_HUGE = 1e300  # stands for ∞ in masks: what exp, tanh and the like make of it is the same
_SINC_DEGREE = 16


def _ufunc(name: str) -> Handler:
    """Return the handler that does what NumPy's or SciPy's function of this name does."""

    def handler(equation: Equation, *operands: Any) -> Any:
        return equation.tracing.operations.ufuncs[name](equation.tracing, *map(equation.lift, operands))

    return handler


def _divided(equation: Equation, a: Any, b: Any) -> Any:
    if "f" not in equation.kinds and "V" not in equation.kinds:
        raise TypeError("a quotient of integers that depend on the parameters is rounded, which has no derivative; divide floats")
    return equation.lift(a) / equation.lift(b)


def _logical(name: str) -> Handler:
    """Return the handler of an operation on conditions; on integers it would act on their bits."""

    def handler(equation: Equation, *operands: Any) -> Any:
        if equation.kinds != "b":
            raise TypeError("the bits of integers that depend on the parameters have no derivative; combine conditions instead")
        return equation.tracing.operations.ufuncs[name](equation.tracing, *map(equation.lift, operands))

    return handler


def _comparison(name: str) -> Handler:
    """Return the handler of a comparison; what depends on the parameters is taken to be finite, also where it is compared with ∞."""

    def handler(equation: Equation, a: Any, b: Any) -> Any:
        numbers = [value if isinstance(value, TracedArray) else _finite(plain(value)) for value in (a, b)]
        for value in numbers:
            if not isinstance(value, TracedArray) and value.size and (abs(value) == _HUGE).all():
                compared = getattr(np, name)(*(0.0 if isinstance(other, TracedArray) else other for other in numbers))
                return np.broadcast_to(compared, equation.shapes[0])
        return equation.tracing.operations.ufuncs[name](equation.tracing, *map(equation.lift, numbers))

    return handler


def _is_infinite(value: Any, sign: int) -> bool:
    return not isinstance(value, TracedArray) and bool(np.all(np.asarray(value) == sign * np.inf))


def maximum(equation: Equation, a: Any, b: Any, sign: int = 1) -> Any:
    """Return the larger entries (the smaller ones for sign −1); where both are equal the derivative is the mean of theirs."""
    for one, other in ((a, b), (b, a)):
        if _is_infinite(one, -sign):
            return other
    x, y = equation.lift(a), equation.lift(b)
    if sign == 1:
        for one, other in ((x, y), (y, x)):
            if one.fixed == 0 and is_nonnegative(equation.tracing.graph, other.node):
                return np.broadcast_to(other, equation.shapes[0])
    tracing = equation.tracing
    first, second = (x, y) if sign == 1 else (y, x)
    return choose(tracing, x < y, second, choose(tracing, y < x, first, (x + y) / 2))


def _absolute(equation: Equation, x: TracedArray) -> Any:
    return x if is_nonnegative(equation.tracing.graph, x.node) else abs(x)


def _sign(equation: Equation, x: TracedArray) -> Any:
    return np.where(x < 0, -1.0, np.where(x > 0, 1.0, 0.0))


def _integer_power(equation: Equation, x: TracedArray) -> Any:
    return x ** int(equation.params["y"])


def clamp(equation: Equation, low: Any, x: Any, high: Any) -> Any:
    """Return x between two bounds; on them the derivative is 0."""
    value = equation.lift(x)
    upper = value if _is_infinite(high, 1) else np.where(value < high, value, high)
    return upper if _is_infinite(low, -1) else np.where(value > low, upper, low)


def select(equation: Equation, which: Any, *cases: Any) -> Any:
    """Return, entry by entry, the case that `which`, a condition or an integer, says; a case that is all NaN never holds."""
    tracing = equation.tracing
    cases = tuple(case if isinstance(case, TracedArray) else np.asarray(case) for case in cases)
    present = [case for case in cases if isinstance(case, TracedArray) or not np.isnan(case).all()]
    if not isinstance(which, TracedArray) and (np.asarray(which) == np.asarray(which).flat[0]).all():
        present = [cases[int(np.asarray(which).flat[0])]]
    if len(present) == 1:
        return np.broadcast_to(equation.lift(present[0]), equation.shapes[0])
    lifted = [equation.lift(case if isinstance(case, TracedArray) else _finite(case)) for case in cases]
    if len(lifted) == 2:
        return choose(tracing, truth(tracing, equation.lift(which)), lifted[1], lifted[0])
    result = lifted[0]
    for number, case in enumerate(lifted[1:], 1):
        result = choose(tracing, equation.lift(which) > number - 0.5, case, result)
    return result


def _finite(case: np.ndarray) -> np.ndarray:
    return np.where(np.isinf(case), np.sign(case) * _HUGE, case) if case.dtype.kind == "f" else case


def converted(equation: Equation, x: TracedArray) -> Any:
    """Convert: floats of any precision are taken in double precision, which differs by rounding only."""
    kind = np.dtype(equation.params["new_dtype"]).kind
    if kind == "b":
        return truth(equation.tracing, x)
    if x.condition:
        return x.astype(float)
    if kind in "iu" and set(equation.kinds) <= set("iu"):
        return x
    if kind in "iu":
        raise TypeError("numbers that depend on the parameters become integers, which have no derivative; leave the conversion out")
    if kind == "c":
        raise TypeError("a loss is real, and what it computes on the way; write sines and cosines in place of complex exponentials")
    return x


def same(equation: Equation, x: Any) -> Any:
    """Return what concerns devices, names and compilers only."""
    return x


def _always(equation: Equation, x: TracedArray) -> Any:
    return np.ones(x.shape, bool)


# Functions with derivatives of their own, by the names that JAX gives them.


def relu(equation: Equation, x: Any) -> Any:
    """max(x, 0) with the slope 0 at 0."""
    value = equation.lift(x)
    return np.where(value > 0, value, 0.0)


def relu6(equation: Equation, x: Any) -> Any:
    """min(max(x, 0), 6) with the slope 0 at both ends."""
    return clamp(equation, 0.0, x, 6.0)


def sinc_maclaurin(equation: Equation, x: Any) -> Any:
    """The Maclaurin polynomial of sin(x)/x, which JAX uses at x = 0."""
    square = equation.lift(x) ** 2
    result: Any = 0
    for k in reversed(range(_SINC_DEGREE // 2 + 1)):
        result = result * square + equation.tracing.lift(Fraction((-1) ** k, factorial(2 * k + 1)))
    return result


def xlog1py(equation: Equation, x: Any, y: Any) -> Any:
    """X log(1 + y), 0 at x = 0."""
    a, b = equation.lift(x), equation.lift(y)
    zero = a == 0
    return np.where(zero, 0.0, a * np.log1p(np.where(zero, 0.0, b)))


CUSTOM: Mapping[str, Handler] = {
    "relu": relu,
    "relu6": relu6,
    "logaddexp": _ufunc("logaddexp"),
    "logaddexp2": _ufunc("logaddexp2"),
    "xlogy": _ufunc("xlogy"),
    "xlog1py": xlog1py,
    "_sinc_maclaurin": sinc_maclaurin,
}
"""By the names of the functions in JAX; others are taken as they are computed."""

_NAMES = {
    **{name: name for name in ("exp", "exp2", "log", "log1p", "expm1", "sqrt", "square", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "add": "add",
    "add_any": "add",
    "sub": "subtract",
    "mul": "multiply",
    "neg": "negative",
    "pow": "power",
    "logistic": "expit",
    "erf": "erf",
    "erfc": "erfc",
}

_COMPARISONS = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
_COMPARISONS |= {f"{name}_to": _COMPARISONS[name] for name in ("eq", "lt", "le")}  # total orders, which agree on numbers

PRIMITIVES: Mapping[str, Handler] = {
    **{name: _ufunc(ufunc) for name, ufunc in _NAMES.items()},
    **{name: _logical(f"logical_{name}") for name in ("and", "or", "xor", "not")},
    "div": _divided,
    **{name: _comparison(ufunc) for name, ufunc in _COMPARISONS.items()},
    "max": maximum,
    "min": lambda equation, a, b: maximum(equation, a, b, -1),
    "abs": _absolute,
    "sign": _sign,
    "integer_pow": _integer_power,
    "rsqrt": lambda equation, x: 1 / np.sqrt(x),
    "clamp": clamp,
    "select_n": select,
    "convert_element_type": converted,
    "reduce_precision": same,
    "copy": same,
    "name": same,
    "is_finite": _always,
    "stop_gradient": lambda equation, x: equation.lowering.stopped(x),
}
"""By JAX's names."""

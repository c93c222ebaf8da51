"""PyTorch's operators that act entry by entry, as NumPy's functions of traced arrays, with PyTorch's derivatives at kinks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .aten import Handler, Operation
from .numpy_elementwise import choose, truth
from .signs import is_nonnegative
from .traced_array import TracedArray

_HUGE = 1e300  # stands for ∞ in masks: what exp, tanh and the like make of it is the same


def ufunc(name: str) -> Handler:
    """Return the handler that does what NumPy's or SciPy's function of this name does."""

    def handler(operation: Operation, *operands: Any) -> Any:
        return operation.tracing.operations.ufuncs[name](operation.tracing, *map(operation.lift, operands))

    return handler


def finite(value: Any) -> Any:
    """Replace infinite entries of what is fixed by huge ones."""
    if isinstance(value, TracedArray):
        return value
    array = np.asarray(value)
    return np.where(np.isinf(array), np.sign(array) * _HUGE, array) if array.dtype.kind == "f" else array


def _added(operation: Operation, a: Any, b: Any, *, alpha: float = 1) -> Any:
    return operation.lift(a) + alpha * operation.lift(b)


def _subtracted(operation: Operation, a: Any, b: Any, *, alpha: float = 1) -> Any:
    return operation.lift(a) - alpha * operation.lift(b)


def _reversed(operation: Operation, a: Any, b: Any, alpha: float = 1) -> Any:
    return operation.lift(b) - alpha * operation.lift(a)


def _divided(operation: Operation, a: Any, b: Any, *, rounding_mode: Any = None) -> Any:
    if rounding_mode is not None:
        raise TypeError("rounding is not differentiable; divide without rounding_mode")
    return operation.lift(a) / operation.lift(b)


def _absolute(operation: Operation, x: TracedArray) -> Any:
    return x if is_nonnegative(operation.tracing.graph, x.node) else np.where(x < 0, -x, np.where(x > 0, x, 0.0))


def _sign(operation: Operation, x: TracedArray) -> Any:
    return np.where(x < 0, -1.0, np.where(x > 0, 1.0, 0.0))


def maximum(operation: Operation, a: Any, b: Any) -> Any:
    """Return the larger entries; where both are equal the derivative is the mean of theirs."""
    x, y = operation.lift(finite(a)), operation.lift(finite(b))
    return choose(operation.tracing, x < y, y, choose(operation.tracing, y < x, x, (x + y) / 2))


def minimum(operation: Operation, a: Any, b: Any) -> Any:
    """Return the smaller entries; where both are equal the derivative is the mean of theirs."""
    return -maximum(operation, -operation.lift(finite(a)), -operation.lift(finite(b)))


def clamped(operation: Operation, x: TracedArray, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - PyTorch's names
    """Return x between two bounds; on them the derivative is 1."""
    result: Any = x
    if min is not None and not (operation.lift(min).fixed == 0 and is_nonnegative(operation.tracing.graph, x.node)):
        result = np.where(result < operation.lift(min), operation.lift(min), result)
    return result if max is None else np.where(result > operation.lift(max), operation.lift(max), result)


def where(operation: Operation, condition: Any, a: Any = None, b: Any = None) -> Any:
    """Choose entry by entry."""
    if a is None or b is None:
        raise TypeError("torch.where(condition) has a shape that depends on values; give the two values too")
    return choose(
        operation.tracing, truth(operation.tracing, operation.lift(condition)), operation.lift(finite(a)), operation.lift(finite(b))
    )


def _filled(operation: Operation, x: Any, mask: Any, value: Any) -> Any:
    return where(operation, mask, value, x)


# Activations


def relu(operation: Operation, x: TracedArray) -> Any:
    """max(x, 0) with the slope 0 at 0."""
    return np.where(x > 0, x, 0.0)


def leaky_relu(operation: Operation, x: TracedArray, negative_slope: float = 0.01) -> Any:
    """X where x > 0, elsewhere negative_slope · x."""
    return np.where(x > 0, x, negative_slope * x)


def gelu(operation: Operation, x: TracedArray, *, approximate: str = "none") -> Any:
    """X Φ(x), or its approximation by tanh."""
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return x * ufunc("ndtr")(operation, x)


def silu(operation: Operation, x: TracedArray) -> Any:
    """X σ(x)."""
    return x * ufunc("expit")(operation, x)


def softplus(operation: Operation, x: TracedArray, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(βx))/β, also beyond the threshold from which PyTorch takes the identity, which is 2e-9 off."""
    return np.logaddexp(beta * x, 0.0) / beta


def mish(operation: Operation, x: TracedArray) -> Any:
    """X tanh(softplus(x))."""
    return x * np.tanh(np.logaddexp(x, 0.0))


def elu(operation: Operation, x: TracedArray, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Any:
    """Scale · x where x > 0, elsewhere scale · alpha · (exp(input_scale · x) − 1)."""
    inside = np.where(x > 0, 0.0, input_scale * x)  # no overflow where it is not used
    return scale * np.where(x > 0, x, alpha * np.expm1(inside))


def selu(operation: Operation, x: TracedArray) -> Any:
    """The self-normalising elu, with the constants of Klambauer et al. (arXiv 1706.02515)."""
    return elu(operation, x, 1.6732632423543772848170429916717, 1.0507009873554804934193349852946)


def celu(operation: Operation, x: TracedArray, alpha: float = 1.0) -> Any:
    """X where x > 0, elsewhere alpha · (exp(x/alpha) − 1)."""
    return elu(operation, x, alpha, 1.0, 1 / alpha)


def hardtanh(operation: Operation, x: TracedArray, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """X between two bounds, on which the slope is 0."""
    return np.where(x > min_val, np.where(x < max_val, x, max_val), min_val)


def hardsigmoid(operation: Operation, x: TracedArray) -> Any:
    """(x + 3)/6 between 0 and 1."""
    return hardtanh(operation, x, -3.0, 3.0) / 6 + 0.5


def hardswish(operation: Operation, x: TracedArray) -> Any:
    """X · hardsigmoid(x)."""
    return x * hardsigmoid(operation, x)


def _never(operation: Operation, x: TracedArray) -> Any:
    return np.zeros(x.shape, bool)


def _comparison(name: str) -> Handler:
    """Return the handler of a comparison, also with ∞: what depends on the parameters is taken to be finite."""
    return lambda operation, a, b: ufunc(name)(operation, finite(a), finite(b))


def _same(operation: Operation, x: Any, *rest: Any, **options: Any) -> Any:
    return x


def converted(operation: Operation, x: TracedArray, *rest: Any, **options: Any) -> Any:
    """Convert between floats: all are taken in double precision."""
    types = [str(value) for value in (*rest, *options.values()) if str(value).startswith("torch.")]
    if any(kind.startswith(("torch.int", "torch.uint", "torch.bool", "torch.complex")) for kind in types):
        raise TypeError(f"what depends on the parameters cannot become {', '.join(types)}, which has no derivative; leave it out")
    return x.astype(float) if x.condition else x


_NAMES = {
    **{name: name for name in ("exp", "exp2", "log", "log2", "log10", "log1p", "expm1", "sqrt", "square", "reciprocal")},
    **{name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "logaddexp", "hypot", "deg2rad", "rad2deg")},
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("erf", "erfc", "xlogy", "logit")},
    "mul": "multiply",
    "neg": "negative",
    "pow": "power",
    "sigmoid": "expit",
    "log_sigmoid": "log_expit",
    **{f"logical_{name}": f"logical_{name}" for name in ("and", "or", "xor", "not")},
    **{f"bitwise_{name}": f"logical_{name}" for name in ("and", "or", "xor", "not")},
}

_COMPARISONS = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}

OPERATORS: Mapping[str, Handler] = {
    **{name: ufunc(numpy) for name, numpy in _NAMES.items()},
    **{name: _comparison(numpy) for name, numpy in _COMPARISONS.items()},
    **dict.fromkeys(["isnan", "isinf"], _never),
    "add": _added,
    "sub": _subtracted,
    "rsub": _reversed,
    "div": _divided,
    "rsqrt": lambda operation, x: 1 / np.sqrt(x),
    "abs": _absolute,
    "sign": _sign,
    "maximum": maximum,
    "minimum": minimum,
    "clamp": clamped,
    "clamp_min": lambda operation, x, min: clamped(operation, x, min=min),  # noqa: A006 - PyTorch's names
    "clamp_max": lambda operation, x, max: clamped(operation, x, max=max),  # noqa: A006 - PyTorch's names
    "where": where,
    "masked_fill": _filled,
    "relu": relu,
    "relu6": lambda operation, x: hardtanh(operation, x, 0.0, 6.0),
    "leaky_relu": leaky_relu,
    "gelu": gelu,
    "silu": silu,
    "softplus": softplus,
    "mish": mish,
    "elu": elu,
    "selu": selu,
    "celu": celu,
    "hardtanh": hardtanh,
    "hardsigmoid": hardsigmoid,
    "hardswish": hardswish,
    **dict.fromkeys(["contiguous", "clone", "alias", "detach", "detach_", "lift_fresh_copy", "_assert_tensor_metadata"], _same),
    **dict.fromkeys(["to", "_to_copy", "type_as"], converted),
}
"""By PyTorch's names, without overloads. `detach` is left out; the gradient is compared with PyTorch's afterwards."""

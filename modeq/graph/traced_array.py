"""Arrays that record what NumPy does to them: each stands for a node of the graph.

NumPy hands its own functions over by two protocols: ufuncs and operators by ``__array_ufunc__`` (NEP 13), the other
functions by ``__array_function__`` (NEP 18). Which of them are supported is listed in `graph.numpy_operations`.

The node of an array may be a constant, which has no shape of its own and stands for an array of equal entries: the graph
folds x − x or 0·x to 0. So an array keeps its shape beside its node.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any, NoReturn, final

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .arrays import Shape, broadcast, full
from .graph import Graph
from .numpy_arguments import Handler, by_name, shortened, supported
from .tracing_errors import display_name, library_call, no_number, unsupported, user_line

_SYMBOLS = {"matmul": "@", "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}


@final
@dataclass(frozen=True)
class Operations:
    """What is supported, each by a function of a `Tracing` and of the arguments that NumPy's own function takes.

    Attributes
    ----------
    ufuncs
        By name, since those of SciPy are known without importing it; the arguments are traced arrays.
    methods
        ``reduce`` and the like, by the names of ufunc and method.
    functions
        By NumPy's function.
    getitem
        ``x[key]``.
    """

    ufuncs: Mapping[str, Handler]
    methods: Mapping[tuple[str, str], Handler]
    functions: Mapping[Callable[..., Any], Handler]
    getitem: Handler

    def names(self) -> list[str]:
        """List what is supported, by the names that users know."""
        ufuncs = [f"np.{name}" if hasattr(np, name) else f"scipy.special.{name}" for name in self.ufuncs]
        methods = [f"np.{name}.{method}" for name, method in self.methods]
        return sorted({*ufuncs, *methods, *map(display_name, self.functions)})


@final
class Tracing:
    """One call of a user's function: the graph that its arrays record to, and what they can do.

    Parameters
    ----------
    shapes
        Shape of each parameter, for messages.
    place
        Says where in the user's code the operation stands that is being recorded.

    Attributes
    ----------
    largest
        For each node of largest entries one with the same values that counts as constant for derivatives.
    """

    def __init__(self, graph: Graph, operations: Operations, shapes: Mapping[str, Shape], place: Callable[[], str] = user_line) -> None:
        self.graph = graph
        self.operations = operations
        self.shapes = shapes
        self.place = place
        self.largest: dict[int, int] = {}
        self._depth = 0

    def array(self, node: int, shape: Shape, *, condition: bool = False) -> TracedArray:
        """Return a node as an array of this shape; a scalar node spreads to it."""
        if 0 in shape:
            node = self.graph.zero  # no entries: any constant stands for them
        return TracedArray(self, broadcast(self.graph, node, shape), shape, condition=condition)

    def lift(self, value: Any) -> TracedArray:
        """Return an operand as a traced array: numbers become exact constants, arrays become data."""
        if isinstance(value, TracedArray):
            if value.tracing is not self:
                raise ValueError("an array of an earlier call of the function is used; compute everything from the arguments")
            return value
        if isinstance(value, Rational) and not isinstance(value, bool):  # an int of any length, before NumPy rounds it
            return self.array(self.graph.constant(_checked(Fraction(int(value.numerator), int(value.denominator)))), ())
        array = np.asarray(value)
        if array.dtype.kind == "c":
            raise ValueError(f"a loss is real, got the complex operand {shortened(value)}")
        if array.dtype.kind not in "biuf" or isinstance(value, np.ma.MaskedArray):
            raise TypeError(f"operands are numbers and arrays of numbers, got {type(value).__name__} {shortened(value)}")
        if not np.isfinite(array).all():
            raise ValueError(f"operands must be finite, got {shortened(value)}; remove or replace what is NaN or infinite beforehand")
        condition = array.dtype.kind == "b"
        if array.shape == ():
            number = Fraction(int(array) if array.dtype.kind in "biu" else float(array))
            return self.array(self.graph.constant(number), (), condition=condition)
        return self.array(self.graph.data(array.astype(float)), array.shape, condition=condition)

    def call(self, name: str, handler: Handler, *args: Any, **kwargs: Any) -> Any:
        """Call a handler; an error names the operation that the user wrote, the shapes, the parameters and the line."""
        self._depth += 1
        try:
            return handler(*args, **kwargs)
        except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
            if self._depth > 1:
                raise  # the handler called NumPy: the user knows the outermost operation
            kind = next(kind for kind in (TypeError, ValueError, IndexError, Exception) if isinstance(error, kind))
            involved = self._involved([*args, *kwargs.values()]) if kind in (ValueError, IndexError) else ""
            raised = ValueError if kind is Exception else kind
            raise raised(f"{name}: {error}{involved}{self.place()}") from None
        finally:
            self._depth -= 1

    def refusal(self, error: Exception) -> Exception:
        """Return an error with the user's line, which `call` adds to those from inside a handler."""
        return error if self._depth else type(error)(f"{error}{self.place()}")

    def _involved(self, operands: Sequence[Any]) -> str:
        """Name the parameters among the operands, or say that there are none."""
        found: dict[str, None] = {}
        for operand in operands:
            for array in operand if isinstance(operand, (list, tuple)) else [operand]:
                if isinstance(array, TracedArray) and (name := array.parameter) is not None:
                    whole = self.shapes[name] == array.shape
                    part = "" if whole else f", of which a part or view of shape {array.shape} is used"
                    found[f"; the parameter {name} has shape {self.shapes[name]}{part}"] = None
        return "".join(found)


class UnsupportedAttribute(AttributeError, TypeError):  # AttributeError, so that hasattr and getattr work
    """An attribute that NumPy's arrays may have and traced arrays do not."""


def _forward(function: Callable[..., Any]) -> Any:
    """Return the method that NumPy's function of the same name defines."""

    def method(self: TracedArray, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__, method.__doc__ = function.__name__, f"Return what `numpy.{function.__name__}` returns."
    return method


@final
class TracedArray(NDArrayOperatorsMixin):
    """An array in a user's function while it is traced.

    Attributes
    ----------
    tracing
        The call that it belongs to.
    node
        Its node, of its shape or a constant.
    condition
        Whether it is the result of a comparison, an array of bool in NumPy; its entries are 1 and 0.
    parameter
        Name of the parameter that it is, or a view of; None for what is computed.
    """

    __slots__ = ("__weakref__", "_base", "_shape", "_views", "condition", "node", "parameter", "tracing")
    __array_priority__ = 1000.0

    def __init__(self, tracing: Tracing, node: int, shape: Shape, *, condition: bool = False, parameter: str | None = None) -> None:
        self.tracing = tracing
        self.node = node
        self._shape = shape
        self.condition = condition
        self.parameter = parameter
        self._base: TracedArray | None = None
        self._views: list[weakref.ref[TracedArray]] = []

    shape = property(lambda self: self._shape, doc="Its shape.")
    ndim = property(lambda self: len(self._shape), doc="Number of axes.")
    size = property(lambda self: int(np.prod(self._shape, dtype=int)), doc="Number of entries.")
    dtype = property(lambda self: np.dtype(bool if self.condition else float), doc="float64, or bool for conditions.")
    T = property(np.transpose, doc="The array with its axes reversed.")
    mT = property(np.matrix_transpose, doc="The array with its last two axes swapped.")  # noqa: N815 - NumPy's name

    @property
    def whole(self) -> int:
        """Its node with its shape, also where it is a constant."""
        return full(self.tracing.graph, self.node, self._shape)

    @property
    def fixed(self) -> Any:
        """The number that all entries are, None if it is not known."""
        return self.tracing.graph.fixed(self.node)

    def view(self, other: TracedArray) -> TracedArray:
        """Return `other`, made from this array, as what NumPy would return as a view of it."""
        base = self if self._base is None else self._base
        other._base, other.parameter = base, self.parameter
        base._views = [view for view in base._views if view() is not None] + [weakref.ref(other)]
        return other

    def _assign(self, other: TracedArray) -> TracedArray:
        """Write into this array, as ``z += b`` does; NumPy's scalars are immutable, so there ``+=`` makes a new one."""
        if self._shape == ():
            return other
        if other.shape != self._shape:
            raise ValueError(f"the result of shape {other.shape} does not fit into the array of shape {self._shape} that it is written to")
        if self.condition and not other.condition:
            raise TypeError("an array of conditions cannot hold numbers; write z = z + b, which makes a new array")
        if self._base is not None or any(view() is not None for view in self._views):
            raise TypeError("an array that shares its entries with a view cannot be written to; write z = z + b, which makes a new array")
        self.node, self.parameter = other.node, None
        return self

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        operations, out = self.tracing.operations, kwargs.pop("out", (None,))
        name = display_name(ufunc) if method == "__call__" else f"{display_name(ufunc)}.{method}"
        handler = operations.ufuncs.get(ufunc.__name__) if method == "__call__" else operations.methods.get((ufunc.__name__, method))
        symbol = f" ({_SYMBOLS[ufunc.__name__]})" if method == "__call__" and ufunc.__name__ in _SYMBOLS else ""
        if handler is None:
            raise self.tracing.refusal(unsupported(name, operations.names()))

        def run(*arrays: Any) -> Any:
            if any(not isinstance(target, TracedArray) for target in out if target is not None):
                raise TypeError("the result cannot be written into a plain array; write z = z + b, which makes a new array")
            if method != "__call__":
                return handler(self.tracing, *arrays, **supported(handler, kwargs))
            supported(handler, kwargs, accepted=())
            if out[0] is not None and out[0].shape == () and out[0] is not arrays[0]:
                raise TypeError("a number is no array to write to; write z = np.add(a, b) and the like, without out")
            result = handler(self.tracing, *(self.tracing.lift(array) for array in arrays))
            return result if out[0] is None else out[0]._assign(result)

        return self.tracing.call(name + symbol, run, *inputs)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        handler = self.tracing.operations.functions.get(func)
        if handler is None:
            raise self.tracing.refusal(unsupported(display_name(func), self.tracing.operations.names()))

        def run(*args: Any, **kwargs: Any) -> Any:
            positional, named = by_name(func, args, kwargs)
            return handler(self.tracing, *positional, **supported(handler, named))

        return self.tracing.call(display_name(func), run, *args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self.tracing.call("indexing", self.tracing.operations.getitem, self.tracing, self, key)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise self.tracing.refusal(
            TypeError(
                "x[...] = ... writes into an array, which cannot be traced; "
                "make a new array with np.where(condition, a, b) or np.concatenate([a, b])"
            )
        )

    def __len__(self) -> int:
        if self._shape == ():
            raise TypeError("len() of unsized object")
        return int(self._shape[0])

    def __iter__(self) -> Iterator[Any]:
        if self._shape == ():
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> NoReturn:
        raise self.tracing.refusal(no_number("`in` compares values", "use np.where(condition, a, b)"))

    def __copy__(self) -> Any:
        return np.copy(self)

    def __deepcopy__(self, memo: Any) -> Any:
        return np.copy(self)

    def __repr__(self) -> str:
        return f"TracedArray(shape={self._shape}{'' if self.parameter is None else f', parameter={self.parameter}'})"

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # a protocol that Python or NumPy asks for
            raise AttributeError(name)
        methods = [f".{method}" for method in vars(TracedArray) if not method.startswith("_")]
        raise UnsupportedAttribute(f"{unsupported(f'.{name}', methods)}{user_line()}")

    def astype(self, dtype: Any, **options: Any) -> Any:
        """Return a copy; floats of double precision are the one type that is supported."""
        if np.dtype(dtype) != np.dtype(float):
            raise self.tracing.refusal(TypeError(f"astype: the arrays of a traced loss are float64, and cannot become {np.dtype(dtype)}"))
        return self.tracing.array(self.node, self._shape)

    def transpose(self, *axes: Any) -> Any:
        """Return the array with its axes permuted."""
        return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def reshape(self, *shape: Any, order: Any = "C") -> Any:
        """Return the array in another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)

    def flatten(self, order: Any = "C") -> Any:
        """Return a copy with one axis."""
        return np.copy(np.ravel(self, order=order))

    sum, mean, std, var, prod = (_forward(f) for f in (np.sum, np.mean, np.std, np.var, np.prod))
    max, min, clip, dot, trace = (_forward(f) for f in (np.max, np.min, np.clip, np.dot, np.trace))
    ravel, swapaxes, squeeze, copy = (_forward(f) for f in (np.ravel, np.swapaxes, np.squeeze, np.copy))
    diagonal, repeat, take, cumsum = (_forward(f) for f in (np.diagonal, np.repeat, np.take, np.cumsum))

    def _no_number(self, attempt: str, instead: str) -> Exception:
        return self.tracing.refusal(no_number(attempt, instead))

    def __float__(self) -> NoReturn:
        raise self._no_number("float(x)", "use NumPy's functions, np.tanh(x) and not math.tanh(x), and leave the conversion out")

    def __int__(self) -> NoReturn:
        raise self._no_number("int(x)", "leave the conversion out, and take sizes from x.shape or len(x)")

    def __index__(self) -> int:
        raise self._no_number("a traced array is used as an index or a count", "take sizes from x.shape or len(x)")

    def __complex__(self) -> NoReturn:
        raise self._no_number("complex(x)", "a loss is real: leave the conversion out")

    def __bool__(self) -> bool:
        raise self._no_number(
            "a condition decides what runs next, as in `if x > 0`", "use np.where(condition, a, b), np.maximum or np.minimum"
        )

    def __round__(self, digits: Any = None) -> NoReturn:
        raise self.tracing.refusal(unsupported("np.round", ()))

    def __format__(self, specification: str) -> str:
        if specification:
            raise self._no_number(f"x is formatted as {specification!r}", "leave out what prints, or print x.shape")
        return repr(self)

    def item(self, *args: Any) -> NoReturn:
        """Refuse: there is no number yet."""
        raise self._no_number("x.item()", "use x itself, or x[0] for an entry")

    def tolist(self) -> NoReturn:
        """Refuse: there are no numbers yet."""
        raise self._no_number("x.tolist()", "use x itself, or `for row in x`")

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        function, names = library_call(), self.tracing.operations.names()
        if function and function not in names:
            raise self.tracing.refusal(unsupported(function, names))
        raise self._no_number(
            f"a traced array is converted to a plain one by {function or 'np.asarray, np.array or the like'}",
            "leave the conversion out; join arrays with np.stack or np.concatenate, and write X @ W for X.dot(W)",
        )


def _checked(value: Fraction) -> Fraction:
    try:
        float(value)
    except OverflowError:
        raise ValueError("a number is too large for a floating-point number; rescale the loss") from None
    return value

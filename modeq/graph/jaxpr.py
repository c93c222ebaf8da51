"""jaxprs lowered to the array graph: equation after equation, with NumPy's functions on traced arrays.

What does not depend on the parameters is JAX's own business: such equations are run by JAX itself. Every other one has a
handler in `jax_primitives`, or is an error that names its primitive and the line of the user's code.
"""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, final

import numpy as np

from ..nearest import near_names, nearest_supported
from .shifts import made_of
from .traced_array import TracedArray, Tracing

_OWN = Path(__file__).parents[1]
_INSTALLED = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib", "stdlib")})


@final
class Equation:
    """One equation of a jaxpr, as handlers see it.

    Attributes
    ----------
    lowering
        The run that it is part of.
    params
        Its parameters, by JAX's names.
    shapes
        Shapes of its results.
    rounding
        The coarsest unit roundoff of its results in JAX.
    kinds
        NumPy's letters for the types of its operands, ``"bi"`` for conditions and integers.
    multiple_results
        Whether its handler returns a list.
    wanted
        Which results are used.
    """

    def __init__(self, lowering: Lowering, record: Any, wanted: Sequence[bool]) -> None:
        self._record = record
        self.lowering = lowering
        self.name: str = record.primitive.name
        self.params: Mapping[str, Any] = record.params
        self.shapes = [tuple(variable.aval.shape) for variable in record.outvars]
        self.kinds = "".join(sorted({_kind(variable.aval) for variable in record.invars}))
        self.multiple_results: bool = record.primitive.multiple_results
        self.rounding = max([_rounding(getattr(variable.aval, "dtype", None)) for variable in record.outvars], default=0.0)
        self.wanted = wanted

    @property
    def tracing(self) -> Tracing:
        """Where arrays are recorded."""
        return self.lowering.tracing

    def lift(self, value: Any) -> Any:
        """Return an operand as a traced array; infinite entries are an error."""
        return self.tracing.lift(value if isinstance(value, TracedArray) else plain(value))

    def bind(self, *operands: Any) -> Any:
        """Run the primitive by JAX, on plain arrays."""
        primitive = self._record.primitive
        return primitive.bind(*operands, **primitive.get_bind_params(self._record.params))


Handler = Callable[..., Any]
"""Takes an `Equation` and its operands, traced arrays or plain ones; returns a result, or a list of several."""


@final
class Lowering:
    """One jaxpr on its way to the graph.

    Attributes
    ----------
    tracing
        Where arrays are recorded.
    rules
        Custom rules for derivatives, and stop_gradient, that were left out: it must be checked that they are those of the function
        itself.
    shifts
        The same for stop_gradient of largest entries, by node; nothing is to be checked where these cancel.
    rounding
        The coarsest unit roundoff that JAX has for what depends on the parameters; here everything is in double precision.
    """

    def __init__(self, tracing: Tracing, handlers: Mapping[str, Handler], structural: Mapping[str, Handler], refused: Mapping[str, str]):
        self.tracing = tracing
        self.rules: list[str] = []
        self.shifts: dict[int, str] = {}
        self.rounding = 0.0
        self._handlers, self._structural, self._refused = handlers, structural, refused
        self._library = 0  # how many functions of libraries are open: their lines say nothing to the user

    def run(self, jaxpr: Any, constants: Sequence[Any], operands: Sequence[Any], wanted: Sequence[bool] | None = None) -> list[Any]:
        """Lower a jaxpr on operands, return its results; None for those that are not wanted."""
        flags = [True] * len(jaxpr.outvars) if wanted is None else list(wanted)
        known: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *operands], strict=True))
        for record, used in _live(jaxpr, flags):
            inputs = [_read(known, variable) for variable in record.invars]
            known.update(zip(record.outvars, self._results(record, inputs, used), strict=True))
        return [_read(known, variable) if flag else None for variable, flag in zip(jaxpr.outvars, flags, strict=True)]

    def inside(self, closed: Any, operands: Sequence[Any], wanted: Sequence[bool] | None = None) -> list[Any]:
        """Lower a closed jaxpr, the body of a function."""
        library = is_library(closed)
        self._library += library
        try:
            return self.run(closed.jaxpr, closed.consts, operands, wanted)
        finally:
            self._library -= library

    def stopped(self, x: TracedArray) -> TracedArray:
        """Leave a stop of derivatives out, and note it."""
        label = f"stop_gradient{self.tracing.place()}"
        if made_of(self.tracing.graph, x.node, self.tracing.largest):
            self.shifts[x.node] = label
        else:
            self.rules.append(label)
        return x

    def _results(self, record: Any, inputs: Sequence[Any], wanted: Sequence[bool]) -> Sequence[Any]:
        equation = Equation(self, record, wanted)
        outer = self.tracing.place
        if not self._library:
            self.tracing.place = lambda: _place(record) or outer()
        try:
            results = self._computed(equation, inputs)
        finally:
            self.tracing.place = outer
        return results if record.primitive.multiple_results else [results]

    def _computed(self, equation: Equation, inputs: Sequence[Any]) -> Any:
        if not any(isinstance(value, TracedArray) for value in inputs):
            return equation.bind(*inputs)
        name = equation.name
        self.rounding = max(self.rounding, equation.rounding)
        if name in self._structural:
            return self._structural[name](equation, *inputs)
        if name not in self._handlers:
            raise TypeError(f"{self._refusal(name)}{self.tracing.place()}")
        return self.tracing.call(name, self._handlers[name], equation, *inputs)

    def _refusal(self, name: str) -> str:
        supported = [*self._handlers, *self._structural]
        advice = self._refused.get(name, nearest_supported(near_names(name, supported), "see the page on losses from JAX"))
        return f"the primitive {name} of JAX is not supported on what depends on the parameters: {advice}"


def _kind(value: Any) -> str:
    return str(getattr(getattr(value, "dtype", None), "kind", "O"))  # keys of random numbers have a type of their own


@cache
def _rounding(dtype: Any) -> float:
    from jax import dtypes, numpy  # deferred: optional; a jaxpr to lower comes from it

    return float(numpy.finfo(dtype).eps) if dtype is not None and dtypes.issubdtype(dtype, np.floating) else 0.0


def plain(value: Any) -> np.ndarray:
    """Return an array that NumPy computes with; it has no bfloat16."""
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind == "V" else array


def name_of(closed: Any) -> str:
    """Return the name of the function that a jaxpr was traced from; "" if JAX does not know it."""
    return _origin(closed)[0]


def is_library(closed: Any) -> bool:
    """Whether the function of a jaxpr is part of an installed package, and not the user's."""
    file = _origin(closed)[1]
    return bool(file) and is_installed(file)


def _origin(closed: Any) -> tuple[str, str]:
    """Return name and file of a function, which JAX keeps as ``name at file:line``."""
    name, _, place = str(getattr(closed.jaxpr.debug_info, "func_src_info", "") or "").partition(" at ")
    return name, place.rpartition(":")[0]


@cache
def is_installed(file: str) -> bool:
    """Whether a file belongs to an installed package or to modeq, and not to the user."""
    path = Path(file).resolve()
    return any(path.is_relative_to(folder) for folder in (_OWN, *_INSTALLED))


def _place(record: Any) -> str:
    """Return the user's line that an equation comes from, ``" (model.py, line 12: h = x + 1)"``, or nothing."""
    recorded = record.source_info.traceback
    for frame in recorded.frames if recorded is not None else ():
        if frame.file_name.endswith(".py") and not is_installed(frame.file_name):
            return _line(frame.file_name, getattr(frame, "line_num", 0))
    return ""


def user_place(problem: BaseException) -> str:
    """Return the user's line that an error was raised from, or nothing."""
    for frame in reversed(traceback.extract_tb(problem.__traceback__)):
        if not is_installed(frame.filename):
            return _line(frame.filename, frame.lineno or 0)
    return ""


def _line(file: str, line: int) -> str:
    text = linecache.getline(file, line).strip()
    text = text if len(text) <= 120 else text[:119] + "…"
    return f" ({Path(file).name}, line {line}{': ' * bool(text)}{text})"


def _read(known: Mapping[Any, Any], variable: Any) -> Any:
    return variable.val if hasattr(variable, "val") else known[variable]  # a literal has a value


def _live(jaxpr: Any, wanted: Sequence[bool]) -> list[tuple[Any, list[bool]]]:
    """Return the equations that the results need, with which of theirs are used; JAX keeps what functions compute in passing."""
    needed = {variable for variable, flag in zip(jaxpr.outvars, wanted, strict=True) if flag and not hasattr(variable, "val")}
    result = []
    for record in reversed(jaxpr.eqns):
        used = [variable in needed for variable in record.outvars]
        if any(used):
            needed.update(variable for variable in record.invars if not hasattr(variable, "val"))
            result.append((record, used))
    return result[::-1]

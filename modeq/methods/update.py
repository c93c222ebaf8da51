"""The user's own update, written in Python, as a method.

The function is run once on values that record what is done to them. An update that is linear in its states and field values becomes a
general linear method, for which everything in modeq exists; any other becomes a `SmoothUpdate`.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final, overload

import numpy as np
import sympy

from ..exact import Scalar, ScalarLike, exact
from .linear_forms import linear_method_of
from .method import Method
from .program import Builder, Program
from .smooth_update import SmoothUpdate
from .start import check_consistency, state_at_rest
from .traced import BY_COORDINATE, NO_INDEX, Traced, TracingError


@final
class _Field:
    """f as the update sees it: each call evaluates the field of one colour."""

    def __init__(self, colour: int, builder: Builder, smooth: bool) -> None:
        self._colour, self._builder, self._smooth = colour, builder, smooth

    def __call__(self, point: Any) -> Traced:
        if not isinstance(point, Traced) or not point.whole:
            shown = point if not isinstance(point, Traced) else "a number"
            raise TracingError(f"the field is asked at {shown}, which does not depend on the state; write f(theta)")
        return Traced(self._builder, self._builder.make("field", (point.place,), self._colour), True, True, self._smooth)

    def _uncalled(self, *_: Any) -> Any:
        raise TracingError("the field is used without a point; write f(theta)")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __truediv__ = __rtruediv__ = __pow__ = _uncalled


@final
@dataclass(frozen=True)
class Update:
    """A decorated update function; calling it with its keyword parameters gives the `Method`."""

    function: Callable[..., Any]
    memory: tuple[str, ...]
    start: tuple[tuple[str, float], ...] = ()
    per_array: bool = False
    smooth: bool = True

    @property
    def __name__(self) -> str:
        return self.function.__name__

    def __call__(self, *positional: Any, **parameters: ScalarLike) -> Any:
        """Trace the update with these parameters; see `method`."""
        if positional:
            raise TypeError(f"{self.__name__} takes its parameters by name, such as {self.__name__}(beta=0.9), got {positional[0]!r}")
        title = self.function.__name__.replace("_", " ").strip()
        positions, defaults = _split(inspect.signature(self.function), self.memory, title)
        unknown = sorted(set(parameters) - set(defaults))
        if unknown:
            raise TypeError(f"{title} has no parameter {unknown[0]!r}; its parameters: {', '.join(defaults) or 'none'}")
        chosen = {name: parameters.get(name, default) for name, default in defaults.items()}
        missing = [name for name, value in chosen.items() if value is inspect.Parameter.empty]
        if missing:
            raise TypeError(f"{title} needs the parameter {missing[0]}; pass a number, or {missing[0]}={missing[0]!r} to keep it symbolic")
        values = {name: _parameter(name, value) for name, value in chosen.items()}
        program = _record(self, title, positions, values)
        found = None if self.per_array else linear_method_of(program, title)
        if found is not None:
            return found
        rest = state_at_rest(program, self.memory, dict(self.start))
        check_consistency(program, rest, title)
        return SmoothUpdate(title, self.memory, program, rest, per_array=self.per_array)


@overload
def method(function: Callable[..., Any], /) -> Update: ...


@overload
def method(
    *, memory: tuple[str, ...] | str = (), start: Mapping[str, float] | None = None, per_array: bool = False, smooth: bool = True
) -> Callable[[Callable[..., Any]], Update]: ...


def method(
    function: Callable[..., Any] | None = None,
    /,
    *,
    memory: tuple[str, ...] | str = (),
    start: Mapping[str, float] | None = None,
    per_array: bool = False,
    smooth: bool = True,
) -> Any:
    """Turn an update function into a method by tracing it once.

    Parameters
    ----------
    function
        ``function(theta, [memory …,] h, f, [g …,] *, parameters)``; ``f(point)`` is the field −∇E, further positional arguments are
        further fields (colours 1, 2, …). Returns the new θ, or ``(new θ, new memory …)``. Sums, products, quotients, powers,
        NumPy's smooth functions, ``np.linalg.norm``, ``np.dot`` and ``np.sum`` act on whole vectors. A parameter called ``n`` is
        the number of the step, 0 for the first. Parameters may be True or False, too.
    memory
        Names of the vectors kept from step to step, in the order of the arguments after θ. They start at rest.
    start
        Where a memory starts instead, one number for all its entries.
    per_array
        Apply the update to each parameter array of the field on its own, in its own shape, with ``@`` for products of matrices.
    smooth
        False admits ``np.sign``, ``abs``, ``np.maximum`` and ``np.minimum``: the update can be iterated, but has no flow.

    Returns
    -------
    Update
        Call it with the keyword parameters to get the `Method`: a `GeneralLinearMethod` where the update is linear in its states
        and field values, a `SmoothUpdate` otherwise.

    Raises
    ------
    TypeError
        When called: if the signature does not fit, or the update does what cannot be recorded, such as branching on a state; the
        message names the line and what to write instead.
    ValueError
        When called: if the method is inconsistent or unstable at h = 0.

    Examples
    --------
    >>> @method(memory=("v",))
    ... def heavy_ball(theta, v, h, f, *, beta):
    ...     v = beta * v + h * f(theta)
    ...     return theta + v, v
    >>> heavy_ball(beta="beta").V
    ((Fraction(1, 1), beta), (Fraction(0, 1), beta))
    >>> import numpy as np
    >>> @method(memory=("v",))
    ... def rmsprop(theta, v, h, f, *, rho, eps):
    ...     g = -f(theta)
    ...     v = rho * v + (1 - rho) * g * g
    ...     return theta - h * g / (np.sqrt(v) + eps), v
    >>> rmsprop(rho=0.9, eps=1e-8)
    <SmoothUpdate: rmsprop, θ, v>
    """
    names = (memory,) if isinstance(memory, str) else tuple(memory)
    if function is None:
        return lambda decorated: _update(decorated, names, start or {}, per_array, smooth)
    return _update(function, names, start or {}, per_array, smooth)


def _update(function: Callable[..., Any], names: tuple[str, ...], start: Mapping[str, float], per_array: bool, smooth: bool) -> Update:
    if not inspect.isfunction(function):
        raise TypeError(f"@method decorates a function that returns the new θ, got {function!r}")
    unknown = sorted(set(start) - set(names))
    if unknown:
        raise ValueError(f"start names {unknown[0]!r}, which is no memory of {function.__name__}; its memory: {', '.join(names) or 'none'}")
    return Update(function, names, tuple(start.items()), per_array, smooth)


def _split(signature: inspect.Signature, memory: tuple[str, ...], title: str) -> tuple[list[str], dict[str, Any]]:
    kinds = inspect.Parameter
    positional = [p.name for p in signature.parameters.values() if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    keyword = {p.name: p.default for p in signature.parameters.values() if p.kind is kinds.KEYWORD_ONLY and p.name != "n"}
    without_n = [name for name in positional if name != "n"]
    if len(without_n) < len(memory) + 3 or tuple(positional[1 : 1 + len(memory)]) != memory:
        expected = ", ".join(["theta", *memory, "h", "f"])
        raise TypeError(
            f"{title} must take ({expected}), with parameters after a *; it takes ({', '.join(positional)}). "
            "Name the vectors that it keeps from step to step in memory=(…)"
        )
    return positional, keyword


def _parameter(name: str, value: Any) -> Scalar | bool:
    """Read a parameter: a choice, or a number."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (list, tuple)) or np.ndim(value) > 0:
        raise TypeError(f"{name} must be one number, got {len(value)}. {BY_COORDINATE}")
    return exact(value, what=name)


def _record(update: Update, title: str, positions: list[str], values: Mapping[str, Scalar | bool]) -> Program:
    builder, states = Builder(), len(update.memory) + 1

    def number(op: str, value: Any = None) -> Traced:
        return Traced(builder, builder.intern(op, (), value), False, False, update.smooth)

    arguments: list[Any] = [Traced(builder, builder.intern("state", (), i), True, True, update.smooth) for i in range(states)]
    arguments.append(number("h"))
    colours = 0
    for name in positions[states + 1 :] if "n" not in positions[:states] else positions[states:]:
        if name == "n":
            arguments.append(number("n"))
        else:
            arguments.append(_Field(colours, builder, update.smooth))
            colours += 1
    keywords = {name: value if isinstance(value, bool) else number("number", value) for name, value in values.items()}
    takes_n = inspect.signature(update.function).parameters.get("n")
    if takes_n is not None and takes_n.kind is inspect.Parameter.KEYWORD_ONLY:
        keywords["n"] = number("n")
    try:
        result = update.function(*arguments, **keywords)
    except (TracingError, sympy.SympifyError) as error:
        said = error if isinstance(error, TracingError) else "it passes a state to SymPy; use NumPy's functions, which are recorded"
        raise TypeError(f"{title} cannot be traced{_line(update.function, error)}: {said}") from None
    except (IndexError, TypeError) as error:
        line = _line(update.function, error)
        if isinstance(error, IndexError) and "only integers" in str(error):
            raise TypeError(f"{title} cannot be traced{line}: an index is {NO_INDEX}") from None
        if "Traced" in str(error):
            raise TypeError(f"{title} cannot be traced{line}: {error}") from None
        raise
    new = list(result) if isinstance(result, (tuple, list)) else [result]
    if len(new) != states or not all(isinstance(value, Traced) and value.whole for value in new):
        names = f" ({', '.join(['θ', *update.memory])})" if update.memory else ""
        raise TypeError(
            f"{title} must return {states} updated vector{'s' * (states > 1)}{names or ', the new θ'}, made of its states and f(…); "
            f"it returns {_shown(result)}"
            + "; np.ones_like(theta) * x makes a vector of the number x"
            * any(isinstance(value, Traced) and not value.whole for value in new)
        )
    program = builder.program([value.place for value in new])
    if not program.uses("field"):
        raise ValueError(f"{title} never evaluates the field, so it does not move")
    return program


def _shown(result: Any) -> str:
    """Write what an update returned in a few words."""
    if isinstance(result, (tuple, list)):
        return f"({', '.join(map(_shown, result))})"
    if isinstance(result, Traced):
        return "a vector" if result.whole else "one number"
    return "a field without a point" if isinstance(result, _Field) else repr(result)


def _line(function: Callable[..., Any], error: BaseException) -> str:
    """Name the line of the update that an error comes from."""
    place, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is function.__code__:
            place = trace.tb_lineno
        trace = trace.tb_next
    text = linecache.getline(function.__code__.co_filename, place).strip() if place else ""
    return f" in line {place}" + (f" ({text})" if text else "") if place else ""


def renamed(made: Method, name: str, convention: str = "") -> Any:
    """Return a traced method under the name of its optimizer."""
    if isinstance(made, SmoothUpdate):
        return made.described(name=name, convention=convention)
    return replace(made, name=name)  # type: ignore[type-var]  # a general linear method

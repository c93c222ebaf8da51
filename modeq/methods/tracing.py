"""The user's own update, written in Python, as a general linear method.

The function is run once on linear forms in its states and in the field values that it asks for. What comes back is
linear by construction, so the matrices can be read off. Powers of h are followed too: a velocity may be kept in units of
the state (v⁺ = βv + h f, x⁺ = x + v⁺) or of the field (v⁺ = βv + f, x⁺ = x + h v⁺); rescaling each memory by the
right power of h brings both into the one form Y = A·h f(Y) + U·y.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

import sympy
from sympy.core.sympify import CantSympify

from ..exact import Scalar, ScalarLike, exact, to_sympy
from .general_linear import GeneralLinearMethod

_STEP = sympy.Symbol("h", positive=True)  # assumptions keep it apart from a user's own parameter "h"
_Key = tuple[str, int]  # ("y", i): state i; ("f", j): the j-th field value


class _NotLinear(TypeError):
    """An operation that leaves the linear forms."""


class _NoAttribute(_NotLinear, AttributeError):
    """The same for an unknown attribute; `hasattr`, which SymPy and NumPy use to look around, stays False."""


@final
class LinearForm(CantSympify):  # type: ignore[misc]  # SymPy has no types
    """Σ coefficient · (state or field value), coefficients in the parameters and h."""

    __array_ufunc__ = None  # NumPy scalars on the left hand the operation to us, NumPy functions raise

    def __init__(self, terms: Mapping[_Key, sympy.Expr]) -> None:
        self.terms = {key: value for key, value in terms.items() if value != 0}

    def __add__(self, other: Any) -> LinearForm:
        if not isinstance(other, LinearForm):
            if isinstance(other, (int, float)) and other == 0:  # sum() starts from 0
                return self
            raise _NotLinear(f"adding the constant {other!r} makes it affine; only states and field values may be added")
        keys = {**self.terms, **other.terms}
        return LinearForm({key: sympy.expand(self.terms.get(key, 0) + other.terms.get(key, 0)) for key in keys})

    __radd__ = __add__

    def __neg__(self) -> LinearForm:
        return LinearForm({key: -value for key, value in self.terms.items()})

    def __sub__(self, other: Any) -> LinearForm:
        return self + (-other)

    def __rsub__(self, other: Any) -> LinearForm:
        return -self + other

    def __mul__(self, factor: Any) -> LinearForm:
        if isinstance(factor, LinearForm):
            raise _NotLinear("a product of states or field values is not linear")
        scale = _coefficient(factor)
        return LinearForm({key: sympy.expand(value * scale) for key, value in self.terms.items()})

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> LinearForm:
        if isinstance(divisor, LinearForm):
            raise _NotLinear("dividing by a state or a field value is not linear")
        return self * (1 / _coefficient(divisor))

    def __getattr__(self, name: str) -> Any:
        raise _NoAttribute(f"the update uses .{name} of a state or field value; only sums and multiples of them are linear")

    def _refuse(self, *_: Any) -> Any:
        raise _NotLinear("the update compares, converts or takes a non-linear function of a state or field value")

    __pow__ = __rpow__ = __rtruediv__ = __abs__ = __matmul__ = __getitem__ = _refuse
    __eq__ = __ne__ = _refuse
    __hash__ = object.__hash__
    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __float__ = __int__ = __len__ = __iter__ = _refuse


def _coefficient(factor: Any) -> sympy.Expr:
    if isinstance(factor, sympy.Expr) and factor.has(_STEP):
        return factor
    return to_sympy(exact(factor, what="a factor in the update"))


@final
class _Field(CantSympify):  # type: ignore[misc]  # SymPy has no types
    """f as the update sees it: each call is a new stage, unless the same point was asked for before."""

    def __init__(self, colour: int, stages: list[tuple[int, LinearForm]]) -> None:
        self._colour = colour
        self._stages = stages

    def _uncalled(self, *_: Any) -> Any:
        raise _NotLinear("the field is used without a point; write f(theta)")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __truediv__ = _uncalled

    def __call__(self, point: Any) -> LinearForm:
        if not isinstance(point, LinearForm):
            raise _NotLinear(f"the field is asked at {point!r}, which does not depend on the state")
        for number, (colour, known) in enumerate(self._stages):
            if colour == self._colour and known.terms == point.terms:
                return LinearForm({("f", number): sympy.Integer(1)})
        self._stages.append((self._colour, point))
        return LinearForm({("f", len(self._stages) - 1): sympy.Integer(1)})


@final
@dataclass(frozen=True)
class Update:
    """A decorated update function; calling it with its keyword parameters gives the `GeneralLinearMethod`."""

    function: Callable[..., Any]
    memory: tuple[str, ...]

    @property
    def __name__(self) -> str:
        return self.function.__name__

    def __call__(self, *positional: Any, **parameters: ScalarLike) -> GeneralLinearMethod:
        """Trace the update with these parameters; see `method`."""
        if positional:
            raise TypeError(f"{self.__name__} takes its parameters by name, such as {self.__name__}(beta=0.9), got {positional[0]!r}")
        signature = inspect.signature(self.function)
        title = self.function.__name__.replace("_", " ")
        arguments, defaults = _split(signature, self.memory, title)
        unknown = sorted(set(parameters) - set(defaults))
        if unknown:
            raise TypeError(f"{title} has no parameter {unknown[0]!r}; its parameters: {', '.join(defaults) or 'none'}")
        chosen = {name: parameters.get(name, default) for name, default in defaults.items()}
        missing = [name for name, value in chosen.items() if value is inspect.Parameter.empty]
        if missing:
            raise TypeError(f"{title} needs the parameter {missing[0]}; pass a number, or {missing[0]}={missing[0]!r} to keep it symbolic")
        values = {name: to_sympy(exact(value, what=name)) for name, value in chosen.items()}
        return _trace(self.function, title, len(self.memory) + 1, len(arguments), values)


def method(function: Callable[..., Any] | None = None, /, *, memory: tuple[str, ...] = ()) -> Any:
    """Turn an update function into a method by tracing it once.

    Parameters
    ----------
    function
        ``function(theta, [memory …,] h, f, [g …,] *, parameters)``; ``f(point)`` is the field −∇E, further
        positional arguments are further fields (colours 1, 2, …). Returns the new θ, or ``(new θ, new memory …)``.
    memory
        Names of the vectors kept from step to step, in the order of the arguments after θ. They start at rest.

    Returns
    -------
    Update
        Call it with the keyword parameters to get the `GeneralLinearMethod`.

    Raises
    ------
    TypeError
        When called: if the update is not linear in its states and field values, or the signature does not fit.
    ValueError
        When called: if the powers of h do not fit together, or the method is inconsistent or unstable at h = 0.

    Examples
    --------
    >>> @method(memory=("v",))
    ... def heavy_ball(theta, v, h, f, *, beta):
    ...     v = beta * v + h * f(theta)
    ...     return theta + v, v
    >>> heavy_ball(beta="beta").V
    ((Fraction(1, 1), beta), (Fraction(0, 1), beta))
    """
    if isinstance(memory, str):
        memory = (memory,)
    if function is None:
        return lambda decorated: method(decorated, memory=memory)
    if not inspect.isfunction(function):
        raise TypeError(f"@method decorates a function that returns the new θ, got {function!r}")
    return Update(function, tuple(memory))


def _split(signature: inspect.Signature, memory: tuple[str, ...], title: str) -> tuple[list[str], dict[str, Any]]:
    kinds = inspect.Parameter
    positional = [p.name for p in signature.parameters.values() if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    keyword = {p.name: p.default for p in signature.parameters.values() if p.kind is kinds.KEYWORD_ONLY}
    if len(positional) < len(memory) + 3 or tuple(positional[1 : 1 + len(memory)]) != memory:
        expected = ", ".join(["theta", *memory, "h", "f"])
        raise TypeError(
            f"{title} must take ({expected}), with parameters after a *; it takes ({', '.join(positional)}). "
            "Name the vectors that it keeps from step to step in memory=(…)"
        )
    return positional, keyword


def _trace(function: Callable[..., Any], title: str, states: int, arity: int, parameters: Mapping[str, sympy.Expr]) -> GeneralLinearMethod:
    stages: list[tuple[int, LinearForm]] = []
    state = [LinearForm({("y", i): sympy.Integer(1)}) for i in range(states)]
    fields = [_Field(colour, stages) for colour in range(arity - states - 1)]
    try:
        result = function(*state, _STEP, *fields, **parameters)
    except (TypeError, sympy.SympifyError) as error:
        if isinstance(error, (_NotLinear, sympy.SympifyError)) or "'LinearForm' does not support ufuncs" in str(error):
            raise TypeError(f"{title} is not linear in its stages: {error}") from None
        raise
    new = list(result) if isinstance(result, (tuple, list)) else [result]
    if len(new) != states or not all(isinstance(form, LinearForm) for form in new):
        raise TypeError(f"{title} must return {states} updated vector(s), θ first, each made of its states and f(…); got {result!r}")
    if not stages:
        raise ValueError(f"{title} never evaluates the field, so it does not move")
    weights = _weights(new, [point for _, point in stages], states, title)

    def entry(form: LinearForm, key: _Key, power: int) -> Scalar:
        value = sympy.cancel(form.terms.get(key, sympy.Integer(0)) * _STEP**power)
        if value.has(_STEP):
            raise ValueError(
                f"{title}: the powers of h do not fit together ({'a field value' if key[0] == 'f' else 'a state'} comes with "
                f"{sympy.factor(form.terms[key])}); each f(…) must enter θ with exactly one factor h"
            )
        return exact(value)

    # y_i = h^(−w_i) y'_i turns every coefficient into a number: see _weights.
    points, s = [point for _, point in stages], len(stages)
    A = tuple(tuple(entry(point, ("f", j), -1) for j in range(s)) for point in points)
    U = tuple(tuple(entry(point, ("y", j), -weights[j]) for j in range(states)) for point in points)
    B = tuple(tuple(entry(form, ("f", j), weights[i] - 1) for j in range(s)) for i, form in enumerate(new))
    V = tuple(tuple(entry(form, ("y", j), weights[i] - weights[j]) for j in range(states)) for i, form in enumerate(new))
    output = (Fraction(1),) + (Fraction(0),) * (states - 1)
    return GeneralLinearMethod(A=A, U=U, B=B, V=V, output=output, colours=[colour for colour, _ in stages], name=title)


def _weights(new: list[LinearForm], points: list[LinearForm], states: int, title: str) -> list[int]:
    """Find integers w_i, w_0 = 0, such that h^(w_i) y_i has the units of θ.

    A coefficient h^e of y_j in the update of y_i needs e = w_j − w_i, in a stage e = w_j; one of f(·) in the update
    of y_i needs e = 1 − w_i.
    """
    weights = {0: 0}
    for _ in range(states):
        for i, form in enumerate(new):
            for (kind, j), value in form.terms.items():
                power = _power_of_step(value, title)
                if kind == "f":
                    weights.setdefault(i, 1 - power)
                elif i in weights:
                    weights.setdefault(j, power + weights[i])
                elif j in weights:
                    weights[i] = weights[j] - power
        for point in points:
            for (kind, j), value in point.terms.items():
                if kind == "y":
                    weights.setdefault(j, _power_of_step(value, title))
    return [weights.get(i, 0) for i in range(states)]


def _power_of_step(value: sympy.Expr, title: str) -> int:
    powers = {term.as_coeff_exponent(_STEP)[1] for term in sympy.Add.make_args(sympy.expand(value))}
    if len(powers) != 1 or not next(iter(powers)).is_Integer:
        raise ValueError(
            f"{title}: the coefficient {value} mixes powers of h, so the method changes with the step size "
            "(weight decay (1 − hλ)θ is a term λ|θ|²/2 of the loss)"
        )
    return int(next(iter(powers)))

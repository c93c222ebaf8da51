"""Optimizers of optax as methods, read from their jaxprs.

Reference: DeepMind, *The DeepMind JAX ecosystem* (2020), github.com/google-deepmind/optax.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..exact import exact
from .linear_forms import linear_method_of
from .method import Method
from .program import Builder
from .smooth_update import SmoothUpdate
from .start import check_consistency
from .traced import Traced, TracingError

_BY_HAND = "write the update with @mq.method"
_SIZE = 3  # entries of the vectors with which an optimizer is traced; its formula does not depend on it


def from_optax(transformation: Any, *, name: str = "optax") -> Method:
    """Make a method from a gradient transformation of optax, which adds h times its updates to θ.

    Parameters
    ----------
    transformation
        Such as ``optax.adamw(1.0, b1=0.9)``: with the learning rate 1, so that h is the learning rate. A schedule is passed to the run,
        as ``h=schedule``. It is traced on one vector of parameters: a mask by the shape of arrays sees that one.
    name
        What messages and tables call it.

    Returns
    -------
    Method
        A `GeneralLinearMethod` where it is linear, such as ``optax.sgd(1.0, momentum=0.9)``, a `SmoothUpdate` otherwise. Counters of
        steps are the number n; what is kept besides is the memory.

    Raises
    ------
    ImportError
        If JAX is not installed (the extra ``jax``).
    TypeError
        If it is no gradient transformation, or does what is not smooth or has no place in an update; the message names the primitive.

    References
    ----------
    github.com/google-deepmind/optax.

    Examples
    --------
    >>> import optax
    >>> from_optax(optax.sgd(1.0, momentum=0.9), name="momentum")
    <GeneralLinearMethod: momentum, 1 stage(s), 2 state(s)>
    >>> from_optax(optax.adam(1.0), name="adam").state_names
    ('θ', 'mu', 'nu')
    """
    if not (hasattr(transformation, "init") and hasattr(transformation, "update")):
        raise TypeError(f"expected a gradient transformation such as optax.adam(1.0), got {transformation!r}")
    import jax  # deferred: an extra, and slow to import

    with jax.enable_x64(True):
        try:
            probes = [transformation.init(jax.numpy.full(_SIZE, value)) for value in (0.0, 1.0)]
            leaves, tree = jax.tree_util.tree_flatten(probes[0])
            paths = [path for path, _ in jax.tree_util.tree_flatten_with_path(probes[0])[0]]
            others = jax.tree_util.tree_leaves(probes[1])
            point = jax.numpy.zeros(_SIZE)

            def update(gradient: Any, parts: Sequence[Any], theta: Any) -> Any:
                updates, state = transformation.update(gradient, tree.unflatten(parts), theta)
                return updates, jax.tree_util.tree_leaves(state)

            closed = jax.make_jaxpr(update)(point, leaves, point)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
            raise TypeError(f"{name} {_unreadable(str(error))}") from None
    return _traced(closed, name, leaves, others, [_named(path) for path in paths])


def _unreadable(error: str) -> str:
    """Say in words why JAX did not run the transformation on one vector of parameters and its gradient."""
    if "missing" in error and (wanted := re.findall(r"'(\w+)'", error)):
        return f"needs more than the gradient ({', '.join(wanted)}), so it is no update of θ by its field"
    first = error.split("\n", maxsplit=1)[0].rstrip(".")
    return (
        f"does not run on one vector of parameters and its gradient ({first}); leave out masks and labels by the names of arrays, "
        "branches on values, and what wants more than the gradient"
    )


def _named(path: Sequence[Any]) -> str:
    """Return the last name on the path to a part of the state."""
    names = [str(getattr(key, "name", getattr(key, "key", ""))) for key in path]
    return next((name for name in reversed(names) if name and not name.isdigit()), "state")


def _traced(closed: Any, name: str, leaves: list[Any], others: list[Any], names: list[str]) -> Method:
    builder = Builder()

    def vector(place: int) -> Traced:
        return Traced(builder, place, True, True, True)

    theta = vector(builder.intern("state", (), 0))
    gradient = vector(builder.make("negate", (builder.make("field", (theta.place,), 0),)))
    inputs: list[Any] = [gradient]
    memory: list[str] = []
    kept: list[int] = []
    rest = []
    for number, (leaf, other, label) in enumerate(zip(leaves, others, names, strict=True)):
        if str(leaf.dtype).startswith("key"):
            raise TypeError(f"{name} keeps {label}, of type {leaf.dtype}: its updates are random, and no flow follows them")
        first, second = np.asarray(leaf), np.asarray(other)
        if first.shape == () and first.dtype.kind in "iu":
            start = int(first)
            inputs.append(Traced(builder, builder.intern("n"), False, False, True) + start)
        elif first.shape == (_SIZE,) and first.dtype.kind == "f" and np.ptp(first) == 0 == np.ptp(second):
            kept.append(number)
            memory.append(label if label not in memory else f"{label}{len(memory)}")
            inputs.append(vector(builder.intern("state", (), len(memory))))
            rest.append((_exact(second[0] - first[0]), _exact(first[0])))
        else:
            raise TypeError(
                f"{name} keeps {label}, of shape {first.shape} and type {first.dtype}; counters and vectors of the size of θ are "
                f"read. Leave wrappers and types of their own out, such as inject_hyperparams or mu_dtype, or {_BY_HAND}"
            )
    inputs.append(theta)
    try:
        results = _evaluate(closed.jaxpr, closed.consts, inputs)
    except TracingError as error:
        raise TypeError(f"{name} cannot be traced: {re.sub(', or pass smooth.*', ' with @mq.method', str(error))}") from None
    h = Traced(builder, builder.intern("h"), False, False, True)
    new = [theta + h * results[0], *(theta * 0 + results[1 + number] for number in kept)]
    program = builder.program([value.place for value in new])
    if not program.uses("field"):
        raise ValueError(f"{name} never uses the gradient, so it does not move")
    if all(a == 0 == b for a, b in rest) or not rest:
        found = linear_method_of(program, name)
        if found is not None:
            return found
    made = SmoothUpdate(name, tuple(memory), program, tuple(rest))
    check_consistency(program, made.start, name)
    return made


def _exact(value: Any) -> Any:
    return exact(float(value))


def _evaluate(jaxpr: Any, constants: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """Run a jaxpr on traced values and numbers."""
    known: dict[Any, Any] = {}

    def read(variable: Any) -> Any:
        return _number(variable.val) if hasattr(variable, "val") else known[variable]

    known.update(zip(jaxpr.constvars, map(_number, constants), strict=True))
    known.update(zip(jaxpr.invars, inputs, strict=True))
    for equation in jaxpr.eqns:
        arguments = [read(variable) for variable in equation.invars]
        results = _applied(equation, arguments)
        known.update(zip(equation.outvars, results, strict=True))
    return [read(variable) for variable in jaxpr.outvars]


def _number(value: Any) -> Any:
    """Return an array of equal numbers as one number."""
    array = np.asarray(value)
    if array.size and array.dtype.kind in "biuf" and np.ptp(array.astype(float)) == 0:
        return array.ravel()[0].item()
    return array


def _applied(equation: Any, arguments: list[Any]) -> list[Any]:
    name, parameters = equation.primitive.name, equation.params
    inner = next((parameters[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in parameters), None)
    if inner is not None and name in ("jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call", "remat", "core_call"):
        return _evaluate(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), arguments)
    if not any(isinstance(argument, Traced) for argument in arguments):
        values = equation.primitive.bind(*[np.asarray(a) for a in arguments], **parameters)
        return [_number(value) for value in (values if equation.primitive.multiple_results else [values])]
    if name not in _RULES:
        raise TracingError(f"it uses the primitive {name}, which has no place in a smooth update; {_BY_HAND}")
    try:
        return [_RULES[name](parameters, *arguments)]
    except TracingError as error:
        if any(isinstance(argument, Traced) and argument.moves for argument in arguments) or name not in _KINKS:
            raise
        raise TracingError(
            f"it tells steps apart by their number (the primitive {name}), which is no formula in n; leave a schedule out, as in "
            "optax.adam(1.0), and pass it to the run as h=schedule"
        ) from error


def _compared(name: str, holds: Callable[[float, float], bool]) -> Callable[..., Any]:
    """Compare a counter with a bound that no run reaches; anything else has a kink."""

    def rule(parameters: Any, a: Any, b: Any) -> bool:
        for value, other, swapped in ((a, b, False), (b, a, True)):
            if isinstance(value, Traced) and not value.moves and isinstance(other, (int, float)) and abs(other) >= 2**31 - 1:
                return holds(other, 0.0) if swapped else holds(0.0, other)
        raise TracingError(
            f"it compares values (the primitive {name}), which is not smooth; {_BY_HAND} and a smooth weight instead, or take mq.Clipped"
        )

    return rule


def _selected(parameters: Any, which: Any, *cases: Any) -> Any:
    if isinstance(which, (bool, int)):
        return cases[int(which)]
    raise TracingError("it selects by a comparison, which is not smooth")


def _function(name: str) -> Callable[..., Any]:
    return lambda parameters, a: a.applied(name)


def _power(parameters: Any, a: Any, b: Any) -> Any:
    return a**b if isinstance(a, Traced) else b.__rpow__(a)


def _summed(parameters: Any, a: Any) -> Any:
    return a.sum() if a.whole else a


_KINKS = {"sign", "abs", "max", "min", "lt", "le", "gt", "ge", "eq", "ne"}
_SMOOTH = (  # called so here and in JAX
    *("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf"),
)

_RULES: Mapping[str, Callable[..., Any]] = {
    "add": lambda p, a, b: a + b,
    "add_any": lambda p, a, b: a + b,
    "sub": lambda p, a, b: a - b,
    "mul": lambda p, a, b: a * b,
    "div": lambda p, a, b: a / b,
    "neg": lambda p, a: -a,
    "square": lambda p, a: a * a,
    "sqrt": lambda p, a: np.sqrt(a),
    "rsqrt": lambda p, a: 1 / np.sqrt(a),
    "integer_pow": lambda p, a: a ** p["y"],
    "pow": _power,
    "sign": lambda p, a: np.sign(a),
    "abs": lambda p, a: np.abs(a),
    "max": lambda p, a, b: np.maximum(a, b),
    "min": lambda p, a, b: np.minimum(a, b),
    "reduce_sum": _summed,
    "dot_general": lambda p, a, b: a.dot(b),
    "convert_element_type": lambda p, a: a,
    "broadcast_in_dim": lambda p, a: a,
    "reshape": lambda p, a: a,
    "squeeze": lambda p, a: a,
    "copy": lambda p, a: a,
    "stop_gradient": lambda p, a: a,
    "lt": _compared("lt", lambda a, b: a < b),
    "le": _compared("le", lambda a, b: a <= b),
    "gt": _compared("gt", lambda a, b: a > b),
    "ge": _compared("ge", lambda a, b: a >= b),
    "eq": _compared("eq", lambda a, b: a == b),
    "ne": _compared("ne", lambda a, b: a != b),
    "select_n": _selected,
    "logistic": _function("sigmoid"),
    **{name: _function(name) for name in _SMOOTH},
}

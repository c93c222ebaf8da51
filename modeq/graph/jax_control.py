"""JAX's primitives that hold other jaxprs: nested functions, loops, branches, and functions with derivatives of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .jax_elementwise import CUSTOM
from .jaxpr import Equation, Handler, is_library, name_of
from .numpy_elementwise import choose
from .traced_array import TracedArray

_MOST_STEPS = 10_000  # of loops that are unrolled


def _body(equation: Equation) -> Any:
    """Return the closed jaxpr that an equation holds, under the name that this primitive has for it."""
    found = next(equation.params[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in equation.params)
    return found if hasattr(found, "consts") else _Closed(found)


class _Closed:
    """A jaxpr that needs no constants, in the form of one that does."""

    def __init__(self, jaxpr: Any) -> None:
        self.jaxpr = jaxpr
        self.consts: Sequence[Any] = ()


def called(equation: Equation, *operands: Any) -> Any:
    """Lower a nested function where it is called."""
    return equation.lowering.inside(_body(equation), operands, equation.wanted)


def custom(equation: Equation, *operands: Any) -> Any:
    """Lower a function with a derivative of its own: JAX's by name, others as they are computed, which is checked later."""
    body = _body(equation)
    name = name_of(body)
    if is_library(body) and name in CUSTOM:
        return [equation.tracing.call(name, CUSTOM[name], equation, *operands)]
    equation.lowering.rules.append(f"{name or equation.name}{equation.tracing.place()}")
    return equation.lowering.inside(body, operands, equation.wanted)


def scan(equation: Equation, *operands: Any) -> Any:
    """Unroll a loop of fixed length."""
    params = equation.params
    length, fixed, carried = params["length"], params["num_consts"], params["num_carry"]
    _check_length(length)
    constants, carry, rows = operands[:fixed], list(operands[fixed : fixed + carried]), operands[fixed + carried :]
    steps = range(length)[::-1] if params["reverse"] else range(length)
    collected: list[Any] = [None] * length
    for step in steps:
        results = equation.lowering.inside(params["jaxpr"], [*constants, *carry, *(row[step] for row in rows)])
        carry, collected[step] = results[:carried], results[carried:]
    return [*carry, *(_stacked(equation, parts) for parts in zip(*collected, strict=True))]


def _stacked(equation: Equation, parts: Sequence[Any]) -> Any:
    if any(isinstance(part, TracedArray) for part in parts):
        return np.stack([equation.lift(part) for part in parts])
    return np.stack([np.asarray(part) for part in parts])


def loop(equation: Equation, *operands: Any) -> Any:
    """Unroll a loop whose condition does not depend on the parameters."""
    params = equation.params
    tests, bodies = params["cond_nconsts"], params["body_nconsts"]
    test_constants, constants, carry = operands[:tests], operands[tests : tests + bodies], list(operands[tests + bodies :])
    count = 0
    while True:
        (goes_on,) = equation.lowering.inside(params["cond_jaxpr"], [*test_constants, *carry])
        if isinstance(goes_on, TracedArray):
            raise TypeError(
                f"while: how often the loop runs depends on the parameters; give it a fixed number of steps{equation.tracing.place()}"
            )
        if not goes_on:
            return carry
        count += 1
        _check_length(count)
        carry = equation.lowering.inside(params["body_jaxpr"], [*constants, *carry])


def branch(equation: Equation, which: Any, *operands: Any) -> Any:
    """Take the branch that a fixed index says; compute all and choose where it depends on the parameters."""
    branches = equation.params["branches"]
    if not isinstance(which, TracedArray):
        return equation.lowering.inside(branches[int(np.clip(which, 0, len(branches) - 1))], operands, equation.wanted)
    results = [equation.lowering.inside(one, operands) for one in branches]
    chosen = [equation.lift(value) for value in results[0]]
    for number, values in enumerate(results[1:], 1):
        here = which > number - 0.5
        chosen = [choose(equation.tracing, here, equation.lift(new), old) for new, old in zip(values, chosen, strict=True)]
    return chosen


def _check_length(length: int) -> None:
    if length > _MOST_STEPS:
        raise ValueError(f"loops are unrolled, up to {_MOST_STEPS} steps; this one has more: use fewer steps, or Loss.from_functions")


STRUCTURAL: Mapping[str, Handler] = {
    **dict.fromkeys(["jit", "closed_call", "call", "remat2"], called),
    **dict.fromkeys(["custom_jvp_call", "custom_vjp_call"], custom),
    "scan": scan,
    "while": loop,
    "cond": branch,
    **dict.fromkeys(["optimization_barrier", "device_put"], lambda equation, *operands: list(operands)),
    "sharding_constraint": lambda equation, x: x,
}
"""By JAX's names; errors inside name the primitive there."""

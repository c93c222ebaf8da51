"""The arguments of NumPy's functions: by the names that NumPy gives them, and which of them are supported."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Handler = Callable[..., Any]
"""What is called in place of NumPy's function: its arguments after a `Tracing`."""

_signature = functools.cache(inspect.signature)  # it takes longer than most handlers


def by_name(func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """Name the arguments as NumPy's signature does, except those that it takes by position only."""
    try:
        bound = _signature(func).bind(*args, **kwargs)
    except ValueError:  # a signature that Python cannot see
        return args, kwargs
    kinds = {name: parameter.kind for name, parameter in bound.signature.parameters.items()}
    if inspect.Parameter.VAR_POSITIONAL in kinds.values():
        return args, kwargs
    by_position, named = [], {}
    for name, value in bound.arguments.items():
        if kinds[name] is inspect.Parameter.POSITIONAL_ONLY:
            by_position.append(value)
        elif kinds[name] is inspect.Parameter.VAR_KEYWORD:
            named.update(value)
        else:
            named[name] = value
    return by_position, named


def supported(handler: Handler, given: Mapping[str, Any], accepted: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the named arguments that a handler knows; others must say what is the case anyway, such as ``dtype=float``."""
    known = list(_signature(handler).parameters)[1:] if accepted is None else list(accepted)
    passed = {name: value for name, value in given.items() if name in known}
    for name, value in given.items():
        if name in known or _harmless(name, value):
            continue
        if "options" not in known or name in ("out", "dtype"):
            usable = f"; supported are {', '.join(known)}" if known and "options" not in known else ""
            raise TypeError(f"the argument {name}={shortened(value)} is not supported{usable}")
        passed[name] = value
    return passed


def _harmless(name: str, value: Any) -> bool:
    """Whether an argument asks for nothing but what traced arrays do anyway."""
    if value is np._NoValue or name in ("casting", "optimize", "subok", "copy"):
        return True
    match name:
        case "order":
            return value in ("C", "K", "A", None)
        case "where":
            return value is True
        case "dtype":
            return value is None or np.dtype(value) == np.dtype(float)
    return name in ("out", "initial", "signature") and value is None


def shortened(value: Any) -> str:
    """Return how a value looks, in at most 40 characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else text[:37] + "…"

"""What the command line's words mean: methods, losses, points. Unknown words get the nearest known one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..expressions import parse_expression
from ..losses.analytic import CATALOGUE
from ..losses.loss import Loss
from ..methods import Extragradient, GradientDescent, HeavyBall, Method, Nesterov, ProximalPoint, RungeKutta
from ..methods.tableaux import MatrixLike
from ..nearest import nearest
from .networks import NETWORKS, NO_OPTIONS, NetworkOptions, named_network


def _midpoint() -> Method:
    return RungeKutta([[0, 0], ["1/2", 0]], [0, 1], name="explicit midpoint")


def _rk4() -> Method:
    A: MatrixLike = [[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]]
    return RungeKutta(A, ["1/6", "1/3", "1/3", "1/6"], name="classical Runge–Kutta")


METHODS: Mapping[str, Callable[[], Method]] = MappingProxyType(
    {
        "gd": GradientDescent,
        "heavy-ball": HeavyBall,
        "nesterov": Nesterov,
        "proximal-point": ProximalPoint,
        "extragradient": Extragradient,
        "midpoint": _midpoint,
        "rk4": _rk4,
    }
)
_ALIASES = MappingProxyType({"gradient-descent": "gd", "momentum": "heavy-ball", "polyak": "heavy-ball"})


def named_method(name: str, beta: str | None = None) -> Method:
    """Return a method by name, with its momentum set if `beta` is given."""
    key = name.strip().lower().replace("_", "-")
    key = _ALIASES.get(key, key)
    if key not in METHODS:
        raise ValueError(f"unknown method {name!r}{nearest(key, [*METHODS, *_ALIASES])}; known: {', '.join(METHODS)}")
    method = METHODS[key]()
    if beta is None:
        return method
    if "beta" not in method.parameters:
        raise ValueError(f"{method.name} has no momentum; leave out --beta")
    return method.with_parameters(beta=beta)


def numeric_method(name: str, beta: str | None) -> Method:
    """Return a method whose parameters are all numbers, ready to run."""
    method = named_method(name, beta)
    if method.parameters:
        raise ValueError(f"{method.name} needs a number for {method.parameters[0]}: add --beta 0.9")
    return method


def named_loss(text: str, variables: str | None = None, options: NetworkOptions = NO_OPTIONS) -> Loss:
    """Return a loss from the catalogue by name, a network on data, or parse a formula."""
    key = text.strip().lower().replace("_", "-")
    if key in NETWORKS:
        return named_network(key, options)
    options.refuse(text)
    if key in CATALOGUE:
        return CATALOGUE[key]()
    if re.fullmatch(r"[A-Za-z_][\w-]*", text.strip()):
        known = [*CATALOGUE, *NETWORKS]
        raise ValueError(f"unknown loss {text!r}{nearest(key, known)}; known: {', '.join(known)}, or a formula such as 'x**4/4 - x**2/2'")
    names = None if variables is None else [name.strip() for name in variables.split(",")]
    expression = parse_expression(text, names)
    symbols = names or sorted(symbol.name for symbol in expression.free_symbols)
    if not symbols:
        raise ValueError(f"the formula {text!r} has no variable; write for example 'x**2 + y**2'")
    return Loss.from_sympy(expression, symbols, name=str(expression))


def parse_point(text: str | None, loss: Loss) -> list[float]:
    """Read ``0.6,0.5``; the loss's own starting point when left out."""
    if text is None:
        if loss.start is None:
            raise ValueError(f"say where to start: --at with {loss.dimension} number(s) for {', '.join(loss.coordinates)}")
        return list(loss.start)
    try:
        point = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"--at takes numbers separated by commas, such as 0.6,0.5, got {text!r}") from None
    if len(point) != loss.dimension:
        raise ValueError(f"--at needs {loss.dimension} number(s) for {', '.join(loss.coordinates)}, got {len(point)}")
    return point

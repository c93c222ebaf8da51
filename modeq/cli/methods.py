"""What the command line's words for methods and numbers mean. Unknown words get the nearest known one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from ..methods.extragradient import Extragradient
from ..methods.gradient_descent import GradientDescent
from ..methods.heavy_ball import HeavyBall
from ..methods.method import Method
from ..methods.nesterov import Nesterov
from ..methods.proximal_point import ProximalPoint
from ..methods.runge_kutta import RungeKutta
from ..methods.tableaux import MatrixLike
from ..nearest import nearest


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
METHOD_HELP = f"One of {', '.join(METHODS)}."
BETA_HELP = "Momentum of heavy-ball and nesterov, such as 0.9."
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


def parse_number(text: str) -> float:
    """Read ``0.1``, ``1e-3`` or ``1/10``."""
    try:
        return float(text)
    except ValueError:
        return float(Fraction(text.replace(" ", "")))

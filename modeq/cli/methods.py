"""What the command line's words for methods and numbers mean. Unknown words get the nearest known one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from ..methods.adam import Adam, AdamW
from ..methods.extragradient import Extragradient
from ..methods.gradient_descent import GradientDescent
from ..methods.heavy_ball import HeavyBall
from ..methods.method import Method
from ..methods.nadam import NAdam
from ..methods.nesterov import Nesterov
from ..methods.proximal_point import ProximalPoint
from ..methods.rmsprop import RMSProp
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
        "adam": lambda: Adam("beta1", "beta2", "epsilon"),
        "adamw": lambda: AdamW("beta1", "beta2", "epsilon"),
        "nadam": lambda: NAdam("beta1", "beta2", "epsilon"),
        "rmsprop": lambda: RMSProp("rho", "epsilon"),
    }
)
_DEFAULTS = MappingProxyType({"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8", "rho": "0.99"})  # those of PyTorch
BETA1_HELP = "Memory of the gradient in adam, adamw and nadam."
BETA2_HELP = "Memory of its square in adam, adamw and nadam."
RHO_HELP = "Memory of the squared gradient in rmsprop."
EPSILON_HELP = "The number added to the root in adaptive methods."
METHOD_HELP = f"One of {', '.join(METHODS)}."
BETA_HELP = "Momentum of heavy-ball and nesterov, such as 0.9."
_ALIASES = MappingProxyType({"gradient-descent": "gd", "momentum": "heavy-ball", "polyak": "heavy-ball"})


def named_method(name: str, beta: str | None = None, **others: str | None) -> Method:
    """Return a method by name, with the parameters set that are given; the others stay symbolic."""
    key = name.strip().lower().replace("_", "-")
    key = _ALIASES.get(key, key)
    if key not in METHODS:
        raise ValueError(f"unknown method {name!r}{nearest(key, [*METHODS, *_ALIASES])}; known: {', '.join(METHODS)}")
    method = METHODS[key]()
    given = {name: value for name, value in {"beta": beta, **others}.items() if value is not None}
    for parameter in given:
        if parameter not in method.parameters:
            what = "momentum" if parameter == "beta" else f"parameter {parameter}"
            raise ValueError(f"{method.name} has no {what}; leave out --{parameter}")
    return method.with_parameters(**given) if given else method


def numeric_method(name: str, beta: str | None, **others: str | None) -> Method:
    """Return a method whose parameters are all numbers, ready to run; adaptive methods have PyTorch's where none are given."""
    method = named_method(name, beta, **others)
    usual = {parameter: _DEFAULTS[parameter] for parameter in method.parameters if parameter in _DEFAULTS}
    method = method.with_parameters(**usual) if usual else method
    if method.parameters:
        raise ValueError(f"{method.name} needs a number for {method.parameters[0]}: add --beta 0.9")
    return method


def parse_number(text: str) -> float:
    """Read ``0.1``, ``1e-3`` or ``1/10``."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(Fraction(text.replace(" ", "")))
    except (ValueError, ArithmeticError):
        raise ValueError(f"expected a number such as 0.1, 1e-3 or 1/10, got {text!r}") from None

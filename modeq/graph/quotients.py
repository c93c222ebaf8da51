r"""Quotients that are defined at 0 by their limit only: recognised, and evaluated without the division.

Where 0/0 is, a loss such as sin(x)/x or x/(eˣ − 1) is smooth all the same. `removable` writes such quotients with the functions
``sinc exprel log1prel tanhrel atanrel asinhrel``, whose derivatives of order n are the integrals

.. math::  \\int_0^1 t^n \\varphi^{(n+1)}(xt)\\,dt, \\qquad
    \\varphi = \\sin x,\\ e^x - 1,\\ \\log(1 + x),\\ \\tanh x,\\ \\arctan x,\\ \\operatorname{arsinh} x,

taken by Gauss' formula near 0, and from x y⁽ⁿ⁾ + n y⁽ⁿ⁻¹⁾ = φ⁽ⁿ⁾ elsewhere, where no digits cancel. The compiled twins are in
`kernels.quotients`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy

from ..functions import QUOTIENTS
from ..kernels.quotients import continue_asinh, continue_atan, continue_tanh, divided, slope_of_tanh

if TYPE_CHECKING:
    from ..exact import Scalar
    from .graph import Graph

_MOST_FACTORS = 8  # of a numerator or denominator in which partners are looked for
_FAR = 12.0  # as in `kernels.quotients`
_SYMBOL = sympy.Dummy("x", real=True)


# Recognition


def removable(graph: Graph, a: int, b: int) -> int | None:
    """Write a/b without its removable singularity at 0, None if a factor of one is no partner of a factor of the other.

    Examples
    --------
    >>> from modeq.graph import Graph
    >>> graph = Graph()
    >>> x = graph.input("x")
    >>> graph.divide(graph.apply("sin", graph.multiply(graph.constant(3), x)), x) == graph.multiply(
    ...     graph.constant(3), graph.apply("sinc", graph.multiply(graph.constant(3), x))
    ... )
    True
    """
    (r, top), (s, bottom) = _scaled(graph, a), _scaled(graph, b)
    above, below = _factors(graph, top), _factors(graph, bottom)
    for i, p in enumerate(above):
        if len(below) > 1 and (whole := _partners(graph, p, bottom)) is not None:  # such as (1 − exp(−x²))/x²
            return _product(graph, [graph.constant(r / s), whole, *above[:i], *above[i + 1 :]])
        for j, q in enumerate(below):
            quotient, used = _partners(graph, p, q), [j]
            if quotient is None and below.count(q) > 1:
                quotient, used = _versine(graph, p, q), [k for k, factor in enumerate(below) if factor == q][:2]
            if quotient is not None:
                product = _product(graph, [graph.constant(r / s), quotient, *above[:i], *above[i + 1 :]])
                rest = [factor for k, factor in enumerate(below) if k not in used]
                return graph.divide(product, _product(graph, rest)) if rest else product
    return None


def _partners(graph: Graph, a: int, b: int) -> int | None:
    """Return φ(ru)/(su) or its reciprocal without division by 0, None for any other quotient."""
    found = _over_argument(graph, a, b)
    if found is None and (inverse := _over_argument(graph, b, a)) is not None:
        found = graph.divide(graph.one, inverse)
    return found


def _over_argument(graph: Graph, a: int, b: int) -> int | None:
    function, v, sign = _vanishing(graph, a)
    if function is None:
        return None
    (r, u), (s, w) = _scaled(graph, v), _scaled(graph, b)
    return graph.multiply(graph.constant(sign * r / s), _RELATIVE[function](graph, v)) if u == w else None


def _vanishing(graph: Graph, a: int) -> tuple[str | None, int, int]:
    """Read a node as ±φ(v) with φ(0) = 0, also eᵛ − 1, log(1 + v) and √(1 + v) − 1."""
    node = graph.nodes[a]
    if node.op in _RELATIVE:
        return node.op, node.arguments[0], 1
    if node.op in ("subtract", "add") and (found := _root_less_one(graph, a)) is not None:
        return found
    if node.op in ("subtract", "add"):
        pair = node.arguments
        for (exponential, one), sign in ((pair, 1), (pair[::-1], -1 if node.op == "subtract" else 1)):
            wanted = Fraction(1) if node.op == "subtract" else Fraction(-1)
            if graph.nodes[exponential].op == "exp" and graph.fixed(one) == wanted:
                return "expm1", graph.nodes[exponential].arguments[0], sign
    if node.op == "log" and graph.nodes[node.arguments[0]].op in ("add", "subtract"):
        below = graph.nodes[node.arguments[0]]
        first, second = below.arguments
        if below.op == "add" and graph.one in (first, second):
            return "log1p", second if first == graph.one else first, 1
        if below.op == "subtract" and first == graph.one:
            return "log1p", graph.negate(second), 1
    return None, a, 1


def _root_less_one(graph: Graph, a: int) -> tuple[str, int, int] | None:
    """Read a node as ±(√(1 + v) − 1), None for any other."""
    node = graph.nodes[a]
    wanted = Fraction(1) if node.op == "subtract" else Fraction(-1)
    for (root, one), sign in ((node.arguments, 1), (node.arguments[::-1], -1 if node.op == "subtract" else 1)):
        if graph.nodes[root].op == "sqrt" and graph.fixed(one) == wanted:
            below = graph.nodes[graph.nodes[root].arguments[0]]
            if below.op in ("add", "subtract") and below.arguments[0] == graph.one:
                return "root", below.arguments[1] if below.op == "add" else graph.negate(below.arguments[1]), sign
            if below.op == "add" and below.arguments[1] == graph.one:
                return "root", below.arguments[0], sign
    return None


def _versine(graph: Graph, a: int, u: int) -> int | None:
    """Write (1 − cos ru)/u² as r²/2 sinc²(ru/2), (cosh ru − 1)/u² with sinh, None for any other quotient."""
    node = graph.nodes[a]
    if node.op not in ("add", "subtract"):
        return None
    pair = node.arguments
    wanted = Fraction(1) if node.op == "subtract" else Fraction(-1)
    for (one, cosine), sign in ((pair, 1 if node.op == "subtract" else -1), (pair[::-1], -1)):
        if graph.fixed(one) == wanted and (op := graph.nodes[cosine].op) in ("cos", "cosh"):
            (v,) = graph.nodes[cosine].arguments
            r, w = _scaled(graph, v)
            if w == u:
                half = _RELATIVE["sin" if op == "cos" else "sinh"](graph, graph.multiply(graph.constant(Fraction(1, 2)), v))
                factor = (sign if op == "cos" else -sign) * r**2 / 2
                return graph.multiply(graph.constant(factor), graph.multiply(half, half))
    return None


def _hyperbolic(graph: Graph, v: int) -> int:
    """sinh(v)/v, the mean of (eˣ − 1)/x at v and −v."""
    mean = graph.add(graph.apply("exprel", v), graph.apply("exprel", graph.negate(v)))
    return graph.multiply(graph.constant(Fraction(1, 2)), mean)


def _inverse_hyperbolic(graph: Graph, v: int) -> int:
    """artanh(v)/v, the mean of log(1 + x)/x at v and −v."""
    mean = graph.add(graph.apply("log1prel", v), graph.apply("log1prel", graph.negate(v)))
    return graph.multiply(graph.constant(Fraction(1, 2)), mean)


def _inverse_sine(graph: Graph, v: int) -> int:
    """arcsin(v)/v from arcsin v = 2 arctan w, w = v/(1 + √(1 − v²))."""
    below = graph.add(graph.one, graph.apply("sqrt", graph.subtract(graph.one, graph.multiply(v, v))))
    return graph.divide(graph.multiply(graph.constant(2), graph.apply("atanrel", graph.divide(v, below))), below)


def _root(graph: Graph, v: int) -> int:
    """(√(1 + v) − 1)/v."""
    root = graph.apply("sqrt", graph.add(graph.constant(1), v))
    return graph.divide(graph.constant(1), graph.add(graph.constant(1), root))


_RELATIVE: Mapping[str, Callable[[Graph, int], int]] = {
    "sin": lambda graph, v: graph.apply("sinc", v),
    "tan": lambda graph, v: graph.divide(graph.apply("sinc", v), graph.apply("cos", v)),
    "expm1": lambda graph, v: graph.apply("exprel", v),
    "sinh": _hyperbolic,
    "log1p": lambda graph, v: graph.apply("log1prel", v),
    "tanh": lambda graph, v: graph.apply("tanhrel", v),
    "atan": lambda graph, v: graph.apply("atanrel", v),
    "asinh": lambda graph, v: graph.apply("asinhrel", v),
    "atanh": _inverse_hyperbolic,
    "asin": _inverse_sine,
    "root": _root,
}
"""φ(v)/v, by the name of φ; "root" is √(1 + v) − 1."""


def _scaled(graph: Graph, a: int) -> tuple[Scalar, int]:
    """Split a node into a constant factor and the rest."""
    node = graph.nodes[a]
    if node.op == "negate":
        return Fraction(-1), node.arguments[0]
    if node.op == "multiply" and (factor := graph.fixed(node.arguments[0])) is not None:
        return factor, node.arguments[1]
    return Fraction(1), a


def _factors(graph: Graph, a: int) -> list[int]:
    """List the factors of a product, those of its factors too while they are few."""
    factors = [a]
    while len(factors) < _MOST_FACTORS:
        place = next((i for i, factor in enumerate(factors) if graph.nodes[factor].op == "multiply"), None)
        if place is None:
            break
        factors[place : place + 1] = graph.nodes[factors[place]].arguments
    return factors


def _product(graph: Graph, factors: list[int]) -> int:
    result = graph.one
    for factor in factors:
        result = graph.multiply(result, factor)
    return result


# Values


def at_zero(function: str) -> Fraction:
    """Return the value of a quotient or its derivative at 0, from its power series."""
    name, n = QUOTIENTS[function]
    if name == "sinc":
        return Fraction(0 if n % 2 else (-1) ** (n // 2), n + 1)
    if name in _CONTINUED:
        c = [Fraction(0), Fraction(1), *[Fraction(0)] * n]  # of φ at 0
        _CONTINUED[name][1](c, Fraction(0))
        return math.factorial(n) * c[n + 1]
    return Fraction(1 if name == "exprel" else (-1) ** n * math.factorial(n), n + 1)


@cache
def _gauss() -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.legendre.leggauss(16)
    return (nodes + 1) / 2, weights / 2


# φ, how its Taylor series goes on from two coefficients, and up to which |x| the integral is taken; φ′(0) = 1.
_CONTINUED: Mapping[str, tuple[str, Callable[[Any, Any], None], float]] = {
    "tanhrel": ("tanh", continue_tanh, 1.0),
    "atanrel": ("atan", continue_atan, 0.7),
    "asinhrel": ("asinh", continue_asinh, 0.7),
}


def _taylor_series(name: str, x: Any, count: int, functions: Any) -> list[Any]:
    """Return coefficients of φ at x from the functions of NumPy or mpmath."""
    phi, go_on, _ = _CONTINUED[name]
    first = getattr(functions, phi if hasattr(functions, phi) else "arc" + phi[1:])(x)
    if phi == "tanh":
        slope = slope_of_tanh(x) if functions is np else 1 / functions.cosh(x) ** 2
    else:
        slope = 1 / functions.sqrt(1 + x * x)  # of arsinh; arctan needs none
    c = [first, slope, *[first] * (count - 2)]
    go_on(c, x)
    return c


# φ⁽ⁿ⁺¹⁾(x) for the integral, φ⁽ⁿ⁾(x) for the recursion, and where the integral is taken.
_DERIVATIVE: Mapping[str, Callable[[int, Any], Any]] = {
    "sinc": lambda n, x: (np.sin, np.cos, lambda y: -np.sin(y), lambda y: -np.cos(y))[n % 4](x),
    "exprel": lambda n, x: np.exp(x) if n else np.expm1(x),
    "log1prel": lambda n, x: -math.factorial(n - 1) / (-1.0 - x) ** n if n else np.log1p(x),
}


def is_near(name: str, x: Any) -> Any:
    """Whether the integral is as good as it gets: φ is analytic well beyond x, and grows little."""
    if name == "log1prel":
        return (np.abs(x) <= 1.0) & (np.real(x) >= -0.5)
    return np.abs(x) <= (_CONTINUED[name][2] if name in _CONTINUED else _FAR)


def numeric(function: str, x: Any) -> Any:
    """Evaluate on real or complex numbers, entry by entry."""
    name, n = QUOTIENTS[function]
    x = np.asarray(x)
    near = is_near(name, x)
    inside = np.where(near, x, 0.0)
    if name in _CONTINUED:
        parts = (w * t**n * _taylor_series(name, inside * t, n + 2, np)[n + 1] for t, w in zip(*_gauss(), strict=True))
        outside = np.where(near, 1.0, x)
        beyond = divided(_taylor_series(name, outside, n + 2, np), outside, n)
        return np.where(near, math.factorial(n + 1) * sum(parts), beyond)[()]
    total = sum(w * t**n * _DERIVATIVE[name](n + 1, inside * t) for t, w in zip(*_gauss(), strict=True))
    outside = np.where(near, 1.0, x)
    value = _DERIVATIVE[name](0, outside) / outside
    for k in range(1, n + 1):
        value = (_DERIVATIVE[name](k, outside) - k * value) / outside
    return np.where(near, total, value)[()]


def precise(function: str, x: Any) -> Any:
    """Evaluate with mpmath, from hypergeometric functions, or with so many digits more as division by x costs."""
    name, n = QUOTIENTS[function]
    if name in _CONTINUED:
        if x == 0:
            return mpmath.mpf(at_zero(function).numerator) / at_zero(function).denominator
        with mpmath.extradps(20 + (n + 1) * (3 + max(0, -int(mpmath.log10(abs(x)))))):
            value = divided(_taylor_series(name, mpmath.mpmathify(x), n + 2, mpmath), x, n)
        return +value
    if name == "exprel":
        return mpmath.hyp1f1(n + 1, n + 2, x) / (n + 1)
    if name == "log1prel":
        return (-1) ** n * mpmath.factorial(n) * mpmath.hyp2f1(n + 1, n + 1, n + 2, -x) / (n + 1)
    i = mpmath.mpc(0, 1)
    value = (i**n * mpmath.hyp1f1(n + 1, n + 2, i * x) + (-i) ** n * mpmath.hyp1f1(n + 1, n + 2, -i * x)) / (2 * n + 2)
    return value if isinstance(x, mpmath.mpc) else value.real


@cache
def _formula(function: str) -> sympy.Expr:
    name, n = QUOTIENTS[function]
    if name in _CONTINUED:
        above = getattr(sympy, _CONTINUED[name][0])(_SYMBOL)
    else:
        above = {"sinc": sympy.sin(_SYMBOL), "exprel": sympy.exp(_SYMBOL) - 1, "log1prel": sympy.log(1 + _SYMBOL)}[name]
    return sympy.diff(above / _SYMBOL, _SYMBOL, n)


def symbolic(function: str, x: sympy.Expr) -> sympy.Expr:
    """Write as a quotient, in SymPy."""
    return at_zero(function) if x == 0 else _formula(function).xreplace({_SYMBOL: x})

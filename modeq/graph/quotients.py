r"""Quotients that are defined at 0 by their limit only: recognised, and evaluated without the division.

Where 0/0 is, a loss such as sin(x)/x or x/(eˣ − 1) is smooth all the same. `removable` writes such quotients with the functions
``sinc exprel log1prel``, whose derivatives of order n are the integrals

.. math::  \\int_0^1 t^n \\varphi^{(n+1)}(xt)\\,dt, \\qquad \\varphi = \\sin x,\\ e^x - 1,\\ \\log(1 + x),

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
    """Read a node as ±φ(v) with φ(0) = 0, also eᵛ − 1 and log(1 + v)."""
    node = graph.nodes[a]
    if node.op in _RELATIVE:
        return node.op, node.arguments[0], 1
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


def _versine(graph: Graph, a: int, u: int) -> int | None:
    """Write (1 − cos ru)/u² as r²/2 sinc²(ru/2), None for any other quotient."""
    node = graph.nodes[a]
    if node.op not in ("add", "subtract"):
        return None
    pair = node.arguments
    wanted = Fraction(1) if node.op == "subtract" else Fraction(-1)
    for (one, cosine), sign in ((pair, 1 if node.op == "subtract" else -1), (pair[::-1], -1)):
        if graph.fixed(one) == wanted and graph.nodes[cosine].op == "cos":
            (v,) = graph.nodes[cosine].arguments
            r, w = _scaled(graph, v)
            if w == u:
                half = graph.apply("sinc", graph.multiply(graph.constant(Fraction(1, 2)), v))
                return graph.multiply(graph.constant(sign * r**2 / 2), graph.multiply(half, half))
    return None


def _hyperbolic(graph: Graph, v: int) -> int:
    """sinh(v)/v, the mean of (eˣ − 1)/x at v and −v."""
    mean = graph.add(graph.apply("exprel", v), graph.apply("exprel", graph.negate(v)))
    return graph.multiply(graph.constant(Fraction(1, 2)), mean)


_RELATIVE: Mapping[str, Callable[[Graph, int], int]] = {
    "sin": lambda graph, v: graph.apply("sinc", v),
    "tan": lambda graph, v: graph.divide(graph.apply("sinc", v), graph.apply("cos", v)),
    "expm1": lambda graph, v: graph.apply("exprel", v),
    "sinh": _hyperbolic,
    "log1p": lambda graph, v: graph.apply("log1prel", v),
}
"""φ(v)/v, by the name of φ."""


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
    return Fraction(1 if name == "exprel" else (-1) ** n * math.factorial(n), n + 1)


@cache
def _gauss() -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.legendre.leggauss(16)
    return (nodes + 1) / 2, weights / 2


# φ⁽ⁿ⁺¹⁾(x) for the integral, φ⁽ⁿ⁾(x) for the recursion, and where the integral is taken.
_DERIVATIVE: Mapping[str, Callable[[int, Any], Any]] = {
    "sinc": lambda n, x: (np.sin, np.cos, lambda y: -np.sin(y), lambda y: -np.cos(y))[n % 4](x),
    "exprel": lambda n, x: np.exp(x) if n else np.expm1(x),
    "log1prel": lambda n, x: -math.factorial(n - 1) / (-1.0 - x) ** n if n else np.log1p(x),
}


def is_near(name: str, x: Any) -> Any:
    """Whether the integral is as good as it gets: φ is analytic well beyond x, and grows little."""
    return (np.abs(x) <= 1.0) & (np.real(x) >= -0.5) if name == "log1prel" else np.abs(x) <= _FAR


def numeric(function: str, x: Any) -> Any:
    """Evaluate on real or complex numbers, entry by entry."""
    name, n = QUOTIENTS[function]
    x = np.asarray(x)
    near = is_near(name, x)
    inside = np.where(near, x, 0.0)
    total = sum(w * t**n * _DERIVATIVE[name](n + 1, inside * t) for t, w in zip(*_gauss(), strict=True))
    outside = np.where(near, 1.0, x)
    value = _DERIVATIVE[name](0, outside) / outside
    for k in range(1, n + 1):
        value = (_DERIVATIVE[name](k, outside) - k * value) / outside
    return np.where(near, total, value)[()]


def precise(function: str, x: Any) -> Any:
    """Evaluate with mpmath, from hypergeometric functions."""
    name, n = QUOTIENTS[function]
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
    above = {"sinc": sympy.sin(_SYMBOL), "exprel": sympy.exp(_SYMBOL) - 1, "log1prel": sympy.log(1 + _SYMBOL)}[name]
    return sympy.diff(above / _SYMBOL, _SYMBOL, n)


def symbolic(function: str, x: sympy.Expr) -> sympy.Expr:
    """Write as a quotient, in SymPy."""
    return at_zero(function) if x == 0 else _formula(function).xreplace({_SYMBOL: x})

"""The modified field of gradient descent up to order 3 as a heyoka `cfunc`: expressions compiled by LLVM to vector code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import heyoka
import numpy as np
import sympy

Batch = Callable[[np.ndarray, float, np.ndarray], None]


def _batch(outputs: list[Any], variables: list[Any]) -> Batch:
    """Compile; the result evaluates points of shape (d, k) on one thread, like modeq's batch form."""
    compiled = heyoka.cfunc(outputs, vars=variables)
    uses_step = compiled.nparams > 0
    steps: dict[tuple[float, int], np.ndarray] = {}

    def evaluate(points: np.ndarray, h: float, out: np.ndarray) -> None:
        if uses_step:
            key = h, points.shape[1]
            if key not in steps:
                steps[key] = np.full((1, points.shape[1]), h)
            compiled(points, outputs=out, pars=steps[key], batch_parallel=False)
        else:
            compiled(points, outputs=out, batch_parallel=False)

    return evaluate


def _symbols(variables: tuple[sympy.Symbol, ...]) -> list[Any]:
    return [heyoka.make_vars(variable.name) for variable in variables]


def _numbers_as_floats(expression: sympy.Expr) -> sympy.Expr:
    """Put floats in the place of fractions, which heyoka's import refuses."""
    return expression.xreplace({entry: sympy.Float(entry, 17) for entry in expression.atoms(sympy.Rational) if not entry.is_Integer})


def from_expressions(components: list[sympy.Expr], variables: tuple[sympy.Symbol, ...]) -> Batch:
    """Compile the expanded field, with h as the parameter."""
    imported = [heyoka.from_sympy(_numbers_as_floats(entry)) for entry in components]
    outputs = [heyoka.subs(entry, {"h": heyoka.par[0]}) for entry in imported]
    return _batch(outputs, _symbols(variables))


def from_derivatives(loss: sympy.Expr, variables: tuple[sympy.Symbol, ...], order: int) -> Batch:
    """Compile f − h/2 f′f + h²(f′f′f/3 + f″(f, f)/12), nested as it is written, from heyoka's own derivatives."""
    symbols = _symbols(variables)
    E = heyoka.from_sympy(_numbers_as_floats(loss))
    f = [-heyoka.diff(E, v) for v in symbols]
    h = heyoka.par[0]

    def along(entries: list[Any], direction: list[Any]) -> list[Any]:
        return [heyoka.sum([heyoka.diff(entry, v) * w for v, w in zip(symbols, direction, strict=True)]) for entry in entries]

    total = list(f)
    if order >= 2:
        first = along(f, f)
        total = [a - h * b / 2.0 for a, b in zip(total, first, strict=True)]
    if order >= 3:
        pairs = [(i, j) for i in range(len(f)) for j in range(len(f))]
        curved = [heyoka.sum([heyoka.diff(heyoka.diff(entry, symbols[i]), symbols[j]) * f[i] * f[j] for i, j in pairs]) for entry in f]
        total = [a + h * h * (b / 3.0 + c / 12.0) for a, b, c in zip(total, along(f, first), curved, strict=True)]
    if order >= 4:
        raise ValueError("the nested form is written out to order 3")
    return _batch(total, symbols)

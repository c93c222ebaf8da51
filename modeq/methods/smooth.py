r"""What determines the smooth solution of a method: the parts of V and B along and across the state at rest.

The recursion :math:`y(t+1) - V y(t) = B F(t)` splits with y = u s + w, l·w = 0, where V u = u, l V = l, c·u = l·u = 1:

.. math::  s(t+1) - s(t) = l\cdot B F(t), \qquad (I - V) w(t) + \Delta w(t) = (I - u\,l) B F(t).

The first is a running sum. In the second I − V can be inverted across u, by the fundamental matrix
:math:`N = (I - V + u\,l)^{-1}` of the theory of Markov chains.

Reference: J. G. Kemeny, J. L. Snell, *Finite Markov Chains* (1960), 4.3, for the fundamental matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, final

from ..exact import DomainMatrix
from ..sizes import KEPT_RESULTS
from .general_linear import GeneralLinearMethod
from .linear_algebra import inverse, product


@final
@dataclass(frozen=True)
class SmoothParts:
    """Elements of the method's coefficient field.

    Attributes
    ----------
    u, c
        State at rest and output, length r.
    slow
        l·B, length s: what drives s.
    fast
        N (I − u l) B, shape (r, s): what drives w.
    fundamental
        N, shape (r, r).
    """

    u: list[Any]
    c: list[Any]
    slow: list[Any]
    fast: DomainMatrix
    fundamental: DomainMatrix


@lru_cache(KEPT_RESULTS)
def smooth_parts(method: GeneralLinearMethod) -> SmoothParts:
    """Split the method's B and V along and across the state at rest."""
    field = method.coefficient_field
    u, l = ([field.element(entry) for entry in vector] for vector in method.invariants)
    B, V = field.matrix(method.B), field.matrix(method.V)
    states, identity = range(method.states), [[field.element(int(i == j)) for j in range(method.states)] for i in range(method.states)]
    N = inverse([[identity[i][j] - V[i][j] + u[i] * l[j] for j in states] for i in states], field)
    (slow,) = product([l], B)
    across = [[B[i][j] - u[i] * slow[j] for j in range(method.stages)] for i in states]
    return SmoothParts(u, [field.element(entry) for entry in method.output], slow, product(N, across), N)

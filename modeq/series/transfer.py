r"""Transfer functions: how a method answers to what grows like μⁿ from step to step.

On a linear field with :math:`\zeta = h\lambda`, let the field at the stages be driven by :math:`\varphi\,\mu^n` as well,
:math:`\varphi \in R^s`. In :math:`Y = A(\zeta Y + \varphi\mu^n) + U y,\; y^+ = B(\zeta Y + \varphi\mu^n) + V y` the answer that grows
like :math:`\mu^n` too is :math:`(Y, y) = \mu^n\,\mathcal N(\mu,\zeta)^{-1}(A\varphi, B\varphi)` with

.. math::  \mathcal N(\mu,\zeta) = \begin{pmatrix} I-\zeta A & -U \\ -\zeta B & \mu I - V \end{pmatrix}, \qquad
           c^T y = c^T(\mu I - M(\zeta))^{-1} B (I-\zeta A)^{-1}\varphi .

The principal flow of degree m ≥ 2 consists of such answers: f″ is driven by products of the exponentials R(ζ_j)ⁿ, see
`second_degree`. Everything is a ratio of polynomials in μ and ζ, computed exactly from the adjugate of 𝒩.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, final

import sympy
from sympy.polys.matrices import DomainMatrix
from sympy.polys.polyerrors import BasePolynomialError

from ..methods.general_linear import GeneralLinearMethod
from ..sizes import KEPT_RESULTS
from .stability import RHO, ZETA, stability_function

Z, Z1, Z2 = sympy.symbols("z z1 z2")


@final
@dataclass(frozen=True)
class TransferFunctions:
    r"""Numerators and denominators of the answers of a method to a driving force at its stages.

    Attributes
    ----------
    output
        Numerators of :math:`c^T(\mu I - M)^{-1}B(I-\zeta A)^{-1}`, one for each stage that is driven, in μ and ζ.
    denominator
        Their common denominator; it vanishes where μ is an eigenvalue of M(ζ).
    stages
        Numerators of the stage values, ``stages[i][j]`` for stage i when stage j is driven.
    seen
        Numerators of the output over the denominator of the stage values.
    determinant
        The common denominator of the stage values: det 𝒩 but for common factors.
    principal
        Stage values on the principal eigenvector q, as polynomials in ρ = R(ζ) and ζ, all to be divided by `scale`.
    scale
        cᵀq in the same units.
    """

    output: tuple[sympy.Poly, ...]
    denominator: sympy.Poly
    stages: tuple[tuple[sympy.Poly, ...], ...]
    seen: tuple[sympy.Poly, ...]
    determinant: sympy.Poly
    principal: tuple[sympy.Poly, ...]
    scale: sympy.Poly

    @cached_property
    def slopes(self) -> tuple[sympy.Poly, ...]:
        """Numerators of (s(ζ) − 1)/ζ over `scale`, as polynomials in w = (ρ − 1)/ζ and ζ: exact division, so no digits are lost."""
        w = sympy.Symbol("w")
        result = []
        for entry in self.principal:
            difference = (entry - self.scale).as_expr().subs(RHO, 1 + ZETA * w)
            quotient = sympy.cancel(sympy.expand(difference) / ZETA)
            result.append(sympy.Poly(quotient, w, ZETA))
        return tuple(result)


@lru_cache(KEPT_RESULTS)
def transfer_functions(method: GeneralLinearMethod) -> TransferFunctions:
    """Derive the transfer functions of a method with one field.

    Examples
    --------
    >>> from modeq.methods import HeavyBall
    >>> functions = transfer_functions(HeavyBall("beta"))
    >>> functions.output[0].as_expr()
    ρ
    >>> sympy.collect(functions.denominator.as_expr(), RHO)
    beta + ρ**2 + ρ*(-beta - ζ - 1)
    """
    stability_function(method)  # refuses several fields
    s, r = method.stages, method.states
    field = method.coefficient_field
    ring = field.domain[RHO, ZETA]
    rho, zeta = ring.gens
    A, U, B, V = ([[ring(entry) for entry in row] for row in field.matrix(m)] for m in (method.A, method.U, method.B, method.V))
    one, zero = ring.one, ring.zero
    rows = [[(one if i == j else zero) - zeta * A[i][j] for j in range(s)] + [-U[i][j] for j in range(r)] for i in range(s)]
    rows += [[-zeta * B[i][j] for j in range(s)] + [(rho if i == j else zero) - V[i][j] for j in range(r)] for i in range(r)]
    adjugate, determinant = DomainMatrix(rows, (s + r, s + r), ring).adj_det()
    answers = (adjugate * DomainMatrix(A + B, (s + r, s), ring)).to_list()
    c = [ring(field.element(entry)) for entry in method.output]
    u = [[zero]] * s + [[ring(field.element(entry))] for entry in method.invariants[0]]
    at_rest = [row[0] for row in (adjugate * DomainMatrix(u, (s + r, 1), ring)).to_list()]  # (Y, q) when ρ is an eigenvalue
    seen = [_combined(c, [row[j] for row in answers[s:]], zero) for j in range(s)]
    output, denominator = _reduced(seen, determinant)
    inside, determinant = _reduced([*seen, *(entry for row in answers[:s] for entry in row)], determinant)
    principal, scale = _reduced(at_rest[:s], _combined(c, at_rest[s:], zero))

    def poly(element: Any) -> sympy.Poly:
        return sympy.Poly(ring.to_sympy(element), RHO, ZETA)

    return TransferFunctions(
        tuple(map(poly, output)),
        poly(denominator),
        tuple(tuple(map(poly, inside[s * (i + 1) : s * (i + 2)])) for i in range(s)),
        tuple(map(poly, inside[:s])),
        poly(determinant),
        tuple(map(poly, principal)),
        poly(scale),
    )


def _combined(weights: list[Any], values: list[Any], zero: Any) -> Any:
    return sum((weight * value for weight, value in zip(weights, values, strict=True)), start=zero)


def _reduced(numerators: list[Any], denominator: Any) -> tuple[list[Any], Any]:
    """Divide by the common factor: what neither is driven nor seen must not look like a singularity."""
    common = denominator
    try:
        for entry in numerators:
            common = common.gcd(entry)
        if common.is_ground:
            return numerators, denominator
        return [entry.exquo(common) for entry in numerators], denominator.exquo(common)
    except (BasePolynomialError, NotImplementedError):  # SymPy has no gcd over some algebraic fields
        return numerators, denominator


def quadratic_symbol(method: GeneralLinearMethod) -> sympy.Expr:
    """Return c of degree 2 in z, z1, z2 = hλ = −ζ; R is written out where it is rational, else as ``R(−z)``."""
    functions, stability = transfer_functions(method), stability_function(method)
    rational = stability.degree == 1

    def root(z: sympy.Symbol) -> sympy.Expr:
        return sympy.factor_terms(sympy.cancel(stability.root().subs(ZETA, -z))) if rational else sympy.Function("R")(-z)

    def log(z: sympy.Symbol) -> sympy.Expr:
        numerator, denominator = sympy.fraction(root(z))
        if numerator.is_number and not denominator.is_number:  # log(1/(1 + z)) reads better as −log(1 + z)
            return -sympy.log(sympy.expand(denominator / numerator))
        return sympy.log(root(z))

    def stages(z: sympy.Symbol) -> list[sympy.Expr]:
        at = {RHO: root(z), ZETA: -z}
        return [entry.as_expr().subs(at) / functions.scale.as_expr().subs(at) for entry in functions.principal]

    def answer(mu: sympy.Expr, drive: list[sympy.Expr]) -> sympy.Expr:
        at = {RHO: mu, ZETA: -Z}
        above = sum((entry.as_expr().subs(at) * force for entry, force in zip(functions.output, drive, strict=True)), sympy.Integer(0))
        value = above / functions.denominator.as_expr().subs(at)
        return sympy.cancel(value) if rational else value

    first, second = stages(Z1), stages(Z2)
    terms = [
        (log(Z1) + log(Z2) - log(Z)) * answer(root(Z1) * root(Z2), [s * t for s, t in zip(first, second, strict=True)]),
        -(log(Z1) - log(Z)) * answer(root(Z1), first),
        -(log(Z2) - log(Z)) * answer(root(Z2), second),
        -log(Z) * answer(sympy.Integer(1), [sympy.Integer(1)] * len(first)),
    ]
    return sum(terms, sympy.Integer(0)) / (Z1 * Z2)

r"""Linear stability of a method: the polynomial whose principal root R(ζ) multiplies every step on f(y) = λy.

On a linear field with ζ = hλ the state is multiplied by :math:`M(\zeta) = V + \zeta B(I-\zeta A)^{-1}U`. The principal
root is the eigenvalue with R(0) = 1, continued from ζ = 0. It is a root of

.. math::  \det\begin{pmatrix} I-\zeta A & -U \\ -\zeta B & \rho I - V \end{pmatrix} = \det(I-\zeta A)\,\det(\rho I - M(\zeta)),

of whose irreducible factors just one vanishes at (ρ, ζ) = (1, 0).

Reference: E. Hairer, G. Wanner, *Solving Ordinary Differential Equations II* (1996), IV.3 and V.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import final

import sympy

from ..exact import to_sympy
from ..methods.general_linear import GeneralLinearMethod
from ..sizes import KEPT_RESULTS

RHO, ZETA = sympy.symbols("ρ ζ")  # no names that a parameter can have; see `exact.RESERVED`


@final
@dataclass(frozen=True)
class StabilityFunction:
    """The irreducible polynomial χ(ρ, ζ) of a method's principal root, χ(1, 0) = 0.

    Attributes
    ----------
    polynomial
        χ as a SymPy polynomial in ρ and ζ; parameters of the method may appear in its coefficients.
    """

    polynomial: sympy.Poly

    @property
    def degree(self) -> int:
        """Degree in ρ: 1 for a rational R; 2 where two roots meet, as with momentum."""
        return int(self.polynomial.degree(RHO))

    @cached_property
    def shifted(self) -> tuple[sympy.Poly, ...]:
        """Coefficients p_j(ζ) of χ in powers of w = ρ − 1; p₀ vanishes at ζ = 0."""
        w = sympy.Dummy("w")
        moved = sympy.Poly(sympy.expand(self.polynomial.as_expr().subs(RHO, 1 + w)), w)
        return tuple(sympy.Poly(coefficient, ZETA) for coefficient in reversed(moved.all_coeffs()))

    @cached_property
    def discriminant(self) -> sympy.Poly:
        """Discriminant of χ in ρ; the branch points of R are among its zeros."""
        return sympy.Poly(sympy.expand(sympy.discriminant(self.polynomial.as_expr(), RHO)), ZETA)

    @cached_property
    def singularities(self) -> tuple[sympy.Expr, ...]:
        """Points ζ where some root of χ is 0 or ∞, where the logarithm of R may be infinite.

        Exact where SymPy can solve for them, otherwise to 15 digits; with symbolic parameters only the exact ones.
        """
        coefficients = sympy.Poly(self.polynomial.as_expr(), RHO).all_coeffs()
        zeros: set[sympy.Expr] = set()
        for end in (coefficients[0], coefficients[-1]):
            polynomial = sympy.Poly(end, ZETA)
            if polynomial.degree() > 0:
                found = sympy.roots(polynomial)
                complete = sum(found.values()) == polynomial.degree()
                zeros |= set(found) if complete or end.free_symbols != {ZETA} else set(polynomial.nroots(n=15))
        return tuple(sorted(zeros, key=sympy.default_sort_key))

    def root(self) -> sympy.Expr:
        """Return R(ζ) in closed form.

        Raises
        ------
        ValueError
            If χ has degree 3 or more in ρ, where no readable closed form exists.
        """
        coefficients = sympy.Poly(self.polynomial.as_expr(), RHO).all_coeffs()
        if self.degree == 1:
            slope, constant = coefficients
            return sympy.factor(sympy.cancel(-constant / slope))
        if self.degree == 2:  # the other root is at most 1 at ζ = 0, so R is the one with the positive root
            square, linear, constant = coefficients
            total, product = sympy.factor(-linear / square), sympy.factor(constant / square)
            return (total + sympy.sqrt(total**2 - 4 * product)) / 2
        raise ValueError(f"the principal root solves a polynomial of degree {self.degree}; it has no readable closed form")


@lru_cache(KEPT_RESULTS)
def stability_function(method: GeneralLinearMethod) -> StabilityFunction:
    """Derive the stability function of a method.

    Raises
    ------
    ValueError
        If the method evaluates several fields, whose derivatives have no common eigenvectors.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> stability_function(GradientDescent()).root()
    ζ + 1
    """
    if method.fields > 1:
        raise ValueError(
            f"{method.name} evaluates {method.fields} different fields, whose Jacobians share no eigenvectors; "
            "the principal flow needs one field (use modified_equation instead)"
        )
    s, r = method.stages, method.states
    A, U, B, V = (sympy.Matrix([[to_sympy(entry) for entry in row] for row in m]) for m in (method.A, method.U, method.B, method.V))
    block = sympy.Matrix.vstack(sympy.Matrix.hstack(sympy.eye(s) - ZETA * A, -U), sympy.Matrix.hstack(-ZETA * B, RHO * sympy.eye(r) - V))
    determinant = sympy.expand(block.det(method="berkowitz"))
    extension = {"extension": True} if _has_roots(determinant) else {}
    factors = [factor for factor, _ in sympy.factor_list(determinant, RHO, ZETA, **extension)[1]]
    for factor in factors:
        if sympy.simplify(factor.subs({RHO: 1, ZETA: 0})) == 0:
            return StabilityFunction(sympy.Poly(factor, RHO, ZETA))
    raise AssertionError("V has the eigenvalue 1, so one factor vanishes at (1, 0)")


def _has_roots(expression: sympy.Expr) -> bool:
    return any(power.exp.is_Rational and not power.exp.is_Integer for power in expression.atoms(sympy.Pow))

r"""All roots of a method on y' = −λy: the principal one, which flows follow, and the parasitic ones, which memory adds.

On a linear field every run is a sum :math:`x_n = \sum_k a_k R_k^n`. The roots :math:`R_k(h\lambda)` are those eigenvalues of
:math:`M(\zeta) = V + \zeta B(I-\zeta A)^{-1}U`, ζ = −hλ, that a field excites and the output sees: the poles in ρ of the transfer
function :math:`c^T(\rho I - M)^{-1}B(I-\zeta A)^{-1}`. The principal root has R(0) = 1 and is continued along the real axis, past
branch points on the side that the rotated logarithm leaves open. Roots that are 0 for every hλ are left out.

Reference: G. Dahlquist, Convergence and stability in the numerical integration of ordinary differential equations, Math. Scand. 4
(1956) 33–53, for principal and parasitic roots; momentum on quadratics: B. O'Donoghue, E. Candès, Adaptive restart for accelerated
gradient schemes, Found. Comput. Math. 15 (2015) 715–732, arXiv 1204.3982.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray

from ..exact import to_sympy
from ..kernels.branches import PRINCIPAL, ROTATED
from ..methods.general_linear import GeneralLinearMethod
from ..sizes import KEPT_RESULTS
from .increment import increment
from .stability import RHO, ZETA, StabilityFunction, stability_function
from .transfer import Z, transfer_functions

Array = NDArray[Any]


@final
@dataclass(frozen=True)
class CharacteristicRoots:
    """The roots R_k(hλ) of a method.

    Attributes
    ----------
    method
        The method; one field only.
    polynomial
        χ(ρ, ζ), ζ = −hλ, whose zeros in ρ are the roots; without repeated factors.
    """

    method: GeneralLinearMethod
    polynomial: sympy.Poly

    @property
    def stability(self) -> StabilityFunction:
        """The irreducible factor to which the principal root belongs."""
        return stability_function(self.method)

    @property
    def degree(self) -> int:
        """Number of roots."""
        return int(self.polynomial.degree(RHO))

    @cached_property
    def coefficients(self) -> tuple[sympy.Poly, ...]:
        """χ by decreasing power of ρ, polynomials in ζ."""
        return tuple(sympy.Poly(entry, ZETA) for entry in sympy.Poly(self.polynomial.as_expr(), RHO).all_coeffs())

    @cached_property
    def branch_points(self) -> tuple[sympy.Expr, ...]:
        """Values of hλ where the principal root meets another and becomes a square root of hλ; exact where SymPy can solve.

        From degree 3 on, numbers decide whether the principal root is one of those that meet; symbolic parameters leave all in.

        Examples
        --------
        >>> from modeq.methods import HeavyBall, Nesterov
        >>> characteristic_roots(HeavyBall("1/4")).branch_points  # (1 ∓ √β)²
        (1/4, 9/4)
        >>> [sympy.factor(point) for point in characteristic_roots(Nesterov("beta")).branch_points]
        [1, (beta - 1)**2/(beta + 1)**2]
        """
        if self.stability.degree == 1:
            return ()
        odd = [factor for factor, multiplicity in self.stability.discriminant.factor_list()[1] if multiplicity % 2]
        points = [point for factor in odd for point in exact_points(factor)]
        if self.stability.degree > 2 and not self.method.parameters:
            points = [point for point in points if self._principal_meets(complex(point))]
        if all(point.is_number for point in points):
            return tuple(sorted(points, key=lambda point: (complex(point).real, complex(point).imag)))
        return tuple(sorted(points, key=sympy.default_sort_key))

    @cached_property
    def stability_bounds(self) -> tuple[sympy.Expr, ...]:
        """Values of hλ ≠ 0 where a root is 1 or −1, exact where SymPy can solve: 2(1 + β) for heavy ball.

        Whether stability ends there depends on the other roots too, see `regimes.regimes`.

        Examples
        --------
        >>> from modeq.methods import Nesterov
        >>> characteristic_roots(Nesterov("beta")).stability_bounds
        (2*(beta + 1)/(2*beta + 1),)
        """
        points: set[sympy.Expr] = set()
        for end in (1, -1):
            at_end = sympy.Poly(sympy.expand(self.polynomial.as_expr().subs(RHO, end)), ZETA)
            points |= {sympy.factor(point) for point in exact_points(at_end)}
        return tuple(sorted(points - {sympy.Integer(0)}, key=sympy.default_sort_key))

    def closed_form(self) -> tuple[sympy.Expr, ...]:
        """Return the roots as expressions in z = hλ, the principal one first; square roots are principal ones.

        Raises
        ------
        ValueError
            If three or more roots belong together, where no readable closed form exists.

        Examples
        --------
        >>> from modeq.methods import HeavyBall
        >>> principal, parasitic = characteristic_roots(HeavyBall("beta")).closed_form()
        >>> principal
        beta/2 - z/2 + sqrt(-4*beta + (beta - z + 1)**2)/2 + 1/2
        >>> sympy.expand(principal * parasitic)
        beta
        """
        principal = self.stability.root()
        forms = [principal]
        if self.stability.degree == 2:
            square, linear, _ = sympy.Poly(self.stability.polynomial.as_expr(), RHO).all_coeffs()
            forms.append(sympy.expand(sympy.cancel(-linear / square) - principal))
        remaining = sympy.Poly(sympy.cancel(self.polynomial.as_expr() / self.stability.polynomial.as_expr()), RHO)
        for factor, _ in remaining.factor_list()[1]:
            found = sympy.roots(factor, multiple=True) if factor.degree() <= 2 else []
            if len(found) != factor.degree():
                raise ValueError(
                    f"{factor.degree()} parasitic roots of {self.method.name} belong together; they have no readable closed form"
                )
            forms += found
        return tuple(form.subs(ZETA, -Z) for form in forms)

    def __call__(self, z: complex, *, rotated: bool = True) -> Array:
        """Evaluate the roots at hλ = z: the principal one first, then the others by decreasing modulus; shape (degree,).

        Parameters
        ----------
        z
            A number, real or complex.
        rotated
            Continue the principal root past branch points as the rotated branch of the logarithm does.

        Examples
        --------
        >>> from modeq.methods import HeavyBall
        >>> characteristic_roots(HeavyBall(0.9))(0.0019).round(6)  # 1 − z/(1 − β) + …, and β over it
        array([0.97543+0.j, 0.92267+0.j])
        """
        form = increment(self.method, ROTATED if rotated else PRINCIPAL)
        slope = form(-z)
        principal = 1 - z * slope if np.isfinite(slope) else complex(np.inf)
        point = complex(z)
        row = np.array([np.polyval(entry, -point if point.imag else -point.real) for entry in self._numbers])  # real: exact pairs
        row[np.abs(row) < 1e-15 * np.abs(row).max()] = 0
        found = np.roots(row)
        roots = np.concatenate([np.full(self.degree - len(found), np.inf, complex), found])
        with np.errstate(invalid="ignore"):  # ∞ − ∞
            gap = np.abs(roots - principal)
        own = int(np.nanargmin(gap)) if np.isfinite(principal) else 0
        others = np.delete(roots, own)
        return np.concatenate([[principal], others[np.argsort(-np.abs(others), kind="stable")]])

    def amplitudes(self, z: complex, state: ArrayLike | None = None) -> Array:
        """Return a_k of the run :math:`x_n = Σ a_k R_k^n` on the loss λx²/2, in the order of the roots at hλ = z.

        Where R is real, the principal flow started at a_1 is what the run becomes; where it is complex, the run is the real
        part of the principal flow started at 2a_1.

        Parameters
        ----------
        z
            hλ, real or complex.
        state
            The method's state at n = 0, shape (r,); at rest in x = 1 when left out.

        Raises
        ------
        ValueError
            If roots meet at z, or the state excites what no field can.

        Examples
        --------
        >>> from modeq.methods import HeavyBall
        >>> roots, z = characteristic_roots(HeavyBall(0.9)), 0.0019
        >>> (roots.amplitudes(z) @ roots(z) ** 2).real.round(8)  # x₂ = 1 − 2z − βz + z²
        np.float64(0.99449361)
        """
        A, U, B, V, c = self.method.matrices()
        M = V - z * B @ np.linalg.solve(np.eye(len(A)) + z * A, U)
        y = np.array([complex(to_sympy(entry)) for entry in self.method.invariants[0]]) if state is None else np.asarray(state, complex)
        if y.shape != c.shape:
            raise ValueError(f"the state of {self.method.name} has shape {c.shape}, got {y.shape}")
        run = []
        for _ in range(self.degree + len(y)):
            run.append(c @ y)
            y = M @ y
        powers = np.vander(self(z), len(run), increasing=True).T
        if not (np.isfinite(powers).all() and np.linalg.cond(powers[: self.degree]) < 1e12):
            raise ValueError(f"at hλ = {z:.6g} two roots of {self.method.name} meet or one is infinite; a run there is no sum of powers")
        weights = np.linalg.solve(powers[: self.degree], np.array(run[: self.degree]))
        if not np.abs(powers @ weights - run).max() <= 1e-6 * np.abs(run).max():
            raise ValueError(f"this state of {self.method.name} contains a mode that no field excites; start at rest or from a later state")
        return weights

    @cached_property
    def _numbers(self) -> list[list[float]]:
        self.method.require_numbers("evaluating characteristic roots")
        return [[float(value) for value in entry.all_coeffs()] for entry in self.coefficients]

    def _principal_meets(self, point: complex) -> bool:
        """Whether the principal root goes to the double root at `point`, as √ε does at a distance ε."""
        row = [np.polyval(entry, -point) for entry in self._numbers]
        found = np.roots(row)
        gaps = np.abs(found[:, None] - found[None, :]) + np.diag(np.full(len(found), np.inf))
        double = found[gaps.min(axis=1).argmin()]
        return bool(abs(self(point * (1 - 1e-9))[0] - double) < 1e-3 * max(1.0, abs(double)))


@lru_cache(KEPT_RESULTS)
def characteristic_roots(method: GeneralLinearMethod) -> CharacteristicRoots:
    """Derive the roots of a method.

    Raises
    ------
    ValueError
        If the method evaluates several fields.

    Examples
    --------
    >>> from modeq.methods import HeavyBall
    >>> sympy.expand(characteristic_roots(HeavyBall("beta")).polynomial.as_expr())
    -beta*ρ + beta - ζ*ρ + ρ**2 - ρ
    """
    principal = stability_function(method).polynomial
    denominator = transfer_functions(method).denominator.as_expr()
    extension = {"extension": True} if principal.domain.is_Algebraic else {}
    factors = [sympy.Poly(factor, RHO, ZETA) for factor, _ in sympy.factor_list(denominator, RHO, ZETA, **extension)[1]]
    parasitic = [f for f in factors if f.degree(RHO) > 0 and f.as_expr() != RHO and not _vanishes(f)]
    product = principal
    for factor in parasitic:
        product = product * factor
    return CharacteristicRoots(method, product)


def _vanishes(factor: sympy.Poly) -> bool:
    """Whether this is the factor of the principal root."""
    return bool(sympy.simplify(factor.as_expr().subs({RHO: 1, ZETA: 0})) == 0)


def exact_points(polynomial: sympy.Poly) -> list[sympy.Expr]:
    """Values of hλ = −ζ where a polynomial in ζ vanishes: in radicals, else as indexed algebraic numbers, else to 15 digits.

    With symbolic parameters only those in radicals.
    """
    points: list[sympy.Expr] = []
    for factor, _ in sympy.Poly(polynomial.as_expr().subs(ZETA, -ZETA), ZETA, domain=polynomial.domain).factor_list()[1]:
        parameters = factor.free_symbols_in_domain
        found = list(sympy.roots(factor)) if factor.degree() <= 2 or parameters else []
        if not found and not parameters:
            rational = factor.domain.is_QQ or factor.domain.is_ZZ
            found = factor.all_roots() if rational else factor.nroots(n=15, maxsteps=200)
        points += found
    return points

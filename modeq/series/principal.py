r"""The principal flow of a method: all chains of the modified equation, summed in closed form.

.. math::  \dot\theta = \sum_i \alpha(h\lambda_i)\,(u_i^T \nabla E)\,u_i, \qquad
           \alpha(z) = \log R(-z)/z, \qquad \alpha(0) = -b(\bullet)

with the eigenpairs of the Hessian and the method's principal root R. For a general field f it is
:math:`\psi(h f')f` with :math:`\psi(\zeta)=\log R(\zeta)/\zeta` as a matrix function. Exact on quadratics at t = nh.

Reference: M. Rosca, Y. Wu, C. Qin, B. Dherin, On a continuous time model of gradient descent dynamics and instability
in deep learning, TMLR 2023, arXiv 2302.01952. Momentum: Cattaneo, Shigida 2025, arXiv 2509.08483.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import NDArray

from ..exact import Scalar, ScalarLike
from ..kernels.branches import PRINCIPAL, REAL, ROTATED, psi_from_increment
from ..methods.general_linear import GeneralLinearMethod
from ..trees.rooted import RootedTree, chain
from .equation import Equation
from .equations import ModifiedEquation, modified_equation
from .increment import Increment, increment
from .modes import modes
from .principal_text import principal_latex, principal_text
from .regimes import Regimes, regimes
from .roots import CharacteristicRoots, characteristic_roots
from .stability import ZETA, StabilityFunction, stability_function
from .third_modes import third_modes
from .transfer import Z, quadratic_symbol

DEGREES = (1, 2, 3)
BRANCHES = ("rotated", "principal", "continued")
HESSIANS = ("auto", "dense", "lanczos")


@final
@dataclass(frozen=True, repr=False)
class PrincipalFlow(Equation):
    """The principal flow of `method`, completed by the trees that are no chains up to `order` nodes if that is given.

    Attributes
    ----------
    method
        The method; one field only.
    order
        None for the principal flow itself, p for the order-completed flow.
    degree
        Largest number of leaves of the trees that are summed, the degree in the gradient: 1, 2 or 3.
    branch
        ``"rotated"``: arg R ∈ (−π/2, 3π/2], whose cut is away from real R; ``"principal"``: arg R ∈ (−π, π], whose cut for
        gradient descent is the real axis beyond hλ = 1; ``"continued"``: `integrate` follows the logarithms along the path from
        the rotated branch at its start, so there is no cut. ``"real"`` is that of `MapFlow`.
    hessian
        How losses on arrays use their Hessian: ``"dense"``, ``"lanczos"``, ``"auto"`` or a number of eigenvalues.

    Examples
    --------
    >>> from modeq.methods import ProximalPoint
    >>> from modeq.series import principal_flow
    >>> print(principal_flow(ProximalPoint()))
    θ' = Σ -log(1+hλ)/(hλ) (uᵀ∇E) u
    """

    method: GeneralLinearMethod
    order: int | None
    branch: str
    hessian: str | int = "auto"
    degree: int = 1

    @property
    def title(self) -> str:
        """A few words for tables and legends: principal flow of degree 2 + order 5."""
        degree = "" if self.degree == 1 else f" of degree {self.degree}"
        branch = "" if self.branch == "rotated" else f", {self.branch} branch"
        return f"principal flow{degree}{branch}" + ("" if self.order is None else f" + order {self.order}")

    @property
    def sheet(self) -> int:
        """The number in `branches` of the branch that a single evaluation is on."""
        return {"principal": PRINCIPAL, "real": REAL}.get(self.branch, ROTATED)

    @property
    def stability(self) -> StabilityFunction:
        """The polynomial of the principal root."""
        return stability_function(self.method)

    @property
    def roots(self) -> CharacteristicRoots:
        """All roots of the method: ``pf.roots(z)`` evaluates them at hλ = z, the one that the flow follows first."""
        return characteristic_roots(self.method)

    def regimes(self) -> Regimes:
        """Tell where on the axis hλ > 0 runs follow this flow, where they ring, and where another root takes over.

        Examples
        --------
        >>> from modeq.methods import HeavyBall
        >>> from modeq.series import principal_flow
        >>> principal_flow(HeavyBall(0.9)).regimes().at(0.5).name
        'ringing'
        """
        return regimes(self.method)

    @property
    def symbol(self) -> sympy.Expr:
        """α as a SymPy expression in z = hλ.

        Where the principal root solves a polynomial of degree 3 or more it appears as ``R(-z)``; the polynomial is
        ``pf.stability.polynomial``. Square roots are principal ones, so beyond a branch point of R, where `coefficient`
        continues the root, the two may differ.
        """
        if self.stability.degree > 2:
            root = sympy.Function("R")(-Z)
            return sympy.log(root) / Z
        root = sympy.factor_terms(self.stability.root().subs(ZETA, -Z))
        numerator, denominator = sympy.fraction(sympy.cancel(root)) if self.stability.degree == 1 else (root, sympy.Integer(1))
        if numerator.is_number and not denominator.is_number:  # log(1/(1 + z)) reads better as −log(1 + z)
            return -sympy.log(sympy.expand(denominator / numerator)) / Z
        return sympy.log(root) / Z

    @property
    def singularities(self) -> tuple[sympy.Expr, ...]:
        """Values of hλ where R may be 0 or ∞, so that α is infinite: 1 for gradient descent."""
        return tuple(-zero for zero in reversed(self.stability.singularities))

    def coefficient(self, z: Any) -> Any:
        """Evaluate α(z), z = hλ.

        Parameters
        ----------
        z
            A number or an array, real or complex.

        Returns
        -------
        complex or ndarray of complex128
            Accurate to a few units in the last place, near 0 too (to 1e-13 where R has no closed form); ±∞ where R(−z) is 0
            or ∞, with a `RuntimeWarning`.

        Raises
        ------
        ValueError
            If the method still has symbolic parameters.

        Examples
        --------
        >>> from modeq.methods import GradientDescent
        >>> from modeq.series import principal_flow
        >>> principal_flow(GradientDescent()).coefficient(0.0)
        (-1+0j)
        """
        form = increment(self.method, self.sheet)
        points = np.asarray(z, dtype=complex)
        flat = [self._coefficient(form, point) for point in points.ravel().tolist()]
        values = np.array(flat, dtype=complex).reshape(points.shape)
        if np.isinf(values).any():
            where = points[np.isinf(values)].ravel()[0]
            warnings.warn(f"hλ = {where:.6g} is a singularity of the principal flow of {self.method.name}", RuntimeWarning, stacklevel=2)
        return values if values.ndim else complex(values)

    def alpha(self, hlambda: NDArray[Any]) -> NDArray[Any]:
        """Return α(hλ), shape (n,), ∞ at singularities; a top-k flow has α(0) for all but its k values of largest modulus.

        Values whose moduli differ by less than 1e-8 of them count once.
        """
        form = increment(self.method, self.sheet)
        points = np.asarray(hlambda, complex).ravel()
        if isinstance(self.hessian, int):
            sizes = np.abs(points)
            ordered = np.sort(sizes)[::-1]
            different = ordered[np.concatenate([[True], ordered[1:] < ordered[:-1] * (1 - 1e-8)])]
            points[sizes < different[: self.hessian].min() * (1 - 1e-8)] = 0
        return np.array([self._coefficient(form, point) for point in points.tolist()], complex)

    def _coefficient(self, form: Increment, z: complex) -> complex:
        value = form(-z)
        at_singularity = any(abs(z + point) < 1e-14 * abs(z) for point in form.singular)
        if at_singularity and not abs(1 - z * value) > 1e-7:  # R = 0: a computed root misses it by rounding, or is NaN
            value = 1 / z
        return 0j - psi_from_increment(value, -z, self.sheet)

    @property
    def quadratic_symbol(self) -> sympy.Expr:
        """C of degree 2 as a SymPy expression in z = hλᵢ, z1 = hλⱼ and z2 = hλₖ.

        Where R solves a polynomial of degree 2 or more in ρ it stays a function ``R``, of −z.

        Examples
        --------
        >>> from modeq.methods import ProximalPoint
        >>> from modeq.series import principal_flow
        >>> symbol = principal_flow(ProximalPoint(), degree=2).quadratic_symbol
        >>> round(float(symbol.subs({"z": 0.3, "z1": 0.1, "z2": 0.2})), 6)
        0.111183
        """
        return quadratic_symbol(self.method)

    def quadratic_coefficient(self, z: complex, first: complex, second: complex) -> complex:
        """Evaluate c(z; z₁, z₂) of degree 2, z = hλ of the direction that moves, z₁ and z₂ of the two factors ∇E.

        Accurate to about 1e-12 relative to its size for |z| ≤ 3 away from singularities of α, at removable singularities too.

        Raises
        ------
        ValueError
            If the method still has symbolic parameters.

        Examples
        --------
        >>> from modeq.methods import GradientDescent
        >>> from modeq.series import principal_flow
        >>> value = principal_flow(GradientDescent()).quadratic_coefficient(0.0, 0.0, 0.0)
        >>> round(value.real, 12)  # b([•,•]) = 1/6
        0.166666666667
        """
        return modes(self.method, self.sheet)(-complex(z), -complex(first), -complex(second))

    def cubic_coefficients(self, z: complex, middle: complex, first: complex, second: complex, third: complex) -> tuple[complex, complex]:
        """Evaluate c⋆(z; z₁, z₂, z₃) and c∘(z; zₘ; z₁, z₂; z₃) of degree 3, which belong to ∇⁴E and to ∇³E in ∇³E.

        Accurate to about 1e-11 relative to their size for |z| ≤ 0.9, except for methods of high order, whose coefficients are small.

        Raises
        ------
        ValueError
            If the method still has symbolic parameters.

        References
        ----------
        Derived in docs/principal-flow-by-degree.md.

        Examples
        --------
        >>> from modeq.methods import GradientDescent
        >>> from modeq.series import principal_flow
        >>> star, nested = principal_flow(GradientDescent()).cubic_coefficients(0, 0, 0, 0, 0)
        >>> round(abs(star), 12), round(nested.real, 12)  # b([•,•,•]) = 0, b([[•,•],•]) = 1/60
        (0.0, 0.016666666667)
        """
        coefficients = third_modes(self.method, self.sheet)
        leaves = (-complex(first), -complex(second), -complex(third))
        return coefficients.star(-complex(z), *leaves), coefficients.nested(-complex(z), -complex(middle), *leaves)

    def chain_weights(self) -> tuple[Scalar, ...]:
        """Return b of the chains with 1, 2, … nodes that ψ leaves to a completion, by powers of ζ; none for degree 3."""
        equation = self.modified_equation()
        return () if equation is None or self.degree > 2 else tuple(equation.coefficient(chain(j + 1)) for j in range(equation.order))

    def pair_weights(self) -> tuple[Scalar, ...]:
        """Return b of the two-leaf trees that c leaves to a completion; none for degrees 1 and 3.

        By powers of ζᵢᵃ ζⱼᵇ ζₖᶜ with a + b + c ≤ p − 3, c fastest: a trunk of a + 1 nodes carries chains of b + 1 and c + 1.
        """
        equation = self.modified_equation()
        if equation is None or self.degree != 2:
            return ()
        count = equation.order - 2
        powers = ((a, b, c) for a in range(count) for b in range(count - a) for c in range(count - a - b))
        return tuple(equation.coefficient(_fork(*power)) for power in powers)

    def modified_equation(self) -> ModifiedEquation | None:
        """Return the truncated equation whose trees complete the flow, None without completion."""
        return None if self.order is None else modified_equation(self.method, self.order)

    def with_parameters(self, **values: ScalarLike) -> PrincipalFlow:
        """Put numbers in the place of the method's symbolic parameters."""
        return replace(self, method=self.method.with_parameters(**values))

    def text(self) -> str:
        """Write the flow in λ and u, the eigenpairs of the Hessian; from degree 2 on a second line says what c is."""
        return principal_text(*self._written())

    def __repr__(self) -> str:
        completion = "" if self.order is None else f", completed to order {self.order}"
        degree = "" if self.degree == 1 else f" degree {self.degree},"
        return f"<PrincipalFlow of {self.method.name},{degree} {self.branch} branch{completion}>"

    def latex(self) -> str:
        r"""Write the flow as LaTeX in λ_i and u_i, the eigenpairs of the Hessian."""
        return principal_latex(*self._written())

    def _written(self) -> tuple[int, sympy.Expr, sympy.Expr, list[tuple[RootedTree, Scalar]]]:
        return self.degree, self.symbol, self.quadratic_symbol if self.degree > 1 else sympy.Integer(0), self._completion()

    def _completion(self) -> list[tuple[RootedTree, Scalar]]:
        equation = self.modified_equation()
        return [] if equation is None else [(tree, b) for tree, b, _ in equation.terms() if tree.leaves > self.degree]


def _fork(trunk: int, first: int, second: int) -> RootedTree:
    """Return the tree of a trunk of `trunk` + 1 nodes with chains of `first` + 1 and `second` + 1 nodes on its top."""
    tree = RootedTree((chain(first + 1), chain(second + 1)))
    for _ in range(trunk):
        tree = RootedTree((tree,))
    return tree

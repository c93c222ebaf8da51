"""What divides the gradient in RMSProp and its like, for flows that need it apart from the update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import sympy

from ..exact import Scalar, exact, to_sympy


@final
@dataclass(frozen=True)
class Preconditioner:
    """θ⁺ = θ − h g/R(v⁺), v⁺ = ρ v + (1 − ρ) s.

    Attributes
    ----------
    rho
        ρ.
    eps
        ε.
    eps_inside
        R = √(v + ε) instead of √v + ε.
    start
        v at rest.
    by_norm
        s = ‖g‖², one number, instead of g² entry by entry.

    Examples
    --------
    >>> import modeq as mq
    >>> mq.RMSProp(0.9).preconditioner.rho
    Fraction(9, 10)
    """

    rho: Scalar
    eps: Scalar
    eps_inside: bool
    start: float
    by_norm: bool

    def with_parameters(self, table: Mapping[sympy.Symbol, sympy.Expr]) -> Preconditioner:
        """Put numbers in the place of symbolic parameters."""
        rho, eps = (exact(to_sympy(value).xreplace(dict(table))) for value in (self.rho, self.eps))
        return Preconditioner(rho, eps, self.eps_inside, self.start, self.by_norm)

r"""The modified equation of a smooth update on its slow manifold: what it follows once its memory has forgotten the start.

Along the slow solution every memory is a function of θ, and θ follows a field :math:`\tilde f = \sum_j h^j f_j`, which `slow_solution`
computes over vector expressions for formulas and over arrays for runs. Memory of length 1/(1 − β) has to be short against the time in
which the gradient changes; for β₂ = 0.999 it is not, and the terms grow instead of shrinking.

Reference: M. D. Cattaneo, J. M. Klusowski, B. Shigida, On the implicit bias of Adam, ICML 2024, arXiv 2309.00079.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import sympy

from ..exact import CoefficientField, Scalar, ScalarLike, exact
from ..methods.recurrences import recurrences
from ..methods.smooth_update import SmoothUpdate
from .equation import Equation
from .latex import coefficient_latex
from .slow_solution import SlowSolution
from .text import join_terms, superscript, term_text
from .vector_expressions import NORM, POINT, ROOT, D, FieldOfLoss, VectorExpressions, terms, total, with_common_root
from .vector_text import Notation


@final
@dataclass(frozen=True, repr=False)
class UpdateEquation(Equation):
    """The modified equation of a smooth update, truncated after h^(order − 1). Make one with ``modified_equation(method, order)``.

    Attributes
    ----------
    method
        The smooth update.
    order
        The number p of terms; one-step errors along the slow solution are O(h^(p+1)).

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.modified_equation(mq.RMSProp("rho", "epsilon"), order=2))
    θ' = -∇E/R + ρh/(1-ρ) ∇²E[∇E/R]/R - ε(1+ρ)h/(2-2ρ) ∇²E[∇E/R]/R² + O(h²), R = |∇E|+ε
    """

    method: SmoothUpdate
    order: int

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return f"order {self.order}"

    def with_parameters(self, **values: ScalarLike) -> UpdateEquation:
        """Put numbers in the place of the method's symbolic parameters."""
        return UpdateEquation(self.method.with_parameters(**values), self.order)

    def terms(self) -> list[tuple[int, sympy.Expr, Scalar]]:
        """List (power of h, body, coefficient), bodies as in `series.vector_expressions`; see `root` for the symbol R in them."""
        return sorted_terms(self._formula[0])

    @property
    def root(self) -> sympy.Expr | None:
        """What the symbol R in the formula stands for, if there is one."""
        return self._formula[1]

    @cached_property
    def _formula(self) -> tuple[list[sympy.Expr], sympy.Expr | None]:
        if self.method.fields > 1 or self.method.per_array:
            raise ValueError(f"the modified equation of {self.method.name} has no formula of this kind; put it on a field with .on(E)")
        solution = SlowSolution(self.method, recurrences(self.method), VectorExpressions(), lambda colour: FieldOfLoss(), POINT, self.order)
        rows = [sympy.Integer(0) if row is None else row for row in solution.modified_field()]
        return with_common_root(rows)

    def text(self) -> str:
        """Write the equation as one line; products, quotients and functions of vectors are meant entry by entry."""
        notation = Notation(False)
        return self._written(notation, term_text, f"θ' = {{}} + O(h{superscript(self.order)})", ", ")

    def latex(self) -> str:
        """Write the equation as LaTeX."""
        power = "h" if self.order == 1 else f"h^{{{self.order}}}"

        def term(value: Scalar, degree: int, body: str) -> tuple[bool, str]:
            negative, factor = coefficient_latex(value, degree)
            return negative, f"{factor} {body}".strip()

        return self._written(
            Notation(True),
            term,
            rf"\\dot{{{{\\theta}}}} = {{}} + O({power.replace('{', '{{').replace('}', '}}')})".replace("\\\\", "\\"),
            r", \quad ",
        )

    def _written(self, notation: Notation, term: Callable[[Scalar, int, str], tuple[bool, str]], frame: str, comma: str) -> str:
        parts = [term(weight, power, notation.body(body)) for power, body, weight in self.terms()]
        line = _positive_first(frame.format(join_terms(parts, continued=False) or "0"))
        return line if self.root is None else line + comma + notation.root(self.root)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.method.name}, order {self.order}>"

    def __reduce__(self) -> tuple[type[UpdateEquation], tuple[Any, ...]]:
        return UpdateEquation, (self.method, self.order)  # without what is cached


def sorted_terms(rows: Sequence[sympy.Expr]) -> list[tuple[int, sympy.Expr, Scalar]]:
    """List (power of h, body, coefficient) of the coefficients of h⁰, h¹, …, the simple ones first."""
    found = []
    for power, row in enumerate(rows):
        for body, weight in sorted(terms(row).items(), key=_simple_first):
            factors = sympy.Mul.make_args(weight)
            of_state = sympy.Mul(*(factor for factor in factors if factor.has(total, NORM)))  # numbers, but no parameters
            found.append((power, of_state * body, _number(weight / of_state)))
    return found


def _positive_first(line: str) -> str:
    """Write β₁-β₂ for -β₂+β₁ in brackets."""
    latex = re.sub(r"\\left\(- ([^()+-]+) \+ ([^()+-]+)\\right\)", r"\\left(\2 - \1\\right)", line)
    return re.sub(r"(?<!left)\(-([^()+-]+)\+([^()+-]+)\)", r"(\2-\1)", latex)


def _number(weight: sympy.Expr) -> Scalar:
    """Write a coefficient with denominators that are positive at 0."""
    field = CoefficientField.containing([exact(weight)])
    return field.scalar(field.element(exact(weight)))


def _simple_first(pair: tuple[sympy.Expr, sympy.Expr]) -> tuple[Any, ...]:
    """Sort bodies: few derivatives first, low powers of 1/R first."""
    body = pair[0]
    inverse = next((-factor.exp for factor in sympy.Mul.make_args(body) if factor.is_Pow and factor.base == ROOT), 0)
    return (sum(1 for _ in sympy.preorder_traversal(body) if getattr(_, "func", None) is D), inverse, sympy.default_sort_key(body))

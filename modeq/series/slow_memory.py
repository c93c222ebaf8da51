r"""The modified equation of a smooth update with a slow memory as a coordinate beside θ.

Where a memory forgets in a time 1/(1 − β) that is long against that in which the gradient changes, it is no function of θ, and the
series on the slow manifold of θ alone is useless. With 1 − β = c h it moves by O(h) in a step like θ, and (θ, memory) has a modified
equation:

.. math::  \dot\theta = -gD + O(h), \qquad \dot v = c\,(g^2 - v) + O(h), \qquad D = 1/(\sqrt v + \varepsilon)

for RMSProp. Reference: the series in the step size of E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), IX.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import sympy

from ..exact import ScalarLike, exact, to_sympy
from ..methods.recurrences import recurrences
from ..methods.smooth_update import SmoothUpdate
from .equation import Equation
from .equations import modified_equation
from .latex import coefficient_latex
from .slow_solution import SlowSolution
from .text import join_terms, scalar_text, superscript, term_text
from .time_polynomials import check_order
from .update_equation import UpdateEquation, sorted_terms
from .vector_expressions import POINT, FieldOfLoss, Memory, VectorExpressions
from .vector_text import Notation

RATE = sympy.Symbol("c", positive=True)


@final
@dataclass(frozen=True, repr=False)
class SlowMemoryEquation(Equation):
    """The modified equation of θ and slow memory. Make one with ``modified_equation(method, order, slow=("v",))``.

    Attributes
    ----------
    method
        A smooth update whose rule does not count steps.
    order
        The number p of terms.
    slow
        Names of the memory that is a coordinate; 1 − β = c h with the β of each.

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.modified_equation(mq.RMSProp("rho", "epsilon"), order=1, slow=("v",)))
    θ' = -∇E/(√v+ε) + O(h), v' = -c v + c |∇E|² + O(h), c = (1-ρ)/h
    """

    method: SmoothUpdate
    order: int
    slow: tuple[str, ...]

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return f"order {self.order} with {', '.join(self.slow)}"

    @property
    def numbers(self) -> tuple[int, ...]:
        """Places of the slow memory in the state."""
        return tuple(self.method.state_names.index(name) for name in self.slow)

    def with_parameters(self, **values: ScalarLike) -> SlowMemoryEquation:
        """Put numbers in the place of the method's symbolic parameters."""
        return SlowMemoryEquation(self.method.with_parameters(**values), self.order, self.slow)

    def text(self) -> str:
        """Write one line for each coordinate, c being (1 − β)/h."""
        notation, end = Notation(False), f" + O(h{superscript(self.order)})"
        lines = []
        for name, rows in self._rows():
            parts = [term_text(weight, power, notation.body(body)) for power, body, weight in sorted_terms(rows)]
            lines.append(f"{name}' = {join_terms(parts, continued=False) or '0'}{end}")
        return ", ".join([*lines, *self._rates(Notation(False))])

    def latex(self) -> str:
        r"""Write one line for each coordinate, c being (1 − β)/h."""
        notation = Notation(True)
        lines = []
        for name, rows in self._rows():
            parts = []
            for power, body, weight in sorted_terms(rows):
                negative, factor = coefficient_latex(weight, power)
                parts.append((negative, f"{factor} {notation.body(body)}".strip()))
            symbol = r"\theta" if name == "θ" else name
            lines.append(rf"\dot{{{symbol}}} = {join_terms(parts, continued=False) or '0'} + O(h^{{{self.order}}})")
        return r", \quad ".join([*lines, *self._rates(notation)])

    def _rates(self, notation: Notation) -> list[str]:
        parts = recurrences(self.method)
        symbols = self._symbols()
        return [f"{symbols[number]} = ({_one_less(notation, parts.factors[number])})/h" for number in self.numbers]

    def _symbols(self) -> dict[int, sympy.Symbol]:
        several = len(self.slow) > 1
        return {
            number: sympy.Symbol(f"c_{name}", positive=True) if several else RATE
            for number, name in zip(self.numbers, self.slow, strict=True)
        }

    def _rows(self) -> list[tuple[str, list[sympy.Expr]]]:
        if self.method.fields > 1 or self.method.per_array:
            raise ValueError(f"the modified equation of {self.method.name} has no formula of this kind; put it on a field with .on(E)")
        rates = self._symbols()
        kept = {number: (Memory(self.method.state_names[number], positive=True), rate) for number, rate in rates.items()}
        algebra = VectorExpressions()
        solution = SlowSolution(self.method, recurrences(self.method), algebra, lambda colour: FieldOfLoss(), POINT, self.order, kept)
        found = []
        for number in (0, *self.numbers):
            rows = [sympy.Integer(0) if row is None else row for row in solution.modified_field(number)]
            found.append((self.method.state_names[number], rows))
        return found


def _one_less(notation: Notation, factor: ScalarLike) -> str:
    value = 1 - to_sympy(exact(factor))
    return sympy.latex(value) if notation.is_latex else scalar_text(exact(value))


def slow_memory_equation(method: SmoothUpdate, order: int, slow: Sequence[str]) -> SlowMemoryEquation:
    """Derive the modified equation of θ and slow memory; see `modeq.modified_equation`."""
    names = (slow,) if isinstance(slow, str) else tuple(slow)
    unknown = [name for name in names if name not in method.memory]
    if unknown or len(set(names)) < len(names):
        raise ValueError(f"slow names memory of {method.name}, each once, which is {', '.join(method.memory) or 'none'}; got {slow!r}")
    if method.needs_n:
        raise ValueError(
            f"with slow memory the powers βⁿ of {method.name} have not died out, and its rule counts steps; take bias_correction=False, or "
            "the flow 'map'"
        )
    parts = recurrences(method)
    for name in names:
        if parts.factors[method.state_names.index(name)] == 0:
            raise ValueError(f"the memory {name} of {method.name} keeps nothing of itself from step to step, so it is not slow")
    return SlowMemoryEquation(method, int(order), names)


@modified_equation.register
def _(method: SmoothUpdate, order: int, *, slow: Sequence[str] = ()) -> UpdateEquation | SlowMemoryEquation:
    method.require_smooth("a modified equation")
    recurrences(method)  # refuses a memory that forgets nothing
    check_order(order)
    return slow_memory_equation(method, order, slow) if slow else UpdateEquation(method, int(order))

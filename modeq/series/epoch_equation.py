r"""The modified equation of the mean of a reshuffled epoch: its field in trees that share batches, its text, and its modified loss.

.. math:: \dot\theta = \sum_T h^{|T|-1}\, b(T)/\sigma(T)\, \langle F(T)\rangle

over the trees of `trees.batched`, σ counting the automorphisms that map blocks to blocks and ⟨·⟩ averaging over batches, for each
block on its own.
Time is t = n·h for n batches, so an epoch takes the time m·h and b(•) is 1 for gradient descent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import sympy

from ..exact import CoefficientField, Scalar, ScalarLike, exact, to_sympy
from ..methods.general_linear import GeneralLinearMethod
from ..trees.batched import block_symmetry, numbered
from ..trees.free import centred, rootings
from ..trees.rooted import RootedTree, as_tree
from .batch_text import contraction_latex, contraction_text, differential_latex, differential_text
from .equation import Equation
from .equations import modified_equation
from .latex import coefficient_latex
from .reshuffled import EpochSeries, epoch_field, reshuffled_epoch
from .text import join_terms, superscript, term_text

_Terms = Iterable[tuple[RootedTree, Scalar]]  # trees with what multiplies h^(|T|−1) times their differential
_LEGEND = ", Dₖ = Eₖ - E"
_LATEX_LEGEND = r", \quad D_{k} = E_{k} - E"


@final
@dataclass(frozen=True, eq=False, repr=False)
class EpochEquation(Equation):
    """The vector field that the mean over all orders of an epoch follows; make it by ``modified_equation(reshuffled_epoch(…))``.

    Attributes
    ----------
    series
        The mean epoch.

    Examples
    --------
    >>> import modeq as mq
    >>> equation = mq.modified_equation(mq.reshuffled_epoch(mq.GradientDescent(), order=3))
    >>> equation.coefficient("1[1[],1[]]"), equation.coefficient("1[1[[]]]")
    (Fraction(1, 6), m/12 + 1/3)
    """

    series: EpochSeries

    @property
    def method(self) -> GeneralLinearMethod:  # type: ignore[override]  # read only
        """What is done with each batch."""
        return self.series.method

    @property
    def describes(self) -> None:
        """No run: it follows the mean of many."""
        return None

    @property
    def order(self) -> int:
        """Largest number of nodes that is kept."""
        return self.series.order

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return f"mean epoch of order {self.order}"

    @cached_property
    def coefficients(self) -> dict[RootedTree, Scalar]:
        """b(T) by tree, without 1/σ; see `trees.batched` for what colours mean."""
        return epoch_field(self.series)

    def coefficient(self, tree: RootedTree | str) -> Scalar:
        """Return b(T) of a tree in bracket notation, where nodes with one number ≥ 1 are deviations of one batch.

        Raises
        ------
        ValueError
            If the text is no tree, it has more nodes than `order`, or a number stands at one node only.
        """
        found = numbered(as_tree(tree))
        if found not in self.coefficients:
            raise ValueError(f"{tree} is no tree of at most {self.order} nodes in which each number ≥ 1 stands at two or more nodes")
        return self.coefficients[found]

    def with_parameters(self, **values: ScalarLike) -> EpochEquation:
        """Put numbers in the place of symbols: the number of batches, by its name, and parameters of the method."""
        count = self.series.batches
        name = str(count)
        if isinstance(count, sympy.Expr) and name in values:
            count = exact(values.pop(name), what=name)
        method = self.series.method.with_parameters(**values) if values else self.series.method
        return EpochEquation(reshuffled_epoch(method, self.order, batches=count))

    def modified_loss(self) -> EpochLoss:
        """Return the loss whose gradient flow this equation is; where there is none, the largest gradient part and the rest.

        Examples
        --------
        >>> import modeq as mq
        >>> print(mq.modified_equation(mq.reshuffled_epoch(mq.GradientDescent(), order=2)).modified_loss())
        θ' = -∇Ẽ + O(h²)
        Ẽ = E + h/4 ‖∇E‖² + h/4 ⟨‖∇Dₖ‖²⟩, Dₖ = Eₖ - E
        """
        return EpochLoss(self)

    def text(self) -> str:
        """Write the equation as text, ⟨·⟩ being means over all batches."""
        return f"θ' = {_sum_text(self._signed(self.coefficients))} + O(h{superscript(self.order)}){_legend(self.coefficients, _LEGEND)}"

    def latex(self) -> str:
        """Write the equation as LaTeX."""
        body = _sum_latex(self._signed(self.coefficients))
        return rf"\dot{{\theta}} = {body} + {_remainder(self.order)}{_legend(self.coefficients, _LATEX_LEGEND)}"

    def _signed(self, coefficients: dict[RootedTree, Scalar]) -> _Terms:
        """Divide by σ and turn f = −∇E: each node has the sign −1."""
        return [(tree, (-1) ** tree.order * b / block_symmetry(tree)) for tree, b in _sorted(coefficients)]

    def __repr__(self) -> str:
        return f"<EpochEquation of {self.method.name}, {self.series.batches} batches, order {self.order}>"


@final
@dataclass(frozen=True, eq=False, repr=False)
class EpochLoss:
    """The loss Ẽ whose gradient flow the mean epoch is, θ' = −b(•)∇Ẽ, and what is left where there is none.

    As `ModifiedLoss`, on trees that share batches: the terms of a gradient are the rootings of a free tree, all with one coefficient b.

    Attributes
    ----------
    equation
        The modified equation of the mean epoch.

    Examples
    --------
    >>> import modeq as mq
    >>> loss = mq.modified_equation(mq.reshuffled_epoch(mq.GradientDescent(), order=3, batches=4)).modified_loss()
    >>> {str(tree): str(c) for tree, c in loss.terms.items() if tree.order < 3}
    {'[]': '1', '[[]]': '1/4', '1[1[]]': '1/4'}
    >>> loss.is_exact
    False
    """

    equation: EpochEquation

    @cached_property
    def _split(self) -> tuple[dict[RootedTree, Scalar], dict[RootedTree, Scalar]]:
        """c_t of the free trees and b − b_t of the rooted trees where that is not 0."""
        b = self.equation.coefficients
        field = CoefficientField.containing([to_sympy(value) for value in b.values()])
        lead = field.element(b[RootedTree()])
        terms: dict[RootedTree, Scalar] = {}
        left: dict[RootedTree, Scalar] = {}
        done: set[RootedTree] = set()
        for tree, _ in _sorted(b):
            if tree in done:
                continue
            rooted = list(dict.fromkeys(map(numbered, rootings(tree))))
            done.update(rooted)
            values = [field.element(b[one]) for one in rooted]
            common = max(values, key=values.count)
            symmetry = tree.order / sum(sympy.Rational(1, block_symmetry(one)) for one in rooted)
            weight = common * field.element((-1) ** (tree.order + 1)) / lead / field.element(int(symmetry))
            terms[numbered(centred(tree))] = field.scalar(weight)
            left |= {one: field.scalar(value - common) for one, value in zip(rooted, values, strict=True) if value != common}
        return terms, left

    @property
    def terms(self) -> dict[RootedTree, Scalar]:
        """Free trees t, each by its rooting at the centroid, with c_t in Ẽ = Σ h^(|t|−1) c_t ⟨S_t⟩; zeros are listed too."""
        return self._split[0]

    @property
    def remainder(self) -> dict[RootedTree, Scalar]:
        """b(T) of what is left of the field beside −b(•)∇Ẽ, by rooted tree, without 1/σ."""
        return self._split[1]

    @property
    def is_exact(self) -> bool:
        """Whether the field is a gradient for all losses of the batches."""
        return not self.remainder

    def text(self) -> str:
        """Write the equation and the loss, one line each."""
        lead = self.equation.coefficients[RootedTree()]
        rest = _sum_text(self.equation._signed(self.remainder), continued=True)
        terms = [(tree, c) for tree, c in self.terms.items() if c != 0]
        parts = (term_text(c, tree.order - 1, contraction_text(tree)) for tree, c in terms)
        first = f"θ' = {join_terms([term_text(-lead, 0, '∇Ẽ')], continued=False)}{rest} + O(h{superscript(self.equation.order)})"
        return f"{first}\nẼ = {join_terms(parts, continued=False)}{_legend(dict(terms), _LEGEND)}"

    def latex(self) -> str:
        """Write the equation and the loss as LaTeX."""
        lead = self.equation.coefficients[RootedTree()]
        rest = _sum_latex(self.equation._signed(self.remainder), continued=True)
        terms = [(tree, c) for tree, c in self.terms.items() if c != 0]
        first = join_terms([_latex_term(-lead, 0, r"\nabla\tilde{E}")], continued=False)
        parts = join_terms([_latex_term(c, tree.order - 1, contraction_latex(tree)) for tree, c in terms], continued=False)
        end = _legend(dict(terms), _LATEX_LEGEND)
        return rf"\dot{{\theta}} = {first}{rest} + {_remainder(self.equation.order)}, \qquad \tilde{{E}} = {parts}{end}"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<EpochLoss of {self.equation.method.name}, order {self.equation.order}>"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"


@modified_equation.register
def _(series: EpochSeries) -> EpochEquation:
    return EpochEquation(series)


def _sorted(coefficients: dict[RootedTree, Scalar]) -> list[tuple[RootedTree, Scalar]]:
    """Order by number of nodes, trees without blocks and tall ones first."""
    return sorted(coefficients.items(), key=lambda pair: _rank(pair[0]))


def _rank(tree: RootedTree) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    return tree.order, max(tree.colour_sequence), tuple(-level for level in tree.level_sequence), tree.colour_sequence


def _legend(coefficients: dict[RootedTree, Any], text: str) -> str:
    return text if any(any(tree.colour_sequence) for tree in coefficients) else ""


def _sum_text(terms: _Terms, *, continued: bool = False) -> str:
    parts = (term_text(value, tree.order - 1, differential_text(tree)) for tree, value in terms if value != 0)
    return join_terms(parts, continued=continued)


def _sum_latex(terms: _Terms, *, continued: bool = False) -> str:
    parts = (_latex_term(value, tree.order - 1, differential_latex(tree)) for tree, value in terms if value != 0)
    return join_terms(parts, continued=continued)


def _latex_term(value: Scalar, power: int, body: str) -> tuple[bool, str]:
    negative, factor = coefficient_latex(value, power)
    return negative, f"{factor} {body}".strip()


def _remainder(order: int) -> str:
    return "O(h)" if order == 1 else f"O(h^{{{order}}})"

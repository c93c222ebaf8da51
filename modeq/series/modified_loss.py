r"""Modified losses: the loss whose gradient flow a modified equation is, where there is one.

A free tree t stands for the scalar S_t, the derivatives of E contracted along its edges: E itself, ∇E·∇E for two nodes,
∇²E[∇E,∇E] for the path of three, ∇³E[∇E,∇E,∇E] for the star of four. The product rule puts one more derivative on each node in
turn, and the node becomes a root: with F⁺(τ) = (−1)^|τ| F(τ), the elementary differential of ∇E,

.. math::  \nabla S_t = \sigma(t) \sum_{\tau \text{ rooting of } t} F^+(\tau)/\sigma(\tau).

So Σ h^(|τ|−1) b(τ)/σ(τ) F(τ) is a gradient field for every E exactly if b has one value b_t on all rootings of each t (two
rootings swap their roles when the Jacobian is transposed), and then it is −b(•) ∇Ẽ with

.. math::  \tilde E = \sum_t h^{|t|-1}\,\frac{(-1)^{|t|+1}\, b_t}{b(\bullet)\,\sigma(t)}\, S_t .

The same class of trees decides which B-series are Hamiltonian fields, there with alternating signs.

References
----------
E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), section IX.9.2 (Hamiltonians); D. Barrett, B. Dherin
2021, arXiv 2009.11162 (gradient descent, order 2); A. Ghosh et al. 2023, arXiv 2302.00849 (heavy ball, order 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, final

from ..exact import CoefficientField, Scalar
from ..extension_points import loss_expression, modified_loss_on
from ..methods.general_linear import GeneralLinearMethod
from ..trees.free import centred, free_symmetry, rootings
from ..trees.rooted import RootedTree, as_tree
from .bseries import FieldSeries
from .latex import coefficient_latex, contraction_latex, sum_latex
from .text import contraction_text, join_terms, sum_text, superscript, term_text, value_text


@final
@dataclass(frozen=True)
class FailedCondition:
    """Two rootings of one free tree on which b differs, so that no loss has both terms in its gradient.

    Attributes
    ----------
    tree
        The rooting that is left to the remainder.
    value
        Its coefficient b, without 1/σ.
    rooting
        The rooting of the same free tree that the loss accounts for.
    expected
        Its coefficient b, which `tree` would need too.
    """

    tree: RootedTree
    value: Scalar
    rooting: RootedTree
    expected: Scalar

    def __str__(self) -> str:
        return f"b({self.tree}) = {value_text(self.value)} ≠ {value_text(self.expected)} = b({self.rooting})"


@final
@dataclass(frozen=True, repr=False)
class ModifiedLoss:
    r"""The loss Ẽ whose gradient flow a modified equation is, and what is left where there is none.

    θ' = −b(•) ∇Ẽ + remainder, up to trees of `order` nodes. Where the rootings of a free tree have different b, the value that
    most of them share goes into Ẽ, among equally frequent ones that of the rooting with the most branches at the root (the
    highest derivative); so the remainder has as few rooted trees as possible.

    Make one with ``equation.modified_loss()``.

    Attributes
    ----------
    method
        The method that was derived.
    series
        Its modified field.

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.modified_equation(mq.HeavyBall("beta"), order=2).modified_loss())
    θ' = -1/(1-β) ∇Ẽ + O(h²)
    Ẽ = E + h(1+β)/(4(1-β)²) ‖∇E‖²
    >>> print(mq.modified_equation(mq.GradientDescent(), order=3).modified_loss())
    θ' = -∇Ẽ - h²/6 (∇²E)²∇E + O(h³)
    Ẽ = E + h/4 ‖∇E‖² + h²/12 ∇²E[∇E,∇E]
    no gradient: b([[[]]]) = 1/3 ≠ 1/6 = b([[],[]])
    """

    method: GeneralLinearMethod
    series: FieldSeries

    def __post_init__(self) -> None:
        if self.series.colours > 1:
            raise ValueError(
                f"{self.method.name} evaluates {self.series.colours} fields one by one, and their modified field has no common loss; "
                "use the field itself, equation.on(field), or derive a method that evaluates one field, such as GradientDescent()"
            )
        if self.time_scale == 0:
            raise ValueError(
                f"the modified field of {self.method.name} does not contain −∇E, b(•) = 0, so there is no loss near E; use equation.on(E)"
            )

    @property
    def order(self) -> int:
        """Largest number of nodes that is kept; Ẽ is known up to O(h^order)."""
        return self.series.order

    @property
    def time_scale(self) -> Scalar:
        """b(•), how fast the flow runs down Ẽ in the time t = n·h: 1 for gradient descent, 1/(1 − β) for heavy ball."""
        return self.series["[]"]

    @cached_property
    def _split(self) -> tuple[list[tuple[RootedTree, Any]], list[FailedCondition], CoefficientField]:
        """The free trees with b_t as an element of the field of the coefficients, and the rootings with another b."""
        field = CoefficientField.containing(self.series.coefficients)
        values = dict(zip(self.series.trees, self.series.coefficients, strict=True))
        chosen, failed, done = [], [], set()
        for tree in sorted(values, key=lambda tree: (tree.order, tuple(-level for level in tree.level_sequence))):
            if tree in done:
                continue
            groups: dict[Any, list[RootedTree]] = {}
            for rooted in rootings(tree):
                groups.setdefault(field.element(values[rooted]), []).append(rooted)
                done.add(rooted)
            common = max(groups, key=lambda value: (len(groups[value]), [len(rooted.children) for rooted in groups[value]]))
            chosen.append((centred(tree), common))
            reference = groups.pop(common)[0]
            failed += [FailedCondition(r, values[r], reference, values[reference]) for others in groups.values() for r in others]
        return chosen, failed, field

    @cached_property
    def terms(self) -> tuple[tuple[RootedTree, Scalar], ...]:
        """Free trees t with c_t = (−1)^(|t|+1) b_t/(b(•) σ(t)), so that Ẽ = Σ h^(|t|−1) c_t S_t; zeros are listed too.

        A free tree is given by its rooting at the centroid; units of c_t S_t h^(|t|−1): those of E.

        Examples
        --------
        >>> import modeq as mq
        >>> loss = mq.modified_equation(mq.GradientDescent(), order=3).modified_loss()
        >>> [(str(tree), str(c)) for tree, c in loss.terms]
        [('[]', '1'), ('[[]]', '1/4'), ('[[],[]]', '1/12')]
        """
        chosen, _, field = self._split
        lead = field.element(self.time_scale)
        return tuple((tree, field.scalar((-1) ** (tree.order + 1) * b / (lead * free_symmetry(tree)))) for tree, b in chosen)

    def coefficient(self, tree: RootedTree | str) -> Scalar:
        """Return c_t of the free tree of which `tree` is a rooting, see `terms`.

        Raises
        ------
        ValueError
            If the text is no tree, or the tree has more nodes than `order`.
        """
        found = as_tree(tree)
        _ = self.series[found]  # has it?
        return dict(self.terms)[centred(found)]

    @cached_property
    def conditions(self) -> tuple[FailedCondition, ...]:
        """The pairs of rootings on which b differs; empty if the equation is a gradient flow for every E."""
        return tuple(self._split[1])

    @property
    def is_exact(self) -> bool:
        """Whether the equation is the gradient flow of Ẽ for every E; in one dimension every field has a loss of its own."""
        return not self.conditions

    @cached_property
    def remainder(self) -> FieldSeries:
        """What is left of the modified field, b(τ) − b_t on each rooting; ``remainder.on(E)`` is its flow.

        Examples
        --------
        >>> import modeq as mq
        >>> loss = mq.modified_equation(mq.GradientDescent(), order=3).modified_loss()
        >>> loss.remainder["[[[]]]"], loss.remainder["[[],[]]"]
        (Fraction(1, 6), Fraction(0, 1))
        """
        _, failed, field = self._split
        left = {c.tree: field.scalar(field.element(c.value) - field.element(c.expected)) for c in failed}
        return FieldSeries(self.order, 1, tuple(left.get(tree, Fraction(0)) for tree in self.series.trees))

    def on(self, loss: Any, h: Any) -> Any:
        """Return Ẽ on a loss for one step size, as a `Loss` like any other.

        It has values, gradients and Hessians, methods run on it, and ``gradient_flow().on(…)`` binds to it. A loss is a function
        of θ alone, so the step size is part of it and is given here; `expression` keeps it as a symbol.

        Parameters
        ----------
        loss
            On symbols or on arrays.
        h
            Step size of the method, > 0.

        Returns
        -------
        Loss
            Of the same coordinates, on symbols with the parameter ``step`` = h; its time runs b(•) times as fast as that of the
            method. If `is_exact` is false this is the loss of the gradient part. On arrays it has three to four times the
            operations of E at order 2, eight to ten times at orders 3 and 4; its Hessian then takes up to a minute to compile, once.

        Raises
        ------
        TypeError
            If `loss` is no loss, or h no number.
        ValueError
            If h is not finite and > 0, the method has parameters without numbers, or there are too many operations on arrays.

        Examples
        --------
        >>> import modeq as mq
        >>> E = mq.losses.double_well()
        >>> smoothed = mq.modified_equation(mq.GradientDescent(), order=2).modified_loss().on(E, h=0.1)
        >>> smoothed.gradient([2.0])  # g + h/2 Hg with g = 6, H = 11
        array([9.3])
        """
        return modified_loss_on(self, loss, h)

    def expression(self, loss: Any) -> Any:
        """Return Ẽ on a loss as a SymPy expression in the variables, the parameters and h, expanded.

        Parameters
        ----------
        loss
            On symbols; symbolic parameters of the method stay symbols.

        Raises
        ------
        TypeError
            If `loss` is no loss.
        ValueError
            If it is a loss on arrays, or a parameter of the method has the name of a variable or parameter of the loss.

        Examples
        --------
        >>> import modeq as mq
        >>> E = mq.Loss.from_sympy("x**2/2", ["x"])
        >>> mq.modified_equation(mq.GradientDescent(), order=3).modified_loss().expression(E)
        h**2*x**2/12 + h*x**2/4 + x**2/2
        """
        return loss_expression(self, loss)

    def text(self) -> str:
        """Write the equation, the loss and the first condition that fails, one line each."""
        lead = join_terms([term_text(-self.time_scale, 0, "∇Ẽ")], continued=False)
        rest = sum_text(self._left(), continued=True)
        parts = (term_text(c, tree.order - 1, contraction_text(tree)) for tree, c in self.terms if c != 0)
        lines = [f"θ' = {lead}{rest} + O(h{superscript(self.order)})", f"Ẽ = {join_terms(parts, continued=False)}"]
        if self.conditions:
            others = len(self.conditions) - 1
            more = f" and {others} more condition{'s' * (others > 1)}" if others else ""
            lines.append(f"no gradient: {self.conditions[0]}{more}")
        return "\n".join(lines)

    def latex(self) -> str:
        r"""Write the equation and the loss as LaTeX, separated by ``\qquad``.

        Examples
        --------
        >>> import modeq as mq
        >>> print(mq.modified_equation(mq.GradientDescent(), order=2).modified_loss().latex())
        \dot{\theta} = -\nabla\tilde{E} + O(h^{2}), \qquad \tilde{E} = E + \frac{h}{4} \left\|\nabla E\right\|^{2}
        """
        lead = _latex_term(-self.time_scale, 0, r"\nabla\tilde{E}")
        end = "O(h)" if self.order == 1 else f"O(h^{{{self.order}}})"
        flow = rf"\dot{{\theta}} = {join_terms([lead], continued=False)}{sum_latex(self._left(), continued=True)} + {end}"
        parts = (_latex_term(c, tree.order - 1, contraction_latex(tree)) for tree, c in self.terms if c != 0)
        return rf"{flow}, \qquad \tilde{{E}} = {join_terms(parts, continued=False)}"

    def _left(self) -> list[tuple[RootedTree, Scalar]]:
        return [(condition.tree, self.remainder[condition.tree]) for condition in self.conditions]

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<ModifiedLoss of {self.method.name}, order {self.order}>"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"


def _latex_term(value: Scalar, power: int, body: str) -> tuple[bool, str]:
    negative, factor = coefficient_latex(value, power)
    return negative, f"{factor} {body}".strip()

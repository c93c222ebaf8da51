r"""Equations given by a series in trees: the modified and the modifying equation of a method.

Both are fields :math:`\sum_\tau h^{|\tau|-1} b(\tau)/\sigma(\tau)\,F(\tau)` with exact b. The modified equation is the flow
that the method follows; the modifying equation is the field that the method must be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, singledispatch
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..exact import ScalarLike
from ..methods.gradient_descent import GradientDescent
from ..methods.method import linear_method
from ..trees.rooted import chain
from .bseries import FieldSeries, FlowSeries, identity_field, substitution_quotient
from .logarithm import counter_field
from .modified_loss import ModifiedLoss
from .series_equation import SeriesEquation
from .time_polynomials import check_memory, check_order, time_polynomials

_LARGEST_MACHINE = 2.0**45  # bytes; an order whose trees do not fit into it is refused where it is asked for


@final
@dataclass(frozen=True, repr=False)
class ModifiedEquation(SeriesEquation):
    """The vector field that a method follows, truncated after trees of `order` nodes.

    Attributes
    ----------
    method
        The method that it belongs to.
    order
        Largest number of nodes.

    Examples
    --------
    >>> from modeq.methods import HeavyBall
    >>> print(modified_equation(HeavyBall("beta"), order=2))
    θ' = -1/(1-β) ∇E - h(1+β)/(2(1-β)³) ∇²E∇E + O(h²)
    """

    kind = "modified"

    @property
    def title(self) -> str:
        """A few words for tables and legends: order 3."""
        return f"order {self.order}"

    @cached_property
    def series(self) -> FieldSeries:
        """The modified field as a B-series."""
        return FieldSeries(self.order, self.method.fields, tuple(time_polynomials(self.method, self.order).derivatives()))

    def alpha(self, hlambda: NDArray[Any]) -> NDArray[Any]:
        """Return α(hλ) = −Σ b(chain of j + 1 nodes) (−hλ)ʲ, shape (n,)."""
        self.method.require_numbers("α(hλ)")
        if self.method.fields != 1:
            raise ValueError(f"{self.method.name} evaluates {self.method.fields} fields; α(hλ) exists for methods with one field")
        weights = [-float(self.coefficient(chain(j + 1))) for j in range(self.order)]
        z = -np.asarray(hlambda, complex)
        value = np.zeros(z.shape, complex)
        for weight in reversed(weights):
            value = value * z + weight
        return value

    def modified_loss(self) -> ModifiedLoss:
        """Return the loss whose gradient flow this equation is; where there is none, the largest gradient part and the rest.

        Raises
        ------
        ValueError
            If the method evaluates several fields, or its modified field does not contain −∇E.

        Examples
        --------
        >>> from modeq.methods import GradientDescent
        >>> print(modified_equation(GradientDescent(), order=2).modified_loss())
        θ' = -∇Ẽ + O(h²)
        Ẽ = E + h/4 ‖∇E‖²
        """
        return ModifiedLoss(self.method, self.series)

    def with_parameters(self, **values: ScalarLike) -> ModifiedEquation:
        """Put numbers in the place of the method's symbolic parameters."""
        return modified_equation(self.method.with_parameters(**values), order=self.order)


@final
@dataclass(frozen=True, repr=False)
class ModifyingEquation(SeriesEquation):
    """The vector field that a method must be given so that its steps lie on the exact flow of f.

    Attributes
    ----------
    method
        The method that it belongs to.
    order
        Largest number of nodes.

    Examples
    --------
    >>> from modeq.methods import ProximalPoint
    >>> print(modifying_equation(ProximalPoint(), order=2).text("field"))
    θ' = f - h/2 f′f + O(h²)
    """

    kind = "modifying"

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return f"modifying field of order {self.order}"

    @property
    def describes(self) -> None:
        """No method: a modifying field is what the method is given, not what it follows."""
        return None

    @cached_property
    def series(self) -> FieldSeries:
        """The modifying field as a B-series: the quotient of f and the modified field under substitution."""
        modified = modified_equation(self.method, self.order).series
        return substitution_quotient(identity_field(self.order, colours=self.method.fields), modified)

    def with_parameters(self, **values: ScalarLike) -> ModifyingEquation:
        """Put numbers in the place of the method's symbolic parameters."""
        return modifying_equation(self.method.with_parameters(**values), order=self.order)


@singledispatch
def modified_equation(method: Any, order: int, *, slow: Sequence[str] = ()) -> Any:
    r"""Derive the vector field that `method` follows, up to trees of `order` nodes.

    The time-:math:`h` flow of :math:`\tilde f_h = \sum_{|\tau|\le p} h^{|\tau|-1} b(\tau)/\sigma(\tau)\,F(\tau)` agrees with
    one step of size :math:`h` up to :math:`O(h^{p+1})`; for methods with memory, with a step along the smooth solution.

    Parameters
    ----------
    method
        Any method; exact or symbolic parameters stay exact. Or a map as a `FlowSeries`, whatever it comes from.
    order
        Largest number of nodes :math:`p \ge 1`, that of the series when left out; 1 is the gradient flow, 2 the IGR flow. There is no
        upper limit but the number of trees, which grows like 2.96^p. They are derived when a coefficient is asked for; put on a loss, the
        equation needs none.
    slow
        Names of the memory of a smooth update that is too long for the slow manifold of θ alone, such as ``("v",)`` of Adam with β₂ near 1:
        it becomes a coordinate of the flow, with 1 − β = c h.

    Returns
    -------
    ModifiedEquation, or FieldSeries for a series
        Exact coefficients :math:`b(\tau)`, without :math:`1/\sigma`. Units: state per unit time, h being the unit of t/n.

    Raises
    ------
    TypeError
        If `method` is no `Method` or `order` no integer.
    ValueError
        If ``order < 1``, or if `slow` names what is no such memory.
    MemoryError
        If no machine holds so many trees; where they do not fit into this one, when they are asked for.

    References
    ----------
    E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), ch. IX.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> print(modified_equation(GradientDescent(), order=2))
    θ' = -∇E - h/2 ∇²E∇E + O(h²)
    >>> from modeq.series import average_vector_field
    >>> print(modified_equation(average_vector_field(3)))
    θ' = f + h²/12 f′f′f + O(h³)
    """
    linear = linear_method(method, "a modified equation")
    check_order(order)
    if slow:
        raise ValueError(f"{linear.name} is linear, its memory follows θ for every β < 1; leave slow out")
    check_memory(linear, order, _LARGEST_MACHINE)
    return ModifiedEquation(linear, int(order))


@modified_equation.register
def _(method: FlowSeries, order: int | None = None) -> FieldSeries:
    return (method if order is None else method.truncated(order)).field()


def gradient_flow() -> ModifiedEquation:
    """Return θ' = f, which is −∇E for a loss.

    Returns
    -------
    ModifiedEquation
        That of gradient descent, of order 1.

    Examples
    --------
    >>> print(gradient_flow())
    θ' = -∇E + O(h)
    """
    return modified_equation(GradientDescent(), order=1)


@singledispatch
def modifying_equation(method: Any, order: int) -> Any:
    r"""Derive the field to give to `method` so that its steps lie on the exact flow of f, up to trees of `order` nodes.

    It is the inverse of the modified equation under substitution: the modified field of the method applied to it is f,
    up to :math:`O(h^p)`. For gradient descent f + (h/2) f′f + …: the counter terms that undo the discretization error.

    Parameters
    ----------
    method
        Any method; with memory, its steps along the smooth solution are meant. Or a map as a `FlowSeries`.
    order
        Largest number of nodes :math:`p \ge 1`, that of the series when left out. The cost grows like 6^p; order 8 takes seconds.

    Returns
    -------
    ModifyingEquation, or FieldSeries for a series
        Exact coefficients, without :math:`1/\sigma`.

    References
    ----------
    P. Chartier, E. Hairer, G. Vilmart, Math. Comp. 76 (2007) 1941–1953, doi:10.1090/S0025-5718-07-01967-9;
    D. Ketcheson, H. Ranocha, BSeries.jl, doi:10.1145/3573384; T. Miyagawa, arXiv 2210.15898 (counter terms).

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> print(modifying_equation(GradientDescent(), order=2).text("field"))
    θ' = f + h/2 f′f + O(h²)
    """
    linear = linear_method(method, "a modifying equation")
    check_order(order)
    check_memory(linear, order, _LARGEST_MACHINE)
    return ModifyingEquation(linear, int(order))


@modifying_equation.register
def _(method: FlowSeries, order: int | None = None) -> FieldSeries:
    return counter_field(method if order is None else method.truncated(order))

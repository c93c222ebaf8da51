r"""Equations given by a series in trees: the modified and the modifying equation of a method.

Both are fields :math:`\sum_\tau h^{|\tau|-1} b(\tau)/\sigma(\tau)\,F(\tau)` with exact b. The modified equation is the flow
that the method follows; the modifying equation is the field that the method must be given.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, singledispatch
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray

from ..exact import CoefficientField, Scalar, ScalarLike, exact, to_sympy
from ..expressions import parse_expression
from ..methods.general_linear import GeneralLinearMethod
from ..methods.gradient_descent import GradientDescent
from ..methods.method import linear_method
from ..trees.rooted import RootedTree, chain
from .bseries import FieldSeries, FlowSeries, identity_field, substitution_quotient
from .equation import Equation
from .latex import equation_latex
from .logarithm import counter_field
from .modified_loss import ModifiedLoss
from .text import equation_lines, equation_text
from .time_polynomials import check_memory, check_order, time_polynomials
from .time_text import time_latex, time_text

_FORMAT = 1
_LARGEST_MACHINE = 2.0**45  # bytes; an order whose trees do not fit into it is refused where it is asked for


@dataclass(frozen=True, repr=False)
class SeriesEquation(Equation):
    """A series over rooted trees, cut off by order: what `ModifiedEquation` and `ModifyingEquation` have in common.

    Attributes
    ----------
    method
        The method.
    order
        The largest number p of nodes that is kept.

    See Also
    --------
    modeq.modified_equation, modeq.modifying_equation
    """

    method: GeneralLinearMethod
    order: int
    kind: ClassVar[str]
    """``"modified"`` or ``"modifying"``."""

    @property
    @abstractmethod
    def series(self) -> FieldSeries:
        """The field series with all coefficients b(τ)."""

    def coefficient(self, tree: RootedTree | str) -> Scalar:
        """Return b(τ), without 1/σ: a Fraction, or a SymPy expression where parameters are symbolic.

        Raises
        ------
        ValueError
            If the text is no tree, or the tree has more nodes than `order`.
        """
        return self.series[tree]

    def terms(self) -> list[tuple[RootedTree, Scalar, int]]:
        """List (tree, b, σ) for every tree, by order; within an order the tall trees come first."""
        pairs = sorted(
            zip(self.series.trees, self.series.coefficients, strict=True),
            key=lambda pair: (pair[0].order, tuple(-level for level in pair[0].level_sequence), pair[0].colour_sequence),
        )
        return [(tree, b, tree.symmetry) for tree, b in pairs]

    def latex(self, notation: str | None = None, *, time: str | None = None) -> str:
        r"""Write the equation as LaTeX.

        Parameters
        ----------
        notation
            ``"loss"`` (∇E, ∇²E …; the default for one field), ``"field"`` (f, f′ …; the default for several fields, which
            are numbered f₁, f₂ … for the colours 0, 1 …) or ``"trees"``.
        time
            Name of the time s to write the equation for fields f(x, s) that depend on it, with ∂ₛ, in the notation "field".
        """
        if time is not None:
            return time_latex(*self._in_time(notation), time)
        return equation_latex(*self._written(notation))

    def text(self, notation: str | None = None, *, time: str | None = None) -> str:
        """Write the equation as one line; the same arguments as `latex`.

        Examples
        --------
        >>> ModifiedEquation(GradientDescent(), 2).text(time="s")
        "x' = f - h/2 f′f - h/2 ∂ₛf + O(h²)"
        """
        if time is not None:
            return time_text(*self._in_time(notation), time)
        return equation_text(*self._written(notation))

    def lines(self, notation: str | None = None) -> list[str]:
        """Write the equation with one line for each power of h; the same notations as `latex`.

        Examples
        --------
        >>> from modeq.methods import GradientDescent
        >>> for line in modified_equation(GradientDescent(), order=3).lines():
        ...     print(line)
        θ' = -∇E
             - h/2 ∇²E∇E
             - h²/3 (∇²E)²∇E - h²/12 ∇³E[∇E,∇E]
             + O(h³)
        """
        return equation_lines(*self._written(notation))

    def _in_time(self, notation: str | None) -> tuple[list[tuple[RootedTree, Scalar]], int]:
        if notation not in (None, "field"):
            raise ValueError(f"fields that depend on time are written in the notation 'field', got {notation!r}; leave it out")
        if self.method.fields > 1:
            raise ValueError(f"{self.method.name} evaluates {self.method.fields} fields, and fields that depend on time have one part")
        pairs, order, *_ = self._written("field")
        return pairs, order

    def _written(self, notation: str | None) -> tuple[list[tuple[RootedTree, Scalar]], int, str, int]:
        usual = "loss" if self.method.fields == 1 else "field"
        pairs = [(tree, b) for tree, b, _ in self.terms()]
        return pairs, self.order, usual if notation is None else notation, self.method.fields

    def __reduce__(self) -> tuple[type[Self], tuple[GeneralLinearMethod, int]]:
        return type(self), (self.method, self.order)  # without what is cached

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.method.name}, order {self.order}>"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data (text, lists, integers) that `from_dict` reads back without loss."""
        m = self.method
        return {
            "format": _FORMAT,
            "kind": type(self).__name__,
            "method": {
                "name": m.name,
                **{key: [list(map(_write, row)) for row in getattr(m, key)] for key in ("A", "U", "B", "V")},
                "output": list(map(_write, m.output)),
                "colours": list(m.colours),
            },
            "order": self.order,
            "coefficients": {str(tree): _write(b) for tree, b, _ in self.terms()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises
        ------
        ValueError
            If an entry is missing or malformed, or if the coefficients are not those of the method.
        """
        try:
            if (data["format"], data["kind"]) != (_FORMAT, cls.__name__):
                raise ValueError(f"expected format {_FORMAT} of {cls.__name__}, got {data['format']} of {data['kind']}")
            source = data["method"]
            A, U, B, V = (tuple(tuple(map(_read, row)) for row in source[key]) for key in ("A", "U", "B", "V"))
            output, name = tuple(map(_read, source["output"])), source["name"]
            method = GeneralLinearMethod(A=A, U=U, B=B, V=V, output=output, colours=source["colours"], name=name)
            coefficients = {RootedTree.parse(text): _read(value) for text, value in data["coefficients"].items()}
            check_order(data["order"])
            equation = cls(method, data["order"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no complete dictionary of a {cls.__name__}: {error!r} is missing or malformed") from None
        if coefficients != dict(zip(equation.series.trees, equation.series.coefficients, strict=True)):
            raise ValueError(f"the coefficients in this dictionary are not those of {method.name} up to order {equation.order}")
        return equation


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
def modified_equation(method: Any, order: int) -> Any:
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

    Returns
    -------
    ModifiedEquation, or FieldSeries for a series
        Exact coefficients :math:`b(\tau)`, without :math:`1/\sigma`. Units: state per unit time, h being the unit of t/n.

    Raises
    ------
    TypeError
        If `method` is no `Method` or `order` no integer.
    ValueError
        If ``order < 1``.
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


def _write(value: Scalar) -> str:
    return str(to_sympy(value))


def _read(text: str) -> Scalar:
    value = exact(parse_expression(text))
    field = CoefficientField.containing([value])
    return field.scalar(field.element(value))  # one form for equal values

r"""B-series with exact coefficients, and their algebra.

Normalisation: :math:`B(a, h f)(y) = a(\emptyset)\,y + \sum_\tau h^{|\tau|} a(\tau)/\sigma(\tau)\, F(\tau)(y)`. A flow
series has a(∅) = 1 and is a map; a field series has a(∅) = 0 and is h times a vector field. They are different types.

With several colours :math:`f=\sum_c f_c`, nodes of colour c stand for :math:`f_c`, and a field series splits by the
colour of the root into one field for each colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, final

from ..exact import CoefficientField, Scalar
from ..methods.general_linear import GeneralLinearMethod
from ..methods.method import linear_method
from ..trees.rooted import RootedTree, as_tree
from ..trees.subtrees import partitions, root_subtrees
from ..trees.table import tree_table
from .equation import Equation
from .latex import equation_latex
from .text import equation_text
from .time_polynomials import check_order, time_polynomials


@dataclass(frozen=True)
class _TreeSeries:
    """Coefficients of all trees with at most `order` nodes of `colours` colours, in the order of `tree_table`."""

    order: int
    colours: int
    coefficients: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        expected = tree_table(self.colours).size(self.order)
        if len(self.coefficients) != expected:
            raise ValueError(f"order {self.order} with {self.colours} colour(s) has {expected} trees, got {len(self.coefficients)}")

    @property
    def trees(self) -> list[RootedTree]:
        """The trees, in the order of the coefficients."""
        return tree_table(self.colours).trees(self.order)

    def __getitem__(self, tree: RootedTree | str) -> Scalar:
        """Return the coefficient of `tree`, given as a `RootedTree` or in bracket notation."""
        found = as_tree(tree)
        if found.order > self.order:
            raise ValueError(f"{found} has {found.order} nodes, this series stops at {self.order}; ask for a larger order")
        return self.coefficients[tree_table(self.colours).number(found)]

    def coefficient(self, tree: RootedTree | str) -> Scalar:
        """Return the coefficient of `tree`, without 1/σ; see `renormalised` for those with it."""
        return self[tree]

    def renormalised(self) -> dict[RootedTree, Scalar]:
        """Return the coefficients of the elementary differentials: those without 1/σ, divided by the symmetry σ of their tree.

        Examples
        --------
        >>> exact_flow(3).renormalised()[RootedTree.parse("[[],[]]")]
        Fraction(1, 6)
        """
        return {tree: a / tree.symmetry for tree, a in zip(self.trees, self.coefficients, strict=True)}

    def truncated(self, order: int) -> Any:
        """Drop the trees with more than `order` nodes."""
        check_order(order)
        if order > self.order:
            raise ValueError(f"cannot truncate to order {order}: this series stops at order {self.order}")
        return type(self)(order, self.colours, self.coefficients[: tree_table(self.colours).size(order)])


@final
@dataclass(frozen=True)
class FlowSeries(_TreeSeries):
    """A map near the identity as a B-series with a(∅) = 1, without 1/σ.

    Attributes
    ----------
    order
        Largest number of nodes.
    colours
        Number of fields.
    coefficients
        a(τ) in the order of `trees`: exact numbers, or rational functions of parameters.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), section III.1; Chartier, Hairer, Vilmart 2010,
    doi:10.1007/s10208-010-9065-1.

    Examples
    --------
    >>> exact_flow(2).coefficients
    (Fraction(1, 1), Fraction(1, 2))
    """

    def field(self) -> FieldSeries:
        """Return the field whose time-h flow this map is: its modified field."""
        return substitution_quotient(self, exact_flow(self.order, colours=self.colours))


@final
@dataclass(frozen=True, repr=False)
class FieldSeries(_TreeSeries, Equation):
    """h times a vector field as a B-series with b(∅) = 0, without 1/σ.

    Attributes
    ----------
    order
        Largest number of nodes.
    colours
        Number of fields.
    coefficients
        b(τ) in the order of `trees`: exact numbers, or rational functions of parameters.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), section III.1; Chartier, Hairer, Vilmart 2010,
    doi:10.1007/s10208-010-9065-1.

    Examples
    --------
    >>> identity_field(2)["[]"], identity_field(2)["[[]]"]
    (Fraction(1, 1), Fraction(0, 1))
    """

    method: ClassVar[None] = None  # type: ignore[misc]  # a series by itself belongs to no method

    def field(self) -> FieldSeries:
        """Return this field."""
        return self

    @property
    def title(self) -> str:
        """A few words for tables and legends."""
        return f"series of order {self.order}"

    def text(self) -> str:
        """Write the series as one line, in f, f′ … or f₁, f₂ … for several colours."""
        return equation_text(self._pairs(), self.order, "field", self.colours)

    def latex(self) -> str:
        r"""Write the series as LaTeX."""
        return equation_latex(self._pairs(), self.order, "field", self.colours)

    def _pairs(self) -> list[tuple[RootedTree, Scalar]]:
        return list(zip(self.trees, self.coefficients, strict=True))

    def __repr__(self) -> str:
        return f"<FieldSeries of order {self.order}, {self.colours} colour(s)>"


def exact_flow(order: int, *, colours: int = 1) -> FlowSeries:
    """Return the B-series 1/γ of the time-h flow of f (of the sum of the fields, for several colours).

    Parameters
    ----------
    order
        Largest number of nodes, ≥ 1.
    colours
        Number of fields, ≥ 1.

    Returns
    -------
    FlowSeries
        Without 1/σ.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), section III.1.

    Examples
    --------
    >>> exact_flow(3)["[[],[]]"]
    Fraction(1, 3)
    """
    check_order(order)
    return FlowSeries(order, colours, tuple(Fraction(1, tree.density) for tree in tree_table(colours).trees(order)))


def elementary_weights(method: GeneralLinearMethod, order: int) -> FlowSeries:
    """Return the B-series of one step of `method`; with memory, of one step along the smooth solution.

    The method has order p as an integrator exactly when this agrees with `exact_flow` up to trees of p nodes.

    Parameters
    ----------
    method
        Any method; symbolic parameters stay symbolic.
    order
        Largest number of nodes, ≥ 1.

    Returns
    -------
    FlowSeries
        Without 1/σ.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), section III.1.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> elementary_weights(GradientDescent(), 3)["[[]]"]
    Fraction(0, 1)
    """
    polynomials = time_polynomials(linear_method(method, "a series"), order)
    return FlowSeries(order, method.fields, tuple(polynomials.after(1)))


def identity_field(order: int, *, colours: int = 1) -> FieldSeries:
    """Return the field series of h f itself: 1 on single nodes, 0 elsewhere."""
    check_order(order)
    return FieldSeries(order, colours, tuple(Fraction(tree.order == 1) for tree in tree_table(colours).trees(order)))


def composition(first: FlowSeries, second: FlowSeries) -> FlowSeries:
    """Return the B-series of the map `second` ∘ `first`.

    (ab)(τ) = Σ b(kept) Π a(cut) over the subtrees of τ at the root, the empty one included; Hairer, Lubich, Wanner 2006,
    III.1.4.

    Parameters
    ----------
    first, second
        Maps, with the same number of colours.

    Returns
    -------
    FlowSeries
        Up to the lower of the two orders.

    Raises
    ------
    TypeError
        If a field series is given for a flow series, or the other way round.
    ValueError
        If they have different numbers of colours.

    Examples
    --------
    >>> composition(exact_flow(2), exact_flow(2))["[[]]"]  # the flow over 2h: (2h)²/2
    Fraction(2, 1)
    """
    _check(first, FlowSeries, "first")
    _check(second, FlowSeries, "second")
    order, colours, field = _common(first, second)
    a, b = _lookup(first, field), _lookup(second, field)

    def value(tree: RootedTree) -> Any:
        return a(tree) + sum(b(kept) * _product(map(a, cut), field) for kept, cut in root_subtrees(tree))

    return FlowSeries(order, colours, _tabulate(value, order, colours, field))


def inverse(series: FlowSeries) -> FlowSeries:
    """Return the B-series of the inverse map: composition(series, inverse(series)) is the identity.

    Parameters
    ----------
    series
        A map.

    Returns
    -------
    FlowSeries
        Up to the same order.

    Raises
    ------
    TypeError
        If `series` is a field.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), section III.1.

    Examples
    --------
    >>> inverse(exact_flow(3))["[[],[]]"]  # the flow over −h
    Fraction(-1, 3)
    """
    _check(series, FlowSeries, "series")
    field = CoefficientField.containing(series.coefficients)
    a = _lookup(series, field)
    known: dict[RootedTree, Any] = {}
    for tree in series.trees:  # the term with nothing cut off is the unknown itself
        known[tree] = -a(tree) - sum(known[kept] * _product(map(a, cut), field) for kept, cut in root_subtrees(tree) if cut)
    return FlowSeries(series.order, series.colours, tuple(field.scalar(known[tree]) for tree in series.trees))


def substitution(field_series: FieldSeries, series: FlowSeries | FieldSeries) -> Any:
    """Return the series that `series` becomes when its field f is replaced by the field of `field_series`.

    (b ⋆ a)(τ) = Σ a(skeleton) Π b(part) over the partitions of τ; Chartier, Hairer, Vilmart 2010, theorem 3.2. The
    result has the type of `series`. "Exact flow of the modified field = method" reads
    substitution(modified, exact_flow) = elementary weights.

    Parameters
    ----------
    field_series
        The field to put in.
    series
        The map or field to put it into, with the same number of colours.

    Returns
    -------
    FlowSeries or FieldSeries
        Of the type of `series`, up to the lower of the two orders.

    Raises
    ------
    TypeError
        If a field series is given for a flow series, or the other way round.
    ValueError
        If they have different numbers of colours.

    Examples
    --------
    >>> import modeq as mq
    >>> modified = mq.modified_equation(mq.GradientDescent(), order=4).series
    >>> mq.substitution(modified, mq.exact_flow(4)) == mq.elementary_weights(mq.GradientDescent(), 4)
    True
    """
    _check(field_series, FieldSeries, "field_series")
    _check(series, _TreeSeries, "series")
    order, colours, field = _common(field_series, series)
    b, a = _lookup(field_series, field), _lookup(series, field)

    def value(tree: RootedTree) -> Any:
        return sum(a(skeleton) * _product(map(b, parts), field) for skeleton, parts in partitions(tree))

    return type(series)(order, colours, _tabulate(value, order, colours, field))


def substitution_quotient(target: FlowSeries | FieldSeries, series: FlowSeries | FieldSeries) -> FieldSeries:
    """Solve substitution(b, series) = target for the field series b, by increasing order.

    With series = exact flow this is the modified field of the map `target`; with target = exact flow and series = a
    method it is the method's modifying field. The term where τ stays whole is a(•)·b(τ), so a(•) must not vanish.
    """
    order, colours, field = _common(target, series)
    goal, a = _lookup(target, field), _lookup(series, field)
    known: dict[RootedTree, Any] = {}
    for tree in tree_table(colours).trees(order):
        terms = ((skeleton, parts) for skeleton, parts in partitions(tree) if len(parts) > 1)
        rest = sum(a(skeleton) * _product((known[part] for part in parts), field) for skeleton, parts in terms)
        lead = a(RootedTree((), tree.colour))
        if not lead:
            raise ValueError("the series does not contain its field to first order (a(•) = 0), so it cannot be solved for")
        known[tree] = (goal(tree) - rest) / lead
    return FieldSeries(order, colours, tuple(field.scalar(known[tree]) for tree in tree_table(colours).trees(order)))


def _check(series: Any, kind: type, what: str) -> None:
    if not isinstance(series, kind):
        name = kind.__name__.lstrip("_")
        raise TypeError(f"{what} must be a {name} (flow series are maps, field series are h times a field), got {type(series).__name__}")


def _common(left: _TreeSeries, right: _TreeSeries) -> tuple[int, int, CoefficientField]:
    if left.colours != right.colours:
        raise ValueError(f"the series have {left.colours} and {right.colours} colours; give both the same")
    order = min(left.order, right.order)
    return order, left.colours, CoefficientField.containing([*left.coefficients, *right.coefficients])


def _lookup(series: _TreeSeries, field: CoefficientField) -> Callable[[RootedTree], Any]:
    table = dict(zip(series.trees, map(field.element, series.coefficients), strict=True))
    return table.__getitem__


def _product(values: Iterable[Any], field: CoefficientField) -> Any:
    result = field.element(1)
    for value in values:
        result *= value
    return result


def _tabulate(value: Callable[[RootedTree], Any], order: int, colours: int, field: CoefficientField) -> tuple[Scalar, ...]:
    return tuple(field.scalar(value(tree)) for tree in tree_table(colours).trees(order))

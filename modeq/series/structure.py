r"""Which structure a B-series preserves on every Hamiltonian system, on every field, and up to which order.

For :math:`f = J^{-1}\nabla H` the elementary Hamiltonians of a free tree are equal up to the sign (−1)^edges between two roots. A field is
Hamiltonian where b changes sign in the same way, b(u∘v) + b(v∘u) = 0; it preserves H where the terms of :math:`\nabla H^T\tilde f`, the
trees [τ], cancel within each free tree. A map is symplectic, or preserves H, or is symmetric, where its modified field is or does.

References: E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), sections V.1, VI.7.2, IX.9.2–9.4; E. Faou, E. Hairer,
T.-L. Pham, BIT 44 (2004) 699–709, doi:10.1007/s10543-004-5240-6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..exact import CoefficientField
from ..trees.free import centred
from ..trees.rooted import RootedTree
from .bseries import FieldSeries, FlowSeries


def _signed_rootings(tree: RootedTree) -> dict[RootedTree, int]:
    """Return the rootings of a free tree with (−1)^(edges from the root of `tree`); {} if one has both signs."""
    signs, waiting = {tree: 1}, [tree]
    while waiting:
        current = waiting.pop()
        for place, child in enumerate(current.children):
            others = current.children[:place] + current.children[place + 1 :]
            moved = RootedTree((*child.children, RootedTree(others, current.colour)), child.colour)
            if moved not in signs:
                signs[moved] = -signs[current]
                waiting.append(moved)
            elif signs[moved] == signs[current]:
                return {}  # two halves alike: its elementary Hamiltonian is 0
    return signs


def _hamiltonian_defects(field: FieldSeries) -> Iterator[int]:
    """Yield the orders of the conditions that fail; two halves alike must have b = 0."""
    numbers = CoefficientField.containing(field.coefficients)
    b = dict(zip(field.trees, map(numbers.element, field.coefficients), strict=True))
    done: set[RootedTree] = set()
    for tree in field.trees:
        if tree in done:
            continue
        signs = _signed_rootings(tree)
        if signs:
            done |= set(signs)
            if any(b[rooted] != sign * b[tree] for rooted, sign in signs.items()):
                yield tree.order
        elif b[tree]:
            yield tree.order


def _energy_defects(field: FieldSeries) -> Iterator[int]:
    numbers = CoefficientField.containing(field.coefficients)
    sums: dict[RootedTree, Any] = {}
    for tree, value in zip(field.trees, field.coefficients, strict=True):
        planted = RootedTree((tree,))
        free = centred(planted)
        signs = _signed_rootings(free)
        if signs:
            term = numbers.element(value) / numbers.element(tree.symmetry) * numbers.element(signs[planted])
            sums[free] = sums.get(free, numbers.element(0)) + term
    for free, total in sums.items():
        if total:
            yield free.order - 1


def _parity_defects(field: FieldSeries) -> Iterator[int]:
    yield from (tree.order for tree, b in zip(field.trees, field.coefficients, strict=True) if tree.order % 2 == 0 and b != 0)


def _first(defects: Callable[[FieldSeries], Iterator[int]], series: FlowSeries | FieldSeries) -> int:
    """Return the order below the first condition that fails, or that of the series."""
    field = series.field()
    if field.colours > 1:
        raise ValueError(f"the conditions are for one field, this series has {field.colours} colours; sum them, or test each field")
    return min(defects(field), default=field.order + 1) - 1


def order_of_symplecticity(series: FlowSeries | FieldSeries) -> int:
    """Return the largest p such that a map is symplectic up to trees of p nodes, or a field Hamiltonian.

    Parameters
    ----------
    series
        A map or a field with one colour.

    Returns
    -------
    int
        From 0 to the order of the series.

    Raises
    ------
    ValueError
        If it has several colours.

    References
    ----------
    Hairer, Lubich, Wanner 2006, section VI.7.2, theorem IX.9.10.

    Examples
    --------
    >>> import modeq as mq
    >>> order_of_symplecticity(mq.elementary_weights(mq.GradientDescent(), 5))
    1
    """
    return _first(_hamiltonian_defects, series)


def is_symplectic(series: FlowSeries | FieldSeries) -> bool:
    """Whether a map is symplectic, or a field Hamiltonian, as far as the series goes; see `order_of_symplecticity`.

    Examples
    --------
    >>> import modeq as mq
    >>> is_symplectic(mq.elementary_weights(mq.RungeKutta([["1/2"]], [1]), 6))  # implicit midpoint
    True
    """
    return order_of_symplecticity(series) == series.order


def energy_preserving_order(series: FlowSeries | FieldSeries) -> int:
    """Return the largest p such that a map or field preserves the energy of every Hamiltonian system up to trees of p nodes.

    Parameters
    ----------
    series
        A map or a field with one colour.

    Returns
    -------
    int
        From 0 to the order of the series.

    Raises
    ------
    ValueError
        If it has several colours.

    References
    ----------
    Faou, Hairer, Pham 2004, doi:10.1007/s10543-004-5240-6; Hairer, Lubich, Wanner 2006, section IX.9.4.

    Examples
    --------
    >>> import modeq as mq
    >>> energy_preserving_order(mq.elementary_weights(mq.RungeKutta([["1/2"]], [1]), 6))  # implicit midpoint
    2
    """
    return _first(_energy_defects, series)


def is_energy_preserving(series: FlowSeries | FieldSeries) -> bool:
    """Whether a map or field preserves the energy of every Hamiltonian system, as far as the series goes.

    Examples
    --------
    >>> from modeq.series import average_vector_field
    >>> is_energy_preserving(average_vector_field(6))
    True
    """
    return energy_preserving_order(series) == series.order


def is_symmetric(series: FlowSeries | FieldSeries) -> bool:
    """Whether a map is its own adjoint, Φ₋ₕ⁻¹ = Φₕ, as far as the series goes; a field, whether it is even in h.

    Examples
    --------
    >>> import modeq as mq
    >>> [is_symmetric(mq.elementary_weights(m, 5)) for m in (mq.RungeKutta([["1/2"]], [1]), mq.GradientDescent())]
    [True, False]
    """
    return next(_parity_defects(series.field()), None) is None

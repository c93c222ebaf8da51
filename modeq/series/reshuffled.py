r"""The mean over all orders of an epoch of batches, as a series in trees whose nodes share batches.

One epoch applies a one-step method to the fields :math:`f_{\pi(1)}, \dots, f_{\pi(m)}`, one after the other. A node of a tree belongs
to the step that evaluates it. For a partition P of the nodes into steps the epoch has the weight

.. math:: W(P) = \frac{L(P)}{k!}\prod_{c} a(c)

where k steps occur, L counts the orders of these steps in which no child comes after its parent, and c runs over the connected parts of
a tree within a step, a being the B-series of the method: there are :math:`L\binom mk` choices of steps, and the mean over π sees
distinct batches k at a time, :math:`\frac{(m-k)!}{m!}\sum_{\text{distinct}}`. Möbius inversion makes free sums of sums over distinct
batches, and f_k = f + (f_k − f) gives the trees of `trees.batched`. The number m of batches enters as a polynomial, and may stay a
symbol.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, final

from ..exact import CoefficientField, Scalar, ScalarLike, exact, to_sympy
from ..methods.general_linear import GeneralLinearMethod
from ..methods.method import Method, linear_method
from ..trees.batched import Blocks, batched_trees, holds, moebius, numbered, parents, refines, set_partitions, splits
from ..trees.rooted import RootedTree
from ..trees.subtrees import root_subtrees
from .bseries import elementary_weights
from .reshuffled_memory import mean_with_memory
from .time_polynomials import check_order

_LARGEST = 6  # 3,022 trees, a minute; the next order has 22,000 more


@final
@dataclass(frozen=True, eq=False, repr=False)
class EpochSeries:
    """The mean over all orders of one epoch of batches, a map, without 1/σ.

    Attributes
    ----------
    method
        What is done with each batch.
    order
        Largest number of nodes.
    batches
        The number m of batches.
    coefficients
        By tree, see `trees.batched`: nodes of colour 0 stand for the mean field f, those of one colour c ≥ 1 for the deviations f_k − f of
        one batch, averaged over k. h is the step size of one batch.

    Examples
    --------
    >>> import modeq as mq
    >>> epoch = mq.reshuffled_epoch(mq.GradientDescent(), order=2)
    >>> {str(tree): str(a) for tree, a in epoch.coefficients.items()}
    {'[]': 'm', '1[1[]]': '-m/2', '[[]]': 'm*(m - 1)/2'}
    """

    method: GeneralLinearMethod
    order: int
    batches: Scalar
    coefficients: dict[RootedTree, Scalar]

    def __repr__(self) -> str:
        return f"<EpochSeries of {self.method.name}, {self.batches} batches, order {self.order}>"


def reshuffled_epoch(method: Method, order: int, *, batches: ScalarLike = "m") -> EpochSeries:
    """Average one epoch of batches over all orders in which they can come, without replacement.

    Parameters
    ----------
    method
        A method that evaluates one field; it is applied to each batch in turn. With memory it keeps it from batch to batch and from epoch
        to epoch, and the smooth solution of the mean is meant.
    order
        Largest number of nodes, from 1 to 6.
    batches
        The number m of batches, or a name that stays symbolic. A number for methods with memory.

    Returns
    -------
    EpochSeries
        `modified_equation` takes its logarithm.

    Raises
    ------
    ValueError
        If the method evaluates several fields, there are fewer than 1 batches, or none is said for a memory, or the order is out of range.

    References
    ----------
    Order 2: S. Smith, B. Dherin, D. Barrett, S. De 2021, arXiv 2101.12176.

    Examples
    --------
    >>> import modeq as mq
    >>> print(mq.modified_equation(mq.reshuffled_epoch(mq.GradientDescent(), order=2)))
    θ' = -∇E - h/2 ∇²E∇E - h/2 ⟨∇²Dₖ∇Dₖ⟩ + O(h²), Dₖ = Eₖ - E
    """
    linear = linear_method(method, "the mean of an epoch")
    check_order(order)
    if order > _LARGEST:
        raise ValueError(f"the mean of an epoch has orders up to {_LARGEST}, got {order}; the numbers of trees with shared batches explode")
    if linear.fields > 1:
        raise ValueError(f"the mean of an epoch is derived for methods that evaluate one field, {linear.name} evaluates {linear.fields}")
    count = exact(batches, what="the number of batches")
    if isinstance(count, Fraction) and (count < 1 or count.denominator > 1):
        raise ValueError(f"the number of batches must be an integer ≥ 1 or a name, got {batches!r}")
    if linear.states > 1:
        if not isinstance(count, Fraction):
            raise ValueError(f"{linear.name} has a memory, whose powers the number of batches is: give a number such as batches=4")
        if not linear.is_explicit:
            raise ValueError(f"the mean of an epoch of {linear.name} is not derived: it has a memory and is implicit")
        return EpochSeries(linear, int(order), count, mean_with_memory(linear, int(order), int(count)))
    series = elementary_weights(linear, order)
    if count in set(linear.parameters) or str(count) in linear.parameters:
        raise ValueError(f"the number of batches cannot be called {count} as a parameter of {linear.name}; choose another name")
    field = CoefficientField.containing([*series.coefficients, to_sympy(count)])
    m, a = field.element(count), {tree: field.element(value) for tree, value in zip(series.trees, series.coefficients, strict=True)}
    trees = [tree for size in range(1, order + 1) for tree in batched_trees(size)]
    return EpochSeries(linear, int(order), count, {tree: field.scalar(_mean(tree, a.__getitem__, m, field)) for tree in trees})


def epoch_field(series: EpochSeries) -> dict[RootedTree, Scalar]:
    """Return the field whose flow for the time m·h is the mean epoch, by tree, without 1/σ: Σ (−1)^(k+1)/k · Δᵏ of the iterates, over m."""
    field = CoefficientField.containing([*series.coefficients.values(), to_sympy(series.batches)])
    once = {tree: field.element(value) for tree, value in series.coefficients.items()}
    zero = field.element(0)
    iterates = [dict.fromkeys(once, zero)]
    for _ in range(series.order):  # the next iterate is the epoch after this one
        iterates.append({tree: _composed(tree, iterates[-1], once, field) for tree in once})
    result = {}
    for tree in once:
        values, total = [iterate[tree] for iterate in iterates], zero
        for k in range(1, series.order + 1):
            values = [after - before for before, after in pairwise(values)]
            total += values[0] * field.element(Fraction((-1) ** (k + 1), k))
        result[tree] = field.scalar(total / field.element(series.batches))
    return result


def _composed(tree: RootedTree, first: dict[RootedTree, Any], second: dict[RootedTree, Any], field: CoefficientField) -> Any:
    """Compose as B-series do; a block that is cut does not come about, the two maps average over batches of their own."""
    total = first[tree]
    for kept, cut in root_subtrees(tree):
        if not splits(tree, (kept, *cut)):
            term = second[numbered(kept)]
            for fallen in cut:
                term = term * first[numbered(fallen)]
            total = total + term
    return total


def _mean(tree: RootedTree, a: Callable[[RootedTree], Any], m: Any, field: CoefficientField) -> Any:
    """Return Σ m^|Q| Σ_(P ≤ Q) μ(P, Q) W(P) over the partitions Q of the nodes whose blocks hold each block of the tree, no two in one."""
    colours, zero = tree.colour_sequence, field.element(0)
    weights = _step_weights(parents(tree.level_sequence), a, field)
    total = zero
    for coarse in set_partitions(tree.order):
        if not holds(coarse, colours):
            continue
        within = sum((field.element(moebius(fine, coarse)) * weight for fine, weight in weights if refines(fine, coarse)), zero)
        total += m ** len(coarse) * within
    return total


def _step_weights(above: tuple[int, ...], a: Callable[[RootedTree], Any], field: CoefficientField) -> list[tuple[Blocks, Any]]:
    """List the partitions of the nodes into steps with W(P) where that is not 0."""
    found = []
    for steps in set_partitions(len(above)):
        orders = _linear_orders(above, steps)
        if orders:
            weight = field.element(Fraction(orders, math.factorial(len(steps))))
            for part in _connected_parts(above, steps):
                weight = weight * a(part)
            if weight:
                found.append((steps, weight))
    return found


@cache
def _linear_orders(above: tuple[int, ...], steps: Blocks) -> int:
    """Count the orders of the steps in which no child comes after its parent."""
    owner = {node: number for number, block in enumerate(steps) for node in block}
    before: dict[int, set[int]] = {number: set() for number in range(len(steps))}
    for child, parent in enumerate(above):
        if parent >= 0 and owner[child] != owner[parent]:
            before[owner[parent]].add(owner[child])

    @cache
    def count(done: frozenset[int]) -> int:
        if len(done) == len(steps):
            return 1
        return sum(count(done | {number}) for number in before if number not in done and before[number] <= done)

    return count(frozenset())


def _connected_parts(above: tuple[int, ...], steps: Blocks) -> list[RootedTree]:
    owner = {node: number for number, block in enumerate(steps) for node in block}
    children: dict[int, list[int]] = {node: [] for node in range(len(above))}
    roots = []
    for node, parent in enumerate(above):
        if parent >= 0 and owner[parent] == owner[node]:
            children[parent].append(node)
        else:
            roots.append(node)

    def grown(node: int) -> RootedTree:
        return RootedTree([grown(child) for child in children[node]])

    return [grown(root) for root in roots]

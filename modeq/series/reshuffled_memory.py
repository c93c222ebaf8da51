r"""The mean over all orders of an epoch for methods with memory, along the smooth solution of the mean map, for m batches, a number.

The state after n epochs has a coefficient :math:`y_T(n)`, polynomial in n, for each tree of `trees.batched`. Of the nodes of T those at
the root, K, are evaluated in the current epoch, at steps ι(node) ≤ m, the others in epochs before:

.. math::

    y_T(n+1) - V^m y_T(n)
    = \sum_K \sum_{Q}m^{|Q|}\sum_{P\le Q}\mu(P,Q)\frac{(m-k)!}{m!}\sum_{\iota\text{ with partition }P} v_\iota(n)

with Q, P and μ as in `reshuffled`, and v_ι the product along K of the method's matrices: a child at an earlier step j′ < j reaches stage
i at step j through :math:`U V^{j-1-j'}B`, one at the same step through A, a branch of epochs before through :math:`U V^{j-1}y(n)`. The
polynomial is solved for in Newton form as in `time_polynomials`: the component along u at each level makes the level below solvable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from typing import Any

from sympy.polys.matrices import DomainMatrix

from ..exact import CoefficientField, Scalar
from ..methods.general_linear import GeneralLinearMethod
from ..methods.linear_algebra import product as product_of
from ..trees.batched import batched_trees, holds, moebius, numbered, parents, refines, set_partitions
from ..trees.rooted import RootedTree

_Vector = list[Any]


def mean_with_memory(method: GeneralLinearMethod, order: int, batches: int) -> dict[RootedTree, Scalar]:
    """Return the coefficients of the point after one epoch along the smooth solution of the mean map, by tree, without 1/σ."""
    recursion = _Recursion(method, order, batches)
    trees = [tree for size in range(1, order + 1) for tree in batched_trees(size)]
    return {tree: recursion.field.scalar(recursion.output(recursion.states(tree)[1])) for tree in trees}


class _Recursion:
    def __init__(self, method: GeneralLinearMethod, order: int, batches: int) -> None:
        self.field = field = CoefficientField.containing(method.entries())
        self.m, self.order = batches, order
        self.stages = method.stages
        self.A, self.U, self.B = (field.matrix(matrix) for matrix in (method.A, method.U, method.B))
        self.c = [field.element(entry) for entry in method.output]
        self.u = [field.element(entry) for entry in method.invariants[0]]
        self.zero, size = field.element(0), method.states
        identity = [[field.element(int(i == j)) for j in range(size)] for i in range(size)]
        self.powers = [identity]
        V = field.matrix(method.V)
        for _ in range(batches):
            self.powers.append(product_of(self.powers[-1], V))
        rows = [[identity[i][j] - self.powers[batches][i][j] for j in range(size)] + [self.u[i]] for i in range(size)]
        rows.append([*self.c, self.zero])
        self.solver = DomainMatrix(rows, (size + 1, size + 1), field.domain).inv().to_list()
        self.known: dict[RootedTree, list[_Vector]] = {}

    def output(self, state: _Vector) -> Any:
        return sum((c * entry for c, entry in zip(self.c, state, strict=True)), self.zero)

    def states(self, tree: RootedTree) -> list[_Vector]:
        """Return y_T(n) for n = 0 … order."""
        if tree not in self.known:
            forcing = [self._forcing(tree, n) for n in range(tree.order)]
            newton = [forcing[0]]
            while len(forcing) > 1:
                forcing = [[b - a for a, b in zip(x, y, strict=True)] for x, y in pairwise(forcing)]
                newton.append(forcing[0])
            rest, levels = [self.zero] * len(self.u), list[_Vector]()
            for G in reversed(newton):  # the part with c·Z = 0 of this level, and the component along u of the one above
                *Z, along = self._times(self.solver, [*(g - z for g, z in zip(G, rest, strict=True)), self.zero])
                levels.append([z + along * u for z, u in zip(rest, self.u, strict=True)])
                rest = Z
            levels.append(rest)
            levels.reverse()
            number = self.field.element
            self.known[tree] = [
                [sum((number(math.comb(n, k)) * level[q] for k, level in enumerate(levels)), self.zero) for q in range(len(self.u))]
                for n in range(self.order + 1)
            ]
        return self.known[tree]

    def _forcing(self, tree: RootedTree, n: int) -> _Vector:
        total, blocks = [self.zero] * len(self.u), len({*tree.colour_sequence} - {0})
        for levels, colours, cut in _openings(tree, 0):
            parts = [colours, *(branch.colour_sequence for branches in cut for branch in branches)]
            if sum(len({*part} - {0}) for part in parts) > blocks:
                continue  # a block is cut: the epochs average over batches of their own
            for steps, weight in _weights(tuple(colours), self.m):
                value = self._value(parents(levels), cut, steps, n)
                total = [t + self.field.element(weight) * v for t, v in zip(total, value, strict=True)]
        return total

    def _value(self, above: Sequence[int], cut: list[list[RootedTree]], steps: tuple[int, ...], n: int) -> _Vector:
        """Return v_ι(n) from the parent, the branches of epochs before, and the step of each node."""
        children = [[child for child, parent in enumerate(above) if parent == node] for node in range(len(above))]

        def stage_values(node: int) -> _Vector:
            """F_i of the node: the product over its branches of what they are at stage i of its step."""
            j, values = steps[node], [self.field.element(1)] * self.stages
            for branch in cut[node]:
                before = self._times(self.U, self._times(self.powers[j - 1], self.states(numbered(branch))[n]))
                values = [a * b for a, b in zip(values, before, strict=True)]
            for child in children[node]:
                if steps[child] > j:
                    return [self.zero] * self.stages
                F = stage_values(child)
                at = (
                    self._times(self.A, F)
                    if steps[child] == j
                    else self._times(self.U, self._times(self.powers[j - 1 - steps[child]], self._times(self.B, F)))
                )
                values = [a * b for a, b in zip(values, at, strict=True)]
            return values

        return self._times(self.powers[self.m - steps[0]], self._times(self.B, stage_values(0)))

    def _times(self, matrix: list[list[Any]], vector: Any) -> _Vector:
        return [sum((a * b for a, b in zip(row, vector, strict=True) if a and b), self.zero) for row in matrix]


def _openings(tree: RootedTree, level: int) -> Iterator[tuple[list[int], list[int], list[list[RootedTree]]]]:
    """Yield each subtree at the root as levels and colours in preorder, with the branches that were cut off each of its nodes."""
    options: list[list[Any]] = [[None, *_openings(child, level + 1)] for child in tree.children]
    for choice in product(*options):
        fallen = [child for child, kept in zip(tree.children, choice, strict=True) if kept is None]
        levels, colours, cut = [level], [tree.colour], [fallen]
        for kept in choice:
            if kept is not None:
                levels, colours, cut = levels + kept[0], colours + kept[1], cut + kept[2]
        yield levels, colours, cut


@cache
def _weights(colours: tuple[int, ...], m: int) -> list[tuple[tuple[int, ...], Fraction]]:
    """List the steps of nodes with Σ_Q m^|Q| μ(P, Q) (m − k)!/m! where that is not 0."""
    coarse = [blocks for blocks in set_partitions(len(colours)) if holds(blocks, colours)]
    found = []
    for steps in product(range(1, m + 1), repeat=len(colours)):
        used = sorted(set(steps))
        fine = tuple(tuple(node for node, step in enumerate(steps) if step == one) for one in used)
        weight = sum(m ** len(blocks) * moebius(fine, blocks) for blocks in coarse if refines(fine, blocks))
        if weight:
            found.append((steps, Fraction(weight * math.factorial(m - len(used)), math.factorial(m))))
    return found

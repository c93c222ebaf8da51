"""One step of a method from both ends of a rod at once, and the mean of its derivatives there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.algebra import NumpyAlgebra
from ..graph.linearised import Known, Linearised
from ..losses.field import Array
from ..losses.loss import Loss
from ..methods.method import Method


def step_from_ends(method: Method, loss: Loss, ends: Array, h: float, n: float) -> tuple[Array, Callable[[Array], Array]]:
    """Return Φ(s) at states, shape (2, r·d), and the product of the mean of DΦ over them with a direction, shape (r·d,).

    n, the number of the step, lies between two steps where the rule counts them.
    """
    tape, d, count = Linearised(NumpyAlgebra()), loss.dimension, len(ends)

    def evaluate(colour: int, point: Known) -> Known:
        where = np.broadcast_to(point[0], (count, d))
        return tape.through(loss.value(where), point, lambda direction: loss.jvp(where, direction))

    number: Any = n
    state = [tape.variable(vector) for vector in np.moveaxis(ends.reshape(count, method.states, d), 1, 0)]
    after = method.step(state, (h, None), number, evaluate, tape)

    def product(direction: Array) -> Array:
        changes = tape.changes(after, list(direction.reshape(method.states, d)))
        return np.concatenate([np.broadcast_to(0.0 if change is None else change, (count, d)).mean(axis=0) for change in changes])

    return np.concatenate([np.broadcast_to(value, (count, d)) for value, _ in after], axis=1), product

"""The state of a smooth update on its slow solution over a given point, by the series of `series.slow_solution`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..flows.slow_arrays import slow_solution
from ..losses.field import Field
from ..methods.recurrences import recurrences
from .step_sizes import Array

_ORDER = 7
_SMALL = 0.1  # what the last term may be of the first, for the start to be on the slow solution at all


def smooth_state(method: Any, field: Field, theta: Array, h: float) -> list[Array]:
    """Return θ and the memory on the slow solution over θ, shape (d,) each.

    The series is summed up to its smallest term.

    Raises
    ------
    ValueError
        If the rule counts steps, if a memory forgets nothing, or if the terms of the series do not get small.
    """
    if method.needs_n:
        raise ValueError(
            f"start='smooth' is where the powers βⁿ of {method.name} have died out, but its run counts steps from 0; take "
            "bias_correction=False, or start='rest' and the flow 'map'"
        )
    solution = slow_solution(method, recurrences(method), field, theta, _ORDER)
    state = [theta]
    for number in range(1, method.states):
        terms = [np.zeros_like(theta) if row is None else h**j * row for j, row in enumerate(solution.start(number))]
        sizes = [float(np.abs(term).max(initial=0.0)) for term in terms]
        smallest = min(range(1, len(terms)), key=lambda j: sizes[j])
        if not sizes[smallest] <= _SMALL * max(sizes[0], 1e-300):
            name = method.state_names[number]
            raise ValueError(
                f"{method.name} has no slow solution here: the series of its memory {name} does not get small (terms {sizes[0]:.1g}, "
                f"{sizes[1]:.1g}, {sizes[2]:.1g}, …), the memory is too long for h = {h:g}; take start='rest' and the flow 'map'"
            )
        state.append(np.sum(terms[: smallest + 1], axis=0))
    return state

"""Flows along a given sequence of batches: the flow of step n is that of the loss of its batch, so the map changes from step to step.

Nothing is averaged: for nh ≤ t < (n + 1)h the flow follows the method on the batch of step n. What it needs is a state from which a step
of the method starts – a point, or the whole state with its memory. The smooth solution of one batch is none on that of the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..extension_points import bind
from ..losses.minibatches import Minibatches
from ..losses.vector_field import VectorField
from ..series.epoch_equation import EpochEquation
from ..series.equation import Equation
from ..series.map_flow import UpdateMapFlow
from ..series.stochastic import StochasticEquation
from .flow import Array, Flow, Piece, Status


@final
@dataclass(frozen=True, eq=False, repr=False)
class SamplePathFlow(Flow):
    """An equation on minibatches, each followed for one step.

    Examples
    --------
    >>> import numpy as np
    >>> import modeq as mq
    >>> E = mq.Loss.from_numpy(lambda p, x: np.mean((p["w"] - x) ** 2) / 2, {"w": ()}, {"x": np.arange(4.0)})
    >>> flow = mq.principal_flow(mq.GradientDescent()).on(E.minibatches(2))  # samples 0 and 1, then 2 and 3
    >>> path = mq.integrate(flow, [1.0], h=0.5, steps=2)
    >>> path.theta.real.ravel().round(9)  # half of the way to 0.5, then half of the way to 2.5, as gradient descent does
    array([1.   , 0.75 , 1.625])
    """

    field: Minibatches

    def of_step(self, n: int) -> Flow:
        """Return the flow of step n, 0 being the first."""
        loss, known = self.field.of_step(n), self.__dict__.setdefault("_latest", [None, None])
        if known[0] is not loss:
            known[:] = loss, self.equation.on(loss)
        flow: Flow = known[1]
        return flow

    @property
    def _first(self) -> Flow:
        return self.of_step(0)

    @property
    def changes(self) -> bool:
        """Always: each step sees a batch of its own."""
        return True

    @property
    def dimension(self) -> int:
        """That of the flow of one batch."""
        return self._first.dimension

    @property
    def is_complex(self) -> bool:
        """Whether the flow of one batch is."""
        return self._first.is_complex

    @property
    def starts_at_rest(self) -> bool:
        """Whether the state is the whole state of the method."""
        return self._first.starts_at_rest

    @property
    def branch(self) -> str | None:
        """The branch of its logarithm."""
        return self._first.branch

    @property
    def sheet(self) -> int:
        """The number of the branch."""
        return self._first.sheet

    def start(self, theta0: Array, h: float) -> Array:
        """Return the state at t = 0."""
        return self._first.start(theta0, h)

    def launch(self, theta0: Array, h: float) -> tuple[float, Array]:
        """Return where the flow of the first batch is launched."""
        return self._first.launch(theta0, h)

    def output(self, states: Array) -> Array:
        """Return θ of states."""
        return self._first.output(states)

    def extras(self, states: Array, h: float) -> Mapping[str, Array]:
        """Return the memory of the method by name."""
        return self._first.extras(states, h)

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the field of step n."""
        return self.of_step(n).pieces(h, n)

    def follow(self, states: Array, h: float | Array, n: int = 0) -> Array | None:
        """Do step n of the method from the first state, step n + 1 from the second, and so on."""
        ends, sizes = [], np.broadcast_to(h, len(states))
        for i, size in enumerate(sizes.tolist()):
            end = self.of_step(n + i).follow(states[i : i + 1], size, n + i)
            if end is None:
                return None
            ends.append(end)
        return np.concatenate(ends) if ends else states

    def diagnose(self, start: Array, last: Array, h: float, n: int, trouble: str) -> tuple[Status, str]:
        """Let the flow of the last batch that was seen say why a solver gave up."""
        latest: Flow = self.__dict__.get("_latest", [None, self._first])[1]
        return latest.diagnose(start, last, h, n, trouble)


@bind.register(Equation, Minibatches)
@bind.register(UpdateMapFlow, Minibatches)
def _(equation: Equation, field: Minibatches) -> SamplePathFlow:
    flow = SamplePathFlow(equation, field)
    inner, method = flow.of_step(0), equation.describes
    if method is None or inner.period > 1:
        raise ValueError(f"a {equation.title} does not follow single steps and cannot be put on minibatches; put it on batches.full")
    if method.states > 1 and not inner.starts_at_rest:
        raise ValueError(
            f"a {equation.title} of {method.name} is about its smooth solution on one loss, and minibatches change that in each step; take "
            "'map', mq.whole_state_flow(method), which follows the memory from step to step, or put it on batches.full"
        )
    return flow


@bind.register(EpochEquation, Minibatches)
@bind.register(StochasticEquation, Minibatches)
def _(equation: Equation, field: Minibatches) -> Any:
    """What averages over batches takes all of them, one part for each."""
    return equation.on(VectorField.from_losses(list(field), name=field.name))

"""The principal flow of a map on a field: of k steps of a method on its whole state, see `series.map_flow`.

It is that of Euler's method with the step kh on the field (Φᵏ − id)/(kh). On symbols the map and its derivatives become one graph; on
arrays they have `array_maps`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import final

import numpy as np

from ..codegen.source import Source, assign, principal_source
from ..extension_points import bind
from ..graph.graph import Graph
from ..graph.substitution import substitute
from ..graph.vectors import Componentwise, Vector
from ..losses.jet_field import JetField
from ..losses.symbolic_field import SymbolicField
from ..series.map_flow import MapEquation, MapFlow
from .array_maps import map_code
from .checks import check_field, module_title
from .compiled import Code, CompiledFlow
from .flow import Array, Flow, Piece, Right, Status, Windows
from .map_eigenvalues import MapEigenvalues
from .spectral import spectral_functions
from .spectral_flow import no_formula, scaled_outputs
from .steps import advanced
from .symbols import field_parts, tensor_derivative

_CLOCK = "time in the step"
_OFF = 0.05  # share of the way of k steps: 0.02 and 0.5 jump at nearly the same places
_ONE_STEP = 0.8  # hλ below which one step is closer than several as one map, see tests/oracles/test_one_or_two_steps.py


@dataclass(frozen=True, eq=False, repr=False)
class MapOnField(Flow):
    """What all principal flows of maps share: their states are those of the method, r vectors one after the other."""

    equation: MapEquation

    @property
    def dimension(self) -> int:
        """Number r·d of entries of the method's state."""
        return self.equation.method.states * self.field.dimension

    @property
    def starts_at_rest(self) -> bool:
        """With memory the state is the method's own."""
        return self.equation.method.states > 1

    @property
    def period(self) -> int:
        """The k steps that are one map."""
        return self.equation.steps

    @property
    def sheet(self) -> int:
        """The number of the branch of the logarithm."""
        return self.equation.euler.sheet

    @property
    def completes(self) -> str:
        """The next degree."""
        return "degree"

    def one_step_size(self) -> str:
        """Several steps as one map have one size."""
        return f"the {self} takes {self.period} steps of one size as one map" if self.period > 1 else ""

    def start(self, theta0: Array, h: float) -> Array:
        """Return the state at rest in θ₀."""
        return np.concatenate(self.equation.method.rest(theta0))

    def output(self, states: Array) -> Array:
        """Return θ of states."""
        parts = self._vectors(states)
        return np.asarray(self.equation.method.output([parts[..., q, :] for q in range(parts.shape[-2])]))

    def extras(self, states: Array, h: float) -> Mapping[str, Array]:
        """Return the vectors of the method's state besides θ by name, shape (n, d) each."""
        parts = self._vectors(states)
        return {name: parts[:, q] for q, name in enumerate(self.equation.method.state_names) if name != "θ"}

    def error_estimate(self, states: Array, h: float | Array) -> Array | None:
        """Return degree 2 less degree 1; of degree 2 nothing is known."""
        if self.equation.degree > 1 or self.field.degree < 2:
            return None
        higher = self.equation.of_degree(2).on(self.field)
        steps = np.broadcast_to(h, len(states)).tolist()
        with np.errstate(all="ignore"):
            return np.array([higher(state, step) - self(state, step) for state, step in zip(states, steps, strict=True)])

    @property
    def estimate_is_dear(self) -> bool:
        """It is the flow of degree 2 itself."""
        return True

    def follow(self, states: Array, h: float | Array, n: int = 0) -> Array | None:
        """Do k steps of the method from many states."""
        return self._advance(states, h, self.period, n)

    def advice(self, hlambda: float) -> str:
        """Name the flow of one step away from the edge, where a flow of k steps has a step k times as long."""
        degree = self.equation.degree if self.equation.degree > 1 else ""
        name = f"{'map' if self.starts_at_rest else 'principal'}{degree}"
        return f"; away from the edge '{name}' is closer" if self.period > 1 and hlambda < _ONE_STEP else ""

    def verify(self, states: Array, h: float) -> tuple[Status, str] | None:
        """Say where a negative eigenvalue of DΦᵏ, a direction turned over, made the flow miss the method."""
        return self._eigenvalues(h).signs_lost(states)

    def diagnose(self, start: Array, last: Array, h: float, n: int, trouble: str) -> tuple[Status, str]:
        """Look at the eigenvalues of DΦᵏ."""
        one_step = "'principal' describes one step" if self.period == 1 else "'principal2' or 'principal' describe one step"
        others = (
            "degree 1 passes through"
            if self.equation.degree > 1
            else one_step
            if self.equation.method.linear is not None
            else "take a smaller h"
        )
        return self._eigenvalues(h).why_stalled(start, last, n, trouble, others)

    def _piece(self, right: Right, h: float, n: int) -> Piece:
        """Return the field of step n, with the jumps of the equation."""
        if not self.equation.jumps:
            return Piece(right)
        kind = complex if self.is_complex else float

        def advance(state: Array) -> Array:
            return self._advance(state.real[np.newaxis], h, self.period, n)[0].astype(kind)

        return Piece(right, windows=Windows(self.period * h, advance, _OFF))

    def _eigenvalues(self, h: float) -> MapEigenvalues:
        return MapEigenvalues(lambda states, steps, n: self._advance(states, h, steps, n), partial(self._step_matrix, h), self.period)

    def _step_matrix(self, h: float, state: Array, n: int) -> Array:
        """Return DΦᵏ, k steps from step n on, by difference quotients."""
        size = 1e-6 * (1.0 + np.abs(state).max())
        offsets = size * np.eye(len(state))
        ends = self._advance(np.concatenate([state + offsets, state - offsets]), h, self.period, n)
        return np.asarray((ends[: len(state)] - ends[len(state) :]).T / (2 * size))

    def _advance(self, states: Array, h: float | Array, steps: int, n: int = 0) -> Array:
        return advanced(self.equation.method, self.field, self._vectors(states), h, steps, n).reshape(states.shape)

    def _vectors(self, states: Array) -> Array:
        return states.reshape(*states.shape[:-1], self.equation.method.states, self.field.dimension)


@final
@dataclass(frozen=True, eq=False, repr=False)
class WholeStateFlow(MapOnField, CompiledFlow):
    """The principal flow of a method's map on a loss or field; its states are those of the method, r vectors one after the other.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.whole_state_flow(mq.HeavyBall(0.5)).on(mq.losses.quadratic([[1]]))
    >>> flow.dimension, flow.start(np.array([2.0]), 0.1)  # θ and v, at rest
    (2, array([2., 0.]))
    """

    equation: MapEquation

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the one field."""
        return (self._piece(self._bound(h), h, n),)

    @property
    def is_complex(self) -> bool:
        """Always, as generated code has it; at real states the values are real."""
        return True


@bind.register(MapFlow, JetField)
def _(equation: MapFlow, loss: JetField) -> WholeStateFlow:
    check_field(loss, equation.method.fields, equation.method.name)
    equation.method.require_numbers("binding a principal flow")
    return WholeStateFlow(equation, loss, map_code(equation, loss))


@bind.register(MapFlow, SymbolicField)
def on_symbols(equation: MapEquation, field: SymbolicField, n: int = 0, ratios: Sequence[float] = ()) -> WholeStateFlow:
    """Put the principal flow of a map, where it changes that of step n, on a field on symbols, as generated code.

    `ratios` are what the step makes of the unit of each vector of the state, see `update_maps`; t counts from the start of the step.
    """
    method, changing = equation.method, any(ratio != 1 for ratio in ratios)
    clock = f"p{len(field.parameters)}" if changing else ""
    check_field(field, method.fields, method.name)
    method.require_numbers("binding a principal flow")
    names = [f"y{i}" for i in range(method.states * field.dimension)]

    def assemble() -> Source:
        graph = field.graph.copy()
        step = graph.multiply(graph.constant(equation.steps), graph.input("h"))
        y, growth = [graph.input(name) for name in names], [graph.zero] * len(names)
        before = after = [graph.one] * len(names)
        if changing:
            rates = [graph.constant(Fraction(math.log(ratio))) for ratio in ratios for _ in range(field.dimension)]
            part = graph.divide(graph.input(clock), graph.input("h"))
            before = [graph.apply("exp", graph.multiply(part, rate)) for rate in rates]
            after = [graph.apply("exp", graph.multiply(graph.subtract(graph.one, part), rate)) for rate in rates]
            growth = [graph.negate(graph.divide(graph.multiply(rate, node), graph.input("h"))) for rate, node in zip(rates, y, strict=True)]
        g = _map_field(graph, equation, field, y, step, n, before, after)
        derivatives = [tensor_derivative(graph, g, names, 1)]
        while len(derivatives) < equation.degree:
            derivatives.append(tensor_derivative(graph, derivatives[-1], names, len(derivatives) + 1))
        outputs = scaled_outputs(graph, g, derivatives, step, growth)
        body = assign(graph, outputs, len(names), [*field.parameters, *([_CLOCK] if changing else [])], clock=_CLOCK if changing else "")
        return principal_source(body, module_title(equation.title, method.name, field), spectral_functions(equation.euler))

    return WholeStateFlow(equation, field, Code(assemble, no_formula, np.zeros(int(changing))))


def _map_field(
    graph: Graph,
    equation: MapEquation,
    field: SymbolicField,
    start: Sequence[int],
    step: int,
    first: int,
    before: Sequence[int],
    after: Sequence[int],
) -> list[int]:
    """Return the nodes of (after·Φᵏ(before·y) − y)/(kh) on the states y, `first` being the number of the first of the k steps."""
    method, d, h = equation.method, field.dimension, (graph.input("h"),)
    parts, inputs = field_parts(field, method.fields, graph), [graph.input(name) for name in field.inputs]

    def evaluate(colour: int, point: Vector[int]) -> Vector[int]:
        return tuple(substitute(graph, parts[colour], dict(zip(inputs, point, strict=True))))

    begin = [graph.multiply(factor, node) for factor, node in zip(before, start, strict=True)]
    state = [tuple(begin[q * d : (q + 1) * d]) for q in range(method.states)]
    for n in range(first, first + equation.steps):
        state = method.step(state, h, n, evaluate, Componentwise(graph))
    ends = [graph.multiply(factor, node) for factor, node in zip(after, (node for part in state for node in part), strict=True)]
    moved = [graph.subtract(there, here) for there, here in zip(ends, start, strict=True)]
    return [graph.multiply(node, graph.power(step, Fraction(-1))) for node in moved]

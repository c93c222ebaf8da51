"""Principal flows on a field: functions of the eigenvalues of h f′, with branches, singularities and degrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import final

import numpy as np
import sympy

from ..codegen.source import Source, assign, principal_source
from ..extension_points import bind
from ..graph.algebra import as_float
from ..graph.graph import Graph
from ..losses.jet_field import JetField
from ..losses.symbolic_field import SymbolicField, total_field
from ..series.bseries import FieldSeries
from ..series.principal import PrincipalFlow
from ..sizes import EIGENVECTORS_INSTEAD, KRYLOV
from .array_spectra import principal_code
from .checks import check_field, module_title
from .compiled import Code, CompiledFlow
from .continuation import Continuation
from .eigenvalues import distance_to_cut, eigenvalues, overtaking_root, roots
from .elementary import series_field
from .flow import Array, Piece, Status
from .left_out import next_leaves
from .second_degree_step import second_degree_step
from .spectral import spectral_functions
from .steps import followed
from .symbols import field_jacobian, modified_rows, tensor_derivative

_NEAR_CUT = 0.01  # radians
_NEAR_SINGULARITY = 1e-3


@final
@dataclass(frozen=True, eq=False, repr=False)
class SpectralFlow(CompiledFlow):
    """A principal flow on a loss or field.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.principal_flow(mq.GradientDescent()).on(mq.losses.quadratic([[2]]))
    >>> flow([1.0], 0.25).round(6)  # log(1 − hλ)/(hλ) · λ with hλ = ½
    array([-2.772589+0.j])
    """

    equation: PrincipalFlow

    @property
    def is_complex(self) -> bool:
        """Always: log R is complex where R is negative."""
        return True

    @property
    def branch(self) -> str:
        """The branch of log R."""
        return self.equation.branch

    @property
    def sheet(self) -> int:
        """The number of that branch."""
        return self.equation.sheet

    @property
    def completes(self) -> str:
        """The next degree, or the next order where the flow is completed to one."""
        return "degree" if self.equation.order is None else "order"

    def one_step_size(self) -> str:
        """Only a continued branch cannot change its step size."""
        return "branch='continued' follows the logarithms of one step size" if self.branch == "continued" else ""

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the one field; on a continued branch it follows the states that the solver accepts."""
        if self.branch != "continued":
            return super().pieces(h, n)
        follow = Continuation(self.equation, self.field, h)
        return (Piece(follow, accept=follow.accept),)

    def error_estimate(self, states: Array, h: float | Array) -> Array | None:
        """Return what the next degree or order adds.

        - All trees with two leaves that degree 1 does not have, the step to degree 2; where the flow is completed to order p also the
          trees with p + 1 nodes and more leaves.
        - For higher degrees, and on symbols in more than 8 coordinates: the trees with the fewest nodes that the flow does not have. In
          place of all of degree 2 this is its first tree h² b([•,•])/2 f″[f,f], too small by a factor of up to 5 near hλ = 1.
        """
        if self.field.degree < 2:
            return None
        if isinstance(h, np.ndarray):
            terms = [self.error_estimate(state[np.newaxis], float(step)) for state, step in zip(states, h, strict=True)]
            return np.concatenate([term for term in terms if term is not None])
        equation = self.equation
        with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
            total = second_degree_step(self.field, equation, states, h) if equation.degree == 1 else None
            if total is not None and equation.order is None:
                return total
            degree = equation.degree + (total is not None)
            rest = next_leaves(equation.method, self.field, max(degree + 1, equation.order or 0), degree, states, h)
        return rest if total is None else total + rest

    @property
    def estimate_is_dear(self) -> bool:
        """On arrays it is the flow of degree 2 itself."""
        return len(self.code.plan) > 0

    def follow(self, states: Array, h: float | Array, n: int = 0) -> Array | None:
        """Do one step of the method from many points; None with memory, and for implicit methods and those with several fields."""
        return followed(self.equation.method, self.field, states, h)

    def other_roots(self, hlambda: Array) -> float:
        """Return the largest root of the method that overtakes the one that the flow follows."""
        return overtaking_root(self.equation.method, hlambda)

    def diagnose(self, start: Array, last: Array, h: float, n: int, trouble: str) -> tuple[Status, str]:
        """Say whether an eigenvalue meets a singularity or the cut, or the field is known at real points only."""
        if not self.field.analytic:
            return "stalled", (
                f"after step {n} the flow leaves the real points, as it does beyond hλ = 1, and {self.field.name} is known at real "
                f"points only ({trouble}); 'two-step' stays real"
            )
        values = eigenvalues(self.field, last, h)
        if not len(values):
            return super().diagnose(start, last, h, n, trouble)
        for zero in (as_float(zero) if zero.is_real else complex(zero) for zero in self.equation.singularities):
            nearest = values[np.argmin(np.abs(values - zero))]
            if abs(nearest - zero) < _NEAR_SINGULARITY:
                return "singular", (
                    f"after step {n} an eigenvalue reaches hλ = {_number(nearest)}, where the principal flow of "
                    f"{self.equation.method.name} is infinite ({trouble})"
                )
        largest = values[np.argmax(np.abs(values))]
        root = self.root
        on_cut = root is not None and distance_to_cut(np.angle(roots(root, values)), self.branch) < _NEAR_CUT
        reason = "it follows the cut of its logarithm, 'two-step' stays real" if on_cut else "it does not describe the method there"
        if self.field.dimension > EIGENVECTORS_INSTEAD and self.equation.hessian == "auto":
            reason = (
                f"a Krylov space of {KRYLOV} dimensions is not enough where many eigenvalues are near a singularity; "
                "hessian='dense' takes all eigenvectors"
            )
        return "stalled", f"the solver gave up after step {n}, at hλ = {_number(largest)}: {trouble}; {reason}"


def _number(value: complex) -> str:
    return f"{value.real:.3g}" if abs(value.imag) < 1e-9 else f"{value:.3g}"


@bind.register(PrincipalFlow, JetField)
def _(equation: PrincipalFlow, loss: JetField) -> SpectralFlow:
    check_field(loss, equation.method.fields, equation.method.name)
    equation.method.require_numbers("binding a principal flow")
    return SpectralFlow(equation, loss, principal_code(equation, loss))


@bind.register(PrincipalFlow, SymbolicField)
def _(equation: PrincipalFlow, field: SymbolicField) -> SpectralFlow:
    check_field(field, equation.method.fields, equation.method.name)
    equation.method.require_numbers("binding a principal flow")

    def assemble() -> Source:
        graph = field.graph.copy()
        h = graph.input("h")
        f = total_field(field, graph)
        derivatives = [field_jacobian(field, graph, f)]
        while len(derivatives) < equation.degree:
            derivatives.append(tensor_derivative(graph, derivatives[-1], field.inputs, len(derivatives) + 1, field.symmetric))
        outputs = scaled_outputs(graph, f, derivatives, h, _completion(equation, field, graph))
        body = assign(graph, outputs, field.dimension, list(field.parameters))
        return principal_source(body, module_title(equation.title, equation.method.name, field), spectral_functions(equation))

    return SpectralFlow(equation, field, Code(assemble, no_formula))


def scaled_outputs(graph: Graph, f: Sequence[int], derivatives: Sequence[Sequence[int]], h: int, completion: Sequence[int]) -> list[int]:
    """Return f, h f′, the completion, h²/2 f″, h³/6 f‴ …: what the kernel of a principal flow reads, see `principal_source`."""
    outputs, factor = [*f], graph.one
    for n, derivative in enumerate(derivatives, 1):
        factor = graph.multiply(graph.multiply(graph.constant(Fraction(1, n)), h), factor)  # hⁿ/n!
        outputs += [graph.multiply(factor, entry) for entry in derivative]
        outputs += completion if n == 1 else []
    return outputs


def no_formula() -> sympy.Matrix:
    """Raise: a function of eigenvalues is no formula."""
    raise ValueError(
        "a principal flow is a function of the Hessian's eigenvalues and has no useful formula in the coordinates; "
        "see equation.symbol, or truncate it: modified_equation(method, order).on(E).expressions()"
    )


def _completion(equation: PrincipalFlow, field: SymbolicField, graph: Graph) -> list[int]:
    """Return the truncated field that completes the flow; ψ and c leave their part of it out."""
    total = [graph.zero] * field.dimension
    truncated = equation.modified_equation()
    if truncated is None:
        return total
    h, power = graph.input("h"), graph.one
    if equation.degree > 2:  # ψ, c and the others sum everything themselves; trees with more leaves are few at small orders
        known = truncated.series
        others = (Fraction(0) if tree.leaves <= equation.degree else known[tree] for tree in known.trees)
        points = [graph.input(name) for name in field.inputs]
        rows = series_field(graph, [total_field(field, graph)], points, FieldSeries(known.order, 1, tuple(others)))
    else:
        rows = modified_rows(equation.method, truncated.order, field, graph)
    for row in rows:
        total = [graph.add(a, graph.multiply(power, b)) for a, b in zip(total, row, strict=True)]
        power = graph.multiply(power, h)
    return total

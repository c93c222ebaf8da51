r"""Modified equations on fields that depend on time.

The method is one for the field (f, 1) of the point (x, s). Its modified field has the time s' = b(•), exactly, because all higher
differentials of a constant vanish: with s(0) = 0 the time of the field is s = b(•) t, t itself for Runge–Kutta methods, so the flow is
a field of x and t.

Reference: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), II.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..codegen.source import Source, assign, field_source
from ..exact import exact, to_sympy
from ..extension_points import bind
from ..graph.algebra import as_float
from ..graph.polynomials import PolynomialAlgebra
from ..losses.time_field import SymbolicTimeField
from ..losses.time_jets import JetTimeField
from ..losses.vector_field import VectorField
from ..series.equations import ModifiedEquation
from .checks import check_field, check_names, module_title
from .compiled import Code, CompiledFlow
from .flow import Array, Flow, Piece, check_step
from .stage_points import stage_points
from .stage_series import Path, stage_coefficients, time_speeds
from .symbols import horner, input_symbols, modified_coefficients


@final
@dataclass(frozen=True, eq=False, repr=False)
class SymbolicTimeFlow(CompiledFlow):
    """A modified equation on a time-dependent field on symbols; the kernel takes the time t.

    Examples
    --------
    >>> import modeq as mq
    >>> field = mq.VectorField.from_sympy(["s"], ["x"], time="s")
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(field)
    >>> flow.rhs(0.1)(2.0, [0.0])  # s − h/2
    array([1.95])
    """

    equation: ModifiedEquation
    field: SymbolicTimeField

    def batch(self, y: ArrayLike, h: float, t: float = 0.0) -> Array:
        """Evaluate at k points at once and time t: y and the result have shape (d, k)."""
        points = np.ascontiguousarray(y)
        points = points.astype(complex if np.iscomplexobj(points) else float, copy=False)
        if points.ndim != 2 or points.shape[0] != self.dimension:
            raise ValueError(f"batch takes points of shape ({self.dimension}, k), one column each, got shape {points.shape}")
        par, out = self.parameters(h), np.empty(points.shape, points.dtype)
        par[-1] = t
        self.module.batch(points, par, out)
        return out

    def vector_field(self, h: float) -> Any:
        """Return the flow for a fixed step size as a time-dependent `VectorField`."""
        step = to_sympy(exact(check_step(h)))
        expressions = self.expressions().xreplace({sympy.Symbol("h"): step})
        title = f"{self.title} on {self.field.name}, h = {float(h):g}"
        return VectorField.from_sympy(list(expressions), self.field.variables, self.field.parameters, name=title, time=self.field.time)


@final
@dataclass(frozen=True, eq=False, repr=False)
class JetTimeFlow(Flow):
    """A modified equation on a time-dependent field in NumPy, by Taylor arithmetic.

    Examples
    --------
    >>> import modeq as mq
    >>> field = mq.VectorField.from_numpy(lambda p, s: 0 * p["x"] + s, {"x": (2,)})
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(field)
    >>> flow.rhs(0.1)(2.0, [0.0, 0.0])
    array([1.95, 1.95])
    """

    equation: ModifiedEquation
    field: JetTimeField

    def coefficients(self, theta: Array, t: float) -> Array:
        """Return the coefficients of h^j, j < order, at x = θ and the time t of the flow, shape (order, d)."""
        points = stage_points(self.equation.method, self.equation.order)
        s = as_float(self.equation.coefficient("[]")) * t

        def path(speed: float) -> Path:
            extend = self.field.series()
            return lambda theta, degree: extend(theta, s if degree == 0 else speed if degree == 1 and speed else None)

        return stage_coefficients(points, theta, [path(float(speed)) for speed in time_speeds(points)])

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the one field."""
        powers = check_step(h) ** np.arange(self.equation.order)

        def right(t: float, y: Array) -> Array:
            return np.asarray(powers @ self.coefficients(self.field.check_point(y), t))

        return (Piece(right),)


@bind.register(ModifiedEquation, SymbolicTimeField)
def _(equation: ModifiedEquation, field: SymbolicTimeField) -> SymbolicTimeFlow:
    method, inner, d = equation.method, field.augmented, field.dimension
    check_field(field, method.fields, method.name)
    check_names(method, inner)
    clock = f"p{len(field.parameters)}"  # the slot behind the parameters, to which kernels add t

    def assemble() -> Source:
        graph = inner.graph.copy()
        names = [*inner.inputs[:d], *(f"p{i}" for i in range(len(field.parameters)))]
        time = graph.multiply(graph.constant(equation.coefficient("[]")), graph.input(clock))
        inputs = {name: graph.input(name) for name in names} | {inner.inputs[d]: time}
        rows = modified_coefficients(method, equation.order, inner, graph, graph, inputs)
        outputs = horner(graph, [row[:d] for row in rows], graph.input("h"))
        body = assign(graph, outputs, d, [*field.parameters, field.time.name], clock=field.time.name)
        return field_source(body, module_title(equation.title, method.name, field))

    return SymbolicTimeFlow(equation, field, Code(assemble, _formula(equation, field), np.zeros(1)))


def _formula(equation: ModifiedEquation, field: SymbolicTimeField) -> Callable[[], sympy.Matrix]:
    """Return what computes the expressions in the variables and the time s of the field."""
    inner, d = field.augmented, field.dimension

    def expressions() -> sympy.Matrix:
        algebra = PolynomialAlgebra()
        inputs = algebra.inputs(input_symbols(inner))
        rows = modified_coefficients(equation.method, equation.order, inner, inner.graph.copy(), algebra, inputs)
        return sympy.Matrix([algebra.expression(total) for total in horner(algebra, [row[:d] for row in rows], inputs["h"])])

    return expressions


@bind.register(ModifiedEquation, JetTimeField)
def _(equation: ModifiedEquation, field: JetTimeField) -> JetTimeFlow:
    check_field(field, equation.method.fields, equation.method.name)
    equation.method.require_numbers("binding an equation to a field of arrays")
    return JetTimeFlow(equation, field)

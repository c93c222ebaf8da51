"""The principal flow of several steps as one map: that of Euler's method with the step kh on the field (Φᵏ − id)/(kh)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..codegen.array_source import array_principal_source
from ..codegen.cache import load_module
from ..codegen.source import assign, couplings_source, principal_source
from ..graph.algebra import as_float
from ..graph.graph import Graph
from ..graph.substitution import substitute
from ..graph.vectors import Componentwise, Vector
from ..kernels.krylov import by_eigenvectors, by_krylov_space, no_bends, principal_field
from ..kernels.map_taylor import cache_size, map_taylor
from ..kernels.matrix_functions import apply_n
from ..kernels.separable import bends_dense, bends_unsymmetric, eigenpairs, leading, responses
from ..kernels.taylor_fields import workspace_size
from ..losses.loss import ArrayLoss
from ..losses.symbolic_field import SymbolicField
from ..methods.general_linear import GeneralLinearMethod
from ..series.binding import bind
from ..series.branches import REAL, psi_from_increment
from ..series.increment import increment
from ..series.map_flow import MapFlow
from .array_flows import DENSE, EXACT, LIMIT, TOLERANCE
from .binding import check_field, field_parts, module_title, tensor_derivative
from .flow import Flow, Memory
from .spectral import spectral_functions

Array = NDArray[Any]
FEW = 40  # numbers in a state up to which k·d Hessian–vector products and all eigenvectors are faster than a Krylov space


@bind.register(MapFlow)
def _(equation: MapFlow, field: Any) -> Flow:
    method = equation.method
    check_field(field, method.fields, method.name)
    method.require_numbers("binding a principal flow")
    if isinstance(field, ArrayLoss):
        return _on_arrays(equation, field)
    names = [f"y{i}" for i in range(method.states * field.dimension)]

    def assemble() -> str:
        graph = field.graph.copy()
        step = graph.multiply(graph.constant(equation.steps), graph.input("h"))
        g = _map_field(graph, equation, field, [graph.input(name) for name in names], step)
        derivatives = [tensor_derivative(graph, g, names, 1)]
        while len(derivatives) < equation.degree:
            derivatives.append(tensor_derivative(graph, derivatives[-1], names, len(derivatives) + 1))
        outputs, factor = [*g], graph.one
        for n, derivative in enumerate(derivatives, 1):
            factor = graph.multiply(graph.multiply(graph.constant(Fraction(1, n)), step), factor)
            outputs += [graph.multiply(factor, entry) for entry in derivative]
            outputs += [graph.zero] * len(names) if n == 1 else []  # no completion
        body = assign(graph, outputs, len(names), list(field.parameters))
        return principal_source(body, module_title(equation.title, method.name, field), spectral_functions(equation.euler))

    return Flow(equation, field, equation.title, True, assemble, _no_formula, memory=_memory(method))


def _map_field(graph: Graph, equation: MapFlow, field: SymbolicField, start: Sequence[int], step: int) -> list[int]:
    """Return the nodes of (Φᵏ(y) − y)/(kh) on the states y."""
    method, d, h = equation.method, field.dimension, (graph.input("h"),)
    parts, inputs = field_parts(field, method.fields, graph), [graph.input(name) for name in field.inputs]

    def evaluate(colour: int, point: Vector[int]) -> Vector[int]:
        return tuple(substitute(graph, parts[colour], dict(zip(inputs, point, strict=True))))

    state = [tuple(start[q * d : (q + 1) * d]) for q in range(method.states)]
    for n in range(equation.steps):
        state = method.step(state, h, n, evaluate, Componentwise(graph))
    moved = [graph.subtract(after, before) for after, before in zip([node for part in state for node in part], start, strict=True)]
    return [graph.multiply(node, graph.power(step, Fraction(-1))) for node in moved]


def _memory(method: GeneralLinearMethod) -> Memory | None:
    """Return how outputs become states at rest and back; None without memory."""
    if method.states == 1:
        return None
    numbers = ([as_float(entry) for entry in row] for row in (method.invariants[0], method.output))
    return Memory(*(np.array(row) for row in numbers))


def _on_arrays(equation: MapFlow, loss: ArrayLoss) -> Flow:
    if not loss.analytic:
        raise ValueError(f"a principal flow needs smooth derivatives, but {loss.name} is piecewise{loss.pieces[0]}")
    method, size = equation.method, equation.method.states * loss.dimension
    dense = size <= (FEW if equation.degree == 1 else DENSE) if equation.hessian == "auto" else equation.hessian == "dense"
    A, U, B, V, _ = method.matrices()
    scheme = [equation.steps, *U.shape, *(entry for matrix in (A, U, B, V) for entry in matrix.ravel())]
    plan = [2, 1, 0, size, min(size, LIMIT), EXACT if dense else TOLERANCE, 0, 3, 1, 0, *scheme]
    action = by_eigenvectors if dense and equation.degree == 1 else by_krylov_space
    bends = no_bends if equation.degree == 1 else bends_dense if dense else bends_unsymmetric

    def assemble() -> str:
        return array_principal_source(loss.program, spectral_functions(equation.euler), action, bends, of_map=True)

    right = _driver(equation, loss, action, bends)
    return Flow(equation, loss, equation.title, True, assemble, _no_formula, np.array(plan, float), right, _memory(method))


def _driver(
    equation: MapFlow, loss: ArrayLoss, action: Callable[..., int], bends: Callable[..., int]
) -> Callable[[ModuleType], Callable[..., Array]]:
    """Run `principal_field` in Python around the compiled Taylor arithmetic of the loss, at each stage of each step."""
    form = increment(equation.euler.method, REAL)
    options: dict[str, Any] = {}
    if equation.degree > 1:
        couplings = load_module(couplings_source(spectral_functions(equation.euler))).couplings
        options = {"couplings": couplings, "eigenpairs": eigenpairs, "leading": leading}
    if bends is bends_unsymmetric:
        options["action"] = action

    def psi(z: complex) -> complex:
        return psi_from_increment(form(complex(z)), complex(z), REAL)

    def spectral(matrix: Array, vector: Array, inner: Array, weights: Array, kept: int, out: Array) -> None:
        if len(inner):
            responses(options["couplings"], eigenpairs, matrix, vector, inner, weights, out)
        else:
            apply_n(psi, form.distance, matrix.astype(complex), vector, kept, out)

    def bind(module: ModuleType) -> Callable[..., Array]:
        def right(t: float, y: Array, par: Array) -> Array:
            out = np.zeros(y.shape, complex)
            inside = par.copy()
            inside[0] = equation.steps * par[0]
            caches: dict[int, Array] = {}

            def taylor(y: Array, given: Array, par: Array, at: int, F: Array, work: Array, known: bool, rows: Array) -> None:
                if at not in caches:
                    caches[at] = np.empty(cache_size(workspace_size, par, at), y.dtype)
                map_taylor(loss.module.taylor, workspace_size, y, given, par, at, F, caches[at], known, rows)

            real = bends is no_bends and not y.imag.any()  # eigenvectors, which degree 2 needs, may be complex anyway
            point = np.ascontiguousarray(y.real) if real else y.astype(complex)
            principal_field(taylor, spectral, action, partial(bends, **options), point, inside, out)
            return out

        return right

    return bind


def _no_formula() -> sympy.Matrix:
    raise ValueError("a principal flow is a function of eigenvalues and has no useful formula in the coordinates")
